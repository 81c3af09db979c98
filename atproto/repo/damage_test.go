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

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
)

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
		none, err := repo.Open(t.Context(), source(file))
		if none != nil {
			t.Fatal("a snapshot of a tree with holes")
		}
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
	if !snap.Lacks() {
		t.Error("no bytes are said to be missing")
	}
	for r, err := range snap.Records(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if (r.Bytes == nil) != (r.Path == gone) || (r.Place == 0) != (r.Path == gone) {
			t.Errorf("%s: bytes missing is %v, place %d", r.Path, r.Bytes == nil, r.Place)
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
	for _, how := range []string{"held", "walked"} {
		var last error
		for _, err := range snap.Records(ctx, nil) {
			last = err
		}
		if !errors.Is(last, context.Canceled) {
			t.Errorf("Records %s: error is %v, want %v", how, last, context.Canceled)
		}
		snap.WalkAgain()
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
