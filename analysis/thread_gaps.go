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

// An absence is a gap and its place: behind which post of the line, or beside the line.
type absence struct {
	Gap
	at     int // -1: at the start
	beside bool
	away   bool // it belongs to what a person cut off
	says   int  // the number in the words of a deleted post, if they are known; -1: none
}

// gaps lists what is absent, in reading order: numbers that no post carries, deleted posts
// behind the live post they followed, and posts that were never seen.
func (f *forest) gaps(d *draft, posts []syntax.ATURI, n *Numbering, gone []absence) []Gap {
	list := d.absent(n, gone)
	slices.SortStableFunc(list, func(x, y absence) int { return cmp.Compare(x.at, y.at) })
	var gaps []Gap
	for len(list) > 0 {
		at := list[0].at
		here := list
		if i := slices.IndexFunc(list, func(x absence) bool { return x.at != at }); i >= 0 {
			here = list[:i]
		}
		list = list[len(here):]
		for _, x := range inOrder(oneEach(here)) {
			if x.After == "" && at >= 0 {
				x.After = posts[at]
			}
			gaps = append(gaps, x.Gap)
		}
	}
	return gaps
}

// absent lists the posts that are gone, those that say a missing number as the part of that
// number, and the numbers that are missing otherwise.
func (d *draft) absent(n *Numbering, gone []absence) []absence {
	var list []absence
	missing := []int{}
	if n != nil {
		missing = slices.Clone(n.Missing)
	}
	away := map[int]bool{}
	for _, m := range d.away {
		away[int(m.number)] = true
	}
	for _, x := range gone {
		i := slices.Index(missing, x.says)
		switch {
		case x.away:
			away[x.says] = true
			continue
		case i >= 0:
			x.Number = x.says
			missing = slices.Delete(missing, i, i+1)
		}
		list = append(list, x)
	}
	for _, k := range missing {
		x := absence{Gap: Gap{Kind: GapNumber, Number: k}, at: d.before(n, k)}
		if away[k] || x.at < 0 && d.cut {
			x.Kind = GapSplit
		}
		list = append(list, x)
	}
	return list
}

// oneEach makes one gap of the two where one number is missing and one post is known to be
// gone in the same place, of those whose numbers are not known: that post is the part.
func oneEach(here []absence) []absence {
	post, number := none, none
	for i, x := range here {
		at := &post
		switch {
		case x.Kind == GapNumber:
			at = &number
		case x.Kind == GapSplit || x.Number > 0:
			continue
		}
		if *at != none {
			return here
		}
		*at = int32(i)
	}
	if post == none || number == none || here[post].beside || here[post].says >= 0 {
		return here
	}
	here[post].Number = here[number].Number
	return slices.Delete(here, int(number), int(number)+1)
}

// inOrder puts numbers that no post carries between the posts that are gone in the same place,
// before the first that has a greater one.
func inOrder(here []absence) []absence {
	var list []absence
	for _, x := range here {
		at := len(list)
		if x.URI == "" {
			if i := slices.IndexFunc(list, func(o absence) bool { return o.Number > x.Number }); i >= 0 {
				at = i
			}
		}
		list = slices.Insert(list, at, x)
	}
	return list
}

// gone lists the posts of a draft's trees that are known by their URI and not there.
func (f *forest) gone(d *draft) []absence {
	var list []absence
	named := map[int32]bool{}
	lost := func(id int32, x absence) {
		if named[id] {
			return
		}
		named[id] = true
		x.says = d.saidBy(f.a.said(id))
		x.URI, x.Kind = f.a.uri(id), GapUnseen
		if f.a.is(id, dead) {
			x.Kind = GapDeleted
		}
		if f.a.is(id, forgotten) {
			x.Kind = GapForgotten
		}
		list = append(list, x)
	}
	for _, tree := range d.trees {
		for _, id := range f.gravesOf(tree) {
			lost(id, f.behind(d, f.answered(id)))
		}
		for _, id := range f.postsOf(tree) {
			if !f.lostParent(id) {
				continue
			}
			place := f.behind(d, f.follows(id))
			if f.follows(id) == none {
				place = f.ahead(d, id)
			}
			lost(f.link(id), place)
			if to := f.answered(id); to != none && f.a.is(to, own) && !f.a.is(to, live) {
				lost(to, place)
			}
		}
		if f.a.is(tree, own) && !f.a.is(tree, live) {
			lost(tree, absence{at: -1, away: d.cut})
		}
	}
	return list
}

// behind is the place right after a post of the thread or of a branch.
func (f *forest) behind(d *draft, id int32) absence {
	at := f.inLine(d, id)
	if at < 0 && d.besides(id) {
		return absence{Gap: Gap{After: f.a.uri(id)}, at: len(d.line), beside: true}
	}
	return absence{at: at, away: at < 0 && (d.cut || id != none && f.a.is(id, own|live))}
}

// besides says that a post is in a branch.
func (d *draft) besides(id int32) bool {
	if d.aside == nil {
		d.aside = map[int32]bool{}
		for _, b := range d.branches {
			for _, x := range b {
				d.aside[x] = true
			}
		}
	}
	return d.aside[id]
}

// ahead is the place right before a post, for one in a branch where its age would put it. What
// was split off behind the line had its place at the end.
func (f *forest) ahead(d *draft, id int32) absence {
	if at := f.inLine(d, id); at >= 0 {
		return absence{at: at - 1, away: at == 0 && d.cut}
	}
	at := len(d.line) - 1
	for at >= 0 && f.a.compareAge(d.line[at], id) > 0 {
		at--
	}
	return absence{at: at, beside: at < len(d.line)-1 || d.besides(id)}
}

// before is the place of the last post before the one that carries the number after a
// missing one.
func (d *draft) before(n *Numbering, missing int) int {
	down := n.countsDown()
	for i, k := range n.Numbers {
		if k != nil && (!down && *k > missing || down && *k < missing) {
			return i - 1
		}
	}
	return d.added() - 1
}

// added is where at the end of the line those posts without numbers begin that a person put
// there: a correction or a remark is none of the parts that are missing before it.
func (d *draft) added() int {
	at := len(d.line)
	for i := at - 1; i >= 0 && !d.marks[i].ok(); i-- {
		if c := d.people[d.line[i]]; c != nil && c.kind == DecidedJoin {
			at = i
		}
	}
	return at
}

// saidBy is the number that a deleted post says in its words, -1 if none: in the form, and of
// the total, in which a post of the line carries one.
func (d *draft) saidBy(said marks) int {
	for _, m := range []marker{said.start, said.end} {
		if m.ok() && slices.ContainsFunc(d.marks, func(o marker) bool { return o.form == m.form && o.total == m.total }) {
			return int(m.number)
		}
	}
	return -1
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
