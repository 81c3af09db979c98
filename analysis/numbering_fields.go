package analysis

import "slices"

// numbering says what the posts in a line carry, and which numbers nobody does.
func (f *forest) numbering(d *draft, gone []absence) *Numbering {
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
	n.Missing = f.missing(d, n, gone)
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
func (f *forest) missing(d *draft, n *Numbering, gone []absence) []int {
	list := []int{}
	if d.restarts() {
		return list
	}
	high := 0
	present := map[int]bool{} // carried or filled
	first, last := none, 0
	for _, k := range n.Numbers {
		if k == nil {
			continue
		}
		if first == none {
			first = int32(*k)
		}
		present[*k] = true
		high, last = max(high, *k), *k
	}
	if n.Total != nil {
		high = *n.Total
	}
	said := map[int]bool{} // by deleted posts
	for _, x := range gone {
		said[x.says] = true
	}
	fillers := 0 // unnumbered posts since the last number
	fill := func(from, to int) {
		for k := from + 1; k < to && fillers > 0; k++ {
			if !present[k] && !said[k] {
				present[k] = true
				fillers--
			}
		}
		fillers = 0
	}
	down := int(first) > last
	at, end := 0, high+1
	if down {
		at, end = end, at
	}
	for i, k := range n.Numbers[:d.added()] {
		if k == nil {
			fillers++
		}
		if (k != nil || i > 0) && f.lostPart(d, d.line[i]) {
			fillers--
		}
		if k != nil {
			fill(min(at, *k), max(at, *k))
			at = *k
		}
	}
	fill(min(at, end), max(at, end))
	for k := 1; k <= high; k++ {
		if !present[k] {
			list = append(list, k)
		}
	}
	return list
}

// lostPart says that a post answers one that is gone and does not say which part it was.
func (f *forest) lostPart(d *draft, id int32) bool {
	return f.lostParent(id) && d.saidBy(f.a.said(f.link(id))) < 0
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
