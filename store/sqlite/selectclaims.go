package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"
	"strings"

	"skyarchive/store"
)

// A claimKey is the row of a claim and of its post.
type claimKey struct{ row, post int64 }

// A claimSelection is the claims that a query selects: those of some posts that stand up to
// a test.
type claimSelection struct {
	r      *reader
	test   claimTest
	posts  cursor
	asked  []cursor // what the test asks of their posts
	worthy string   // condition
}

func (r *reader) selectClaims(ctx context.Context, q store.Query) (s claimSelection, err error) {
	e, err := r.evaluator(ctx, q)
	if err != nil {
		return s, err
	}
	t := claimTester{evaluator: e}
	s.r = r
	if s.test, err = t.test(ctx, q.Where); err != nil {
		return s, err
	}
	s.asked = t.posts
	term := anyClaim
	if !q.All {
		term, s.worthy = checkWorthyOnly, ` AND c.checkworthy`
	}
	parts := []cursor{r.property(term)}
	if s.test.among != nil {
		parts = append(parts, s.test.among)
	}
	s.posts, err = e.narrow(ctx, q, newBoth(parts, nil))
	return s, err
}

// each calls fn with the claims, those of the newest posts first, some at a time, until fn
// wants no more.
func (s *claimSelection) each(ctx context.Context, fn func(found []claimKey) (more bool, err error)) error {
	w := &witness{cursor: s.posts}
	claims := s.claimsOf
	if s.test.own {
		w.others, claims = s.asked, s.testedOf
	}
	return eachChunk(ctx, w, func(ids []int64) (bool, error) {
		found, err := claims(ctx, ids, w)
		if err != nil {
			return false, err
		}
		return fn(found)
	})
}

// A witness is a cursor that notes of each post it comes to which others are there too.
type witness struct {
	cursor
	others []cursor
	seen   []bool // for each post in turn, of each of the others
}

func (w *witness) seek(ctx context.Context, id int64) (int64, error) {
	id, err := w.cursor.seek(ctx, id)
	if id == none || err != nil {
		return id, err
	}
	for _, other := range w.others {
		at, err := other.seek(ctx, id)
		if err != nil {
			return none, err
		}
		w.seen = append(w.seen, at == id)
	}
	return id, nil
}

// claimsOf is the claims of posts, newest first.
func (s *claimSelection) claimsOf(ctx context.Context, ids []int64, _ *witness) (found []claimKey, err error) {
	query := `SELECT c.rowid, c.post FROM claim c WHERE c.post ` + among + s.worthy + ` ORDER BY c.post DESC, c.start_byte`
	err = s.r.c.each(ctx, query, []any{jsonIDs(ids)}, func(rows *sql.Rows) error {
		var c claimKey
		err := rows.Scan(&c.row, &c.post)
		found = append(found, c)
		return err
	})
	return found, err
}

// testedOf is those that stand up to the test. It forgets what was witnessed.
func (s *claimSelection) testedOf(ctx context.Context, ids []int64, w *witness) (found []claimKey, err error) {
	query := `SELECT c.rowid, c.post, c.kind, c.status, c.verdict, c.has_number, c.outdated, c.source,
		(SELECT group_concat(t.name) FROM topic_tag g JOIN topic t ON t.id = g.topic WHERE g.post = c.post AND g.start_byte = c.start_byte)
		FROM claim c WHERE c.post ` + among + s.worthy + ` ORDER BY c.post DESC, c.start_byte`
	at := 0
	err = s.r.c.each(ctx, query, []any{jsonIDs(ids)}, func(rows *sql.Rows) error {
		var c claimRow
		var topics sql.NullString
		if err := rows.Scan(&c.row, &c.post, &c.kind, &c.status, &c.verdict, &c.number, &c.outdated, &c.source, &topics); err != nil {
			return err
		}
		for ids[at] != c.post {
			at++
		}
		c.topics, c.holds = strings.Split(topics.String, ","), w.seen[at*len(w.others):]
		if s.test.of(&c) {
			found = append(found, c.claimKey)
		}
		return nil
	})
	w.seen = w.seen[:0]
	return found, err
}

// claims yields the claims that a query with an expression selects.
func (r *reader) claims(ctx context.Context, q store.Query, yield func(store.Claim) error) error {
	if q.Oldest {
		return r.oldestClaims(ctx, q, yield)
	}
	left := math.MaxInt
	if q.Limit > 0 {
		left = q.Limit
	}
	s, err := r.selectClaims(ctx, q)
	if err != nil {
		return err
	}
	return s.each(ctx, func(found []claimKey) (bool, error) {
		found = found[:min(left, len(found))]
		left -= len(found)
		return left > 0, r.claimsIn(ctx, found, ` ORDER BY c.post DESC, c.start_byte`, yield)
	})
}

// oldestClaims yields them from the oldest on: all must be known for that.
func (r *reader) oldestClaims(ctx context.Context, q store.Query, yield func(store.Claim) error) error {
	s, err := r.selectClaims(ctx, q)
	if err != nil {
		return err
	}
	var all []claimKey
	err = s.each(ctx, func(found []claimKey) (bool, error) {
		all = append(all, found...)
		return true, nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b claimKey) int { return cmp.Compare(a.post, b.post) })
	if q.Limit > 0 {
		all = all[:min(q.Limit, len(all))]
	}
	for chunk := range slices.Chunk(all, mostAtOnce) {
		if err := r.claimsIn(ctx, chunk, ` ORDER BY c.post, c.start_byte`, yield); err != nil {
			return err
		}
	}
	return nil
}

// claimsIn yields the claims of rows in an order.
func (r *reader) claimsIn(ctx context.Context, list []claimKey, order string, yield func(store.Claim) error) error {
	ids := make([]int64, len(list))
	for i, c := range list {
		ids[i] = c.row
	}
	return r.eachClaim(ctx, `WHERE c.rowid `+among+order, []any{jsonIDs(ids)}, yield)
}
