package sqlite

import (
	"cmp"
	"container/heap"
	"context"
	"slices"

	"skyarchive/store"
)

// A hit is a post that a query selects, and how well it fits.
type hit struct {
	id    int64
	score float32
}

// found is what a search knows of its hits: all of them, or the newest and where the others
// start.
type found struct {
	newest []hit
	rest   cursor // at a post behind the newest; nil: they are all
}

// find collects the newest hits, at most so many.
func find(ctx context.Context, c cursor, ranked bool, most int) (f found, err error) {
	for id := newest; ; id-- {
		if id, err = c.seek(ctx, id); id == none || err != nil {
			return f, err
		}
		if len(f.newest) == most {
			f.rest = c
			return f, nil
		}
		h := hit{id: id}
		if ranked {
			h.score = c.score()
		}
		f.newest = append(f.newest, h)
	}
}

// page is the next hits behind another one, and one more, in the order of a query.
func (f found) page(ctx context.Context, q store.Query, last *hit) ([]hit, error) {
	n := 0
	if q.Limit > 0 {
		n = q.Limit + 1
	}
	list := f.newest
	at, known := 0, false
	if last != nil {
		at, known = slices.BinarySearchFunc(list, last.id, func(h hit, id int64) int { return cmp.Compare(id, h.id) })
	}
	switch {
	case q.Best:
		// The score of the last hit may have changed with the posts that came in between.
		if known {
			last = &list[at]
		}
		return top(list, n, last), nil
	case q.Oldest:
		if last != nil {
			list = list[:at]
		}
		slices.Reverse(list)
	default:
		if known {
			at++
		}
		list = list[at:]
		if f.rest == nil || len(list) >= n {
			break
		}
		end := f.newest[len(f.newest)-1].id
		if last != nil {
			end = min(end, last.id)
		}
		more, err := next(ctx, f.rest, end-1, n-len(list))
		for _, id := range more {
			list = append(list, hit{id: id})
		}
		return list, err
	}
	if n > 0 {
		list = list[:min(n, len(list))]
	}
	return list, nil
}

// byRank orders hits: those that fit best first, of those that fit as well the newest.
func byRank(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.id, a.id)) }

// top is the first n of the hits behind another one, in the order of byRank; n <= 0: all.
func top(list []hit, n int, after *hit) []hit {
	if n <= 0 {
		n = len(list)
	}
	var kept worstFirst
	for _, h := range list {
		switch {
		case after != nil && byRank(h, *after) <= 0:
		case len(kept) < n:
			heap.Push(&kept, h)
		case n > 0 && byRank(h, kept[0]) < 0:
			kept[0] = h
			heap.Fix(&kept, 0)
		}
	}
	slices.SortFunc(kept, byRank)
	return kept
}

// worstFirst is a heap of the best hits so far.
type worstFirst []hit

func (w worstFirst) Len() int           { return len(w) }
func (w worstFirst) Less(i, j int) bool { return byRank(w[i], w[j]) > 0 }
func (w worstFirst) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *worstFirst) Push(h any)        { *w = append(*w, h.(hit)) }
func (w *worstFirst) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}
