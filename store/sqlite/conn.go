package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"skyarchive/store"
)

// use is what a connection is for.
type use int

const (
	looking use = iota // at a file that may be none of ours: changes nothing
	undoing            // looking, but what a program that was killed left half done is undone first
	reading
	writing
	copying // reads all of the file into another one
)

// busyTimeout is how long a process waits for another one that writes: in the queue, and then
// for SQLite.
const busyTimeout = time.Minute

// A setting is a PRAGMA with the value it must have once it is set.
type setting struct {
	name, value string
}

func (u use) settings() []setting {
	list := []setting{busy(busyTimeout), {"foreign_keys", "1"}, {"trusted_schema", "0"}}
	switch u {
	case looking, undoing:
		return append(list, setting{"query_only", "1"})
	case copying:
		return list
	case reading:
		return append(list, setting{"query_only", "1"}, setting{"cache_size", "-16384"})
	}
	return append(list, setting{"synchronous", "2"}, setting{"cache_size", "-8192"}, setting{"journal_size_limit", "67108864"})
}

// withLog is how an archive is kept, but while it is first filled (see first.go).
var withLog = setting{"journal_mode", "wal"}

// busy is how long to wait for another process.
func busy(wait time.Duration) setting {
	return setting{"busy_timeout", strconv.FormatInt(wait.Milliseconds(), 10)}
}

// A conn is one connection to the file, with the statements it has prepared.
type conn struct {
	db    *sql.DB
	c     *sql.Conn
	stmts map[string]*sql.Stmt
	feed  *feed  // nil until rows are written
	queue *queue // nil: it does not write
}

// connect opens a connection and checks that its settings took effect: SQLite ignores
// a PRAGMA that it cannot obey.
func connect(ctx context.Context, path string, u use) (*conn, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	mode := "rw"
	if u == looking {
		mode = "ro"
	}
	name := "file://" + (&url.URL{Path: filepath.ToSlash(abs)}).EscapedPath() + "?mode=" + mode
	if err := registerFeeds(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	c := &conn{db: db, stmts: map[string]*sql.Stmt{}}
	if u == writing {
		c.queue = newQueue(abs)
	}
	if c.c, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(failure(err), db.Close())
	}
	if u == writing {
		if err := c.keepLog(ctx); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	for _, s := range u.settings() {
		if err := c.set(ctx, s); err != nil {
			return nil, errors.Join(failure(err), c.close())
		}
	}
	return c, nil
}

// keepLog gives the file a log of what is written.
func (c *conn) keepLog(ctx context.Context) error {
	// Only a new file takes a page size. Records have some 450 bytes, of which larger pages
	// hold more without waste.
	if _, err := c.c.ExecContext(ctx, "PRAGMA page_size = 8192"); err != nil {
		return failure(err)
	}
	return c.patient(ctx, withLog, busyTimeout)
}

func (c *conn) set(ctx context.Context, s setting) error {
	var got string
	if _, err := c.c.ExecContext(ctx, "PRAGMA "+s.name+" = "+s.value); err != nil {
		return err
	}
	if err := c.c.QueryRowContext(ctx, "PRAGMA "+s.name).Scan(&got); err != nil {
		return err
	}
	if !strings.EqualFold(got, s.value) {
		return fmt.Errorf("PRAGMA %s is %s where %s is needed", s.name, got, s.value)
	}
	return nil
}

func (c *conn) close() error {
	var errs []error
	if c.feed != nil {
		defer feeds.Delete(c.feed.number)
	}
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	if c.queue != nil {
		c.queue.close()
	}
	if c.c != nil {
		errs = append(errs, c.c.Close())
	}
	return failure(errors.Join(append(errs, c.db.Close())...))
}

// stmt is the prepared statement for a query, kept for the life of the connection.
func (c *conn) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := c.stmts[query]; s != nil {
		return s, nil
	}
	s, err := c.c.PrepareContext(ctx, query)
	if err != nil {
		return nil, failure(err)
	}
	c.stmts[query] = s
	return s, nil
}

func (c *conn) exec(ctx context.Context, query string, args ...any) error {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, args...)
	return failure(err)
}

// insert executes a statement and returns the id of the row it made.
func (c *conn) insert(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, failure(err)
	}
	return res.LastInsertId()
}

// row scans the first row of a query; sql.ErrNoRows if there is none.
func (c *conn) row(ctx context.Context, query string, args []any, into ...any) error {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return err
	}
	return failure(s.QueryRowContext(ctx, args...).Scan(into...))
}

// each calls fn for every row of a query. The statement is kept prepared, so fn must not
// run the same query again.
func (c *conn) each(ctx context.Context, query string, args []any, fn func(*sql.Rows) error) error {
	s, err := c.stmt(ctx, query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return failure(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return failure(errors.Join(rows.Err(), rows.Close()))
}

// begin starts a transaction that writes, when it is its turn.
func (c *conn) begin(ctx context.Context) error {
	if c.queue != nil {
		leave, err := c.queue.enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
	}
	return c.exec(ctx, "BEGIN IMMEDIATE")
}

// rollback ends a transaction whatever became of it: SQLite may have ended it by itself
// after an error, and a cancelled context must not keep it open.
func (c *conn) rollback(ctx context.Context) {
	_ = c.exec(context.WithoutCancel(ctx), "ROLLBACK")
}

// failure gives an error of SQLite the name by which callers decide.
func failure(err error) error {
	var e *driver.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", store.ErrBusy, err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", store.ErrForeign, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%w: %w", store.ErrReadOnly, err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w: %w", store.ErrDisk, err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return err
}
