package sqlite

import (
	"context"
	"math"
	"slices"
)

// A cursor walks through the posts that a part of a query selects, newest first, which is
// from the greatest id down. It reads no more of the index than it must to get on, so that a
// query with few hits, or of which only the first are wanted, costs little however common
// its words are.
type cursor interface {
	// seek goes to the newest post whose id is not above the given one, and returns its id; none
	// at the end. It stays where it is if it is there already. Ids that are asked for must not
	// grow. What a cursor is made of is never sent behind the post that the cursor comes to, so
	// that several may be made of one. Of [during] alone a post need not exist.
	seek(ctx context.Context, id int64) (int64, error)

	// score is how well the post fits that the cursor is at.
	score() float32
}

const (
	none   int64 = -1            // below every id
	newest int64 = math.MaxInt64 // above every id
)

// An idList is a cursor over ids that are known, in the order in which they grow.
type idList []int64

func (l *idList) seek(_ context.Context, id int64) (int64, error) {
	for n := len(*l); n > 0; n = len(*l) {
		if last := (*l)[n-1]; last <= id {
			return last, nil
		}
		i, found := slices.BinarySearch(*l, id)
		if found {
			i++
		}
		*l = (*l)[:i]
	}
	return none, nil
}

func (*idList) score() float32 { return 0 }

// An either is at the posts that any of its members selects.
type either struct {
	members []member // a heap: none is at a newer post than the first
	// Words of one family count once, as the best of them does; others add up.
	best bool
}

// A member is a cursor and where it is.
type member struct {
	cursor
	at int64
}

func newEither(cursors []cursor, best bool) cursor {
	switch len(cursors) {
	case 0:
		return new(idList)
	case 1:
		return cursors[0]
	}
	e := &either{best: best}
	for _, c := range cursors {
		e.members = append(e.members, member{c, newest})
	}
	return e
}

func (e *either) seek(ctx context.Context, id int64) (_ int64, err error) {
	first := &e.members[0]
	for first.at > id || first.at == newest {
		if first.at, err = first.seek(ctx, id); err != nil {
			return none, err
		}
		e.sink()
	}
	return first.at, nil
}

// sink brings the first member to where it belongs.
func (e *either) sink() {
	list := e.members
	for i := 0; ; {
		child := 2*i + 1
		if child+1 < len(list) && list[child+1].at > list[child].at {
			child++
		}
		if child >= len(list) || list[child].at <= list[i].at {
			return
		}
		list[i], list[child] = list[child], list[i]
		i = child
	}
}

// here calls fn with the members that are at the same post as the first.
func (e *either) here(i int, fn func(cursor)) {
	if i >= len(e.members) || e.members[i].at != e.members[0].at {
		return
	}
	fn(e.members[i].cursor)
	e.here(2*i+1, fn)
	e.here(2*i+2, fn)
}

func (e *either) score() (score float32) {
	e.here(0, func(c cursor) {
		if e.best {
			score = max(score, c.score())
		} else {
			score += c.score()
		}
	})
	return score
}

// A both is at the posts that all of its parts select, none of the excluded ones does, and
// that stand up to its checks.
type both struct {
	parts    []cursor
	excluded []cursor
	// checks look at the post that the parts are at. They cost more than the parts.
	checks []func(ctx context.Context) (bool, error)
	cur    int64
}

// newBoth takes what parts consist of for its own, so that a check is made only where all
// parts agree.
func newBoth(parts, excluded []cursor) *both {
	b := &both{excluded: slices.Clone(excluded), cur: newest}
	for _, part := range parts {
		if other, ok := part.(*both); ok {
			b.parts = append(b.parts, other.parts...)
			b.excluded = append(b.excluded, other.excluded...)
			b.checks = append(b.checks, other.checks...)
			continue
		}
		b.parts = append(b.parts, part)
	}
	return b
}

func (b *both) seek(ctx context.Context, id int64) (int64, error) {
	if b.cur <= id && b.cur < newest {
		return b.cur, nil
	}
	for {
		at, err := b.agree(ctx, id)
		if err != nil {
			return none, err
		}
		if at != none {
			good, err := b.good(ctx, at)
			if err != nil {
				return none, err
			}
			if !good {
				id = at - 1
				continue
			}
		}
		b.cur = at
		return at, nil
	}
}

// agree is the newest post that all parts select, and brings all of them there.
func (b *both) agree(ctx context.Context, id int64) (int64, error) {
	for i := 0; i < len(b.parts); {
		at, err := b.parts[i].seek(ctx, id)
		if at == none || err != nil {
			return none, err
		}
		if i++; at < id {
			if id = at; i > 1 {
				i = 0
			}
		}
	}
	return id, nil
}

func (b *both) good(ctx context.Context, id int64) (bool, error) {
	for _, c := range b.excluded {
		if at, err := c.seek(ctx, id); at == id || err != nil {
			return false, err
		}
	}
	for _, check := range b.checks {
		if good, err := check(ctx); !good || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (b *both) score() float32 {
	var score float32
	for _, c := range b.parts {
		score += c.score()
	}
	return score
}

// next is the next posts of a cursor from an id down, at most so many.
func next(ctx context.Context, c cursor, id int64, most int) (list []int64, err error) {
	for len(list) < most {
		if id, err = c.seek(ctx, id); id == none || err != nil {
			return list, err
		}
		list = append(list, id)
		id--
	}
	return list, nil
}
