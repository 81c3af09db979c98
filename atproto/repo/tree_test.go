package repo_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/repo/mst"
	"github.com/ipfs/go-cid"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
)

// The same entries must give the same root as indigo's tree.
func TestRootLikeIndigo(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range rounds(3000) {
		s := newStateWithoutKey()
		indigo := map[string]cid.Cid{}
		for range rng.IntN(1 + round%120) {
			path := atproto.Path(fmt.Sprintf("com.example.%c/%s", 'a'+rng.IntN(3), randomKey(rng)))
			c := badCID(rng.Uint64())
			s.records[path] = c
			indigo[string(path)] = indigoCID(t, c)
		}
		tree, err := mst.LoadTreeFromMap(indigo)
		if err != nil {
			t.Fatal(err)
		}
		want, err := tree.RootCID()
		if err != nil {
			t.Fatal(err)
		}
		got, err := repo.Root(s.entries())
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Fatalf("round %d: root of %d entries is %s, want %s", round, len(indigo), got, want)
		}
		if other := s.manifest(t).Root(); other != got {
			t.Fatalf("round %d: root of the manifest is %s, want %s", round, other, got)
		}
	}
}

// The roots that the protocol's interoperability tests give.
func TestRootOfKnownTrees(t *testing.T) {
	t.Parallel()
	value, err := atproto.ParseCID("bafyreie5cvv4h45feadgeuwhbcutmh6t2ceseocckahdoe6uat64zmz454")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, keys, root string }{
		{"empty", "", "bafyreie5737gdxlw5i64vzichcalba3z2v5n6icifvx5xytvske7mr3hpm"},
		{"two at the bottom", "3jqfcqzm3ft2j 3jqfcqzm3fz2j", "bafyreidfcktqnfmykz2ps3dbul35pepleq7kvv526g47xahuz3rqtptmky"},
		{"two levels above", "3jqfcqzm3ft2j 3jqfcqzm3fx2j 3jqfcqzm3fz2j", "bafyreiavxaxdz7o7rbvr3zg2liox2yww46t7g6hkehx4i4h3lwudly7dhy"},
		{"every level", "3jqfcqzm3ft2j 3jqfcqzm3fx2j 3jqfcqzm3fz2j 3jqfcqzm4fd2j", "bafyreig4jv3vuajbsybhyvb7gggvpwh2zszwfyttjrj6qwvcsp24h6popu"},
	} {
		s := newStateWithoutKey()
		for key := range strings.FieldsSeq(tt.keys) {
			s.records[atproto.Path("com.example.record/"+key)] = value
		}
		got, err := repo.Root(s.entries())
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != tt.root {
			t.Errorf("%s: root is %s, want %s", tt.name, got, tt.root)
		}
	}
}

func TestRootRefuses(t *testing.T) {
	t.Parallel()
	c := badCID(1)
	for _, tt := range []struct {
		name    string
		entries []repo.Entry
	}{
		{"keys out of order", []repo.Entry{{Path: "a.b/2", CID: c}, {Path: "a.b/1", CID: c}}},
		{"a key twice", []repo.Entry{{Path: "a.b/1", CID: c}, {Path: "a.b/1", CID: c}}},
		{"no path", []repo.Entry{{Path: "ab", CID: c}}},
		{"three parts", []repo.Entry{{Path: "a/b/c", CID: c}}},
		{"a strange character", []repo.Entry{{Path: "a.b/é", CID: c}}},
		{"no CID", []repo.Entry{{Path: "a.b/1"}}},
	} {
		entries := func(yield func(repo.Entry, error) bool) {
			for _, e := range tt.entries {
				if !yield(e, nil) {
					return
				}
			}
		}
		if root, err := repo.Root(entries); err == nil {
			t.Errorf("%s: Root gives %s, want an error", tt.name, root)
		}
		if _, err := repo.NewManifest(entries); err == nil {
			t.Errorf("%s: NewManifest accepts it", tt.name)
		}
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	for range rounds(200) {
		before, after := newStateWithoutKey(), newStateWithoutKey()
		want := map[atproto.Path]repo.Change{}
		for i := range rng.IntN(40) {
			path := atproto.Path(fmt.Sprintf("a.b/%d", rng.IntN(60)))
			c := badCID(uint64(i))
			if rng.IntN(3) > 0 {
				before.records[path] = c
			}
			if rng.IntN(3) > 0 {
				after.records[path] = c
			}
		}
		for p, c := range before.records {
			if after.records[p] != c {
				want[p] = repo.Change{Path: p, Old: c, New: after.records[p]}
			}
		}
		for p, c := range after.records {
			if before.records[p] != c {
				want[p] = repo.Change{Path: p, Old: before.records[p], New: c}
			}
		}
		last := atproto.Path("")
		for c, err := range repo.Changes(before.manifest(t).All(), after.manifest(t).All()) {
			if err != nil {
				t.Fatal(err)
			}
			if c != want[c.Path] {
				t.Fatalf("change of %s is %v, want %v", c.Path, c, want[c.Path])
			}
			if c.Path <= last {
				t.Fatalf("change of %s stands after %s", c.Path, last)
			}
			last = c.Path
			delete(want, c.Path)
		}
		if len(want) > 0 {
			t.Fatalf("changes that were not found: %v", want)
		}
	}
}

func newStateWithoutKey() *state {
	return &state{records: map[atproto.Path]atproto.CID{}}
}

func randomKey(rng *rand.Rand) string {
	const alphabet = "abcdefghij-_.:~ABC0123"
	key := make([]byte, 1+rng.IntN(14))
	for i := range key {
		key[i] = alphabet[rng.IntN(len(alphabet))]
	}
	return string(key)
}

func indigoCID(t *testing.T, c atproto.CID) cid.Cid {
	t.Helper()
	cc, err := cid.Cast(c[:])
	if err != nil {
		t.Fatal(err)
	}
	return cc
}
