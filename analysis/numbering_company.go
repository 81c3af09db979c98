package analysis

// consistent says whether markers number the posts of a tree: they rise along the links,
// or are complete, or count down in a weak form along one chain. Repeats do not matter.
func (t *tree) consistent(marks []marker) (ok, countdown bool) {
	var set [maxNumber + 1]bool
	count, high, distinct, total, weak := 0, -1, 0, -1, true
	complete := false
	for _, m := range marks {
		if !m.ok() {
			continue
		}
		count++
		if m.form == formTotal {
			if m.total == 0 {
				return false, false // a score
			}
			total = max(total, 0)
		}
		if !set[m.number] {
			set[m.number] = true
			distinct++
		}
		high = max(high, int(m.number))
		weak = weak && m.weak()
	}
	if distinct < 2 {
		return false, false
	}
	inAll := distinct
	if set[0] {
		inAll--
	}
	if inAll == high {
		complete = total < 0
		for _, m := range marks {
			complete = complete || m.form == formTotal && int(m.total) == high
		}
	}
	rising, falling := t.along(marks, distinct, count)
	if weak && falling {
		return true, true
	}
	return complete || rising, false
}

// along walks the links and says whether the numbers rise on each way down and all stand
// on one way, repeats aside; and whether they fall by one on a single way.
func (t *tree) along(marks []marker, distinct, count int) (rising, falling bool) {
	kids, next := links(t.virtual)
	type step struct{ at, high, prev, seen, parts int32 }
	var set [maxNumber + 1]int32 // how often on the way
	rising, falling = true, true
	longest, deepest := int32(0), int32(0)
	var stack []step
	for i, up := range t.virtual {
		if up != none {
			continue
		}
		stack = append(stack, step{at: int32(i), high: -1, prev: -1})
		for len(stack) > 0 {
			s := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if s.at < 0 { // leave
				set[marks[^s.at].number]--
				continue
			}
			if m := marks[s.at]; m.ok() {
				k := int32(m.number)
				switch {
				case set[k] == 0 && k > s.high:
					s.high = k
					s.seen++
				case set[k] == 0:
					rising = false
					s.seen++
				case k == 1:
					s.high = 1 // a restart
				}
				if s.prev >= 0 && k != s.prev-1 {
					falling = false
				}
				s.prev = k
				s.parts++
				set[k]++
				stack = append(stack, step{at: ^s.at})
				longest, deepest = max(longest, s.seen), max(deepest, s.parts)
			}
			for kid := kids[s.at]; kid != none; kid = next[kid] {
				stack = append(stack, step{kid, s.high, s.prev, s.seen, s.parts})
			}
		}
	}
	return rising && int(longest) == distinct, falling && int(deepest) == count
}

func links(up []int32) (kids, next []int32) {
	kids, next = make([]int32, len(up)), make([]int32, len(up))
	for i := range up {
		kids[i] = none
	}
	for i := len(up) - 1; i >= 0; i-- {
		next[i] = none
		if to := up[i]; to != none {
			next[i], kids[to] = kids[to], int32(i)
		}
	}
	return kids, next
}
