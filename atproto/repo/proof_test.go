package repo_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	indigo "github.com/bluesky-social/indigo/atproto/repo"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
)

// The proof of a present or absent path says so, here and to indigo. Without one of its
// blocks the proof of a record is none, and that of an absence never shows a record.
func TestProof(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(21, 22))
	for round := range rounds(40) {
		s := newState(t)
		s.mutate(rng, round*5)
		s.sign(t)
		public, err := s.key.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		m := s.manifest(t)
		paths := slices.Sorted(maps.Keys(s.records))
		for range 10 {
			path := atproto.Path("com.example.a/" + randomKey(rng))
			if len(paths) > 0 && rng.IntN(2) == 0 {
				path = paths[rng.IntN(len(paths))]
			}
			want := s.records[path]
			var b bytes.Buffer
			if err := repo.WriteProof(&b, &s.commit, m, path, s.blocks[want]); err != nil {
				t.Fatal(err)
			}
			got, err := repo.CheckProof(t.Context(), source(b.Bytes()), testDID, public, path)
			if err != nil || got.CID != want || got.Commit.CID != s.commit.CID || !bytes.Equal(got.Record, s.blocks[want]) {
				t.Fatalf("round %d: proof of %s shows %v, %v, want %v", round, path, got.CID, err, want)
			}
			_, theirs, err := indigo.LoadRepoFromCAR(t.Context(), bytes.NewReader(b.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			value, err := theirs.MST.Get([]byte(path))
			if err != nil || (value == nil) != want.IsZero() || value != nil && value.String() != want.String() {
				t.Fatalf("round %d: indigo reads %v, %v at %s, want %s", round, value, err, path, want)
			}
			blocks := blocksOf(t, b.Bytes())
			if blocks[0] != s.commit.CID {
				t.Fatalf("round %d: the commit is not the first block", round)
			}
			for i, c := range blocks {
				less := s.car(t, slices.Delete(slices.Clone(blocks), i, i+1))
				p, err := repo.CheckProof(t.Context(), source(less), testDID, public, path)
				if err == nil && (p.CID != want || !want.IsZero() && c != want) {
					t.Fatalf("round %d: without %s the proof of %s shows %s", round, c, path, p.CID)
				}
			}
		}
	}
}

func TestProofRefuses(t *testing.T) {
	t.Parallel()
	s, other := newState(t), newState(t)
	s.fill(200, "x")
	s.sign(t)
	m := s.manifest(t)
	path := slices.Sorted(maps.Keys(s.records))[77]
	record := s.blocks[s.records[path]]
	var b bytes.Buffer
	if err := repo.WriteProof(&b, &s.commit, m, path, record); err != nil {
		t.Fatal(err)
	}
	public, err := s.key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := repo.CheckProof(t.Context(), source(b.Bytes()), testDID, nil, path); err != nil || got.CID != s.records[path] {
		t.Errorf("without a key: %v, %v", got.CID, err)
	}
	stranger, err := other.key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.CheckProof(t.Context(), source(b.Bytes()), testDID, stranger, path); !errors.Is(err, repo.ErrSignature) {
		t.Errorf("another key: error is %v, want %v", err, repo.ErrSignature)
	}
	if _, err := repo.CheckProof(t.Context(), source(b.Bytes()), "did:plc:other", public, path); !errors.Is(err, repo.ErrCorrupt) {
		t.Errorf("another account: error is %v, want %v", err, repo.ErrCorrupt)
	}
	far := slices.Sorted(maps.Keys(s.records))[180]
	if got, err := repo.CheckProof(t.Context(), source(b.Bytes()), testDID, public, far); err == nil && got.CID != s.records[far] {
		t.Errorf("a path that was not to be proved shows %v", got.CID)
	}
	damaged := bytes.Clone(b.Bytes())
	damaged[len(damaged)-3] ^= 1
	if _, err := repo.CheckProof(t.Context(), source(damaged), testDID, public, path); !errors.Is(err, repo.ErrCorrupt) {
		t.Errorf("a changed record: error is %v, want %v", err, repo.ErrCorrupt)
	}
	for name, err := range map[string]error{
		"other bytes":    repo.WriteProof(&b, &s.commit, m, path, []byte("\xa0")),
		"no bytes":       repo.WriteProof(&b, &s.commit, m, path, nil),
		"no such record": repo.WriteProof(&b, &s.commit, m, "a.b/c", record),
		"other manifest": repo.WriteProof(&b, &s.commit, &repo.Manifest{}, "a.b/c", nil),
		"a path that is none": func() error {
			_, err := repo.CheckProof(t.Context(), source(b.Bytes()), testDID, public, "nothing")
			return err
		}(),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// blocksOf lists the blocks of a file in their order.
func blocksOf(t *testing.T, file []byte) []atproto.CID {
	t.Helper()
	var list []atproto.CID
	for pos := 1 + int(file[0]); pos < len(file); {
		n, shift := 0, 0
		for ; file[pos] >= 0x80; pos++ {
			n |= int(file[pos]&0x7f) << shift
			shift += 7
		}
		n |= int(file[pos]) << shift
		c, err := atproto.CIDFromBytes(file[pos+1 : pos+37])
		if err != nil {
			t.Fatal(fmt.Errorf("block at %d: %w", pos, err))
		}
		list = append(list, c)
		pos += 1 + n
	}
	return list
}
