package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"skyarchive/store"
)

// readers is how many functions may read at a time; others wait.
const readers = 4

// A DB is an archive in one SQLite file. It implements [store.Store].
type DB struct {
	path  string
	write chan *conn    // holds the one write connection while nobody writes
	slots chan struct{} // one for each View under way

	mu     sync.Mutex
	free   []*conn // read connections that nobody uses
	closed bool
}

var _ store.Store = (*DB)(nil)

// Options say how an archive is opened. The zero value is the rule.
type Options struct {
	// Told is called with a sentence for people before something is done to an older archive
	// that they should know of, or wait for. nil: nobody is told.
	Told func(text string)
}

// Open opens the archive in a file, and makes a new one if there is no file or an empty
// one. A file of an older version is copied aside and brought up to date; an index whose
// words were made by other code is made anew.
//
// It is [store.ErrForeign] if the file is something else, [store.ErrTooNew] if it was
// written by a newer version, [store.ErrReadOnly] if it cannot be written, and
// [store.ErrBusy] if another process keeps it locked.
func Open(ctx context.Context, path string) (*DB, error) {
	return Options{}.Open(ctx, path)
}

// Open is [Open] with options.
func (o Options) Open(ctx context.Context, path string) (*DB, error) {
	fail := func(err error) (*DB, error) { return nil, fmt.Errorf("archive %s: %w", path, occupied(path, err)) }
	marked, err := prepareFile(path)
	if err == nil && !marked {
		err = checkForeign(ctx, path)
	}
	if err != nil {
		return fail(err)
	}
	c, err := connect(ctx, path, writing)
	if err != nil {
		return fail(err)
	}
	told := func(format string, args ...any) {
		if o.Told != nil {
			o.Told(fmt.Sprintf(format, args...))
		}
	}
	err = migrate(ctx, c, migrations, path, func(aside string) {
		told("the archive is of an older version: a copy of it stays at %s while it is brought up to date", aside)
	})
	if err == nil {
		err = renewIndex(ctx, c, func(posts int) { told("the index of words is of another version and is made anew, of %d posts", posts) })
	}
	if err != nil {
		return fail(errors.Join(err, c.close()))
	}
	db := &DB{path: path, write: make(chan *conn, 1), slots: make(chan struct{}, readers)}
	db.write <- c
	return db, nil
}

// View implements [store.Store].
func (db *DB) View(ctx context.Context, fn func(store.Reader) error) error {
	select {
	case db.slots <- struct{}{}:
		defer func() { <-db.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	c, err := db.reader(ctx)
	if err != nil {
		return err
	}
	defer db.release(c)

	// The first statement that reads is what fixes the state that is seen.
	if err := c.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	defer c.rollback(ctx)
	if err := c.exec(ctx, "SELECT count(*) FROM meta"); err != nil {
		return err
	}
	r := newReader(c)
	defer r.end()
	return fn(r)
}

// Update implements [store.Store].
func (db *DB) Update(ctx context.Context, fn func(store.Writer) error) error {
	return db.writing(ctx, func(c *conn) error { return update(ctx, c, newWriter(c), fn) })
}

// Fill implements [store.Store].
func (db *DB) Fill(ctx context.Context, fn func(store.Writer) error) error {
	return db.writing(ctx, func(c *conn) error {
		empty, err := isEmpty(ctx, c)
		if err != nil {
			return err
		}
		if !empty {
			return update(ctx, c, newWriter(c), fn)
		}
		return db.alone(ctx, c, func() error { return fill(ctx, c, fn) })
	})
}

// writing lends the write connection to fn.
func (db *DB) writing(ctx context.Context, fn func(*conn) error) error {
	var c *conn
	select {
	case c = <-db.write:
		defer func() { db.write <- c }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if c == nil {
		return errClosed
	}
	return fn(c)
}

func update(ctx context.Context, c *conn, w *writer, fn func(store.Writer) error) error {
	if err := c.openFeed(ctx); err != nil {
		return err
	}
	if err := c.begin(ctx); err != nil {
		return err
	}
	kept := false
	defer func() {
		if !kept {
			c.rollback(ctx)
		}
	}()
	defer w.end()
	defer w.index.close()
	if err := fn(w); err != nil {
		return err
	}
	if err := w.finish(ctx); err != nil {
		return err
	}
	if err := c.exec(ctx, "COMMIT"); err != nil {
		return err
	}
	kept = true
	return nil
}

// Close waits for the functions under way and closes the file. The archive is then one
// file again, without a log beside it.
func (db *DB) Close() error {
	w := <-db.write
	defer func() { db.write <- nil }()
	if w == nil {
		return nil
	}
	for range readers {
		db.slots <- struct{}{}
	}
	defer func() {
		for range readers {
			<-db.slots
		}
	}()
	db.mu.Lock()
	defer db.mu.Unlock()
	db.closed = true
	var errs []error
	for _, c := range db.free {
		errs = append(errs, c.close())
	}
	db.free = nil
	return errors.Join(append(errs, w.close())...)
}

// reader takes a read connection that is free, or makes one.
func (db *DB) reader(ctx context.Context) (*conn, error) {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return nil, errClosed
	}
	if n := len(db.free); n > 0 {
		c := db.free[n-1]
		db.free = db.free[:n-1]
		db.mu.Unlock()
		return c, nil
	}
	db.mu.Unlock()
	c, err := connect(ctx, db.path, reading)
	if err != nil {
		return nil, fmt.Errorf("archive %s: %w", db.path, err)
	}
	return c, nil
}

func (db *DB) release(c *conn) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.free = append(db.free, c)
}

var errClosed = errors.New("the archive is closed")
