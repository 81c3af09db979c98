package analysis

import (
	"cmp"
	"slices"
)

// A forest is the links between the live posts of the account, deleted ones bridged.
//
// Each own post belongs to a tree, named by a node: its first live post, or the root or
// parent that is gone or was never seen.
type forest struct {
	a     *Assembler
	tree  []int32        // for each live own post: its tree
	order []int32        // live own posts by tree, then by age
	ends  []int32        // for each tree: where its posts end in order, and those of the next start
	byAge []int32        // live own posts by age
	cut   map[int32]bool // posts at which a cycle is cut

	whys    map[string]string // reasons that were given
	bridges map[int32]int32   // what the post below a tombstone answers
	scopes  map[int32]int32   // the reply tree of a post, with other people's posts
	graves  []int32           // tombstones with known references, by tree
	place   []int32           // of a post in the tree that was grown last
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
	a.index = nodeIndex{} // a tenth of what is held; made again where it is asked for
	size := int(a.nodes.size)
	f := &forest{a: a, place: make([]int32, size), tree: make([]int32, size), cut: map[int32]bool{}, whys: map[string]string{}, bridges: map[int32]int32{}, scopes: map[int32]int32{}}
	f.cutCycles()
	f.byAge = make([]int32, 0, size)
	for id := range a.nodes.size {
		if a.is(id, own|live) {
			f.byAge = append(f.byAge, id)
		} else if a.is(id, own|referenced) {
			f.graves = append(f.graves, id)
		}
	}
	slices.SortFunc(f.byAge, a.compareAge)
	f.plant()
	f.order = make([]int32, len(f.byAge))
	f.ends = make([]int32, size)
	for _, id := range f.byAge {
		f.ends[f.tree[id]]++
	}
	start := int32(0)
	for t, n := range f.ends {
		f.ends[t] = start // until its posts are put there
		start += n
	}
	for _, id := range f.byAge {
		at := &f.ends[f.tree[id]]
		f.order[*at] = id
		*at++
	}
	return f
}

// postsOf lists the live posts of a tree by age.
func (f *forest) postsOf(tree int32) []int32 {
	start := int32(0)
	if tree > 0 {
		start = f.ends[tree-1]
	}
	return f.order[start:f.ends[tree]]
}

// link is the parent of an own post whose references are known, cycles cut.
func (f *forest) link(id int32) int32 {
	n := f.a.nodes.at(id)
	if n.flags&own == 0 || n.flags&(live|referenced) == 0 || f.cut[id] {
		return none
	}
	return f.a.content(id).parent
}

// cutCycles takes its parent from the oldest post of each cycle.
func (f *forest) cutCycles() {
	seen := f.place // the walk that came by
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
	var way []int32
	for to != none && f.a.is(to, own|referenced) {
		if known, ok := f.bridges[to]; ok {
			to = known
			break
		}
		way = append(way, to)
		next := f.link(to)
		if next == none {
			break
		}
		to = next
	}
	for _, tombstone := range way {
		f.bridges[tombstone] = to
	}
	return to
}

// follows is the live own post that a live own one answers, or none.
func (f *forest) follows(id int32) int32 {
	if !f.a.is(id, own|live) {
		return none
	}
	if to := f.answered(id); to != none && f.a.is(to, own|live) {
		return to
	}
	return none
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
	for _, id := range slices.Concat(f.byAge, f.graves) {
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
	slices.SortFunc(f.graves, func(x, y int32) int { return cmp.Or(cmp.Compare(f.tree[x], f.tree[y]), f.a.compareAge(x, y)) })
}

// above is the post of the same tree that leads to its root.
func (f *forest) above(id int32) int32 {
	if !f.a.is(id, own) {
		return none
	}
	if up := f.follows(id); up != none {
		return up
	}
	to := f.answered(id)
	if to == none || !f.a.is(to, own) {
		return none
	}
	if f.a.is(to, live) { // id is a tombstone
		return to
	}
	switch root := f.a.content(id).root; {
	case root == none:
		return to
	case root == id || !f.a.is(root, own):
		return none
	default:
		return root
	}
}

// oldestOrphan is where trees that lead to each other are cut: a live post if there is one.
func (f *forest) oldestOrphan(ring []int32) int32 {
	return slices.MinFunc(ring, func(x, y int32) int {
		key := func(id int32) int {
			switch {
			case !f.a.is(id, live):
				return 2
			case f.follows(id) != none:
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(key(x), key(y)), f.a.compareAge(x, y))
	})
}

// mainHead is the post that heads a tree: its root if that is live, else the oldest orphan.
func (f *forest) mainHead(tree int32, posts []int32) int32 {
	if f.a.is(tree, own|live) {
		return tree
	}
	for _, id := range posts {
		if f.follows(id) == none {
			return id
		}
	}
	return posts[0]
}
