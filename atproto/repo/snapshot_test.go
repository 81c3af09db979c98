package repo_test

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	indigo "github.com/bluesky-social/indigo/atproto/repo"
	"github.com/ipfs/go-cid"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
)

// Whatever the order of the blocks, and whatever else is in the file, a repository reads
// as its map, also by indigo.
func TestOpen(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	for round := range rounds(150) {
		s := newState(t)
		s.mutate(rng, rng.IntN(200))
		s.sign(t)
		if round%2 == 0 {
			s.mutate(rng, 10)
			s.sign(t)
		}
		blocks := s.current(t)
		switch round % 3 {
		case 1: // any order
			rng.Shuffle(len(blocks), func(i, j int) { blocks[i], blocks[j] = blocks[j], blocks[i] })
		case 2: // stale and duplicate blocks
			blocks = append(slices.Collect(maps.Keys(s.blocks)), blocks...)
		}
		file := s.car(t, blocks)
		snap, err := repo.Open(t.Context(), source(file))
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		check(t, snap, s, true)
		_, other, err := indigo.LoadRepoFromCAR(t.Context(), bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		theirs := map[string]cid.Cid{}
		if err := other.MST.WriteToMap(theirs); err != nil {
			t.Fatal(err)
		}
		if len(theirs) != snap.Len() {
			t.Fatalf("round %d: %d records, indigo reads %d", round, snap.Len(), len(theirs))
		}
	}
}

// check compares a snapshot with the map it should hold, as it was read first and as it is
// read again from the tree.
func check(t *testing.T, snap *repo.Snapshot, want *state, bytesToo bool) {
	t.Helper()
	checkOnce(t, snap, want, bytesToo)
	snap.WalkAgain()
	checkOnce(t, snap, want, bytesToo)
}

func checkOnce(t *testing.T, snap *repo.Snapshot, want *state, bytesToo bool) {
	t.Helper()
	if snap.Commit.CID != want.commit.CID || snap.Commit.Data != want.commit.Data {
		t.Fatalf("commit is %s over %s, want %s over %s", snap.Commit.CID, snap.Commit.Data, want.commit.CID, want.commit.Data)
	}
	public, err := want.key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := snap.Commit.Verify(public); err != nil {
		t.Fatal(err)
	}
	manifest, err := repo.NewManifest(snap.Manifest(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if manifest.Len() != len(want.records) || snap.Len() != len(want.records) {
		t.Fatalf("%d entries, Len %d, want %d", manifest.Len(), snap.Len(), len(want.records))
	}
	for change, err := range repo.Changes(want.entries(), manifest.All()) {
		t.Fatalf("manifest differs: %v, %v", change, err)
	}
	n := 0
	for r, err := range snap.Records(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if r.CID != want.records[r.Path] {
			t.Fatalf("%s is %s, want %s", r.Path, r.CID, want.records[r.Path])
		}
		if bytesToo && !bytes.Equal(r.Bytes, want.blocks[r.CID]) {
			t.Fatalf("%s has the bytes %q, want %q", r.Path, r.Bytes, want.blocks[r.CID])
		}
	}
	if n != len(want.records) {
		t.Fatalf("%d records, want %d", n, len(want.records))
	}
	counts := map[string]int{}
	for path := range want.records {
		counts[path.Collection()]++
	}
	for name, n := range counts {
		if got := snap.Count(name); got != n {
			t.Fatalf("%d records in %s, want %d", got, name, n)
		}
	}
	if bytesToo && snap.Lacks() {
		t.Fatal("bytes are said to be missing")
	}
}

// Records are read again by their places, also when nothing else is known of them any more.
func TestPlaces(t *testing.T) {
	t.Parallel()
	s := newState(t)
	s.fill(300, "x")
	s.sign(t)
	snap, err := repo.Open(t.Context(), source(s.car(t, s.current(t))))
	if err != nil {
		t.Fatal(err)
	}
	var found []repo.Record
	for r, err := range snap.Records(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, r)
	}
	read := snap.Places()
	snap.Release()
	for _, r := range found {
		c, block, err := read(r.Place)
		if err != nil || c != r.CID || !bytes.Equal(block, s.blocks[r.CID]) {
			t.Fatalf("%s: at its place are %s, %q, error %v", r.Path, c, block, err)
		}
		if block, err := snap.Block(r.CID); block != nil || err != nil {
			t.Fatalf("%s is found after Release: %q, %v", r.Path, block, err)
		}
	}
	if _, _, err := read(repo.Place(1 << 40)); err == nil {
		t.Error("a place behind the end of the file is read")
	}
}

// A file of changes, joined with the manifest of the state before, reads as the new state:
// over random histories, one to many commits back, and also when nothing changed in the
// end.
func TestOpenSince(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	s := newState(t)
	s.mutate(rng, 120)
	s.sign(t)
	for round := range rounds(120) {
		old, since, oldRecords := s.manifest(t), s.rev, maps.Clone(s.records)
		for range 1 + rng.IntN(1+round%8) {
			s.mutate(rng, 1+rng.IntN(6))
			s.sign(t)
		}
		if round%10 == 0 {
			s.records = oldRecords
			s.sign(t)
		}
		file := s.diff(t, since)
		snap, err := repo.OpenSince(t.Context(), old, source(file))
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		check(t, snap, s, false)
		for r, err := range snap.Records(t.Context(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Bytes == nil && s.since[r.CID] > since {
				t.Fatalf("round %d: %s is new and has no bytes", round, r.Path)
			}
		}
	}
}

// The manifest of some other state must not lead to a snapshot that is not the signed one.
func TestOpenSinceWrongState(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 10))
	s := newState(t)
	s.mutate(rng, 200)
	s.sign(t)
	since := s.rev
	wrong := newStateWithoutKey()
	for i, p := range slices.Sorted(maps.Keys(s.records)) {
		if i%10 > 0 {
			wrong.records[p] = s.records[p]
		}
	}
	s.mutate(rng, 5)
	s.sign(t)
	_, err := repo.OpenSince(t.Context(), wrong.manifest(t), source(s.diff(t, since)))
	if !errors.Is(err, repo.ErrIncomplete) {
		t.Errorf("error is %v, want %v", err, repo.ErrIncomplete)
	}
}

func TestOpenNothingNew(t *testing.T) {
	t.Parallel()
	s := newState(t)
	s.fill(10, "x")
	s.sign(t)
	_, err := repo.OpenSince(t.Context(), s.manifest(t), source(s.diff(t, s.rev)))
	var nothing *repo.NothingNewError
	if !errors.As(err, &nothing) || nothing.Root != s.commit.CID {
		t.Errorf("error is %v, want nothing new at %s", err, s.commit.CID)
	}
}

// A repair: the account wrote during the download, so old nodes are gone and new ones are
// not there yet.
func TestOpenRepaired(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(13, 14))
	s := newState(t)
	s.fill(300, "before")
	s.sign(t)
	start, head := s.rev, s.commit.CID
	early := s.current(t)
	s.mutate(rng, 20)
	s.sign(t)
	live := s.current(t)
	first := s.carOf(t, head, slices.DeleteFunc(early, func(c atproto.CID) bool { return !slices.Contains(live, c) && c != head }))
	if _, err := repo.Open(t.Context(), source(first)); !errors.Is(err, repo.ErrIncomplete) {
		t.Fatalf("error is %v, want %v", err, repo.ErrIncomplete)
	}
	snap, err := repo.Open(t.Context(), source(s.diff(t, start)), source(first))
	if err != nil {
		t.Fatal(err)
	}
	check(t, snap, s, true)
}
