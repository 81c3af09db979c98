package export

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// loadAccounts reads every account, and where deleted posts stood, so that rows can be
// written while a query is ranged over.
func (s *source) loadAccounts(ctx context.Context) error {
	accounts, err := store.Collect(s.r.Accounts(ctx))
	if err != nil {
		return err
	}
	for _, acc := range accounts {
		if _, err := s.account(ctx, acc.DID); err != nil {
			return err
		}
	}
	s.gone = map[syntax.ATURI]place{}
	for _, acc := range accounts {
		if did := s.x.Query.DID; did != "" && did != acc.DID {
			continue
		}
		if err := s.loadGaps(ctx, acc.DID); err != nil {
			return err
		}
	}
	return nil
}

// loadGaps reads in which threads of an account deleted posts left gaps.
func (s *source) loadGaps(ctx context.Context, did syntax.DID) error {
	for t, err := range s.r.Assembled(ctx, did) {
		if err != nil {
			return err
		}
		for _, gap := range t.Gaps {
			at := place{root: t.Root, of: len(t.Posts)}
			if gap.Number > 0 {
				at.number = t.Part(gap.Number)
			}
			if gap.URI != "" {
				s.gone[gap.URI] = at
			}
		}
	}
	return nil
}

// inPost is the selection by Post as a query: the thread that it is in, else its account.
func (s *source) inPost(ctx context.Context) (q store.Query, alone bool, err error) {
	post, err := s.r.Post(ctx, s.x.Post)
	if err != nil {
		return q, false, err
	}
	t, err := s.r.Thread(ctx, s.x.Post)
	if errors.Is(err, store.ErrNotFound) {
		return store.Query{DID: post.Author()}, true, nil
	}
	return store.Query{Thread: t.Root}, false, err
}

// posts yields the selected posts that the audience may see, oldest first, and counts
// them. loadAccounts comes first.
func (s *source) posts(ctx context.Context) iter.Seq2[store.Post, error] {
	return func(yield func(store.Post, error) bool) {
		q, alone := s.x.Query, false
		if s.x.Post != "" {
			var err error
			if q, alone, err = s.inPost(ctx); err != nil {
				yield(store.Post{}, err)
				return
			}
		}
		q.Oldest = true
		for p, err := range s.r.Posts(ctx, q) {
			if err != nil {
				yield(p, err)
				return
			}
			p.Thread = cmp.Or(p.Thread, s.gone[p.URI].root)
			if alone && p.URI != s.x.Post || p.Status.Wordless() && s.x.Public || s.x.ThreadsOnly && p.Thread == "" {
				continue
			}
			if why := s.x.withholdsOther(p, s.accounts[p.Author()]); why != "" {
				s.leaveOut(p.URI, why)
				continue
			}
			s.x.summary.Posts++
			if !yield(p, nil) {
				return
			}
		}
	}
}

// claims yields the selected claims that the audience may see. loadAccounts comes first.
func (s *source) claims(ctx context.Context, counted bool) iter.Seq2[store.Claim, error] {
	return func(yield func(store.Claim, error) bool) {
		for c, err := range s.allClaims(ctx) {
			if err != nil {
				yield(c, err)
				return
			}
			if why := s.withholdsClaim(c); why != "" {
				s.leaveOut(c.Post, why)
				continue
			}
			switch {
			case !counted:
			case c.Passage.Claim.CheckWorthy:
				s.x.summary.Claims++
			default:
				s.x.summary.Assertions++
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// allClaims yields the selected claims, whoever the audience is.
func (s *source) allClaims(ctx context.Context) iter.Seq2[store.Claim, error] {
	return func(yield func(store.Claim, error) bool) {
		q, alone := s.x.Query, false
		if s.x.Post != "" {
			var err error
			if q, alone, err = s.inPost(ctx); err != nil {
				yield(store.Claim{}, err)
				return
			}
			q.All = s.x.Query.All
		}
		q.Oldest = true
		for c, err := range s.r.Claims(ctx, q) {
			if err != nil {
				yield(c, err)
				return
			}
			c.Thread = cmp.Or(c.Thread, s.gone[c.Post].root)
			if c.Passage.Claim == nil || alone && c.Post != s.x.Post || s.x.ThreadsOnly && c.Thread == "" {
				continue
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// withholdsClaim says why the public is not shown a claim, "" if it is.
func (s *source) withholdsClaim(c store.Claim) reason {
	acc := s.accounts[c.Author.DID]
	switch {
	case !s.x.Public:
		return ""
	case acc == nil:
		return wishUnknown
	case s.x.withholdsAccount(acc) != "":
		return s.x.withholdsAccount(acc)
	case c.Status == store.Gone && !s.x.Include.Deleted:
		return wasDeleted
	case slices.Contains(c.Labels, hideGuest) && !s.x.Include.Hidden:
		return asksLogin
	}
	return ""
}

// forPublic takes out of what is told of a thread what comes from posts that are not shown.
func (s *source) forPublic(ctx context.Context, t *store.Thread) error {
	withheld := map[syntax.ATURI]bool{}
	for p, err := range s.r.Posts(ctx, store.Query{Thread: t.Root}) {
		if err != nil {
			return err
		}
		if s.x.withholdsPost(p) != "" {
			withheld[p.URI] = true
		}
	}
	if len(withheld) == 0 {
		return nil
	}
	if withheld[t.Root] {
		t.FirstLine = ""
	}
	t.Claims, t.Topics = 0, []string{}
	for c, err := range s.r.Claims(ctx, store.Query{Thread: t.Root}) {
		if err != nil {
			return err
		}
		if !withheld[c.Post] {
			t.Claims, t.Topics = t.Claims+1, appendNew(t.Topics, topicSlugs(c.Passage)...)
		}
	}
	return nil
}

// places says of each post of a thread where it stands.
func (s *source) places(ctx context.Context) (map[syntax.ATURI]place, error) {
	places := map[syntax.ATURI]place{}
	add := func(t store.Thread) {
		doc := Document{Thread: t}
		for i, uri := range t.Posts {
			places[uri] = place{t.Root, i + 1, len(t.Posts), doc.number(i)}
		}
		for _, uri := range slices.Concat(t.Branches...) {
			places[uri] = place{root: t.Root, of: len(t.Posts)}
		}
		for _, gap := range t.Gaps {
			if at, ok := s.gone[gap.URI]; ok && at.root == t.Root {
				places[gap.URI] = at
			}
		}
	}
	if s.x.Post != "" {
		t, err := s.r.Thread(ctx, s.x.Post)
		if err == nil {
			add(t)
		}
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return places, err
	}
	for t, err := range s.r.Threads(ctx, store.Query{DID: s.x.Query.DID, Where: s.x.Query.Where}) {
		if err != nil {
			return nil, err
		}
		if s.x.Public {
			if acc := s.accounts[t.DID]; acc == nil || s.x.withholdsAccount(acc) != "" {
				continue
			}
		}
		add(t)
	}
	return places, nil
}

// whole says whether everything of the archive, or of one account, is selected.
func (s *source) whole() bool {
	return s.x.Query.Where == nil && s.x.Post == "" && !s.x.ThreadsOnly && s.x.Query.Limit == 0 && !s.x.Query.Live
}

// ownedBy says whether an account is selected.
func (s *source) ownedBy(did syntax.DID) bool {
	if s.x.Post != "" {
		return atproto.AuthorOf(s.x.Post) == string(did)
	}
	return s.x.Query.DID == "" || s.x.Query.DID == did
}
