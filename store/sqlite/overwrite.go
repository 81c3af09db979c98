package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"skyarchive/store"
)

// toOverwrite is the entry of meta that says that forgotten words may still be in the file.
const toOverwrite = "to overwrite"

// Overwrite implements [store.Store]. Words that were deleted stay in three places. Names that
// the analysis gave to what it found ("term: cobalt") are kept once for all posts: those that no
// post has any more are dropped. Free pages, and free room inside of pages, keep what stood
// there: VACUUM writes the file anew. The log keeps pages as they were: a checkpoint cuts it to
// nothing. What the disk itself keeps of blocks that are no longer in use is out of reach.
func (db *DB) Overwrite(ctx context.Context) error {
	return db.writing(ctx, func(c *conn) error {
		left, err := leftToOverwrite(ctx, c)
		if err != nil || !left {
			return err
		}
		if err := dropNames(ctx, c); err != nil {
			return fmt.Errorf("overwrite what was forgotten: %w", err)
		}
		if err := c.exec(ctx, "VACUUM"); err != nil {
			return fmt.Errorf("overwrite what was forgotten: %w", err)
		}
		if err := emptyLog(ctx, c); err != nil {
			return err
		}
		// The pages that this changes hold no words.
		if err := c.exec(ctx, `DELETE FROM meta WHERE name = ?`, toOverwrite); err != nil {
			return err
		}
		return emptyLog(ctx, c)
	})
}

func leftToOverwrite(ctx context.Context, c *conn) (left bool, err error) {
	err = c.row(ctx, `SELECT EXISTS (SELECT 1 FROM meta WHERE name = ?)`, []any{toOverwrite}, &left)
	return left, err
}

// dropNames drops the phrases and the names of topics that nothing refers to any more, also
// those that went out of use before anything was forgotten.
func dropNames(ctx context.Context, c *conn) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	defer c.rollback(ctx) // does nothing after COMMIT
	unused, err := unusedPhrases(ctx, c)
	if err != nil {
		return err
	}
	for _, id := range unused {
		if err := c.exec(ctx, `DELETE FROM phrase WHERE id = ?`, id); err != nil {
			return err
		}
	}
	if err := c.exec(ctx, `DELETE FROM topic WHERE id NOT IN (SELECT topic FROM topic_tag)`); err != nil {
		return err
	}
	return c.exec(ctx, "COMMIT")
}

// unusedPhrases are the numbers of phrases that no reading says. Which it says stands inside
// of it, so all are read.
func unusedPhrases(ctx context.Context, c *conn) (unused []int64, err error) {
	used := map[int64]bool{}
	note := func(n int64) (string, error) {
		used[n] = true
		return "", nil
	}
	err = c.each(ctx, `SELECT post, passages FROM reading`, nil, func(rows *sql.Rows) error {
		var post int64
		var packed string
		if err := rows.Scan(&post, &packed); err != nil {
			return err
		}
		if _, err := unpack("", "", "", packed, "", note); err != nil {
			return fmt.Errorf("%w: row %d of reading: %w", store.ErrDamaged, post, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = c.each(ctx, `SELECT id FROM phrase`, nil, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		if !used[id] {
			unused = append(unused, id)
		}
		return err
	})
	return unused, err
}

// emptyLog brings everything into the file itself and cuts the log to nothing.
func emptyLog(ctx context.Context, c *conn) error {
	var busy, inLog, done int
	if err := c.row(ctx, "PRAGMA wal_checkpoint(TRUNCATE)", nil, &busy, &inLog, &done); err != nil {
		return err
	}
	if busy != 0 {
		return fmt.Errorf("overwrite what was forgotten: %w", store.ErrBusy)
	}
	return nil
}
