package export

import (
	"context"
	"errors"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// document reads what is shown of a thread; nil where its author is not shown at all. Posts
// and claims that were read before are given.
func (s *source) document(ctx context.Context, t store.Thread, posts map[syntax.ATURI]store.Post, claims []store.Claim) (*Document, error) {
	acc, err := s.account(ctx, t.DID)
	if err != nil {
		return nil, err
	}
	if why := s.x.withholdsAccount(acc); why != "" {
		for _, line := range append([][]syntax.ATURI{t.Posts}, t.Branches...) {
			for _, uri := range line {
				s.leaveOut(uri, why)
			}
		}
		return nil, nil
	}
	doc := &Document{
		Account:  acc,
		Thread:   t,
		Posts:    make(map[syntax.ATURI]store.Post, len(t.Posts)),
		Others:   map[syntax.ATURI]Other{},
		Claims:   map[syntax.ATURI][]store.Claim{},
		Withheld: map[syntax.ATURI]reason{},
	}
	doc.Thread.Gaps = withMissing(t.Thread)
	for _, gap := range t.Gaps {
		s.inGap[gap.URI] = true
	}
	if err := s.readPosts(ctx, doc, posts); err != nil {
		return nil, err
	}
	if err := s.readEarlier(ctx, doc); err != nil {
		return nil, err
	}
	if err := s.readOthers(ctx, doc); err != nil {
		return nil, err
	}
	if doc.Alone() && len(doc.Posts) == 0 {
		return nil, nil
	}
	if err := s.readClaims(ctx, doc, claims); err != nil {
		return nil, err
	}
	s.x.summary.Posts += len(doc.Posts)
	return doc, nil
}

func (s *source) readPosts(ctx context.Context, doc *Document, found map[syntax.ATURI]store.Post) error {
	all := doc.All()
	if found == nil {
		found = make(map[syntax.ATURI]store.Post, len(all))
		posts, err := store.Collect(s.r.Posts(ctx, store.Query{Thread: doc.Thread.Root, Oldest: true}))
		if err != nil {
			return err
		}
		for _, p := range posts {
			found[p.URI] = p
		}
	}
	for _, uri := range all {
		p, ok := found[uri]
		if !ok {
			var err error
			p, err = s.r.Post(ctx, uri)
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
		}
		if p.Status.Wordless() && s.x.Public {
			continue
		}
		if why := s.x.withholdsPost(p); why != "" {
			doc.Withheld[uri] = why
			doc.Thread.Topics = nil // those of what is shown are told by its claims
			s.leaveOut(uri, why)
			continue
		}
		doc.Posts[uri] = p
	}
	return nil
}

// readEarlier reads the former versions of edited posts, and from the first of the root
// the words that name the document: a later edit changes no file name.
func (s *source) readEarlier(ctx context.Context, doc *Document) error {
	doc.slug = slug(title(doc.Root().Text))
	if s.x.Public && !s.x.Include.Deleted {
		return nil // former words are not for the public, not even in a file name
	}
	for uri, p := range doc.Posts {
		if p.Edited == 0 {
			continue
		}
		versions, err := s.r.Versions(ctx, p.Author(), atproto.PathOf(uri))
		if err != nil {
			return err
		}
		var list []EarlierVersion
		last := ""
		for _, v := range versions {
			if v.CID.IsZero() || v.CID.String() == p.CID || v.CID.String() == last {
				continue
			}
			record, err := s.r.Record(ctx, p.Author(), v.CID)
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			former, err := atproto.DecodePost(atproto.Ref{URI: uri, CID: v.CID.String()}, record)
			if err != nil {
				continue // kept as bytes; there are no words to show
			}
			last = former.CID
			list = append(list, EarlierVersion{former, v.Seen, v.Told})
		}
		if doc.Earlier == nil {
			doc.Earlier = map[syntax.ATURI][]EarlierVersion{}
		}
		doc.Earlier[uri] = list
		if len(list) > 0 && uri == doc.Thread.Root {
			doc.slug = slug(title(list[0].Text))
		}
	}
	return nil
}

// readOthers reads the archived posts that the document quotes or answers.
func (s *source) readOthers(ctx context.Context, doc *Document) error {
	for _, uri := range doc.All() {
		post, ok := doc.Posts[uri]
		if !ok {
			continue
		}
		for _, other := range []syntax.ATURI{post.Embed.Quote.URI, parentOf(post.Post)} {
			if _, here := doc.Posts[other]; here || !atproto.IsPostURI(other) {
				continue
			}
			p, acc, err := s.other(ctx, other)
			if errors.Is(err, store.ErrNotFound) || err == nil && p.Status.Wordless() {
				continue
			}
			if err != nil {
				return err
			}
			if why := s.x.withholdsOther(p, acc); why != "" {
				doc.Withheld[other] = why
				s.leaveOut(other, why)
				continue
			}
			doc.Others[other] = Other{p, acc}
		}
	}
	return nil
}

// other is a post outside the document with its author: one of an archived account, or one
// that was fetched as context.
func (s *source) other(ctx context.Context, uri syntax.ATURI) (store.Post, *Account, error) {
	p, err := s.r.Post(ctx, uri)
	if err == nil {
		acc, err := s.account(ctx, p.Author())
		if errors.Is(err, store.ErrNotFound) {
			return p, nil, nil
		}
		return p, acc, err
	}
	if !errors.Is(err, store.ErrNotFound) {
		return p, nil, err
	}
	c, err := s.r.Context(ctx, uri)
	if err == nil && c.Record == nil {
		err = store.ErrNotFound
	}
	if err != nil {
		return p, nil, err
	}
	p = store.Post{Post: c.Post, Status: store.Live, Signature: c.Signature, FirstSeen: c.Seen, WordsSeen: c.Seen}
	acc := &Account{Account: store.Account{
		Account: atproto.Account{DID: c.Author(), Handle: syntax.Handle(c.Handle)}, Status: atproto.Active, HideGuest: c.HideGuest,
	}}
	acc.wishUnknown = c.HideGuest && (c.Counts == nil || c.Counts.At.Before(c.At)) // the AppView showed it, and says so, with the counts
	switch c.State {
	case store.ContextDeleted, store.ContextBlocked, store.ContextNotFound:
		p.Status, p.GoneFound = store.Gone, c.At
	case store.ContextAccountGone:
		acc.Status = atproto.Deleted
	}
	return p, acc, nil
}

func (s *source) readClaims(ctx context.Context, doc *Document, claims []store.Claim) error {
	if !doc.Alone() {
		var err error
		if claims, err = store.Collect(s.r.Claims(ctx, store.Query{Thread: doc.Thread.Root, Oldest: true})); err != nil {
			return err
		}
	}
	for _, c := range claims {
		if _, shown := doc.Posts[c.Post]; shown && c.Passage.Claim != nil {
			doc.Claims[c.Post] = append(doc.Claims[c.Post], c)
			s.x.summary.Claims++
		}
	}
	for _, list := range doc.Claims {
		slices.SortStableFunc(list, func(a, b store.Claim) int { return a.Start - b.Start })
	}
	return nil
}
