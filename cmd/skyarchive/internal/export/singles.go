package export

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/search"
)

// A stretch of time holds about so many posts outside threads: they are read at once, with
// their claims.
const stretchPosts = 1000

// singles yields the selected posts outside threads, oldest first. A deleted post that
// threads showed in its place is not among them, so threads comes first.
func (s *source) singles(ctx context.Context) iter.Seq2[*Document, error] {
	return func(yield func(*Document, error) bool) {
		if s.x.ThreadsOnly {
			return
		}
		if s.x.Post != "" {
			p, err := s.r.Post(ctx, s.x.Post)
			if err != nil {
				yield(nil, err)
			} else if p.Thread == "" && !s.inGap[p.URI] {
				s.yieldSingles(ctx, []store.Post{p}, yield)
			}
			return
		}
		plan, err := s.planSingles(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, uri := range plan.undated {
			p, err := s.r.Post(ctx, uri)
			if err != nil {
				yield(nil, err)
				return
			}
			if !s.yieldSingles(ctx, []store.Post{p}, yield) {
				return
			}
		}
		for from, to := range plan.stretches() {
			posts, err := s.singlesIn(ctx, plan.authors, from, to)
			if err != nil {
				yield(nil, err)
				return
			}
			if !s.yieldSingles(ctx, posts, yield) {
				return
			}
		}
	}
}

// A singlesPlan is what is known of the posts outside threads before they are read.
type singlesPlan struct {
	authors []syntax.DID
	undated []syntax.ATURI
	ages    []int64 // of all others, in microseconds
}

func (s *source) planSingles(ctx context.Context) (singlesPlan, error) {
	var plan singlesPlan
	q := s.x.Query
	q.Oldest = true
	for p, err := range s.r.Posts(ctx, q) {
		if err != nil {
			return plan, err
		}
		if p.Thread != "" {
			continue
		}
		if p.Age().IsZero() {
			plan.undated = append(plan.undated, p.URI)
			continue
		}
		plan.authors = appendNew(plan.authors, p.Author())
		plan.ages = append(plan.ages, p.Age().UnixMicro())
	}
	slices.Sort(plan.ages)
	return plan, nil
}

// stretches yields times, both inclusive, that hold every age once.
func (p *singlesPlan) stretches() iter.Seq2[time.Time, time.Time] {
	return func(yield func(time.Time, time.Time) bool) {
		for start := 0; start < len(p.ages); {
			end := min(start+stretchPosts, len(p.ages))
			for end < len(p.ages) && p.ages[end] == p.ages[end-1] {
				end++
			}
			if !yield(time.UnixMicro(p.ages[start]), time.UnixMicro(p.ages[end-1])) {
				return
			}
			start = end
		}
	}
}

// singlesIn reads the selected posts outside threads of a time.
func (s *source) singlesIn(ctx context.Context, authors []syntax.DID, from, to time.Time) ([]store.Post, error) {
	var posts []store.Post
	for _, did := range authors {
		q := s.x.Query
		q.DID, q.Oldest = did, true
		where, err := during(q.Where, from, to)
		if err != nil {
			return nil, err
		}
		q.Where = where
		for p, err := range s.r.Posts(ctx, q) {
			if err != nil {
				return nil, err
			}
			age := p.Age().UnixMicro()
			if p.Thread == "" && !s.inGap[p.URI] && !p.Age().IsZero() && from.UnixMicro() <= age && age <= to.UnixMicro() {
				posts = append(posts, p)
			}
		}
	}
	slices.SortStableFunc(posts, func(a, b store.Post) int { return a.Age().Compare(b.Age()) })
	return posts, nil
}

// yieldSingles yields posts, oldest first, with their claims.
func (s *source) yieldSingles(ctx context.Context, posts []store.Post, yield func(*Document, error) bool) bool {
	claims, err := s.looseClaims(ctx, posts)
	if err != nil {
		yield(nil, err)
		return false
	}
	for _, p := range posts {
		t := store.Thread{DID: p.Author(), ID: atproto.KeyOf(p.URI), Age: p.Age(), Dates: p.Dates()}
		t.Root, t.Posts, t.Complete = p.URI, []syntax.ATURI{p.URI}, true
		doc, err := s.document(ctx, t, map[syntax.ATURI]store.Post{p.URI: p}, claims[p.URI])
		if err != nil {
			yield(nil, err)
			return false
		}
		if doc != nil && !yield(doc, nil) {
			return false
		}
	}
	return true
}

// looseClaims are the claims of posts in no thread, in order of age: those that stand alone,
// and deleted parts.
func (s *source) looseClaims(ctx context.Context, posts []store.Post) (map[syntax.ATURI][]store.Claim, error) {
	claims := map[syntax.ATURI][]store.Claim{}
	wanted := map[syntax.DID]map[syntax.ATURI]bool{}
	for _, p := range posts {
		if wanted[p.Author()] == nil {
			wanted[p.Author()] = map[syntax.ATURI]bool{}
		}
		wanted[p.Author()][p.URI] = true
	}
	for did, uris := range wanted {
		q := store.Query{DID: did, Oldest: true}
		if first, last := posts[0].Age(), posts[len(posts)-1].Age(); !first.IsZero() {
			where, err := during(nil, first, last)
			if err != nil {
				return nil, err
			}
			q.Where = where
		}
		for c, err := range s.r.Claims(ctx, q) {
			if err != nil {
				return nil, err
			}
			if uris[c.Post] {
				claims[c.Post] = append(claims[c.Post], c)
			}
		}
	}
	return claims, nil
}

// during narrows a selection to posts of a time. A post may claim to be of a year that no date
// field knows, such as 0 or 10000: then there is no bound on that side.
func during(where search.Expr, from, to time.Time) (search.Expr, error) {
	var all search.And
	if where != nil {
		all = append(all, where)
	}
	for _, bound := range []struct {
		name string
		at   time.Time
	}{{"since", from.UTC()}, {"until", to.UTC()}} {
		if year := bound.at.Year(); year < 1 || year > 9999 {
			continue
		}
		field, err := search.NewField(bound.name, bound.at.Format(time.RFC3339Nano), search.Options{})
		if err != nil {
			return nil, err
		}
		all = append(all, field)
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}
