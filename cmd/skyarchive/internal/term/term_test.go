package term

import (
	"slices"
	"strings"
	"testing"
)

func TestWrapStyled(t *testing.T) {
	on := Style(true)
	tests := []struct {
		name string
		text string
		want []string
	}{
		{"plain", "un deux trois quatre", []string{"un deux", "trois", "quatre"}},
		{"styles take no room", on.Bold("un deux") + " trois", []string{"\x1b[1mun deux\x1b[0m", "trois"}},
		{"a style ends with its line", "un " + on.Mark("deux trois") + " quatre", []string{"un \x1b[7mdeux\x1b[0m", "\x1b[7mtrois\x1b[0m", "quatre"}},
		{"other sequences are shown", "un \x1b[2Jdeux", []string{"un", "\ufffd[2Jdeux"}},
		{"and those inside of styled words", on.Dim("a\x1b[7mb"), []string{"\x1b[2ma\ufffd[7mb\x1b[0m"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Wrap(test.text, 7); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Whatever the text, a terminal is only sent line breaks, tabs and the sequences of styles.
func FuzzWrap(f *testing.F) {
	f.Add("un \x1b[31mdeux\x1b[0m\r\ntrois \u202e", 10)
	f.Add("\x1b[\x1b[7mm", 1)
	f.Fuzz(func(t *testing.T, text string, columns int) {
		for _, line := range Wrap(text, columns) {
			if bare := unstyle.Replace(line); strings.ContainsFunc(bare, func(r rune) bool { return r < 0x20 && r != '\t' || r == 0x7f }) {
				t.Errorf("%q has control characters", line)
			}
		}
	})
}

func TestCutAtWord(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"short enough", 12, "short enough"},
		{"it ends by itself…", 40, "it ends by itself…"},
		{"one two three", 11, "one two…"},
		{"one two three", 8, "one two…"},
		{"one two, three", 10, "one two…"},
		{"anticonstitutionnellement", 10, "anticonst…"},
		{"a anticonstitutionnellement", 10, "a anticon…"},
	} {
		if got := CutAtWord(c.text, c.columns); got != c.want {
			t.Errorf("%q in %d: %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}
