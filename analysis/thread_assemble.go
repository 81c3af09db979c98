package analysis

import (
	"iter"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// Threads returns the threads by age of their roots, then by URI.
func (a *Assembler) Threads() []Thread {
	threads := []Thread{}
	for t := range a.Each() {
		threads = append(threads, t)
	}
	return threads
}

// Each yields what [Assembler.Threads] returns, one after another: an account's threads may
// take more room than all that is held of its posts.
func (a *Assembler) Each() iter.Seq[Thread] {
	return func(yield func(Thread) bool) {
		f := a.forest()
		drafts := f.drafts()
		for i, d := range drafts {
			drafts[i] = nil // it can go
			if !yield(f.thread(d)) {
				return
			}
		}
	}
}

// drafts lays out all threads, by age of their roots.
func (f *forest) drafts() []*draft {
	list, byTree := f.candidates()
	f.joinSeries(list)
	f.joinQuotes(byTree)
	f.joinLeads(list, byTree)

	var drafts []*draft
	for _, id := range f.byAge {
		t := f.tree[id]
		if posts := f.postsOf(t); posts[0] != id {
			continue
		}
		s := byTree[t]
		switch {
		case s == nil && len(f.postsOf(t)) > 1:
			drafts = append(drafts, f.plain(t))
		case s != nil && s.into == nil && !s.isTail:
			drafts = append(drafts, f.draft(s, byTree))
		}
	}
	drafts = f.correct(drafts)
	drafts = slices.DeleteFunc(drafts, func(d *draft) bool { return len(d.line) < 2 })
	slices.SortFunc(drafts, func(x, y *draft) int { return f.a.compareAge(x.line[0], y.line[0]) })
	return drafts
}

// candidates reads the numbers of the trees that have markers, by age of their first posts.
func (f *forest) candidates() (list []*series, byTree map[int32]*series) {
	byTree = map[int32]*series{}
	for _, id := range f.byAge {
		said := f.a.said(id)
		if t := f.tree[id]; byTree[t] == nil && (said.start.ok() || said.end.ok()) {
			s := f.candidate(t, f.postsOf(t))
			byTree[t] = s
			list = append(list, s)
		}
	}
	return list, byTree
}

// series is the one that a tree is in, made if it is in none.
func (f *forest) series(tree int32, byTree map[int32]*series) *series {
	s := byTree[tree]
	if s == nil {
		s = f.candidate(tree, f.postsOf(tree))
		byTree[tree] = s
	}
	return s.find()
}

// A draft is a thread before its posts are named.
type draft struct {
	line     []int32
	marks    []marker // of the posts in line
	branches [][]int32
	aside    map[int32]bool // what is in branches; nil: to be made
	trees    []int32
	lead     int32                 // the post that announces the thread, or none
	tails    []int32               // the first posts of what continues it by a quote
	people   map[int32]*correction // who placed a post, or cut the thread before it
	cut      bool                  // a person cut off what stood before it
	away     []marker              // of posts that a person cut off
}

// plain lays a tree that carries no numbers.
func (f *forest) plain(id int32) *draft {
	posts := f.postsOf(id)
	d := &draft{trees: []int32{id}, lead: none}
	t := f.grow(posts)
	d.add(f.lay(t, nil, false, f.place[f.mainHead(id, posts)], none))
	return d
}

// draft lays a series, then what continues it by quotes, by age.
func (f *forest) draft(s *series, byTree map[int32]*series) *draft {
	d := &draft{lead: none}
	f.addSeries(d, s)
	tails := slices.Clone(s.tails)
	for i := 0; i < len(tails); i++ {
		tails = append(tails, f.series(tails[i], byTree).tails...)
	}
	slices.SortFunc(tails, func(x, y int32) int {
		return f.a.compareAge(f.mainHead(x, f.postsOf(x)), f.mainHead(y, f.postsOf(y)))
	})
	for _, t := range tails {
		from := len(d.line)
		f.addSeries(d, f.series(t, byTree))
		d.tails = append(d.tails, d.line[from])
	}
	return d
}

// addSeries lays the trees of a series by their numbers, or its one tree without.
func (f *forest) addSeries(d *draft, s *series) {
	trees := s.trees
	if s.lead != none {
		trees = append(slices.Clone(trees), s.lead)
	}
	var posts []int32
	for _, id := range trees {
		posts = append(posts, f.postsOf(id)...)
	}
	slices.SortFunc(posts, f.a.compareAge)
	t := f.grow(posts)
	var marks []marker
	first := trees[0]
	if s.sure {
		marks = make([]marker, len(posts))
		for _, p := range s.parts {
			marks[f.place[p.post]] = p.marker
		}
		first = f.tree[s.firstPart().post]
	}
	main, lead := f.place[f.mainHead(first, f.postsOf(first))], none
	if s.lead != none {
		d.lead = f.mainHead(s.lead, f.postsOf(s.lead))
		lead = f.place[d.lead]
	}
	d.add(f.lay(t, marks, s.countdown, main, lead))
	d.trees = append(d.trees, trees...)
}

func (d *draft) add(l *layout) {
	for _, i := range l.line {
		d.line = append(d.line, l.posts[i])
		m := marker{}
		if l.marks != nil {
			m = l.marks[i]
		}
		d.marks = append(d.marks, m)
	}
	for _, b := range l.branches() {
		ids := make([]int32, len(b))
		for i, at := range b {
			ids[i] = l.posts[at]
		}
		d.branches = append(d.branches, ids)
	}
}

// thread names the posts of a draft.
func (f *forest) thread(d *draft) Thread {
	for i, id := range d.line {
		f.place[id] = int32(i)
	}
	gone := f.gone(d)
	t := Thread{
		Posts:     make([]syntax.ATURI, len(d.line)),
		Numbering: f.numbering(d, gone),
		Branches:  make([][]syntax.ATURI, len(d.branches)),
	}
	for i, id := range d.line {
		t.Posts[i] = f.a.uri(id)
	}
	t.Root = t.Posts[0]
	for i, b := range d.branches {
		for _, id := range b {
			t.Branches[i] = append(t.Branches[i], f.a.uri(id))
		}
	}
	t.Joins = f.joins(d, t.Posts)
	t.Gaps = f.gaps(d, t.Posts, t.Numbering, gone)
	t.Complete = len(t.Gaps) == 0 || d.proven(t.Numbering)
	return t
}
