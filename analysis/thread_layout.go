package analysis

import (
	"cmp"
	"math"
	"slices"
)

// A layout is a tree, or several joined by their numbers, put into reading order. Posts
// are named by their place in the tree.
type layout struct {
	*tree
	f       *forest
	marks   []marker
	links   bool    // the numbers keep the order of the links: a countdown
	first   []int32 // the lowest rank in the subtree, unranked if no part is there
	parts   []int32 // how many parts are in the subtree
	dropped []bool  // a second copy of a part, and what hangs from it
	quoted  []bool  // without a number, and a part goes on from it by a quote
	placed  []bool
	line    []int32
}

const unranked = math.MaxInt32

// lay puts a tree into reading order: the main line from the post main, and the branches
// beside it. A lead stands before it.
func (f *forest) lay(t *tree, marks []marker, countdown bool, main, lead int32) *layout {
	n := len(t.posts)
	l := &layout{tree: t, f: f, marks: marks, links: countdown, placed: make([]bool, n)}
	if lead != none {
		l.line = append(l.line, lead)
		l.placed[lead] = true
	}
	if marks == nil {
		l.walk(main, &l.line)
	} else {
		l.first, l.parts, l.dropped = make([]int32, n), make([]int32, n), make([]bool, n)
		l.number(main)
	}
	l.orphans(main)
	return l
}

// walk follows the oldest live child, or the one that leads to the next number, from a
// post to the end, and appends what it passes.
func (l *layout) walk(at int32, line *[]int32) {
	high := int32(-1)
	for at != none {
		*line = append(*line, at)
		l.placed[at] = true
		if l.marks != nil && l.marks[at].ok() {
			high = int32(l.marks[at].rank())
		}
		at = l.child(at, high)
	}
}

// child is where the line goes on at a fork.
func (l *layout) child(at, high int32) int32 {
	best := none
	for kid := l.kids[at]; kid != none; kid = l.next[kid] {
		if !l.placed[kid] && (best == none || l.marks != nil && l.before(kid, best, high)) {
			best = kid
		}
	}
	return best
}

// before says that the child x leads on rather than y, which is older: to the next number,
// and of two copies of a part the one from which the series goes on.
func (l *layout) before(x, y, high int32) bool {
	key := func(i int32) int {
		switch up := l.up[i]; {
		case l.dropped[i] && !l.dropped[up]:
			return 3
		case l.first[i] == unranked:
			return 2
		case l.first[i] <= high && !l.links:
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(key(x), key(y)), cmp.Compare(l.first[x], l.first[y]), cmp.Compare(l.parts[y], l.parts[x])) < 0
}

// number lays the series first, then the unnumbered posts on the links between its parts
// and those that hang from its last part.
func (l *layout) number(main int32) {
	l.count(func(i int32) bool { return l.marks[i].ok() })
	l.dropCopies()
	inSeries := make([]bool, len(l.posts))
	for i := range l.posts {
		inSeries[i] = l.marks[i].ok() && !l.dropped[i]
	}
	var path []int32
	byLinks := l.links
	if byLinks || l.repeats(inSeries) {
		path = l.linkOrder(main)
		if !byLinks {
			byLinks = l.mergeRepeats(path, inSeries)
		}
	}
	if byLinks {
		l.line = append(l.line, path...)
		for _, i := range path {
			l.placed[i] = true
		}
		return
	}
	l.count(func(i int32) bool { return inSeries[i] })
	l.numberOrder(inSeries)
}

// count finds for each post which parts are in the subtree below it.
func (l *layout) count(isPart func(int32) bool) {
	for _, i := range slices.Backward(l.down) {
		l.first[i], l.parts[i] = unranked, 0
		for kid := l.kids[i]; kid != none; kid = l.next[kid] {
			l.first[i] = min(l.first[i], l.first[kid])
			l.parts[i] += l.parts[kid]
		}
		if isPart(i) {
			l.first[i] = int32(l.marks[i].rank())
			l.parts[i]++
		}
	}
}

// dropCopies drops, where the same part hangs twice from one post, all copies but the one
// from which the series goes on, or the oldest.
func (l *layout) dropCopies() {
	heads := make([]int32, 0, 1)
	for _, i := range l.down {
		if l.up[i] == none {
			heads = append(heads, i)
		}
	}
	slices.Sort(heads)
	l.dropAmong(heads)
	var siblings []int32
	for _, i := range l.down {
		if l.up[i] != none && l.dropped[l.up[i]] {
			l.dropped[i] = true
		}
		siblings = siblings[:0]
		for kid := l.kids[i]; kid != none; kid = l.next[kid] {
			siblings = append(siblings, kid)
		}
		l.dropAmong(siblings)
	}
}

func (l *layout) dropAmong(siblings []int32) {
	if len(siblings) < 2 {
		return
	}
	kept := map[int32]int32{}
	for _, i := range siblings {
		if l.first[i] == unranked {
			continue
		}
		part := l.first[i] >> suffixBits
		old, ok := kept[part]
		switch {
		case !ok:
			kept[part] = i
		case l.first[i] != l.first[old] && l.parts[i] == 1 && l.parts[old] == 1:
			// 3a and 3b, and the series goes on from neither: both are parts
		case l.parts[i] > l.parts[old]:
			l.dropped[old] = true
			kept[part] = i
		default:
			l.dropped[i] = true
		}
	}
}

func (l *layout) repeats(inSeries []bool) bool {
	seen := map[uint16]bool{}
	for i, m := range l.marks {
		if inSeries[i] {
			if seen[m.number] {
				return true
			}
			seen[m.number] = true
		}
	}
	return false
}

// linkOrder walks the links of each head, those of lower numbers first.
func (l *layout) linkOrder(main int32) []int32 {
	var heads, path []int32
	for _, i := range l.down {
		if l.up[i] == none && (i == main || l.first[i] != unranked && !l.dropped[i]) {
			heads = append(heads, i)
		}
	}
	slices.SortFunc(heads, func(x, y int32) int { return cmp.Or(cmp.Compare(l.first[x], l.first[y]), cmp.Compare(x, y)) })
	for _, i := range heads {
		l.walk(i, &path)
	}
	for _, i := range path {
		l.placed[i] = false
	}
	return path
}

// mergeRepeats takes the parts beside the path whose number the path has out of the
// series, and says whether no other is left beside it.
func (l *layout) mergeRepeats(path []int32, inSeries []bool) bool {
	on := make([]bool, len(l.posts))
	numbers := map[uint16]bool{}
	for _, i := range path {
		on[i] = true
		if inSeries[i] {
			numbers[l.marks[i].number] = true
		}
	}
	clean := true
	for i := range inSeries {
		if inSeries[i] && !on[i] {
			if numbers[l.marks[i].number] {
				inSeries[i] = false
			} else {
				clean = false
			}
		}
	}
	return clean
}
