package words

import "strings"

// inclusive reads an inclusive spelling whose base is s[start:end], as in "député·es",
// "expert(e)s" or "tou-te-s". It returns the end of the spelling and its two forms, or 0.
func inclusive(s string, start, end int) (int, forms) {
	mark := inclusiveMark(s, end)
	i := end + len(mark)
	if mark == "" || end-start < 2 || i >= len(s) || classes[s[i]] != letter {
		return 0, forms{}
	}
	tail := lettersEnd(s, i)
	suffix, plural := s[i:tail], false
	switch {
	case mark == "(":
		if tail >= len(s) || s[tail] != ')' {
			return 0, forms{}
		}
		tail++
		if tail < len(s) && s[tail] == 's' && (tail+1 == len(s) || !alnum(s, tail+1)) {
			plural, tail = true, tail+1
		}
		if suffix == "s" {
			return tail, forms{s[start:end], s[start:end] + "s"}
		}
	case inclusiveMark(s, tail) != "" && inclusiveMark(s, tail) != "(":
		if next := tail + len(inclusiveMark(s, tail)); next < len(s) && s[next] == 's' && (next+1 == len(s) || !alnum(s, next+1)) {
			plural, tail = true, next+1
		}
	}
	if tail < len(s) && alnum(s, tail) {
		return 0, forms{}
	}
	if mark == "-" && !plural && !hyphenated(suffix) {
		return 0, forms{}
	}
	bare := suffix
	if len(bare) > 1 && strings.HasSuffix(bare, "s") {
		bare, plural = bare[:len(bare)-1], true
	}
	base := s[start:end]
	feminine := feminine(base, bare)
	if feminine == "" || mark == "." && !plural && bare != "e" {
		return 0, forms{}
	}
	if plural {
		feminine += "s"
		if c := base[len(base)-1]; c != 's' && c != 'x' {
			base += "s"
		}
	}
	return tail, forms{base, feminine}
}

// hyphenated reports whether a suffix after a hyphen makes an inclusive form; "-le", "-te"
// and "-ce" are pronouns.
func hyphenated(suffix string) bool {
	switch suffix {
	case "e", "es", "ne", "nes", "euse", "euses", "trice", "trices", "rice", "rices":
		return true
	}
	return false
}

// inclusiveMark returns the mark at i that may stand inside an inclusive spelling.
func inclusiveMark(s string, i int) string {
	if i >= len(s) {
		return ""
	}
	switch s[i] {
	case '.', '-', '(':
		return s[i : i+1]
	case 0xC2, 0xE2:
		for _, mark := range [...]string{"·", "•", "⋅", "∙"} {
			if strings.HasPrefix(s[i:], mark) {
				return mark
			}
		}
	}
	return ""
}

// feminine returns the feminine form of a masculine base with a written suffix, without
// its plural s, or "" where the suffix is none.
func feminine(base, suffix string) string {
	for _, r := range [...]struct{ suffix, drop, add string }{
		{"e", "", "e"}, {"ne", "", "ne"}, {"te", "", "te"}, {"le", "", "le"}, {"sse", "", "sse"},
		{"se", "r", "se"}, {"se", "x", "se"}, {"euse", "eur", "euse"}, {"euse", "eux", "euse"},
		{"trice", "teur", "trice"}, {"trice", "", "trice"}, {"rice", "eur", "rice"}, {"ice", "eur", "rice"},
		{"ere", "er", "ere"}, {"iere", "ier", "iere"}, {"ve", "f", "ve"}, {"ive", "if", "ive"},
		{"ale", "al", "ale"}, {"ale", "aux", "ale"}, {"elle", "el", "elle"}, {"enne", "en", "enne"}, {"ienne", "ien", "ienne"},
		{"esse", "e", "esse"}, {"ette", "et", "ette"}, {"ete", "et", "ete"}, {"onne", "on", "onne"},
	} {
		if suffix == r.suffix && strings.HasSuffix(base, r.drop) {
			return strings.TrimSuffix(base, r.drop) + r.add
		}
	}
	return ""
}
