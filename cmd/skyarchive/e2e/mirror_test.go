//go:build e2e

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
)

// An answer is what a client can tell of one: status, error name, and a word on the body.
type answer struct {
	status int
	name   string
	body   string
}

// ask calls a method and describes the answer: of JSON its sorted field names, of a CAR
// whether it is a header alone.
func ask(t *testing.T, base, method string, params url.Values) answer {
	t.Helper()
	resp, err := http.Get(base + "/xrpc/" + method + "?" + params.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: resp.StatusCode}
	if strings.Contains(resp.Header.Get("Content-Type"), "vnd.ipld.car") {
		a.body = "blocks"
		if len(raw) < 64 {
			a.body = "header only"
		}
		return a
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatalf("%s: %v: %s", method, err, raw)
	}
	if name, ok := fields["error"].(string); ok {
		a.name = name
		return a
	}
	var names []string
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	a.body = strings.Join(names, " ")
	return a
}

// The network that tests and the demonstration run against answers as the reference
// server does, account state by account state, on the same history: posts, an edit, a
// deletion.
func TestMirror(t *testing.T) {
	mirror, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer mirror.Close()
	handles := map[string]string{}
	for _, name := range []string{"louwelgryn", "desactive", "retire", "efface", "vide"} {
		handles[name] = name + ".test"
	}
	lou := mirror.Account(handles["louwelgryn"])
	kept := lou.Post("Le premier.", atprototest.Image("un graphique"))
	gone := lou.Post("Effacé ensuite.")
	english := lou.Post("To be edited.")
	lou.Delete(gone)
	lou.Edit(english, "Edited.")
	for name, status := range map[string]atproto.Status{"desactive": atproto.Deactivated, "retire": atproto.TakenDown, "efface": atproto.Deleted} {
		a := mirror.Account(handles[name])
		a.Post("Un post.")
		a.SetStatus(status)
	}
	mirror.Account(handles["vide"])
	if err := mirror.Err(); err != nil {
		t.Fatal(err)
	}

	// What each side calls the same thing.
	type side struct {
		base            string
		did             map[string]string
		rev, kept, gone string
	}
	ours := side{base: mirror.URL, did: map[string]string{"unknown": "did:plc:zzzzzzzzzzzzzzzzzzzzzzzz"}, rev: lou.Rev(),
		kept: atproto.KeyOf(kept.URI), gone: atproto.KeyOf(gone.URI)}
	for name, handle := range handles {
		ours.did[name] = string(mirror.Account(handle).DID())
	}
	theirs := side{base: net.PDS, did: map[string]string{"unknown": "did:plc:zzzzzzzzzzzzzzzzzzzzzzzz"},
		kept: atproto.KeyOf(syntax.ATURI(net.uri(t, "image", 0))), gone: atproto.KeyOf(syntax.ATURI(net.uri(t, "deleted", 0)))}
	for name := range handles {
		theirs.did[name] = net.DIDs[name+".bsky.social"]
	}
	theirs.rev = latest(t, theirs.base, theirs.did["louwelgryn"])

	for _, method := range []string{"com.atproto.sync.getRepoStatus", "com.atproto.sync.getRepo", "com.atproto.sync.getLatestCommit", "com.atproto.sync.listBlobs"} {
		for _, name := range []string{"louwelgryn", "vide", "desactive", "retire", "efface", "unknown"} {
			compare(t, method+" of "+name,
				ask(t, ours.base, method, url.Values{"did": {ours.did[name]}}),
				ask(t, theirs.base, method, url.Values{"did": {theirs.did[name]}}))
		}
	}
	since := func(s side, rev string) url.Values { return url.Values{"did": {s.did["louwelgryn"]}, "since": {rev}} }
	record := func(s side, key string) url.Values {
		return url.Values{"did": {s.did["louwelgryn"]}, "collection": {atproto.CollectionPost}, "rkey": {key}}
	}
	const repo = "com.atproto.sync.getRepo"
	for _, c := range []struct {
		what, method string
		params       func(side) url.Values
	}{
		{"nothing new", repo, func(s side) url.Values { return since(s, s.rev) }},
		{"a later revision", repo, func(s side) url.Values { return since(s, "3zzzzzzzzzz2z") }},
		{"an unknown early revision", repo, func(s side) url.Values { return since(s, "3222222222222") }},
		{"no revision", repo, func(s side) url.Values { return since(s, "yesterday") }},
		{"a record", "com.atproto.sync.getRecord", func(s side) url.Values { return record(s, s.kept) }},
		{"a deleted record", "com.atproto.sync.getRecord", func(s side) url.Values { return record(s, s.gone) }},
		{"no such handle", "com.atproto.identity.resolveHandle", func(s side) url.Values { return url.Values{"handle": {"personne.test"}} }},
	} {
		got, want := ask(t, ours.base, c.method, c.params(ours)), ask(t, theirs.base, c.method, c.params(theirs))
		if c.method == "com.atproto.identity.resolveHandle" {
			// Ours answers as the AppView, which programs ask; the PDS has another name for it.
			got.name, want.name = "", ""
		}
		compare(t, c.what, got, want)
	}
}

func compare(t *testing.T, what string, got, want answer) {
	t.Helper()
	if got != want {
		t.Errorf("%s: ours answers %+v, the reference server %+v", what, got, want)
	}
}

func latest(t *testing.T, base, did string) string {
	t.Helper()
	resp, err := http.Get(base + "/xrpc/com.atproto.sync.getLatestCommit?did=" + url.QueryEscape(did))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var head struct{ Rev string }
	if err := json.NewDecoder(resp.Body).Decode(&head); err != nil {
		t.Fatal(err)
	}
	return head.Rev
}
