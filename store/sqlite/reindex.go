package sqlite

import (
	"context"
	"database/sql"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis/words"
	"skyarchive/atproto"
)

// Reindex makes the index of words anew from the records, in one transaction, and returns
// how many posts are in it.
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
	if err := c.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return 0, err
	}
	kept := false
	defer func() {
		if !kept {
			c.rollback(ctx)
		}
	}()
	for _, clear := range []string{
		"INSERT INTO post_words (post_words) VALUES ('delete-all')",
		"UPDATE post SET words = ''",
	} {
		if err := c.exec(ctx, clear); err != nil {
			return 0, err
		}
	}
	const query = `SELECT p.id, a.did, p.rkey, p.lang, r.bytes FROM post p JOIN account a ON a.id = p.account JOIN record r ON r.id = p.record ORDER BY p.id`
	err = c.each(ctx, query, nil, func(rows *sql.Rows) error {
		var id int64
		var did, lang string
		var key any
		var record []byte
		if err := rows.Scan(&id, &did, &key, &lang, &record); err != nil {
			return err
		}
		uri := atproto.Path(atproto.CollectionPost + "/" + rkeyText(key)).URI(syntax.DID(did))
		post, err := atproto.DecodePost(atproto.Ref{URI: uri}, record)
		if err != nil {
			return nil // its record is kept, and is no post: it is not found by words
		}
		word, stem := indexWords(&post, lang)
		if err := c.exec(ctx, `INSERT INTO post_words (rowid, word, stem) VALUES (?, ?, ?)`, id, word, stem); err != nil {
			return err
		}
		posts++
		return c.exec(ctx, "UPDATE post SET words = ? WHERE id = ?", words.Version, id)
	})
	if err != nil {
		return 0, err
	}
	if err := c.exec(ctx, "COMMIT"); err != nil {
		return 0, err
	}
	kept = true
	return posts, nil
}
