package sqlite

import (
	"context"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// The words of a post that is quoted are words of the posts that quote it. So whatever
// changes a post changes what its quoters are found by.

// documentsBefore are the documents that change with posts, as they are before: of the posts
// that are replaced, and of all that quote one of the posts.
func (w *writer) documentsBefore(ctx context.Context, posts []*pendingPost, ids []int64, old map[postKey]*oldPost) (map[int64]*document, error) {
	uris := make([]syntax.ATURI, len(posts))
	for i, p := range posts {
		uris[i] = p.URI
	}
	before, err := w.quoters(ctx, uris...)
	if err != nil {
		return nil, err
	}
	for i, p := range posts {
		if _, replaces := old[postKey{p.account, p.rkey}]; !replaces || before[ids[i]] != nil {
			continue
		}
		d, err := w.document(ctx, ids[i])
		if err != nil {
			return nil, err
		}
		before[d.id] = &d
	}
	return before, nil
}

// quoters are the documents of the posts that quote one of some posts.
func (w *writer) quoters(ctx context.Context, uris ...syntax.ATURI) (map[int64]*document, error) {
	terms := make([]string, len(uris))
	for i, uri := range uris {
		terms[i] = quoting(uri)
	}
	ids, err := w.index.quoters(ctx, terms)
	if err != nil {
		return nil, err
	}
	list := make(map[int64]*document, len(ids))
	for id := range ids {
		d, err := w.document(ctx, id)
		if err != nil {
			return nil, err
		}
		list[id] = &d
	}
	return list, nil
}

// indexPosts brings the index up to date with documents that are new or have changed, some of
// which were before; those that are not given are read.
func (w *writer) indexPosts(ctx context.Context, before map[int64]*document, documents []document) error {
	for i := range documents {
		d := &documents[i]
		if d.post != nil {
			var err error
			if d.quoted, err = w.quoted(ctx, d.post.Embed.Quote.URI); err != nil {
				return err
			}
		}
		if err := w.index.change(before[d.id], d); err != nil {
			return err
		}
		delete(before, d.id)
	}
	for id, was := range before {
		now, err := w.document(ctx, id)
		if err != nil {
			return err
		}
		if err := w.index.change(was, &now); err != nil {
			return err
		}
	}
	return nil
}
