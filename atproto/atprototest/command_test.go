package atprototest

import (
	"slices"
	"strconv"
	"testing"
)

func TestSplit(t *testing.T) {
	tests := []struct {
		command string
		want    []string
	}{
		{"", nil},
		{"  mend   lou.test ", []string{"mend", "lou.test"}},
		{`post lou.test "L'eau,\nencore" as=a1`, []string{"post", "lou.test", "L'eau,\nencore", "as=a1"}},
		{`post lou.test "" image="un robinet"`, []string{"post", "lou.test", "", "image=un robinet"}},
		{"put lou.test a.b.c/x `{\"a\": \"é\"}`", []string{"put", "lou.test", "a.b.c/x", `{"a": "é"}`}},
		{"post lou.test été", []string{"post", "lou.test", "été"}},
	}
	for _, test := range tests {
		if got, err := split(test.command); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, %v; want %q", test.command, got, err, test.want)
		}
	}
}

// A word that is quoted comes back as it was, between any others.
func FuzzSplit(f *testing.F) {
	f.Add("L'eau", "a")
	f.Add("a \"quotation\" and a `tick`", "\t")
	f.Add("", "")
	f.Add("\x00\xff", "é")
	f.Fuzz(func(t *testing.T, text, other string) {
		words, err := split("post " + strconv.Quote(text) + " as=" + strconv.Quote(other))
		if err != nil || !slices.Equal(words, []string{"post", text, "as=" + other}) {
			t.Errorf("%q %q: got %q, %v", text, other, words, err)
		}
		_, _ = split(text) // does not end badly on anything
	})
}
