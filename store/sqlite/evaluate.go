package sqlite

import (
	"context"
	"errors"
	"slices"

	"skyarchive/analysis/topic"
	"skyarchive/store"
	"skyarchive/store/search"
)

// An evaluator makes cursors of expressions. Each word and property is a list in the index;
// what stands around them walks through the lists together.
type evaluator struct {
	r      *reader
	ranked bool // scores will be asked for
	topics *topic.Taxonomy
	posts  float64 // in the archive, about
	hints  []string
}

// evaluator makes one for a query.
func (r *reader) evaluator(ctx context.Context, q store.Query) (*evaluator, error) {
	if r.flushWords != nil {
		if err := r.flushWords(ctx); err != nil {
			return nil, err
		}
	}
	e := &evaluator{r: r, ranked: q.Best, topics: q.Topics}
	err := r.c.row(ctx, `SELECT total(posts) FROM account`, nil, &e.posts)
	return e, err
}

// query is the posts that a query selects.
func (e *evaluator) query(ctx context.Context, q store.Query) (cursor, error) {
	c, err := e.eval(ctx, q.Where)
	if err != nil {
		return nil, err
	}
	return e.narrow(ctx, q, c)
}

// narrow is the posts that have what a query asks for besides its expression.
func (e *evaluator) narrow(ctx context.Context, q store.Query, c cursor) (cursor, error) {
	parts, excluded := []cursor{c}, []cursor(nil)
	if q.DID != "" {
		id, err := e.r.accountID(ctx, q.DID)
		if errors.Is(err, store.ErrNotFound) {
			return new(idList), nil
		}
		if err != nil {
			return nil, err
		}
		parts = append(parts, e.r.property(ofAccount(id)))
	}
	if q.Thread != "" {
		ids, err := e.r.inThread(ctx, q.Thread)
		if err != nil {
			return nil, err
		}
		slices.Sort(ids)
		list := idList(ids)
		parts = append(parts, &list)
	}
	if q.Live {
		excluded = append(excluded, e.r.property(notLive))
	}
	if len(parts) == 1 && excluded == nil {
		return c, nil
	}
	return newBoth(parts, excluded), nil
}

// eval is what an expression selects: everything if it is nil.
func (e *evaluator) eval(ctx context.Context, expr search.Expr) (cursor, error) {
	switch expr := expr.(type) {
	case nil:
		return e.r.property(anyPost), nil
	case search.And:
		return e.and(ctx, expr)
	case search.Or:
		parts := make([]cursor, 0, len(expr))
		for _, part := range expr {
			c, err := e.eval(ctx, part)
			if err != nil {
				return nil, err
			}
			parts = append(parts, c)
		}
		return newEither(parts, false), nil
	case search.Not:
		return e.and(ctx, search.And{expr})
	case search.Word:
		return e.word(ctx, expr)
	case search.Phrase:
		return e.phrase(ctx, expr.Words(), false)
	case search.Prefix:
		return e.phrase(ctx, expr.Words(), !expr.Whole())
	case search.Field:
		return e.field(ctx, expr)
	}
	return new(idList), nil
}

// and is what all parts select: what they have in common, without what they exclude.
func (e *evaluator) and(ctx context.Context, exprs search.And) (cursor, error) {
	var parts, excluded []cursor
	times := 0
	for _, expr := range exprs {
		not, isNot := expr.(search.Not)
		if isNot {
			expr = not.Expr
		}
		f, _ := expr.(search.Field)
		if !isNot && (f.Name == "since" || f.Name == "until") {
			c, err := e.during(ctx, f)
			if err != nil {
				return nil, err
			}
			parts = append(parts, c)
			times++
			continue
		}
		c, err := e.eval(ctx, expr)
		if err != nil {
			return nil, err
		}
		if isNot {
			excluded = append(excluded, c)
		} else {
			parts = append(parts, c)
		}
	}
	if len(parts) == times { // a time does not know which posts there are
		parts = append(parts, e.r.property(anyPost))
	}
	return newBoth(parts, excluded), nil
}
