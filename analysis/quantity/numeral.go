package quantity

import (
	"strconv"
	"strings"

	"skyarchive/analysis/words"
)

// A numeral is a number as written, in digits or words, with its magnitude: "1,3 milliard".
type numeral struct {
	value   float64
	next    int     // the token after it
	scale   float64 // the product of its magnitude words
	big     bool    // has a magnitude that takes "de": million, milliard
	group   bool    // a round group that takes "de": centaine, dozen, thousands of
	bare    bool    // a group word alone: "milliers"
	spelled bool    // in words
	article bool    // un, une, one, a: a number only before a magnitude or a fraction
	plain   bool    // digits and nothing else
	long    bool    // digits in groups of three
}

// year reports whether a numeral looks like a year.
func (n *numeral) year() bool {
	return n.plain && n.value >= 1800 && n.value < 2100 && !n.long
}

// numeral reads the number at token i.
func (s *scanner) numeral(i int) (n numeral, ok bool) {
	n.scale = 1
	switch s.kind(i) {
	case number:
		n, ok = s.digits(i)
	case word:
		n, ok = s.spelled(i)
	}
	if !ok {
		return n, false
	}
	s.magnitude(&n)
	return n, true
}

// digits reads a number in digits, in groups or not.
func (s *scanner) digits(i int) (n numeral, ok bool) {
	n = numeral{scale: 1, plain: true, next: i + 1}
	text := s.text(i)
	whole, decimals, grouped, ok := splitNumber(text, s.lang)
	if !ok {
		return n, false
	}
	n.plain = decimals == "" && !grouped
	n.long = grouped
	if n.plain && len(whole) <= 3 {
		for {
			p := n.next
			apostrophe := s.sign(p) == "'" && !s.has(p, spaced) && !s.has(p+1, spaced)
			if apostrophe {
				p++
			}
			if s.kind(p) != number || !apostrophe && s.t.Tokens[p].Flags != words.Space {
				break
			}
			group := s.text(p)
			digits, rest, _ := strings.Cut(strings.ReplaceAll(group, ",", "."), ".")
			if len(digits) != 3 {
				break
			}
			whole += digits
			n.plain, n.long, n.next = false, true, p+1
			if rest != "" {
				decimals = rest
				break
			}
		}
	}
	if decimals != "" {
		whole += "." + decimals
	}
	n.value, _ = strconv.ParseFloat(whole, 64)
	// "3½" is folded to "3 1/2", "½" to " 1/2".
	if half, next := s.vulgar(n.next); next > 0 {
		n.value, n.next, n.plain = n.value+half, next, false
	} else if half, next := s.vulgar(i); next > 0 {
		n.value, n.next, n.plain = half, next, false
	}
	return n, true
}

// vulgar reads one character such as ½ at token i. It returns the token after it, or 0.
func (s *scanner) vulgar(i int) (value float64, next int) {
	if s.kind(i) != number || s.sign(i+1) != "/" || s.kind(i+2) != number {
		return 0, 0
	}
	if s.t.TokenSpan(i, i) != s.t.TokenSpan(i+2, i+2) {
		return 0, 0
	}
	a, _ := strconv.ParseFloat(s.text(i), 64)
	b, _ := strconv.ParseFloat(s.text(i+2), 64)
	if b == 0 {
		return 0, 0
	}
	return a / b, i + 3
}

// splitNumber splits digits with points and commas into the whole part and the decimals. It
// fails on what is no number: dates, versions, addresses.
func splitNumber(text, lang string) (whole, decimals string, grouped, ok bool) {
	if strings.IndexByte(text, '.') < 0 && strings.IndexByte(text, ',') < 0 {
		return text, "", false, len(text) < 16
	}
	if len(text) > 24 {
		return "", "", false, false
	}
	last := strings.LastIndexAny(text, ".,")
	mark, other := text[last:last+1], ","
	if mark == "," {
		other = "."
	}
	head, tail := text[:last], text[last+1:]
	switch {
	case strings.Contains(head, mark):
		// The same mark twice groups thousands.
		whole, ok = ungroup(text, mark)
		return whole, "", true, ok && !strings.Contains(text, other)
	case strings.Contains(head, other):
		whole, ok = ungroup(head, other)
		return whole, tail, true, ok
	}
	// One mark before three digits: a group in the one language, decimals in the other.
	if len(tail) == 3 && len(head) <= 3 && head != "0" && head[0] != '0' {
		switch {
		case mark == "," && (lang != "fr" || tail[1:] == "00"), mark == "." && (lang == "fr" || tail == "000" && lang != "en"):
			return head + tail, "", true, true
		}
	}
	return head, tail, false, true
}

// ungroup joins groups of three digits.
func ungroup(text, mark string) (string, bool) {
	for k, group := range strings.Split(text, mark) {
		if k > 0 && len(group) != 3 || k == 0 && (len(group) > 3 || group == "") {
			return "", false
		}
	}
	return strings.ReplaceAll(text, mark, ""), true
}

// magnitude multiplies a number with the magnitudes that follow it: "million", "k", "Md".
func (s *scanner) magnitude(n *numeral) {
	for count := 0; count < 4 && s.near(n.next); count++ {
		w := s.word(n.next)
		if w == "" || len(w) > 10 {
			return
		}
		scale, takesDe := 0.0, true
		switch w {
		case "million", "millions", "mio":
			scale = 1e6
		case "milliard", "milliards", "mrd", "mrds", "md", "mds", "mia":
			scale = 1e9
		case "bn":
			scale = 1e9
		case "billion", "billions":
			scale = 1e9
			if s.lang == "fr" {
				scale = 1e12
			}
		case "trillion", "trillions", "tn":
			scale = 1e12
			if s.lang == "fr" && w != "tn" {
				scale = 1e18
			}
		case "mille":
			scale, takesDe = 1e3, false
		case "millier", "milliers":
			scale = 1e3
		case "thousand":
			scale, takesDe = 1e3, false
		case "hundred":
			scale, takesDe = 1e2, false
		case "dozen":
			scale, takesDe = 12, false
		case "b", "t":
			if !s.priced || s.has(n.next, spaced) {
				return
			}
			scale = 1e9
			if w == "t" {
				scale = 1e12
			}
		case "m", "mn", "k":
			if !s.abbreviates(n.next, w, n) {
				return
			}
			scale = 1e6
			if w == "k" {
				scale, takesDe = 1e3, false
			}
		default:
			return
		}
		n.value *= scale
		n.scale *= scale
		n.big = n.big || takesDe
		n.plain, n.article = false, false
		n.next++
		if (s.word(n.next) == "et" || s.word(n.next) == "and") && n.scale >= 1e6 {
			if w := s.word(n.next + 1); w == "demi" || w == "demie" {
				n.value += n.scale / 2
				n.next += 2
			}
		}
	}
}

// abbreviates reports whether the letters at token i, after a number, are a magnitude: "M€",
// "50k", "3M de foyers". A lone m is a metre.
func (s *scanner) abbreviates(i int, w string, n *numeral) bool {
	if n.spelled {
		return false
	}
	after := i + 1
	switch next := s.sign(after); {
	case currency(next) != nil && s.near(after):
		return true
	case s.priced:
		return true
	}
	switch s.word(after) {
	case "euros", "euro", "dollars", "usd", "eur", "d'euros":
		return true
	case "de", "d'":
		if w == "m" {
			return s.has(i, capital) && (!s.shouting() || s.word(after+1) != "haut" && s.word(after+1) != "long" && s.word(after+1) != "large")
		}
		return w == "k" || w == "mn"
	}
	glued := !s.has(i, spaced)
	switch w {
	case "k":
		return glued && !(n.plain && (n.value == 2 || n.value == 4 || n.value == 8))
	case "m":
		return s.has(i, capital) && !s.shouting() && glued
	}
	return false
}

// spelled reads a number in words: "vingt-trois", "two hundred and five", "une centaine".
func (s *scanner) spelled(i int) (n numeral, ok bool) {
	n = numeral{scale: 1, spelled: true, next: i}
	total, current, read := 0.0, 0.0, 0
	for {
		p := n.next
		if read > 0 {
			if !s.near(p) {
				break
			}
			if w := s.word(p); w == "et" || w == "and" {
				v, k := numberWord(s.word(p + 1))
				hundreds := current >= 100 && int(current)%100 == 0
				if k != unitWord && k != articleWord || !(w == "et" && current >= 20 && int(current)%10 == 0 && (v == 1 || v == 11) || w == "and" && hundreds) {
					break
				}
				p++
			}
		}
		v, kind := numberWord(s.word(p))
		stop := false
		switch kind {
		case unitWord, articleWord:
			tens := int(current) % 100
			switch {
			case read == 0:
				current = v
			case kind == articleWord && !(tens >= 20 && tens%10 == 0):
				stop = true
			case tens == 0 && current >= 100, tens >= 20 && tens%10 == 0 && v < 10,
				(tens == 60 || tens == 80) && v >= 10 && v < 20, tens == 10 && v >= 7 && v < 10 && s.word(p-1) == "dix",
				(tens == 70 || tens == 90) && v >= 7 && v < 10 && s.word(p-1) == "dix":
				current += v
			case total > 0 && current == 0:
				current = v
			default:
				stop = true
			}
			if !stop {
				n.article = read == 0 && kind == articleWord
			}
		case tensWord:
			tens := int(current) % 100
			switch {
			case v == 20 && tens == 4:
				current += 76 // quatre-vingts
			case read == 0 || tens == 0 && (current >= 100 || total > 0):
				current += v
			default:
				stop = true
			}
		case hundredWord:
			w := s.word(p)
			if read == 0 && w != "cent" && !s.some(p) || current >= 100 || w == "cents" && s.lang == "en" {
				stop = true
				break
			}
			current = max(1, current) * 100
			n.article = false
			n.group = read == 0 && s.some(p)
		case thousandWord:
			if read == 0 && s.word(p) == "thousand" && !s.some(p) || total > 0 {
				stop = true
				break
			}
			total += max(1, current) * 1000
			current = 0
			n.article = false
			n.group = read == 0 && s.some(p)
		case groupWord:
			// "une centaine", "vingt-trois millions", "des milliers", "a dozen"
			n.value = max(1, total+current) * v
			n.group, n.article, n.next = true, false, p+1
			n.bare = read == 0
			if v >= 1e6 {
				n.scale = v
			}
			s.groupOf(&n)
			return n, true
		default:
			stop = true
		}
		if stop {
			break
		}
		n.next = p + 1
		read++
	}
	n.value = total + current
	if read > 1 {
		n.article = false
	}
	return n, read > 0
}

// some reports whether "few" or "several" stands before token i.
func (s *scanner) some(i int) bool {
	w := s.word(i - 1)
	return w == "few" || w == "several"
}

// groupOf reads "de milliers" in "des dizaines de milliers", "of thousands", "of millions".
func (s *scanner) groupOf(n *numeral) {
	for {
		w := s.word(n.next)
		if w != "de" && w != "of" {
			return
		}
		switch s.word(n.next + 1) {
		case "milliers", "thousands":
			n.value *= 1e3
		case "millions":
			n.value *= 1e6
		case "milliards":
			n.value *= 1e9
		case "billions":
			n.value *= 1e9
		default:
			return
		}
		n.next += 2
	}
}

// wordKind is the part that a word has in a number.
type wordKind uint8

const (
	noNumber wordKind = iota
	unitWord
	articleWord
	tensWord
	hundredWord
	thousandWord
	groupWord
)

// numberWord returns the value of a folded word and its part in a number.
func numberWord(w string) (float64, wordKind) {
	switch w {
	case "un", "une", "one", "a", "an":
		return 1, articleWord
	case "deux", "two":
		return 2, unitWord
	case "trois", "three":
		return 3, unitWord
	case "quatre", "four":
		return 4, unitWord
	case "cinq", "five":
		return 5, unitWord
	case "six":
		return 6, unitWord
	case "sept", "seven":
		return 7, unitWord
	case "huit", "eight":
		return 8, unitWord
	case "neuf", "nine":
		return 9, unitWord
	case "dix", "ten":
		return 10, unitWord
	case "onze", "eleven":
		return 11, unitWord
	case "douze", "twelve":
		return 12, unitWord
	case "treize", "thirteen":
		return 13, unitWord
	case "quatorze", "fourteen":
		return 14, unitWord
	case "quinze", "fifteen":
		return 15, unitWord
	case "seize", "sixteen":
		return 16, unitWord
	case "seventeen":
		return 17, unitWord
	case "eighteen":
		return 18, unitWord
	case "nineteen":
		return 19, unitWord
	case "vingt", "vingts", "twenty":
		return 20, tensWord
	case "trente", "thirty":
		return 30, tensWord
	case "quarante", "forty":
		return 40, tensWord
	case "cinquante", "fifty":
		return 50, tensWord
	case "soixante", "sixty":
		return 60, tensWord
	case "septante", "seventy":
		return 70, tensWord
	case "huitante", "octante", "eighty":
		return 80, tensWord
	case "nonante", "ninety":
		return 90, tensWord
	case "cent", "cents", "hundred":
		return 100, hundredWord
	case "mille", "thousand":
		return 1000, thousandWord
	case "dizaine", "dizaines":
		return 10, groupWord
	case "douzaine", "douzaines", "dozen", "dozens":
		return 12, groupWord
	case "quinzaine":
		return 15, groupWord
	case "vingtaine":
		return 20, groupWord
	case "trentaine":
		return 30, groupWord
	case "quarantaine":
		return 40, groupWord
	case "cinquantaine":
		return 50, groupWord
	case "soixantaine":
		return 60, groupWord
	case "centaine", "centaines", "hundreds":
		return 100, groupWord
	case "millier", "milliers", "thousands":
		return 1000, groupWord
	case "tens":
		return 10, groupWord
	case "millions":
		return 1e6, groupWord
	case "milliards":
		return 1e9, groupWord
	case "billions":
		return 1e9, groupWord
	}
	return 0, noNumber
}
