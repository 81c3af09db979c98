package repo_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/repo/mst"
	"github.com/ipfs/go-cid"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/atproto/repo"
)

// Whatever bytes are opened, what is accepted rebuilds to its signed root.
func FuzzOpen(f *testing.F) {
	s := newState(f)
	s.fill(12, "some words")
	s.sign(f)
	file := s.full(f)
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add(append(bytes.Clone(file), file[59:]...))
	f.Add(s.car(f, nil))
	f.Add([]byte("\x3a\xa2\x65roots\x80\x67version\x01"))
	f.Fuzz(func(t *testing.T, file []byte) {
		snap, err := repo.Open(t.Context(), source(file))
		if err != nil {
			if snap != nil {
				t.Error("an error and a snapshot")
			}
			return
		}
		rebuild(t, snap)
	})
}

// Whatever tree is signed, with keys in any order at any height, nodes shared, empty or
// missing, what is accepted is the one tree of its keys; indigo's gives the same root.
func FuzzTree(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 0, 0, 1, 1, 0, 255, 2, 0, 1, 255, 0, 0, 0})
	f.Add([]byte{0x12, 3, 9, 0x22, 4, 9, 255, 0x31, 1, 1, 0x45, 2, 2, 255, 255})
	f.Add(bytes.Repeat([]byte{7, 0, 255}, 30))
	keys := fuzzKeys()
	seeds := 0
	for i, key := range keys {
		if h := byte(i); mst.HeightForKey([]byte(key)) == 1 && i > 0 && i < len(keys)-1 {
			f.Add([]byte{h - 1, 1, 255, 251, 255, h + 1, 1, 255, 251, 255, h, 1, 0, 251, 1})
			seeds++
		}
	}
	if seeds < 3 {
		f.Fatal("no seeds of two levels")
	}
	private := newState(f).key
	f.Fuzz(func(t *testing.T, program []byte) {
		s := &state{key: private, blocks: map[atproto.CID][]byte{}, since: map[atproto.CID]uint64{}}
		root, blocks := runProgram(s, keys, program)
		commit, err := repo.SignCommit(testDID, "3kaaaaaaaaa22", root, private)
		if err != nil {
			t.Fatal(err)
		}
		s.commit = commit
		snap, err := repo.Open(t.Context(), source(s.car(t, append(blocks, s.put(commit.Bytes)))))
		if err != nil {
			return
		}
		m := rebuild(t, snap)
		indigo := map[string]cid.Cid{}
		for e, err := range m.All() {
			if err != nil {
				t.Fatal(err)
			}
			indigo[string(e.Path)] = indigoCID(t, e.CID)
		}
		tree, err := mst.LoadTreeFromMap(indigo)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := tree.RootCID(); err != nil || want.String() != root.String() {
			t.Errorf("accepted %s, indigo's root of the same keys is %s, %v", root, want, err)
		}
	})
}

func rebuild(t *testing.T, snap *repo.Snapshot) *repo.Manifest {
	t.Helper()
	m, err := repo.NewManifest(snap.Manifest(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if m.Root() != snap.Commit.Data || m.Len() != snap.Len() {
		t.Errorf("%d records, root %s, want %d, %s", m.Len(), m.Root(), snap.Len(), snap.Commit.Data)
	}
	snap.WalkAgain()
	for r, err := range snap.Records(t.Context(), nil) {
		if err != nil || r.Bytes != nil && atproto.CIDOf(r.Bytes) != r.CID {
			t.Errorf("%s: %v", r.Path, err)
		}
	}
	return m
}

// fuzzKeys are some paths in order.
func fuzzKeys() []string {
	var keys []string
	for i := range 40 {
		keys = append(keys, "com.example.a/"+strings.Repeat("k", i%3)+atproto.TID(uint64(i)<<40))
	}
	return keys
}

// runProgram writes nodes as the bytes say: a byte over 250 finishes a node, any other is
// an entry of the growing one, followed by the value and the subtree behind it.
func runProgram(s *state, keys []string, program []byte) (root atproto.CID, blocks []atproto.CID) {
	var entries []byte
	var count int
	var last string
	subtree := func(b byte) *atproto.CID {
		if int(b) >= len(blocks) {
			return nil
		}
		return &blocks[len(blocks)-1-int(b)]
	}
	finish := func(left *atproto.CID) {
		node := append(cbor.AppendList([]byte("\xa2\x61e"), count), entries...)
		root = s.put(appendLink(append(node, "\x61l"...), left))
		blocks = append(blocks, root)
		entries, count, last = nil, 0, ""
	}
	for len(program) >= 2 && len(blocks) < 50 {
		b := program[0]
		if b > 250 {
			finish(subtree(program[1]))
			program = program[2:]
			continue
		}
		if len(program) < 3 {
			break
		}
		key := keys[int(b)%len(keys)]
		shared := 0
		for shared < min(len(key), len(last)) && key[shared] == last[shared] {
			shared++
		}
		if program[1] == 99 && shared > 0 {
			shared-- // not canonical
		}
		entries = cbor.AppendBytes(append(entries, "\xa4\x61k"...), []byte(key[shared:]))
		entries = cbor.AppendInt(append(entries, "\x61p"...), int64(shared))
		entries = appendLink(append(entries, "\x61t"...), subtree(program[2]))
		entries = cbor.AppendLink(append(entries, "\x61v"...), badCID(uint64(program[1])))
		count++
		last = key
		program = program[3:]
	}
	if count > 0 || len(blocks) == 0 {
		finish(nil)
	}
	return root, blocks
}

func appendLink(b []byte, c *atproto.CID) []byte {
	if c == nil {
		return cbor.AppendNull(b)
	}
	return cbor.AppendLink(b, *c)
}
