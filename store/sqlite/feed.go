package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite/vtab"
)

// Rows reach the file through a virtual table: "INSERT INTO post (…) SELECT c0, c1, … FROM
// feed" makes SQLite ask for the values that are held here, thousands of rows with one
// statement. Binding them to parameters takes two to three times as long.

// feedWidth is how many columns a feed has: as many as the widest row needs.
const feedWidth = 24

// A feed is the virtual table of one connection. It shows one batch of values at a time.
type feed struct {
	number string
	values []driver.Value
	width  int
}

var (
	// feeds has the feed of a connection under the number that its virtual table was made with,
	// until the connection is closed: SQLite asks for it again whenever it reads the schema
	// anew, after a VACUUM for one, also one of another process.
	feeds    sync.Map
	feedsNow atomic.Int64

	registerFeeds = sync.OnceValue(func() error { return vtab.RegisterModule(nil, "skyarchive_feed", feedModule{}) })
)

// openFeed makes the virtual table of a connection, outside of any transaction. The
// module was registered before the connection was opened.
func (c *conn) openFeed(ctx context.Context) error {
	if c.feed != nil {
		return nil
	}
	number := strconv.FormatInt(feedsNow.Add(1), 10)
	f := &feed{number: number}
	feeds.Store(number, f)
	if _, err := c.c.ExecContext(ctx, "CREATE VIRTUAL TABLE temp.feed USING skyarchive_feed ("+number+")"); err != nil {
		feeds.Delete(number)
		return failure(err)
	}
	c.feed = f
	return nil
}

type feedModule struct{}

func (m feedModule) Create(c vtab.Context, args []string) (vtab.Table, error) {
	return m.Connect(c, args)
}

func (feedModule) Connect(c vtab.Context, args []string) (vtab.Table, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("a feed without a number")
	}
	f, ok := feeds.Load(args[3])
	if !ok {
		return nil, fmt.Errorf("no feed has the number %s", args[3])
	}
	return feedTable{f.(*feed)}, c.Declare("CREATE TABLE feed (" + feedColumns(feedWidth) + ")")
}

// feedColumns names the first columns of a feed.
func feedColumns(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	return strings.Join(names, ", ")
}

type feedTable struct{ *feed }

func (feedTable) BestIndex(*vtab.IndexInfo) error { return nil }
func (feedTable) Disconnect() error               { return nil }
func (feedTable) Destroy() error                  { return nil }

func (t feedTable) Open() (vtab.Cursor, error) { return &feedCursor{feed: t.feed}, nil }

type feedCursor struct {
	*feed
	at int // where the row starts in values
}

func (c *feedCursor) Filter(int, string, []vtab.Value) error { c.at = 0; return nil }
func (c *feedCursor) Next() error                            { c.at += c.width; return nil }
func (c *feedCursor) Eof() bool                              { return c.at >= len(c.values) }
func (c *feedCursor) Rowid() (int64, error)                  { return int64(c.at), nil }
func (c *feedCursor) Close() error                           { return nil }

func (c *feedCursor) Column(i int) (vtab.Value, error) {
	if i >= c.width {
		return nil, nil
	}
	return c.values[c.at+i], nil
}

// A batch is rows that wait to be written with one statement, or to be looked up with one
// query.
type batch struct {
	c      *conn
	query  string
	width  int
	values []driver.Value
}

// batch makes a batch for a statement that is run over the rows of the feed; head says what
// becomes of them: "INSERT INTO post (id, rkey)". It has width columns.
func (c *conn) batch(head string, width int) *batch {
	return &batch{c: c, query: head + " SELECT " + feedColumns(width) + " FROM temp.feed", width: width}
}

// add adds a row.
func (b *batch) add(values ...any) {
	for _, v := range values {
		if n, ok := v.(int); ok {
			v = int64(n)
		}
		b.values = append(b.values, v)
	}
}

// write runs the statement if there are rows, and empties the batch.
func (b *batch) write(ctx context.Context) error {
	if len(b.values) == 0 {
		return nil
	}
	defer b.show()()
	return b.c.exec(ctx, b.query)
}

// each calls fn for every row of a query over the feed, and empties the batch.
func (b *batch) each(ctx context.Context, query string, fn func(*sql.Rows) error) error {
	if len(b.values) == 0 {
		return nil
	}
	defer b.show()()
	return b.c.each(ctx, query, nil, fn)
}

// show lets the feed have the rows until it is told to forget them.
func (b *batch) show() (forget func()) {
	b.c.feed.values, b.c.feed.width = b.values, b.width
	return func() {
		b.c.feed.values = nil
		clear(b.values) // what they point to can go
		b.values = b.values[:0]
	}
}
