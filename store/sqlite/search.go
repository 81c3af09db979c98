package sqlite

import (
	"context"

	"skyarchive/store"
	"skyarchive/store/search"
)

// compile makes SQL of an expression: a condition on post p (and claim c, if claims are
// selected) with its arguments.
func compile(e search.Expr, of target) (string, []any, error) { return "1", nil, nil }

// Search implements [store.Reader].
func (r *reader) Search(ctx context.Context, q store.Query) (store.Hits, error) {
	return store.Hits{}, r.begin(ctx)
}

// Count implements [store.Reader].
func (r *reader) Count(ctx context.Context, q store.Query, limit int) (store.Counts, error) {
	return store.Counts{}, r.begin(ctx)
}
