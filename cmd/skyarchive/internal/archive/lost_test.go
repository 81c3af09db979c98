package archive

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/store"
	"skyarchive/store/storetest"
)

// without is a file without the bytes of a record.
func without(t *testing.T, name string, record []byte) string {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	blocks := blocksOf(t, file)
	root := slices.IndexFunc(blocks, func(b carBlock) bool { return bytes.HasPrefix(b.bytes, []byte("\xa6")) }) // the commit has six fields
	lacking := filepath.Join(t.TempDir(), "lacking.car")
	blocks = slices.DeleteFunc(slices.Clone(blocks), func(b carBlock) bool { return b.cid == atproto.CIDOf(record) })
	if err := os.WriteFile(lacking, carOf(t, blocks[root].cid, blocks), 0o600); err != nil {
		t.Fatal(err)
	}
	return lacking
}

func dumped(t *testing.T, a *Archiver) string {
	t.Helper()
	var dump strings.Builder
	if err := a.Store.View(t.Context(), func(r store.Reader) error { return storetest.Dump(t.Context(), r, &dump) }); err != nil {
		t.Fatal(err)
	}
	return dump.String()
}

// TestLostBytes: bytes that were missing in any state are kept as soon as any file has them,
// whatever came first.
func TestLostBytes(t *testing.T) {
	t.Parallel()
	f := newForger(t, "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
	const x, y, z, profile = "app.bsky.feed.post/3kaaaaaaaaaa2", "app.bsky.feed.post/3kaaaaaaaaab2", "app.bsky.feed.post/3kaaaaaaaaac2", atproto.ProfilePath
	words, edited := postRecord(t, "Mots de X, 40 litres."), postRecord(t, "Mots de X, 41 litres.")
	lou := []byte("\xa1\x64name\x63Lou")
	one := f.car("3kbaaaaaaaaa2", map[atproto.Path][]byte{x: words, y: postRecord(t, "Y"), profile: lou})
	between := f.car("3kbbaaaaaaaa2", map[atproto.Path][]byte{x: words, y: postRecord(t, "Y"), z: postRecord(t, "Z")})
	two := f.car("3kbcaaaaaaaa2", map[atproto.Path][]byte{x: edited, y: postRecord(t, "Y")})
	three := f.car("3kbdaaaaaaaa2", map[atproto.Path][]byte{y: postRecord(t, "Y")})
	bare := without(t, one, words)
	for _, tt := range []struct {
		name  string
		files []string
		same  []string // gives the same archive
	}{
		{"the same file, whole", []string{bare, three, one}, []string{one, three}},
		{"a state between", []string{bare, three, between}, []string{one, between, three}},
		{"a state between, first", []string{between, bare, three}, []string{one, between, three}},
		{"an older one", []string{without(t, between, words), three, one}, []string{one, between, three}},
		{"edited later", []string{bare, two, one}, []string{one, two}},
		{"edited later, by a newer file", []string{bare, without(t, two, edited), three, two, one}, []string{one, two, three}},
		{"in the last state", []string{bare, between, two}, []string{one, between, two}},
		{"a profile", []string{without(t, one, lou), three, one}, []string{one, three}},
	} {
		var archives []*Archiver
		for _, files := range [][]string{tt.files, tt.same} {
			a := emptyArchiver(t)
			for _, file := range files {
				if _, err := a.Import(t.Context(), file, ImportOptions{Document: f.document(), AllowMissing: true}); err != nil {
					t.Fatalf("%s: %v", tt.name, err)
				}
			}
			archives = append(archives, a)
		}
		got, want := dumped(t, archives[0]), dumped(t, archives[1])
		if got != want {
			t.Errorf("%s: %s", tt.name, difference([]byte(want), []byte(got)))
		}
		err := archives[0].Store.View(t.Context(), func(r store.Reader) error {
			acc, err := r.Account(t.Context(), f.did)
			if !acc.Whole || !acc.Complete {
				t.Errorf("%s: whole: %t, complete: %t", tt.name, acc.Whole, acc.Complete)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestLostByServer: a post that its server left out and that has gone since comes back with a
// file of before, and what was forgotten too, if it is taken again.
func TestLostByServer(t *testing.T) {
	t.Parallel()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	lou := net.Account("lou.test")
	x := lou.Post("Mots de X, 40 litres.", atprototest.Alias("x"))
	lou.Post("Un.")
	car := exportRepo(t, net, lou)
	lou.Break("missing-record", "record=x")
	lou.Break("not-found", "on=getBlocks")
	a := newArchiver(t, net)
	fetch := func(missing int) {
		t.Helper()
		rep, err := a.Fetch(t.Context(), syntax.AtIdentifier(lou.DID()), FetchOptions{})
		if err != nil || rep.Missing != missing {
			t.Fatalf("fetch: %d missing, %v", rep.Missing, err)
		}
	}
	fetch(1)
	lou.Mend()
	lou.Delete(x)
	fetch(0)
	lou.Post("Deux.")
	rep, err := a.Import(t.Context(), exportRepo(t, net, lou), ImportOptions{})
	if err != nil || rep.Missing != 0 || len(rep.Notes) > 0 {
		t.Errorf("a file of a state that lacks nothing: %d missing, notes %q, %v", rep.Missing, rep.Notes, err)
	}
	check := func(what, note string, opts ImportOptions) {
		t.Helper()
		rep, err := a.Import(t.Context(), car, opts)
		if err != nil || rep.Outcome != Updated || !strings.Contains(strings.Join(rep.Notes, "; "), note) {
			t.Errorf("%s: %s, notes %q, %v", what, rep.Outcome, rep.Notes, err)
		}
		err = a.Store.View(t.Context(), func(r store.Reader) error {
			p, err := r.Post(t.Context(), x.URI)
			if p.Status != store.Gone || p.Text != "Mots de X, 40 litres." {
				t.Errorf("%s: the post is %s, %q", what, p.Status, p.Text)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	lacking := without(t, car, recordsOf(t, car)[atproto.PathOf(x.URI)])
	rep, err = a.Import(t.Context(), lacking, ImportOptions{AllowMissing: true})
	if err != nil || rep.Missing != 1 || rep.Outcome != Unchanged {
		t.Errorf("a file that lacks it too: %s, %d missing, %v", rep.Outcome, rep.Missing, err)
	}
	check("the file of before", "back again: the bytes of 1 record", ImportOptions{})
	_, err = a.Forget(t.Context(), store.Forgetting{DID: lou.DID(), URI: x.URI, By: "ana", At: time.Now()}, ForgetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	check("taken again", "", ImportOptions{Again: true})
	rep, err = a.Import(t.Context(), car, ImportOptions{})
	if err != nil || rep.Outcome != Unchanged {
		t.Errorf("once more: %s, %v", rep.Outcome, err)
	}
}

// TestRawRecord: a record that its tree calls raw bytes is kept, is no post, and does not keep
// out what else an account has.
func TestRawRecord(t *testing.T) {
	t.Parallel()
	f := newForger(t, "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
	const x, y, z = "app.bsky.feed.post/3kaaaaaaaaaa2", "app.bsky.feed.post/3kaaaaaaaaab2", "app.bsky.feed.post/3kaaaaaaaaac2"
	words := postRecord(t, "Deux fois les mêmes octets.")
	before := f.car("3kbaaaaaaaaa2", map[atproto.Path][]byte{x: words})
	f.raw = map[atproto.Path]bool{y: true, z: true, "app.bsky.actor.profile/self": true, "app.bsky.feed.like/self": true}
	odd := f.car("3kbbaaaaaaaa2", map[atproto.Path][]byte{
		x: words, y: words, z: []byte("\xff\xd8 une image"), "app.bsky.actor.profile/self": []byte("rien"), "app.bsky.feed.like/self": words,
	})
	f.raw = nil
	after := f.car("3kbcaaaaaaaa2", map[atproto.Path][]byte{x: words, y: words})
	for _, order := range [][]string{{odd}, {before, odd}, {odd, before}, {before, odd, after}, {after, odd, before}} {
		a := emptyArchiver(t)
		unreadable := 0
		for _, file := range order {
			rep, err := a.Import(t.Context(), file, ImportOptions{Document: f.document()})
			if err != nil {
				t.Fatal(err)
			}
			unreadable += rep.Unreadable
		}
		want := map[string]store.PostStatus{x: store.Live, y: store.Unreadable, z: store.Unreadable}
		if slices.Contains(order, after) {
			want[y], want[z] = store.Live, store.Gone
		}
		err := a.Store.View(t.Context(), func(r store.Reader) error {
			for path, status := range want {
				p, err := r.Post(t.Context(), atproto.Path(path).URI(f.did))
				if err != nil && status == store.Gone { // it never had words
					continue
				}
				if p.Status != status || err != nil {
					t.Errorf("%d files: %s is %s, want %s; %v", len(order), path, p.Status, status, err)
				}
			}
			v, err := a.Verify(t.Context(), r, f.did)
			if !v.Holds() || v.Missing != 0 || v.States != len(order) {
				t.Errorf("%d files: %d states, %d missing, wrong: %v", len(order), v.States, v.Missing, v.Wrong)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if unreadable != 2 {
			t.Errorf("%d files: %d records called unreadable, want 2", len(order), unreadable)
		}
		if _, err := a.Retag(t.Context(), f.did, RetagOptions{Force: true}); err != nil {
			t.Errorf("%d files: retag: %v", len(order), err)
		}
		rep, err := a.Import(t.Context(), odd, ImportOptions{Document: f.document()})
		if err != nil || rep.Outcome != Unchanged {
			t.Errorf("%d files: again: %s, %v", len(order), rep.Outcome, err)
		}
	}
}
