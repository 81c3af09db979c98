package sqlite

import (
	"context"
	"database/sql"
	"slices"
)

// A termCursor is a cursor over the postings of a term. It reads rows of the index a few at a
// time, and makes postings only of those in which a post may stand that is asked for.
type termCursor struct {
	r       *reader
	term    string
	weights *weights // nil: a property
	rarity  *float32 // how much it counts for being rare, of a word
	placed  bool     // it will be asked for places

	ids     []int64  // of the row that the cursor is in, as far as they count
	details []detail // of a word
	at      int      // where in ids it is
	cur     int64
	row     block
	places  []stretch // of the row, made when they are asked for

	ahead []block // rows that are read and not yet come to, newest first
	room  []byte  // what they consist of
	rows  int     // how many were read at a time
	all   bool    // there are none behind them
}

// property is a cursor over the posts with a property.
func (r *reader) property(term string) *termCursor {
	return &termCursor{r: r, term: term, cur: newest}
}

// A cursor that has to read on reads twice as many rows each time, up to mostRows.
const firstRows, mostRows = 2, 16

func (c *termCursor) seek(ctx context.Context, id int64) (int64, error) {
	if c.cur <= id && c.cur < newest {
		return c.cur, nil
	}
	for {
		if c.at > 0 && c.ids[0] <= id {
			c.at = lastUpTo(c.ids[:c.at], id)
			c.cur = c.ids[c.at]
			return c.cur, nil
		}
		if found, err := c.load(ctx, id); !found || err != nil {
			c.cur = none
			return none, err
		}
		if c.at == 0 || c.ids[0] > id { // what stands up to it in the row does not count
			c.at, id = 0, c.row.first-1
		}
	}
}

// lastUpTo is where the last id stands that is not above another one: near the end, as a
// rule. The first one is not.
func lastUpTo(ids []int64, id int64) int {
	from, to := len(ids)-1, len(ids)
	for step := 1; ids[from] > id; step *= 2 {
		from, to = max(from-step, 0), from
	}
	i, found := slices.BinarySearch(ids[from:to], id)
	if !found {
		i--
	}
	return from + i
}

// load goes to the row in which an id stands or would stand.
func (c *termCursor) load(ctx context.Context, id int64) (bool, error) {
	i := slices.IndexFunc(c.ahead, func(b block) bool { return b.first <= id })
	if i < 0 {
		if c.all {
			return false, nil
		}
		if err := c.read(ctx, id); err != nil || len(c.ahead) == 0 {
			return false, err
		}
		i = 0
	}
	c.row, c.ahead = c.ahead[i], c.ahead[i+1:]
	c.places = c.places[:0]
	var err error
	c.ids, c.details, err = c.row.read(c.ids[:0], c.details[:0], c.weights)
	c.at = len(c.ids)
	return true, err
}

// read reads the next rows from that of an id on.
func (c *termCursor) read(ctx context.Context, id int64) error {
	c.rows = min(max(c.rows*2, firstRows), mostRows)
	c.ahead, c.room = c.ahead[:0], c.room[:0]
	query := `SELECT first, posts, NULL FROM posting WHERE term = ? AND first <= ? ORDER BY first DESC LIMIT ?`
	if c.placed {
		query = `SELECT first, posts, places FROM posting WHERE term = ? AND first <= ? ORDER BY first DESC LIMIT ?`
	}
	err := c.r.c.each(ctx, query, []any{c.term, id, c.rows}, func(rows *sql.Rows) error {
		var first int64
		var posts, places sql.RawBytes
		err := rows.Scan(&first, &posts, &places)
		c.room = append(append(c.room, posts...), places...)
		end := len(c.room)
		middle := end - len(places)
		start := middle - len(posts)
		c.ahead = append(c.ahead, block{first, c.room[start:middle:middle], c.room[middle:end:end]})
		return err
	})
	c.all = len(c.ahead) < c.rows
	return err
}

func (c *termCursor) score() float32 {
	if c.weights == nil {
		return 0
	}
	return c.weights[c.details[c.at]] * *c.rarity
}

// count implements [wordCursor]. It must come before the cursor has moved.
func (c *termCursor) count(ctx context.Context) (int, error) {
	if id, err := c.seek(ctx, newest); id == none || err != nil {
		return 0, err
	}
	// The rows that were read are all, or tell how many bytes a posting takes.
	bytes := len(c.row.posts)
	size := len(c.ids)
	for _, b := range c.ahead {
		ids, _, err := b.read(nil, nil, c.weights)
		if err != nil {
			return 0, err
		}
		bytes, size = bytes+len(b.posts), size+len(ids)
	}
	if c.all {
		return size, nil
	}
	var total int
	err := c.r.c.row(ctx, `SELECT sum(length(posts)) FROM posting WHERE term = ?`, []any{c.term}, &total)
	size = total * size / bytes
	return size, err
}

// standing implements [wordCursor].
func (c *termCursor) standing(list []int32) ([]int32, error) {
	if len(c.places) == 0 {
		var err error
		if c.places, err = c.row.placesOf(c.places, c.weights); err != nil {
			return list, err
		}
	}
	at := c.places[c.at]
	return posting{detail: c.details[c.at], places: c.row.places[at.start:at.end]}.decodePlaces(list), nil
}
