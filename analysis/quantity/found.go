package quantity

import "skyarchive/analysis/words"

// found is a quantity before it is written out.
type found struct {
	first, last int // tokens
	lo          float64
	hi          *float64
	unit        *unit
	noun        string // what is counted, where there is no unit
	approx      bool
	scale       float64 // its magnitude, 0 or 1 where it has none
	lone        bool    // no "of" or "per" follows
}

// put adds a quantity, with what stands around it, and returns the token to go on from.
func (s *scanner) put(f found) int {
	t := s.t
	next := f.last + 1
	minus := false
	if f.first > 0 && f.first-1 == s.minus && (f.unit == nil || !f.unit.time) {
		f.first--
		minus = true
	} else if c := s.sign(f.first - 1); (c == "+" || c == "-") && s.t.Tokens[f.first].Flags == 0 {
		// A sign that touches the number and nothing before it.
		before := f.first - 2
		if !s.has(f.first-1, spaced) && before >= 0 && s.kind(before) != sign && !s.has(f.first-1, words.Line) {
			minus = false
		} else {
			f.first--
			minus = c != "+"
		}
	}
	span := t.TokenSpan(f.first, f.last)
	q := Quantity{Span: span, Value: f.lo, ValueHi: f.hi, Approx: f.approx}
	if minus && f.hi == nil {
		q.Value = -q.Value
	}
	switch {
	case f.unit != nil:
		q.Unit, q.BaseUnit = f.unit.name, f.unit.base
		if q.BaseUnit != "" {
			base := q.Value * f.unit.factor
			q.BaseValue = &base
		}
	default:
		q.Unit = f.noun
	}
	s.around(&q, f.first)
	if !f.lone {
		q.Per = s.per(next)
		q.Of = s.of(next)
	}
	if s.word(next) == "environ" {
		q.Approx = true
	}
	q.Raw = t.Source[q.Start:q.End]
	s.scale, s.elided = 1, false
	if f.scale >= 1000 { // no dozens
		s.scale = f.scale
	}
	s.outOf = s.isWhole(f.first - 1)
	s.out = append(s.out, q)
	return next
}

// around reads the words before a quantity that make it approximate or a bound.
func (s *scanner) around(q *Quantity, first int) {
	p := first - 1
	for s.sign(p) == "+" || s.sign(p) == "(" {
		p--
	}
	switch c := s.sign(p); c {
	case "~", "≈", "≃":
		q.Approx = true
		return
	case ">", "≥":
		if before := s.sign(p - 1); before != "-" && before != "=" { // an arrow
			q.Bound = AtLeast
		}
	case "<", "≤":
		q.Bound = AtMost
	case ".":
		if w := s.word(p - 1); w == "env" || w == "approx" {
			q.Approx = true
		}
		return
	}
	w, before := s.word(p), s.word(p-1)
	switch w {
	case "environ", "presque", "quelque", "quelques", "about", "around", "roughly", "approximately", "some", "nearly", "almost", "env", "approx", "circa", "quasiment", "quasi":
		q.Approx = true
	case "de", "d'", "des":
		switch before {
		case "pres", "autour", "alentours", "ordre":
			q.Approx = true
		case "plus":
			q.Approx, q.Bound = true, AtLeast
		case "moins":
			q.Approx, q.Bound = true, AtMost
		}
	case "pres":
		q.Approx = before == "peu"
	case "peine":
		if before == "a" {
			q.Approx, q.Bound = true, AtMost
		}
	case "barely", "hardly", "scarcely":
		q.Approx, q.Bound = true, AtMost
	case "moins":
		if before == "au" || before == "du" {
			q.Bound = AtLeast
		}
	case "minimum", "least":
		q.Bound = AtLeast
	case "than":
		switch before {
		case "more", "greater", "higher":
			q.Approx, q.Bound = true, AtLeast
		case "less", "fewer", "lower":
			q.Approx, q.Bound = true, AtMost
		}
	case "over":
		q.Approx, q.Bound = true, AtLeast
	case "under":
		q.Approx, q.Bound = true, AtMost
	case "to":
		if before == "up" {
			q.Bound = AtMost
		} else if before == "close" {
			q.Approx = true
		}
	case "jusqu'", "jusqu'a":
		q.Bound = AtMost
	case "a":
		if before == "jusqu'" {
			q.Bound = AtMost
		}
	}
}

// rounded reports whether a word before token i says that a number follows: "plus de",
// "about".
func (s *scanner) rounded(i int) bool {
	q := Quantity{}
	s.around(&q, i)
	return q.Approx || q.Bound != Exactly
}
