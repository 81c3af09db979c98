package analysis

import (
	"cmp"
	"strings"
	"unicode/utf8"
)

// A marker is what an edge of a text says of a post's place in its thread: "2/5", "3)".
// The zero marker says nothing.
type marker struct {
	number uint16 // 0 is a legal number, of a lead
	total  uint16 // 0 where none is declared
	form   form
	bits   uint8
}

// A form is the way a marker is written, as far as it matters for company.
type form uint8

const (
	noForm       form = iota
	formTotal         // 2/5, 2 of 5, II/V, Part 2/5
	formOpen          // 2/
	formOpenN         // 2/n
	formOpenX         // 2/x
	formOpenAsk       // 2/?
	formOpenDots      // 2/…
	formKeycap        // 2️⃣
	formPart          // Part 2
	formBracket       // 2)
	formPoint         // 2.
	formDash          // 2 -
	formHash          // #2
)

const (
	suffixBits       = 3
	markSuffix uint8 = 1<<suffixBits - 1 // 3a: 1, 3b: 2, 3bis: 2
	markThread uint8 = 0x08              // the text announces a thread with it: 🧵 1/5
	markAtEnd  uint8 = 0x10
)

func (m marker) ok() bool   { return m.form != noForm }
func (m marker) weak() bool { return m.form >= formBracket }

// rank orders parts: by number, then by suffix.
func (m marker) rank() int { return int(m.number)<<suffixBits | int(m.bits&markSuffix) }

func (m marker) compare(o marker) int {
	return cmp.Or(cmp.Compare(m.form, o.form), cmp.Compare(m.number, o.number),
		cmp.Compare(m.total, o.total), cmp.Compare(m.bits, o.bits))
}

// A mark is a marker and the bytes of the text that it was read from.
type mark struct {
	marker
	Span
}

// markers reads the markers at the start and at the end of a text. A text that is nothing
// but a marker has it at its start.
func markers(text string) (start, end marker) {
	s, e := findMarks(text)
	if e.Start < s.End {
		e = mark{}
	}
	return s.marker, e.marker
}

func findMarks(text string) (start, end mark) {
	start, end = startMark(text), endMark(text)
	if (start.ok() || end.ok()) && threadSign(text) {
		if start.ok() {
			start.bits |= markThread
		}
		if end.ok() {
			end.bits |= markThread
		}
	}
	return start, end
}

// startMark reads the marker that opens a text, or the line behind a short title.
func startMark(text string) mark {
	at := skipOpening(text, 0)
	if _, size := readMarker(text[at:]); size > 0 {
		return startMarkAt(text, at)
	}
	line := titleEnd(text)
	if line <= at {
		return mark{}
	}
	m := startMarkAt(text, skipOpening(text, line))
	if strings.TrimSpace(text[m.End:]) == "" {
		return mark{}
	}
	return m
}

func startMarkAt(text string, at int) mark {
	m, size := readMarker(text[at:])
	if size == 0 {
		return mark{}
	}
	rest := text[at+size:]
	if m.form == formTotal && (followedByUnit(rest) || mayBeDate(m) && dateCue(rest)) {
		return mark{}
	}
	if m.form != formTotal && m.form != formPart && listGoesOn(text[at:], m) {
		return mark{}
	}
	return mark{m, Span{Start: at, End: at + size}}
}

// endMark reads the marker that closes a text, before hashtags, links, closing brackets,
// emoji and a full stop.
func endMark(text string) mark {
	for end := len(text); end > 0; {
		if m := markEndingAt(text, end); m.ok() {
			return m
		}
		next := skipClosing(text, end)
		if next == end {
			break
		}
		end = next
	}
	return mark{}
}

// hasMarkerSign says that a text has a character of a kind of which every marker at an end has
// one: a digit, a slash.
func hasMarkerSign(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9', c == '/', c == '\\':
			return true
		case utf8.RuneSelf <= c && utf8.RuneStart(c) && isMarkerSign(first(s[i:])):
			return true
		}
	}
	return false
}

// isMarkerSign is what hasMarkerSign looks for beyond ASCII.
func isMarkerSign(r rune) bool {
	if r < '²' || 'À' <= r && r < '٠' || '‐' <= r && r <= '…' {
		return false // letters of Latin and Greek, dashes, quotation marks
	}
	_, ok := digit(r)
	return ok || 'Ⅰ' <= r && r <= 'Ⅻ' || slashSign(string(r)) > 0 || isEnclosed(r)
}

// longestMarker is how far back from the end of a text a marker may start.
const longestMarker = 40

func markEndingAt(text string, end int) mark {
	if !hasMarkerSign(text[max(0, end-longestMarker):end]) {
		return mark{}
	}
	for at := max(0, end-longestMarker); at < end; at++ {
		if !mayOpenMarker[text[at]] || !freeOnTheLeft(text, at) {
			continue
		}
		m, size := readMarker(text[at:end])
		if size != end-at || insideURL(text, at, end) {
			continue
		}
		if m.weak() && m.form != formHash && !aloneInLine(text, at) || m.form == formKeycap && !spaceBefore(text, at) {
			continue
		}
		m.bits |= markAtEnd
		return mark{m, Span{Start: at, End: end}}
	}
	return mark{}
}
