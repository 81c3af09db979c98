package sqlite

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"skyarchive/store"
)

// A weighed is an idList whose posts count.
type weighed struct{ idList }

func (w *weighed) score() float32 { return weightOf(w.idList[len(w.idList)-1]) }

func weightOf(id int64) float32 { return float32(id%7 + 1) }

// A made is a cursor with what it should do: which posts it selects, and how well they fit.
type made struct {
	cursor
	selects func(id int64) bool
	fits    func(id int64) float32
}

// makeCursor makes a random cursor over some of the ids below most.
func makeCursor(random *rand.Rand, most int64, depth int) made {
	if depth == 0 || random.IntN(3) == 0 {
		set := map[int64]bool{}
		var ids idList
		share := random.IntN(4)
		for id := range most {
			if random.IntN(1+share*share*4) == 0 {
				ids, set[id] = append(ids, id), true
			}
		}
		return made{&weighed{ids}, func(id int64) bool { return set[id] }, weightOf}
	}
	parts := make([]made, 1+random.IntN(3))
	var list []cursor
	for i := range parts {
		parts[i] = makeCursor(random, most, depth-1)
		list = append(list, parts[i].cursor)
	}
	sum := func(id int64) (n float32) {
		for _, p := range parts {
			if p.selects(id) {
				n += p.fits(id)
			}
		}
		return n
	}
	if random.IntN(2) == 0 {
		return made{newEither(list, false), func(id int64) bool {
			return slices.ContainsFunc(parts, func(p made) bool { return p.selects(id) })
		}, sum}
	}
	out := makeCursor(random, most, depth-1)
	b := newBoth(list, []cursor{out.cursor})
	b.checks = append(b.checks, func(context.Context) (bool, error) { return b.parts[0].score() != 3, nil })
	first := parts[0]
	checked := func(id int64) bool { return true }
	if _, ok := first.cursor.(*both); !ok {
		checked = func(id int64) bool { return first.fits(id) != 3 }
	} else {
		b.checks = b.checks[:len(b.checks)-1]
	}
	return made{b, func(id int64) bool {
		return !slices.ContainsFunc(parts, func(p made) bool { return !p.selects(id) }) && !out.selects(id) && checked(id)
	}, sum}
}

// Whatever cursors are made of, and wherever they are sent, they come to the posts that a look
// at each would find.
func TestCursors(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		const most = 150
		c := makeCursor(random, most, 3)
		leap := []int64{1, 1, 4, 20}[random.IntN(4)]
		for at := int64(most); at >= 0; at -= 1 + random.Int64N(leap) {
			want := at
			for want >= 0 && !c.selects(want) {
				want--
			}
			got, err := c.seek(t.Context(), at)
			if err != nil || got != want {
				t.Fatalf("up to %d at %d, want %d: %v", at, got, want, err)
			}
			if got == none {
				break
			}
			if got, want := c.score(), c.fits(want); got != want {
				t.Fatalf("post %d fits %v, want %v", at, got, want)
			}
			at = min(at, got)
		}
	}
}

// However many hits are known, the pages show each once, in the order of one page with all.
func TestPages(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		var ids idList
		for id := range int64(300) {
			if random.IntN(3) == 0 {
				ids = append(ids, id)
			}
		}
		for _, q := range []store.Query{{}, {Best: true}, {Oldest: true}} {
			q.Limit = 1 + random.IntN(20)
			most := 1 + random.IntN(150)
			if q.Oldest {
				most = 1000
			}
			want := make([]hit, 0, len(ids))
			for _, id := range slices.Backward(ids) {
				h := hit{id: id}
				if q.Best {
					h.score = weightOf(id)
				}
				want = append(want, h)
			}
			if q.Best { // only the hits that are known are ranked
				want = want[:min(most, len(want))]
				slices.SortFunc(want, byRank)
			}
			if q.Oldest {
				slices.Reverse(want)
			}
			var got []hit
			var last *hit
			for {
				f, err := find(t.Context(), &weighed{slices.Clone(ids)}, q.Best, most)
				if err != nil || len(f.newest) != min(most, len(ids)) || (f.rest != nil) != (len(ids) > most) {
					t.Fatalf("%d of %d known, most %d, %v", len(f.newest), len(ids), most, err)
				}
				page, err := f.page(t.Context(), q, last)
				if err != nil || len(page) > q.Limit+1 {
					t.Fatalf("a page of %d, %v", len(page), err)
				}
				got = append(got, page[:min(q.Limit, len(page))]...)
				if len(page) <= q.Limit {
					break
				}
				shown := got[len(got)-1]
				last = &shown
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%+v, %d known at once: %v, want %v", q, most, got, want)
			}
		}
	}
}
