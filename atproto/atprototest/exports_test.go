package atprototest_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	indigorepo "github.com/bluesky-social/indigo/atproto/repo"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/repo"
)

// An export is a repository that indigo reads and whose signature it finds valid, on
// either curve.
func TestExportsForIndigo(t *testing.T) {
	n := start(t, thread)
	for handle, records := range map[string]int{"lou.test": 4, "max.test": 1} {
		a := n.Find(handle)
		car := export(t, n, a, "")
		commit, tree, err := indigorepo.LoadRepoFromCAR(t.Context(), bytes.NewReader(car))
		if err != nil {
			t.Fatal(err)
		}
		key, err := atcrypto.ParsePublicDIDKey(a.Key())
		if err != nil {
			t.Fatal(err)
		}
		if err := commit.VerifySignature(key); err != nil {
			t.Errorf("%s: %v", handle, err)
		}
		if err := tree.MST.Verify(); err != nil {
			t.Errorf("%s: %v", handle, err)
		}
		s, err := repo.Open(t.Context(), source(car))
		if err != nil {
			t.Fatal(err)
		}
		if got := manifest(t, s); len(got) != records || !slices.Equal(got, a.Records()) {
			t.Errorf("%s: %d records, want %d", handle, len(got), records)
		}
	}
}

func TestPostsAsAppsWriteThem(t *testing.T) {
	n := start(t, thread)
	s, err := repo.Open(t.Context(), source(export(t, n, n.Find("lou.test"), "")))
	if err != nil {
		t.Fatal(err)
	}
	posts := map[syntax.ATURI]atproto.Post{}
	for r, err := range s.Records(t.Context(), func(c string) bool { return c == atproto.CollectionPost }) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Path.Collection() != atproto.CollectionPost {
			continue
		}
		uri := r.Path.URI(s.Commit.DID)
		p, err := atproto.DecodePost(atproto.Ref{URI: uri, CID: r.CID.String()}, r.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		posts[uri] = p
	}
	first, second, third := posts[n.Ref("a1").URI], posts[n.Ref("a2").URI], posts[n.Ref("a3").URI]
	if at, _ := first.Created(); !at.Equal(time.Date(2025, 2, 3, 10, 0, 0, 0, time.UTC)) || !first.Age().Equal(at) {
		t.Errorf("first post is of %s by itself and of %s by its key", at, first.Age())
	}
	if f := first.ValidFacets(); len(f) != 2 || f[0].Value != "https://example.org/eau" || f[1].Value != "eau" {
		t.Errorf("facets %+v", f)
	}
	if f := second.ValidFacets(); len(f) != 1 || f[0].Value != string(n.Find("max.test").DID()) {
		t.Errorf("facets %+v", f)
	}
	if second.Reply == nil || second.Reply.Parent != n.Ref("a1") || third.Reply.Root != n.Ref("a1") || third.Reply.Parent != n.Ref("a2") {
		t.Errorf("replies: %+v, %+v", second.Reply, third.Reply)
	}
	if len(second.Embed.Images) != 1 || second.Embed.Images[0].Alt != "un robinet" || third.Embed.Quote != n.Ref("b1") {
		t.Errorf("embeds: %+v, %+v", second.Embed, third.Embed)
	}
	status, blob := get(t, n, "/xrpc/com.atproto.sync.getBlob?did="+string(s.Commit.DID)+"&cid="+second.Embed.Images[0].Blob.CID)
	if status != 200 || atproto.BlobCIDOf(blob).String() != second.Embed.Images[0].Blob.CID {
		t.Errorf("image: status %d, %d bytes", status, len(blob))
	}
}

// What was there before and what an export since then holds are together the newest state,
// after any history; and a deletion is not in the export.
func TestExportsSince(t *testing.T) {
	n := start(t, "account lou.test")
	a := n.Find("lou.test")
	rng := rand.New(rand.NewPCG(1, 2))
	var live []atproto.Ref
	type state struct {
		rev string
		car []byte
	}
	var states []state
	for range 60 {
		a.Batch(func() {
			for range 1 + rng.IntN(3) {
				switch i := rng.IntN(10); {
				case i < 6 || len(live) == 0:
					live = append(live, a.Post(fmt.Sprintf("Note %d", rng.IntN(12)), atprototest.At(n.Now().Add(-time.Hour))))
				case i < 8:
					i := rng.IntN(len(live))
					a.Delete(live[i])
					live = slices.Delete(live, i, i+1)
				}
			}
		})
		states = append(states, state{a.Rev(), export(t, n, a, "")})
	}
	want := a.Records()
	for i, s := range states {
		diff := export(t, n, a, s.rev)
		if i == len(states)-1 {
			if len(diff) != 59 {
				t.Errorf("since the newest revision: %d bytes, want the header's 59", len(diff))
			}
			continue
		}
		joined, err := repo.Open(t.Context(), source(diff), source(s.car))
		if err != nil {
			t.Fatalf("state %d with what came since: %v", i, err)
		}
		if !slices.Equal(manifest(t, joined), want) {
			t.Errorf("state %d with what came since is another repository", i)
		}
		if i >= 30 && len(diff) >= len(states[len(states)-1].car) {
			t.Errorf("since state %d: %d bytes, no less than everything", i, len(diff))
		}
	}
	for _, since := range []string{"", "2222222222222", states[0].rev[:12] + "2"} {
		if _, err := repo.Open(t.Context(), source(export(t, n, a, since))); err != nil {
			t.Errorf("since %q is not everything: %v", since, err)
		}
	}
	if status, body := get(t, n, "/xrpc/com.atproto.sync.getRepo?did="+string(a.DID())+"&since=yesterday"); status != 400 || !strings.Contains(string(body), "InvalidRequest") {
		t.Errorf("since=yesterday: %d %s", status, body)
	}
}

// The first blocks are the newest, and within a revision the greatest CIDs: so the commit
// stands somewhere among them.
func TestBlockOrder(t *testing.T) {
	n := start(t, thread)
	car := export(t, n, n.Find("lou.test"), "")
	var cids []string
	rest := car[59:]
	for len(rest) > 0 {
		size, width := uint64(0), 0
		for shift := 0; ; shift += 7 {
			c := rest[width]
			width++
			size |= uint64(c&0x7f) << shift
			if c < 0x80 {
				break
			}
		}
		c, err := atproto.CIDFromBytes(rest[width : width+36])
		if err != nil {
			t.Fatal(err)
		}
		cids = append(cids, c.String())
		rest = rest[width+int(size):]
	}
	a := n.Find("lou.test")
	first := cids[:4] // the record, the commit and the path in the tree of the last post
	for _, c := range []string{a.Head().CID.String(), a.Head().Data.String(), n.Ref("a3").CID} {
		if !slices.Contains(first, c) {
			t.Errorf("%s is not among the first blocks", c)
		}
	}
	if !slices.IsSortedFunc(first, func(a, b string) int { return strings.Compare(b, a) }) || first[0] == a.Head().CID.String() {
		t.Errorf("the first blocks are %v", first)
	}
}

func TestProof(t *testing.T) {
	n := start(t, "account lou.test\nmany lou.test 300")
	a := n.Find("lou.test")
	records := a.Records()
	a.Delete(atproto.Ref{URI: records[100].Path.URI(a.DID())})
	key, err := atcrypto.ParsePublicDIDKey(a.Key())
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range records {
		if i%50 != 0 && i != 100 {
			continue
		}
		_, car := get(t, n, "/xrpc/com.atproto.sync.getRecord?did="+string(a.DID())+"&collection="+e.Path.Collection()+"&rkey="+e.Path.Key())
		proved, err := repo.CheckProof(t.Context(), source(car), a.DID(), key, e.Path)
		if err != nil {
			t.Fatal(err)
		}
		want := e.CID
		if i == 100 {
			want = atproto.CID{}
		}
		if proved.CID != want || (proved.Record == nil) != (i == 100) {
			t.Errorf("record %d: proof of %q, want %q", i, proved.CID, want)
		}
	}
}

func TestRollbackAndFork(t *testing.T) {
	n := start(t, thread)
	a := n.Find("lou.test")
	before, records := a.Head(), a.Records()
	a.Edit(n.Ref("a1"), "1/3 corrigé")
	a.Delete(n.Ref("a3"))
	a.Batch(func() { a.Delete(a.Post("vite effacé")) })
	a.Rollback(3)
	s, err := repo.Open(t.Context(), source(export(t, n, a, "")))
	if err != nil {
		t.Fatal(err)
	}
	if s.Commit.CID != before.CID || !slices.Equal(manifest(t, s), records) {
		t.Errorf("rolled back to %s with %d records, want %s with %d", s.Commit.Rev, s.Len(), before.Rev, len(records))
	}
	a.Fork()
	if after := a.Head(); after.Rev != before.Rev || after.CID == before.CID {
		t.Errorf("fork has revision %s and CID %s, want revision %s and another CID", after.Rev, after.CID, before.Rev)
	}
	if _, err := repo.Open(t.Context(), source(export(t, n, a, ""))); err != nil {
		t.Error(err)
	}
}
