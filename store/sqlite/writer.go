package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"iter"
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
	room    chan []pendingPost // to be used again
	packed  []byte             // a reading, used again
	rows    rows
	index   *index
	counted map[int64]bool // accounts whose numbers are to be counted again
	names   map[string]map[string]int64
	reasons map[string]int64

	decidedNow map[syntax.ATURI]bool    // posts whose claims are to be brought up to date with decisions
	recent     map[recordKey]keptRecord // records written lately, of which posts are still to come
	prefixes   *prefixes                // finds records while there is no index of them, else nil
	lastRecord int64                    // the greatest id of a record, -1: not looked up yet
	lastPost   int64                    // the greatest id of a post, -1: not looked up yet
	lastKey    map[int64]int64          // the greatest number of a post's key, by account
	taken      map[int64]bool           // ids given to posts of this batch
}

var _ store.Writer = (*writer)(nil)

func newWriter(c *conn) *writer {
	w := &writer{
		reader:     newReader(c),
		room:       make(chan []pendingPost, 4), // more than wait for the index
		rows:       newRows(c),
		index:      newIndex(c),
		counted:    map[int64]bool{},
		decidedNow: map[syntax.ATURI]bool{},
		names:      map[string]map[string]int64{},
		reasons:    map[string]int64{},
		recent:     map[recordKey]keptRecord{},
		lastRecord: -1,
		lastPost:   -1,
		lastKey:    map[int64]int64{},
		taken:      map[int64]bool{},
	}
	w.flush = w.writeAll
	w.flushWords = func(ctx context.Context) error { return w.fail(w.index.flush(ctx)) }
	return w
}

// The rows that wait to be written, table by table.
type rows struct {
	records, posts, readings, tags, claims *batch
}

func newRows(c *conn) rows {
	return rows{
		records:  c.batch(`INSERT OR FAIL INTO record (id, account, prefix, bytes)`, 4),
		posts:    c.batch(`INSERT OR FAIL INTO post (`+strings.Join(postNames, ", ")+`)`, len(postNames)),
		readings: c.batch(`INSERT OR REPLACE INTO reading (post, passages)`, 2),
		tags:     c.batch(`INSERT OR IGNORE INTO topic_tag (post, start_byte, topic)`, 3),
		claims:   c.batch(`INSERT OR FAIL INTO claim (`+strings.Join(claimNames, ", ")+`)`, len(claimNames)),
	}
}

// writePosts writes what hangs on posts. A failure undoes the whole transaction, so that no
// statement needs a savepoint: hence OR FAIL.
func (r *rows) writePosts(ctx context.Context) error {
	for _, b := range []*batch{r.posts, r.readings, r.tags, r.claims} {
		if err := b.write(ctx); err != nil {
			return err
		}
	}
	return nil
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

// writeAll writes what is held back, but for words.
func (w *writer) writeAll(ctx context.Context) error {
	if w.failed != nil {
		return w.failed
	}
	if err := w.flushPosts(ctx); err != nil {
		return w.fail(err)
	}
	if err := w.deriveDecided(ctx); err != nil {
		return w.fail(err)
	}
	return nil
}

// count counts what accounts hold where that has changed. It looks at all posts of an
// account, so it waits until somebody asks.
func (w *writer) count(ctx context.Context) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	if err := w.writeAll(ctx); err != nil {
		return err
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

// Accounts implements [store.Reader].
func (w *writer) Accounts(ctx context.Context) iter.Seq2[store.Account, error] {
	return func(yield func(store.Account, error) bool) {
		if err := w.count(ctx); err != nil {
			yield(store.Account{}, err)
			return
		}
		w.reader.Accounts(ctx)(yield)
	}
}

// Account implements [store.Reader].
func (w *writer) Account(ctx context.Context, did syntax.DID) (store.Account, error) {
	if err := w.count(ctx); err != nil {
		return store.Account{}, err
	}
	return w.reader.Account(ctx, did)
}

// AccountsNamed implements [store.Reader].
func (w *writer) AccountsNamed(ctx context.Context, name string) ([]store.Account, error) {
	if err := w.count(ctx); err != nil {
		return nil, err
	}
	return w.reader.AccountsNamed(ctx, name)
}

func (w *writer) finish(ctx context.Context) error {
	if err := w.count(ctx); err != nil {
		return err
	}
	return w.flushWords(ctx)
}

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
