package term

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{
		"":             0,
		"eau":          3,
		"député·es":    9,
		"👉 l'eau":      8,
		"🧵":            2,
		"1️⃣":          2,
		"e\u0301lan":   4, // a combining accent takes no column
		"水":            2,
		"👩‍🔬 ici":      6, // one person, joined from three code points
		"\u00a0mot":    4,
		"« citation »": 12,
	} {
		if got := Width(text); got != want {
			t.Errorf("Width(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		columns int
		want    []string
	}{
		"empty":         {"", 10, []string{""}},
		"fits":          {"deux mots", 10, []string{"deux mots"}},
		"breaks":        {"trois petits mots", 10, []string{"trois", "petits", "mots"}},
		"keeps lines":   {"un\n\ndeux", 10, []string{"un", "", "deux"}},
		"long word":     {"a anticonstitutionnellement b", 10, []string{"a", "anticonstitutionnellement", "b"}},
		"no-break":      {"«\u00a0mot\u00a0» et", 8, []string{"«\u00a0mot\u00a0»", "et"}},
		"control":       {"a\x1b[31mb", 20, []string{"a\ufffd[31mb"}},
		"right-to-left": {"a\u202eb", 20, []string{"ab"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Wrap(c.text, c.columns); !slices.Equal(got, c.want) {
				t.Errorf("Wrap(%q, %d) = %q, want %q", c.text, c.columns, got, c.want)
			}
		})
	}
}

func TestCut(t *testing.T) {
	for text, want := range map[string]string{
		"court":                 "court",
		"une ligne bien longue": "une ligne…",
		"deux\nlignes":          "deux lign…",
		"👉👉👉👉👉👉":                "👉👉👉👉…",
	} {
		if got := Cut(text, 10); got != want {
			t.Errorf("Cut(%q, 10) = %q, want %q", text, got, want)
		}
	}
}

// Wrapped text keeps every word, in order, and no line is wider than asked unless it is
// one word; cut text is never wider than asked.
func FuzzWords(f *testing.F) {
	f.Add("👉 l'eau : nécessaire à la fabrication", 12)
	f.Add("\x1b[2J\u202e\xff fin", 5)
	f.Add("a\r\nb\rc\td", 1)
	f.Fuzz(func(t *testing.T, text string, columns int) {
		text = strings.ReplaceAll(text, "\x1b", "") // styles are our own, and stay
		columns = 1 + (columns%120+120)%120
		split := func(s string) []string {
			return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' })
		}
		lines := Wrap(text, columns)
		if got, want := split(strings.Join(lines, "\n")), split(Clean(text)); !slices.Equal(got, want) {
			t.Fatalf("words %q, want %q", got, want)
		}
		for _, line := range lines {
			if Width(line) > columns && strings.Contains(line, " ") {
				t.Fatalf("line %q is wider than %d", line, columns)
			}
		}
		if cut := Cut(text, columns); Width(cut) > columns || utf8.ValidString(text) && !utf8.ValidString(cut) {
			t.Fatalf("Cut(%q, %d) = %q", text, columns, cut)
		}
	})
}

func TestTable(t *testing.T) {
	var table Table
	table.Row("a", "👉👉", "premier")
	table.Row("abc", "x", "second")
	var b bytes.Buffer
	if err := table.Write(&b, 80); err != nil {
		t.Fatal(err)
	}
	want := "a    👉👉  premier\nabc  x     second\n"
	if b.String() != want {
		t.Errorf("table:\n%s\nwant:\n%s", b.String(), want)
	}
}
