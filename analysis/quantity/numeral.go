package quantity

import "math"

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

// numeral reads the number at token i, with the millions that follow its milliards: "1 milliard
// 200 millions".
func (s *scanner) numeral(i int) (n numeral, ok bool) {
	n, ok = s.simple(i)
	if !ok || n.scale < 1e9 || !s.near(n.next) || s.has(n.next, hyphened) {
		return n, ok
	}
	m, more := s.simple(n.next)
	if more && !m.article && m.scale >= 1e6 && m.value < 1e9 {
		n.value, n.next = n.value+m.value, m.next
	}
	return n, true
}

// simple reads the number at token i with one magnitude or two.
func (s *scanner) simple(i int) (n numeral, ok bool) {
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
	if end := s.andAHalf(n.next); end > n.next && (!n.article || s.word(i) == "one") && n.value == math.Trunc(n.value) {
		n.value, n.next, n.article = n.value+0.5, end, false
	}
	s.magnitude(&n)
	return n, true
}

// andAHalf returns the token after "et demi" or "and a half" at token i, or i.
func (s *scanner) andAHalf(i int) int {
	if !s.near(i) {
		return i
	}
	switch w := s.word(i + 1); {
	case s.word(i) == "et" && (w == "demi" || w == "demie"):
		return i + 2
	case s.word(i) == "and" && w == "a" && s.word(i+2) == "half":
		return i + 3
	}
	return i
}

// mostMagnitudes is how many magnitudes a number may have: "mille milliards".
const mostMagnitudes = 2

// magnitude multiplies a number with the magnitudes that follow it: "million", "k", "Md".
func (s *scanner) magnitude(n *numeral) {
	count := 0
	if n.scale > 1 {
		count++ // "deux millions" is read as one
	}
	for ; count < mostMagnitudes && s.near(n.next); count++ {
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
		s.andHalf(n)
	}
}

// andHalf reads "et demi" and "and a half" after a magnitude.
func (s *scanner) andHalf(n *numeral) {
	if n.scale < 1e6 {
		return
	}
	if end := s.andAHalf(n.next); end > n.next {
		n.value, n.next = n.value+n.scale/2, end
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
			return s.has(i, capital) && (!s.shouting() || plural(s.word(after+1)) && !functionWords[s.word(after+1)])
		}
		return w == "k" || w == "mn"
	}
	glued := !s.has(i, spaced)
	switch w {
	case "k":
		return glued && !(n.plain && (n.value == 2 || n.value == 4 || n.value == 8))
	case "m":
		return glued && (s.has(i, capital) && !s.shouting() || s.lang != "fr" && s.near(after) && (manyOf[s.word(after)] || s.manyAt(i, after)))
	}
	return false
}

// manyAt reports whether the m at token i stands for a million of the plural noun at token
// after, with one word before it at most: "3m GPUs", "4m new jobs", not "a 4m wall".
func (s *scanner) manyAt(i, after int) bool {
	if w := s.word(i - 2); w == "a" || w == "an" || s.lang != "en" {
		return false
	}
	for p, count := after, 0; count < 2 && s.near(p); p++ {
		w := s.word(p)
		switch {
		case w == "" || functionWords[w] || measured[w] || !s.has(p, spaced) && !s.has(p, hyphened):
			return false
		case s.has(p+1, hyphened):
			continue
		case plural(w) && !verbsInS[w]:
			return true
		}
		count++
	}
	return false
}

// measured are words that say what is so many metres.
var measured = wordSet("high tall deep wide long thick away apart below above square waves walls trenches poles pools sprints fences dives races")

// manyOf are what people count in millions and write "1.2m" of.
var manyOf = wordSet(`people users homes jobs acres tonnes tons barrels households customers views children hectares cars workers students trees
	vehicles phones devices residents subscribers followers voters pounds americans barrels gallons litres liters chickens cattle refugees patients`)

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
				if k == tensWord && w == "and" && hundreds {
					k = unitWord // "a hundred and twenty"
				}
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
			case kind == articleWord && (s.word(p) == "a" || s.word(p) == "an" || !(tens >= 20 && tens%10 == 0)):
				stop = true // "fifty an hour"
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
			n.bare = read == 0 && !sized(s.word(p-1))
			if v >= 1e6 {
				n.scale = v
			}
			s.groupOf(&n)
			s.andHalf(&n)
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
	if w := s.word(n.next); read > 0 && (w == "virgule" || w == "point" && s.lang == "en") && s.near(n.next) {
		if v, kind := numberWord(s.word(n.next + 1)); (kind == unitWord || kind == articleWord) && v < 10 && s.near(n.next+1) {
			n.value, n.next, n.article = n.value+v/10, n.next+2, false
			read++
		}
	}
	if read > 1 {
		n.article = false
	}
	return n, read > 0
}

// sized reports whether a word says how well a round number is filled: "une petite vingtaine".
func sized(w string) bool {
	switch w {
	case "petite", "bonne", "grosse":
		return true
	}
	return false
}

// some reports whether "few" or "several" stands before token i.
func (s *scanner) some(i int) bool {
	w := s.word(i - 1)
	return w == "few" || w == "several"
}

// groupOf reads "de milliers" in "des dizaines de milliers", "of thousands", "of millions".
func (s *scanner) groupOf(n *numeral) {
	for range mostMagnitudes {
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
