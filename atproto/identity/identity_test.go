package identity_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	indigo "github.com/bluesky-social/indigo/atproto/identity"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/plclog"
)

// web is an internet in process: what it answers by URL, "status body".
type web map[string]string

func (w web) RoundTrip(r *http.Request) (*http.Response, error) {
	text, ok := w[r.URL.String()]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}
	}
	if text == "down" {
		return nil, errors.New("connection reset by peer")
	}
	var status int
	_, body, _ := strings.Cut(text, " ")
	if _, err := fmt.Sscan(text, &status); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

const (
	lou = "did:plc:louaaaaaaaaaaaaaaaaaaaaa"
	max = "did:plc:maxaaaaaaaaaaaaaaaaaaaaa"
)

func document(did, handle string) string {
	return `200 {"id":"` + did + `","alsoKnownAs":["at://` + handle + `"],"service":[{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","serviceEndpoint":"https://pds.example.com/"}]}`
}

func plc(did string) string      { return "https://plc.directory/" + did }
func known(handle string) string { return "https://" + handle + "/.well-known/atproto-did" }
func asked(handle string) string {
	return "https://public.api.bsky.app/xrpc/com.atproto.identity.resolveHandle?handle=" + handle
}

const noHandle = `400 {"error":"InvalidRequest","message":"Unable to resolve handle"}`

func resolver(w web, dns map[string]string) *identity.Resolver {
	return &identity.Resolver{
		HTTP: &http.Client{Transport: w},
		LookupTXT: func(_ context.Context, name string) ([]string, error) {
			text, ok := dns[name]
			if !ok {
				return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
			}
			return []string{"unrelated", text}, nil
		},
	}
}

func TestHandles(t *testing.T) {
	tests := []struct {
		name   string
		handle syntax.AtIdentifier
		web    web
		dns    map[string]string
		did    string
		want   error
		says   string
	}{
		{"by its web server", "lou.bsky.social", web{known("lou.bsky.social"): "200 " + lou + "\n", plc(lou): document(lou, "lou.bsky.social")}, nil, lou, nil, ""},
		{"in capitals", "Lou.bsky.Social", web{known("lou.bsky.social"): "200 " + lou, plc(lou): document(lou, "lou.bsky.social")}, nil, lou, nil, ""},
		{"by DNS", "lou.example.com", web{plc(lou): document(lou, "lou.example.com")}, map[string]string{"_atproto.lou.example.com": "did=" + lou}, lou, nil, ""},
		{"by the server that asks for us, where DNS does not work and a web page answers anything", "lou.example.com",
			web{known("lou.example.com"): "200 <html>welcome", asked("lou.example.com"): `200 {"did":"` + lou + `"}`, plc(lou): document(lou, "lou.example.com")}, nil, lou, nil, ""},
		{"DNS is out of date", "lou.example.com",
			web{known("lou.example.com"): "200 " + lou, plc(lou): document(lou, "lou.example.com"), plc(max): document(max, "max.example.com")},
			map[string]string{"_atproto.lou.example.com": "did=" + max}, lou, nil, ""},
		{"under test only the set server is asked", "lou.test", web{asked("lou.test"): `200 {"did":"` + lou + `"}`, plc(lou): document(lou, "lou.test")}, nil, lou, nil, ""},

		{"mistyped under bsky.social", "luo.bsky.social", web{known("luo.bsky.social"): "404 User not found", asked("luo.bsky.social"): noHandle}, nil, "", identity.ErrNoAccount, "no account named luo.bsky.social"},
		{"mistyped, and no such web server", "luo.example.com", web{asked("luo.example.com"): noHandle}, nil, "", identity.ErrNoAccount, "no account named luo.example.com"},
		{"renamed, and the server has not heard", "old.bsky.social", web{known("old.bsky.social"): "404 ", asked("old.bsky.social"): `200 {"did":"` + lou + `"}`, plc(lou): document(lou, "new.bsky.social")}, nil, "", identity.ErrNoAccount, "which is now @new.bsky.social"},
		{"no network", "lou.bsky.social", web{}, nil, "", identity.ErrUnavailable, "no such host"},
		{"not found there, and nobody else to ask", "lou.bsky.social", web{known("lou.bsky.social"): "404 ", asked("lou.bsky.social"): "503 "}, nil, "", identity.ErrUnavailable, "answers 503"},
		{"the directory is down", "lou.bsky.social", web{known("lou.bsky.social"): "200 " + lou, plc(lou): "down"}, nil, "", identity.ErrUnavailable, "connection reset"},
		{"the directory limits us", "lou.bsky.social", web{known("lou.bsky.social"): "200 " + lou, plc(lou): "429 "}, nil, "", identity.ErrUnavailable, "answers 429"},
		{"the identity was given up", "lou.bsky.social", web{known("lou.bsky.social"): "200 " + lou, plc(lou): "410 ", asked("lou.bsky.social"): noHandle}, nil, "", identity.ErrTombstoned, "was deleted"},
		{"leads to a DID that is nowhere", "lou.bsky.social", web{known("lou.bsky.social"): "200 " + lou, plc(lou): "404 ", asked("lou.bsky.social"): noHandle}, nil, "", identity.ErrNoAccount, "no account named"},
		{"handle.invalid", "handle.invalid", web{}, nil, "", identity.ErrNoAccount, "no account named handle.invalid"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			id, err := resolver(test.web, test.dns).Resolve(t.Context(), test.handle)
			if test.want != nil {
				if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
					t.Fatalf("got %v, want %v with %q", err, test.want, test.says)
				}
				for _, other := range []error{identity.ErrNoAccount, identity.ErrUnavailable, identity.ErrTombstoned} {
					if other != test.want && errors.Is(err, other) {
						t.Errorf("%v is %v too", err, other)
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := atproto.Account{DID: syntax.DID(test.did), Handle: test.handle.Handle().Normalize(), PDS: "https://pds.example.com"}
			if id.Account != want || id.Unconfirmed != nil || id.DocumentHost != "plc.directory" || !strings.Contains(string(id.Document), test.did) {
				t.Errorf("got %+v (%v) from %s, want %+v", id.Account, id.Unconfirmed, id.DocumentHost, want)
			}
		})
	}
}

func TestDIDs(t *testing.T) {
	tests := []struct {
		name        string
		did         string
		web         web
		handle      syntax.Handle
		unconfirmed error // by which errors.Is knows it
		want        error
	}{
		{"confirmed", lou, web{plc(lou): document(lou, "lou.test"), asked("lou.test"): `200 {"did":"` + lou + `"}`}, "lou.test", nil, nil},
		{"the handle leads nowhere", lou, web{plc(lou): document(lou, "lou.test"), asked("lou.test"): noHandle}, syntax.HandleInvalid, identity.ErrNoAccount, nil},
		{"the handle is another's", lou, web{plc(lou): document(lou, "lou.test"), asked("lou.test"): `200 {"did":"` + max + `"}`}, syntax.HandleInvalid, errAny, nil},
		{"nobody can be asked for the handle", lou, web{plc(lou): document(lou, "lou.test"), asked("lou.test"): "down"}, syntax.HandleInvalid, identity.ErrUnavailable, nil},
		{"no handle", lou, web{plc(lou): `200 {"id":"` + lou + `"}`}, syntax.HandleInvalid, errAny, nil},
		{"unknown", lou, web{plc(lou): "404 "}, "", nil, identity.ErrNoAccount},
		{"given up", lou, web{plc(lou): "410 "}, "", nil, identity.ErrTombstoned},
		{"directory out of order", lou, web{plc(lou): "500 "}, "", nil, identity.ErrUnavailable},
		{"on the web", "did:web:example.com", web{"https://example.com/.well-known/did.json": document("did:web:example.com", "lou.test"), asked("lou.test"): `200 {"did":"did:web:example.com"}`}, "lou.test", nil, nil},
		{"on the web, with a path", "did:web:example.com:lou", web{}, "", nil, identity.ErrUnsupported},
		{"on the web, with a port", "did:web:example.com%3A8080", web{}, "", nil, identity.ErrUnsupported},
		{"on the web, with a slash", "did:web:example.com%2Fx", web{}, "", nil, identity.ErrUnsupported},
		{"of a kind that nobody uses", "did:key:zQ3shXjHeiBuRCKmM36cuYnm7YEMzhGnCmCyW92sRJ9pribSF", web{}, "", nil, identity.ErrUnsupported},
		{"another's document", lou, web{plc(lou): document(max, "lou.test")}, "", nil, errAny},
		{"a page for logging in", lou, web{plc(lou): "200 <html>"}, "", nil, identity.ErrUnavailable},
		{"too large", lou, web{plc(lou): "200 " + strings.Repeat(" ", 2<<20)}, "", nil, errAny},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			id, err := resolver(test.web, nil).Resolve(t.Context(), syntax.AtIdentifier(test.did))
			if test.want != nil {
				if err == nil || test.want != errAny && !errors.Is(err, test.want) {
					t.Fatalf("got %v, want %v", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if string(id.DID) != test.did || id.Handle != test.handle {
				t.Errorf("got %s @%s, want @%s", id.DID, id.Handle, test.handle)
			}
			if (id.Unconfirmed == nil) != (test.unconfirmed == nil) || test.unconfirmed != nil && test.unconfirmed != errAny && !errors.Is(id.Unconfirmed, test.unconfirmed) {
				t.Errorf("unconfirmed: %v, want %v", id.Unconfirmed, test.unconfirmed)
			}
		})
	}
}

var errAny = errors.New("any")

// Servers and keys are taken from a document only if they can be used.
func TestParseDocument(t *testing.T) {
	service := func(endpoint string) string {
		return `{"id":"` + lou + `","service":[{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","serviceEndpoint":"` + endpoint + `"}]}`
	}
	key := func(id, kind, text string) string {
		return `{"id":"` + lou + `","verificationMethod":[{"id":"` + id + `","type":"` + kind + `","controller":"` + lou + `","publicKeyMultibase":"` + text + `"}]}`
	}
	tests := []struct{ name, document, server, key string }{
		{"server", service("https://pds.example.com"), "https://pds.example.com", ""},
		{"server with a slash", service("https://pds.example.com/"), "https://pds.example.com", ""},
		{"server with a password", service("https://me:secret@pds.example.com"), "", ""},
		{"server that is a file", service("file:///etc/passwd"), "", ""},
		{"server without a name", service("https:///x"), "", ""},
		{"no server", `{"id":"` + lou + `"}`, "", ""},
		{"key", key(lou+"#atproto", "Multikey", "zQ3shXjHeiBuRCKmM36cuYnm7YEMzhGnCmCyW92sRJ9pribSF"), "", "did:key:zQ3shXjHeiBuRCKmM36cuYnm7YEMzhGnCmCyW92sRJ9pribSF"},
		{"key for something else", key(lou+"#atproto_label", "Multikey", "zQ3shXjHeiBuRCKmM36cuYnm7YEMzhGnCmCyW92sRJ9pribSF"), "", ""},
		{"key that is none", key(lou+"#atproto", "Multikey", "zzz"), "", ""},
	}
	for _, test := range tests {
		id, err := identity.ParseDocument(lou, []byte(test.document))
		if err != nil || id.PDS != test.server || id.Key != test.key {
			t.Errorf("%s: server %q, key %q, %v; want %q, %q", test.name, id.PDS, id.Key, err, test.server, test.key)
		}
	}
}

// What is no concern of ours, in whatever form, does not hide what is.
func TestParseForeignEntries(t *testing.T) {
	const document = `{"id":"` + lou + `","@context":{"a":1},
		"alsoKnownAs":[7,{"at":"x"},"https://lou.example.com","at://not a handle","at://Lou.Test","at://other.test"],
		"verificationMethod":["` + lou + `#other",{"id":["x"]},
			{"id":"` + lou + `#atproto","type":"Multikey","controller":"did:plc:bbbbbbbbbbbbbbbbbbbbbbbb","publicKeyMultibase":"zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme"},
			{"id":"#atproto","type":"Multikey","controller":"` + lou + `","publicKeyMultibase":"zQ3shXjHeiBuRCKmM36cuYnm7YEMzhGnCmCyW92sRJ9pribSF","publicKeyJwk":{"kty":"EC"}}],
		"service":[{"id":"#linked","type":"LinkedDomains","serviceEndpoint":{"origins":["https://example.com"]}},
			{"id":"` + lou + `#atproto_pds","type":["AtprotoPersonalDataServer"],"serviceEndpoint":"https://pds.example.com?x#y"},
			{"id":"#atproto_pds","serviceEndpoint":"https://second.example.com"}]}`
	id, err := identity.ParseDocument(lou, []byte(document))
	if err != nil || id.Declared != "lou.test" || id.PDS != "https://pds.example.com" || id.Key != "did:key:zQ3shXjHeiBuRCKmM36cuYnm7YEMzhGnCmCyW92sRJ9pribSF" {
		t.Errorf("handle %q, server %q, key %q, %v", id.Declared, id.PDS, id.Key, err)
	}
}

// FuzzParseDocument holds a document that indigo reads too against what it reads in it.
func FuzzParseDocument(f *testing.F) {
	f.Add([]byte(document(lou, "lou.test")))
	for _, key := range []string{"EcdsaSecp256k1VerificationKey2019", "EcdsaSecp256r1VerificationKey2019", "Multikey", "None"} {
		f.Add([]byte(`{"id":"` + lou + `","alsoKnownAs":["at://","at://A.test"],"verificationMethod":[{"id":"` + lou + `#atproto","type":"` + key + `","controller":"` + lou + `","publicKeyMultibase":"zQYEBzXeuTM9UR3rfvNag6L3RNAs5pQZyYPsomTsgQhsxLdEgCrPTLgFna8yqCnxPpNT7DBk6Ym3dgPKNu86vt9GR"}],"service":[{"id":"x"},{"id":"#atproto_pds","serviceEndpoint":"http://a/b/"},{"id":"#atproto_pds"}]}`))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var doc indigo.DIDDocument
		if json.Unmarshal(raw, &doc) != nil || doc.DID != lou {
			return
		}
		theirs := indigo.ParseIdentity(&doc)
		handle, _ := theirs.DeclaredHandle()
		key := ""
		if public, err := theirs.PublicKey(); err == nil {
			key = public.DIDKey()
		}
		ours, err := identity.ParseDocument(lou, raw)
		if err != nil || ours.Declared != handle || ours.Key != key {
			t.Fatalf("handle %q, key %q, %v; indigo reads %q, %q", ours.Declared, ours.Key, err, handle, key)
		}
		server, err := url.Parse(theirs.PDSEndpoint())
		if used, _ := url.Parse(ours.PDS); err != nil && ours.PDS != "" || ours.PDS != "" && used.Host != server.Host {
			t.Fatalf("server %q; indigo reads %q", ours.PDS, theirs.PDSEndpoint())
		}
	})
}

// On a whole network: keys in either form and on either curve are those that sign, and
// the log verifies.
func TestOnANetwork(t *testing.T) {
	for _, old := range []bool{false, true} {
		n, err := atprototest.Start(atprototest.Options{OldDocuments: old})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		if err := n.Load(strings.NewReader("account lou.test\naccount max.test curve=p256\naccount web.test web\nrename lou.test lou2.test")); err != nil {
			t.Fatal(err)
		}
		r := &identity.Resolver{PLC: n.URL, HandleResolver: n.URL + "/"}
		for _, handle := range []string{"lou2.test", "max.test", "web.test"} {
			a := n.Find(handle)
			for _, id := range []string{handle, string(a.DID())} {
				got, err := r.Resolve(t.Context(), syntax.AtIdentifier(id))
				if err != nil {
					t.Fatal(err)
				}
				want := atproto.Account{DID: a.DID(), Handle: syntax.Handle(handle), PDS: n.URL}
				if got.Account != want || got.Key != a.Key() {
					t.Errorf("%s: got %+v with key %s, want %+v with key %s", id, got.Account, got.Key, want, a.Key())
				}
			}
			raw, host, err := r.AuditLog(t.Context(), a.DID())
			if err != nil {
				t.Fatal(err)
			}
			if handle == "web.test" {
				if raw != nil {
					t.Errorf("a log of %s: %s", a.DID(), raw)
				}
				continue
			}
			log, err := plclog.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := log.Verify(a.DID()); err != nil || "http://"+host != n.URL {
				t.Errorf("log of %s from %s: %v", handle, host, err)
			}
		}
		if _, err := r.Resolve(t.Context(), "lou.test"); !errors.Is(err, identity.ErrNoAccount) {
			t.Errorf("the former handle: %v", err)
		}
		if _, _, err := r.AuditLog(t.Context(), lou); !errors.Is(err, identity.ErrNoAccount) {
			t.Errorf("the log of nobody: %v", err)
		}
	}
}
