package review

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atdata"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/sqlite"
)

const author = syntax.DID("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newArchive is an archive of one thread with these posts.
func newArchive(t *testing.T, texts ...string) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	err = s.Update(t.Context(), func(w store.Writer) error {
		acc := store.Account{Account: atproto.Account{DID: author, Handle: "lou.test"}, Status: atproto.Active}
		if err := w.PutAccount(t.Context(), acc); err != nil {
			return err
		}
		return putThread(t, w, texts)
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func putThread(t *testing.T, w store.Writer, texts []string) error {
	var posts []*atproto.Post
	thread := analysis.Thread{Complete: true, Branches: [][]syntax.ATURI{}, Joins: []analysis.Join{}}
	for i, text := range texts {
		key := atproto.TID(uint64(noon.Add(time.Duration(i)*time.Minute).UnixMicro()) << 10)
		uri := syntax.ATURI(fmt.Sprintf("at://%s/%s/%s", author, atproto.CollectionPost, key))
		raw, err := atdata.MarshalCBOR(map[string]any{"$type": atproto.CollectionPost, "text": text, "createdAt": "2026-03-01T12:00:00.000Z"})
		if err != nil {
			return err
		}
		cid := atproto.CIDOf(raw)
		if err := w.PutRecord(t.Context(), author, cid, raw); err != nil {
			return err
		}
		p, err := atproto.DecodePost(atproto.Ref{URI: uri, CID: cid.String()}, raw)
		if err != nil {
			return err
		}
		posts = append(posts, &p)
		thread.Posts = append(thread.Posts, uri)
		if i > 0 {
			thread.Joins = append(thread.Joins, analysis.Join{URI: uri, By: analysis.ByReply, Why: "it answers the post before it"})
		}
	}
	for i, read := range analysis.NewAnalyzer(topic.Default()).Posts(posts...) {
		if err := w.PutPost(t.Context(), store.Post{Post: *posts[i], Status: store.Live}, read); err != nil {
			return err
		}
	}
	thread.Root = thread.Posts[0]
	return w.PutThread(t.Context(), author, thread, noon)
}

// reviews are the reviews in an archive in the order written, undone ones too.
func reviews(t *testing.T, s store.Store) (list []analysis.Review, undone int) {
	t.Helper()
	err := s.View(t.Context(), func(r store.Reader) error {
		decisions, err := store.Collect(r.Decisions(t.Context(), store.DecisionQuery{}))
		for _, d := range decisions {
			var review analysis.Review
			switch d.Kind {
			case analysis.DecidedUndo:
				undone++
			case analysis.DecidedReview:
				if err := json.Unmarshal(d.Body, &review); err != nil {
					return err
				}
				list = append(list, review)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list, undone
}

// firstClaim is the oldest claim of an archive.
func firstClaim(t *testing.T, s store.Store) (first store.Claim) {
	t.Helper()
	err := s.View(t.Context(), func(r store.Reader) error {
		list, err := store.Collect(r.Claims(t.Context(), store.Query{Oldest: true, Limit: 1}))
		if err == nil {
			first = list[0]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return first
}
