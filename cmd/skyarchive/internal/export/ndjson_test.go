package export

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// proven adds evidence to an archive: two states with what they changed.
func proven(m *memory) {
	first, second := atproto.CIDOf([]byte("one")), atproto.CIDOf([]byte("two"))
	m.states = []store.State{
		{DID: annDID, Rev: "3lrev1", Commit: first, Data: atproto.CIDOf([]byte("tree")), Signed: []byte{0xa1, 0x00, 0xff}, Key: "did:key:z", Signature: atproto.SignatureValid, Sightings: []store.Sighting{{At: morning, Host: "pds.example", From: "getRepo"}}},
		{DID: annDID, Rev: "3lrev2", Commit: second, Data: atproto.CIDOf([]byte("tree 2")), Signed: []byte{0xa2}, Signature: atproto.SignatureUnchecked},
	}
	for _, p := range m.posts {
		if p.Author() == annDID {
			cid, _ := atproto.ParseCID(p.CID)
			m.changes[first.String()] = append(m.changes[first.String()], store.Entry{Path: atproto.PathOf(p.URI), CID: cid})
		}
	}
	m.changes[first.String()] = append(m.changes[first.String()], store.Entry{Path: "app.bsky.feed.like/3k", CID: atproto.CIDOf([]byte("like"))})
	m.changes[second.String()] = []store.Entry{{Path: atproto.PathOf(m.posts[3].URI)}}
	for _, c := range m.claims {
		m.decisions = append(m.decisions, c.Reviews...)
	}
}

func ndjson(t *testing.T, m *memory, o Options) (byType map[string][]map[string]any, raw string) {
	t.Helper()
	var b bytes.Buffer
	o.Format, o.Writer = "ndjson", &b
	if _, err := Run(t.Context(), m, o); err != nil {
		t.Fatal(err)
	}
	byType = map[string][]map[string]any{}
	for line := range strings.Lines(b.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		byType[v["type"].(string)] = append(byType[v["type"].(string)], v)
	}
	return byType, b.String()
}

func TestNDJSONHoldsEverything(t *testing.T) {
	t.Parallel()
	m := sample(t)
	proven(m)
	m.forgotten = []store.Forgetting{{DID: annDID, URI: uriAt(annDID, 99), By: "marie"}}
	m.files = []store.Blob{{Blob: atproto.Blob{CID: "bafk1"}, State: store.BlobKept}, {Blob: atproto.Blob{CID: "bafk2"}, State: store.BlobGone}}
	without, err := m.decisions[0].Forget(uriAt(annDID, 99))
	if err != nil {
		t.Fatal(err)
	}
	m.decisions = append(m.decisions, without)
	got, _ := ndjson(t, m, options("ndjson"))
	for kind, want := range map[string]int{
		"about": 1, "account": 2, "identity": 1, "plc_log": 1, "state": 2, "change": 10, "record": 8, "thread": 1, "post": 8, "claim": 4, "decision": 2, "end": 1,
		"forgotten": 1, "forgotten-decision": 1, "file": 1,
	} {
		if len(got[kind]) != want {
			t.Errorf("%d lines of type %s, want %d", len(got[kind]), kind, want)
		}
	}
	for _, r := range got["record"] {
		data, err := base64.StdEncoding.DecodeString(r["bytes"].(string))
		if err != nil || atproto.CIDOf(data).String() != r["cid"] {
			t.Errorf("record %v: bytes of another CID (%v)", r["cid"], err)
		}
	}
	for i, line := range got["decision"] {
		text, _ := json.Marshal(line)
		var d analysis.Decision
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		if want := m.decisions[i]; d.ID != want.ID || d.By != want.By || !d.At.Equal(want.At) {
			t.Errorf("decision %+v, want %+v", d, want)
		}
	}
}

func TestNDJSONPublic(t *testing.T) {
	t.Parallel()
	m := sample(t)
	proven(m)
	o := options("ndjson")
	o.Public = true
	got, raw := ndjson(t, m, o)
	for _, kind := range []string{"identity", "state", "change", "record", "decision", "forgotten", "context", "file"} {
		if len(got[kind]) > 0 {
			t.Errorf("a public form has lines of type %s", kind)
		}
	}
	for _, words := range []string{"a été supprimé", "HYPERLINK", "secret", "marie"} {
		if strings.Contains(raw, words) {
			t.Errorf("a public form says %q", words)
		}
	}
	m.accounts[0].HideGuest = true
	if got, _ := ndjson(t, m, o); len(got["post"])+len(got["claim"])+len(got["thread"]) > 0 {
		t.Errorf("an author who asks for login is shown: %v", got)
	}
}

func TestNDJSONOfOnePost(t *testing.T) {
	t.Parallel()
	m := sample(t)
	proven(m)
	o := options("ndjson")
	o.Post = uriAt(annDID, 45)
	got, _ := ndjson(t, m, o)
	if len(got["post"]) != 1 || len(got["claim"]) != 1 || len(got["state"]) != 0 || got["about"][0]["whole"] != false {
		t.Errorf("got %v", got)
	}
}
