package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// partitives and units that make a number before them a share or an amount, in lower case
// as inside a sentence: "2/3 des Français", "1/2 tarif".
var shareWords = map[string]bool{
	"de": true, "du": true, "des": true, "of": true, "der": true, "von": true, "van": true, "del": true, "den": true, "dei": true,
	"tarif": true, "journée": true, "journées": true, "finale": true, "finales": true, "litre": true, "litres": true,
	"heure": true, "heures": true, "siècle": true, "mile": true, "miles": true, "cup": true, "cups": true, "inch": true,
	"pint": true, "pints": true, "hour": true, "hours": true, "étoiles": true, "stars": true,
	"h": true, "l": true, "g": true, "kg": true, "mg": true, "km": true, "m": true, "cm": true, "mm": true, "ml": true, "cl": true, "dl": true,
	"ha": true, "kwh": true, "mwh": true, "min": true,
}

// followedByUnit says that a partitive or a unit follows on the same line.
func followedByUnit(s string) bool {
	s = s[spaces(s):]
	word := letters(s)
	after := first(s[len(word):])
	if after == '\'' || after == '’' {
		return word == "d"
	}
	return shareWords[word] && !unicode.IsDigit(after)
}

func lowerWordFollows(s string) bool {
	return spaces(s) > 0 && unicode.IsLower(first(s[spaces(s):]))
}

// mayBeDate says that a marker could be a day and a month.
func mayBeDate(m marker) bool {
	day, month := m.number, m.total
	if month > 12 {
		day, month = month, day
	}
	return 1 <= day && day <= 31 && 1 <= month && month <= 12
}

var weekdays = map[string]bool{
	"lundi": true, "mardi": true, "mercredi": true, "jeudi": true, "vendredi": true, "samedi": true, "dimanche": true,
	"monday": true, "tuesday": true, "wednesday": true, "thursday": true, "friday": true, "saturday": true, "sunday": true,
	"montag": true, "dienstag": true, "mittwoch": true, "donnerstag": true, "freitag": true, "samstag": true, "sonntag": true,
	"lunes": true, "martes": true, "miércoles": true, "jueves": true, "viernes": true, "sábado": true, "domingo": true,
	"maandag": true, "dinsdag": true, "woensdag": true, "donderdag": true, "vrijdag": true, "zaterdag": true, "zondag": true,
}

// dateReach is how many characters behind a marker a weekday or an hour makes it a date.
const dateReach = 60

func dateCue(s string) bool {
	seen, inWord := 0, false
	for i, r := range s {
		if seen++; seen > dateReach {
			return false
		}
		wordRune := isWordRune(r)
		if wordRune && !inWord && (weekdays[strings.ToLower(letters(s[i:]))] || isHour(s[i:])) {
			return true
		}
		inWord = wordRune
	}
	return false
}

// isHour reads 18h30, 20h, 20 h, 18:30, 6 pm.
func isHour(s string) bool {
	hour, n := numeral(s)
	if n == 0 || n > 2 || hour > 24 {
		return false
	}
	rest := s[n:]
	if strings.HasPrefix(rest, ":") {
		minute, w := numeral(rest[1:])
		return w == 2 && minute < 60 && endsWord(rest[3:])
	}
	rest = rest[spaces(rest):]
	switch word := strings.ToLower(letters(rest)); word {
	case "h", "am", "pm", "uhr", "heures":
		after := rest[len(word):]
		if word == "h" {
			minute, w := numeral(after)
			return w == 0 && endsWord(after) || w == 2 && minute < 60
		}
		return endsWord(after)
	}
	return false
}

// listGoesOn says that a marker is the first of several of its form in the same post, or
// that the post holds a list with 1 and 2.
func listGoesOn(s string, m marker) bool {
	one, two := m.number == 1, m.number == 2
	space := false
	for i, r := range s {
		if space && !unicode.IsSpace(r) {
			if other, size := readMarker(s[i:]); size > 0 && other.form == m.form {
				if other.number == m.number+1 {
					return true
				}
				one, two = one || other.number == 1, two || other.number == 2
			}
		}
		space = unicode.IsSpace(r)
	}
	return one && two
}

// threadSign says that a text shows the thread emoji or opens with the word.
func threadSign(text string) bool {
	if strings.Contains(text, "🧵") {
		return true
	}
	opening := text[:skipOpening(text, 0)]
	return hasWord(opening, "thread", "fil", "hilo")
}

// announcesThread says that a text announces a thread.
func announcesThread(text string) bool {
	return strings.Contains(text, "🧵") || strings.Contains(text, "👇") || strings.Contains(text, "⬇") || hasWord(text, "thread", "fil", "hilo", "dérouler")
}

// hasWord says that one of some words, which start with an ASCII letter, stands in a text, in
// any case.
func hasWord(text string, words ...string) bool {
	initials := uint32(0) // by the last five bits, which do not tell the case
	for _, w := range words {
		initials |= 1 << (w[0] & 31)
	}
	for i := 0; i < len(text); i++ {
		if initials>>(text[i]&31)&1 == 0 || text[i] >= utf8.RuneSelf || !startsWord(text, i) {
			continue
		}
		word := letters(text[i:])
		if !endsWord(text[i+len(word):]) {
			continue
		}
		for _, w := range words {
			if !strings.EqualFold(word, w) {
				continue
			}
			switch w {
			case "fil": // "au fil de l'eau" is none
				return !strings.EqualFold(wordBefore(text, i), "au")
			case "dérouler":
				return strings.EqualFold(wordBefore(text, i), "à")
			}
			return true
		}
	}
	return false
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// startsWord says that a word starts at a place.
func startsWord(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	return isWordRune(first(text[at:])) && !isWordRune(before)
}

// wordBefore is the letters that start the word before a place.
func wordBefore(text string, at int) string {
	end := strings.LastIndexFunc(text[:at], isWordRune)
	if end < 0 {
		return ""
	}
	start := strings.LastIndexFunc(text[:end], func(r rune) bool { return !isWordRune(r) })
	if start >= 0 {
		_, w := utf8.DecodeRuneInString(text[start:])
		start += w
	}
	return letters(text[max(start, 0):at])
}

// opensWithContinuation says that a text opens with a cue that it goes on from another
// post: Suite, Suite et fin, Part 2, Partie 2, Continued, Cont'd.
func opensWithContinuation(text string) bool {
	at := 0
	for at < len(text) {
		r, w := utf8.DecodeRuneInString(text[at:])
		if !unicode.IsSpace(r) && !invisible(r) && !isEmoji(r) && !unicode.Is(unicode.Ps, r) && r != '"' && r != '«' {
			break
		}
		at += w
	}
	rest := text[at:]
	word := letters(rest)
	switch strings.ToLower(word) {
	case "continued", "continuing":
		return strings.EqualFold(word, "continued")
	case "cont":
		after := rest[len(word):]
		return hasFold(after, "'d") || hasFold(after, "’d")
	case "suite":
		next := strings.ToLower(letters(strings.TrimLeftFunc(rest[len(word):], unicode.IsSpace)))
		return endsWord(rest[len(word):]) && next != "à" && next != "au" && next != "aux"
	case "part", "partie":
		n := partWord(rest)
		number, w := numeral(rest[n:])
		return n > 0 && w > 0 && number >= 2
	}
	return false
}
