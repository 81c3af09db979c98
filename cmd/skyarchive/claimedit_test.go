package main

import "testing"

// The words of a passage are found as they are typed, once.
func TestPassageIn(t *testing.T) {
	t.Parallel()
	const text = "« L’eau », 1 200 m³ : c'est – un – peu. L'eau ? 👉 l’an dernier"
	for words, want := range map[string]string{
		"L'eau ?":            "L'eau ?",
		"l'an dernier":       "l’an dernier",
		"\" L'eau \", 1 200": "« L’eau », 1\u00a0200",
		"c’est - un - peu":   "c'est – un – peu",
		"1 200 m³ :":         "1\u00a0200 m³\u00a0:",
		"L'eau":              "L'eau", // as it stands there, once
		"l'eau":              "",
		"eau":                "",
		"’":                  "",
		text:                 text,
		"👉 l'an dernier":     "👉 l’an dernier",
		text + "!":           "",
	} {
		span, err := passageIn(text, words)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q is found at %v", words, span)
		case want != "" && (err != nil || text[span.Start:span.End] != want):
			t.Errorf("%q: %v, %q, want %q", words, err, text[span.Start:span.End], want)
		}
	}
}
