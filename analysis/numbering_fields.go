package analysis

import "slices"

// numbering says what the posts in a line carry, and which numbers nobody does.
func (f *forest) numbering(d *draft) *Numbering {
	n := &Numbering{Numbers: make([]*int, len(d.line)), Missing: []int{}}
	any := false
	for i, m := range d.marks {
		if !m.ok() {
			continue
		}
		any = true
		k := int(m.number)
		n.Numbers[i] = &k
		if m.form == formTotal {
			total := int(m.total)
			n.Total = &total
		}
	}
	if !any {
		return nil
	}
	n.Missing = f.missing(d, n)
	return n
}

// restarts says that a second run of numbers begins in the line.
func (d *draft) restarts() bool {
	ones, high := 0, uint16(0)
	for _, m := range d.marks {
		if m.ok() {
			if m.number == 1 && high > 1 && ones > 0 {
				return true
			}
			if m.number == 1 {
				ones++
			}
			high = max(high, m.number)
		}
	}
	return false
}

// missing lists the numbers from 1 to the total, or to the highest seen, that no post
// carries. An unnumbered post in the place of one fills it, unless a deleted post does.
func (f *forest) missing(d *draft, n *Numbering) []int {
	list := []int{}
	if d.restarts() {
		return list
	}
	high := 0
	carried := map[int]bool{}
	first, last := 0, 0
	for _, k := range n.Numbers {
		if k == nil {
			continue
		}
		if len(carried) == 0 {
			first = *k
		}
		carried[*k] = true
		high, last = max(high, *k), *k
	}
	if n.Total != nil {
		high = *n.Total
	}
	down := first > last
	fillers := 0 // unnumbered posts since the last number
	filled := map[int]bool{}
	at := 0
	if down {
		at = high + 1
	}
	fill := func(from, to int) {
		for k := from + 1; k < to && fillers > 0; k++ {
			if !carried[k] && !filled[k] {
				filled[k] = true
				fillers--
			}
		}
		fillers = 0
	}
	for i, k := range n.Numbers {
		if k == nil {
			fillers++
			if i > 0 && f.lostParent(d.line[i]) {
				fillers--
			}
			continue
		}
		if f.lostParent(d.line[i]) {
			fillers--
		}
		fill(min(at, *k), max(at, *k))
		at = *k
	}
	if down {
		fill(0, at)
	} else {
		fill(at, high+1)
	}
	for k := 1; k <= high; k++ {
		if !carried[k] && !filled[k] {
			list = append(list, k)
		}
	}
	return list
}

// proves says that the numbers 1 to the last total declared are all carried.
func (n *Numbering) proves() bool {
	if n == nil || n.Total == nil {
		return false
	}
	for k := 1; k <= *n.Total; k++ {
		if !slices.ContainsFunc(n.Numbers, func(x *int) bool { return x != nil && *x == k }) {
			return false
		}
	}
	return true
}
