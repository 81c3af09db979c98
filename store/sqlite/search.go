package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/store"
	"skyarchive/store/search"
)

// Ranking costs time for every post that is found. So hits are counted up to a limit; up to
// there all of them are ranked, above it only the newest.
const (
	countLimit  = 20_000
	rankedLimit = 5_000
)

// rank is the order by relevance: a word as it was typed weighs more than its stem.
const rank = "bm25(post_words, 2.0, 1.0)"

// A plan is how a search finds posts: the index of words or the table of posts yields them
// in the order of their ids, which is that of their time, and conditions look at each.
type plan struct {
	words bool // the index of words yields them
	from  string
	where string
	args  []any
	hints []string
}

func (r *reader) plan(ctx context.Context, q store.Query) (p plan, err error) {
	c := compiler{r: r, of: ofPosts}
	var conds []string
	add := func(cond string, err2 error) {
		conds = append(conds, cond)
		err = errors.Join(err, err2)
	}
	rest := q.Where
	words, others := splitWords(search.And{q.Where})
	if and, ok := q.Where.(search.And); ok {
		words, others = splitWords(and)
	}
	if words != nil {
		m, _ := match(words)
		add(c.add("post_words MATCH ?", m), nil)
		p.words, c.driven = true, true
		rest = search.All(others...)
	}
	if rest != nil {
		add(c.cond(ctx, rest))
	}
	if q.DID != "" {
		add(c.account(ctx, q.DID))
	}
	if q.Thread != "" {
		add(c.thread(ctx, string(q.Thread)))
	}
	if q.Live {
		add(c.fact("p.status = 'live'"), nil)
	}
	switch {
	case p.words && c.facts:
		p.from = "post_words CROSS JOIN post p ON p.id = post_words.rowid"
	case p.words:
		p.from = "post_words"
	default:
		p.from = "post p"
	}
	p.where, p.args, p.hints = "1", c.args, c.hints
	if len(conds) > 0 {
		p.where = strings.Join(conds, " AND ")
	}
	return p, err
}

// id is the column of the ids of the posts that a plan finds.
func (p *plan) id() string {
	if p.words {
		return "post_words.rowid"
	}
	return "p.id"
}

func (p *plan) query(columns, tail string) string {
	return "SELECT " + columns + " FROM " + p.from + " WHERE " + p.where + tail
}

// Search implements [store.Reader].
func (r *reader) Search(ctx context.Context, q store.Query) (hits store.Hits, err error) {
	if err := r.begin(ctx); err != nil {
		return hits, err
	}
	p, err := r.plan(ctx, q)
	if err != nil {
		return hits, err
	}
	hits.Hints = p.hints
	after, err := parseCursor(q)
	if err != nil {
		return hits, err
	}
	var page []found
	var more bool
	if q.Best && p.words {
		ranked, total, err := r.ranked(ctx, p)
		if err != nil {
			return hits, err
		}
		hits.Total, hits.Recent = total, total > countLimit
		page, more, err = r.bestPage(ctx, q, ranked, after)
		if err != nil {
			return hits, err
		}
	} else {
		if hits.Total, err = r.countOf(ctx, p.query("1", ""), p.args, countLimit+1); err != nil {
			return hits, err
		}
		if page, more, err = r.newestPage(ctx, p, q, after); err != nil {
			return hits, err
		}
	}
	if len(page) == 0 {
		return hits, nil
	}
	if hits.Posts, err = r.hits(ctx, q, page); err != nil {
		return hits, err
	}
	if more {
		hits.Cursor = newCursor(q, hits.Posts[len(hits.Posts)-1])
	}
	return hits, nil
}

// found is a post that a search found.
type found struct {
	id   int64
	rank float64 // the greater the better
}

func (r *reader) countOf(ctx context.Context, query string, args []any, limit int) (n int, err error) {
	if limit > 0 {
		query += " LIMIT " + strconv.Itoa(limit)
	}
	err = r.c.row(ctx, "SELECT count(*) FROM ("+query+")", args, &n)
	return n, err
}

// newestPage is the next posts in the order of time.
func (r *reader) newestPage(ctx context.Context, p plan, q store.Query, after cursor) ([]found, bool, error) {
	beyond, order := " < ?", " DESC"
	if q.Oldest {
		beyond, order = " > ?", ""
	}
	tail, args := "", p.args
	if after.uri != "" {
		id, err := r.postID(ctx, after.uri)
		if err != nil {
			return nil, false, after.unknown(err)
		}
		tail, args = " AND "+p.id()+beyond, append(slices.Clone(args), id)
	}
	tail += " ORDER BY " + p.id() + order
	if q.Limit > 0 {
		tail += " LIMIT " + strconv.Itoa(q.Limit+1)
	}
	list, err := r.found(ctx, p.query(p.id()+", 0.0", tail), args)
	if q.Limit > 0 && len(list) > q.Limit {
		return list[:q.Limit], true, err
	}
	return list, false, err
}

// ranked is the posts that are ranked, and how many there are to be found. Few are read
// once; of many only the newest, but for their number.
func (r *reader) ranked(ctx context.Context, p plan) (list []found, total int, err error) {
	const columns = "post_words.rowid, -" + rank
	newest := " ORDER BY post_words.rowid DESC LIMIT " + strconv.Itoa(rankedLimit)
	list, err = r.found(ctx, p.query(columns, newest), p.args)
	if err != nil || len(list) < rankedLimit {
		return list, len(list), err
	}
	total, err = r.countOf(ctx, p.query("1", ""), p.args, countLimit+1)
	if err == nil && total <= countLimit {
		list, err = r.found(ctx, p.query(columns, ""), p.args)
	}
	return list, total, err
}

// bestPage is the next posts in the order of rank, newest first where it is the same. It is
// found again behind the last post that was shown, so that posts which came in between move
// nothing.
func (r *reader) bestPage(ctx context.Context, q store.Query, list []found, after cursor) ([]found, bool, error) {
	byRank := func(a, b found) int { return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(b.id, a.id)) }
	slices.SortFunc(list, byRank)
	if after.uri != "" {
		last := found{rank: after.rank}
		var err error
		if last.id, err = r.postID(ctx, after.uri); err != nil {
			return nil, false, after.unknown(err)
		}
		if i := slices.IndexFunc(list, func(f found) bool { return f.id == last.id }); i >= 0 {
			list = list[i+1:]
		} else {
			i, _ := slices.BinarySearchFunc(list, last, byRank)
			list = list[i:]
		}
	}
	if q.Limit > 0 && len(list) > q.Limit {
		return list[:q.Limit], true, nil
	}
	return list, false, nil
}

func (r *reader) found(ctx context.Context, query string, args []any) (list []found, err error) {
	err = r.c.each(ctx, query, args, func(rows *sql.Rows) error {
		var f found
		err := rows.Scan(&f.id, &f.rank)
		list = append(list, f)
		return err
	})
	return list, err
}

// hits reads the posts of a page with their claims.
func (r *reader) hits(ctx context.Context, q store.Query, page []found) ([]store.Hit, error) {
	ids := make([]int64, len(page))
	place := make(map[int64]int, len(page))
	for i, f := range page {
		ids[i], place[f.id] = f.id, i
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	hits := make([]store.Hit, len(page))
	places := make(map[syntax.ATURI]int, len(page))
	const among = `IN (SELECT value FROM json_each(?))`
	err = r.c.each(ctx, `SELECT `+postColumns+fromPost+`WHERE p.id `+among, []any{string(list)}, func(rows *sql.Rows) error {
		p, err := r.scanPost(ctx, rows)
		if err != nil {
			return err
		}
		i := place[p.id]
		hits[i] = store.Hit{Post: p.Post, Rank: page[i].rank, Matches: search.Matches(q.Where, p.Text, p.Lang)}
		places[p.URI] = i
		return nil
	})
	if err != nil {
		return nil, err
	}
	clause := `WHERE c.post ` + among
	if !q.All {
		clause += ` AND (c.checkworthy OR c.status <> 'new')`
	}
	err = r.eachClaim(ctx, clause+` ORDER BY c.post, c.start_byte`, []any{string(list)}, func(c store.Claim) error {
		hit := &hits[places[c.Post]]
		hit.Claims = append(hit.Claims, c)
		return nil
	})
	return hits, err
}

// Count implements [store.Reader].
func (r *reader) Count(ctx context.Context, q store.Query, limit int) (n store.Counts, err error) {
	if err := r.begin(ctx); err != nil {
		return n, err
	}
	p, err := r.plan(ctx, q)
	if err != nil {
		return n, err
	}
	if n.Posts, err = r.countOf(ctx, p.query("1", ""), p.args, limit); err != nil {
		return n, err
	}
	where, args, err := r.where(ctx, q, ofThreads)
	if err != nil {
		return n, err
	}
	const threads = `SELECT DISTINCT tp.thread FROM thread_post tp JOIN post p ON p.id = tp.post `
	if n.Threads, err = r.countOf(ctx, threads+where, args, limit); err != nil {
		return n, err
	}
	if where, args, err = r.where(ctx, q, ofClaims); err != nil {
		return n, err
	}
	n.Claims, err = r.countOf(ctx, `SELECT 1 FROM claim c JOIN post p ON p.id = c.post `+where, args, limit)
	return n, err
}

// A cursor is the last post that was shown. It names no row, so that it holds in a copy of
// the archive too.
type cursor struct {
	rank float64
	uri  syntax.ATURI
}

// newCursor writes where a search stopped.
func newCursor(q store.Query, last store.Hit) string {
	text := orderOf(q) + " " + strconv.FormatFloat(last.Rank, 'g', -1, 64) + " " + string(last.URI)
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

func orderOf(q store.Query) string {
	switch {
	case q.Best:
		return "best"
	case q.Oldest:
		return "oldest"
	}
	return "newest"
}

func parseCursor(q store.Query) (c cursor, err error) {
	if q.Cursor == "" {
		return c, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	parts := strings.Split(string(text), " ")
	if err != nil || len(parts) != 3 || parts[0] != orderOf(q) {
		return c, fmt.Errorf("cursor %q is not of a search in this order", q.Cursor)
	}
	c.uri = syntax.ATURI(parts[2])
	if c.rank, err = strconv.ParseFloat(parts[1], 64); err != nil {
		return c, fmt.Errorf("cursor %q is not of a search in this order", q.Cursor)
	}
	return c, nil
}

func (c cursor) unknown(err error) error { return fmt.Errorf("cursor at %s: %w", c.uri, err) }
