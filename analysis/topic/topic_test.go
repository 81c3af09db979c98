package topic_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"skyarchive/analysis/topic"
	"skyarchive/analysis/words"
)

// slugs are the topics of a text, in the order of the taxonomy.
func slugs(x *topic.Taxonomy, lang, text string) []string {
	var list []string
	for _, tag := range x.Match(words.Fold(text), lang, words.Span{End: len(text)}) {
		list = append(list, tag.Topic)
	}
	return list
}

func TestMatch(t *testing.T) {
	tests := []struct {
		name, lang, text string
		want             []string
	}{
		{"term", "fr", "Le lithium vient du Chili.", []string{"metals"}},
		{"plural", "en", "Three coal plants and two aquifers", []string{"water", "fossil-fuels"}},
		{"capitals without accents", "fr", "L'ELECTRICITE COUTE CHER", []string{"electricity"}},
		{"inclusive spelling", "fr", "Les député·es et les ouvrier·es", []string{"labour", "governance-policy"}},
		{"mask", "fr", "On se tient au courant, une vraie mine d'or.", nil},
		{"a longer term wins over a mask", "fr", "La souffrance au travail augmente.", []string{"labour"}},
		{"near", "fr", "Le serveur héberge un site.", []string{"data-centers"}},
		{"not near", "fr", "Le serveur apporte deux cafés.", nil},
		{"frame", "en", "Engines got more efficient and people drove more miles.", []string{"rebound-effects"}},
		{"half a frame", "en", "Engines got more efficient.", nil},
		{"hashtag in one word", "fr", "Non merci #gazdeschiste", []string{"fossil-fuels"}},
		{"hashtag of a campaign", "fr", "Venez #STOPMINES03 et #sauvonslesabeilles", []string{"metals", "land-biodiversity"}},
		{"hashtag at capitals", "en", "#DataCenters everywhere", []string{"data-centers"}},
		{"hashtag in the other language", "fr", "Quelle chaleur #drought", []string{"water"}},
		{"terms of another language", "en", "Le charbon", nil},
		{"unknown language", "", "Le charbon, the coal", []string{"fossil-fuels"}},
		{"neither language", "de", "Das Wasser und 5 TWh", []string{"electricity"}},
		{"hashtag of an elided phrase", "fr", "Voilà #captationdelattention", []string{"cognition"}},
		{"a mask that runs on", "fr", "Les ours en peluche de Lola.", nil},
		{"frame in order", "fr", "Le Chili interdit la pêche au chalut.", []string{"land-biodiversity", "governance-policy"}},
		{"any number", "fr", "L'article 7 change.", []string{"governance-policy"}},
		{"any number, and one that stands in a term", "fr", "L'article 2030 change.", []string{"governance-policy"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := slugs(topic.Default(), test.lang, test.text); !slices.Equal(got, test.want) {
				t.Errorf("topics of %q: got %q, want %q", test.text, got, test.want)
			}
		})
	}
}

func TestEvidence(t *testing.T) {
	text := "Ici 👉 l’EAU manque."
	tags := topic.Default().Match(words.Fold(text), "fr", words.Span{End: len(text)})
	if len(tags) != 1 || len(tags[0].Evidence) != 1 {
		t.Fatalf("got %v, want one topic with one piece of evidence", tags)
	}
	e := tags[0].Evidence[0]
	if got := text[e.Start:e.End]; got != "EAU" || e.Rule != "term: eau" {
		t.Errorf("evidence: got %q by %q, want %q by %q", got, e.Rule, "EAU", "term: eau")
	}
}

// Rules are named for people, not in the notation of the file.
func TestRuleNames(t *testing.T) {
	for text, want := range map[string]string{
		"Un raffineur de pétrole":      "term: pétrole",
		"Un bassin minier":             "term: mini…",
		"Des métaux lourds":            "term: métaux lourds",
		"Les centres de données":       "term: centre de données",
		"On refroidit l'eau du bassin": "term: eau",
	} {
		tags := topic.Default().Match(words.Fold(text), "fr", words.Span{End: len(text)})
		if len(tags) == 0 || !slices.ContainsFunc(tags[0].Evidence, func(e topic.Evidence) bool { return e.Rule == want }) {
			t.Errorf("%q: got %+v, want the rule %q", text, tags, want)
		}
	}
}

func TestMatchOfRange(t *testing.T) {
	text := "Le charbon. Le lithium."
	tags := topic.Default().Match(words.Fold(text), "fr", words.Span{Start: strings.Index(text, "Le l"), End: len(text)})
	if len(tags) != 1 || tags[0].Topic != "metals" {
		t.Errorf("got %v, want metals alone", tags)
	}
}

func TestTopics(t *testing.T) {
	x := topic.Default()
	layers := map[string]bool{}
	for _, l := range x.Layers() {
		layers[l.Slug] = true
	}
	for _, topic := range x.Topics() {
		if !layers[topic.Layer] || topic.Label.French == "" || topic.Label.English == "" || topic.Description.French == "" || topic.Description.English == "" {
			t.Errorf("topic %q is not wholly described: %+v", topic.Slug, topic)
		}
	}
	if got, want := len(x.Topics()), 12; got != want {
		t.Errorf("got %d topics, want %d", got, want)
	}
}

// Terms are taken out of a topic in the forms in which they are named, whatever terms they
// belong to.
func TestWithout(t *testing.T) {
	x, err := topic.Load(strings.NewReader(`
version: "1"
layers: [{slug: direct, label: {fr: Direct, en: Direct}}]
topics:
  - slug: water
    layer: direct
    without: {any: "fleuves, lac bleu, grand fleuve"}
    terms: {fr: "fleuve, lac, lac bleu, lac rouge, grands fleuves"}
  - slug: land
    layer: direct
    terms: {fr: fleuve}
`))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		"le fleuve":         {"water", "land"},
		"les fleuves":       {"land"},
		"les lacs bleus":    {"water"}, // a lake is one
		"#lacbleu":          nil,
		"#lacrouge":         {"water"},
		"le lac rouge":      {"water"},
		"de grands fleuves": {"land"},
	} {
		if got := slugs(x, "fr", text); !slices.Equal(got, want) {
			t.Errorf("topics of %q: got %q, want %q", text, got, want)
		}
	}
}

func TestExtend(t *testing.T) {
	x, err := topic.Default().Extend(strings.NewReader(`
off: [cognition]
masks:
  fr: eau lourde
topics:
  - slug: water
    without: {fr: rivière}
    terms: {fr: "estuaire, lagun(e|aire)"}
  - slug: noise
    layer: direct
    label: {fr: Bruit, en: Noise}
    terms:
      fr: |
        bruit
        vacarme, décibel
`))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		"L'esprit critique":          nil,
		"Les estuaires et la lagune": {"water"},
		"L'eau lourde":               nil,
		"La rivière":                 nil,
		"80 décibels":                {"noise"},
	} {
		if got := slugs(x, "fr", text); !slices.Equal(got, want) {
			t.Errorf("topics of %q: got %q, want %q", text, got, want)
		}
	}
	if x.Version() == topic.Default().Version() {
		t.Errorf("the extended taxonomy has the version %q of the one it extends", x.Version())
	}
	if got := slugs(topic.Default(), "fr", "80 décibels"); got != nil {
		t.Errorf("extending changed the default taxonomy: %q", got)
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"no mapping", "- a\n", "line 1: the taxonomy must be a mapping"},
		{"unknown field", "topics:\n  - slug: water\n    color: blue\n", `line 3: a topic has no field "color"`},
		{"unknown layer", "topics:\n  - slug: noise\n    layer: loud\n", `line 3: there is no layer "loud"`},
		{"no layer", "topics:\n  - slug: noise\n", `line 2: topic "noise" needs a layer`},
		{"no slug", "topics:\n  - layer: direct\n", "line 2: a topic needs a slug"},
		{"open bracket", "masks:\n  fr: |\n    un, deux\n    tro(is\n", `line 4: term "tro(is": its brackets do not match`},
		{"unknown endings", "masks:\n  fr: march<xx>\n", `line 2: term "march<xx>": there are no endings "xx"`},
		{"unknown set", "topics:\n  - slug: water\n    near:\n      - words: {fr: lac}\n        with: [lakes]\n", `line 5: there is no set or earlier frame "lakes"`},
		{"frame of three", "frames:\n  - {name: x, all: [grows, use, new]}\n", "line 2: a frame joins two sets, not 3"},
		{"nothing to switch off", "off: [noise]\n", `line 1: there is no topic "noise" to switch off`},
		{"no words", "masks:\n  fr: '()'\n", `line 2: term "()" has no words`},
		{"distance", "topics:\n  - slug: water\n    near:\n      - within: far\n", `line 4: "far" is no number of words from 1 to 100`},
		{"too many", "masks:\n  fr: " + strings.Repeat("(a|b|c|d)", 8) + "\n", "stands for more than"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := topic.Default().Extend(strings.NewReader(test.file))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

// Every piece of evidence lies inside the text, cuts no character, and is found again.
func FuzzMatch(f *testing.F) {
	for _, text := range []string{"l’eau, 5 TWh, #gazdeschiste", "mine d'or et au courant", "more efficient so we use more", "député·es ÉLECTRICITÉ\u0301 œ", "\xff eau \xfe"} {
		f.Add(text, "fr")
		f.Add(text, "")
	}
	x := topic.Default()
	f.Fuzz(func(t *testing.T, text, lang string) {
		tags := x.Match(words.Fold(text), lang, words.Span{End: len(text)})
		for _, tag := range tags {
			if tag.Score <= 0 || tag.Score > 1 || len(tag.Evidence) == 0 {
				t.Errorf("tag %+v has no score or no evidence", tag)
			}
			for _, e := range tag.Evidence {
				if e.Start < 0 || e.Start >= e.End || e.End > len(text) {
					t.Fatalf("evidence %+v outside a text of %d bytes", e, len(text))
				}
				if utf8.ValidString(text) && !utf8.ValidString(text[e.Start:e.End]) {
					t.Errorf("evidence %q cuts a character", text[e.Start:e.End])
				}
			}
		}
		if again := x.Match(words.Fold(text), lang, words.Span{End: len(text)}); fmt.Sprint(again) != fmt.Sprint(tags) {
			t.Errorf("got %v, and then %v", tags, again)
		}
	})
}

// What a command pays that names topics, and what it pays more that finds them.
func BenchmarkLoad(b *testing.B) {
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if _, err := topic.Default().Extend(strings.NewReader("off: []\n")); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("compile", func(b *testing.B) {
		for b.Loop() {
			x, err := topic.Default().Extend(strings.NewReader("off: []\n"))
			if err != nil {
				b.Fatal(err)
			}
			x.NewMatcher()
		}
	})
}

func TestFramesOfTwoSentences(t *testing.T) {
	text := "More efficient bulbs meant people used more light. Years later, cheaper flights meant more people took more trips."
	x := topic.Default()
	second := strings.Index(text, "Years")
	for _, span := range []words.Span{{Start: 0, End: second}, {Start: second, End: len(text)}} {
		tags := x.Match(words.Fold(text), "en", span)
		if len(tags) != 1 || tags[0].Topic != "rebound-effects" {
			t.Errorf("%q: got %v, want rebound-effects", text[span.Start:span.End], tags)
		}
	}
}
