package export

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"skyarchive/atproto"
)

// A mark is a footnote reference at a place of a text.
type mark struct {
	at int
	id string
}

// markdownText writes a text so that a Markdown reader shows exactly these words: facets
// as links, line breaks as line breaks, marks as footnote references, and everything that
// CommonMark, GitHub or Obsidian would take for notation escaped.
func markdownText(text string, facets []atproto.Facet, marks []mark) string {
	e := escaper{text: text, lineStart: true, marks: marks}
	slices.SortStableFunc(e.marks, func(a, b mark) int { return a.at - b.at })
	pos := 0
	for _, f := range facets {
		dest := facetURL(f)
		if dest == "" {
			continue
		}
		e.words(pos, f.Start)
		e.link(f.Start, f.End, destination(dest))
		pos = f.End
	}
	e.words(pos, len(text))
	e.refs(len(text))
	e.endLine()
	return e.b.String()
}

// An escaper writes ranges of a text as Markdown. Line breaks and spaces are held back
// until it is known what follows them.
type escaper struct {
	b         strings.Builder
	text      string
	marks     []mark
	breaks    int    // line breaks before what comes next
	spaces    string // white space before what comes next
	lineStart bool
	inLink    bool
}

// words writes a range with the marks in it.
func (e *escaper) words(from, to int) {
	for from < to {
		stop := to
		if len(e.marks) > 0 && e.marks[0].at < to {
			stop = max(e.marks[0].at, from)
		}
		e.run(from, stop)
		from = stop
		if stop < to {
			e.refs(stop)
		}
	}
}

// refs writes the references that stand at or before a place.
func (e *escaper) refs(at int) {
	for len(e.marks) > 0 && e.marks[0].at <= at {
		e.flush()
		e.b.WriteString("[^" + e.marks[0].id + "]")
		e.lineStart = false
		e.marks = e.marks[1:]
	}
}

// link writes a range as a link, each line of it for itself. A reference inside of it
// follows it.
func (e *escaper) link(from, to int, dest string) {
	for from < to {
		end := to
		if i := strings.IndexAny(e.text[from:to], "\n\r"); i >= 0 {
			end = from + i
		}
		if strings.TrimSpace(e.text[from:end]) == "" {
			end = max(end, from+1)
			e.run(from, end)
			from = end
			continue
		}
		e.refs(from)
		e.flush()
		e.b.WriteByte('[')
		e.lineStart, e.inLink = false, true
		e.run(from, end)
		e.b.WriteString(e.spaces)
		e.spaces, e.inLink = "", false
		e.b.WriteString("](" + dest + ")")
		e.refs(end)
		from = end
	}
}

// flush writes the line breaks and spaces that were held back.
func (e *escaper) flush() {
	if e.breaks > 0 {
		e.endLine()
		switch {
		case e.b.Len() == 0:
			e.b.WriteString(strings.Repeat("<br>", e.breaks))
		case e.breaks == 1:
			e.b.WriteString("  \n")
			e.lineStart = true
		default:
			e.b.WriteString("\n\n" + strings.Repeat("<br>", e.breaks-2))
			e.lineStart = true
		}
		e.breaks = 0
	}
	if e.spaces != "" && e.lineStart {
		e.b.WriteString(entity(rune(e.spaces[0])) + e.spaces[1:])
		e.lineStart = false
	} else {
		e.b.WriteString(e.spaces)
	}
	e.spaces = ""
}

// endLine writes the spaces at the end of a line so that they are kept.
func (e *escaper) endLine() {
	if n := len(e.spaces); n > 0 {
		space := e.spaces
		e.spaces = ""
		if n > 1 && e.lineStart {
			e.b.WriteString(entity(rune(space[0])))
			space = space[1:]
		}
		e.b.WriteString(space[:len(space)-1] + entity(rune(space[len(space)-1])))
		e.lineStart = false
	}
}

func entity(r rune) string { return fmt.Sprintf("&#%d;", r) }

// run writes a range of the text.
func (e *escaper) run(from, to int) {
	for i := from; i < to; {
		r, size := utf8.DecodeRuneInString(e.text[i:to])
		switch {
		case r == '\r' && i+1 < len(e.text) && e.text[i+1] == '\n':
		case r == '\n' || r == '\r':
			e.breakLine()
		case r == ' ' || r == '\t':
			if e.breaks > 0 {
				e.flush()
			}
			e.spaces += string(r)
		default:
			e.flush()
			e.char(r, i, size, i+size == to && (to < len(e.text) || len(e.marks) > 0))
			e.lineStart = false
		}
		i += size
	}
}

// breakLine notes a line break. Spaces at the end of the line before it are written now.
func (e *escaper) breakLine() {
	if e.spaces != "" {
		if e.breaks > 0 {
			e.flush()
		}
		e.endLine()
	}
	e.breaks++
}

// char writes one character that stands at byte i; last says that a bracket may follow.
func (e *escaper) char(r rune, i, size int, last bool) {
	switch {
	case r == utf8.RuneError && size == 1, r == 0:
		e.b.WriteRune(utf8.RuneError)
	case r < 0x20 || r == 0x7f:
		e.b.WriteString(entity(r))
	case r == '!' && last, r < utf8.RuneSelf && e.isNotation(byte(r), i):
		e.b.WriteByte('\\')
		e.b.WriteByte(byte(r))
	default:
		e.b.WriteRune(r)
	}
}

// isNotation says whether some reader of Markdown would take the character at byte i for
// something other than itself.
func (e *escaper) isNotation(c byte, i int) bool {
	next, before := byte('\n'), byte('\n')
	if i+1 < len(e.text) {
		next = e.text[i+1]
	}
	if i > 0 {
		before = e.text[i-1]
	}
	switch c {
	case '\\', '`', '*', '_', '[', ']', '<', '>', '#', '|', '$', '~', '^', '{':
		return true
	case '-', '+':
		return e.lineStart
	case '=', '%':
		return e.lineStart || next == c || before == c
	case ':': // addresses, fields of Dataview, emoji by name, definitions
		return e.lineStart || next == '/' || next == ':' || before == ':' || e.isShortcode(i)
	case '&':
		return entityAt(e.text, i)
	case '@': // an address of mail
		return isAlnum(before)
	case '.', ')':
		if c == '.' && i >= 3 && strings.EqualFold(e.text[i-3:i], "www") {
			return true
		}
		return e.isListNumber(i) && (next == ' ' || next == '\t' || next == '\n' || next == '\r')
	}
	return false
}

// isListNumber says whether only digits stand between the start of the line and byte i.
func (e *escaper) isListNumber(i int) bool {
	start := i
	for start > 0 && e.text[start-1] >= '0' && e.text[start-1] <= '9' {
		start--
	}
	return start < i && i-start <= 9 && (start == 0 || e.text[start-1] == '\n' || e.text[start-1] == '\r')
}

// isShortcode says whether an emoji's name between colons starts or ends at byte i.
func (e *escaper) isShortcode(i int) bool {
	end := i + 1
	for end < len(e.text) && (isAlnum(e.text[end]) || strings.IndexByte("_+-", e.text[end]) >= 0) {
		end++
	}
	return end > i+1 && end < len(e.text) && e.text[end] == ':'
}

func entityAt(s string, i int) bool {
	if i+2 >= len(s) || s[i+1] != '#' && !isAlnum(s[i+1]) {
		return false
	}
	for j := i + 2; j < len(s) && j < i+40; j++ {
		if s[j] == ';' {
			return true
		}
		if !isAlnum(s[j]) {
			return false
		}
	}
	return false
}

func isAlnum(c byte) bool {
	return c < utf8.RuneSelf && (unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)))
}
