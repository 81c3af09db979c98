package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"

	"skyarchive/store/search"
)

// A wordCursor is a cursor over the posts with one of some words, that knows where in the
// post they stand.
type wordCursor interface {
	cursor
	// standing appends the places of the words in the post that the cursor is at. It must have
	// been made to be asked.
	standing(list []int32) ([]int32, error)
	// count is how many posts there are, about.
	count(ctx context.Context) (int, error)
}

// A family is a cursor over the posts with any of some words.
type family struct {
	either
	words []wordCursor // its members
}

func newFamily(words []wordCursor) wordCursor {
	if len(words) == 1 {
		return words[0]
	}
	f := &family{either{best: true}, words}
	for _, w := range words {
		f.members = append(f.members, member{w, newest})
	}
	return f
}

func (f *family) standing(list []int32) (_ []int32, err error) {
	f.here(0, func(c cursor) {
		if err == nil {
			list, err = c.(wordCursor).standing(list)
		}
	})
	return list, err
}

func (f *family) count(ctx context.Context) (n int, err error) {
	for _, w := range f.words {
		one, err := w.count(ctx)
		if err != nil {
			return n, err
		}
		n += one
	}
	return n, nil
}

// A run is the words that must stand in a post together.
type run struct {
	families []wordCursor
	places   [][]int32
	fit      func(places [][]int32) bool
}

// fits says whether the words stand as they must in the post that all are at.
func (r *run) fits(context.Context) (_ bool, err error) {
	for i, f := range r.families {
		if r.places[i], err = f.standing(r.places[i][:0]); err != nil {
			return false, err
		}
	}
	return r.fit(r.places), nil
}

// together is the posts in which words of all families stand as they must. Each counts the
// more the rarer it is, by the formula of BM25, and all of them as their sum.
func (e *evaluator) together(ctx context.Context, families []wordCursor, rarity *float32, fit func(places [][]int32) bool) (cursor, error) {
	if e.ranked {
		*rarity = 0
		for _, f := range families {
			count, err := f.count(ctx)
			if err != nil {
				return nil, err
			}
			n := float64(count)
			*rarity += float32(math.Log(1 + (max(e.posts, n)-n+0.5)/(n+0.5)))
		}
	}
	if len(families) == 1 {
		return families[0], nil
	}
	b := newBoth(nil, nil)
	for _, f := range families {
		b.parts = append(b.parts, f)
	}
	r := &run{families, make([][]int32, len(families)), fit}
	b.checks = append(b.checks, r.fits)
	return b, nil
}

// inOrder says whether words stand one behind the other.
func inOrder(places [][]int32) bool {
	return slices.ContainsFunc(places[0], func(at int32) bool {
		for i, other := range places[1:] {
			if !slices.Contains(other, at+int32(i)+1) {
				return false
			}
		}
		return true
	})
}

// near says whether words stand close together, in any order.
func near(places [][]int32, distance int32) bool {
	return slices.ContainsFunc(places[0], func(at int32) bool {
		for _, other := range places[1:] {
			if !slices.ContainsFunc(other, func(to int32) bool { return to-at <= distance && at-to <= distance }) {
				return false
			}
		}
		return true
	})
}

// A heldWords is a wordCursor over postings that are in memory, in the order of their ids. A
// post may have several.
type heldWords struct {
	list    []posting
	from    int // the postings of the post that it is at, and behind it those passed by
	to      int
	weights *weights
	rarity  *float32
}

func (h *heldWords) seek(_ context.Context, id int64) (int64, error) {
	if h.from < h.to && h.list[h.from].id <= id {
		return h.list[h.from].id, nil
	}
	i, _ := slices.BinarySearchFunc(h.list[:h.from], id, func(p posting, id int64) int {
		if p.id <= id {
			return -1
		}
		return 1
	})
	h.from, h.to = i, i
	for h.from > 0 && h.list[h.from-1].id == h.list[i-1].id {
		h.from--
	}
	if i == 0 {
		return none, nil
	}
	return h.list[h.from].id, nil
}

func (h *heldWords) score() float32 {
	var score float32
	for _, p := range h.list[h.from:h.to] {
		score = max(score, h.weights[p.detail])
	}
	return score * *h.rarity
}

func (h *heldWords) standing(list []int32) ([]int32, error) {
	for _, p := range h.list[h.from:h.to] {
		list = p.decodePlaces(list)
	}
	return list, nil
}

func (h *heldWords) count(context.Context) (int, error) { return len(h.list), nil }

// A term of more than fewRows rows is common.
const fewRows = 2

// beginning is the words of the index that start so. The many that are not common are read
// at once: walking through each by itself would take longer.
func (e *evaluator) beginning(ctx context.Context, prefix string, rarity *float32, placed bool) (list []wordCursor, err error) {
	exact := weigh(search.AnyLang, 1)
	few := &heldWords{weights: exact, rarity: rarity}
	const query = `SELECT term, first, posts, places FROM posting WHERE term >= ? AND term < ? ORDER BY term, first`
	errCommon := errors.New("a common term")
	for from := prefix; ; {
		var term string
		rows, start := 0, 0
		err := e.r.c.each(ctx, query, []any{from, prefix + "\U0010ffff"}, func(row *sql.Rows) (err error) {
			var name sql.RawBytes
			var b block
			if err := row.Scan(&name, &b.first, (*sql.RawBytes)(&b.posts), &b.places); err != nil {
				return err
			}
			if term != string(name) {
				term, rows, start = string(name), 0, len(few.list)
			}
			if rows++; rows > fewRows {
				return errCommon
			}
			if !isProperty(term) {
				few.list, err = b.decode(few.list, false)
			}
			return err
		})
		if err == nil {
			break
		}
		if err != errCommon {
			return nil, err
		}
		if few.list = few.list[:start]; !isProperty(term) {
			list = append(list, &termCursor{r: e.r, term: term, weights: exact, rarity: rarity, placed: placed, cur: newest})
		}
		from = term + "\x00"
	}
	slices.SortFunc(few.list, func(a, b posting) int { return cmp.Compare(a.id, b.id) })
	few.from, few.to = len(few.list), len(few.list)
	return append(list, few), nil
}
