package repo_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/atproto/repo"
)

const testDID = "did:plc:testtesttesttesttesttest"

// state is a repository as a plain map, and every block that was ever written for it.
type state struct {
	key     atcrypto.PrivateKey
	rev     uint64
	records map[atproto.Path]atproto.CID
	commit  repo.Commit
	blocks  map[atproto.CID][]byte
	since   map[atproto.CID]uint64 // the revision that wrote a block which is still in use
}

func newState(t testing.TB) *state {
	t.Helper()
	key, err := atcrypto.GeneratePrivateKeyK256()
	if err != nil {
		t.Fatal(err)
	}
	return &state{
		key: key, rev: 1 << 60,
		records: map[atproto.Path]atproto.CID{},
		blocks:  map[atproto.CID][]byte{},
		since:   map[atproto.CID]uint64{},
	}
}

func (s *state) put(block []byte) atproto.CID {
	c := atproto.CIDOf(block)
	s.blocks[c] = bytes.Clone(block)
	if _, ok := s.since[c]; !ok {
		s.since[c] = s.rev + 1<<10 // the next commit's
	}
	return c
}

func (s *state) create(path atproto.Path, text string) {
	record := cbor.AppendMap(nil, 2)
	record = cbor.AppendText(cbor.AppendText(record, "text"), text)
	record = cbor.AppendText(cbor.AppendText(record, "$type"), path.Collection())
	s.records[path] = s.put(record)
}

// entries yields the records in key order.
func (s *state) entries() iter.Seq2[repo.Entry, error] {
	return func(yield func(repo.Entry, error) bool) {
		for _, p := range slices.Sorted(maps.Keys(s.records)) {
			if !yield(repo.Entry{Path: p, CID: s.records[p]}, nil) {
				return
			}
		}
	}
}

func (s *state) manifest(t testing.TB) *repo.Manifest {
	t.Helper()
	m, err := repo.NewManifest(s.entries())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sign writes the tree's nodes and a commit over them.
func (s *state) sign(t testing.TB) {
	t.Helper()
	root, err := repo.Nodes(s.entries(), func(c atproto.CID, block []byte) error {
		s.put(block)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rev := syntax.TID(atproto.TID(s.rev + 1<<10))
	if s.commit, err = repo.SignCommit(testDID, rev, root, s.key); err != nil {
		t.Fatal(err)
	}
	s.put(s.commit.Bytes)
	s.rev += 1 << 10
	live := s.current(t)
	inUse := make(map[atproto.CID]uint64, len(live))
	for _, c := range live {
		inUse[c] = s.since[c]
	}
	s.since = inUse
}

// current are the blocks that the newest commit reaches, newest first as servers send them.
func (s *state) current(t testing.TB) []atproto.CID {
	t.Helper()
	live := map[atproto.CID]bool{s.commit.CID: true}
	if _, err := repo.Nodes(s.entries(), func(c atproto.CID, _ []byte) error {
		live[c] = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range s.records {
		live[c] = true
	}
	return slices.SortedFunc(maps.Keys(live), func(a, b atproto.CID) int {
		if s.since[a] != s.since[b] {
			return cmp.Compare(s.since[b], s.since[a])
		}
		return bytes.Compare(b[:], a[:])
	})
}

// car writes blocks into a file whose root is the newest commit.
func (s *state) car(t testing.TB, blocks []atproto.CID) []byte {
	return s.carOf(t, s.commit.CID, blocks)
}

func (s *state) carOf(t testing.TB, root atproto.CID, blocks []atproto.CID) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := repo.NewWriter(&out, root)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range blocks {
		if err := w.Put(c, s.blocks[c]); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// full is the whole repository as a file.
func (s *state) full(t testing.TB) []byte { return s.car(t, s.current(t)) }

// diff is what a server sends of the blocks that are newer than a revision.
func (s *state) diff(t testing.TB, since uint64) []byte {
	return s.car(t, slices.DeleteFunc(s.current(t), func(c atproto.CID) bool { return s.since[c] <= since }))
}

// rounds is how often a random test is repeated: a tenth where time is short.
func rounds(n int) int {
	if testing.Short() {
		return max(1, n/10)
	}
	return n
}

func source(file []byte) repo.Source {
	return repo.Source{R: bytes.NewReader(file), Size: int64(len(file))}
}

// mutate makes some random creations, changes and deletions.
func (s *state) mutate(rng *rand.Rand, n int) {
	collections := []string{"app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.actor.profile", "com.example.a"}
	for range n {
		paths := slices.Sorted(maps.Keys(s.records))
		switch {
		case len(paths) > 0 && rng.IntN(3) == 0:
			delete(s.records, paths[rng.IntN(len(paths))])
		case len(paths) > 0 && rng.IntN(4) == 0:
			s.create(paths[rng.IntN(len(paths))], fmt.Sprint("changed ", rng.Uint64()))
		default:
			key := atproto.TID(rng.Uint64() >> 1)
			if rng.IntN(4) == 0 {
				key = fmt.Sprintf("k%d", rng.IntN(50))
			}
			path := atproto.Path(collections[rng.IntN(len(collections))] + "/" + key)
			s.create(path, fmt.Sprint("text ", rng.IntN(1000)))
		}
	}
}

// fill adds n records with the keys of a busy account, in the order of their time.
func (s *state) fill(n int, text string) {
	for i := range n {
		collection := atproto.CollectionPost
		if i%4 == 3 {
			collection = "app.bsky.feed.like"
		}
		n := uint64(i)*1e6<<10 + 1<<60
		s.create(atproto.Path(collection+"/"+atproto.TID(n)), fmt.Sprintf("%d %s", i, text))
	}
}

// badCID is a CID that names nothing.
func badCID(n uint64) atproto.CID { return atproto.CIDOf(binary.BigEndian.AppendUint64(nil, n)) }
