package archive

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/pds"
	"skyarchive/atproto/polite"
	"skyarchive/store"
	"skyarchive/store/sqlite"
)

var histories = flag.Int("histories", 6, "random histories of the model test")

// A moment is what the repository held when it was fetched.
type moment struct {
	posts map[atproto.Path]version
	car   string // the whole repository in a file
}

// A version is what stands at a path. The same words written again are another version,
// unless their dates are the same too.
type version struct{ text, cid string }

// TestHistories writes random histories (create, edit, delete, write again, also identical
// records), fetched at random moments, incrementally or whole. The archive must tell what
// the model says, and so must a second archive that got the same states from files in
// another order.
func TestHistories(t *testing.T) {
	t.Parallel()
	for seed := range *histories {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			runHistory(t, rand.New(rand.NewPCG(uint64(seed), 7)))
		})
	}
}

func runHistory(t *testing.T, r *rand.Rand) {
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	lou := net.Account("lou.test")
	fetched := newArchiver(t, net)

	posts := map[atproto.Path]version{}
	refs := map[atproto.Path]atproto.Ref{}
	var keys []string
	var moments []moment
	for range 3 + r.IntN(5) {
		for range 1 + r.IntN(12) {
			mutate(r, lou, posts, refs, &keys)
		}
		if err := net.Err(); err != nil {
			t.Fatal(err)
		}
		moments = append(moments, moment{maps.Clone(posts), exportRepo(t, net, lou)})
		rep, err := fetched.Fetch(t.Context(), "lou.test", FetchOptions{Whole: r.IntN(4) == 0})
		if err != nil {
			t.Fatal(err)
		}
		wantReport(t, rep, moments)
	}
	checkArchive(t, fetched, lou.DID(), moments)

	imported := newArchiver(t, net)
	for _, i := range r.Perm(len(moments)) {
		if _, err := imported.Import(t.Context(), moments[i].car, ImportOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	checkArchive(t, imported, lou.DID(), moments)
}

// mutate makes one random change, from a small pool of texts so that records repeat.
func mutate(r *rand.Rand, lou *atprototest.Account, posts map[atproto.Path]version, refs map[atproto.Path]atproto.Ref, keys *[]string) {
	text := fmt.Sprintf("Texte %d.", r.IntN(8))
	live := slices.Sorted(maps.Keys(posts))
	switch n := r.IntN(10); {
	case n < 2 && len(live) > 0: // edit
		path := live[r.IntN(len(live))]
		refs[path] = lou.Edit(refs[path], text)
		posts[path] = version{text, refs[path].CID}
	case n < 5 && len(live) > 0: // delete
		path := live[r.IntN(len(live))]
		lou.Delete(refs[path])
		delete(posts, path)
	case n < 6 && len(*keys) > len(live): // write again under a key that was deleted
		for _, key := range *keys {
			path := atproto.Path(atproto.CollectionPost + "/" + key)
			if _, there := posts[path]; !there {
				refs[path] = lou.Post(text, atprototest.Key(key))
				posts[path] = version{text, refs[path].CID}
				return
			}
		}
	default:
		ref := lou.Post(text)
		path := atproto.PathOf(ref.URI)
		refs[path], posts[path] = ref, version{text, ref.CID}
		*keys = append(*keys, path.Key())
	}
}

func newArchiver(t *testing.T, net *atprototest.Network) *Archiver {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	client := (&polite.Transport{AllowPrivate: true}).Client()
	return &Archiver{
		Store: s, HTTP: client, Identities: &identity.Resolver{HTTP: client, PLC: net.URL, HandleResolver: net.URL},
		TempDir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

// exportRepo gets the whole repository as its owner would export it.
func exportRepo(t *testing.T, net *atprototest.Network, lou *atprototest.Account) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "repo.car"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	client := pds.Client{HTTP: (&polite.Transport{AllowPrivate: true}).Client(), Host: net.URL}
	if _, err := client.Repo(t.Context(), lou.DID(), "", file); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}

// wantReport compares the counts of a fetch with the last two moments.
func wantReport(t *testing.T, rep Report, moments []moment) {
	t.Helper()
	now := moments[len(moments)-1].posts
	before := map[atproto.Path]version{}
	if len(moments) > 1 {
		before = moments[len(moments)-2].posts
	}
	created, edited, deleted := 0, 0, 0
	for path, v := range now {
		old, there := before[path]
		switch {
		case !there:
			created++
		case old != v:
			edited++
		}
	}
	for path := range before {
		if _, there := now[path]; !there {
			deleted++
		}
	}
	if rep.New != created || rep.Edited != edited || rep.Deleted != deleted || rep.Posts != len(now) {
		t.Errorf("fetch %d: %d new, %d edited, %d deleted, %d posts; want %d, %d, %d, %d",
			len(moments), rep.New, rep.Edited, rep.Deleted, rep.Posts, created, edited, deleted, len(now))
	}
}

// checkArchive compares an archive with all moments: what is live and gone, every version
// of every path, and that the evidence holds.
func checkArchive(t *testing.T, a *Archiver, did syntax.DID, moments []moment) {
	t.Helper()
	last := moments[len(moments)-1].posts
	err := a.Store.View(t.Context(), func(r store.Reader) error {
		seen := map[atproto.Path]bool{}
		for p, err := range r.Posts(t.Context(), store.Query{DID: did}) {
			if err != nil {
				return err
			}
			path := atproto.PathOf(p.URI)
			seen[path] = true
			want, live := last[path]
			if live != (p.Status == store.Live) {
				t.Errorf("%s is %s, and the model says live %v", path, p.Status, live)
			}
			if live && (p.Text != want.text || p.CID != want.cid) {
				t.Errorf("%s reads %q (%s), want %v", path, p.Text, p.CID, want)
			}
		}
		for _, m := range moments {
			for path := range m.posts {
				if !seen[path] {
					t.Errorf("%s is lost", path)
				}
				seen[path] = true
			}
		}
		for path := range seen {
			if err := checkVersions(t, r, did, path, moments); err != nil {
				return err
			}
		}
		v, err := a.Verify(t.Context(), r, did)
		if err == nil && (!v.Holds() && !v.NoKey || v.States != len(moments)) {
			t.Errorf("verify: %+v, want %d states", v, len(moments))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// checkVersions compares the versions of a path with those that the moments show.
func checkVersions(t *testing.T, r store.Reader, did syntax.DID, path atproto.Path, moments []moment) error {
	t.Helper()
	var want, got []string
	for _, m := range moments {
		now := m.posts[path].cid // "" where there is none
		if n := len(want); n > 0 && want[n-1] == now || n == 0 && now == "" {
			continue
		}
		want = append(want, now)
	}
	versions, err := r.Versions(t.Context(), did, path)
	if err != nil {
		return err
	}
	for _, v := range versions {
		got = append(got, v.CID.String())
		if !v.CID.IsZero() {
			if _, err := r.Record(t.Context(), did, v.CID); err != nil {
				return err
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: versions %q, want %q", path, got, want)
	}
	return nil
}

// TestCancelled says that a fetch whose context ends keeps nothing.
func TestCancelled(t *testing.T) {
	t.Parallel()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	net.Account("lou.test").Post("Un.")
	a := newArchiver(t, net)
	ctx, cancel := context.WithCancel(t.Context())
	a.Progress = func(stage string, done, total int64) {
		if stage == "assembling threads" {
			cancel()
		}
	}
	if _, err := a.Fetch(ctx, "lou.test", FetchOptions{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("fetch: %v, want canceled", err)
	}
	err = a.Store.View(t.Context(), func(r store.Reader) error {
		accounts, err := store.Collect(r.Accounts(t.Context()))
		if len(accounts) > 0 {
			t.Errorf("a cancelled fetch left %v", accounts)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
