package repo_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
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

// check compares a snapshot with the map it should hold.
func check(t *testing.T, snap *repo.Snapshot, want *state, bytesToo bool) {
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

// A tree with holes is refused, and whole again together with what is missing.
func TestOpenIncomplete(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(11, 12))
	s := newState(t)
	s.fill(500, "words")
	s.sign(t)
	blocks := s.current(t)
	isRecord := map[atproto.CID]bool{}
	for _, c := range s.records {
		isRecord[c] = true
	}
	nodes := slices.DeleteFunc(slices.Clone(blocks), func(c atproto.CID) bool { return isRecord[c] || c == s.commit.CID })
	for range 30 {
		missing := nodes[rng.IntN(len(nodes))]
		cut := slices.DeleteFunc(slices.Clone(blocks), func(c atproto.CID) bool { return c == missing })
		file := s.car(t, cut)
		_, err := repo.Open(t.Context(), source(file))
		var incomplete *repo.IncompleteError
		if !errors.As(err, &incomplete) || incomplete.Missing != 1 || incomplete.Commit.Rev != s.commit.Rev {
			t.Fatalf("error is %v, want one missing node at %s", err, s.commit.Rev)
		}
		if !errors.Is(err, repo.ErrIncomplete) || incomplete.Records >= 500 {
			t.Fatalf("error is %v (%d records)", err, incomplete.Records)
		}
		snap, err := repo.Open(t.Context(), source(s.car(t, []atproto.CID{missing})), source(file))
		if err != nil {
			t.Fatal(err)
		}
		check(t, snap, s, true)
	}
	noCommit := slices.DeleteFunc(slices.Clone(blocks), func(c atproto.CID) bool { return c == s.commit.CID })
	if _, err := repo.Open(t.Context(), source(s.car(t, noCommit))); !errors.Is(err, repo.ErrIncomplete) {
		t.Errorf("without its commit: error is %v, want %v", err, repo.ErrIncomplete)
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

// A missing record is a state of that record.
func TestMissingRecord(t *testing.T) {
	t.Parallel()
	s := newState(t)
	s.fill(100, "x")
	s.sign(t)
	gone := slices.Sorted(maps.Keys(s.records))[50]
	file := s.car(t, slices.DeleteFunc(s.current(t), func(c atproto.CID) bool { return c == s.records[gone] }))
	snap, err := repo.Open(t.Context(), source(file))
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range snap.Records(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if (r.Bytes == nil) != (r.Path == gone) {
			t.Errorf("%s: bytes missing is %v", r.Path, r.Bytes == nil)
		}
	}
	for r, err := range snap.Records(t.Context(), func(c string) bool { return c == "app.bsky.feed.like" }) {
		if err != nil {
			t.Fatal(err)
		}
		if want := r.Path.Collection() == "app.bsky.feed.like" && r.Path != gone; (r.Bytes != nil) != want {
			t.Errorf("%s: has bytes is %v, want %v", r.Path, r.Bytes != nil, want)
		}
	}
}

// One flipped bit anywhere is noticed. So is a cut anywhere, if only by records that have
// no bytes: where a file ends between two records, all of the tree may have come before.
func TestDamage(t *testing.T) {
	t.Parallel()
	s := newState(t)
	s.fill(40, "some words")
	s.sign(t)
	file := s.full(t)
	step := 1
	if testing.Short() {
		step = 17
	}
	for i := 0; i < len(file); i += step {
		damaged := bytes.Clone(file)
		damaged[i] ^= 1 << (i % 8)
		snap, err := repo.Open(t.Context(), source(damaged))
		if err == nil {
			check(t, snap, s, true) // the head of the file is not signed: a wider varint, say
			t.Errorf("flipped bit %d of byte %d is not noticed", i%8, i)
		}
		if snap, err = repo.Open(t.Context(), source(file[:i])); err == nil {
			check(t, snap, s, false)
			if missing(t, snap) == 0 {
				t.Errorf("cut at byte %d is not noticed", i)
			}
		}
	}
	inside := len(file) - 5
	if _, err := repo.Open(t.Context(), source(file[:inside])); !errors.Is(err, repo.ErrTruncated) || !strings.Contains(err.Error(), "at byte ") {
		t.Errorf("cut inside the last block: error is %v, want %v and where", err, repo.ErrTruncated)
	}
	damaged := bytes.Clone(file)
	damaged[inside] ^= 1
	if _, err := repo.Open(t.Context(), source(damaged)); !errors.Is(err, repo.ErrCorrupt) || !strings.Contains(err.Error(), "does not match its name bafyrei") {
		t.Errorf("flipped bit in the last block: error is %v, want %v and which", err, repo.ErrCorrupt)
	}
}

// missing counts the records whose bytes are in no file.
func missing(t *testing.T, snap *repo.Snapshot) int {
	t.Helper()
	n := 0
	for r, err := range snap.Records(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Bytes == nil {
			n++
		}
	}
	return n
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

func TestNotARepository(t *testing.T) {
	t.Parallel()
	s := newState(t)
	s.sign(t)
	for _, tt := range []struct {
		name string
		file []byte
		want error
	}{
		{"empty file", nil, repo.ErrNotCAR},
		{"a web page", []byte("<!doctype html><title>Not found</title>"), repo.ErrNotCAR},
		{"JSON", []byte(`{"error":"RepoNotFound"}`), repo.ErrNotCAR},
		{"a head that ends", s.full(t)[:20], repo.ErrNotCAR},
		{"version 2 of CAR", append([]byte{11, 0xa1, 0x67}, "version\x02"...), repo.ErrNotCAR},
		{"no commit named", []byte("\x11\xa2\x65roots\x80\x67version\x01"), repo.ErrCorrupt},
		{"an absurd length", append(s.full(t), 0xff, 0xff, 0xff, 0xff, 0x7f), repo.ErrCorrupt},
		{"a block of 3 MB", append(s.full(t), 0xc0, 0x8d, 0xb7, 0x01), repo.ErrCorrupt},
	} {
		if _, err := repo.Open(t.Context(), source(tt.file)); !errors.Is(err, tt.want) {
			t.Errorf("%s: error is %v, want %v", tt.name, err, tt.want)
		}
	}
	if !repo.IsCAR(s.full(t)[:100]) || repo.IsCAR([]byte(`{"uri":"at://a.test/b/c"}`)) || repo.IsCAR(nil) {
		t.Error("IsCAR is wrong")
	}
}

func TestOpenStopsWithContext(t *testing.T) {
	t.Parallel()
	s := newState(t)
	s.fill(2000, "x")
	s.sign(t)
	file := s.full(t)
	ctx, cancel := context.WithCancel(t.Context())
	snap, err := repo.Open(ctx, source(file))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := repo.Open(ctx, source(file)); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: error is %v, want %v", err, context.Canceled)
	}
	var last error
	for _, err := range snap.Records(ctx, nil) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("Records: error is %v, want %v", last, context.Canceled)
	}
	for range snap.Manifest(t.Context()) {
		break // must not panic
	}
}

// What the disk says is passed on, and never mistaken for a shorter file.
func TestReadError(t *testing.T) {
	t.Parallel()
	s := newState(t)
	s.fill(2000, "x")
	s.sign(t)
	file := s.full(t)
	broken := errors.New("the disk is broken")
	for _, at := range []int{0, 10, 1000, len(file) / 2, len(file) - 1} {
		r := brokenAt{file, at, broken}
		if _, err := repo.Open(t.Context(), repo.Source{R: r, Size: int64(len(file))}); !errors.Is(err, broken) {
			t.Errorf("at byte %d: error is %v, want %v", at, err, broken)
		}
	}
}

type brokenAt struct {
	file []byte
	at   int
	err  error
}

func (b brokenAt) ReadAt(p []byte, off int64) (int, error) {
	if int(off)+len(p) > b.at {
		return copy(p, b.file[min(int(off), b.at):b.at]), b.err
	}
	return copy(p, b.file[off:]), nil
}
