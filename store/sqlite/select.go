package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"slices"

	"skyarchive/store"
)

// among is a list of ids as a table.
const among = `IN (SELECT value FROM json_each(?))`

// jsonIDs is a list for among.
func jsonIDs(ids []int64) string {
	text, _ := json.Marshal(ids) // numbers always can be
	return string(text)
}

// mostAtOnce is how many posts are looked up at a time at the most.
const mostAtOnce = 4096

// eachChunk calls fn with the posts of a cursor, newest first, a few at first and more and
// more at a time, until fn wants no more.
func eachChunk(ctx context.Context, c cursor, fn func(ids []int64) (more bool, err error)) error {
	id := newest
	for size := 32; ; size = min(size*2, mostAtOnce) {
		ids, err := next(ctx, c, id, size)
		if err != nil || len(ids) == 0 {
			return err
		}
		id = ids[len(ids)-1] - 1
		if more, err := fn(ids); !more || err != nil {
			return err
		}
	}
}

// selected is a cursor over the posts that a query selects.
func (r *reader) selected(ctx context.Context, q store.Query) (cursor, error) {
	e, err := r.evaluator(ctx, q)
	if err != nil {
		return nil, err
	}
	return e.query(ctx, q)
}

// selectPosts yields the posts that a query with an expression selects.
func (r *reader) selectPosts(ctx context.Context, q store.Query, yield func(store.Post) error) error {
	c, err := r.selected(ctx, q)
	if err != nil {
		return err
	}
	clause := `WHERE p.id ` + among + ` ORDER BY ` + newestFirst(q, "p.id")
	if q.Oldest {
		ids, err := next(ctx, c, newest, math.MaxInt)
		if err != nil {
			return err
		}
		slices.Reverse(ids)
		if q.Limit > 0 {
			ids = ids[:min(q.Limit, len(ids))]
		}
		for chunk := range slices.Chunk(ids, mostAtOnce) {
			if err := r.eachPost(ctx, clause, []any{jsonIDs(chunk)}, yield); err != nil {
				return err
			}
		}
		return nil
	}
	left := math.MaxInt
	if q.Limit > 0 {
		left = q.Limit
	}
	return eachChunk(ctx, c, func(ids []int64) (bool, error) {
		ids = ids[:min(left, len(ids))]
		left -= len(ids)
		return left > 0, r.eachPost(ctx, clause, []any{jsonIDs(ids)}, yield)
	})
}

// threads yields the threads of which a query with an expression selects a post.
func (r *reader) threads(ctx context.Context, q store.Query, yield func(store.Thread) error) error {
	c, err := r.selected(ctx, q)
	if err != nil {
		return err
	}
	type found struct{ id, age, root int64 }
	var threads []found
	seen := map[int64]bool{}
	byAge := func(a, b found) int {
		if c := slices.Compare([]int64{b.age, b.root}, []int64{a.age, a.root}); !q.Oldest {
			return c
		}
		return slices.Compare([]int64{a.age, a.root}, []int64{b.age, b.root})
	}
	err = eachChunk(ctx, c, func(ids []int64) (bool, error) {
		// A thread is no newer than its posts, so older posts add nothing to a full page of
		// newer threads.
		if n := q.Limit; n > 0 && len(threads) >= n && !q.Oldest {
			slices.SortFunc(threads, byAge)
			if threads[n-1].age > (ids[0]+epoch+1)*1_000_000 {
				return false, nil
			}
		}
		const query = `SELECT DISTINCT t.id, t.age, t.root FROM thread_post tp JOIN thread t ON t.id = tp.thread WHERE tp.post ` + among
		return true, r.c.each(ctx, query, []any{jsonIDs(ids)}, func(rows *sql.Rows) error {
			var f found
			err := rows.Scan(&f.id, &f.age, &f.root)
			if !seen[f.id] {
				seen[f.id] = true
				threads = append(threads, f)
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	slices.SortFunc(threads, byAge)
	if q.Limit > 0 {
		threads = threads[:min(q.Limit, len(threads))]
	}
	ids := make([]int64, len(threads))
	for i, f := range threads {
		ids[i] = f.id
	}
	return r.eachThread(ctx, `WHERE t.id `+among+` ORDER BY `+newestFirst(q, "t.age", "t.root"), []any{jsonIDs(ids)}, yield)
}
