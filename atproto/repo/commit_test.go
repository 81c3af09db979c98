package repo_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	indigo "github.com/bluesky-social/indigo/atproto/repo"
	"github.com/bluesky-social/indigo/atproto/repo/mst"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/atproto/repo"
)

// field writes a field of a commit; value is encoded already.
func field(name string, value []byte) []byte { return append(cbor.AppendText(nil, name), value...) }

func TestParseCommit(t *testing.T) {
	t.Parallel()
	did := field("did", cbor.AppendText(nil, testDID))
	rev := field("rev", cbor.AppendText(nil, "3kaaaaaaaaa22"))
	sig := field("sig", cbor.AppendBytes(nil, make([]byte, 64)))
	data := field("data", cbor.AppendLink(nil, badCID(1)))
	prev := field("prev", cbor.AppendNull(nil))
	version := func(n int64) []byte { return field("version", cbor.AppendInt(nil, n)) }
	for _, tt := range []struct {
		name   string
		fields [][]byte
		want   error
	}{
		{"whole", [][]byte{did, rev, sig, data, prev, version(3)}, nil},
		{"an unknown field", [][]byte{did, rev, sig, data, prev, version(3), field("x", cbor.AppendInt(nil, 1))}, nil},
		{"version 2", [][]byte{did, rev, sig, data, prev, version(2)}, repo.ErrVersion},
		{"version 4", [][]byte{did, rev, sig, data, prev, version(4)}, repo.ErrVersion},
		{"no version", [][]byte{did, rev, sig, data, prev}, repo.ErrCorrupt},
		{"no account", [][]byte{rev, sig, data, prev, version(3)}, repo.ErrCorrupt},
		{"no revision", [][]byte{did, sig, data, prev, version(3)}, repo.ErrCorrupt},
		{"no tree", [][]byte{did, rev, sig, prev, version(3)}, repo.ErrCorrupt},
		{"not signed", [][]byte{did, rev, data, prev, version(3)}, repo.ErrCorrupt},
		{"signed twice", [][]byte{did, rev, sig, sig, data, prev, version(3)}, repo.ErrCorrupt},
		{"two trees", [][]byte{did, rev, sig, data, data, prev, version(3)}, repo.ErrCorrupt},
		{"tree as text", [][]byte{did, rev, sig, field("data", cbor.AppendText(nil, badCID(1).String())), prev, version(3)}, repo.ErrCorrupt},
		{"bad revision", [][]byte{did, field("rev", cbor.AppendText(nil, "today")), sig, data, prev, version(3)}, repo.ErrCorrupt},
		{"a record", [][]byte{field("text", cbor.AppendText(nil, "x"))}, repo.ErrCorrupt},
	} {
		block := cbor.AppendMap(nil, len(tt.fields))
		for _, f := range tt.fields {
			block = append(block, f...)
		}
		c, err := repo.ParseCommit(block)
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: error is %v, want %v", tt.name, err, tt.want)
		}
		if tt.want == nil && (c.DID != testDID || c.Rev != "3kaaaaaaaaa22" || c.Data != badCID(1) || c.CID != atproto.CIDOf(block)) {
			t.Errorf("%s: commit is %+v", tt.name, c)
		}
	}
	for _, block := range []string{"", "\xff", "\x80", "\x61x"} {
		if _, err := repo.ParseCommit([]byte(block)); !errors.Is(err, repo.ErrCorrupt) {
			t.Errorf("%q: error is %v, want %v", block, err, repo.ErrCorrupt)
		}
	}
}

// A tree that breaks a rule is refused with the rule, although it is signed and all blocks
// match their names.
func TestBadTrees(t *testing.T) {
	t.Parallel()
	keys := fuzzKeys()
	var low, high []byte // numbers of keys at height 0, and above
	for i, key := range keys {
		if mst.HeightForKey([]byte(key)) == 0 {
			low = append(low, byte(i))
		} else {
			high = append(high, byte(i))
		}
	}
	const none, end = 250, 255
	for _, tt := range []struct {
		name    string
		program []byte
		want    string
	}{
		{"keys out of order", []byte{low[5], 1, none, low[2], 1, none, end, none}, "is out of order"},
		{"a key twice", []byte{low[5], 1, none, low[5], 1, none, end, none}, "is out of order"},
		{"two heights in a node", []byte{low[0], 1, none, high[len(high)-1], 1, none, end, none}, "at height"},
		{"a subtree below the bottom", []byte{low[0], 1, none, end, none, low[1], 1, 0, end, none}, "another below it"},
		{"an empty node", []byte{end, none, high[0], 1, 0, end, none}, "is empty"},
		{"a root without keys", []byte{low[0], 1, none, end, none, end, 0}, "is empty"},
		{"a prefix that is too short", []byte{low[0], 1, none, low[1], 99, none, end, none}, "canonically"},
	} {
		s := &state{key: newState(t).key, blocks: map[atproto.CID][]byte{}, since: map[atproto.CID]uint64{}}
		root, blocks := runProgram(s, keys, tt.program)
		var err error
		if s.commit, err = repo.SignCommit(testDID, "3kaaaaaaaaa22", root, s.key); err != nil {
			t.Fatal(err)
		}
		_, err = repo.Open(t.Context(), source(s.car(t, append(blocks, s.put(s.commit.Bytes)))))
		if !errors.Is(err, repo.ErrCorrupt) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	s := newState(t)
	s.fill(3, "x")
	s.sign(t)
	other, err := atcrypto.GeneratePrivateKeyP256()
	if err != nil {
		t.Fatal(err)
	}
	public, err := other.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.commit.Verify(public); !errors.Is(err, repo.ErrSignature) {
		t.Errorf("with another key: error is %v, want %v", err, repo.ErrSignature)
	}
	var theirs indigo.Commit
	if err := theirs.UnmarshalCBOR(bytes.NewReader(s.commit.Bytes)); err != nil {
		t.Fatal(err)
	}
	if public, err = s.key.PublicKey(); err != nil {
		t.Fatal(err)
	}
	if err := theirs.VerifySignature(public); err != nil {
		t.Errorf("indigo does not accept our commit: %v", err)
	}
	if err := theirs.Sign(other); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := theirs.MarshalCBOR(&b); err != nil {
		t.Fatal(err)
	}
	ours, err := repo.ParseCommit(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if public, err = other.PublicKey(); err != nil {
		t.Fatal(err)
	}
	if err := ours.Verify(public); err != nil {
		t.Errorf("indigo's commit: %v", err)
	}
}
