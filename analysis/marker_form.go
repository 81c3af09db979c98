package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mayOpenMarker are the bytes that a marker may start with: of digits, capitals that are Roman
// ones, "part", a hash, and of all characters beyond ASCII.
var mayOpenMarker = func() (table [256]bool) {
	for _, c := range []byte("0123456789#CLXVIPp") {
		table[c] = true
	}
	for c := 0xC0; c < len(table); c++ { // not the middle of a character
		table[c] = true
	}
	return table
}()

// readMarker reads the marker that s starts with, and how many bytes it takes.
func readMarker(s string) (m marker, size int) {
	if s == "" || !mayOpenMarker[s[0]] {
		return marker{}, 0
	}
	if word := partWord(s); word > 0 {
		return readPart(s, word)
	}
	if strings.HasPrefix(s, "#") || strings.HasPrefix(s, "＃") {
		_, w := utf8.DecodeRuneInString(s)
		if m, size := readMarker(s[w:]); size > 0 && m.form == formTotal {
			return m, w + size
		}
		number, n := numeral(s[w:])
		if n == 0 || !freeOnTheRight(s[w+n:]) {
			return marker{}, 0
		}
		return marker{number: uint16(number), form: formHash}, w + n
	}
	if number, n := capped(s); n > 0 {
		if m, size := readTotal(s, number, n, cappedOrPlain); size > 0 {
			return m, size
		}
		return marker{number: uint16(number), form: formKeycap}, n
	}
	if number, n := numeral(s); n > 0 {
		return readNumber(s, number, n)
	}
	if number, n := roman(s); n > 0 {
		return readTotal(s, number, n, roman)
	}
	return marker{}, 0
}

func cappedOrPlain(s string) (value, size int) {
	if value, size = capped(s); size > 0 {
		return value, size
	}
	return numeral(s)
}

// partWord is the length of "Part " or "Partie " at the start of s.
func partWord(s string) int {
	for _, word := range []string{"partie", "part"} {
		if len(s) > len(word) && strings.EqualFold(s[:len(word)], word) {
			if n := spaces(s[len(word):]); n > 0 {
				return len(word) + n
			}
		}
	}
	return 0
}

func readPart(s string, word int) (marker, int) {
	number, n := numeral(s[word:])
	read := numeral
	if n == 0 {
		number, n = roman(s[word:])
		read = roman
	}
	if n == 0 {
		return marker{}, 0
	}
	if m, size := readTotal(s[word:], number, n, read); size > 0 {
		return m, word + size
	}
	if !freeOnTheRight(s[word+n:]) || slashSign(s[word+n:]) > 0 {
		return marker{}, 0
	}
	return marker{number: uint16(number), form: formPart}, word + n
}

// readNumber reads what follows a number at the start of s.
func readNumber(s string, number, n int) (marker, int) {
	m := marker{number: uint16(number)}
	rank, w := suffix(s[n:])
	m.bits |= rank
	n += w
	if total, size := readTotal(s, number, n, numeral); size > 0 {
		total.bits |= m.bits
		return total, size
	}
	rest := s[n:]
	if slash := slashSign(rest); slash > 0 {
		form, w := openTotal(rest[slash:])
		m.form = form
		if form == noForm {
			return marker{}, 0
		}
		return m, n + slash + w
	}
	switch gap := spaces(rest); {
	case strings.HasPrefix(rest, ")") || strings.HasPrefix(rest, "]") || strings.HasPrefix(rest, "）"):
		_, w := utf8.DecodeRuneInString(rest)
		m.form, n = formBracket, n+w
	case strings.HasPrefix(rest, ".") && pointOfItem(rest[1:]):
		m.form, n = formPoint, n+1
	case dashOfItem(rest[gap:]) > 0:
		m.form, n = formDash, n+gap+dashSign(rest[gap:])
	default:
		return marker{}, 0
	}
	return m, n
}

// dashOfItem says that a dash sets a number off from a text, and is not in a range.
func dashOfItem(s string) int {
	w := dashSign(s)
	gap := spaces(s[w:])
	r, _ := utf8.DecodeRuneInString(s[w+gap:])
	if _, isDigit := digit(r); w == 0 || gap == 0 || isDigit {
		return 0
	}
	return w
}

// pointOfItem says that a point before s is no decimal point, ellipsis or part of a name.
func pointOfItem(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	_, isDigit := digit(r)
	return !isDigit && r != '.' && !unicode.IsLower(r)
}

// readTotal reads the total behind a number that ends at n: "/5", " / 5", " of 5".
func readTotal(s string, number, n int, read func(string) (int, int)) (marker, int) {
	gap := spaces(s[n:])
	at := n + gap
	slash := slashSign(s[at:])
	at += slash
	if slash == 0 {
		word := ofWord(s[at:])
		if word == 0 || gap == 0 {
			return marker{}, 0
		}
		at += word
	}
	space := spaces(s[at:])
	total, w := read(s[at+space:])
	if w == 0 {
		return marker{}, 0
	}
	at += space + w
	rank, w := suffix(s[at:])
	at += w
	if !freeOnTheRight(s[at:]) {
		return marker{}, 0
	}
	if slash > 0 && gap == 0 && space > 0 && lowerWordFollows(s[at:]) {
		return marker{}, 0 // "1/ 5 raisons": open, and text
	}
	return marker{number: uint16(number), total: uint16(total), form: formTotal, bits: rank}, at
}

// openTotal reads what stands for the total behind a slash.
func openTotal(s string) (form, int) {
	gap := spaces(s)
	rest := s[gap:]
	for _, open := range []struct {
		sign string
		form form
	}{{"...", formOpenDots}, {"…", formOpenDots}, {"?", formOpenAsk}, {"n", formOpenN}, {"N", formOpenN}, {"x", formOpenX}, {"X", formOpenX}} {
		if after, ok := strings.CutPrefix(rest, open.sign); ok && (!isLetter(open.sign) || endsWord(after)) {
			return open.form, gap + len(open.sign)
		}
	}
	word := letters(rest)
	switch {
	case strings.EqualFold(word, "end") || strings.EqualFold(word, "fin"):
		return noForm, 0
	case gap > 0 || rest == "" || rest[0] == '\n':
		return formOpen, 0
	case word == "":
		r, _ := utf8.DecodeRuneInString(rest)
		if _, isDigit := digit(r); isDigit || slashSign(rest) > 0 {
			return noForm, 0
		}
	case followedByUnit(rest) || len(word) == 1 && word >= "a" && endsWord(rest[1:]):
		return noForm, 0 // 90/h
	}
	return formOpen, 0
}

// suffix reads what makes 3 into 3a, 3b or 3bis, and ranks it.
func suffix(s string) (rank uint8, size int) {
	switch word := letters(s); {
	case !endsWord(s[len(word):]):
	case word == "bis":
		return 2, 3
	case word == "ter":
		return 3, 3
	case len(word) == 1 && 'a' <= word[0]|0x20 && word[0]|0x20 <= 'd':
		return word[0] | 0x20 - 'a' + 1, 1
	}
	return 0, 0
}

func ofWord(s string) int {
	word := letters(s)
	if strings.EqualFold(word, "of") || strings.EqualFold(word, "sur") || strings.EqualFold(word, "van") {
		if spaces(s[len(word):]) > 0 {
			return len(word)
		}
	}
	return 0
}

// slashSign is the length of a slash of any kind, or of a backslash.
func slashSign(s string) int {
	switch r, w := utf8.DecodeRuneInString(s); r {
	case '/', '\\', '⁄', '∕', '／', '＼', '╱':
		return w
	}
	return 0
}

func dashSign(s string) int {
	switch r, w := utf8.DecodeRuneInString(s); r {
	case '-', '–', '—', '‑', '−':
		return w
	}
	return 0
}

// freeOnTheRight says that what follows does not make a number part of a longer word,
// date or amount.
func freeOnTheRight(s string) bool {
	r, w := utf8.DecodeRuneInString(s)
	switch {
	case s == "":
		return true
	case unicode.IsLetter(r), strings.ContainsRune("%‰€$£°", r), r == keycap, styled(s) > 0:
		return false
	case strings.ContainsRune("/\\-–.,:", r):
		next, _ := utf8.DecodeRuneInString(s[w:])
		_, isDigit := digit(next)
		return !isDigit
	}
	_, isDigit := digit(r)
	return !isDigit
}
