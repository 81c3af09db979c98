package search_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"skyarchive/store/search"
)

var (
	paris = time.FixedZone("Paris", 3600)
	opts  = search.Options{Location: paris, Now: time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)}
)

func word(s string) search.Expr         { return search.Word{Text: s} }
func phrase(s string) search.Expr       { return search.Phrase{Text: s} }
func prefix(s string) search.Expr       { return search.Prefix{Text: s} }
func field(name, v string) search.Expr  { return search.Field{Name: name, Value: v} }
func not(e search.Expr) search.Expr     { return search.Not{Expr: e} }
func and(es ...search.Expr) search.Expr { return search.And(es) }
func or(es ...search.Expr) search.Expr  { return search.Or(es) }

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, input string
		want        search.Expr
	}{
		{"nothing", "", nil},
		{"blanks", " \t\n\u202f", nil},
		{"word", "électricité", word("électricité")},
		{"words", "eau  refroidissement", and(word("eau"), word("refroidissement"))},
		{"apostrophe", "l'eau", word("l'eau")},
		{"typographic apostrophe", "l’eau", word("l’eau")},
		{"hyphen", "effet-rebond", word("effet-rebond")},
		{"phrase", `"empreinte carbone"`, phrase("empreinte carbone")},
		{"French quotes", "« empreinte carbone »", phrase("empreinte carbone")},
		{"French quotes and narrow spaces", "«\u202fempreinte\u00a0carbone\u202f»", phrase("empreinte carbone")},
		{"curly quotes", "“empreinte carbone”", phrase("empreinte carbone")},
		{"mixed quotes", "“empreinte carbone\"", phrase("empreinte carbone")},
		{"phrase and minus", `"empreinte carbone" -avion`, and(phrase("empreinte carbone"), not(word("avion")))},
		{"negated phrase", `-"effet rebond"`, not(phrase("effet rebond"))},
		{"two dashes", "--avion", word("avion")},
		{"dash of prose", "eau - métaux", and(word("eau"), word("métaux"))},
		{"dash behind a phrase", `"l'eau"-même`, and(phrase("l'eau"), word("même"))},
		{"or", "eau OR métaux", or(word("eau"), word("métaux"))},
		{"or binds closer", "eau OR métaux has:number", and(or(word("eau"), word("métaux")), field("has", "number"))},
		{"or of three", "eau OR métaux OR -sols", or(word("eau"), word("métaux"), not(word("sols")))},
		{"lower case or", "eau or métaux", and(word("eau"), word("or"), word("métaux"))},
		{"or without a left side", "OR eau", and(word("or"), word("eau"))},
		{"or without a right side", "eau OR", and(word("eau"), word("or"))},
		{"twice or", "eau OR OR métaux", and(word("eau"), or(word("or"), word("métaux")))},
		{"prefix", "électri*", prefix("électri")},
		{"prefix with an article", "l'électri*", prefix("l'électri")},
		{"short prefix", "ea*", phrase("ea")},
		{"star", "*", nil},
		{"star inside", "a*b", word("a*b")},
		{"group", "(eau OR métaux) has:link", and(or(word("eau"), word("métaux")), field("has", "link"))},
		{"negated group", "-(eau métaux)", not(and(word("eau"), word("métaux")))},
		{"group in a group", "((eau))", word("eau")},
		{"group in an or", "(eau sols) OR métaux", or(and(word("eau"), word("sols")), word("métaux"))},
		{"minus twice", "-(-eau)", word("eau")},
		{"unpaired parentheses", ") eau ( métaux", and(word("eau"), word("métaux"))},
		{"minus before an unpaired parenthesis", "-(eau métaux", and(not(word("eau")), word("métaux"))},
		{"inclusive spelling", "député(e)s", word("député(e)s")},
		{"call", "eau(métaux sols)", and(word("eau"), word("métaux"), word("sols"))},
		{"percent", "2%", word("2%")},
		{"percent after a space", "2 %", word("2%")},
		{"percent after a narrow space", "2\u202f%", word("2%")},
		{"not percent", "-2 % eau", and(not(word("2%")), word("eau"))},
		{"thousands", "50 000 barils", and(word("50000"), word("barils"))},
		{"millions and percent", "1 250 000 %", word("1250000%")},
		{"years are apart", "2024 2025", and(word("2024"), word("2025"))},
		{"percent alone", "% eau", word("eau")},
		{"time of day", "12:30", word("12:30")},
		{"address", "http://x", word("http://x")},
		{"open quote", `AND "`, word("AND")},
		{"hostile", `NEAR("a" "b", 5)`, and(word("NEAR"), phrase("a"), phrase("b"), word("5"))},
		{"column filter", "word : eau", and(word("word"), word("eau"))},
		{"NUL", "eau\x00métaux", and(word("eau"), word("métaux"))},
		{"mention", "@lou.bsky.social", word("@lou.bsky.social")},
		{"hashtag", "#Eau", word("#Eau")},
		{"slug", "topic:water", field("topic", "water")},
		{"French label", "topic:eau", field("topic", "water")},
		{"label with an accent", "topic:Métaux", field("topic", "metals")},
		{"label without the accent", "topic:METAUX", field("topic", "metals")},
		{"label of several words", `topic:"centres de données"`, field("topic", "data-centers")},
		{"label in French quotes", `topic:« centres de données »`, field("topic", "data-centers")},
		{"label with hyphens", "topic:effets-rebond", field("topic", "rebound-effects")},
		{"field in capitals", "TOPIC:water", field("topic", "water")},
		{"not a field", "-topic:water", not(field("topic", "water"))},
		{"unknown topic", "topic:licornes", word("licornes")},
		{"unknown topic in quotes", `topic:"deux licornes"`, phrase("deux licornes")},
		{"unknown topic that is a field", "topic:kind:statistic", field("kind", "statistic")},
		{"unknown field", "sujet:eau", word("sujet:eau")},
		{"field without a value", "topic: water", and(word("topic"), word("water"))},
		{"layer", "layer:Direct", field("layer", "direct")},
		{"layer by its label", `layer:"effets indirects"`, field("layer", "indirect")},
		{"layer in French", "layer:systémique", field("layer", "systemic")},
		{"kind", "kind:statistic", field("kind", "statistic")},
		{"account", "from:@Lou.Bsky.Social", field("from", "lou.bsky.social")},
		{"account by DID", "from:did:plc:ewvi7nxzyoun6zhxrhs64oiz", field("from", "did:plc:ewvi7nxzyoun6zhxrhs64oiz")},
		{"account by web address", "from:https://bsky.app/profile/lou.test/post/3kabcdefghijk", field("from", "lou.test")},
		{"account by label", `from:"Générations futures"`, field("from", "Générations futures")},
		{"language", "lang:fr-FR", field("lang", "fr")},
		{"language by name", "lang:français", field("lang", "fr")},
		{"day", "since:2025-03-31", field("since", "2025-03-30T23:00:00Z")},
		{"whole day", "until:2025-03-31", field("until", "2025-03-31T22:59:59.999999Z")},
		{"month", "since:2025-03", field("since", "2025-02-28T23:00:00Z")},
		{"whole month", "until:2024-02", field("until", "2024-02-29T22:59:59.999999Z")},
		{"whole year", "until:2024", field("until", "2024-12-31T22:59:59.999999Z")},
		{"moment", "since:2025-03-31T12:00:00+02:00", field("since", "2025-03-31T10:00:00Z")},
		{"days ago", "since:7d", field("since", "2026-05-13T12:00:00Z")},
		{"no date", "since:2025-13", word("2025-13")},
		{"has", "has:number", field("has", "number")},
		{"has in the plural", "has:links", field("has", "link")},
		{"source", "source:https://www.IEA.org/reports/x", field("source", "iea.org")},
		{"name of a source", "source:ADEME", field("source", "ADEME")},
		{"status", "status:reviewed", field("status", "reviewed")},
		{"verdict", "verdict:refuted", field("verdict", "refuted")},
		{"verdict by its label", "verdict:trompeur", field("verdict", "misleading")},
		{"kind in French", "kind:prévision", field("kind", "forecast")},
		{"status in French", "status:\"non vérifiée\"", field("status", "new")},
		{"thread by key", "thread:3kabcdefghijk", field("thread", "3kabcdefghijk")},
		{"thread by address", "thread:https://bsky.app/profile/lou.test/post/3kabcdefghijk", field("thread", "at://lou.test/app.bsky.feed.post/3kabcdefghijk")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := search.Parse(c.input, opts)
			if !search.Equal(got, c.want) {
				t.Errorf("Parse(%q) = %#v, want %#v", c.input, got, c.want)
			}
			if got == nil {
				return
			}
			if again, _ := search.Parse(got.String(), opts); !search.Equal(again, got) {
				t.Errorf("Parse(%q) = %#v, want %#v again", got.String(), again, got)
			}
		})
	}
}

func TestParseHints(t *testing.T) {
	for _, c := range []struct {
		input, part, says string // part "" for no hint
	}{
		{"eau métaux -avion", "", ""},
		{"12:30 http://x did:plc:abc l'eau", "", ""},
		{"2 % eau", "", ""},
		{"eau topic:licornes", "topic:licornes", "topics are electricity"},
		{"sujet:eau", "sujet:eau", "fields are topic"},
		{"topik:eau", "topik:eau", "did you mean topic:eau?"},
		{"form:lou", "form:lou", "did you mean from:lou?"},
		{"topic:watr", "topic:watr", "did you mean water?"},
		{"topic:électricte", "topic:électricte", "(did you mean"},
		{"kind:statistik", "kind:statistik", "did you mean statistic?"},
		{"topic: eau", "topic:", "topic:water"},
		{"eau since:hier", "since:hier", "2025-03-31"},
		{"verdict:maybe", "verdict:maybe", "supported"},
		{"el* eau", "el*", "3 letters"},
		{"eau *", "*", "no word"},
		{`"…" eau`, `"…"`, "no word"},
		{"eau AND métaux", "AND", "must all match"},
		{"eau NOT avion", "NOT", "minus"},
		{strings.Repeat("eau ", 300), strings.Repeat("eau ", 300), "256"},
	} {
		t.Run(c.input, func(t *testing.T) {
			_, hints := search.Parse(c.input, opts)
			if c.part == "" {
				if len(hints) > 0 {
					t.Fatalf("hints %v, want none", hints)
				}
				return
			}
			if len(hints) != 1 {
				t.Fatalf("hints %v, want one", hints)
			}
			if got := c.input[hints[0].Start:hints[0].End]; got != c.part {
				t.Errorf("hint is on %q, want %q", got, c.part)
			}
			if !strings.Contains(hints[0].Text, c.says) {
				t.Errorf("hint says %q, want it to say %q", hints[0].Text, c.says)
			}
		})
	}
}

func TestNewField(t *testing.T) {
	for _, c := range []struct {
		name, value, want, err string
	}{
		{"topic", "Métaux", "metals", ""},
		{"topic", "licornes", "", "electricity"},
		{"layer", "outer", "", "direct, indirect, systemic"},
		{"kind", "rumour", "", "statistic"},
		{"lang", "klingonais", "", "fr or en"},
		{"since", "hier", "", "2025-03-31"},
		{"until", "", "", "until:"},
		{"has", "wings", "", "number, link, media, source"},
		{"status", "Edited", "edited", ""},
		{"status", "open", "", "new, reviewed, dismissed"},
		{"verdict", "faux", "refuted", ""},
		{"thread", "xyz", "", "at://"},
		{"from", `Lou "L" Gryn`, "Lou L Gryn", ""},
		{"from", "@", "", "handle"},
		{"colour", "red", "", "fields are topic"},
	} {
		f, err := search.NewField(c.name, c.value, opts)
		switch {
		case c.err == "" && (err != nil || f.Value != c.want):
			t.Errorf("NewField(%q, %q) = %v, %v; want %q", c.name, c.value, f, err, c.want)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("NewField(%q, %q): error %v, want it to say %q", c.name, c.value, err, c.err)
		}
	}
}

// Every field that a flag makes is written so that it is read back.
func TestFieldString(t *testing.T) {
	for _, doc := range search.Fields() {
		e, hints := search.Parse(doc.Example, opts)
		f, ok := e.(search.Field)
		if !ok || f.Name != doc.Name || len(hints) > 0 {
			t.Errorf("the example %s is read as %#v with hints %v", doc.Example, e, hints)
		}
	}
	f, err := search.NewField("from", "ONG (Paris) «x»", opts)
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := search.Parse(f.String(), opts); !search.Equal(e, f) {
		t.Errorf("%s is read as %#v", f, e)
	}
}

func TestAllAny(t *testing.T) {
	a, b, c := word("a"), word("b"), word("c")
	if got, want := search.All(and(a, b), nil, c), and(a, b, c); !search.Equal(got, want) {
		t.Errorf("All: %v, want %v", got, want)
	}
	if got, want := search.Any(or(a, b), and(b, c)), or(a, b, and(b, c)); !search.Equal(got, want) {
		t.Errorf("Any: %v, want %v", got, want)
	}
	if got := search.All(nil, nil); got != nil {
		t.Errorf("All of nothing: %v", got)
	}
}

// Any input is a query; written again it is the same query; hints lie inside the input; and
// the words of the query can be asked for.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`"empreinte carbone" -avion`, `AND "`, "NEAR(", "*", `"`, "\x00", "-(a OR (b c)) topic:eau", "2 % 50 000 %", "l’eau «x» “y”",
		"a OR OR -OR b", "topic:kind:topic:x*", `topic:"a`, "député(e)s(", "((((", "--a", `"a"-b`, "(-a", "ea*", "since:1h until:9999 since:0001",
		"5 000*", "\xff\xfe", "#AIAct2025 @a.b", "2 %%", "-- -", `from:"x y" from:(a)`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, input string) {
		e, hints := search.Parse(input, opts)
		for _, h := range hints {
			if h.Start < 0 || h.End < h.Start || h.End > len(input) || h.Text == "" {
				t.Fatalf("hint %+v on %q", h, input)
			}
		}
		if e == nil {
			return
		}
		again, _ := search.Parse(e.String(), opts)
		if !search.Equal(again, e) {
			t.Fatalf("%q is %#v, written %q and read %#v", input, e, e.String(), again)
		}
		for _, m := range search.Matches(e, input, "fr") {
			if m.Start < 0 || m.End <= m.Start || m.End > len(input) {
				t.Fatalf("match %v in %q", m, input)
			}
		}
		if s := search.Snippet(input, search.Matches(e, input, ""), 20, func(s string) string { return s }); utf8.ValidString(input) && !utf8.ValidString(s) {
			t.Fatalf("snippet %q of %q cuts a character", s, input)
		}
	})
}
