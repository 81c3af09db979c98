package quantity

import "strings"

// share reads "un Français sur trois", "1 in 5", "9 out of 10" and "1/3 of": a number of
// some, said of the number n that starts at token i. It returns 0 where none is.
func (s *scanner) share(i int, n *numeral) int {
	p := n.next
	if n.value > 1000 || n.value < 1 || n.big || n.group {
		return 0
	}
	counted := n.value > 20 // "98 postes sur 180" counts them, "72 patients sur 100" does not
	if s.sign(p) == "/" && !s.has(p, spaced) && s.kind(p+1) == number && !s.has(p+1, spaced) {
		return s.slashed(i, n)
	}
	nouns := 0
	for ; nouns < 3 && s.near(p); nouns++ {
		w := s.word(p)
		if w == "" || w == "sur" || w == "in" || w == "out" || nouns == 0 && functionWords[w] {
			break
		}
		p++
	}
	if !s.near(p) {
		return 0
	}
	switch w := s.word(p); {
	case w == "sur":
		p++
	case w == "out" && s.word(p+1) == "of":
		p += 2
	case w == "in" && s.lang != "fr" && (n.article || n.value == 1 || nouns == 0):
		p++
	default:
		return 0
	}
	m, ok := s.numeral(p)
	if !ok || m.article || m.big || m.year() || m.value > 1000 || !s.near(p) {
		return 0
	}
	if m.value == n.value && n.plain {
		return m.next // 24 heures sur 24
	}
	if counted && nouns > 0 && m.value != 100 && m.value != 1000 {
		return 0
	}
	if m.value <= n.value {
		return 0
	}
	if u, _ := s.unit(m.next, &m); u != nil && u.base != "people" && !(n.spelled && m.spelled && nouns == 0) {
		return 0
	}
	if end, _ := s.noun(m.next, &m); end > m.next && nouns > 0 {
		return 0
	}
	return s.put(found{first: i, last: m.next - 1, lo: n.value / m.value, unit: fraction})
}

// slashed reads "1/3 des ventes"; "1/3" alone is a place in a thread or a date.
func (s *scanner) slashed(i int, n *numeral) int {
	m, ok := s.digits(n.next + 1)
	if !ok || s.sign(m.next) == "/" && !s.has(m.next, spaced) {
		return n.next + 4
	}
	small := m.plain && n.plain && m.value > n.value && (m.value <= 12 || m.value == 20 || m.value == 100 || m.value == 1000)
	if !small {
		return m.next
	}
	switch s.word(m.next) {
	case "de", "d'", "des", "du", "of":
		if s.near(m.next) {
			return s.put(found{first: i, last: m.next - 1, lo: n.value / m.value, unit: fraction})
		}
	}
	if s.rounded(i) {
		return s.put(found{first: i, last: m.next - 1, lo: n.value / m.value, unit: fraction})
	}
	return m.next
}

// denominator returns the denominator that a word names, or 0.
func denominator(w string) float64 {
	switch w {
	case "tiers", "third", "thirds":
		return 3
	case "quart", "quarts", "quarter", "quarters", "fourth", "fourths":
		return 4
	case "cinquieme", "cinquiemes", "fifth", "fifths":
		return 5
	case "sixieme", "sixiemes", "sixth", "sixths":
		return 6
	case "septieme", "septiemes", "seventh", "sevenths":
		return 7
	case "huitieme", "huitiemes", "eighth", "eighths":
		return 8
	case "neuvieme", "neuviemes", "ninth", "ninths":
		return 9
	case "dixieme", "dixiemes", "tenth", "tenths":
		return 10
	case "vingtieme", "vingtiemes", "twentieth":
		return 20
	case "centieme", "centiemes", "hundredth", "hundredths":
		return 100
	case "millieme", "milliemes", "thousandth", "thousandths":
		return 1000
	case "half", "halves":
		return 2
	}
	return 0
}

// fraction reads "deux tiers", "a quarter of" with the number n that starts at token i. It
// returns 0 where none is.
func (s *scanner) fraction(i int, n *numeral) int {
	p := n.next
	w := s.word(p)
	d := denominator(w)
	if d == 0 || !s.near(p) || n.value < 1 || n.value >= 10*d || n.big || n.value != float64(int(n.value)) {
		return 0
	}
	if d == 2 && n.value > 1 || n.year() {
		return 0
	}
	next := s.word(p + 1)
	of := next == "de" || next == "d'" || next == "des" || next == "du" || next == "of"
	if (w == "quart" || w == "quarts" || w == "quarter" || w == "quarters") && (s.word(p+2) == "heure" || s.word(p+2) == "finale" || s.word(p+2) == "finales" || s.word(p+2) == "tour") {
		return p + 3
	}
	if of {
		if end := s.partOfMillion(i, p+2, n.value/d); end > 0 {
			return end
		}
	}
	plural := strings.HasSuffix(w, "s") && w != "tiers"
	switch {
	case of, s.has(p, hyphened), n.value > 1 && (plural || w == "tiers"):
	case w == "tiers", w == "quart":
		if next != "" && !functionWords[next] && s.near(p+1) && s.word(i-1) != "d'" && !s.rounded(i) {
			return p + 1
		}
	case s.sizedBy(i), comparative(next):
	case next == "" || functionWords[next]:
		// "a fifth, too" may be a place in a row: only the thirds and quarters are
		// shares without saying of what.
		if w != "third" && w != "quarter" {
			return p + 1
		}
	default:
		return p + 1
	}
	return s.put(found{first: i, last: p, lo: n.value / d, unit: fraction})
}

// partOfMillion reads "a million homes" at token p, of which there is a part that starts at token
// i: "a quarter of". It returns 0 where none is.
func (s *scanner) partOfMillion(i, p int, part float64) int {
	if s.word(p) == "a" {
		p++
	}
	n := numeral{value: part, scale: 1, next: p, spelled: true}
	if s.magnitude(&n); n.scale < 1e6 {
		return 0
	}
	return s.measured(i, n)
}

// comparative reports whether a word compares, so that a share before it says by how much.
func comparative(w string) bool {
	switch w {
	case "more", "less", "fewer", "lower", "higher", "smaller", "bigger", "larger", "cheaper", "faster", "slower", "longer", "shorter", "lighter", "heavier":
		return true
	}
	return false
}

// sizedBy reports whether the words before token i say that a share follows: "by a third".
func (s *scanner) sizedBy(i int) bool {
	switch s.word(i - 1) {
	case "by", "d'", "de", "than", "about", "nearly", "almost", "around", "over", "roughly":
		return true
	}
	return false
}

// part reads "le tiers des", "le quart de" whose noun is at token i.
func (s *scanner) part(i int, w string) int {
	next := s.word(i + 1)
	first := i - 1
	switch s.word(first) {
	case "bon", "gros", "autre", "dernier":
		first--
	}
	if closed := next == "" || functionWords[next] || next == "restant"; closed && (first < i-1 || next == "restant") {
		switch s.word(first) {
		case "le", "l'", "un", "ce", "d'un":
			if s.word(i+2) != "heure" && s.word(i+2) != "finale" {
				return s.put(found{first: first, last: i, lo: 1 / denominator(w), unit: fraction})
			}
		}
	}
	if s.word(i-1) != "le" || !(next == "de" || next == "d'" || next == "des" || next == "du") || s.word(i+2) == "finale" || s.word(i+2) == "heure" {
		return i + 1
	}
	return s.put(found{first: i - 1, last: i, lo: 1 / denominator(w), unit: fraction})
}

// restOf reads "the remaining fifth", "a full third", "a mere tenth" whose fraction w is at token
// i: a share, where an ordinal would have a noun.
func (s *scanner) restOf(i int, w string) int {
	switch s.word(i - 1) {
	case "remaining", "other", "full", "mere", "good", "whole":
	default:
		return i + 1
	}
	next := s.word(i + 1)
	switch s.word(i - 2) {
	case "the", "a":
		if next == "" || functionWords[next] || verbsInS[next] || !s.near(i+1) {
			return s.put(found{first: i - 2, last: i, lo: 1 / denominator(w), unit: fraction})
		}
	}
	return i + 1
}

// moitie reads "la moitié", "de moitié", "moitié moins".
func (s *scanner) moitie(i int) int {
	first, next := i, s.word(i+1)
	switch prev := s.word(i - 1); {
	case prev == "la" || prev == "une":
		first = i - 1
	case prev == "de" || prev == "sa" || prev == "leur" || prev == "bonne" || prev == "grosse":
	case prev == "autre" && s.word(i-2) == "l'":
		first = i - 2
	case next == "moins" || next == "plus" || next == "de" || next == "des" || next == "du":
		if prev == "premiere" || prev == "seconde" || prev == "deuxieme" || prev == "autre" || prev == "a" {
			return i + 1
		}
	default:
		return i + 1
	}
	return s.put(found{first: first, last: i, lo: 0.5, unit: fraction})
}

// half reads "half of", "half a million", "by half", "half an hour".
func (s *scanner) half(i int) int {
	prev, next := s.word(i-1), s.word(i+1)
	if s.has(i, hyphened) || s.has(i+1, hyphened) {
		return i + 1
	}
	if prev == "other" && s.word(i-2) == "the" && next != "lives" {
		return s.put(found{first: i - 2, last: i, lo: 0.5, unit: fraction})
	}
	switch prev {
	case "first", "second", "other", "latter", "top", "bottom", "upper", "lower", "northern", "southern", "1st", "2nd", "and":
		return i + 1
	}
	if next == "a" || next == "an" {
		n, ok := s.numeral(i + 1)
		if ok && !n.article {
			n.value /= 2
			n.spelled = true
			return s.measured(i, n)
		}
		if u, end := s.unit(i+2, &n); u != nil && !s.pointInTime(i, end) {
			return s.put(found{first: i, last: end - 1, lo: 0.5, unit: u})
		}
		return i + 2
	}
	switch next {
	case "of", "the", "its", "their", "our", "all", "as", "that", "these", "those", "this", "my", "his", "her":
		return s.put(found{first: i, last: i, lo: 0.5, unit: fraction})
	}
	if next == "past" || next == "way" {
		return i + 1
	}
	switch prev {
	case "by", "than", "over", "nearly", "almost", "about", "roughly", "in", "around", "only", "just", "one":
		return s.put(found{first: i, last: i, lo: 0.5, unit: fraction})
	}
	return i + 1
}

// spelledBefore is the number in words before token i.
func (s *scanner) spelledBefore(i int) (float64, bool) {
	v, kind := numberWord(s.word(i - 1))
	return v, kind == articleWord || kind == unitWord
}

// demi reads "demi-million" and "une demi-heure"; other halves are names of things.
func (s *scanner) demi(i int) int {
	switch next := s.word(i + 1); next {
	case "million", "milliard":
	case "heure", "heures", "journee", "journees", "siecle", "tonne", "hectare", "litre", "point", "degre":
		u := units[strings.TrimSuffix(next, "s")]
		n, ok := s.spelledBefore(i)
		if u == nil || !ok || s.pointInTime(i, i+2) || s.word(i-1) == "et" {
			return i + 2
		}
		return s.put(found{first: i - 1, last: i + 1, lo: n / 2, unit: u})
	default:
		return i + 2
	}
	n := numeral{value: 0.5, scale: 1, next: i + 1, spelled: true}
	s.magnitude(&n)
	first := i
	if s.word(i-1) == "un" {
		first--
	}
	return s.measured(first, n)
}
