package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// skipOpening passes over what may stand before a marker: spaces, marks of direction,
// mentions, emoji, opening brackets, and words that announce a thread.
func skipOpening(text string, at int) int {
	for at < len(text) {
		rest := text[at:]
		if _, n := capped(rest); n > 0 {
			return at
		}
		r, w := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(r), invisible(r), isEmoji(r), unicode.Is(unicode.Ps, r):
			at += w
		case r == '@' && mention(rest) > 0:
			at += mention(rest)
		case announcingWord(rest) > 0:
			at += announcingWord(rest)
			for rest = text[at:]; rest != "" && strings.ContainsRune(" :-–—,|)].\u00a0", first(rest)); rest = text[at:] {
				at += utf8.RuneLen(first(rest))
			}
		default:
			return at
		}
	}
	return at
}

// announcingWord is the length of a word that may precede a marker, a hash before it
// included.
func announcingWord(s string) int {
	hash := 0
	if strings.HasPrefix(s, "#") {
		hash = 1
	}
	word := letters(s[hash:])
	for _, known := range []string{"thread", "fil", "hilo", "suite"} {
		if strings.EqualFold(word, known) && endsWord(s[hash+len(word):]) {
			end := hash + len(word)
			if known == "suite" && hasFold(s[end:], " et fin") && endsWord(s[end+len(" et fin"):]) {
				end += len(" et fin")
			}
			return end
		}
	}
	return 0
}

// longestTitle is how many characters a line may have that is passed over as a title.
const longestTitle = 60

// titleEnd is where the second line starts if the first is a short title, else 0.
func titleEnd(text string) int {
	text = text[:min(len(text), 4*longestTitle+8)]
	line, _, ok := strings.Cut(text, "\n")
	if !ok || utf8.RuneCountInString(line) > longestTitle {
		return 0
	}
	return len(line) + 1
}

// skipClosing passes backwards over one of the things that may stand behind a marker, and
// returns end if there is none.
func skipClosing(text string, end int) int {
	r, w := utf8.DecodeLastRuneInString(text[:end])
	if unicode.IsSpace(r) || invisible(r) || isEmoji(r) || r == emojiStyle || unicode.Is(unicode.Pe, r) || r == '.' {
		return end - w
	}
	token := strings.LastIndexFunc(text[:end], unicode.IsSpace) + 1
	if token > 0 {
		_, w := utf8.DecodeRuneInString(text[token-1:])
		if w == 0 {
			return end
		}
		for token < end && !utf8.RuneStart(text[token]) {
			token++
		}
	}
	word := text[token:end]
	bare := strings.TrimLeftFunc(word, func(r rune) bool { return unicode.Is(unicode.Ps, r) })
	if isHashtag(bare) || isURL(word) {
		return token
	}
	return end
}

func isHashtag(s string) bool {
	r, w := utf8.DecodeRuneInString(s)
	return (r == '#' || r == '＃') && strings.ContainsFunc(s[w:], unicode.IsLetter)
}

// isURL says that a word is a link, also without a scheme, as clients show it.
func isURL(s string) bool {
	if strings.Contains(s, "://") || hasFold(s, "www.") {
		return true
	}
	host, _, _ := strings.Cut(strings.TrimLeft(s, "(<\"«“"), "/")
	dot := strings.LastIndexByte(host, '.')
	if dot <= 0 || len(host)-dot < 3 {
		return false
	}
	return strings.Trim(host[dot+1:], "abcdefghijklmnopqrstuvwxyz") == "" &&
		!strings.ContainsFunc(host, func(r rune) bool { return r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func insideURL(text string, start, end int) bool {
	left := strings.LastIndexFunc(text[:start], unicode.IsSpace) + 1
	right := len(text)
	if i := strings.IndexFunc(text[end:], unicode.IsSpace); i >= 0 {
		right = end + i
	}
	return left < start && isURL(text[left:right])
}

// freeOnTheLeft says that what stands before does not make a number part of a longer
// word, path, date or amount.
func freeOnTheLeft(text string, at int) bool {
	r, w := utf8.DecodeLastRuneInString(text[:at])
	if w == 0 {
		return true
	}
	_, isDigit := digit(r)
	switch {
	case isDigit, unicode.IsLetter(r), r == keycap, strings.ContainsRune("/\\=&+_$€£@⁄∕", r):
		return false
	case strings.ContainsRune(".,:-–#", r):
		before, _ := utf8.DecodeLastRuneInString(text[:at-w])
		_, isDigit := digit(before)
		return !isDigit && r != '#'
	}
	return true
}

// aloneInLine says that a marker at the end has its line for itself, or brackets.
func aloneInLine(text string, at int) bool {
	line := strings.LastIndexByte(text[:at], '\n') + 1
	return skipOpening(text[:at], line) == at || strings.HasSuffix(text[:at], "(")
}

func spaceBefore(text string, at int) bool {
	r, w := utf8.DecodeLastRuneInString(text[:at])
	return w == 0 || !unicode.IsLetter(r)
}

func mention(s string) int {
	n := 1
	for n < len(s) && (s[n] == '.' || s[n] == '-' || s[n] == '_' || s[n] >= '0' && s[n] <= '9' || s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z') {
		n++
	}
	if n == 1 {
		return 0
	}
	return n
}

func isEmoji(r rune) bool {
	return r >= 0x80 && (r == emojiStyle || unicode.Is(unicode.So, r) || 0x1F3FB <= r && r <= 0x1F3FF || 0x2190 <= r && r <= 0x21FF || 0x25A0 <= r && r <= 0x27BF)
}

// invisible runes join, direct or mark; they are not seen.
func invisible(r rune) bool { return r >= 0x80 && unicode.Is(unicode.Cf, r) }

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// letters is the word at the start of s.
func letters(s string) string {
	if i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		return s[:i]
	}
	return s
}

func isLetter(s string) bool { return unicode.IsLetter(first(s)) }

// endsWord says that no word goes on with s.
func endsWord(s string) bool {
	r := first(s)
	return s == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’'
}

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// spaces is the length of the white space at the start of s, on one line.
func spaces(s string) int {
	return len(s) - len(strings.TrimLeftFunc(s, func(r rune) bool { return r != '\n' && (unicode.IsSpace(r) || invisible(r)) }))
}
