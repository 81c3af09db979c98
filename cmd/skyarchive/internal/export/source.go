package export

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// A Document is a thread, or a post that stands alone, with everything that is shown of it.
type Document struct {
	Account  *Account
	Thread   store.Thread                      // of a post that stands alone: a thread of one
	Posts    map[syntax.ATURI]store.Post       // its posts, branches and deleted parts
	Earlier  map[syntax.ATURI][]EarlierVersion // of edited posts, oldest first
	Others   map[syntax.ATURI]Other            // archived posts that are quoted or answered
	Claims   map[syntax.ATURI][]store.Claim    // by post, in the order of its text
	Withheld map[syntax.ATURI]reason           // posts that this audience is not shown
	slug     string                            // from the first words ever seen of the root
}

// An Other is a post outside the document.
type Other struct {
	store.Post
	Account *Account // nil: not in the archive
}

// An EarlierVersion is what a post said before it was edited.
type EarlierVersion struct {
	atproto.Post
	Seen time.Time
}

// Alone says whether the document is one post outside threads.
func (d *Document) Alone() bool { return len(d.Thread.Posts) == 1 }

// Root is the first post of the document; its Text is empty where it is withheld.
func (d *Document) Root() store.Post { return d.Posts[d.Thread.Root] }

// All lists the document's posts in reading order: the main line, branches, deleted parts.
func (d *Document) All() []syntax.ATURI {
	list := slices.Clone(d.Thread.Posts)
	for _, branch := range d.Thread.Branches {
		list = append(list, branch...)
	}
	for _, gap := range d.Thread.Gaps {
		if gap.URI != "" && !slices.Contains(list, gap.URI) {
			list = append(list, gap.URI)
		}
	}
	return list
}

// AnswersOther says whether the document starts as an answer to somebody else.
func (d *Document) AnswersOther() bool {
	parent := parentOf(d.Root().Post)
	return parent != "" && atproto.AuthorOf(parent) != string(d.Thread.DID)
}

func parentOf(p atproto.Post) syntax.ATURI {
	if p.Reply == nil {
		return ""
	}
	if p.Reply.Parent.IsZero() {
		return p.Reply.Root.URI
	}
	return p.Reply.Parent.URI
}

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
		if p.Thread == "" && p.Status != store.Missing {
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

// loose are the claims of a post that is in no thread: one that stands alone, or a deleted
// part. They are read all at once.
func (s *source) loose(ctx context.Context, uri syntax.ATURI) ([]store.Claim, error) {
	if s.single != nil {
		return s.single[uri], nil
	}
	s.single = map[syntax.ATURI][]store.Claim{}
	q := store.Query{DID: s.x.Query.DID, Oldest: true}
	if s.x.Post != "" {
		q.DID = syntax.DID(atproto.AuthorOf(s.x.Post))
	}
	for c, err := range s.r.Claims(ctx, q) {
		if err != nil {
			s.single = nil
			return nil, err
		}
		if c.Thread == "" {
			s.single[c.Post] = append(s.single[c.Post], c)
		}
	}
	return s.single[uri], nil
}

// document reads what is shown of a thread; nil where its author is not shown at all.
func (s *source) document(ctx context.Context, t store.Thread) (*Document, error) {
	acc, err := s.account(ctx, t.DID)
	if err != nil {
		return nil, err
	}
	if why := s.x.withholdsAccount(acc); why != "" {
		for _, uri := range t.Posts {
			s.leaveOut(uri, why)
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
	if err := s.readPosts(ctx, doc); err != nil {
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
	if err := s.readClaims(ctx, doc); err != nil {
		return nil, err
	}
	s.x.summary.Posts += len(doc.Posts)
	return doc, nil
}

// withMissing is a thread's gaps with one for each missing number that has none, behind the
// last post that carries a smaller one.
func withMissing(t analysis.Thread) []analysis.Gap {
	if t.Numbering == nil {
		return t.Gaps
	}
	gaps := slices.Clone(t.Gaps)
	for _, k := range t.Numbering.Missing {
		if slices.ContainsFunc(gaps, func(g analysis.Gap) bool { return g.Number == k }) {
			continue
		}
		gap := analysis.Gap{Kind: analysis.GapNumber, Number: k}
		for i, n := range t.Numbering.Numbers {
			if n != nil && *n < k && i < len(t.Posts) {
				gap.After = t.Posts[i]
			}
		}
		gaps = append(gaps, gap)
	}
	return gaps
}

func (s *source) readPosts(ctx context.Context, doc *Document) error {
	all := doc.All()
	found := make(map[syntax.ATURI]store.Post, len(all))
	if !doc.Alone() {
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
		if p.Status == store.Missing {
			continue
		}
		if why := s.x.withholdsPost(p); why != "" {
			doc.Withheld[uri] = why
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
			list = append(list, EarlierVersion{former, v.Seen})
		}
		if len(list) > 0 && uri == doc.Thread.Root {
			doc.slug = slug(title(list[0].Text))
		}
		if !s.x.Public || s.x.Include.Deleted {
			if doc.Earlier == nil {
				doc.Earlier = map[syntax.ATURI][]EarlierVersion{}
			}
			doc.Earlier[uri] = list
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
			p, err := s.r.Post(ctx, other)
			if errors.Is(err, store.ErrNotFound) || err == nil && p.Status == store.Missing {
				continue
			}
			if err != nil {
				return err
			}
			acc, err := s.account(ctx, p.Author())
			if err != nil && !errors.Is(err, store.ErrNotFound) {
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

func (s *source) readClaims(ctx context.Context, doc *Document) error {
	var claims []store.Claim
	if !doc.Alone() {
		var err error
		claims, err = store.Collect(s.r.Claims(ctx, store.Query{Thread: doc.Thread.Root, Oldest: true}))
		if err != nil {
			return err
		}
	}
	read := map[string]bool{}
	for _, c := range claims {
		if c.Passage.Claim != nil {
			read[c.Passage.Claim.ID] = true
		}
	}
	for uri, p := range doc.Posts {
		if p.Thread != "" {
			continue
		}
		loose, err := s.loose(ctx, uri)
		if err != nil {
			return err
		}
		for _, c := range loose {
			if c.Passage.Claim != nil && !read[c.Passage.Claim.ID] {
				claims = append(claims, c)
			}
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
