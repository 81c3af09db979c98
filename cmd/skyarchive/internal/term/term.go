// Package term writes for people in a terminal and for programs in a pipe.
package term

import (
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	xterm "golang.org/x/term"
	"golang.org/x/text/width"
)

// IsTerminal says whether w is a terminal.
func IsTerminal(w any) bool {
	f := file(w)
	return f != nil && xterm.IsTerminal(int(f.Fd()))
}

// Columns is how wide to write to w: the terminal's width between 40 and 120, else 80.
func Columns(w any) int {
	if f := file(w); f != nil {
		if n, _, err := xterm.GetSize(int(f.Fd())); err == nil && n > 0 {
			return min(max(n, 40), 120)
		}
	}
	return 80
}

// Style marks text where the reader is a terminal that wants it.
type Style bool

// StyleFor is on for a terminal, unless NO_COLOR is set (https://no-color.org).
func StyleFor(w any, env func(string) string) Style {
	return Style(IsTerminal(w) && env("NO_COLOR") == "" && env("TERM") != "dumb")
}

// Bold is s in bold.
func (on Style) Bold(s string) string { return on.wrap("1", s) }

// Dim is s less bright.
func (on Style) Dim(s string) string { return on.wrap("2", s) }

// Mark is s as found words are shown: inverse, or in brackets where there is no style.
func (on Style) Mark(s string) string {
	if !on {
		return "[" + s + "]"
	}
	return on.wrap("7", s)
}

func (on Style) wrap(code, s string) string {
	if !on || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + Clean(s) + "\x1b[0m"
}

// styles are the sequences that Style writes. They take no room.
var styles = [...]string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[7m"}

var unstyle = strings.NewReplacer(styles[0], "", styles[1], "", styles[2], "", styles[3], "")

// cleanStyled is Clean for text in which parts are styled.
func cleanStyled(s string) string {
	if !strings.Contains(s, "\x1b") {
		return Clean(s)
	}
	var b strings.Builder
	for s != "" {
		at, found := len(s), ""
		for _, style := range styles {
			if i := strings.Index(s, style); i >= 0 && i < at {
				at, found = i, style
			}
		}
		b.WriteString(Clean(s[:at]) + found)
		s = s[at+len(found):]
	}
	return b.String()
}

// restyle ends a style at the end of each line and takes it up again in the next one, so
// that margins are free of it.
func restyle(lines []string) []string {
	active := ""
	for i, line := range lines {
		lines[i] = active + line
		last := -1
		for _, style := range styles {
			if at := strings.LastIndex(line, style); at > last {
				last, active = at, style
			}
		}
		if active == styles[0] {
			active = ""
		}
		if active != "" {
			lines[i] += styles[0]
		}
	}
	return lines
}

// Clean makes a post's words safe for a terminal: control characters and the marks that
// turn the writing direction are shown as U+FFFD or dropped, line breaks and tabs stay.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r < 0x20, r >= 0x7f && r < 0xa0:
			return utf8.RuneError
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
}

// Width is how many columns s takes, by grapheme clusters: wide and emoji ones take two.
func Width(s string) int {
	n := 0
	for g := graphemes.FromString(unstyle.Replace(s)); g.Next(); {
		n += clusterWidth(g.Value())
	}
	return n
}

func clusterWidth(cluster string) int {
	r, size := utf8.DecodeRuneInString(cluster)
	if size < len(cluster) && strings.ContainsRune(cluster[size:], 0xfe0f) {
		return 2
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Cut is s in one line of at most columns columns, an ellipsis at the end if it was cut.
func Cut(s string, columns int) string {
	s = strings.Join(strings.Fields(Clean(s)), " ")
	if Width(s) <= columns {
		return s
	}
	n, end := 0, 0
	for g := graphemes.FromString(s); g.Next(); {
		w := clusterWidth(g.Value())
		if n+w > columns-1 {
			break
		}
		n += w
		end += len(g.Value())
	}
	return strings.TrimRight(s[:end], " ") + "…"
}

// CutAtWord is Cut that ends after a word, unless the last one is as long as half of the line.
func CutAtWord(s string, columns int) string {
	whole := strings.Join(strings.Fields(Clean(s)), " ")
	if Width(whole) <= columns {
		return whole
	}
	head := strings.TrimSuffix(Cut(whole, columns), "…")
	if space := strings.LastIndexByte(head, ' '); space > len(head)/2 && !strings.HasPrefix(whole[len(head):], " ") {
		head = head[:space]
	}
	return strings.TrimRight(head, " ,;:-\u00a0") + "…"
}

// Pad is s filled with spaces to columns columns.
func Pad(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-Width(s)))
}

// Wrap breaks s into lines of at most columns columns at spaces; a longer word has a line of
// its own. Line breaks of s stay.
func Wrap(s string, columns int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(cleanStyled(s), "\n") {
		line, used := "", 0
		for word := range strings.FieldsFuncSeq(paragraph, func(r rune) bool { return r == ' ' || r == '\t' }) {
			w := Width(word)
			switch {
			case line == "":
				line, used = word, w
			case used+1+w <= columns:
				line, used = line+" "+word, used+1+w
			default:
				lines = append(lines, line)
				line, used = word, w
			}
		}
		lines = append(lines, line)
	}
	return restyle(lines)
}

// Indented writes s wrapped, each line behind a margin; the first line behind its own.
func Indented(w io.Writer, first, margin, s string, columns int) error {
	var b strings.Builder
	for i, line := range Wrap(s, max(20, columns-Width(margin))) {
		if i == 0 {
			b.WriteString(first)
		} else {
			b.WriteString(margin)
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// A Table lines up columns by their display width.
type Table struct {
	Whole bool // the last cell of a row is wrapped where there is no room for it, not cut
	rows  [][]string
}

// Row adds a row.
func (t *Table) Row(cells ...string) {
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(cleanStyled(cell), "\n", " ")
	}
	t.rows = append(t.rows, cells)
}

// Write writes the rows; the last cell of a row has what is left of columns.
func (t *Table) Write(w io.Writer, columns int) error {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row[:max(0, len(row)-1)] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], Width(cell))
		}
	}
	for _, row := range t.rows {
		var b strings.Builder
		used := 0
		for i, cell := range row {
			if room := max(40, columns-used); i == len(row)-1 && t.Whole {
				b.WriteString(strings.Join(Wrap(cell, room), "\n"+strings.Repeat(" ", used)))
				break
			} else if i == len(row)-1 {
				b.WriteString(Cut(cell, room))
				break
			}
			b.WriteString(Pad(cell, widths[i]) + "  ")
			used += widths[i] + 2
		}
		if _, err := io.WriteString(w, strings.TrimRight(b.String(), " ")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// JSONLine writes v as one line of JSON, with <, > and & as they are.
func JSONLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
