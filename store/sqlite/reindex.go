package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"skyarchive/analysis/words"
)

// Reindex makes the index of words anew from the records and what is derived from them, in
// one transaction, and returns how many posts are in it.
func (db *DB) Reindex(ctx context.Context) (posts int, err error) {
	var c *conn
	select {
	case c = <-db.write:
		defer func() { db.write <- c }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if c == nil {
		return 0, errClosed
	}
	return reindex(ctx, c, func(context.Context) (bool, error) { return true, nil })
}

// indexVersion says what is in an index: words, and the properties of documents.
const indexVersion = words.Version + " 2"

// renewIndex makes the index anew if other code made its words. told is called first if that
// takes a while.
func renewIndex(ctx context.Context, c *conn, told func(posts int)) error {
	stale := func(ctx context.Context) (bool, error) {
		var made string
		err := c.row(ctx, `SELECT value FROM meta WHERE name = 'words'`, nil, &made)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return made != indexVersion, err
	}
	if old, err := stale(ctx); err != nil || !old {
		return err
	}
	var posts int
	if err := c.row(ctx, `SELECT count(*) FROM post`, nil, &posts); err != nil {
		return err
	}
	if posts > 0 && told != nil {
		told(posts)
	}
	_, err := reindex(ctx, c, stale)
	return err
}

// batchPosts is how many posts are read at a time.
const batchPosts = 1000

// reindex does the work if it is still needed when nobody else writes.
func reindex(ctx context.Context, c *conn, needed func(context.Context) (bool, error)) (posts int, err error) {
	if err := c.openFeed(ctx); err != nil {
		return 0, err
	}
	if err := c.begin(ctx); err != nil {
		return 0, err
	}
	kept := false
	defer func() {
		if !kept {
			c.rollback(ctx)
		}
	}()
	if yes, err := needed(ctx); err != nil || !yes {
		return 0, err
	}
	for _, statement := range []string{
		"DELETE FROM posting", "DELETE FROM family",
		"INSERT OR REPLACE INTO meta (name, value) VALUES ('words', '" + indexVersion + "')",
	} {
		if err := c.exec(ctx, statement); err != nil {
			return 0, err
		}
	}
	r, x := newReader(c), newIndex(c)
	x.work()
	defer x.close()
	for after, more := int64(-1), true; more; {
		var last sql.NullInt64
		const end = `SELECT max(id) FROM (SELECT id FROM post WHERE id > ? ORDER BY id LIMIT ?)`
		if err := c.row(ctx, end, []any{after, batchPosts}, &last); err != nil {
			return 0, err
		}
		if more = last.Valid; !more {
			break
		}
		err := r.documents(ctx, after+1, last.Int64, func(d document) error {
			if d.post != nil {
				posts++
			}
			return x.change(nil, &d)
		})
		if err != nil {
			return 0, err
		}
		after = last.Int64
	}
	if err := x.flush(ctx); err != nil {
		return 0, err
	}
	if err := c.exec(ctx, "UPDATE post SET words = iif(record IS NULL, '', ?)", words.Version); err != nil {
		return 0, err
	}
	if err := c.exec(ctx, "COMMIT"); err != nil {
		return 0, err
	}
	kept = true
	return posts, nil
}
