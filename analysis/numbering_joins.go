package analysis

import "slices"

// joinQuotes lets a quote of an own post continue that post's thread: when its number
// continues the series, or when its text opens with a cue. Of quotes that go round the
// oldest gives way.
func (f *forest) joinQuotes(byTree map[int32]*series) {
	var cues []int32
	for _, id := range f.byAge {
		quoted := f.quoted(id)
		if quoted == none {
			continue
		}
		opens := f.follows(id) == none && f.head(id) == standalone
		if opens && f.a.is(id, continues) {
			cues = append(cues, id)
		}
		if byTree[f.tree[id]] == nil {
			continue // it carries no number
		}
		s, to := f.series(f.tree[id], byTree), f.series(f.tree[quoted], byTree)
		if s != to && f.continuesSeries(s, to, opens) {
			to.absorb(f, s)
		}
	}
	for _, id := range slices.Backward(cues) {
		s, to := f.series(f.tree[id], byTree), f.series(f.tree[f.quoted(id)], byTree)
		if s != to && !s.isTail && !f.leadsTo(s, to, byTree) {
			to.tails = append(to.tails, f.tree[id])
			s.isTail = true
		}
	}
}

// quoted is the live own post that a post quotes, a tombstone's being the one it followed,
// or none.
func (f *forest) quoted(id int32) int32 {
	to := f.a.content(id).quote
	if to != none && f.a.is(to, own|referenced) {
		to = f.answered(to)
	}
	if to == none || !f.a.is(to, own|live) {
		return none
	}
	return to
}

// continuesSeries says that a series s, of which a post quotes one of the series to, goes
// on with its numbers.
func (f *forest) continuesSeries(s, to *series, opens bool) bool {
	if len(s.parts) == 0 || len(to.parts) == 0 || !opens && !to.standalone && s.scope != to.scope {
		return false
	}
	for _, p := range s.parts {
		if slices.ContainsFunc(to.parts, func(o part) bool { return o.rank() == p.rank() }) {
			return false
		}
	}
	if s.form == to.form && s.total == to.total && f.makesSeries([]*series{to, s}) {
		return true
	}
	sameRun := s.form == to.form && s.total == to.total || to.sure && to.form != formTotal && !s.sure
	return opens && sameRun && s.firstPart().number == to.highest()+1
}

// leadsTo says that the series to continues s already.
func (f *forest) leadsTo(s, to *series, byTree map[int32]*series) bool {
	seen := map[*series]bool{}
	list := []*series{s}
	for len(list) > 0 {
		at := list[len(list)-1]
		list = list[:len(list)-1]
		if at == to {
			return true
		}
		if seen[at] {
			continue
		}
		seen[at] = true
		for _, t := range at.tails {
			list = append(list, f.series(t, byTree))
		}
	}
	return false
}

// joinLeads gives a series whose part 1 stands alone the post right before it, if that
// announces a thread.
func (f *forest) joinLeads(list []*series, byTree map[int32]*series) {
	for _, s := range list {
		if s.into != nil || !s.sure || len(s.parts) == 0 {
			continue
		}
		one := s.firstPart()
		if one.number != 1 || f.follows(one.post) != none || f.head(one.post) != standalone {
			continue
		}
		at, _ := slices.BinarySearchFunc(f.byAge, one.post, f.a.compareAge)
		if at == 0 {
			continue
		}
		lead := f.byAge[at-1]
		said := f.a.said(lead)
		if !f.a.is(lead, announces) || s.isOf(said.start) || s.isOf(said.end) || f.follows(lead) != none || f.head(lead) != standalone ||
			f.a.age(one.post)-f.a.age(lead) > sittingLimit {
			continue
		}
		l := f.series(f.tree[lead], byTree)
		if l == s || l.sure || l.isTail || len(l.tails) > 0 {
			continue
		}
		s.lead = f.tree[lead]
		l.into = s
	}
}

// isOf says that a marker is written as those of the series.
func (s *series) isOf(m marker) bool {
	return m.ok() && m.form == s.form && m.total == s.total
}
