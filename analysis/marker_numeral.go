package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxNumber   = 999 // 2024/25 is a season, not a part
	keycap      = '\u20e3'
	emojiStyle  = '\ufe0f'
	keycapOfTen = '🔟'
)

// numeral reads digits of any script or style at the start of s and returns their value
// and how many bytes they take, 0 if there are none or too many.
func numeral(s string) (value, size int) {
	for size < len(s) {
		r, w := utf8.DecodeRuneInString(s[size:])
		d, ok := digit(r)
		if !ok {
			break
		}
		if value = value*10 + d; value > maxNumber {
			return 0, 0
		}
		size += w
	}
	return value, size
}

// digit is the value of a digit of any script, also raised, lowered or mathematical.
func digit(r rune) (int, bool) {
	switch {
	case '0' <= r && r <= '9':
		return int(r - '0'), true
	case r < 0x80:
		return 0, false
	case r == '¹':
		return 1, true
	case r == '²' || r == '³':
		return int(r-'²') + 2, true
	case r == '⁰' || '⁴' <= r && r <= '⁹':
		return int(r - '⁰'), true
	case '₀' <= r && r <= '₉':
		return int(r - '₀'), true
	}
	if r < '٠' { // the first digits that are not Latin
		return 0, false
	}
	for _, t := range unicode.Nd.R16 {
		if uint32(t.Lo) <= uint32(r) && uint32(r) <= uint32(t.Hi) {
			return int(r-rune(t.Lo)) % 10, true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if t.Lo <= uint32(r) && uint32(r) <= t.Hi {
			return int(uint32(r)-t.Lo) % 10, true
		}
	}
	return 0, false
}

// enclosed are the runs of numbers in a circle, in brackets or with a full stop.
var enclosed = []struct {
	low, high rune
	first     int
}{
	{'①', '⑳', 1}, {'⑴', '⒇', 1}, {'⒈', '⒛', 1}, {'⓪', '⓪', 0}, {'⓫', '⓴', 11}, {'⓵', '⓾', 1}, {'⓿', '⓿', 0},
	{'❶', '❿', 1}, {'➀', '➉', 1}, {'➊', '➓', 1}, {'㉑', '㉟', 21}, {'㊱', '㊿', 36}, {keycapOfTen, keycapOfTen, 10},
}

// capped reads keycaps and enclosed numbers: 1️⃣, 1️⃣2️⃣, 🔟, ③.
func capped(s string) (value, size int) {
	if r, w := utf8.DecodeRuneInString(s); isEnclosed(r) {
		for _, e := range enclosed {
			if e.low <= r && r <= e.high {
				return e.first + int(r-e.low), w + styled(s[w:])
			}
		}
	}
	for size < len(s) && '0' <= s[size] && s[size] <= '9' {
		end := size + 1 + styled(s[size+1:])
		r, w := utf8.DecodeRuneInString(s[end:])
		if r != keycap {
			break
		}
		if value = value*10 + int(s[size]-'0'); value > maxNumber {
			return 0, 0
		}
		size = end + w
	}
	return value, size
}

func isEnclosed(r rune) bool {
	if r < '①' {
		return false
	}
	for _, e := range enclosed {
		if e.low <= r && r <= e.high {
			return true
		}
	}
	return false
}

// styled is the length of the mark that asks for an emoji's look.
func styled(s string) int {
	if strings.HasPrefix(s, string(emojiStyle)) {
		return len(string(emojiStyle))
	}
	return 0
}

var romans = []struct {
	value int
	sign  string
}{
	{100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"},
}

// roman reads a Roman numeral below 300 in capitals, or in the characters made for it.
func roman(s string) (value, size int) {
	if r, w := utf8.DecodeRuneInString(s); 'Ⅰ' <= r && r <= 'Ⅻ' {
		return int(r-'Ⅰ') + 1, w
	}
	for _, r := range romans {
		for n := 0; n < 3 && strings.HasPrefix(s[size:], r.sign); n++ {
			value, size = value+r.value, size+len(r.sign)
			if len(r.sign) == 2 || r.value == 5 || r.value == 50 {
				break
			}
		}
	}
	return value, size
}
