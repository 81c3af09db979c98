package export

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"
)

// A table writes CSV as RFC 4180 has it: lines end in CR LF, but line breaks inside a cell
// stay what they are.
type table struct {
	w         *bufio.Writer
	separator byte
}

// newTable starts a table as the options say: with semicolons, as Excel in French wants them,
// a byte order mark goes along.
func newTable(w io.Writer, o *Options) *table {
	t := &table{bufio.NewWriter(w), ','}
	if o.Semicolons {
		t.separator = ';'
	}
	if o.BOM || o.Semicolons {
		t.w.WriteRune('\ufeff') // errors of a bufio.Writer show at the flush
	}
	return t
}

func (t *table) row(cells []string) error {
	for i, cell := range cells {
		if i > 0 {
			t.w.WriteByte(t.separator)
		}
		if strings.IndexByte(cell, t.separator) >= 0 || strings.ContainsAny(cell, "\"\r\n") || strings.HasPrefix(cell, " ") || strings.HasSuffix(cell, " ") || cell == `\.` {
			t.w.WriteByte('"')
			t.w.WriteString(strings.ReplaceAll(cell, `"`, `""`))
			t.w.WriteByte('"')
		} else {
			t.w.WriteString(cell)
		}
	}
	_, err := t.w.WriteString("\r\n")
	return err
}

func (t *table) flush() error { return t.w.Flush() }

// Guard makes a text harmless in a spreadsheet: one that would be run as a formula gets an
// apostrophe before it. One that starts with an apostrophe gets a second, so that [Unguard]
// gives back every text.
func Guard(s string) string {
	if startsFormula(s) {
		return "'" + s
	}
	return s
}

// Unguard is the text that Guard was given.
func Unguard(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && startsFormula(s) {
		return rest
	}
	return s
}

// startsFormula says whether a spreadsheet may take a text for a formula, or Guard has to mark
// its apostrophe. Excel, LibreOffice and Google Sheets run what starts with = + - or @, some
// after a tab or a line end, and in Japanese and Chinese with their wide forms: the list of
// OWASP, https://owasp.org/www-community/attacks/CSV_Injection. A bar or a % starts none.
func startsFormula(s string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \u00a0\ufeff"))
	return strings.ContainsRune("=+-@\t\r\n'＝＋－＠", r) && s != ""
}

// join puts values into one cell as minet does, separated by bars.
func join(values []string) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = strings.ReplaceAll(oneLine(v), "|", "¦")
	}
	return strings.Join(list, "|")
}
