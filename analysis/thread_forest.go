package analysis

import "slices"

// A forest is the links between the live posts of the account, deleted ones bridged.
//
// Each own post belongs to a tree, named by a node: its first live post, or the root or
// parent that is gone or was never seen.
type forest struct {
	a     *Assembler
	up    []int32 // for each node: the live own post that it follows, or none
	tree  []int32 // for each live own post: its tree
	order []int32 // live own posts by tree, then by age
	byAge []int32 // live own posts by age
	cut   map[int32]bool // posts at which a cycle is cut
}

// A head is why a post follows no live own post.
type head uint8

const (
	standalone head = iota // it answers nothing
	broken                 // it answers something that is no post
	under                  // it answers another person
	orphan                 // what it answers is gone or was never seen
)

func (a *Assembler) forest() *forest {
	size := int(a.nodes.size)
	f := &forest{a: a, up: make([]int32, size), tree: make([]int32, size), cut: map[int32]bool{}}
	f.cutCycles()
	for id := range a.nodes.size {
		f.up[id] = none
		if a.is(id, own|live) {
			f.byAge = append(f.byAge, id)
			if to := f.answered(id); to != none && a.is(to, own|live) {
				f.up[id] = to
			}
		}
	}
	slices.SortFunc(f.byAge, a.compareAge)
	f.plant()
	f.order = slices.Clone(f.byAge)
	slices.SortStableFunc(f.order, func(x, y int32) int { return int(f.tree[x]) - int(f.tree[y]) })
	return f
}

// link is the parent of an own post whose references are known, cycles cut.
func (f *forest) link(id int32) int32 {
	n := f.a.nodes.at(id)
	if n.flags&own == 0 || n.flags&(live|referenced) == 0 || f.cut[id] {
		return none
	}
	return n.parent
}

// cutCycles takes its parent from the oldest post of each cycle.
func (f *forest) cutCycles() {
	seen := make([]int32, f.a.nodes.size) // the walk that came by
	for id := range f.a.nodes.size {
		at := id
		for at != none && seen[at] == 0 {
			seen[at] = id + 1
			at = f.link(at)
		}
		if at == none || seen[at] != id+1 {
			continue
		}
		oldest := at
		for x := f.link(at); x != at; x = f.link(x) {
			if f.a.compareAge(x, oldest) < 0 {
				oldest = x
			}
		}
		f.cut[oldest] = true
	}
}

// answered is what a post answers, tombstones with known references bridged: a live own
// post, another person's, an own one that is gone or was never seen, or none.
func (f *forest) answered(id int32) int32 {
	to := f.link(id)
	for to != none && f.a.is(to, own|referenced) {
		next := f.link(to)
		if next == none {
			return to
		}
		to = next
	}
	return to
}

// head says why a post without a live own post above it has none.
func (f *forest) head(id int32) head {
	to := f.answered(id)
	switch {
	case to == none && (f.cut[id] || !f.a.is(id, reply)):
		return standalone
	case to == none:
		return broken
	case !f.a.is(to, own):
		return under
	}
	return orphan
}

// plant finds the tree of each live post.
func (f *forest) plant() {
	const unknown, onWay int32 = -2, -3
	for id := range f.tree {
		f.tree[id] = unknown
	}
	var way []int32
	for _, id := range f.byAge {
		way = way[:0]
		at := id
		for f.tree[at] == unknown {
			f.tree[at] = onWay
			way = append(way, at)
			next := f.above(at)
			if next == none {
				f.tree[at] = at
				break
			}
			at = next
		}
		top := f.tree[at]
		if top == onWay { // orphans whose roots lead to each other
			top = f.oldestOrphan(way[slices.Index(way, at):])
		}
		for _, x := range way {
			f.tree[x] = top
		}
	}
}

// above is the post of the same tree that leads to its root.
func (f *forest) above(id int32) int32 {
	if !f.a.is(id, own) {
		return none
	}
	if f.up[id] != none {
		return f.up[id]
	}
	to := f.answered(id)
	if to == none || !f.a.is(to, own) {
		return none
	}
	if f.a.is(to, live) { // id is a tombstone
		return to
	}
	switch root := f.a.nodes.at(id).root; {
	case root == none:
		return to
	case root == id || !f.a.is(root, own):
		return none
	default:
		return root
	}
}

func (f *forest) oldestOrphan(ring []int32) int32 {
	oldest := none
	for _, id := range ring {
		if f.up[id] == none && (oldest == none || f.a.compareAge(id, oldest) < 0) {
			oldest = id
		}
	}
	return oldest
}
