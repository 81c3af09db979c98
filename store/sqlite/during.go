package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"skyarchive/store/search"
)

// A during is a cursor over the posts that are of a time or newer (since), or older (until).
// Ids tell the time but for the posts near it, those from before there were any ids, and
// those whose id is far from their time; these are looked up. Of all others it takes any id
// for one of a post, so that it must walk with a cursor that knows which there are.
type during struct {
	since bool
	edge  int64 // of posts that are not looked up, those above it are newer than the time
	in    idList
	out   map[int64]bool
}

// shift is by how much the id of a post is greater than the second of its age: the others of
// that second push it on. An index knows which are far.
const shift = `id - max(age / 1000000 - 1577836800, 1)`

// slack is how far the id of a post is from its time as a rule, in seconds. The index of
// those that are farther says it in its own words, and is used by none that are others.
const (
	slack    = 3600
	farShift = `SELECT id, age FROM post INDEXED BY post_shift WHERE ` + shift + ` < 0
		UNION ALL SELECT id, age FROM post INDEXED BY post_shift WHERE ` + shift + ` > 3600`
)

// during is the posts on one side of a moment. One without any time is not older.
func (e *evaluator) during(ctx context.Context, f search.Field) (*during, error) {
	t, err := search.Moment(f.Value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f, err)
	}
	second := max(t.Unix()-epoch, 0)
	d := &during{since: f.Name == "since", edge: second + slack + 1, out: map[int64]bool{}}
	const query = `SELECT id, age FROM post WHERE id BETWEEN ?1 AND ?2 UNION ALL SELECT id, age FROM post WHERE id <= ?3 + 1
		UNION ALL ` + farShift
	err = e.r.c.each(ctx, query, []any{second, d.edge, slack}, func(rows *sql.Rows) error {
		var id, age int64
		err := rows.Scan(&id, &age)
		in := age >= t.UnixMicro()
		if !d.since {
			in = age <= t.UnixMicro() && age > time.Time{}.UnixMicro()
		}
		if in {
			d.in = append(d.in, id)
		} else {
			d.out[id] = true
		}
		return err
	})
	slices.Sort(d.in)
	return d, err
}

func (d *during) seek(ctx context.Context, id int64) (int64, error) {
	for d.out[id] {
		id--
	}
	if d.since == (id > d.edge) {
		return id, nil
	}
	known, err := d.in.seek(ctx, id)
	if d.since || known > d.edge || err != nil {
		return known, err
	}
	return d.seek(ctx, d.edge)
}

func (*during) score() float32 { return 0 }
