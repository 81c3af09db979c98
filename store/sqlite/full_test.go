package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/store"
)

// TestFull: a disk that fills up is told as such, and leaves the archive as it was.
func TestFull(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	put := func(n int) error {
		return db.Update(t.Context(), func(w store.Writer) error { return putTexts(t.Context(), w, n) })
	}
	if err := put(1); err != nil {
		t.Fatal(err)
	}
	c := <-db.write
	var pages int
	if err := c.row(t.Context(), "PRAGMA page_count", nil, &pages); err != nil {
		t.Fatal(err)
	}
	limit := fmt.Sprintf("PRAGMA max_page_count = %d", pages+10)
	if err := c.row(t.Context(), limit, nil, new(int)); err != nil {
		t.Fatal(err)
	}
	db.write <- c

	for range 3 {
		if err := put(600); !errors.Is(err, store.ErrFull) {
			t.Fatalf("a full disk: %v, want ErrFull", err)
		}
	}
	err = db.View(t.Context(), func(r store.Reader) error {
		posts, err := store.Collect(r.Posts(t.Context(), store.Query{}))
		if len(posts) != 1 {
			t.Errorf("%d posts, want the one from before", len(posts))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := put(2); err != nil {
		t.Errorf("what still fits: %v", err)
	}
}

func putTexts(ctx context.Context, w store.Writer, n int) error {
	for i := range n {
		record, err := cbor.FromJSON(fmt.Appendf(nil, `{"$type":"app.bsky.feed.post","text":%q}`, strings.Repeat("plein ", 30)))
		if err != nil {
			return err
		}
		ref := atproto.Ref{URI: syntax.ATURI("at://did:plc:a/app.bsky.feed.post/" + atproto.TID(uint64(i+1)<<20)), CID: atproto.CIDOf(record).String()}
		p, err := atproto.DecodePost(ref, record)
		if err != nil {
			return err
		}
		if err := w.PutRecord(ctx, "did:plc:a", atproto.CIDOf(record), record); err != nil {
			return err
		}
		if err := w.PutPost(ctx, store.Post{Post: p, Status: store.Live}, analysis.PostAnalysis{}); err != nil {
			return err
		}
	}
	return nil
}
