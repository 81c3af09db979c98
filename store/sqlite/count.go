package sqlite

import (
	"context"
	"database/sql"
	"math"

	"skyarchive/store"
)

// fromIDs is a list of ids, in its order, for a join: a table that is looked into for each of
// many ids is faster so than with [among].
const fromIDs = ` FROM json_each(?) j CROSS JOIN `

// Count implements [store.Reader].
func (r *reader) Count(ctx context.Context, q store.Query, limit int) (n store.Counts, err error) {
	if err := r.begin(ctx); err != nil {
		return n, err
	}
	if limit <= 0 {
		limit = math.MaxInt
	}
	c, err := r.selected(ctx, q)
	if err != nil {
		return n, err
	}
	threads := map[int64]bool{}
	err = eachChunk(ctx, c, func(ids []int64) (bool, error) {
		n.Posts = min(n.Posts+len(ids), limit)
		if len(threads) >= limit {
			return n.Posts < limit, nil
		}
		const query = `SELECT tp.thread` + fromIDs + `thread_post tp ON tp.post = j.value`
		return true, r.c.each(ctx, query, []any{jsonIDs(ids)}, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			threads[id] = true
			return err
		})
	})
	if err != nil {
		return n, err
	}
	n.Threads = min(len(threads), limit)
	n.Claims, err = r.countClaims(ctx, q, limit)
	return n, err
}

// countClaims counts them up to a limit.
func (r *reader) countClaims(ctx context.Context, q store.Query, limit int) (n int, err error) {
	s, err := r.selectClaims(ctx, q)
	if err != nil {
		return 0, err
	}
	if s.test.own {
		err = s.each(ctx, func(found []claimKey) (bool, error) {
			n = min(n+len(found), limit)
			return n < limit, nil
		})
		return n, err
	}
	query := `SELECT count(*)` + fromIDs + `claim c ON c.post = j.value` + s.worthy
	err = eachChunk(ctx, s.posts, func(ids []int64) (bool, error) {
		var some int
		err := r.c.row(ctx, query, []any{jsonIDs(ids)}, &some)
		n = min(n+some, limit)
		return n < limit, err
	})
	return n, err
}
