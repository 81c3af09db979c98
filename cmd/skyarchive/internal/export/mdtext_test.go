package export

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	renderer "github.com/yuin/goldmark/renderer/html"

	"skyarchive/atproto"
)

// reader is a Markdown reader with every extension that would take words for notation.
var reader = goldmark.New(
	goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList),
	goldmark.WithParserOptions(parser.WithAttribute()),
	goldmark.WithRendererOptions(renderer.WithUnsafe()),
)

var (
	footnoteRef  = regexp.MustCompile(`<sup id="fnref[^>]*><a [^>]*>\d+</a></sup>`)
	footnoteList = regexp.MustCompile(`(?s)<div class="footnotes".*`)
	anchor       = regexp.MustCompile(`<a href="[^"]*">|</a>`)
)

// shown is the words that a reader of Markdown sees. Tags other than those of paragraphs,
// line breaks and links stay, so that words taken for notation are noticed.
func shown(t testing.TB, markdown string) string {
	t.Helper()
	var b bytes.Buffer
	if err := reader.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	s := footnoteList.ReplaceAllString(b.String(), "")
	s = footnoteRef.ReplaceAllString(s, "")
	s = anchor.ReplaceAllString(s, "")
	s = strings.NewReplacer("</p>\n<p>", "\n\n", "<p>", "", "</p>\n", "", "<br>\n", "\n", "<br>", "\n").Replace(s)
	return html.UnescapeString(s)
}

// posted is the text as it can be shown: line breaks of one kind, none at the end, no bytes
// that are no characters.
func posted(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\ufffd").Replace(string([]rune(text)))
	return strings.TrimRight(text, "\n")
}

var hostileTexts = []string{
	"# pas un titre\n## non plus\n#eau #data2 et c#",
	"- un\n- deux\n+ trois\n* quatre\n1. cinq\n2) six\n> cité\n1.5 million\n12.\n",
	"---\ntitle: faux\n---\n===\n***\n___\ntexte\n---\nautre\n===",
	"*gras* _souligné_ **x** __y__ ~~barré~~ ~sub~ ==surligné== ^sup^ `code` ```\nbloc\n``` ~~~",
	"<b>gras</b> <script>alert(1)</script> <!-- rien --> </p> <br> &amp; &lt; &#60; &copy; R&D; AT&T",
	"[lien](javascript:alert(1)) [[note]] ![[embed]] ![img](x.png) [^1] [^1]: note\n[ref]: http://x.test\n[ ] tâche\n[x] faite",
	"| a | b |\n|---|---|\n| 1 | 2 |",
	"$x^2$ et $$y$$ \\(z\\) \\[w\\] %%caché%% {{ liquid }} {% raw %} {#id .c} cle:: valeur [cle:: valeur]",
	"https://example.org/a_b_c*d* http://x.test www.example.org/~moi a@b.example mailto:a@b.example ftp://x.test https://x.test/?a=1&copy;=2",
	"  deux espaces\n    quatre espaces\n\ttabulation\nfin de ligne  \nautre \n \n\n\nsaut",
	"\n\ndébut vide\n\n\n\n\nquatre lignes vides\n",
	"antislash \\ à la fin\\\nsuite \\* \\\\",
	"\u202eRTL inversé\u202c \u200fمرحبا\u200f שלום \u2066isolé\u2069",
	"👉 l'eau 👨‍👩‍👧‍👦 🏳️‍🌈 🇫🇷 1️⃣ :smile: :+1: 10:30:45 é e\u0301",
	"=SOMME(A1)\n+33 1 23\n-20 %\n@mention\n\tx\n=1",
	"nul \x00 cloche \x07 esc \x1b[31m del \x7f vt \v ff \f nel \u0085 ls \u2028 ps \u2029 bom \ufeff",
	"\xff\xfe pas de l'utf-8 \xc3",
	strings.Repeat("long", 2500) + " fin",
	"Terme\n: définition\n: autre",
	"~~~\ncode\n~~~\n    indenté\n\n    bloc",
	"1/ Un fil\n2/ deux\n\n1. liste\n\n2. suite",
	"a\r\nb\rc",
}

func TestMarkdownTextShowsTheWords(t *testing.T) {
	t.Parallel()
	for _, text := range hostileTexts {
		markdown := markdownText(text, nil, nil)
		if got, want := shown(t, markdown), posted(text); got != want {
			t.Errorf("%q is written as\n%q, which shows\n%q", want, markdown, got)
		}
		quoted := "> " + strings.ReplaceAll(markdown, "\n", "\n> ")
		got := strings.NewReplacer("<blockquote>\n", "", "</blockquote>\n", "").Replace(shown(t, quoted))
		if want := posted(text); got != want {
			t.Errorf("%q in a quotation is written as\n%q, which shows\n%q", want, quoted, got)
		}
	}
}

// In every kind of note, hashtags, fields and blocks of Obsidian are escaped.
func TestMarkdownTextGivesAVaultNothing(t *testing.T) {
	t.Parallel()
	got := markdownText("#eau [[lien]] ==x== %%y%% ^bloc a:: b $z$", nil, nil)
	want := `\#eau \[\[lien\]\] \=\=x\=\= \%\%y\%\% \^bloc a\:\: b \$z\$`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMarkdownTextLinks(t *testing.T) {
	t.Parallel()
	link := func(start, end int, url string) atproto.Facet {
		return atproto.Facet{Start: start, End: end, Kind: atproto.FacetLink, Value: url}
	}
	for _, c := range []struct {
		name, text string
		facets     []atproto.Facet
		marks      []mark
		want       string
	}{
		{"link", "voir [ici] vite", []atproto.Facet{link(5, 10, "https://x.test/a b")}, nil, `voir [\[ici\]](https://x.test/a%20b) vite`},
		{"brackets in the address", "voir", []atproto.Facet{link(0, 4, "https://x.test/a_(b)")}, nil, `[voir](<https://x.test/a_(b)>)`},
		{"script", "voir", []atproto.Facet{link(0, 4, "javascript:alert(1)")}, nil, `voir`},
		{"mention", "@ann oui", []atproto.Facet{{Start: 0, End: 4, Kind: atproto.FacetMention, Value: "did:plc:abc"}}, nil, `[@ann](https://bsky.app/profile/did:plc:abc) oui`},
		{"hashtag", "#eau", []atproto.Facet{{Start: 0, End: 4, Kind: atproto.FacetTag, Value: "eau"}}, nil, `[\#eau](https://bsky.app/hashtag/eau)`},
		{"over two lines", "un\n\ndeux", []atproto.Facet{link(0, 8, "https://x.test")}, nil, "[un](https://x.test)\n\n[deux](https://x.test)"},
		{"claim", "2 % d'eau. Oui", nil, []mark{{10, "abc"}}, "2 % d'eau.[^abc] Oui"},
		{"claim inside a link", "abc def", []atproto.Facet{link(0, 7, "https://x.test")}, []mark{{3, "k"}}, "[abc def](https://x.test)[^k]"},
		{"claim at the end of a line", "abc\n: def", nil, []mark{{3, "k"}}, "abc[^k]  \n\\: def"},
	} {
		p := atproto.Post{Text: c.text, Facets: c.facets}
		if got := markdownText(c.text, p.ValidFacets(), c.marks); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Whatever the words, facets and claims, a reader of Markdown is shown the words posted.
func FuzzMarkdownText(f *testing.F) {
	for i, s := range hostileTexts {
		f.Add(s, uint16(i), uint16(3*i+4), uint16(i+2))
	}
	f.Fuzz(func(t *testing.T, text string, start, end, claim uint16) {
		p := atproto.Post{Text: text, Facets: []atproto.Facet{
			{Start: int(start), End: int(end), Kind: atproto.FacetLink, Value: "https://x.test/(a)"},
			{Start: int(start) + 2, End: int(end) + 9, Kind: atproto.FacetTag, Value: "t"},
		}}
		var marks []mark
		if at := int(claim); at > 0 && at < len(text) && utf8.RuneStart(text[at]) && strings.TrimSpace(text[:at]) != "" && !strings.ContainsAny(text[at-1:at], " \t\r\n") {
			marks = []mark{{at, "k7w2"}}
		}
		if !utf8.ValidString(text) {
			p.Facets, marks = nil, nil
		}
		markdown := markdownText(text, p.ValidFacets(), marks)
		if strings.TrimSpace(text) == "" {
			return
		}
		if len(marks) > 0 {
			markdown += "\n\n[^k7w2]: note\n"
		}
		if got, want := shown(t, markdown), posted(text); got != want {
			t.Fatalf("%q is written as\n%q, which shows\n%q", want, markdown, got)
		}
	})
}
