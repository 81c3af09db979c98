package sqlite

import (
	"context"
	"errors"

	"skyarchive/store"
)

// What is written into an archive that holds nothing yet is written once, straight into the
// file: in a rollback journal SQLite only keeps what stood there before, which is next to
// nothing, where a write-ahead log takes every page and copies it into the file later. A crash
// is undone by whoever opens the file next, in both modes. The price is that nobody else can
// read meanwhile, so this is done only while nobody does.

// isEmpty says whether an archive holds no account and no decision of a person.
func isEmpty(ctx context.Context, c *conn) (empty bool, err error) {
	const query = `SELECT NOT EXISTS (SELECT 1 FROM account) AND NOT EXISTS (SELECT 1 FROM decision)`
	return empty, c.row(ctx, query, nil, &empty)
}

// alone runs fn, which writes, in that way if it can.
func (db *DB) alone(ctx context.Context, c *conn, fn func() error) (err error) {
	release, ok := db.holdReaders()
	if !ok {
		return fn()
	}
	defer release()
	// This fails if another process has the file open. The log serves as well then.
	if c.patient(ctx, setting{"journal_mode", "truncate"}, 0) == nil {
		defer func() {
			err = errors.Join(err, c.patient(context.WithoutCancel(ctx), setting{"journal_mode", "wal"}, busyTimeout))
		}()
	}
	return fn()
}

// late are the indexes whose entries come in no order: made at the end, they are sorted once,
// where every entry would have to find its place among all others.
var late = []string{"record_prefix", "claim_id"}

// fill is update for an archive that is empty.
func fill(ctx context.Context, c *conn, fn func(store.Writer) error) error {
	w := newWriter(c)
	w.prefixes = &prefixes{map[uint32]uint32{}, map[uint64]int64{}}
	return update(ctx, c, w, func(outside store.Writer) error {
		w.index.work()
		var made []string
		for _, name := range late {
			var script string
			if err := c.row(ctx, `SELECT sql FROM sqlite_schema WHERE name = ?`, []any{name}, &script); err != nil {
				return err
			}
			if err := w.exec(ctx, `DROP INDEX `+name); err != nil {
				return err
			}
			made = append(made, script)
		}
		if err := fn(outside); err != nil {
			return err
		}
		if err := w.writeAll(ctx); err != nil {
			return err
		}
		for _, script := range made {
			if err := w.exec(ctx, script); err != nil {
				return err
			}
		}
		w.prefixes = nil
		return nil
	})
}

// patient sets what needs the file alone, and waits for that so many milliseconds.
func (c *conn) patient(ctx context.Context, s setting, wait int) error {
	if err := c.set(ctx, busy(wait)); err != nil {
		return failure(err)
	}
	err := c.set(ctx, s)
	return failure(errors.Join(err, c.set(ctx, busy(busyTimeout))))
}

// holdReaders keeps View waiting and closes the connections it has used, unless one is in use.
func (db *DB) holdReaders() (release func(), ok bool) {
	for held := range readers {
		select {
		case db.slots <- struct{}{}:
		default:
			db.releaseReaders(held)
			return nil, false
		}
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	for _, c := range db.free {
		_ = c.close() // it only read
	}
	db.free = nil
	return func() { db.releaseReaders(readers) }, true
}

func (db *DB) releaseReaders(n int) {
	for range n {
		<-db.slots
	}
}
