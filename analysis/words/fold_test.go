package words_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"skyarchive/analysis/words"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"case and accents", "Électricité À BOUT", "electricite a bout"},
		{"ligatures", "Œuvre, cæcum, Straße", "oeuvre, caecum, strasse"},
		{"apostrophes", "l’eau l'eau lʼeau l`eau l‘eau", "l'eau l'eau l'eau l'eau l'eau"},
		{"spaces", "50\u00a0000\u202f%\u2009ou\u3000non", "50 000 % ou non"},
		{"dashes", "porte‑clé – 3−2 — fin", "porte-cle - 3-2 - fin"},
		{"unseen", "con\u00adso\u200bm\u2060mer\u200f\ufeff", "consommer"},
		{"full width and mathematical", "ＣＯ２ 𝗕𝗼𝗹𝗱 𝑖𝑡 𝟏𝟐", "co2 bold it 12"},
		{"small digits", "CO₂ km² m³", "co2 km2 m3"},
		{"quotes and dots", "« a » “b”…", `" a " "b"...`},
		{"fractions", "½ et 3½", " 1/2 et 3 1/2"},
		{"keycap", "1️⃣ un", "* un"},
		{"pictures", "👉🏽 ok™ ①", "👉🏽 ok™ ①"},
		{"no UTF-8", "a\xffb", "a\ufffdb"},
		{"other letters", "Ελλάδα Москва", "ελλαδα москва"},
	} {
		if got := words.Fold(c.text).Folded; got != c.want {
			t.Errorf("%s: Fold(%q) = %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"Le cœur d'une tonne", "Le CŒUR d'une tonne", norm.NFD.String("Le cœûr d'une tonne"), "Le cœu\u00adr d'une tonne"} {
		folded := words.Fold(text)
		i := strings.Index(folded.Folded, "coeur")
		for _, c := range []struct {
			start, end int
			want       string
		}{
			{i, i + 5, "coeur"}, {i, i + 2, "coe"}, {i + 1, i + 2, "oe"}, {i + 3, i + 5, "ur"},
		} {
			span := folded.Span(c.start, c.end)
			if got := words.Fold(text[span.Start:span.End]).Folded; got != c.want {
				t.Errorf("%q: folded %d:%d comes from %q, want what folds to %q", text, c.start, c.end, text[span.Start:span.End], c.want)
			}
		}
	}
}

// shown writes tokens for tests: words as they are, flags and kinds as marks.
func shown(t *words.Text) string {
	var b strings.Builder
	for i, k := range t.Tokens {
		if i > 0 {
			b.WriteByte(' ')
		}
		if k.Is(words.Tagged) {
			b.WriteByte('#')
		} else if k.Is(words.Hashtag) {
			b.WriteByte('+')
		}
		if k.Is(words.Hyphen) {
			b.WriteByte('~')
		}
		b.WriteString(t.Word(i))
		if other := t.Other(i); other != "" {
			b.WriteString("|" + other)
		}
		if k.Kind == words.Mask {
			b.WriteString("!")
		}
	}
	return b.String()
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"elision", "L’eau qu'on tire d'ici", "l' eau qu' on tire d' ici"},
		{"whole words", "aujourd'hui quelqu'un don't", "aujourd'hui quelqu'un don't"},
		{"genitive", "Amazon's water", "amazon 's water"},
		{"numbers", "1,234.5 et 2,5 % en 2020.", "1,234.5 et 2,5 % en 2020 ."},
		{"letters and digits", "CO2 52kWh 10h30", "co2 52 kwh 10 h30"},
		{"hyphens", "vingt-trois 33-35 -20", "vingt ~trois 33 ~35 - 20"},
		{"initials", "the U.S. grid", "the u.s. grid"},
		{"hashtags", "#DataCenters #Loi2025 #AITools #CO2 #COP21 #gaz_de_ville #5G", "#data +centers #loi +2025 #ai +tools #co2 #cop21 #gaz +de +ville #5g"},
		{"inclusive", "député·es, travailleur·euses, expert(e)s, ingénieur.e.s, tou-te-s", "deputes|deputees , travailleurs|travailleuses , experts|expertes , ingenieurs|ingenieures , tous|toutes"},
		{"inclusive singular", "un·e élu·e, citoyen·ne·s, acteur·rice, jour(s)", "un|une elu|elue , citoyens|citoyennes , acteur|actrice , jour|jours"},
		{"not inclusive", "prends-le (e) fin. Et celui-ci", "prends ~le ( e ) fin . et celui ~ci"},
		{"addresses", "via @ana.example.org et https://a.example/b?c=d, lnkd.in/e69 site.fr.", "via @ana.example.org! et https://a.example/b?c=d! , lnkd.in/e69! site.fr! ."},
		{"no addresses", "fin.Le 2.5 et etc.", "fin . le 2.5 et etc ."},
	} {
		if got := shown(words.Fold(c.text)); got != c.want {
			t.Errorf("%s: tokens of %q\n got %s\nwant %s", c.name, c.text, got, c.want)
		}
	}
}

func TestMasks(t *testing.T) {
	t.Parallel()
	text := "voir l'étude ici"
	at := strings.Index(text, "étude")
	for _, c := range []struct {
		name  string
		masks []words.Span
		want  string
	}{
		{"one", []words.Span{{Start: at, End: at + len("étude")}}, "voir l' etude! ici"},
		{"overlapping", []words.Span{{Start: at, End: at + 3}, {Start: at + 1, End: at + len("étude")}}, "voir l' etude! ici"},
		{"wrong", []words.Span{{Start: -1, End: 3}, {Start: 5, End: 2}, {Start: 3, End: 999}}, "voir l' etude ici"},
	} {
		if got := shown(words.Fold(text, c.masks...)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestFolderAgain(t *testing.T) {
	t.Parallel()
	var f words.Folder
	f.Fold("un long texte avec https://example.org et député·es")
	if got, want := shown(f.Fold("court")), "court"; got != want {
		t.Errorf("second text: got %s, want %s", got, want)
	}
}

// Any text folds without a panic; tokens are in order and inside Folded; their spans are
// inside the source, at characters and in order; and a composed text folds like the same
// text decomposed.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"L’Été à 2 %", "e\u0301\u200d", "\xff\xc3#A_b1", "ex·es (e)s .e.s", "@a.b-c://x.y/z", "½1️⃣①ﬁ", "A.B.C. l' '", "𝟙\u0301", "İ ǅ ΐ ΅"} {
		f.Add(s, 0, 3)
	}
	f.Fuzz(func(t *testing.T, text string, start, end int) {
		folded := words.Fold(text, words.Span{Start: start, End: end})
		last, lastEnd := int32(0), 0
		for i, k := range folded.Tokens {
			if k.Start < last || k.End <= k.Start || int(k.End) > len(folded.Folded) {
				t.Fatalf("%q: token %v after %d", text, k, last)
			}
			last = k.End
			span := folded.TokenSpan(i, i)
			if span.Start < 0 || span.End < span.Start || span.End > len(text) || span.Start < lastEnd && folded.Span(int(k.Start), int(k.Start)).Start < lastEnd-utf8.UTFMax*8 {
				t.Fatalf("%q: span %v after %d", text, span, lastEnd)
			}
			lastEnd = span.End
			if utf8.ValidString(text) && !utf8.ValidString(text[span.Start:span.End]) {
				t.Fatalf("%q: span %v cuts a character", text, span)
			}
		}
		before := 0
		for i := range len(folded.Folded) + 1 {
			span := folded.Span(i, i)
			if span.Start < before || span.Start > len(text) {
				t.Fatalf("%q: byte %d of %q comes from %d, the one before from %d", text, i, folded.Folded, span.Start, before)
			}
			before = span.Start
		}
		if utf8.ValidString(text) {
			if c, d := words.Fold(norm.NFC.String(text)).Folded, words.Fold(norm.NFD.String(text)).Folded; c != d {
				t.Fatalf("%q: composed folds to %q, decomposed to %q", text, c, d)
			}
		}
		words.Terms(text)
		folded.Language(nil)
	})
}
