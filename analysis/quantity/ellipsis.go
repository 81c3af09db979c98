package quantity

// longestEllipsis is how many tokens may stand between a quantity and one that leaves its
// unit out.
const longestEllipsis = 14

// elliptic reports whether the number n at token i, or the range from n to last, leaves out the
// unit or noun of the quantity before it: "513 hectares, dont 575 de forêt", "4,4 % contre
// 4,7", "six ans au lieu de trois", "35 turbines, of which 33 were on".
func (s *scanner) elliptic(i int, n, last *numeral) bool {
	if len(s.out) == 0 || n.article || n.big || n.group || n.year() || n.value < 2 && n.plain {
		return false
	}
	if s.isSubject(i, n) {
		return true
	}
	if c := s.sign(last.next); c == "/" || c == ":" {
		return false
	}
	p := i - 1
	for p > i-4 && s.rounding(s.word(p)) && s.word(p) != "de" {
		p--
	}
	return s.someOf(p, n) || s.compared(p, last.next) && s.lastEnds(i) || s.endsClause(last.next) && s.parallel(p, last.next, n) && s.lastEnds(i)
}

// compared reports whether the words up to token p set the number before token next against the
// quantity before them: "contre", "up from".
func (s *scanner) compared(p, next int) bool {
	w, before := s.word(p), s.word(p-1)
	switch w {
	case "dont", "contre", "versus", "vs", "against":
		return true
	case "de", "des", "of":
		if before == "lieu" || before == "instead" {
			return true
		}
	}
	if !s.endsClause(next) {
		return false
	}
	switch w {
	case "to", "a":
		if (w == "to" || s.lang != "en") && s.lastEndsWith(s.beforeYear(p-1)) {
			return true
		}
		fallthrough
	case "from":
		switch before {
		case "down", "up", "rose", "fell", "dropped", "grew", "compared", "climbed", "shrank":
			return w != "a"
		case "passer", "passe", "passee", "passes", "monter", "monte", "tombe", "tombee", "tombes", "descendre", "descend", "grimpe":
			return w == "a"
		}
	case "for", "pour":
		switch before {
		case "permit", "permits", "permis", "license", "licence":
			return true
		}
	}
	return false
}

// endsClause reports whether no noun can follow at token i.
func (s *scanner) endsClause(i int) bool {
	w := s.word(i)
	return w == "" || !s.near(i) || functionWords[w]
}

// beforeYear returns the token before "in 2023" that ends at token i, or i.
func (s *scanner) beforeYear(i int) int {
	if w := s.word(i - 1); w == "in" || w == "en" {
		if n, ok := s.numeral(i); ok && n.year() {
			return i - 2
		}
	}
	return i
}

// parallel reports whether the number n, which ends its clause before token next, is put beside
// the last quantity and like it in size: "36 g, ou 55 selon d'autres", "12 % in 2024, 15 in 2025",
// "5 % ici, 10 là", "415 TWh; in 2030, 945", "multipliée par vingt, l'autre par deux".
func (s *scanner) parallel(p, next int, n *numeral) bool {
	last := s.out[len(s.out)-1]
	size := last.Value / s.scale
	if n.value >= alike*size || size >= alike*n.value {
		return false
	}
	closes := s.kind(next) == sign && s.sign(next) != "%" || s.kind(next) == none
	switch s.word(p) {
	case "ou", "or", "then", "puis":
		return s.sign(p-1) == "," || s.lastEndsWith(p-1)
	case "par", "by":
		return last.Unit == multiple.name && last.Value >= 1 && closes
	case "et", "and":
		return s.elided && !closes
	}
	if s.sign(p) != "," {
		return false
	}
	switch s.word(next) {
	case "in", "en":
		return s.beforeYear(next+1) < next && s.lastEndsWith(s.beforeYear(p-1)) && s.beforeYear(p-1) < p-1
	case "la", "ici", "ailleurs", "there", "elsewhere":
		return s.near(next) && (s.kind(next+1) == sign || s.kind(next+1) == none)
	}
	return closes && s.opensClause(p-1)
}

// opensClause reports whether the words up to token i say where or when, and a semicolon and the
// last quantity stand before them: "5 426 sites ; en Allemagne, 529".
func (s *scanner) opensClause(i int) bool {
	for p := i; p > i-4; p-- {
		switch s.word(p) {
		case "in", "en", "au", "aux", "a":
			return s.sign(p-1) == ";"
		}
	}
	return false
}

// isWhole reports whether the word at token i opens a sentence with the whole of which some are
// counted next: "Sur 27 pays, …", "Of 114 bills, …".
func (s *scanner) isWhole(i int) bool {
	switch s.word(i) {
	case "sur", "of", "among", "parmi":
		return s.begins(i)
	}
	return false
}

// someOf reports whether the number n after token p counts some of the whole before it: "Sur 27
// pays, seuls 4 publient".
func (s *scanner) someOf(p int, n *numeral) bool {
	switch s.word(p) {
	case "seuls", "seules", "seulement", "only", "just":
		p--
	}
	return s.outOf && s.sign(p) == "," && n.value <= s.out[len(s.out)-1].Value && s.lastEnds(p)
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

// repeated adds the number or range q, read from n, with the unit of the last quantity, and with
// its millions where n names none and is of a like size: "two million barrels to nearly four",
// not "two million barrels to 300".
func (s *scanner) repeated(q found, n *numeral) int {
	last, scale := s.out[len(s.out)-1], s.scale
	if size := last.Value / scale; n.big || n.value >= alike*size || size >= alike*n.value {
		scale = 1
	}
	q.lo, q.scale = q.lo*scale, scale
	if q.hi != nil {
		hi := *q.hi * scale
		q.hi = &hi
	}
	next := s.put(q)
	s.elided = true
	added := &s.out[len(s.out)-1]
	added.Unit, added.BaseUnit = last.Unit, last.BaseUnit
	if last.BaseValue != nil && last.Value != 0 {
		base := added.Value * *last.BaseValue / last.Value
		added.BaseValue = &base
	}
	return next
}

// alike bounds how many times as much as the other each of two numbers is that share a unit
// without saying so.
const alike = 20
