package repo_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/repo/mst"
	"github.com/ipfs/go-cid"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
)

// After every step of a random history the tree that is kept has the root that the entries
// give when the tree is built anew, here and by indigo.
func TestTreeOfHistories(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	for round := range rounds(3000) {
		s := newStateWithoutKey()
		var tree repo.Tree
		for range 1 + rng.IntN(6) {
			for range rng.IntN(1 + round%60) {
				e := randomChange(rng, s)
				if err := tree.Set(e); err != nil {
					t.Fatal(err)
				}
			}
			wantRoot(t, &tree, s)
		}
		// Taken away in any order, nothing is left.
		paths := slices.Sorted(maps.Keys(s.records))
		for _, i := range rng.Perm(len(paths)) {
			delete(s.records, paths[i])
			if err := tree.Set(repo.Entry{Path: paths[i]}); err != nil {
				t.Fatal(err)
			}
			if i%7 == 0 {
				wantRoot(t, &tree, s)
			}
		}
		wantRoot(t, &tree, s)
	}
}

// randomChange changes the entries, and says how. Now and then it takes away what is not
// there.
func randomChange(rng *rand.Rand, s *state) repo.Entry {
	paths := slices.Sorted(maps.Keys(s.records))
	path := atproto.Path(fmt.Sprintf("com.example.%c/%s", 'a'+rng.IntN(3), randomKey(rng)))
	if len(paths) > 0 && rng.IntN(3) > 0 {
		path = paths[rng.IntN(len(paths))]
	}
	if rng.IntN(2) == 0 {
		delete(s.records, path)
		return repo.Entry{Path: path}
	}
	s.records[path] = badCID(rng.Uint64())
	return repo.Entry{Path: path, CID: s.records[path]}
}

func wantRoot(t *testing.T, tree *repo.Tree, s *state) {
	t.Helper()
	want, err := repo.Root(s.entries())
	if err != nil {
		t.Fatal(err)
	}
	if got := tree.Root(); got != want || tree.Len() != len(s.records) {
		t.Fatalf("the root of %d entries is %s, want that of %d: %s", tree.Len(), got, len(s.records), want)
	}
	held, err := repo.NewManifest(tree.All())
	if err != nil || held.Len() != len(s.records) || held.Root() != want {
		t.Fatalf("the tree holds %d entries, want those of %d (%v)", held.Len(), len(s.records), err)
	}
	indigo := map[string]cid.Cid{}
	for path, c := range s.records {
		indigo[string(path)] = indigoCID(t, c)
	}
	other, err := mst.LoadTreeFromMap(indigo)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := other.RootCID(); err != nil || c.String() != want.String() {
		t.Fatalf("indigo's root is %s, want %s (%v)", c, want, err)
	}
}

// Whatever is set and taken away in whatever order, the root is the one of what is there.
func FuzzTreeSet(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 130, 131, 132})
	f.Add([]byte(strings.Repeat("\x01\x81\x05\x85\x09", 9)))
	keys := fuzzKeys()
	f.Fuzz(func(t *testing.T, program []byte) {
		s := newStateWithoutKey()
		var tree repo.Tree
		for i, b := range program {
			e := repo.Entry{Path: atproto.Path(keys[int(b&0x7f)%len(keys)])}
			if b < 0x80 {
				e.CID = badCID(uint64(i))
				s.records[e.Path] = e.CID
			} else {
				delete(s.records, e.Path)
			}
			if err := tree.Set(e); err != nil {
				t.Fatal(err)
			}
			if i%5 == 0 {
				tree.Root()
			}
		}
		wantRoot(t, &tree, s)
	})
}

func TestTreeRefuses(t *testing.T) {
	t.Parallel()
	var tree repo.Tree
	for _, path := range []atproto.Path{"", "ab", "a/b/c", "a.b/é"} {
		if err := tree.Set(repo.Entry{Path: path, CID: badCID(1)}); err == nil {
			t.Errorf("%q is accepted", path)
		}
	}
}

// BenchmarkTreeDay is what one of 365 days with 274 changes costs in a tree of 100,000
// records: half of them new posts at the end, the others anywhere.
func BenchmarkTreeDay(b *testing.B) {
	var tree repo.Tree
	path := func(n uint64) atproto.Path {
		return atproto.Path(atproto.CollectionPost + "/" + atproto.TID((n*1e6)<<10+1<<60))
	}
	const n = 100_000
	for i := range uint64(n) {
		if err := tree.Set(repo.Entry{Path: path(i), CID: badCID(i)}); err != nil {
			b.Fatal(err)
		}
	}
	tree.Root()
	rng := rand.New(rand.NewPCG(7, 8))
	next := uint64(n)
	b.ReportAllocs()
	for b.Loop() {
		for i := range 274 {
			at := next
			if i%2 == 0 {
				at = rng.Uint64N(n)
			} else {
				next++
			}
			if err := tree.Set(repo.Entry{Path: path(at), CID: badCID(rng.Uint64())}); err != nil {
				b.Fatal(err)
			}
		}
		tree.Root()
	}
}
