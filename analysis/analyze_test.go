package analysis_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
)

// labels are the topics of a post, the values of its quantities, and whether some passage is
// worth checking.
func labels(p analysis.PostAnalysis) string {
	topics, claim := summary(p)
	var values []string
	for _, x := range p.Passages {
		for _, q := range x.Quantities {
			value := fmt.Sprintf("%.6g", q.Value)
			if q.ValueHi != nil {
				value += fmt.Sprintf("..%.6g", *q.ValueHi)
			}
			values = append(values, value)
		}
	}
	return fmt.Sprintf("topics %q, claim %v, values %q", topics, claim, values)
}

// What a text is about, what it counts and whether it claims something do not depend on how
// it is typed.
func TestCorpusInOtherHands(t *testing.T) {
	type variant struct {
		name   string
		change func(string) string
	}
	variants := []variant{
		{"capitals", strings.ToUpper},
		{"no accents", func(s string) string {
			return strings.Map(func(r rune) rune {
				if r >= 0x300 && r < 0x370 {
					return -1
				}
				return r
			}, norm.NFD.String(s))
		}},
		{"typographic apostrophes", func(s string) string { return strings.ReplaceAll(s, "'", "’") }},
		{"narrow spaces", func(s string) string {
			for _, digit := range "0123456789" {
				s = strings.ReplaceAll(s, string(digit)+" ", string(digit)+"\u202f")
			}
			return s
		}},
		{"decomposed", norm.NFD.String},
		{"pointer", func(s string) string { return "👉 " + s }},
	}
	single := variants
	variants = append(variants, variant{"all at once", func(s string) string {
		for _, v := range single {
			s = v.change(s)
		}
		return s
	}})
	a := analysis.NewAnalyzer(topic.Default())
	rows := readCorpus(t)
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			differ := 0
			for _, row := range rows {
				want := labels(a.Posts(post(row.text, row.lang))[0])
				changed := v.change(row.text)
				if got := labels(a.Posts(post(changed, row.lang))[0]); got != want {
					differ++
					t.Logf("%q: got %s, want %s", changed, got, want)
				}
			}
			if differ > 0 {
				t.Errorf("%d of %d texts are read otherwise", differ, len(rows))
			}
		})
	}
}

func TestJSON(t *testing.T) {
	p := post("Oui. La Chine raffine 90 % des terres rares.", "fr")
	got, err := json.Marshal(analysis.NewAnalyzer(topic.Default()).Posts(p)[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"passages":[{"start":0,"end":4,"text":"Oui.","topics":[],"claim":null,"quantities":[]}`,
		`"attribution":null`, `"when":[]`, `"continues":null`, `"per":null`, `"value_hi":null`, `"stance":"asserts"`, `"kind":"statistic"`,
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

func TestEmptyPost(t *testing.T) {
	got := analysis.NewAnalyzer(topic.Default()).Posts(post(""))[0]
	if got.Passages == nil || len(got.Passages) != 0 {
		t.Errorf("passages of an empty post: got %v, want none and not nil", got.Passages)
	}
}

func TestBulletHead(t *testing.T) {
	p := post("👉 l'eau : une ressource disputée. Les habitants protestent depuis mai.\n👉 les métaux : tout vient de loin.", "fr")
	got := analysis.NewAnalyzer(topic.Default()).Posts(p)[0].Passages
	var list []string
	for _, x := range got {
		for _, tag := range x.Topics {
			list = append(list, tag.Topic)
		}
	}
	if want := []string{"water", "water", "metals"}; !slices.Equal(list, want) {
		t.Errorf("topics of the bullets: got %q, want %q", list, want)
	}
}

func TestOtherLanguages(t *testing.T) {
	got := analysis.NewAnalyzer(topic.Default()).Posts(post("Das Rechenzentrum braucht 5 TWh im Jahr und das ist sehr viel für eine kleine Stadt.", "de"))[0]
	if got.Lang != "de" {
		t.Errorf("language: got %q, want de", got.Lang)
	}
	if len(got.Passages) != 1 || len(got.Passages[0].Quantities) == 0 {
		t.Fatalf("got %+v, want one passage with a quantity", got.Passages)
	}
}

// Every range lies inside its text and is its exact bytes; the same post is read the same.
func FuzzPosts(f *testing.F) {
	for _, text := range []string{
		"Selon l’agence, 2 % de l'eau. C'est faux !", "👉 l'eau : « oui » – X", "According to @x.test, 5–6 TWh by 2030?", "« a » dit B : \"c\"", "\xff", "RT @a.test comme le dit si bien", "d'", "a a a à",
	} {
		f.Add(text, "fr")
		f.Add(text, "en")
	}
	a, b := analysis.NewAnalyzer(topic.Default()), analysis.NewAnalyzer(topic.Default())
	f.Fuzz(func(t *testing.T, text, lang string) {
		p := post(text, lang)
		p.Facets = []atproto.Facet{{Start: 1, End: 4, Kind: atproto.FacetMention, Value: "did:plc:a"}, {Start: 3, End: 9, Kind: atproto.FacetLink, Value: "https://x.test"}}
		result := a.Posts(p, p)
		valid := utf8.ValidString(text)
		inside := func(what string, s analysis.Span) {
			if s.Start < 0 || s.Start > s.End || s.End > len(text) {
				t.Fatalf("%s %+v outside a text of %d bytes", what, s, len(text))
			}
			if valid && !utf8.ValidString(text[s.Start:s.End]) {
				t.Errorf("%s %q cuts a character", what, text[s.Start:s.End])
			}
		}
		for _, x := range result[0].Passages {
			inside("passage", x.Span)
			if x.Text != text[x.Start:x.End] {
				t.Errorf("passage %q is not the bytes %q", x.Text, text[x.Start:x.End])
			}
			for _, tag := range x.Topics {
				for _, e := range tag.Evidence {
					inside("evidence", e.Span)
				}
			}
			for _, q := range x.Quantities {
				inside("quantity", q.Span)
			}
			if c := x.Claim; c != nil {
				if c.Attribution != nil {
					inside("attribution", c.Attribution.Span)
					if c.Attribution.Text != text[c.Attribution.Start:c.Attribution.End] {
						t.Errorf("attribution %q is not its bytes", c.Attribution.Text)
					}
				}
				for _, w := range c.When {
					inside("time", w.Span)
				}
				if c.Stance == analysis.Asks && c.CheckWorthy {
					t.Errorf("the question %q is worth checking", x.Text)
				}
			}
		}
		first, _ := json.Marshal(result)
		second, _ := json.Marshal(b.Posts(p, p))
		if string(first) != string(second) {
			t.Errorf("got %s, and then %s", first, second)
		}
	})
}
