package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// A reader implements [store.Reader] in the transaction of its connection. What it loads
// of an account for the sake of many rows it keeps until its end.
type reader struct {
	c          *conn
	flush      func(context.Context) error // writes what a writer holds back; nil in a View
	flushWords func(context.Context) error // writes the words that it holds back
	ranging    bool
	ended      bool

	accounts    map[int64]atproto.Account
	ids         map[syntax.DID]int64
	collections map[int64]string
	phrases     map[int64]string
	histories   map[int64]*history
	decisions   map[syntax.DID]*decided
	asked       map[syntax.DID]int // posts whose decisions were looked up one by one
	forgotten   map[syntax.DID]*forgotten
}

var _ store.Reader = (*reader)(nil)

func newReader(c *conn) *reader {
	return &reader{
		c:         c,
		histories: map[int64]*history{},
		decisions: map[syntax.DID]*decided{},
		asked:     map[syntax.DID]int{},
		forgotten: map[syntax.DID]*forgotten{},
	}
}

var errEnded = errors.New("the archive was called outside the function that it was lent to")

// begin opens every call: it refuses those that the contract forbids and brings what is
// held back into the file.
func (r *reader) begin(ctx context.Context) error {
	switch {
	case r.ended:
		return errEnded
	case r.ranging:
		return store.ErrNested
	case ctx.Err() != nil:
		return ctx.Err()
	case r.flush != nil:
		return r.flush(ctx)
	}
	return nil
}

func (r *reader) end() { r.ended = true }

var errStopped = errors.New("the caller stopped ranging")

// sequence makes a sequence of what run yields, and keeps other calls out meanwhile.
func sequence[T any](ctx context.Context, r *reader, run func(yield func(T) error) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if err := r.begin(ctx); err != nil {
			yield(none, err)
			return
		}
		r.ranging = true
		defer func() { r.ranging = false }()
		err := run(func(v T) error {
			if !yield(v, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && err != errStopped {
			yield(none, err)
		}
	}
}

// loadAccounts reads who the accounts are: there are few, and every row names one.
func (r *reader) loadAccounts(ctx context.Context) error {
	if r.accounts != nil {
		return nil
	}
	accounts, ids := map[int64]atproto.Account{}, map[syntax.DID]int64{}
	err := r.c.each(ctx, "SELECT id, did, handle, pds FROM account", nil, func(rows *sql.Rows) error {
		var id int64
		var a atproto.Account
		if err := rows.Scan(&id, &a.DID, &a.Handle, &a.PDS); err != nil {
			return err
		}
		accounts[id], ids[a.DID] = a, id
		return nil
	})
	if err != nil {
		return err
	}
	r.accounts, r.ids = accounts, ids
	return nil
}

// accountID is the row of an account, or ErrNotFound.
func (r *reader) accountID(ctx context.Context, did syntax.DID) (int64, error) {
	if err := r.loadAccounts(ctx); err != nil {
		return 0, err
	}
	id, ok := r.ids[did]
	if !ok {
		return 0, store.ErrNotFound
	}
	return id, nil
}

// timeLayout writes times so that they sort as text and lose nothing.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

func timeText(t time.Time) string { return t.UTC().Format(timeLayout) }

// nullTime is timeText, or NULL for the zero time.
func nullTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return timeText(t)
}

func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t.UTC(), err
}

// A timeValue scans a time column; NULL is the zero time.
type timeValue struct{ time.Time }

// Scan implements [sql.Scanner].
func (t *timeValue) Scan(v any) (err error) {
	s, _ := v.(string)
	t.Time, err = parseTime(s)
	return err
}

// rkeyValue is how a record key is kept: as its number if it is a TID.
func rkeyValue(key string) any {
	if n, ok := atproto.TIDNumber(key); ok && atproto.TID(n) == key {
		return int64(n)
	}
	return key
}

// rkeyText is the record key that rkeyValue kept.
func rkeyText(v any) string {
	switch v := v.(type) {
	case int64:
		return atproto.TID(uint64(v))
	case string:
		return v
	case []byte:
		return string(v)
	}
	return ""
}

// cidValue is how a CID is kept: the hash alone if it is a DAG-CBOR block, as all but
// blobs are, and NULL for none.
func cidValue(c atproto.CID) any {
	if c.IsZero() {
		return nil
	}
	if c.IsBlob() {
		return c[:]
	}
	return c[4:]
}

// cidOf is the CID that cidValue kept.
func cidOf(b []byte) (atproto.CID, error) {
	if len(b) == 0 {
		return atproto.CID{}, nil
	}
	if len(b) == 32 {
		c := atproto.CID{1, 0x71, 0x12, 0x20}
		copy(c[4:], b)
		return c, nil
	}
	return atproto.CIDFromBytes(b)
}

// marks is n question marks for the values of a list.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }
