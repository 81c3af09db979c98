package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"math"
	"slices"
	"strings"

	"skyarchive/store"
	"skyarchive/store/search"
)

// chunks yields the hits of a list in the order of a query, a few at first and more and more
// at a time, each as a JSON list of ids.
func chunks(q store.Query, list []hit) iter.Seq2[[]hit, string] {
	return func(yield func([]hit, string) bool) {
		for size := 32; len(list) > 0; size = min(size*2, 4096) {
			n := min(size, len(list))
			var chunk []hit
			if q.Oldest {
				chunk, list = list[:n], list[n:]
			} else {
				chunk, list = slices.Clone(list[len(list)-n:]), list[:len(list)-n]
				slices.Reverse(chunk)
			}
			if !yield(chunk, idList(chunk)) {
				return
			}
		}
	}
}

// among is a list of ids as a table.
const among = `IN (SELECT value FROM json_each(?))`

func idList(list []hit) string {
	ids := make([]int64, len(list))
	for i, h := range list {
		ids[i] = h.id
	}
	text, _ := json.Marshal(ids) // numbers always can be
	return string(text)
}

// A claimRow is what decides whether a claim is selected.
type claimRow struct {
	row, post             int64
	kind, status, verdict string
	number                bool
	source                string
	topics                []string
}

// A claimTest says whether claims are selected, and by which posts at most: among is nil for
// all of them.
type claimTest struct {
	of    func(*claimRow) bool
	among []hit
	any   bool // among is all posts
	own   bool // it looks at the claim, not only at its post
}

// claimTest makes a test of an expression. Topic, kind, status, verdict, source and has are
// the claim's own; words are looked for in the whole post, because a claim is read in it.
func (e *evaluator) claimTest(ctx context.Context, expr search.Expr) (claimTest, error) {
	if expr != nil && !looksAtClaims(expr) {
		list, err := e.eval(ctx, expr)
		return ofPosts(list), err
	}
	switch expr := expr.(type) {
	case search.And:
		return e.claimTests(ctx, expr, false)
	case search.Or:
		return e.claimTests(ctx, expr, true)
	case search.Not:
		t, err := e.claimTest(ctx, expr.Expr)
		return claimTest{of: func(c *claimRow) bool { return !t.of(c) }, any: true, own: t.own}, err
	case search.Field:
		list, err := e.field(ctx, expr)
		return claimTest{of: ownField(expr), among: list, own: true}, err
	}
	return claimTest{of: func(*claimRow) bool { return true }, any: true}, nil
}

// claimTests makes one test of several: all must hold, or any. Those that look at the post
// alone are one expression.
func (e *evaluator) claimTests(ctx context.Context, parts []search.Expr, any bool) (claimTest, error) {
	var tests []claimTest
	var ofPost []search.Expr
	for _, part := range parts {
		if !looksAtClaims(part) {
			ofPost = append(ofPost, part)
			continue
		}
		t, err := e.claimTest(ctx, part)
		if err != nil {
			return claimTest{}, err
		}
		tests = append(tests, t)
	}
	if ofPost != nil {
		whole := search.Expr(search.And(ofPost))
		if any {
			whole = search.Or(ofPost)
		}
		list, err := e.eval(ctx, whole)
		if err != nil {
			return claimTest{}, err
		}
		tests = append(tests, ofPosts(list))
	}
	all := claimTest{any: !any}
	for _, t := range tests {
		all.own = all.own || t.own
		switch {
		case any:
			all.any = all.any || t.any
			all.among = e.room.union(all.among, t.among, best)
		case t.any:
		case all.any:
			all.any, all.among = false, slices.Clone(t.among)
		default:
			all.among = intersect(all.among, slices.Clone(t.among))
		}
	}
	all.of = func(c *claimRow) bool {
		return any == slices.ContainsFunc(tests, func(t claimTest) bool { return any == t.of(c) })
	}
	return all, nil
}

// ofPosts is the test whether a claim is of one of some posts.
func ofPosts(list []hit) claimTest {
	return claimTest{of: func(c *claimRow) bool { return contains(list, c.post) }, among: list}
}

// looksAtClaims says whether there is a field in an expression that is the claim's own.
func looksAtClaims(e search.Expr) bool {
	switch e := e.(type) {
	case search.And:
		return slices.ContainsFunc(e, looksAtClaims)
	case search.Or:
		return slices.ContainsFunc(e, looksAtClaims)
	case search.Not:
		return looksAtClaims(e.Expr)
	case search.Field:
		return ownField(e) != nil
	}
	return false
}

// ownField is the test of a field that is the claim's own, nil for any other.
func ownField(f search.Field) func(*claimRow) bool {
	switch f.Name {
	case "topic":
		return func(c *claimRow) bool { return slices.Contains(c.topics, f.Value) }
	case "layer":
		topics := search.TopicsOf(f.Value, nil)
		return func(c *claimRow) bool {
			return slices.ContainsFunc(c.topics, func(t string) bool { return slices.Contains(topics, t) })
		}
	case "kind":
		return func(c *claimRow) bool { return c.kind == f.Value }
	case "status":
		return func(c *claimRow) bool { return c.status == f.Value }
	case "verdict":
		return func(c *claimRow) bool { return c.verdict == f.Value }
	case "has":
		switch f.Value {
		case "number":
			return func(c *claimRow) bool { return c.number }
		case "source":
			return func(c *claimRow) bool { return c.source != "" }
		}
	}
	return nil
}

// selectClaims calls fn with the claims that a query selects, in its order, some at a time,
// until fn wants no more.
func (r *reader) selectClaims(ctx context.Context, q store.Query, fn func(rows []int64) (more bool, err error)) error {
	e, err := r.evaluator(ctx)
	if err != nil {
		return err
	}
	test, err := e.claimTest(ctx, q.Where)
	if err != nil {
		return err
	}
	term, worthy := checkWorthyOnly, `AND c.checkworthy `
	if q.All {
		term, worthy = anyClaim, ``
	}
	list, err := e.property(ctx, term)
	if err != nil {
		return err
	}
	if !test.any {
		list = intersect(list, slices.Clone(test.among))
	}
	if list, err = e.narrow(ctx, q, list); err != nil {
		return err
	}
	order := `c.post DESC`
	if q.Oldest {
		order = `c.post`
	}
	query := `SELECT c.rowid, c.post, c.kind, c.status, c.verdict, c.has_number, c.source,
		(SELECT group_concat(t.name) FROM topic_tag g JOIN topic t ON t.id = g.topic WHERE g.post = c.post AND g.start_byte = c.start_byte)
		FROM claim c WHERE c.post ` + among + worthy + `ORDER BY ` + order + `, c.start_byte`
	if !test.own {
		query = `SELECT c.rowid, c.post, '', '', '', 0, '', NULL FROM claim c WHERE c.post ` + among + worthy + `ORDER BY ` + order + `, c.start_byte`
	}
	for _, ids := range chunks(q, list) {
		var found []int64
		err := r.c.each(ctx, query, []any{ids}, func(rows *sql.Rows) error {
			var c claimRow
			var topics sql.NullString
			if err := rows.Scan(&c.row, &c.post, &c.kind, &c.status, &c.verdict, &c.number, &c.source, &topics); err != nil {
				return err
			}
			c.topics = strings.Split(topics.String, ",")
			if test.of(&c) {
				found = append(found, c.row)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if more, err := fn(found); err != nil || !more {
			return err
		}
	}
	return nil
}

// claims yields the claims that a query with an expression selects.
func (r *reader) claims(ctx context.Context, q store.Query, yield func(store.Claim) error) error {
	left := q.Limit
	order := ` ORDER BY c.post DESC, c.start_byte`
	if q.Oldest {
		order = ` ORDER BY c.post, c.start_byte`
	}
	return r.selectClaims(ctx, q, func(found []int64) (bool, error) {
		if q.Limit > 0 {
			found = found[:min(left, len(found))]
			left -= len(found)
		}
		ids, err := json.Marshal(found)
		if err != nil || len(found) == 0 {
			return true, err
		}
		err = r.eachClaim(ctx, `WHERE c.rowid `+among+order, []any{string(ids)}, yield)
		return q.Limit <= 0 || left > 0, err
	})
}

// threads yields the threads of which a query with an expression selects a post.
func (r *reader) threads(ctx context.Context, q store.Query, yield func(store.Thread) error) error {
	list, err := r.selected(ctx, q)
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
	for chunk, ids := range chunks(q, list) {
		// A thread is no newer than its posts, so older posts add nothing to a full page of
		// newer threads.
		if n := q.Limit; n > 0 && len(threads) >= n && !q.Oldest {
			slices.SortFunc(threads, byAge)
			if threads[n-1].age > (chunk[0].id+epoch+1)*1_000_000 {
				break
			}
		}
		const query = `SELECT DISTINCT t.id, t.age, t.root FROM thread_post tp JOIN thread t ON t.id = tp.thread WHERE tp.post ` + among
		err := r.c.each(ctx, query, []any{ids}, func(rows *sql.Rows) error {
			var f found
			err := rows.Scan(&f.id, &f.age, &f.root)
			if !seen[f.id] {
				seen[f.id] = true
				threads = append(threads, f)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(threads, byAge)
	if q.Limit > 0 {
		threads = threads[:min(q.Limit, len(threads))]
	}
	ids := make([]hit, len(threads))
	for i, f := range threads {
		ids[i].id = f.id
	}
	return r.eachThread(ctx, `WHERE t.id `+among+` ORDER BY `+newest(q, "t.age", "t.root"), []any{idList(ids)}, yield)
}

// selected is the posts that a query selects.
func (r *reader) selected(ctx context.Context, q store.Query) ([]hit, error) {
	e, err := r.evaluator(ctx)
	if err != nil {
		return nil, err
	}
	return e.query(ctx, q)
}

// selectPosts yields the posts that a query with an expression selects.
func (r *reader) selectPosts(ctx context.Context, q store.Query, yield func(store.Post) error) error {
	list, err := r.selected(ctx, q)
	if err != nil {
		return err
	}
	if q.Thread != "" {
		return r.eachPost(ctx, `JOIN thread_post tp ON tp.post = p.id WHERE p.id `+among+` ORDER BY tp.branch, tp.position`+limit(q), []any{idList(list)}, yield)
	}
	if q.Limit > 0 && q.Oldest {
		list = list[:min(q.Limit, len(list))]
	} else if q.Limit > 0 {
		list = list[max(len(list)-q.Limit, 0):]
	}
	for _, ids := range chunks(q, list) {
		if err := r.eachPost(ctx, `WHERE p.id `+among+` ORDER BY `+newest(q, "p.id"), []any{ids}, yield); err != nil {
			return err
		}
	}
	return nil
}

// Count implements [store.Reader].
func (r *reader) Count(ctx context.Context, q store.Query, limit int) (n store.Counts, err error) {
	if err := r.begin(ctx); err != nil {
		return n, err
	}
	if limit <= 0 {
		limit = math.MaxInt
	}
	list, err := r.selected(ctx, q)
	if err != nil {
		return n, err
	}
	n.Posts = min(len(list), limit)
	threads := map[int64]bool{}
	for _, ids := range chunks(q, list) {
		err := r.c.each(ctx, `SELECT DISTINCT thread FROM thread_post WHERE post `+among, []any{ids}, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			threads[id] = true
			return err
		})
		if err != nil {
			return n, err
		}
		if len(threads) >= limit {
			break
		}
	}
	n.Threads = min(len(threads), limit)
	err = r.selectClaims(ctx, q, func(found []int64) (bool, error) {
		n.Claims = min(n.Claims+len(found), limit)
		return n.Claims < limit, nil
	})
	return n, err
}
