package analysis

import (
	"math"
	"slices"
)

// joinSeries puts candidates together that carry the numbers of one run: within one reply
// tree, then by standalone posts within two hours, then by quotes.
func (f *forest) joinSeries(list []*series) {
	byScope := map[seriesKey][]*series{}
	var scopes []seriesKey
	for _, s := range list {
		if len(s.parts) > 0 {
			k := seriesKey{s.scope, s.form, s.total}
			if byScope[k] = append(byScope[k], s); len(byScope[k]) == 2 {
				scopes = append(scopes, k)
			}
		}
	}
	for _, k := range scopes {
		f.cluster(byScope[k], false, true)
	}

	alone := map[seriesKey][]*series{}
	scopes = nil
	for _, s := range f.withoutDates(list) {
		k := seriesKey{none, s.form, s.total}
		if alone[k] = append(alone[k], s); len(alone[k]) == 2 {
			scopes = append(scopes, k)
		}
	}
	for _, k := range scopes {
		f.cluster(alone[k], true, true)
	}
}

type seriesKey struct {
	scope int32
	form  form
	total uint16
}

// withoutDates lists the standalone series that may be joined by time. Posts of the form
// k/n among which one has n = 0 or k > n are scores or dates, all that are near.
func (f *forest) withoutDates(list []*series) []*series {
	var alone, kept []*series
	for _, s := range list {
		if s.into == nil && s.standalone && len(s.parts) > 0 && s.form < formBracket {
			alone = append(alone, s)
		}
	}
	f.sortSeries(alone)
	var near []*series
	odd := false
	flush := func() {
		for _, s := range near {
			if !odd || s.sure {
				kept = append(kept, s)
			}
		}
		near, odd = nil, false
	}
	for _, s := range alone {
		if s.form != formTotal {
			kept = append(kept, s)
			continue
		}
		if len(near) > 0 && f.gap(near[len(near)-1], s) > sittingLimit {
			flush()
		}
		near = append(near, s)
		if !s.sure {
			for _, p := range s.parts {
				odd = odd || p.total == 0 || p.number > p.total
			}
		}
	}
	flush()
	f.sortSeries(kept)
	return kept
}

func (f *forest) sortSeries(list []*series) {
	slices.SortFunc(list, func(x, y *series) int { return f.a.compareAge(x.parts[0].post, y.parts[0].post) })
}

func (f *forest) gap(x, y *series) int64 {
	return f.a.age(y.parts[0].post) - f.a.age(x.parts[len(x.parts)-1].post)
}

// cluster walks series of one form and total by age and joins each run of them that passes
// as a series. A repeated 1 starts a new run. Of another part sent twice the copy counts
// from which the series goes on, else the older; the other is tried once more with its like.
func (f *forest) cluster(list []*series, timed, again bool) {
	f.sortSeries(list)
	var run, left []*series
	holder := map[int]*series{} // of each part in the run
	newest := int64(math.MinInt64)
	flush := func() {
		if len(run) > 1 && f.makesSeries(run) {
			run[0].absorb(f, run[1:]...)
		}
		run = nil
		clear(holder)
	}
	for _, s := range list {
		if len(run) > 0 && timed && f.a.age(s.parts[0].post)-newest > sittingLimit {
			flush()
		}
		copies, first := map[*series]bool{}, false
		for _, p := range s.parts {
			if h := holder[p.rank()]; h != nil {
				copies[h] = true
			}
			first = first || p.number == 1
		}
		whole := s.form == formTotal && len(holder) >= int(s.total)
		switch {
		case len(copies) == 0:
		case first || whole || !again:
			flush()
		case len(copies) == 1:
			for old := range copies {
				if len(old.parts) > 1 || len(s.parts) == 1 && !strays(run, old) {
					left = append(left, s)
					s = nil
					break
				}
				run = slices.DeleteFunc(run, func(o *series) bool { return o == old })
				left = append(left, old)
			}
		default:
			left = append(left, s)
			s = nil
		}
		if s == nil {
			continue
		}
		run = append(run, s)
		for _, p := range s.parts {
			holder[p.rank()] = s
			newest = max(newest, f.a.age(p.post))
		}
	}
	flush()
	if len(left) > 1 {
		f.cluster(left, timed, false)
	}
}

// strays says that a part of a run breaks its order, and that the copy of it that comes
// now does not: a rating before a series, say.
func strays(run []*series, old *series) bool {
	number := old.parts[0].number
	after := run[slices.Index(run, old)+1:]
	if len(after) == 0 {
		return false
	}
	for _, s := range after {
		if s.highest() > number {
			return false
		}
	}
	return true
}
