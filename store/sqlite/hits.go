package sqlite

import (
	"cmp"
	"container/heap"
	"slices"
)

// Lists of hits are in the order of ids, each id once.

// A room is where the lists of one search are made, one behind the other. It is used again
// for the next search: lists of a common word take megabytes.
type room struct{ hits []hit }

// mostKept is how many hits the room of a connection holds between searches at the most.
const mostKept = 4 << 20

// empty makes the room free for another search. What is in it is lost.
func (r *room) empty() {
	if cap(r.hits) > mostKept {
		r.hits = nil
	}
	r.hits = r.hits[:0]
}

// since is the list that was appended to the room from start on.
func (r *room) since(start int) []hit { return r.hits[start:len(r.hits):len(r.hits)] }

// union is what either list has. How well a post fits that both have, combine says.
func (r *room) union(a, b []hit, combine func(x, y float32) float32) []hit {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	start := len(r.hits)
	r.hits = slices.Grow(r.hits, len(a)+len(b))
	list := r.hits[start:start]
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch x, y := a[i], b[j]; {
		case x.id < y.id:
			list = append(list, x)
			i++
		case x.id > y.id:
			list = append(list, y)
			j++
		default:
			list = append(list, hit{x.id, combine(x.score, y.score)})
			i++
			j++
		}
	}
	list = append(append(list, a[i:]...), b[j:]...)
	r.hits = r.hits[:start+len(list)]
	return r.since(start)
}

func sum(x, y float32) float32  { return x + y }
func best(x, y float32) float32 { return max(x, y) }

// unionAll is the union of many lists, of which it merges neighbours of like size.
func (r *room) unionAll(lists [][]hit, combine func(x, y float32) float32) []hit {
	slices.SortFunc(lists, func(a, b []hit) int { return len(a) - len(b) })
	for len(lists) > 1 {
		merged := lists[:0:0]
		for i := 0; i+1 < len(lists); i += 2 {
			merged = append(merged, r.union(lists[i], lists[i+1], combine))
		}
		if len(lists)%2 == 1 {
			merged = append(merged, lists[len(lists)-1])
		}
		lists = merged
	}
	if lists == nil {
		return nil
	}
	return lists[0]
}

// intersect is what both lists have, with the sum of how well they fit. It reuses the
// shorter list.
func intersect(a, b []hit) []hit {
	if len(a) > len(b) {
		a, b = b, a
	}
	list := a[:0]
	for _, h := range a {
		i := seek(b, h.id)
		if b = b[i:]; len(b) == 0 {
			break
		}
		if b[0].id == h.id {
			list = append(list, hit{h.id, h.score + b[0].score})
		}
	}
	return list
}

// without is what a has and b has not. It reuses a.
func without(a, b []hit) []hit {
	if len(b) == 0 {
		return a
	}
	list := a[:0]
	for _, h := range a {
		if b = b[seek(b, h.id):]; len(b) == 0 || b[0].id != h.id {
			list = append(list, h)
		}
	}
	return list
}

// seek is where an id stands or would stand in a list: near the start, as a rule.
func seek(list []hit, id int64) int {
	if len(list) == 0 || list[0].id >= id {
		return 0
	}
	step := 1
	for step < len(list) && list[step].id < id {
		step *= 2
	}
	from, to := step/2, min(step+1, len(list))
	i, _ := slices.BinarySearchFunc(list[from:to], id, func(h hit, id int64) int { return cmp.Compare(h.id, id) })
	return from + i
}

func contains(list []hit, id int64) bool {
	_, found := slices.BinarySearchFunc(list, id, func(h hit, id int64) int { return cmp.Compare(h.id, id) })
	return found
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
