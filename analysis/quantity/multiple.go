package quantity

import (
	"strconv"
	"strings"
)

// trigger reads the quantity that starts with the word w at token i, if there is one, and
// returns the token to go on from.
func (s *scanner) trigger(i int, w string) int {
	switch w {
	case "a", "an":
		if s.lang == "fr" {
			return i + 1
		}
	case "half":
		return s.half(i)
	case "moitie":
		return s.moitie(i)
	case "tiers", "quart":
		return s.part(i, w)
	case "third", "quarter", "fifth", "sixth", "eighth", "tenth":
		return s.restOf(i, w)
	case "demi":
		return s.demi(i)
	case "twice":
		return s.twice(i)
	case "facteur", "factor":
		return s.factor(i)
	case "eur", "usd", "gbp", "chf", "inr", "cny", "rmb", "jpy":
		if s.kind(i+1) == number && s.near(i+1) && !s.has(i+1, hyphened) {
			s.priced = true
			n, ok := s.numeral(i + 1)
			s.priced = false
			if ok && !n.year() {
				q := found{first: i, last: n.next - 1, lo: n.value, unit: units[w]}
				if p, hi := s.upper(i, n.next, &n); hi != nil {
					q.lo, q.hi, q.last = n.value, &hi.value, p-1
				}
				return s.put(q)
			}
		}
		return i + 1
	}
	switch {
	case w[0] == 'x' && len(w) > 1 && len(w) <= 5 && isDigit(w[1]): // not "xinf"
		if v, err := strconv.ParseFloat(w[1:], 64); err == nil && v > 1 && s.t.Tokens[i].Flags&^(capital|upperCase) != 0 {
			return s.put(found{first: i, last: i, lo: v, unit: multiple})
		}
		return i + 1
	case len(w) > 5:
		if end := s.growth(i, w); end > 0 {
			return end
		}
	}
	if _, kind := numberWord(w); kind == noNumber || s.has(i, hyphened) {
		return i + 1
	}
	n, ok := s.numeral(i)
	if !ok {
		return i + 1
	}
	if n.spelled && s.has(n.next, hyphened) {
		if _, unit := units[s.word(n.next)]; !unit && denominator(s.word(n.next)) == 0 && s.word(n.next) != "fold" {
			return n.next + 1 // deux-roues
		}
	}
	return s.counted(i, n)
}

// twice reads "twice as much", "twice the", "twice a week".
func (s *scanner) twice(i int) int {
	next := s.word(i + 1)
	switch next {
	case "as":
		last := i + 1
		if w := s.word(i + 2); w == "much" || w == "many" {
			last++
		}
		return s.put(found{first: i, last: last, lo: 2, unit: multiple})
	case "the", "more", "that", "what", "its", "their", "this":
		return s.put(found{first: i, last: i, lo: 2, unit: multiple})
	case "a", "per":
		if s.rate(i + 1) {
			return s.put(found{first: i, last: i, lo: 2, noun: "times"})
		}
	}
	if len(next) > 4 && strings.HasSuffix(next, "er") {
		return s.put(found{first: i, last: i, lo: 2, unit: multiple})
	}
	return i + 1
}

// factor reads "facteur 10", "a factor of three".
func (s *scanner) factor(i int) int {
	p := i + 1
	if w := s.word(p); w == "de" || w == "of" {
		p++
	}
	n, ok := s.numeral(p)
	if !ok || n.article || n.year() || !s.near(p) {
		return i + 1
	}
	q := found{first: i, last: n.next - 1, lo: n.value, unit: multiple}
	if k := s.connector(n.next, false); k > 0 {
		if hi, ok := s.numeral(k); ok && hi.value > n.value {
			q.hi, q.last = &hi.value, hi.next-1
		}
	}
	return s.put(q)
}

// times reads "dix fois plus", "three times as many", "10x", "5-fold" with the number n that
// starts at token i. It returns 0 where none is.
func (s *scanner) times(i int, n *numeral) int {
	p := n.next
	half := s.andAHalf(p + 1)
	if half > p+1 && s.word(p) == "fois" && (!n.article || s.word(i) == "une") {
		return s.timesAndAHalf(i, half, n)
	}
	if !s.near(p) || n.article {
		return 0
	}
	q := found{first: i, last: p, lo: n.value, unit: multiple}
	w := s.word(p)
	if k := s.connector(p, s.word(i-1) == "entre" || s.word(i-1) == "between"); k > 0 && w != "fold" {
		hi, ok := s.numeral(k)
		if !ok || hi.value <= n.value || !s.near(hi.next) {
			return 0
		}
		switch w = s.word(hi.next); w {
		case "fois", "times", "x", "fold":
		default:
			return 0
		}
		p = hi.next
		q.hi, q.last = &hi.value, p
	}
	next := s.word(p + 1)
	if s.sign(p) == "×" && !s.has(p, spaced) && s.kind(p+1) != number {
		if next == "plus" || next == "moins" || next == "more" || next == "less" {
			q.last++
		}
		return s.put(q)
	}
	switch w {
	case "x":
		if s.has(p, spaced) && next != "plus" && next != "moins" && next != "more" {
			return 0
		}
		if n.plain && n.value >= 1000 {
			return p + 1 // a model
		}
	case "fold":
	case "fois":
		switch next {
		case "plus", "moins", "davantage":
			q.last++
		case "la", "le", "les", "l'", "ce", "sa", "son", "leur", "superieur", "superieure", "superieurs", "superieures", "inferieur", "inferieure", "celle", "celui", "trop":
		default:
			if next == "rien" || !s.rate(p+1) && (n.spelled && n.value < 3 || n.value < 2 && n.plain || n.value == 1000) {
				return p + 1
			}
			q.unit, q.noun = nil, "fois"
		}
	case "times":
		switch next {
		case "more", "less", "as", "the", "higher", "greater", "larger", "bigger", "faster", "that", "what", "its", "their", "smaller", "lower", "cheaper":
		default:
			a := (next == "a" || next == "an") && period(s.word(p+2)) == ""
			if n.spelled && n.value < 3 && !a || n.value < 2 && n.plain {
				return p + 1
			}
			if !a && n.plain {
				q.unit, q.noun = nil, "times"
			}
		}
	default:
		return 0
	}
	if n.spelled && w == "x" {
		return 0
	}
	return s.put(q)
}

// timesAndAHalf reads "deux fois et demie plus" with the number n that starts at token i, and ends
// before token next but for "plus".
func (s *scanner) timesAndAHalf(i, next int, n *numeral) int {
	switch s.word(next) {
	case "plus", "moins", "davantage":
		next++
	}
	return s.put(found{first: i, last: next - 1, lo: n.value + 0.5, unit: multiple})
}

// growth reads the words of doubling, tripling, halving and multiplying at token i. It
// returns 0 where w is none of them.
func (s *scanner) growth(i int, w string) int {
	if base, ok := strings.CutSuffix(w, "fold"); ok {
		v, kind := numberWord(base)
		if kind == noNumber || v < 2 {
			return 0
		}
		return s.put(found{first: i, last: i, lo: v, unit: multiple})
	}
	switch w[:2] {
	case "do", "tr", "qu", "se", "de", "mu", "di", "ha":
	default:
		return 0
	}
	if strings.HasPrefix(w, "multipli") || strings.HasPrefix(w, "divis") || strings.HasPrefix(w, "divid") {
		return s.multiplied(i, w)
	}
	switch w {
	case "halved", "halving", "halves":
		return s.put(found{first: i, last: i, lo: 0.5, unit: multiple})
	}
	for _, g := range [...]struct {
		stem  string
		value float64
	}{{"doubl", 2}, {"tripl", 3}, {"quadrupl", 4}, {"quintupl", 5}, {"sextupl", 6}, {"decupl", 10}} {
		ending, ok := strings.CutPrefix(w, g.stem)
		if !ok {
			continue
		}
		switch ending {
		case "er", "ee", "ees", "ent", "ait", "aient", "era", "erait", "eront", "eraient", "ant":
		case "ed", "ing":
			if s.word(i+1) == "down" || s.word(i+1) == "up" {
				return i + 1
			}
		case "ement":
			if !s.nounPhrase(i) {
				return i + 1
			}
		case "e", "es":
			if !s.verb(i) {
				return i + 1
			}
		default:
			return 0
		}
		return s.put(found{first: i, last: i, lo: g.value, unit: multiple})
	}
	return 0
}

// multiplied reads "multiplié par 10", "divided by two" whose verb w is at token i.
func (s *scanner) multiplied(i int, w string) int {
	p := i + 1
	for p < i+3 && s.word(p) != "par" && s.word(p) != "by" {
		p++
	}
	if s.word(p) != "par" && s.word(p) != "by" {
		return 0
	}
	for p++; p < i+6 && s.rounding(s.word(p)); p++ {
	}
	n, ok := s.numeral(p)
	if !ok || n.article || n.year() || !s.near(p) {
		return 0
	}
	q := found{first: i, last: n.next - 1, lo: n.value, unit: multiple}
	if k := s.connector(n.next, false); k > 0 {
		if hi, ok := s.numeral(k); ok && hi.value > n.value {
			q.hi, q.last = &hi.value, hi.next-1
		}
	}
	if w[0] == 'd' && n.value > 0 {
		q.lo, q.hi = 1/n.value, nil
	}
	return s.put(q)
}

// rounding reports whether a word only makes a number approximate.
func (s *scanner) rounding(w string) bool {
	switch w {
	case "pres", "de", "environ", "plus", "presque", "nearly", "about", "almost", "more", "than", "roughly", "over", "under":
		return true
	}
	return false
}

// nounPhrase reports whether the word at token i is a noun and no adverb.
func (s *scanner) nounPhrase(i int) bool {
	switch s.word(i - 1) {
	case "un", "le", "du", "au", "ce", "son", "leur", "quasi":
		return true
	}
	switch s.word(i + 1) {
	case "de", "des", "du", "d'":
		return true
	}
	return s.begins(i)
}

// verb reports whether "double" or "triple" at token i says that something grew, and is no
// adjective.
func (s *scanner) verb(i int) bool {
	prev, next := s.word(i-1), s.word(i+1)
	if s.has(i, hyphened) || s.has(i+1, hyphened) {
		return false
	}
	if next == "down" || next == "up" {
		return false
	}
	switch prev {
	case "to", "will", "would", "could", "might", "can", "should", "nearly", "almost", "than", "may", "roughly",
		"ont", "avait", "avaient", "aura", "auront", "aurait", "auraient", "ayant", "avoir", "presque", "quasiment", "ete", "plus", "quasi":
		return next != "counting" && next != "standard" && next != "check"
	case "le", "au", "du":
		// "le double de", "passe du simple au double"
		return next == "" || next == "de" || next == "des" || next == "du" || next == "d'" || functionWords[next]
	case "a":
		if s.lang == "en" {
			return false
		}
		switch next {
		case "tour", "sens", "face", "fond", "titre", "vitesse", "vitesses", "tranchant", "entree", "usage", "detente", "vitrage", "emploi":
			return false
		}
		return next == "" || functionWords[next]
	case "un", "une", "double", "deux":
		return false
	case "price", "demand", "output", "consumption", "production", "cost", "traffic", "capacity", "population", "revenue":
		return s.lang == "en" && strings.HasSuffix(s.word(i), "es") && next == ""
	}
	switch next {
	case "the", "its", "their", "that", "by", "every", "la", "sa", "leur", "ses":
		return true
	case "in", "from", "since", "en", "tous", "depuis", "ici", "chaque":
		return prev != "the" && prev != "de"
	case "d'":
		return s.word(i+2) == "ici"
	}
	return false
}
