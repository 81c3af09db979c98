package analysis

import (
	"cmp"
	"slices"
)

// numberOrder puts the parts in the order of their numbers. An unnumbered post on the
// links between them, a quote from which a part goes on being one, stays behind the post it
// answers, or before the first part it leads to.
func (l *layout) numberOrder(inSeries []bool) {
	var parts []int32
	head := make([]int32, len(l.posts))
	lowest := map[int32]int32{} // the lowest rank below each head without a number
	for _, i := range l.down {
		if head[i] = i; l.up[i] != none {
			head[i] = head[l.up[i]]
		}
		if inSeries[i] {
			parts = append(parts, i)
			if rank, ok := lowest[head[i]]; ok {
				lowest[head[i]] = min(rank, int32(l.marks[i].rank()))
			}
		} else if l.up[i] == none && l.first[i] != unranked && !l.dropped[i] {
			lowest[i] = unranked
		}
	}
	l.quotedBy(parts, inSeries)
	leads := map[int32][]int32{}
	for i, rank := range lowest {
		leads[rank] = append(leads[rank], i)
	}
	slices.SortFunc(parts, func(x, y int32) int {
		return cmp.Or(cmp.Compare(l.marks[x].rank(), l.marks[y].rank()), cmp.Compare(x, y))
	})
	last := parts[len(parts)-1]
	end := l.chainEnd(inSeries, len(parts))
	for _, i := range parts {
		rank := int32(l.marks[i].rank())
		slices.Sort(leads[rank])
		for _, lead := range leads[rank] {
			l.between(lead, inSeries)
		}
		delete(leads, rank)
		l.between(i, inSeries)
		if i == last || i == end {
			l.follow(i, inSeries)
		}
	}
}

// quotedBy notes the unnumbered posts that lead to a part by a quote: the part heads its own
// links, and quotes one of them.
func (l *layout) quotedBy(parts []int32, inSeries []bool) {
	l.quoted = make([]bool, len(l.posts))
	for _, i := range parts {
		if l.up[i] != none {
			continue
		}
		to := l.f.quoted(l.posts[i])
		if to == none || !l.f.holds(l.posts, to) {
			continue
		}
		for at := l.f.place[to]; at != none && !inSeries[at]; at = l.up[at] {
			l.quoted[at] = true
		}
	}
}

// between appends a post and the unnumbered ones behind it that lead to a part.
func (l *layout) between(at int32, inSeries []bool) {
	stack := []int32{at}
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		l.line = append(l.line, i)
		l.placed[i] = true
		var kids []int32
		for kid := l.kids[i]; kid != none; kid = l.next[kid] {
			if !inSeries[kid] && !l.dropped[kid] && (l.parts[kid] > 0 || l.quoted[kid]) {
				kids = append(kids, kid)
			}
		}
		slices.SortFunc(kids, func(x, y int32) int { return cmp.Or(cmp.Compare(l.first[y], l.first[x]), cmp.Compare(y, x)) })
		stack = append(stack, kids...)
	}
}

// follow appends the unnumbered posts that hang from a part in a line.
func (l *layout) follow(at int32, inSeries []bool) {
	for at != none {
		next := none
		for kid := l.kids[at]; kid != none && next == none; kid = l.next[kid] {
			if !l.placed[kid] && !l.dropped[kid] && !inSeries[kid] && l.parts[kid] == 0 {
				next = kid
			}
		}
		if at = next; at != none {
			l.line = append(l.line, at)
			l.placed[at] = true
		}
	}
}

// chainEnd is the last part along the links if all parts stand on one way down, else none.
func (l *layout) chainEnd(inSeries []bool, parts int) int32 {
	for _, i := range slices.Backward(l.down) {
		if !inSeries[i] {
			continue
		}
		if l.parts[i] > 1 {
			continue
		}
		n := 0
		for at := i; at != none; at = l.up[at] {
			if inSeries[at] {
				n++
			}
		}
		if n == parts {
			return i
		}
		return none
	}
	return none
}

// orphans appends, by age, the posts whose parent was never seen: to the line if they are
// later than its last post. What is left is branches.
func (l *layout) orphans(main int32) {
	for i := range int32(len(l.posts)) {
		if l.up[i] != none || i == main || l.placed[i] || l.dropped != nil && l.dropped[i] || len(l.line) == 0 {
			continue
		}
		if i > l.line[len(l.line)-1] {
			l.walk(i, &l.line)
		}
	}
}

// branches are the posts beside the main line, each branch in its own order.
func (l *layout) branches() [][]int32 {
	var all [][]int32
	for _, i := range l.down {
		if !l.placed[i] {
			var branch []int32
			l.walk(i, &branch)
			all = append(all, branch)
		}
	}
	return all
}
