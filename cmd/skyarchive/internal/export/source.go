package export

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

func isMissing(err error) bool { return errors.Is(err, store.ErrNotFound) }

// source reads documents. It calls the archive only between ranges over it.
type source struct {
	r        store.Reader
	x        *export
	accounts map[syntax.DID]*Account
	single   map[syntax.ATURI][]store.Claim // claims of posts in no thread
	left     map[syntax.ATURI]bool          // posts counted as left out
	inGap    map[syntax.ATURI]bool          // deleted posts that a thread showed in its place
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
			doc, err := s.document(ctx, t)
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

// singles yields the selected posts outside threads, oldest first: only their URIs are
// held meanwhile. A deleted post that threads showed in its place is not among them, so
// threads comes first.
func (s *source) singles(ctx context.Context) iter.Seq2[*Document, error] {
	return func(yield func(*Document, error) bool) {
		uris, err := s.singleURIs(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, uri := range uris {
			post, err := s.r.Post(ctx, uri)
			if err != nil {
				yield(nil, err)
				return
			}
			t := store.Thread{DID: post.Author(), ID: atproto.KeyOf(uri), Age: post.Age()}
			t.Root, t.Posts, t.Complete = uri, []syntax.ATURI{uri}, true
			doc, err := s.document(ctx, t)
			if err != nil {
				yield(nil, err)
				return
			}
			if doc != nil && !yield(doc, nil) {
				return
			}
		}
	}
}

func (s *source) singleURIs(ctx context.Context) ([]syntax.ATURI, error) {
	if s.x.ThreadsOnly {
		return nil, nil
	}
	if s.x.Post != "" {
		p, err := s.r.Post(ctx, s.x.Post)
		if err != nil {
			return nil, err
		}
		if p.Thread != "" {
			return nil, nil
		}
		return []syntax.ATURI{p.URI}, nil
	}
	q := s.x.Query
	q.Oldest = true
	type aged struct {
		uri syntax.ATURI
		age time.Time
	}
	var list []aged
	for p, err := range s.r.Posts(ctx, q) {
		if err != nil {
			return nil, err
		}
		if p.Thread == "" {
			list = append(list, aged{p.URI, p.Age()})
		}
	}
	slices.SortStableFunc(list, func(a, b aged) int { return a.age.Compare(b.age) })
	uris := make([]syntax.ATURI, 0, len(list))
	for _, p := range list {
		if !s.inGap[p.uri] {
			uris = append(uris, p.uri)
		}
	}
	return uris, nil
}
