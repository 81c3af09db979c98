package sqlite

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"

	"skyarchive/analysis"
)

// What is packed is JSON, and unpacks to what it was, whatever the words are.
func TestPack(t *testing.T) {
	pointer := func(s string) *string { return &s }
	number := func(f float64) *float64 { return &f }
	texts := []string{
		"Selon l'agence, 1,5 % de l'électricité en 2024, soit 415 TWh.",
		"un \"mot\" et une \\ barre\nune ligne\ttabulée \x00 \u2028 <b>&amp;</b>",
		"des octets \xff\xfe qui ne sont pas du texte \ufffd",
		"👉 l'eau",
	}
	const cid = "bafyreieovfuizojpw3zresz7sx3nk4trm2by23pt5rxbey3jme4uo5ogiu"
	var known []string
	phrase := func(s string) (int64, error) {
		if !slices.Contains(known, s) {
			known = append(known, s)
		}
		return int64(slices.Index(known, s)), nil
	}
	spell := func(n int64) (string, error) {
		if n >= int64(len(known)) {
			return "", errors.New("no such phrase")
		}
		return known[n], nil
	}
	for _, text := range texts {
		whole := analysis.Span{Start: 0, End: len(text)}
		a := analysis.PostAnalysis{URI: "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3lk3pc6o32222", Lang: "fr", Passages: []analysis.Passage{
			{Span: analysis.Span{Start: 0, End: 4}, Text: text[:4], Topics: []analysis.TopicTag{}, Quantities: []analysis.Quantity{}},
			{
				Span: whole, Text: text,
				Topics: []analysis.TopicTag{
					{Topic: "water", Score: 0.9, Evidence: []analysis.Evidence{{Span: whole, Rule: "eau"}, {Span: analysis.Span{Start: 1, End: 2}, Rule: `a "rule"`}}},
					{Topic: "metals", Score: 1, Evidence: []analysis.Evidence{}},
				},
				Claim: &analysis.Claim{
					ID: "iigd7hfjrl", CheckWorthy: true, Score: 0.85, Kind: "statistic", Stance: "reports", Why: []string{"a number", text}, Continues: "abcdefghij",
					When:        []analysis.When{{Span: analysis.Span{Start: 2, End: 4}, Raw: text[2:4], From: pointer("2024")}, {Span: whole, Raw: "other words", To: pointer("2030")}},
					Attribution: &analysis.Attribution{URI: "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3lk3pc6o32223", Span: whole, Text: "l'agence", URL: pointer("https://example.org/?a=1&b=2")},
				},
				Quantities: []analysis.Quantity{
					{Span: analysis.Span{Start: 0, End: 3}, Raw: text[:3], Value: 1.5, Unit: "%", BaseValue: number(1.5), BaseUnit: "%"},
					{Span: analysis.Span{Start: 0, End: 3}, Raw: "other", Value: 415e12, ValueHi: number(1e300), Unit: "TWh", Approx: true, Per: "year", Of: &analysis.OfWhat{Span: whole, Text: "électricité"}},
				},
			},
			{Span: whole, Text: text, Topics: []analysis.TopicTag{}, Quantities: []analysis.Quantity{}, Claim: &analysis.Claim{
				ID:   analysis.ClaimID("at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3lk3pc6o32222", cid, whole),
				Kind: "other", Stance: "asserts", Why: []string{}, When: []analysis.When{},
			}},
			{Span: whole, Text: "words of another place", Topics: []analysis.TopicTag{}, Quantities: []analysis.Quantity{}, Claim: &analysis.Claim{
				ID: "y6quu4pnn5", Kind: "other", Stance: "asserts", Why: []string{}, When: []analysis.When{},
			}},
		}}
		packed, err := pack(nil, a, cid, text, phrase)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(packed) {
			t.Errorf("no JSON: %s", packed)
		}
		if text == texts[2] {
			continue // what is not UTF-8 is kept as far as JSON can
		}
		got, err := unpack(a.URI, cid, a.Lang, string(packed), text, spell)
		if err != nil || !reflect.DeepEqual(got, a) {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
	if got, err := pack(nil, analysis.PostAnalysis{}, "", "", phrase); string(got) != `{"at":[]}` || err != nil {
		t.Errorf("nothing read: %s, %v", got, err)
	}

	// As the first release wrote it.
	const first = `{"at":[0,5],"topics":[[0,"water",0.9,[2,5,"term: eau"]]],"claims":[[0,"iigd7hfjrl",1,0.85,"statistic","asserts",["a number"]]]}`
	got, err := unpack("at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3lk3pc6o32222", "", "fr", first, "l'eau", spell)
	c := got.Passages[0].Claim
	if err != nil || got.Passages[0].Topics[0].Evidence[0].Rule != "term: eau" || c.ID != "iigd7hfjrl" || c.Kind != analysis.Statistic || c.Why[0] != "a number" {
		t.Errorf("as the first release wrote it: %+v, %v", got, err)
	}
	if _, err := unpack("", "", "", `{"at":[0,1],"topics":[[0,99,0.9,[]]]}`, "l", spell); err == nil {
		t.Error("a number that is no phrase is taken")
	}
}
