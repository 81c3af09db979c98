package analysis

import (
	"cmp"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// proven says that nothing is missing in spite of a deleted post: the numbers 1 to the
// total are all carried.
func (d *draft) proven(n *Numbering) bool {
	return n.proves() && len(n.Missing) == 0 && !d.restarts()
}

// lostParent says that a post answers an own post that is deleted or was never seen.
func (f *forest) lostParent(id int32) bool {
	parent := f.link(id)
	return parent != none && f.a.is(parent, own) && !f.a.is(parent, live)
}

// gravesOf lists the tombstones with known references of a tree.
func (f *forest) gravesOf(tree int32) []int32 {
	from, _ := slices.BinarySearchFunc(f.graves, tree, func(id, tree int32) int { return cmp.Compare(f.tree[id], tree) })
	to := from
	for to < len(f.graves) && f.tree[f.graves[to]] == tree {
		to++
	}
	return f.graves[from:to]
}

// inLine is the place of a post in a thread's reading order, or -1.
func (f *forest) inLine(d *draft, id int32) int {
	if id != none {
		if at := int(f.place[id]); at < len(d.line) && d.line[at] == id {
			return at
		}
	}
	return -1
}

// gaps lists what is absent, in reading order: numbers that no post carries, deleted posts
// behind the live post they followed, and posts that were never seen.
func (f *forest) gaps(d *draft, posts []syntax.ATURI, n *Numbering) []Gap {
	type placed struct {
		Gap
		at int
	}
	var list []placed
	add := func(g Gap, at int) {
		if at >= 0 {
			g.After = posts[at]
		}
		list = append(list, placed{g, at})
	}
	if n != nil {
		for _, k := range n.Missing {
			add(Gap{Kind: GapNumber, Number: k}, f.before(d, n, k))
		}
	}
	named := map[int32]bool{}
	lost := func(id int32, at int) {
		if named[id] || at < 0 && d.people != nil { // it may belong to what was cut off
			return
		}
		named[id] = true
		kind := GapUnseen
		if f.a.is(id, dead) {
			kind = GapDeleted
		}
		add(Gap{Kind: kind, URI: f.a.uri(id)}, at)
	}
	for _, tree := range d.trees {
		for _, id := range f.gravesOf(tree) {
			at := f.inLine(d, f.answered(id))
			lost(id, at)
		}
		for _, id := range f.postsOf(tree) {
			if f.lostParent(id) {
				at := f.inLine(d, f.up[id])
				if f.up[id] == none {
					at = max(f.inLine(d, id), 0) - 1
				}
				lost(f.link(id), at)
				if to := f.answered(id); to != none && f.a.is(to, own) && !f.a.is(to, live) {
					lost(to, at)
				}
			}
		}
		if f.a.is(tree, own) && !f.a.is(tree, live) {
			lost(tree, -1)
		}
	}
	slices.SortStableFunc(list, func(x, y placed) int {
		return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.Number, y.Number))
	})
	var gaps []Gap
	for _, g := range list {
		gaps = append(gaps, g.Gap)
	}
	return gaps
}

// before is the place of the last post before the one that carries the number after a
// missing one.
func (f *forest) before(d *draft, n *Numbering, missing int) int {
	down := n.countsDown()
	for i, k := range n.Numbers {
		if k != nil && (!down && *k > missing || down && *k < missing) {
			return i - 1
		}
	}
	return len(d.line) - 1
}

// countsDown says that the last number in a line is lower than the first.
func (n *Numbering) countsDown() bool {
	first, last := -1, -1
	for _, k := range n.Numbers {
		if k != nil {
			if first < 0 {
				first = *k
			}
			last = *k
		}
	}
	return first > last
}
