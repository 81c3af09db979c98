package quantity

import "strings"

// longestEllipsis is how many tokens may stand between a quantity and one that leaves its
// unit out.
const longestEllipsis = 14

// elliptic reports whether the number n at token i leaves out the unit or noun of the
// quantity before it: "513 hectares, dont 575 de forêt", "4,4 % contre 4,7", "six ans au lieu de
// trois", "from two billion pounds to nearly four", "35 turbines, of which 33 were on".
func (s *scanner) elliptic(i int, n *numeral) bool {
	if len(s.out) == 0 || n.article || n.big || n.group || n.year() || n.value < 2 && n.plain {
		return false
	}
	if s.isSubject(i, n) {
		return true
	}
	p := i - 1
	for p > i-4 && s.rounding(s.word(p)) && s.word(p) != "de" {
		p--
	}
	w, before := s.word(p), s.word(p-1)
	instead := w == "de" && before == "lieu" || w == "of" && before == "instead"
	if next := s.word(n.next); next != "" && s.near(n.next) && !functionWords[next] && !instead || s.sign(n.next) == "/" || s.sign(n.next) == ":" {
		return false
	}
	if (w == "to" || w == "a" && s.lang != "en") && s.lastEndsWith(p-1) {
		return true
	}
	switch w {
	case "dont", "contre", "versus", "vs", "against":
	case "de", "of":
		if !instead {
			return false
		}
	case "to", "from":
		switch before {
		case "down", "up", "rose", "fell", "dropped", "grew", "compared", "climbed", "shrank":
		default:
			return false
		}
	case "a":
		switch before {
		case "passer", "passe", "passee", "passes", "monter", "monte", "tombe", "tombee", "tombes", "descendre", "descend", "grimpe":
		default:
			return false
		}
	default:
		return false
	}
	return s.lastEnds(i)
}

// isSubject reports whether a verb in the plural, or "c'est", follows the number n at the head
// of a clause at token i: "sur 34 copies, 11 c'est du copié".
func (s *scanner) isSubject(i int, n *numeral) bool {
	if s.kind(i-1) == word {
		switch s.word(i - 1) {
		case "et", "and", "que", "that", "show", "shows", "dont":
		default:
			return false
		}
	}
	switch s.word(n.next) {
	case "are", "were", "have", "had", "sont", "etaient", "ont", "avaient":
		return true
	case "c'":
		return s.word(n.next+1) == "est"
	}
	return false
}

// ofThem reports whether the number n at token i counts what the pronoun "en" stands for: "ils
// en font deux mille", "il y en a six", "il n'en avait déclaré que 60".
func (s *scanner) ofThem(i int, n *numeral) bool {
	if s.lang == "en" || n.article || n.value < 2 || n.year() || s.kind(n.next) == word && s.near(n.next) && !functionWords[s.word(n.next)] {
		return false
	}
	for p := i - 1; p > i-6; p-- {
		switch s.word(p) {
		case "", "pour", "sur", "de", "d'", "dans", "par", "vers":
			return false
		case "en":
			switch s.word(p - 1) {
			case "il", "ils", "elle", "elles", "on", "n'", "j'", "nous", "vous", "y", "qui":
				return p < i-1
			}
			return false
		}
	}
	return false
}

// ofUs reports whether the number n at token i counts those of whom the verb before it speaks:
// "on était quatre cents dans l'atelier", "ils ne sont plus que 90".
func (s *scanner) ofUs(i int, n *numeral) bool {
	if s.lang == "en" || n.article || n.value < 2 || n.year() || s.kind(n.next) == word && s.near(n.next) && !functionWords[s.word(n.next)] {
		return false
	}
	p := i - 1
	for p > i-3 && (s.word(p) == "plus" || s.word(p) == "que" || s.word(p) == "deja" || s.word(p) == "encore") {
		p--
	}
	switch s.word(p) {
	case "sommes", "etions", "sont", "etaient", "etait", "serons", "seront":
	case "est":
		if p == i-1 {
			return false
		}
	default:
		return false
	}
	if w := s.word(p - 1); w == "ne" || w == "n'" {
		p--
	}
	switch s.word(p - 1) {
	case "on", "nous", "ils", "elles":
		return true
	}
	return false
}

// lastEndsWith reports whether token i is the last one of the last quantity.
func (s *scanner) lastEndsWith(i int) bool {
	return len(s.out) > 0 && i >= 0 && s.t.TokenSpan(i, i).End == s.out[len(s.out)-1].End
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

// repeated adds the number n at token i with the unit of the last quantity, and with its
// millions where n names none and is of a like size: "two million barrels to nearly four", not
// "two million barrels to 300".
func (s *scanner) repeated(i int, n *numeral) int {
	last := s.out[len(s.out)-1]
	value := n.value
	if m := magnitude(last.Raw); !n.big && value < alike*last.Value/m && last.Value/m < alike*value {
		value *= m
	}
	next := s.put(found{first: i, last: n.next - 1, lo: value})
	q := &s.out[len(s.out)-1]
	q.Unit, q.BaseUnit = last.Unit, last.BaseUnit
	if last.BaseValue != nil && last.Value != 0 {
		base := q.Value * *last.BaseValue / last.Value
		q.BaseValue = &base
	}
	return next
}

// alike bounds how many times as much as the other each of two numbers is that share a million.
const alike = 20

// magnitude is the million or billion that a quantity is written with, or 1: "200 billionaires"
// are not so many.
func magnitude(raw string) float64 {
	for word := range strings.FieldsSeq(strings.ToLower(raw)) {
		switch word {
		case "milliard", "milliards", "billion", "billions":
			return 1e9
		case "million", "millions":
			return 1e6
		}
	}
	return 1
}
