package quantity

import (
	"strconv"
	"strings"

	"skyarchive/analysis/words"
)

// mostGroups is how many groups of three may follow the first digits of a number.
const mostGroups = 6

// greatest is beyond what any text means, and far enough from infinity for its magnitude and
// its unit.
const greatest = 1e200

// digits reads a number in digits, in groups or not. Next is behind the groups looked at, also
// where there are too many.
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
		for groups := 0; ; groups++ {
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
			if groups == mostGroups {
				return n, false
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
	if n.value > greatest {
		return n, false
	}
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

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
