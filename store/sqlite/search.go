package sqlite

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/store"
	"skyarchive/store/search"
)

// Search implements [store.Reader].
func (r *reader) Search(ctx context.Context, q store.Query) (hits store.Hits, err error) {
	if err := r.begin(ctx); err != nil {
		return hits, err
	}
	after, err := parseCursor(q)
	if err != nil {
		return hits, err
	}
	e, err := r.evaluator(ctx, q)
	if err != nil {
		return hits, err
	}
	c, err := e.query(ctx, q)
	if err != nil {
		return hits, err
	}
	most := store.MostCounted
	if q.Limit <= 0 || q.Oldest {
		most = math.MaxInt
	}
	all, err := find(ctx, c, q.Best, most)
	if err != nil {
		return hits, err
	}
	hits.Total, hits.More, hits.Hints = len(all.newest), all.rest != nil, e.hints
	var last *hit
	if after.uri != "" {
		id, err := r.postID(ctx, after.uri)
		if err != nil {
			return hits, after.unknown(err)
		}
		last = &hit{id, after.score}
	}
	page, err := all.page(ctx, q, last)
	if err != nil {
		return hits, err
	}
	more := q.Limit > 0 && len(page) > q.Limit
	if more {
		page = page[:q.Limit]
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

// hits reads the posts of a page with their claims.
func (r *reader) hits(ctx context.Context, q store.Query, page []hit) ([]store.Hit, error) {
	ids := make([]int64, len(page))
	at := make(map[int64]int, len(page))
	for i, f := range page {
		ids[i], at[f.id] = f.id, i
	}
	list := jsonIDs(ids)
	hits := make([]store.Hit, len(page))
	places := make(map[syntax.ATURI]int, len(page))
	err := r.c.each(ctx, `SELECT `+postColumns+fromPost+`WHERE p.id `+among, []any{list}, func(rows *sql.Rows) error {
		p, err := r.scanPost(ctx, rows)
		if err != nil {
			return err
		}
		i := at[p.id]
		hits[i] = store.Hit{Post: p.Post, Rank: float64(page[i].score), Matches: search.Matches(q.Where, p.Text, p.Lang)}
		places[p.URI] = i
		if lacking := search.Lacking(q.Where, p.Text, p.Lang); lacking != nil {
			hits[i].Beside, err = r.beside(ctx, q.Where, lacking, &hits[i])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	clause := `WHERE c.post ` + among
	if !q.All {
		clause += ` AND (c.checkworthy OR c.status <> 'new')`
	}
	err = r.eachClaim(ctx, clause+` ORDER BY c.post, c.start_byte`, []any{list}, func(c store.Claim) error {
		hit := &hits[places[c.Post]]
		hit.Claims = append(hit.Claims, c)
		return nil
	})
	return hits, err
}

// beside is the first part of a post besides its text in which words stand that the text
// lacks of an expression.
func (r *reader) beside(ctx context.Context, e, lacking search.Expr, hit *store.Hit) (*store.Beside, error) {
	quoted, err := r.quoted(ctx, hit.Embed.Quote.URI)
	if err != nil {
		return nil, err
	}
	d := document{post: &hit.Post.Post, quoted: quoted, lang: hit.Lang}
	for _, p := range d.parts() {
		if p.part == inText {
			continue
		}
		if search.Matches(lacking, p.text, p.lang) != nil {
			return &store.Beside{What: p.what, Text: p.text, Matches: search.Matches(e, p.text, p.lang)}, nil
		}
	}
	return nil, nil
}

// A lastShown is the last post that was shown, which [store.Hits] calls a cursor. It names no row,
// so that it holds in a copy of the archive too.
type lastShown struct {
	score float32
	uri   syntax.ATURI
}

// newCursor writes where a search stopped.
func newCursor(q store.Query, last store.Hit) string {
	text := orderOf(q) + " " + strconv.FormatFloat(last.Rank, 'g', -1, 32) + " " + string(last.URI)
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

func parseCursor(q store.Query) (c lastShown, err error) {
	if q.Cursor == "" {
		return c, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	parts := strings.Split(string(text), " ")
	if err != nil || len(parts) != 3 || parts[0] != orderOf(q) {
		return c, fmt.Errorf("cursor %q is not of a search in this order", q.Cursor)
	}
	c.uri = syntax.ATURI(parts[2])
	score, err := strconv.ParseFloat(parts[1], 32)
	if err != nil {
		return c, fmt.Errorf("cursor %q is not of a search in this order", q.Cursor)
	}
	c.score = float32(score)
	return c, nil
}

func (c lastShown) unknown(err error) error { return fmt.Errorf("cursor at %s: %w", c.uri, err) }
