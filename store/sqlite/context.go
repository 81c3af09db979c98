package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

const selectContext = `SELECT o.uri, o.handle, o.state, o.at, o.host, o.why, o.hide_guest,
		o.likes, o.reposts, o.replies, o.quotes, o.counted_at,
		v.cid, v.record, v.proof, v.key, v.signature, v.host, v.seen_at
	FROM other_post o LEFT JOIN other_version v ON v.id = (
		SELECT id FROM other_version WHERE uri = o.uri ` + shownVersion + `) `

// shownVersion is the version of a post by somebody else that is shown: what is signed before
// what is not, and of that what a server gave us before what came with another archive.
const shownVersion = `ORDER BY signature = 'valid' DESC, signature <> 'valid' AND host LIKE 'import %', seen_at DESC, id DESC LIMIT 1`

func scanContext(rows *sql.Rows) (c store.Context, err error) {
	var at, counted, seen timeValue
	var likes, reposts, replies, quotes sql.NullInt64
	var cid, key, signature, from sql.NullString
	if err := rows.Scan(&c.URI, &c.Handle, &c.State, &at, &c.Host, &c.Why, &c.HideGuest,
		&likes, &reposts, &replies, &quotes, &counted,
		&cid, &c.Record, &c.Proof, &key, &signature, &from, &seen); err != nil {
		return c, err
	}
	c.At, c.Seen = at.Time, seen.Time
	c.CID, c.Key, c.Signature, c.From = cid.String, key.String, atproto.Signature(signature.String), from.String
	if !counted.IsZero() {
		c.Counts = &store.ContextCounts{
			Likes: int(likes.Int64), Reposts: int(reposts.Int64), Replies: int(replies.Int64), Quotes: int(quotes.Int64), At: counted.Time,
		}
	}
	if c.Record == nil {
		return c, nil
	}
	if c.Post, err = atproto.DecodePost(c.Ref, c.Record); err != nil {
		return c, fmt.Errorf("archived post by somebody else: %w", err)
	}
	return c, nil
}

// Context implements [store.Reader].
func (r *reader) Context(ctx context.Context, uri syntax.ATURI) (c store.Context, err error) {
	if err := r.begin(ctx); err != nil {
		return c, err
	}
	found := false
	err = r.c.each(ctx, selectContext+`WHERE o.uri = ?`, []any{string(uri)}, func(rows *sql.Rows) (err error) {
		found = true
		c, err = scanContext(rows)
		return err
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return c, err
}

// Contexts implements [store.Reader].
func (r *reader) Contexts(ctx context.Context) iter.Seq2[store.Context, error] {
	return sequence(ctx, r, func(yield func(store.Context) error) error {
		return r.c.each(ctx, selectContext+`ORDER BY o.uri`, nil, func(rows *sql.Rows) error {
			c, err := scanContext(rows)
			if err != nil {
				return err
			}
			return yield(c)
		})
	})
}

// PutContext implements [store.Writer].
func (w *writer) PutContext(ctx context.Context, c store.Context) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	if forgotten, err := w.isForgotten(ctx, c.URI); err != nil || forgotten {
		return err
	}
	if err := w.flushPosts(ctx); err != nil {
		return w.fail(err)
	}
	var likes, reposts, replies, quotes, counted any
	if n := c.Counts; n != nil {
		likes, reposts, replies, quotes, counted = n.Likes, n.Reposts, n.Replies, n.Quotes, timeText(n.At)
	}
	// What was counted before, and a handle, outlive an answer without them.
	err := w.exec(ctx, `INSERT INTO other_post (uri, handle, state, at, host, why, hide_guest, likes, reposts, replies, quotes, counted_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
		ON CONFLICT (uri) DO UPDATE SET handle = iif(?2 = '', handle, ?2), state = ?3, at = ?4, host = ?5, why = ?6, hide_guest = ?7,
			likes = iif(?12 IS NULL, likes, ?8), reposts = iif(?12 IS NULL, reposts, ?9), replies = iif(?12 IS NULL, replies, ?10),
			quotes = iif(?12 IS NULL, quotes, ?11), counted_at = coalesce(?12, counted_at)`,
		string(c.URI), c.Handle, string(c.State), timeText(c.At), c.Host, c.Why, c.HideGuest, likes, reposts, replies, quotes, counted)
	if err != nil || c.Record == nil {
		return err
	}
	before, err := w.quoters(ctx, c.URI)
	if err != nil {
		return err
	}
	// A version that is proved replaces the same one that was not.
	if err := w.exec(ctx, `INSERT INTO other_version (uri, cid, record, proof, key, signature, host, seen_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
		ON CONFLICT (uri, cid) DO UPDATE SET record = ?3, proof = ?4, key = ?5, signature = ?6, host = ?7, seen_at = ?8
			WHERE ?6 = 'valid' OR signature <> 'valid'`,
		string(c.URI), c.CID, c.Record, c.Proof, c.Key, string(c.Signature), c.From, timeText(c.Seen)); err != nil {
		return err
	}
	return w.indexPosts(ctx, before, nil)
}
