package repo_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/bluesky-social/indigo/atproto/atdata"
	indigo "github.com/bluesky-social/indigo/atproto/repo"
	"github.com/ipfs/go-cid"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/atproto/repo"
)

// large is a repository of 100,000 posts that was written post by post: 72 MB, in the
// order of a server.
var large = sync.OnceValues(func() (*state, []byte) {
	tb := &testing.B{}
	s := newState(tb)
	var list []repo.Entry
	for i := range 100_000 {
		n := uint64(i)*1e6<<10 + 1<<60
		s.rev = n
		record, err := cbor.FromJSON(fmt.Appendf(nil, `{"$type":"app.bsky.feed.post","text":%q,"langs":["fr"],"createdAt":"2024-05-05T12:00:00.000Z",
			"reply":{"root":{"uri":"at://did:plc:a/app.bsky.feed.post/%[2]s","cid":%[3]q},"parent":{"uri":"at://did:plc:a/app.bsky.feed.post/%[2]s","cid":%[3]q}}}`,
			strings.Repeat("Des mots, encore des mots. ", 8), atproto.TID(n), badCID(n)))
		if err != nil {
			panic(err)
		}
		e := repo.Entry{Path: atproto.Path(atproto.CollectionPost + "/" + atproto.TID(n)), CID: s.put(record)}
		s.records[e.Path] = e.CID
		list = append(list, e)
	}
	// A node has the revision of the last post under it.
	posts := func(yield func(repo.Entry, error) bool) {
		for i, e := range list {
			s.rev = uint64(i)*1e6<<10 + 1<<60
			if !yield(e, nil) {
				return
			}
		}
	}
	if _, err := repo.Nodes(posts, func(_ atproto.CID, block []byte) error {
		s.put(block)
		return nil
	}); err != nil {
		panic(err)
	}
	s.sign(tb)
	return s, s.full(tb)
})

func largeFile(b *testing.B) (*os.File, int64) {
	b.Helper()
	_, file := large()
	path := filepath.Join(b.TempDir(), "repo.car")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		b.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	return f, int64(len(file))
}

// BenchmarkRead opens and verifies a repository and reads all of its records.
func BenchmarkRead(b *testing.B) {
	f, size := largeFile(b)
	for b.Loop() {
		snap, err := repo.Open(b.Context(), repo.Source{R: f, Size: size})
		if err != nil {
			b.Fatal(err)
		}
		for r, err := range snap.Records(b.Context(), nil) {
			if err != nil || r.Bytes == nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkReadIndigo is what BenchmarkRead is measured against: indigo loads the file,
// walks the tree and decodes each record.
func BenchmarkReadIndigo(b *testing.B) {
	f, _ := largeFile(b)
	for b.Loop() {
		if _, err := f.Seek(0, 0); err != nil {
			b.Fatal(err)
		}
		_, r, err := indigo.LoadRepoFromCAR(b.Context(), f)
		if err != nil {
			b.Fatal(err)
		}
		if err := r.MST.Walk(func(_ []byte, c cid.Cid) error {
			block, err := r.RecordStore.Get(b.Context(), c)
			if err != nil {
				return err
			}
			_, err = atdata.UnmarshalCBOR(block.RawData())
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRoot rebuilds the root of 100,000 records.
func BenchmarkRoot(b *testing.B) {
	s, _ := large()
	m, err := repo.NewManifest(s.entries())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if m.Root() != s.commit.Data {
			b.Fatal("wrong root")
		}
	}
}

// BenchmarkOpenSince joins a commit that changed nothing with the manifest of 100,000
// records: the least that an account with news costs.
func BenchmarkOpenSince(b *testing.B) {
	s, _ := large()
	m, err := repo.NewManifest(s.entries())
	if err != nil {
		b.Fatal(err)
	}
	diff := s.car(b, []atproto.CID{s.commit.CID})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := repo.OpenSince(b.Context(), m, source(diff)); err != nil {
			b.Fatal(err)
		}
	}
}
