package search

import (
	"strings"
	"unicode/utf8"

	"skyarchive/analysis/words"
)

// Snippet is the part of a text, about width characters long, that shows the most matches,
// each as mark returns it. White space becomes single spaces; "…" stands where the text
// goes on. matches are in order and do not overlap. Text that mark was not given comes
// back as it is: escaping is the caller's, before or inside mark.
func Snippet(text string, matches []words.Span, width int, mark func(string) string) string {
	start, end := window(text, matches, width)
	var b strings.Builder
	if start > 0 {
		b.WriteString("…")
	}
	at := start
	for _, m := range matches {
		if m.Start < at || m.End > end {
			continue
		}
		b.WriteString(oneLine(text[at:m.Start]))
		b.WriteString(mark(oneLine(text[m.Start:m.End])))
		at = m.End
	}
	b.WriteString(oneLine(text[at:end]))
	if end < len(text) {
		b.WriteString("…")
	}
	return b.String()
}

// window is the range of a text to show: between words, around the most matches, and as
// early as that goes.
func window(text string, matches []words.Span, width int) (start, end int) {
	text = strings.TrimRightFunc(text, isBlank)
	if utf8.RuneCountInString(text) <= width {
		return 0, len(text)
	}
	first, most := 0, 0
	for i, m := range matches {
		n := 1 // one match is shown however long it is
		for n < len(matches)-i && utf8.RuneCountInString(text[m.Start:min(matches[i+n].End, len(text))]) <= width {
			n++
		}
		if n > most {
			first, most = i, n
		}
	}
	if most == 0 {
		return 0, wordBefore(text, forward(text, 0, width))
	}
	// What room is left goes to both sides, so that the matches are read in their sentence.
	from, to := matches[first].Start, matches[first+most-1].End
	room := max(width-utf8.RuneCountInString(text[from:to]), 0)
	start = back(text, from, room/2)
	end = max(forward(text, start, width), to)
	start = min(back(text, end, width), from)
	if start > 0 {
		start = min(wordAfter(text, start), from)
	}
	if end < len(text) {
		end = max(wordBefore(text, end), to)
	}
	return start, end
}

func forward(text string, i, n int) int {
	for ; n > 0 && i < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	return i
}

func back(text string, i, n int) int {
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:i])
		i -= size
	}
	return i
}

// wordAfter is where the first word at or after i starts.
func wordAfter(text string, i int) int {
	if r, _ := utf8.DecodeLastRuneInString(text[:i]); i == 0 || isBlank(r) {
		return i
	}
	if n := strings.IndexFunc(text[i:], isBlank); n >= 0 {
		return len(text) - len(strings.TrimLeftFunc(text[i+n:], isBlank))
	}
	return i
}

// wordBefore is where the last word at or before i ends.
func wordBefore(text string, i int) int {
	if r, _ := utf8.DecodeRuneInString(text[i:]); i == len(text) || isBlank(r) {
		return i
	}
	if n := strings.LastIndexFunc(text[:i], isBlank); n > 0 {
		return len(strings.TrimRightFunc(text[:n], isBlank))
	}
	return i
}

// oneLine makes every run of white space a single space.
func oneLine(s string) string {
	if !strings.ContainsFunc(s, isBlank) {
		return s
	}
	var b strings.Builder
	blank := false
	for _, r := range s {
		if isBlank(r) {
			blank = true
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	if blank {
		b.WriteByte(' ')
	}
	return b.String()
}
