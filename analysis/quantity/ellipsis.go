package quantity

// longestEllipsis is how many tokens may stand between a quantity and one that leaves its
// unit out.
const longestEllipsis = 14

// elliptic reports whether the number n at token i leaves out the unit or noun of the
// quantity before it: "513 hectares, dont 575 de forêt", "4,4 % contre 4,7", "six ans au lieu de
// trois".
func (s *scanner) elliptic(i int, n *numeral) bool {
	if len(s.out) == 0 || n.article || n.big || n.group || n.year() || n.value < 2 && n.plain {
		return false
	}
	if next := s.word(n.next); next != "" && s.near(n.next) && !functionWords[next] || s.sign(n.next) == "/" || s.sign(n.next) == ":" {
		return false
	}
	p := i - 1
	for p > i-4 && s.rounding(s.word(p)) && s.word(p) != "de" {
		p--
	}
	w, before := s.word(p), s.word(p-1)
	switch w {
	case "dont", "contre", "versus", "vs", "against":
	case "de":
		if before != "lieu" {
			return false
		}
	case "of":
		if before != "instead" {
			return false
		}
	case "to", "from":
		switch before {
		case "down", "up", "rose", "fell", "dropped", "grew", "compared", "climbed", "shrank":
		default:
			return false
		}
	default:
		return false
	}
	return s.lastEnds(i)
}

// lastEnds reports whether the last quantity ends on the line of token i, not far before it.
func (s *scanner) lastEnds(i int) bool {
	end := s.out[len(s.out)-1].End
	for p := i - 1; p >= max(0, i-longestEllipsis); p-- {
		if s.t.TokenSpan(p, p).Start < end {
			return true
		}
		if s.has(p, lineStart) {
			return false
		}
	}
	return false
}

// repeated adds the number n at token i with the unit of the last quantity.
func (s *scanner) repeated(i int, n *numeral) int {
	last := s.out[len(s.out)-1]
	next := s.put(found{first: i, last: n.next - 1, lo: n.value})
	q := &s.out[len(s.out)-1]
	q.Unit, q.BaseUnit = last.Unit, last.BaseUnit
	if last.BaseValue != nil && last.Value != 0 {
		base := q.Value * *last.BaseValue / last.Value
		q.BaseValue = &base
	}
	return next
}
