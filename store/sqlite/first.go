package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"skyarchive/store"
)

// What is written into an archive that holds nothing yet is written once, straight into the
// file: in a rollback journal SQLite only keeps what stood there before, which is next to
// nothing, where a write-ahead log takes every page and copies it into the file later. A crash
// is undone by whoever opens the file next, in both modes. The price is that nobody else can
// read meanwhile, so this is done only while nobody does; who comes then waits as if to write.

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
			err = errors.Join(err, c.patient(context.WithoutCancel(ctx), withLog, busyTimeout))
		}()
	}
	return fn()
}

// late are the indexes whose entries come in no order: made at the end, they are sorted once,
// where every entry would have to find its place among all others.
var late = []string{"record_prefix", "claim_id"}

// fill is update for an archive that was empty.
func fill(ctx context.Context, c *conn, fn func(store.Writer) error) error {
	w := newWriter(c)
	return update(ctx, c, w, func(outside store.Writer) error {
		// Another process may have filled it while this one waited for its turn.
		empty, err := isEmpty(ctx, c)
		if err != nil {
			return err
		}
		if !empty {
			return fn(outside)
		}
		w.prefixes = &prefixes{map[uint32]uint32{}, map[uint64]int64{}}
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

// patient sets what needs the file alone, and waits for that so long. SQLite does not wait for
// who writes in the other mode.
func (c *conn) patient(ctx context.Context, s setting, wait time.Duration) error {
	end := time.Now().Add(wait)
	err := c.set(ctx, busy(0))
	for err == nil {
		err = failure(c.set(ctx, s))
		if !errors.Is(err, store.ErrBusy) || time.Now().After(end) {
			break
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)):
			err = nil
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	return errors.Join(err, failure(c.set(ctx, busy(busyTimeout))))
}

// errFilling says why an archive cannot be read for longer than one waits.
var errFilling = fmt.Errorf("%w for the first time, and nobody can read it until that is done", store.ErrBusy)

// occupied says of a file that stayed locked whether somebody fills it: nothing else keeps a
// rollback journal.
func occupied(path string, err error) error {
	if _, there := os.Stat(path + "-journal"); errors.Is(err, store.ErrBusy) && there == nil {
		return errFilling
	}
	return err
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
