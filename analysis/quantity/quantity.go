// Package quantity finds numbers with what they count or measure, and the times a text
// speaks of, in French and English: "50 000 barils", "30 to 40 %", "un tiers des ventes",
// "d'ici 2030".
//
// It reads the tokens of a folded text, so that case, accents and the kind of spaces do not
// matter. Numbers that count nothing, such as years, articles of a law, versions, telephone
// numbers and the numbers of a thread, are no quantities.
package quantity

import (
	"math"

	"skyarchive/analysis/words"
)

// A Quantity is a number with what it counts or measures.
type Quantity struct {
	words.Span
	Raw       string   `json:"raw"`
	Value     float64  `json:"value"`
	ValueHi   *float64 `json:"value_hi"` // the upper end of a range
	Unit      string   `json:"unit"`
	BaseValue *float64 `json:"base_value"` // in BaseUnit, nil where the unit has no base
	BaseUnit  string   `json:"base_unit"`
	Approx    bool     `json:"approx"`
	Of        *OfWhat  `json:"of"`
	Per       string   `json:"per"` // "day", "year", ...
	Bound     Bound    `json:"bound"`
}

// OfWhat is the thing that a quantity is a part or a measure of.
type OfWhat struct {
	words.Span
	Text string `json:"text"`
}

// Bound says whether a number is given as a limit.
type Bound string

// The bounds.
const (
	Exactly Bound = ""
	AtLeast Bound = "min" // "plus de", "at least"
	AtMost  Bound = "max" // "moins de", "up to"
)

// Find returns the quantities of a text in order. The language, "fr" or "en", decides what
// "4,125" and "billion" mean.
func Find(t *words.Text, lang string) []Quantity {
	s := scanner{t: t, lang: lang, minus: t.Minus()}
	for i := 0; i < len(t.Tokens); {
		if i == s.end {
			s.end = s.lineEnd(i)
		}
		next := i
		switch t.Tokens[i].Kind {
		case words.Number:
			next = s.number(i)
		case words.Word:
			if w := t.Word(i); len(w) <= 14 && !t.Tokens[i].Is(words.Hashtag) {
				next = s.trigger(i, w)
			}
		case words.Sign:
			next = s.signed(i)
		}
		i = min(max(next, i+1), s.end)
	}
	return s.out
}

// signed reads a quantity that starts with the sign at token i: "$519M", "×10". It returns
// the token to go on from.
func (s *scanner) signed(i int) int {
	c := s.sign(i)
	if c == "×" && s.kind(i+1) == number {
		if n, ok := s.digits(i + 1); ok {
			s.put(found{first: i, last: n.next - 1, lo: n.value, unit: multiple})
			return n.next
		}
	}
	u := currency(c)
	if u == nil || s.kind(i+1) != number || !s.near(i+1) {
		return i + 1
	}
	s.priced = true
	defer func() { s.priced = false }()
	n, ok := s.numeral(i + 1)
	if !ok {
		return i + 1
	}
	first := i
	if w := s.word(i - 1); (w == "us" || w == "u.s." || w == "ca" || w == "au") && !s.has(i, spaced) {
		first--
	}
	q := found{first: first, last: n.next - 1, lo: n.value, unit: u, scale: n.scale}
	if p, hi := s.upper(first, n.next, &n); hi != nil {
		q.lo, q.hi, q.last = n.value, &hi.value, p-1
	}
	return s.put(q)
}

// upper reads the upper end of a range of prices from token first after token i: "-20m" or "to
// $20m". The lower end takes its magnitude.
func (s *scanner) upper(first, i int, lo *numeral) (int, *numeral) {
	before := s.word(first - 1)
	p := s.connector(i, before == "entre" || before == "between")
	if p == 0 || before == "from" {
		return i, nil
	}
	if currency(s.sign(p)) != nil {
		p++
	}
	hi, ok := s.numeral(p)
	if !ok || hi.spelled {
		return i, nil
	}
	if lo.scale == 1 && hi.scale > 1 && lo.value < hi.value/hi.scale {
		lo.value *= hi.scale
	}
	if hi.value <= lo.value {
		return i, nil
	}
	return hi.next, &hi
}

// number reads the quantity that starts with the digits at token i, if there is one, and
// returns the token to go on from.
func (s *scanner) number(i int) int {
	if end := s.notCounting(i); end > i {
		return end
	}
	n, ok := s.numeral(i)
	switch {
	case ok:
		return s.counted(i, n)
	case n.next > i+1:
		return s.numbersEnd(i)
	}
	return i + 1
}

// counted reads a share, a fraction, a multiple or a measure with the number n that starts
// at token i.
func (s *scanner) counted(i int, n numeral) int {
	if end := s.share(i, &n); end > 0 {
		return end
	}
	if end := s.fraction(i, &n); end > 0 {
		return end
	}
	if end := s.times(i, &n); end > 0 {
		return end
	}
	return s.measured(i, n)
}

// connector returns the token after the words that join the two ends of a range at token i,
// or 0. Inside "entre" and "between" the word "et" or "and" joins.
func (s *scanner) connector(i int, between bool) int {
	if !s.near(i) {
		return 0
	}
	switch s.word(i) {
	case "a", "to", "ou", "or", "jusqu'a":
		return i + 1
	case "et", "and":
		if between {
			return i + 1
		}
		return 0
	}
	if s.has(i, hyphened) {
		return i
	}
	if c := s.sign(i); c == "-" || c == "~" {
		// "10 -20": a range has space on both sides or on none.
		if i+1 < len(s.t.Tokens) && s.has(i, spaced) == s.has(i+1, spaced) {
			return i + 1
		}
	}
	return 0
}

// measured reads the unit or the counted noun of the number n that starts at token i, and
// the other end of a range.
func (s *scanner) measured(i int, n numeral) int {
	if n.article && !s.counts(i, &n) {
		return i + 1
	}
	between := s.word(i-1) == "entre" || s.word(i-1) == "between"
	from := s.word(i-1) == "de" || s.word(i-1) == "from"
	u, end := s.unit(n.next, &n)
	q := found{first: i, lo: n.value, approx: n.group && (n.bare || n.scale == 1)}
	last := n
	if p := s.connector(end, between); p > 0 {
		if c := currency(s.sign(p)); c != nil {
			p++
		}
		hi, ok := s.numeral(p)
		hiUnit, hiEnd := s.unit(hi.next, &hi)
		switch {
		case !ok || hi.article || hi.spelled != n.spelled && u != nil:
		case u == nil && n.year() && !hi.year() && s.afterPreposition(i) && (s.word(i-1) != "by" || hi.scale > 1):
			// "rose in 2023 to 6.1 billion", but "by 2000 to 3000 MW"
		case n.scale == 1 && hi.scale > 1 && n.value < hi.value/hi.scale && u == nil,
			hi.value > n.value && (u == nil || u == hiUnit && !from && s.word(end) != "or"):
			if n.scale == 1 && hi.scale > 1 && u == nil && n.value < hi.value/hi.scale {
				n.value *= hi.scale
				q.lo = n.value
			}
			if n.year() && hi.year() && hiUnit == nil {
				return hi.next
			}
			if u == nil && sharesThousands(&n, &hi) {
				q.lo = n.value * 1000
			}
			q.hi, u, end, last = &hi.value, hiUnit, hiEnd, hi
		}
	}
	if u == nil && q.hi == nil && !n.spelled {
		u, end = s.list(i, &n, &q, end)
	}
	if u != nil && u.time {
		if s.pointInTime(i, end) {
			return end
		}
		if s.sign(end) == "/" && !s.has(end, spaced) && s.kind(end+1) == number {
			return end + 2 // 24h/24
		}
	}
	if u != nil && s.word(end-1) == "mile" && n.spelled && s.isName(i, n.next) {
		return end // Three Mile Island
	}
	if u != nil {
		if n.year() && q.hi == nil && s.afterPreposition(i) {
			return n.next
		}
		if s.kind(end-1) == sign && money(u) && n.plain && s.kind(end) == number && s.t.Tokens[end].Flags == 0 && len(s.text(end)) == 2 {
			cents, _ := s.digits(end)
			q.lo, end = n.value+cents.value/100, end+1 // 3€50
		} else if cents, ok := s.cents(end, u, &n); ok {
			q.lo, end = n.value+cents.value/100, cents.next
		} else if half := s.andAHalf(end); half > end && q.hi == nil && n.scale == 1 && n.value == math.Trunc(n.value) {
			q.lo, end = n.value+0.5, half // "deux ans et demi"
		}
		q.unit, q.last, q.scale = u, end-1, last.scale
		return s.put(q)
	}
	if n.year() && s.dated(i, n.next) || s.label(i) {
		return last.next
	}
	if n.spelled && q.hi == nil && s.isName(i, n.next) {
		return n.next + 1
	}
	if stop, noun := s.noun(last.next, &last); stop > last.next {
		if n.spelled && stop == last.next+1 && s.idiom(i, noun) {
			return stop
		}
		q.noun, q.last, q.scale = noun, stop-1, last.scale
		return s.put(q)
	}
	if s.elliptic(i, &n, &last) {
		q.last = last.next - 1
		return s.repeated(q, &n)
	}
	if q.hi == nil && (s.ofThem(i, &n) || s.ofUs(i, &n) || s.rate(n.next) && n.value >= 2 && !n.year()) {
		q.last = n.next - 1
		return s.put(q)
	}
	if last.bare && s.word(last.next) != "de" && s.word(last.next) != "d'" && s.word(last.next) != "of" {
		return last.next
	}
	if s.standsAlone(i, &last) {
		q.last = last.next - 1
		return s.put(q)
	}
	return last.next
}

// sharesThousands reports whether the lower end of a range leaves the thousands of the upper one
// out: "10 à 15 000 emplois", but "200 et 1 000".
func sharesThousands(lo, hi *numeral) bool {
	return lo.plain && lo.value < 1000 && hi.long && hi.scale == 1 && math.Mod(hi.value, 1000) == 0 && lo.value < hi.value/1000
}

// counts reports whether the article or "one" that is the number n at token i counts all the
// same: in a range ("one to five years", "un ou deux ans"), with a half ("a year and a half"),
// and as a price with its cents or its rate ("a dollar thirty-two", "an hour a day").
func (s *scanner) counts(i int, n *numeral) bool {
	w := s.word(i)
	if w != "a" && w != "an" && (s.word(n.next) == "to" || s.word(n.next) == "or" || s.word(n.next) == "a" || s.word(n.next) == "ou") {
		hi, ok := s.numeral(n.next + 1)
		return ok && hi.spelled && !hi.article && hi.value >= 2 && s.near(n.next)
	}
	u, end := s.unit(n.next, n)
	if u != nil && s.andAHalf(end) > end {
		return true // "a year and a half"
	}
	if u != nil && u.time && s.rate(end) {
		return true // "une heure par jour"
	}
	if u == nil || !money(u) {
		return false
	}
	_, ok := s.cents(end, u, n)
	return ok || s.rate(end)
}

// money reports whether a unit is a currency.
func money(u *unit) bool {
	switch u.name {
	case "€", "$", "£":
		return true
	}
	return false
}

// cents reads the cents after an amount in words, at token i: "a dollar thirty-two", "un euro
// vingt".
func (s *scanner) cents(i int, u *unit, n *numeral) (numeral, bool) {
	if !n.spelled || n.value > 99 || !money(u) || !s.near(i) || s.kind(i) != word {
		return numeral{}, false
	}
	c, ok := s.spelled(i)
	if !ok || c.article || c.group || c.value < 5 || c.value > 99 {
		return numeral{}, false
	}
	if unit, _ := s.unit(c.next, &c); unit != nil {
		return numeral{}, false
	}
	return c, true
}

// rate reports whether "a day" or "par jour" stands at token i.
func (s *scanner) rate(i int) bool {
	if !s.near(i) {
		return false
	}
	switch s.word(i) {
	case "a", "an":
		return s.lang != "fr" && period(s.word(i+1)) != "" && !s.apart(i+2)
	case "par", "per":
		return period(s.word(i+1)) != ""
	}
	return false
}

// list reads "80, 100, 120 MW" after the number n: a range from the least to the greatest.
func (s *scanner) list(i int, n *numeral, q *found, end int) (*unit, int) {
	lo, hi, p, count := n.value, n.value, n.next, 1
	for count < longestList && s.near(p+1) && (s.sign(p) == "," || s.word(p) == "et" || s.word(p) == "and" || s.word(p) == "ou" || s.word(p) == "or") {
		if s.kind(p+1) != number {
			break
		}
		m, ok := s.numeral(p + 1)
		if !ok || m.year() || n.year() {
			break
		}
		lo, hi, count = min(lo, m.value), max(hi, m.value), count+1
		p = m.next
		if u, after := s.unit(p, &m); u != nil {
			if count < 3 {
				break
			}
			q.lo, q.hi = lo, &hi
			return u, after
		}
	}
	return nil, end
}

// standsAlone reports whether a number counts something even though no noun follows: it is
// large or given as rounded.
func (s *scanner) standsAlone(i int, n *numeral) bool {
	if n.article || s.label(i) || s.has(n.next, hyphened) {
		return false
	}
	switch s.word(n.next) {
	case "dead", "killed", "injured", "wounded", "missing", "hurt", "arrested", "presumed", "homeless", "unemployed":
		return n.value >= 2 && s.near(n.next) && !n.year()
	}
	if s.word(n.next) == "of" && s.near(n.next) {
		switch s.word(n.next + 1) {
		case "them", "em", "us", "those", "these", "which", "whom":
			return n.value >= 2 && !n.year()
		}
	}
	switch {
	case n.group && s.lastEndsWith(i-1):
		return false // "$2.97 a dozen"
	case n.spelled && n.value >= 2 && s.near(n.next) && (s.word(n.next) == "des" || s.word(n.next) == "of") && s.partitive(n.next+1):
		return true // "trois des cinq puits"
	case n.big, n.group:
		return true
	case n.spelled:
		return n.value > 20 && s.rounded(i)
	case n.long && n.value >= 1000, n.value >= 10000 && n.value < 1e7 && !n.plain:
		return true
	case s.word(n.next) == "des" || s.word(n.next) == "of", s.word(n.next) == "d'" && s.word(n.next+1) == "entre":
		return s.partitive(n.next + 1)
	}
	if w := s.word(i - 1); (w == "de" || w == "of") && s.word(i-2) == "pue" {
		return true // a ratio without a unit
	}
	return s.rounded(i) && !n.year() && s.sign(n.next) != "/" && (!s.near(n.next) || s.has(n.next, spaced) || s.kind(n.next) == sign)
}

// partitive reports whether "des 27 pays" or "the five" stands at token i, or "entre eux".
func (s *scanner) partitive(i int) bool {
	if w := s.word(i); w == "the" || w == "these" || w == "our" || w == "its" || w == "their" {
		i++
	} else if w == "entre" || w == "them" || w == "us" {
		return true
	}
	n, ok := s.numeral(i)
	return ok && !n.article && !n.year()
}
