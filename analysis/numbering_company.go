package analysis

// A tally is what the markers of a tree come to.
type tally struct {
	count    int  // markers
	distinct int  // numbers
	counted  int  // numbers but 0
	high     int  // the highest number
	total    int  // the total they share, 0 if none is declared, -1 if several are
	whole    bool // the highest number is a total declared, or none is
	weak     bool // all are in weak forms
	score    bool // one is k/0
	inTime   bool // they rise from post to post by age, repeats aside
	fromTwo  bool // 2 to the highest are all there, and not 1
}

func count(marks []marker) tally {
	var set [maxNumber + 1]bool
	t := tally{high: -1, weak: true, inTime: true}
	totals := map[uint16]bool{}
	for _, m := range marks {
		if !m.ok() {
			continue
		}
		t.count++
		t.weak = t.weak && m.weak()
		if m.form == formTotal {
			totals[m.total] = true
		}
		if !set[m.number] {
			set[m.number] = true
			t.distinct++
			t.inTime = t.inTime && int(m.number) > t.high
		}
		t.high = max(t.high, int(m.number))
	}
	t.score = totals[0]
	t.whole = len(totals) == 0 || t.high >= 0 && totals[uint16(t.high)]
	for total := range totals {
		t.total = int(total)
	}
	if len(totals) > 1 {
		t.total = -1
	}
	if t.counted = t.distinct; set[0] {
		t.counted--
	}
	t.fromTwo = !set[1] && t.counted == t.high-1
	return t
}

// consistent says whether markers number the posts of a tree: they rise along the links,
// or are complete, or count down in a weak form along one chain. Repeats do not matter.
// Siblings must be complete; a lead may stand for part 1, and those below part 1 may lack
// some if they rise in time and at least half are there, as without links.
func (t *tree) consistent(marks []marker) (ok, countdown bool) {
	c := count(marks)
	if c.distinct < 2 || c.score {
		return false, false
	}
	a := t.along(marks)
	switch {
	case c.weak && a.falls && a.parts == c.count:
		return true, true
	case c.counted == c.high && c.whole:
		return true, false
	case a.rises && a.numbers == c.distinct:
		return true, false
	}
	if !a.rises || !c.inTime || c.total <= 0 || c.high > c.total || 2*c.counted < c.total {
		return false, false
	}
	return a.fromOne || c.fromTwo && c.whole && t.heads() == 1, false
}

// wholeWay keeps the markers 1/n to n/n on one way down the links, the oldest if there are
// several, and drops those beside it. Others on the way, or below it, make it none.
func (t *tree) wholeWay(marks []marker) []marker {
	above := make([]int32, len(marks)) // the next post with a marker on the way up
	for _, i := range t.down {
		up := t.up[i]
		if above[i] = up; up != none && !marks[up].ok() {
			above[i] = above[up]
		}
	}
	more := make([]bool, len(marks)) // a post with a marker is below
	for i := range marks {
		if marks[i].ok() && above[i] != none {
			more[above[i]] = true
		}
	}
	for i, m := range marks {
		if !m.ok() || m.number < 2 || m.number != m.total || more[i] {
			continue
		}
		way := []int32{int32(i)}
		at := above[i]
		for at != none && marks[at].total == m.total && marks[at].number == marks[way[len(way)-1]].number-1 {
			way = append(way, at)
			at = above[at]
		}
		if at != none || len(way) != int(m.total) {
			continue
		}
		kept := make([]marker, len(marks))
		for _, x := range way {
			kept[x] = marks[x]
		}
		return kept
	}
	return nil
}

// A descent down a tree's links is what its markers do on the way.
type descent struct {
	rises   bool // on each way down, repeats aside
	falls   bool // by one on each way down
	fromOne bool // one part 1 stands above all others
	numbers int  // the most different numbers on one way
	parts   int  // the most markers on one way
}

// along walks the links.
func (t *tree) along(marks []marker) descent {
	kids, next := links(t.virtual)
	type step struct {
		at         int32
		high, prev int
		seen       int // different numbers so far
		parts      int
	}
	var set [maxNumber + 1]int // how often on the way
	d := descent{rises: true, falls: true}
	tops, ones := 0, 0
	var stack []step
	for i, up := range t.virtual {
		if up == none {
			stack = append(stack, step{at: int32(i), high: -1, prev: -1})
		}
	}
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if s.at < 0 { // leave
			set[marks[^s.at].number]--
			continue
		}
		if m := marks[s.at]; m.ok() {
			k := int(m.number)
			if s.parts == 0 {
				tops++
				if k == 1 {
					ones++
				}
			}
			switch {
			case set[k] == 0 && k > s.high:
				s.high = k
				s.seen++
			case set[k] == 0:
				d.rises = false
				s.seen++
			case k == 1:
				s.high = 1 // a restart
			}
			d.falls = d.falls && (s.prev < 0 || k == s.prev-1)
			s.prev = k
			s.parts++
			set[k]++
			stack = append(stack, step{at: ^s.at})
			d.numbers, d.parts = max(d.numbers, s.seen), max(d.parts, s.parts)
		}
		for kid := kids[s.at]; kid != none; kid = next[kid] {
			stack = append(stack, step{kid, s.high, s.prev, s.seen, s.parts})
		}
	}
	d.fromOne = tops == 1 && ones == 1
	return d
}

// links lists for each post the oldest that answers it, and the next oldest.
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
