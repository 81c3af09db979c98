package sqlite

import (
	"context"
	"fmt"

	"skyarchive/store"
)

// toOverwrite is the entry of meta that says that forgotten words may still be in the file.
const toOverwrite = "to overwrite"

// Overwrite implements [store.Store]. Words that were deleted stay in two places. Free pages,
// and free room inside of pages, keep what stood there: VACUUM writes the file anew. The log
// keeps pages as they were: a checkpoint cuts it to nothing. What the disk itself keeps of
// blocks that are no longer in use is out of reach.
func (db *DB) Overwrite(ctx context.Context) error {
	return db.writing(ctx, func(c *conn) error {
		left, err := leftToOverwrite(ctx, c)
		if err != nil || !left {
			return err
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
