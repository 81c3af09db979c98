package analysis

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"skyarchive/analysis/words"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"bullets", "Des impacts\n👉 l'eau\n👉 les métaux", []string{"Des impacts", "l'eau", "les métaux"}},
		{"bullet signs", "• un\n- deux\n– trois\n▶ quatre\n✅ cinq\n➡️ six\n* sept\n1. huit\n2) neuf\n1️⃣ dix", []string{"un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"}},
		{"bullets in a line", "Trois effets : 👉 l'eau 👉 le bruit", []string{"Trois effets :", "l'eau", "le bruit"}},
		{"a pointer at a link is no bullet", "La suite 👉 https://example.org/a", []string{"La suite 👉 https://example.org/a"}},
		{"minus is no bullet", "-20 % en un an", []string{"-20 % en un an"}},
		{"minus apart", "Une bonne nouvelle\n- 20 % d'eau en un an", []string{"Une bonne nouvelle", "- 20 % d'eau en un an"}},
		{"minus, typographic", "−20 % d'eau\n–5 % de gaz", []string{"−20 % d'eau", "–5 % de gaz"}},
		{"dashes of a list", "- 20 % d'eau\n- de la boue", []string{"20 % d'eau", "de la boue"}},
		{"dash of a list of one", "Le bilan :\n- 20 % d'eau perdue", []string{"Le bilan :", "20 % d'eau perdue"}},
		{"dash of a speaker", "— 20 litres, dit-il", []string{"20 litres, dit-il"}},
		{"sentences", "Il pleut. Il vente ! Et demain ?", []string{"Il pleut.", "Il vente !", "Et demain ?"}},
		{"abbreviations", "M. Petit et Mme. Roy ont env. 20 ha, cf. art. 12 et fig. 3. Voilà.", []string{"M. Petit et Mme. Roy ont env. 20 ha, cf. art. 12 et fig. 3.", "Voilà."}},
		{"English abbreviations", "Dr. Hill, e.g. at No. 5, met U.S. officials vs. J. K. Low. Then she left.", []string{"Dr. Hill, e.g. at No. 5, met U.S. officials vs. J. K. Low.", "Then she left."}},
		{"decimals", "Plus 1.5 degré. Puis 2.3.", []string{"Plus 1.5 degré.", "Puis 2.3."}},
		{"dots", "Cuivre, étain,.. des tonnes de roche... et Paul. Fin… Suite", []string{"Cuivre, étain,.. des tonnes de roche... et Paul.", "Fin…", "Suite"}},
		{"address", "Voir example.org/a.b?c=d. Merci", []string{"Voir example.org/a.b?c=d.", "Merci"}},
		{"quotation goes on", "Il répond « Jamais ! » et s'en va.", []string{"Il répond « Jamais ! » et s'en va."}},
		{"closing quotation", "« On verra. » Puis rien. “Done.” Next", []string{"« On verra. »", "Puis rien.", "“Done.”", "Next"}},
		{"lower case author", "il pleut. on reste", []string{"il pleut.", "on reste"}},
		{"lower case after a long word", "Plus de besoins. dernier cas : la pluie", []string{"Plus de besoins.", "dernier cas : la pluie"}},
		{"hashtags", "La nappe baisse #eau #secheresse", []string{"La nappe baisse", "#eau #secheresse"}},
		{"one hashtag", "La nappe baisse dans le #Gard", []string{"La nappe baisse dans le #Gard"}},
		{"picture", "C'est fait 🎉 enfin. 😀 Bravo", []string{"C'est fait 🎉 enfin. 😀", "Bravo"}},
		{"number", "3/4 Un seul puits suffit. Pour qui ?", []string{"3/4", "Un seul puits suffit.", "Pour qui ?"}},
		{"number in brackets", "🧵 (1/5) : L'eau manque", []string{"🧵 (1/5) :", "L'eau manque"}},
		{"number and dash", "2/n - L'eau manque. Ici aussi.", []string{"2/n -", "L'eau manque.", "Ici aussi."}},
		{"number and bullet", "1/4 👉 l'eau", []string{"1/4", "l'eau"}},
		{"number under a title", "Notre eau\n2/3 La nappe baisse.", []string{"Notre eau", "2/3", "La nappe baisse."}},
		{"number at the end", "La nappe baisse (2/3)", []string{"La nappe baisse", "(2/3)"}},
		{"share at the start", "3/4 des puits sont secs.", []string{"3/4 des puits sont secs."}},
		{"share at the end", "Le lac est vide aux 3/4.", []string{"Le lac est vide aux 3/4."}},
		{"number after a mention", "@ana.example 2/3 La nappe baisse.", []string{"@ana.example 2/3 La nappe baisse."}},
		{"dots first", "... et puis rien. Voilà", []string{"... et puis rien.", "Voilà"}},
		{"no words", "👇👇", []string{"👇👇"}},
		{"empty", " \n ", nil},
	} {
		var got []string
		for _, s := range Segments(words.Fold(c.text)) {
			got = append(got, c.text[s.Start:s.End])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: Segments(%q)\n got %q\nwant %q", c.name, c.text, got, c.want)
		}
	}
}

func TestSegmentHead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"👉 l'eau : pour refroidir. Il en faut beaucoup.": "l'eau",
		"- les métaux, un gouffre. On creuse.":           "les métaux",
		"• Bruit – les riverains s'en plaignent":         "Bruit",
		"👉 Par ces gains, on produit plus : voilà":       "",
		"Trois effets : un, deux":                        "",
	} {
		for _, s := range Segments(words.Fold(text)) {
			if got := text[s.Head.Start:s.Head.End]; got != want {
				t.Errorf("head of %q in %q: got %q, want %q", text[s.Start:s.End], text, got, want)
			}
		}
	}
}

// Every segment lies inside the text at characters, in order, and is a part of it
// unchanged; outside of them are only white space, unseen characters and marks of bullets.
func FuzzSegments(f *testing.F) {
	for _, s := range []string{"👉 l'eau : 2 %. #a_ #b", "1) a\n• b 👉 c", "M. U.S. e.g. …», x@y.z", "\xff.\xc3 A\u0301. B", "_#_a. #B\u200d !", "1️⃣. A ?! « b »"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		folded := words.Fold(text)
		last := 0
		outside := func(part string) {
			for _, r := range part {
				if (unicode.IsLetter(r) || unicode.IsNumber(r)) && !strings.ContainsRune(part, ')') && !strings.ContainsRune(part, '.') && !strings.ContainsRune(part, '\u20e3') {
					t.Fatalf("%q: words outside the segments: %q", text, part)
				}
			}
		}
		for _, s := range Segments(folded) {
			if s.Start < last || s.End <= s.Start || s.End > len(text) {
				t.Fatalf("%q: segment %v after %d", text, s.Span, last)
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[s.Start:s.End]) {
				t.Fatalf("%q: segment %v cuts a character", text, s.Span)
			}
			if s.First > s.Last || s.Last >= len(folded.Tokens) || s.Head.End > len(text) || s.Head.Start > s.Head.End {
				t.Fatalf("%q: tokens %d to %d, head %v", text, s.First, s.Last, s.Head)
			}
			outside(text[last:s.Start])
			last = s.End
		}
		outside(text[last:])
	})
}
