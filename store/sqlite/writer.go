package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// A writer implements [store.Writer]. It holds records and posts back to write many rows
// with one statement, and brings them into the file before anything is read.
type writer struct {
	*reader
	failed  error // the first failure: what follows it must not be kept
	records []pendingRecord
	posts   []pendingPost
	counted map[int64]bool // accounts whose numbers are to be counted again
	names   map[string]map[string]int64
	reasons map[string]int64
	lastID  int64          // the greatest id of a post, -1: not looked up yet
	taken   map[int64]bool // ids given to posts of this batch
}

var _ store.Writer = (*writer)(nil)

func newWriter(c *conn) *writer {
	w := &writer{reader: newReader(c), counted: map[int64]bool{}, names: map[string]map[string]int64{}, lastID: -1, taken: map[int64]bool{}, reasons: map[string]int64{}}
	w.flush = w.writeAll
	return w
}

// begin opens every call that writes.
func (w *writer) begin(ctx context.Context) error {
	switch {
	case w.ended:
		return errEnded
	case w.ranging:
		return store.ErrNested
	case w.failed != nil:
		return w.failed
	}
	return ctx.Err()
}

// fail remembers a failure, so that the transaction cannot be kept.
func (w *writer) fail(err error) error {
	if err != nil && w.failed == nil {
		w.failed = err
	}
	return err
}

func (w *writer) exec(ctx context.Context, query string, args ...any) error {
	return w.fail(w.c.exec(ctx, query, args...))
}

// writeAll writes what is held back and counts what has changed.
func (w *writer) writeAll(ctx context.Context) error {
	if w.failed != nil {
		return w.failed
	}
	if err := w.flushPosts(ctx); err != nil {
		return w.fail(err)
	}
	for id := range w.counted {
		if err := w.exec(ctx, `UPDATE account SET
			posts = (SELECT count(*) FROM post WHERE account = ?1 AND status = 'live'),
			threads = (SELECT count(*) FROM thread WHERE account = ?1),
			claims = (SELECT count(*) FROM post p JOIN claim c ON c.post = p.id
				WHERE p.account = ?1 AND p.status = 'live' AND c.checkworthy)
			WHERE id = ?1`, id); err != nil {
			return err
		}
		delete(w.counted, id)
	}
	return nil
}

func (w *writer) finish(ctx context.Context) error { return w.writeAll(ctx) }

// intern is the row of an account, made if there is none.
func (w *writer) intern(ctx context.Context, did syntax.DID) (int64, error) {
	id, err := w.accountID(ctx, did)
	if !errors.Is(err, store.ErrNotFound) {
		return id, err
	}
	id, err = w.c.insert(ctx, `INSERT INTO account (did) VALUES (?)`, string(did))
	if err != nil {
		return 0, w.fail(err)
	}
	w.accounts[id], w.ids[did] = atproto.Account{DID: did}, id
	return id, nil
}

// name is the row of a name in a table of names, made if there is none.
func (w *writer) name(ctx context.Context, table, name string) (int64, error) {
	known := w.names[table]
	if known == nil {
		known = map[string]int64{}
		w.names[table] = known
		err := w.c.each(ctx, `SELECT name, id FROM `+table, nil, func(rows *sql.Rows) error {
			var s string
			var id int64
			if err := rows.Scan(&s, &id); err != nil {
				return err
			}
			known[s] = id
			return nil
		})
		if err != nil {
			return 0, w.fail(err)
		}
	}
	if id, ok := known[name]; ok {
		return id, nil
	}
	id, err := w.c.insert(ctx, `INSERT INTO `+table+` (name) VALUES (?)`, name)
	if err != nil {
		return 0, w.fail(err)
	}
	known[name] = id
	if table == "collection" {
		w.collections = nil
	}
	return id, nil
}

// A batch inserts rows, as many with one statement as its size.
type batch struct {
	w       *writer
	head    string // INSERT INTO table (columns) VALUES
	width   int    // values in a row
	size    int
	args    []any
	queries map[int]string
}

// batchRows is how many rows one statement inserts.
const batchRows = 128

func (w *writer) batch(head string, width int) *batch {
	return &batch{w: w, head: head, width: width, size: batchRows, queries: map[int]string{}}
}

// single is a batch of one row a statement. SQLite opens a savepoint for a statement of
// several rows, at which FTS5 writes out all words that it holds in memory, so where words
// are written too, more statements are faster than fewer.
func (w *writer) single(head string, width int) *batch {
	b := w.batch(head, width)
	b.size = 1
	return b
}

func (b *batch) add(ctx context.Context, values ...any) error {
	if b.size == 1 {
		return b.insert(ctx, 1, values)
	}
	b.args = append(b.args, values...)
	if len(b.args) < b.size*b.width {
		return nil
	}
	return b.write(ctx)
}

// write inserts the rows that are left, in a few statements whose sizes recur.
func (b *batch) write(ctx context.Context) error {
	args := b.args
	for size := b.size; len(args) > 0; size = max(size/4, 1) {
		for ; len(args) >= size*b.width; args = args[size*b.width:] {
			if err := b.insert(ctx, size, args[:size*b.width]); err != nil {
				return err
			}
		}
	}
	clear(b.args)
	b.args = b.args[:0]
	return nil
}

func (b *batch) insert(ctx context.Context, rows int, args []any) error {
	query, ok := b.queries[rows]
	if !ok {
		row := "(" + marks(b.width) + "),"
		query = b.head + strings.TrimSuffix(strings.Repeat(row, rows), ",")
		b.queries[rows] = query
	}
	return b.w.exec(ctx, query, args...)
}
