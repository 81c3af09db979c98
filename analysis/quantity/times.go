package quantity

import (
	"fmt"
	"strconv"

	"skyarchive/analysis/words"
)

// A Time is a point or stretch of time that a text names. From and To are dates as YYYY,
// YYYY-MM or YYYY-MM-DD, "" where the text leaves that end open or names no date, as in "il
// y a 3 ans".
type Time struct {
	words.Span
	Raw  string
	From string
	To   string
}

// Times returns the dates, years and points in time of a text in order.
func Times(t *words.Text, lang string) []Time {
	s := scanner{t: t, lang: lang, end: len(t.Tokens)}
	var out []Time
	for i := 0; i < len(t.Tokens); i++ {
		if !s.maybeTime(i) {
			continue
		}
		d, ok := s.date(i)
		if !ok {
			if first, end := s.distance(i); end > i {
				out = append(out, s.time(first, end, "", ""))
				i = end - 1
			}
			continue
		}
		tm := s.stretch(i, d)
		if tm.End > 0 {
			out = append(out, tm)
		}
		i = max(i, s.tokenAt(tm.End, d.next)-1)
	}
	return out
}

// maybeTime reports whether a date or distance may start at token i, at little cost.
func (s *scanner) maybeTime(i int) bool {
	switch s.t.Tokens[i].Kind {
	case number:
		return true
	case word:
		if s.kind(i+1) == number {
			return true
		}
		w := s.t.Word(i)
		if len(w) > 9 {
			return false
		}
		switch _, kind := numberWord(w); kind {
		case noNumber:
			return false
		case articleWord:
			u := units[s.word(i+1)]
			return u != nil && u.time
		}
		return true
	}
	return false
}

// A date is a year, a month of a year, a day, or a decade.
type date struct {
	text string // YYYY, YYYY-MM or YYYY-MM-DD
	last string // the end, where it differs: of a decade
	next int    // the token after it
	year bool   // a year alone
}

// time makes a Time of the tokens from first to before end.
func (s *scanner) time(first, end int, from, to string) Time {
	span := s.t.TokenSpan(first, end-1)
	return Time{Span: span, Raw: s.t.Source[span.Start:span.End], From: from, To: to}
}

// tokenAt returns the first token from i on that starts at or after byte end of the source.
func (s *scanner) tokenAt(end, i int) int {
	for i < len(s.t.Tokens) && s.t.TokenSpan(i, i).Start < end {
		i++
	}
	return i
}

// date reads the date at token i.
func (s *scanner) date(i int) (date, bool) {
	if s.kind(i) == word {
		// May 5, 2020; mars 2024
		m := monthNumber(s.word(i))
		if m == 0 || !s.near(i+1) || s.kind(i+1) != number {
			return date{}, false
		}
		if y, ok := s.year(i + 1); ok {
			return date{text: fmt.Sprintf("%s-%02d", y, m), next: i + 2}, true
		}
		p := i + 2
		if s.sign(p) == "," || isOrdinal(s.word(p)) {
			p++
		}
		if s.sign(p) == "," {
			p++
		}
		y, ok := s.year(p)
		d, err := strconv.Atoi(s.text(i + 1))
		if !ok || err != nil || d < 1 || d > 31 {
			return date{}, false
		}
		return date{text: fmt.Sprintf("%s-%02d-%02d", y, m, d), next: p + 1}, true
	}
	if y, ok := s.year(i); ok {
		if s.has(i+1, hyphened) && s.kind(i+1) == number && s.has(i+2, hyphened) && s.kind(i+2) == number {
			return s.numericDate(y, s.text(i+1), s.text(i+2), i+3)
		}
		d := date{text: y, next: i + 1, year: true}
		if w := s.word(i + 1); w == "s" && !s.has(i+1, spaced) || s.word(i-1) == "annees" && y[3] == '0' {
			d.last, d.year = y[:3]+"9", false
			if w == "s" {
				d.next++
			}
		}
		return d, true
	}
	if s.kind(i) != number {
		return date{}, false // the text ends, or no date follows "from 2015 to"
	}
	digits := s.text(i)
	if len(digits) > 2 {
		return date{}, false
	}
	if s.sign(i+1) == "/" && s.kind(i+2) == number && s.sign(i+3) == "/" && s.kind(i+4) == number {
		if y, ok := s.year(i + 4); ok {
			if s.lang == "en" {
				return s.numericDate(y, digits, s.text(i+2), i+5)
			}
			return s.numericDate(y, s.text(i+2), digits, i+5)
		}
		return date{}, false
	}
	p := i + 1
	if isOrdinal(s.word(p)) && !s.has(p, spaced) {
		p++
	}
	if s.word(p) == "of" {
		p++
	}
	m := monthNumber(s.word(p))
	if m == 0 || !s.near(p) {
		return date{}, false
	}
	if y, ok := s.year(p + 1); ok && s.near(p+1) {
		return s.numericDate(y, strconv.Itoa(m), digits, p+2)
	}
	return date{}, false
}

// numericDate makes a date of a year, a month and a day.
func (s *scanner) numericDate(year, month, day string, next int) (date, bool) {
	m, err1 := strconv.Atoi(month)
	d, err2 := strconv.Atoi(day)
	if err1 != nil || err2 != nil || m < 1 || m > 12 || d < 1 || d > 31 {
		return date{}, false
	}
	return date{text: fmt.Sprintf("%s-%02d-%02d", year, m, d), next: next}, true
}

// isOrdinal reports whether letters after a number make it an ordinal.
func isOrdinal(w string) bool {
	switch w {
	case "er", "st", "nd", "rd", "th":
		return true
	}
	return false
}

// year returns the year of four digits at token i.
func (s *scanner) year(i int) (string, bool) {
	if s.kind(i) != number {
		return "", false
	}
	y := s.text(i)
	if len(y) != 4 || y < "1500" || y > "2199" || s.has(i, words.Hashtag) && !s.has(i, words.Tagged) && s.word(i-1) == "" {
		return "", false
	}
	for k := range y {
		if y[k] < '0' || y[k] > '9' {
			return "", false
		}
	}
	return y, true
}

// stretch reads the words around the date d at token i that open or close a stretch: "depuis
// 2015", "d'ici 2030", "from 2015 to 2020". A year with none of them and a count or unit
// after it is no time; then End is 0.
func (s *scanner) stretch(i int, d date) Time {
	first := i
	if w := s.word(i - 1); (w == "le" || w == "l'" || w == "annee" || w == "annees" || w == "the" || w == "year" || w == "fin" || w == "debut" || w == "mid" || w == "late" || w == "early" || w == "horizon" || w == "on" || w == "an") && !s.has(i, words.Line) {
		first = i - 1
		if p := s.word(first - 1); p == "l'" || p == "les" || p == "the" || p == "a" || p == "de" || p == "la" {
			first--
		}
	}
	from, to := d.text, d.text
	if d.last != "" {
		to = d.last
	}
	if p := s.connector(d.next, true); p > 0 {
		if w := s.word(p); w == "le" || w == "en" || w == "the" {
			p++
		}
		e, ok := s.date(p)
		and := s.word(d.next) == "et" || s.word(d.next) == "and"
		if ok && e.text > d.text && (!and || s.word(first-1) == "entre" || s.word(first-1) == "between") && s.word(d.next) != "ou" && s.word(d.next) != "or" {
			switch s.word(first - 1) {
			case "de", "from", "entre", "between", "du":
				first--
			}
			return s.time(first, e.next, d.text, e.text)
		}
	}
	prev, before := s.word(first-1), s.word(first-2)
	switch prev {
	case "ici", "by", "until", "till", "before", "avant", "horizon", "jusqu'en", "through", "jusqu'":
		first, from = first-1, ""
		if prev == "ici" && before == "d'" || prev == "by" && before == "" && s.has(first-1, elided) {
			first--
		}
	case "depuis", "since", "from", "after", "apres", "des":
		first, to = first-1, ""
	case "en", "in", "during", "pour", "for", "a", "au", "vers", "around", "of", "du", "de":
		switch {
		case prev == "en" && before == "jusqu'":
			first, from = first-2, ""
		case prev == "de" && before == "partir" || prev == "du" && before == "partir":
			first, to = first-2, ""
			if s.word(first-1) == "a" {
				first--
			}
		case prev == "en" || prev == "in" || prev == "during":
			first--
		}
	default:
		if d.year && !s.bareYear(first, d.next) {
			return Time{}
		}
	}
	if i > first && (s.word(i-1) == "horizon") {
		from = ""
	}
	return s.time(first, d.next, from, to)
}

// bareYear reports whether a number of four digits with no preposition is a year: nothing
// is measured by it.
func (s *scanner) bareYear(i, next int) bool {
	if s.label(i) && !month(s.word(i-1)) {
		return false
	}
	if !s.near(next) {
		return true
	}
	n := numeral{scale: 1, plain: true, value: 2000}
	if u, _ := s.unit(next, &n); u != nil {
		return false
	}
	if s.kind(next) == number || s.sign(next) == "/" || currency(s.sign(i-1)) != nil {
		return false
	}
	end, _ := s.noun(next, &n)
	return end == next || s.lang == "en"
}

// distance reads "il y a 3 ans" and "29 years ago" with the number at token i. It returns
// the tokens it covers, or an end of 0.
func (s *scanner) distance(i int) (first, end int) {
	if s.kind(i) == word {
		if _, kind := numberWord(s.word(i)); kind == noNumber {
			return i, 0
		}
	}
	n, ok := s.numeral(i)
	if !ok {
		return i, 0
	}
	u, end := s.unit(n.next, &n)
	if u == nil || !u.time || u.name == "h" || !s.pointInTime(i, end) {
		return i, 0
	}
	switch s.word(end) {
	case "ago", "later", "earlier", "auparavant", "prior":
		return i, end + 1
	case "plus", "from":
		return i, end + 2
	case "apres", "after", "de":
		return i, end
	}
	first = i
	for first > 0 && first > i-5 && s.word(first-1) != "" {
		first--
		switch s.word(first) {
		case "ya", "voici", "voila", "dans":
			return first, end
		case "y":
			if s.word(first-1) == "il" {
				first--
			}
			return first, end
		}
	}
	return i, end
}
