package export

import (
	"context"
	"errors"
	"iter"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/store"
)

func isMissing(err error) bool { return errors.Is(err, store.ErrNotFound) }

// source reads documents. It calls the archive only between ranges over it.
type source struct {
	r        store.Reader
	x        *export
	accounts map[syntax.DID]*Account
	left     map[syntax.ATURI]bool  // posts counted as left out
	inGap    map[syntax.ATURI]bool  // deleted posts that a thread showed in its place
	gone     map[syntax.ATURI]place // of deleted posts, in the threads that they left gaps in
}

// leaveOut counts a post that the audience is not shown, once.
func (s *source) leaveOut(uri syntax.ATURI, why reason) {
	if !s.left[uri] {
		s.left[uri] = true
		s.x.summary.LeftOut.add(why)
	}
}

// threads yields the selected threads that the audience may see, oldest first.
func (s *source) threads(ctx context.Context) iter.Seq2[*Document, error] {
	return func(yield func(*Document, error) bool) {
		threads, err := s.selected(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, t := range threads {
			doc, err := s.document(ctx, t, nil, nil)
			if err != nil {
				yield(nil, err)
				return
			}
			if doc == nil {
				continue
			}
			s.x.summary.Threads++
			if !yield(doc, nil) {
				return
			}
		}
	}
}

func (s *source) selected(ctx context.Context) ([]store.Thread, error) {
	if s.x.Post == "" {
		q := s.x.Query
		q.Oldest = true
		return store.Collect(s.r.Threads(ctx, q))
	}
	t, err := s.r.Thread(ctx, s.x.Post)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return []store.Thread{t}, err
}
