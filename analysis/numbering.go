package analysis

import "slices"

// A tree is the own live posts that links hold together, by age, with the links among
// them. Posts are named by their place in the list.
type tree struct {
	posts   []int32 // nodes, by age
	up      []int32 // the place of the post answered, or none
	kids    []int32 // the oldest post that answers, or none
	next    []int32 // the next oldest that answers the same, or none
	down    []int32 // all places, each behind the one it answers
	virtual []int32 // as up, and for a head the post it probably followed
}

// grow links the posts of a tree.
func (f *forest) grow(posts []int32) *tree {
	n := len(posts)
	t := &tree{posts: posts}
	all := make([]int32, 4*n)
	t.up, t.kids, t.next, t.down = all[:n], all[n:2*n], all[2*n:3*n], all[3*n:3*n]
	for i, id := range posts {
		f.place[id] = int32(i)
		t.kids[i], t.next[i] = none, none
	}
	for i := n - 1; i >= 0; i-- {
		t.up[i] = none
		if up := f.follows(posts[i]); up != none && f.holds(posts, up) {
			to := f.place[up]
			t.up[i], t.next[i], t.kids[to] = to, t.kids[to], int32(i)
		}
	}
	for i := range posts {
		if t.up[i] == none {
			t.down = append(t.down, int32(i))
		}
	}
	for i := 0; i < len(t.down); i++ {
		for kid := t.kids[t.down[i]]; kid != none; kid = t.next[kid] {
			t.down = append(t.down, kid)
		}
	}
	return t
}

func (f *forest) holds(posts []int32, id int32) bool {
	at := f.place[id]
	return int(at) < len(posts) && posts[at] == id
}

// mainLine is how many posts the main line has without numbers: each is the oldest that answers
// the one before it. It is 0 for a tree with several heads.
func (t *tree) mainLine() int {
	if len(t.posts) == 0 || t.heads() != 1 {
		return 0
	}
	length := 0
	for at := t.down[0]; at != none; at = t.kids[at] {
		length++
	}
	return length
}

func (t *tree) heads() int {
	n := 0
	for _, up := range t.up {
		if up == none {
			n++
		}
	}
	return n
}

// numbers chooses the markers of a tree that are numbers, one for each post, and says
// whether they count down. It returns nil if none are.
//
// All markers together must be consistent; else those of one kind, all of them. Those
// beside a way down the links that is complete by itself are in branches and do not count.
func (f *forest) numbers(t *tree) (marks []marker, countdown bool) {
	f.hang(t)
	kinds := []func(marker) bool{
		marker.ok,
		func(m marker) bool { return m.ok() && !m.weak() },
		func(m marker) bool { return m.form == formTotal },
		func(m marker) bool { return formOpen <= m.form && m.form <= formOpenDots },
	}
	for form := formKeycap; form <= formHash; form++ {
		kinds = append(kinds, func(m marker) bool { return m.form == form })
	}
	for _, kind := range kinds {
		for _, endFirst := range []bool{false, true} {
			marks, both := f.choose(t, kind, endFirst)
			if ok, countdown := t.consistent(marks); ok {
				return marks, countdown
			}
			if !both {
				break
			}
		}
	}
	marks, _ = f.choose(t, func(m marker) bool { return m.form == formTotal }, false)
	if marks = t.wholeWay(marks); marks != nil {
		return marks, false
	}
	return f.loneLead(t), false
}

// choose takes one marker of a kind from each post, and says whether some post has two.
func (f *forest) choose(t *tree, kind func(marker) bool, endFirst bool) (marks []marker, both bool) {
	marks = make([]marker, len(t.posts))
	for i, id := range t.posts {
		n := f.a.said(id)
		start, end := kind(n.start), kind(n.end)
		both = both || start && end
		switch {
		case start && !(end && endFirst):
			marks[i] = n.start
		case end:
			marks[i] = n.end
		}
	}
	return marks, both
}

// hang sets where each head would hang if the posts between were known: from the newest
// post that is older than it. Markers are compared along these links too.
func (f *forest) hang(t *tree) {
	t.virtual = slices.Clone(t.up)
	head := make([]int32, len(t.posts))
	for _, i := range t.down {
		head[i] = i
		if t.up[i] != none {
			head[i] = head[t.up[i]]
		}
	}
	last := none // the newest post so far
	for i := range t.posts {
		at := int32(i)
		if t.up[i] == none && last != none && head[last] < at {
			t.virtual[i] = last
		}
		last = at
	}
}

// loneLead is the exception from company: the first of a chain of exactly n posts says
// 🧵 1/n. Asides beside the main line do not count.
func (f *forest) loneLead(t *tree) []marker {
	length := t.mainLine()
	if length < 2 {
		return nil
	}
	marks := make([]marker, len(t.posts))
	for i, id := range t.posts {
		n := f.a.said(id)
		m := n.start
		if m.form != formTotal {
			m = n.end
		}
		if t.up[i] == none {
			if m.form != formTotal || m.number != 1 || m.bits&markThread == 0 || int(m.total) != length {
				return nil
			}
			marks[i] = m
		} else if m.form == formTotal {
			return nil
		}
	}
	return marks
}
