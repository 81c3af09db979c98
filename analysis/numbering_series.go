package analysis

import (
	"cmp"
	"slices"
	"time"
)

// A series is trees whose posts carry numbers of one run. It begins as one tree and takes
// others in.
type series struct {
	trees      []int32
	parts      []part // by age
	form       form
	total      uint16
	sure       bool // its numbers have company of their own
	countdown  bool
	standalone bool  // its first post answers nothing
	scope      int32 // the whole reply tree, with other people's posts
	into       *series
	tails      []int32 // trees that continue it by a quote
	isTail     bool    // it continues another by a quote
	lead       int32   // the tree of the post that announces it, or none
}

// A part is a post that carries a number.
type part struct {
	post int32
	marker
}

const (
	sittingLimit = int64(2 * time.Hour / time.Microsecond)
)

// find follows a series to the one that took it in.
func (s *series) find() *series {
	for s.into != nil {
		if s.into.into != nil {
			s.into = s.into.into
		}
		s = s.into
	}
	return s
}

// absorb takes the trees and parts of others in.
func (s *series) absorb(f *forest, others ...*series) {
	for _, o := range others {
		if o == s {
			continue
		}
		s.trees = append(s.trees, o.trees...)
		s.parts = append(s.parts, o.parts...)
		s.tails = append(s.tails, o.tails...)
		o.into = s
	}
	s.sure = true
	s.standalone = s.standalone || slices.ContainsFunc(others, func(o *series) bool { return o.standalone })
	slices.SortFunc(s.parts, func(x, y part) int { return f.a.compareAge(x.post, y.post) })
}

// candidate reads the numbers of one tree. Without company of its own a tree is still a
// candidate for a series if all its markers are of one kind and differ.
func (f *forest) candidate(id int32, posts []int32) *series {
	t := f.grow(posts)
	s := &series{trees: []int32{id}, lead: none, scope: f.scope(id)}
	marks, countdown := f.numbers(t)
	s.sure, s.countdown = marks != nil, countdown
	if marks == nil {
		if marks = f.unproven(t); marks == nil {
			marks = make([]marker, len(posts))
		}
	}
	first := f.mainHead(id, posts)
	s.standalone = f.follows(first) == none && f.head(first) == standalone
	for i, m := range marks {
		if m.ok() {
			s.parts = append(s.parts, part{posts[i], m})
			if s.form == noForm || m.form == formTotal {
				s.form, s.total = m.form, m.total
			}
		}
	}
	return s
}

// unproven chooses markers of one form and total that differ, start before end.
func (f *forest) unproven(t *tree) []marker {
	marks, _ := f.choose(t, marker.ok, false)
	if len(t.posts) == 1 && marks[0].weak() && f.a.said(t.posts[0]).end.ok() {
		marks[0] = f.a.said(t.posts[0]).end
	}
	seen := map[uint16]bool{}
	var key marker
	for _, m := range marks {
		if !m.ok() {
			continue
		}
		if key.ok() && (m.form != key.form || m.total != key.total) || seen[m.number] {
			return nil
		}
		key = m
		seen[m.number] = true
	}
	return marks
}

// makesSeries says whether the parts of several trees are a series without links: complete
// from 1 to n in any order, or rising in time with at least half of 1 to n. Without a total
// they must be consecutive from 1.
func (f *forest) makesSeries(run []*series) bool {
	var parts []part
	for _, s := range run {
		parts = append(parts, s.parts...)
	}
	slices.SortFunc(parts, func(x, y part) int { return f.a.compareAge(x.post, y.post) })
	seen := map[uint16]bool{}
	rising, high := true, uint16(0)
	for i, p := range parts {
		if i > 0 && p.rank() < parts[i-1].rank() {
			rising = false
		}
		if p.number > 0 {
			seen[p.number] = true
		}
		high = max(high, p.number)
	}
	if run[0].form == formTotal && run[0].total == 0 {
		return false
	}
	if len(seen) == int(high) && (run[0].form != formTotal || high == run[0].total) {
		return high > 1 || len(parts) > len(seen)
	}
	return run[0].form == formTotal && high <= run[0].total && rising && 2*len(seen) >= int(run[0].total) && len(seen) > 1
}

// firstPart is the part with the lowest number, the oldest of several.
func (s *series) firstPart() part {
	return slices.MinFunc(s.parts, func(x, y part) int { return cmp.Compare(x.rank(), y.rank()) })
}

func (s *series) highest() uint16 {
	high := uint16(0)
	for _, p := range s.parts {
		high = max(high, p.number)
	}
	return high
}
