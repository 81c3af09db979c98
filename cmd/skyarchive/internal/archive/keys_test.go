package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/identity"
	"skyarchive/store"
)

// staleLog is a directory whose log lags behind its documents.
type staleLog struct {
	http.RoundTripper
	log      []byte // nil: the log as it is
	homeless bool   // documents name no server
}

func (s *staleLog) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r)
	if err == nil && s.log != nil && strings.HasSuffix(r.URL.Path, "/log/audit") {
		resp.Body.Close()
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(s.log)), int64(len(s.log))
	}
	if err == nil && s.homeless && strings.HasPrefix(r.URL.Path, "/did:") && !strings.HasSuffix(r.URL.Path, "/log/audit") {
		document, bad := io.ReadAll(resp.Body)
		if bad != nil {
			return nil, bad
		}
		document = bytes.ReplaceAll(document, []byte("#atproto_pds"), []byte("#other"))
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(document)), int64(len(document))
	}
	return resp, err
}

// withDirectory is an archiver of a network with one account, and the directory that it asks.
func withDirectory(t *testing.T) (*Archiver, *atprototest.Account, *staleLog) {
	t.Helper()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Close() })
	a, directory := newArchiver(t, net), &staleLog{RoundTripper: http.DefaultTransport}
	a.Identities = &identity.Resolver{HTTP: &http.Client{Transport: directory}, PLC: net.URL, HandleResolver: net.URL}
	return a, net.Account("lou.test"), directory
}

// TestStaleLog: a log that does not name the key of the document yet is not taken for the
// log of that document, and what the key signed holds by the document until it does.
func TestStaleLog(t *testing.T) {
	t.Parallel()
	a, lou, directory := withDirectory(t)
	lou.Post("Avant.")
	check := func(logs int, notes, words string) {
		t.Helper()
		rep, err := a.Fetch(t.Context(), syntax.AtIdentifier(lou.DID()), FetchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Join(rep.Notes, "; "); !strings.Contains(said, notes) || notes == "" && said != "" {
			t.Errorf("the fetch notes %q, want %q", said, notes)
		}
		err = a.Store.View(t.Context(), func(r store.Reader) error {
			kept, err := store.Collect(r.PLCLogs(t.Context(), lou.DID()))
			if err != nil {
				return err
			}
			v, err := a.Verify(t.Context(), r, lou.DID())
			if len(kept) != logs || !v.Holds() || v.Signed != v.States || strings.Contains(v.Log, "newer key") != (words != "") {
				t.Errorf("%d logs; %d of %d states signed, %q, wrong: %v", len(kept), v.Signed, v.States, v.Log, v.Wrong)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	check(1, "", "")
	raw, _, err := a.Identities.AuditLog(t.Context(), lou.DID())
	if err != nil {
		t.Fatal(err)
	}
	directory.log = raw
	lou.RotateKey()
	lou.Post("Après.")
	check(1, "the next fetch asks again", "newer key")
	check(1, "the next fetch asks again", "newer key")
	directory.log = nil
	check(2, "", "")
}

// TestNoServer: an account whose document names no server any more cannot be fetched, and
// that is kept.
func TestNoServer(t *testing.T) {
	t.Parallel()
	a, lou, directory := withDirectory(t)
	lou.Post("Un.")
	if _, err := a.Fetch(t.Context(), syntax.AtIdentifier(lou.DID()), FetchOptions{}); err != nil {
		t.Fatal(err)
	}
	directory.homeless = true
	if _, err := a.Fetch(t.Context(), syntax.AtIdentifier(lou.DID()), FetchOptions{}); err == nil || !strings.Contains(err.Error(), "names no server") {
		t.Errorf("Fetch: %v", err)
	}
	err := a.Store.View(t.Context(), func(r store.Reader) error {
		ids, err := store.Collect(r.Identities(t.Context(), lou.DID()))
		if len(ids) != 2 || ids[1].PDS != "" || ids[1].Handle != "lou.test" {
			t.Errorf("identities: %+v", ids)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestJunkLog: operations that nobody of the account signed do not hide its keys, whether they
// come beside a file or in an export.
func TestJunkLog(t *testing.T) {
	t.Parallel()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	lou := net.Account("lou.test")
	lou.Post("Avant.")
	before := exportRepo(t, net, lou)
	lou.RotateKey()
	lou.Post("Après.")
	var good []json.RawMessage
	if err := json.Unmarshal(get(t, net.URL+"/"+string(lou.DID())+"/log/audit"), &good); err != nil {
		t.Fatal(err)
	}
	const junk = `{"operation":{"type":"plc_operation","prev":"x","sig":"x"},"cid":"x","nullified":false,"createdAt":"2030-01-01T00:00:00Z"}`
	with := func(operations ...json.RawMessage) []byte {
		raw, err := json.Marshal(append(slices.Clone(operations), slices.Repeat([]json.RawMessage{json.RawMessage(junk)}, 5)...))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	a := newArchiver(t, net)
	if _, err := a.Fetch(t.Context(), syntax.AtIdentifier(lou.DID()), FetchOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Import(t.Context(), before, ImportOptions{PLCLog: with(good[0])}); !errors.Is(err, ErrUnverified) {
		t.Errorf("a log of which nothing verifies but its beginning: %v", err)
	}
	rep, err := a.Import(t.Context(), before, ImportOptions{PLCLog: with(good...)})
	if err != nil || !strings.Contains(strings.Join(rep.Notes, "; "), "5 operations of the directory's log given did not verify") {
		t.Errorf("a log with operations that do not verify: %q, %v", rep.Notes, err)
	}
	err = a.Store.Update(t.Context(), func(w store.Writer) error { // as a version that took it kept it
		return w.AddPLCLog(t.Context(), store.PLCLog{DID: lou.DID(), At: time.Now(), Raw: with(good[0])})
	})
	if err != nil {
		t.Fatal(err)
	}
	err = a.Store.View(t.Context(), func(r store.Reader) error {
		v, err := a.Verify(t.Context(), r, lou.DID())
		if !v.Holds() || v.States != 2 || v.Signed != 2 {
			t.Errorf("%d of %d states signed, wrong: %v", v.Signed, v.States, v.Wrong)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
