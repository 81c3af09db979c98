package term

import (
	"bytes"
	"strings"
	"testing"
)

// However what is written is cut into pieces, words and styles come through and no other
// sequence does.
func TestScreen(t *testing.T) {
	on := Style(true)
	tests := []struct{ name, text, want string }{
		{"words", "l'eau · 💧\n\tdeux", "l'eau · 💧\n\tdeux"},
		{"styles", on.Bold("un") + " " + on.Mark("deux"), "\x1b[1mun\x1b[0m \x1b[7mdeux\x1b[0m"},
		{"colours", "a\x1b[31mb", "a\ufffd[31mb"},
		{"the title of the window", "a\x1b]0;b\ac", "a\ufffd]0;b\ufffdc"},
		{"a control character of two bytes", "a\u009b31mb", "a\ufffd31mb"},
		{"line breaks", "a\r\nb\rc.", "a\nb\nc."},
		{"no UTF-8", "a\xffb", "a\ufffdb"},
	}
	for _, test := range tests {
		for size := 1; size <= len(test.text); size++ {
			var b bytes.Buffer
			s := &Screen{w: &b}
			for text := []byte(test.text); len(text) > 0; text = text[min(size, len(text)):] {
				if n, err := s.Write(text[:min(size, len(text))]); err != nil || n != min(size, len(text)) {
					t.Fatal(n, err)
				}
			}
			if b.String() != test.want {
				t.Errorf("%s, %d bytes at a time: %q, want %q", test.name, size, b.String(), test.want)
			}
		}
	}
}

func TestGuard(t *testing.T) {
	var b bytes.Buffer
	if w := Guard(&b); w != &b {
		t.Errorf("what is no terminal is guarded: %T", w)
	}
	if w := Raw(&Screen{w: &b}); w != &b {
		t.Errorf("behind a screen is %T", w)
	}
}

// The cells of a table are of one line each, and hold no sequences.
func TestTableCells(t *testing.T) {
	var b strings.Builder
	var table Table
	table.Row("a\x1b[31mb", Style(true).Bold("c\nd"), "e")
	if err := table.Write(&b, 80); err != nil {
		t.Fatal(err)
	}
	if want := "a\ufffd[31mb  \x1b[1mc d\x1b[0m  e\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
