package analysis_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
)

// A claim whose bounds a person moved has the numbers and the times of its words: no others,
// and all of them, however often they were moved.
func TestCorrectedBounds(t *testing.T) {
	const text = "Le site a bu 30 litres par seconde en 2024, soit 12 % du débit de la rivière."
	a := analysis.NewAnalyzer(topic.Default()).Posts(&atproto.Post{Ref: atproto.Ref{URI: "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3lh463c52s222", CID: "c"}, Text: text})[0]
	if len(a.Passages) != 1 || a.Passages[0].Claim == nil || len(a.Passages[0].Quantities) != 2 || len(a.Passages[0].Claim.When) != 1 {
		t.Fatalf("not the passage this test is about: %+v", a.Passages)
	}
	bound := func(words string, at int) analysis.Decision {
		start := strings.Index(text, words)
		body, err := json.Marshal(analysis.Marking{Post: a.URI, CID: "c", Span: analysis.Span{Start: start, End: start + len(words)}, Text: words})
		if err != nil {
			t.Fatal(err)
		}
		return analysis.Decision{ID: words, Kind: analysis.DecidedBounds, Subject: a.Passages[0].Claim.ID, By: "ana", At: time.Unix(int64(at), 0), Body: body}
	}
	for _, test := range []struct {
		name      string
		decisions []analysis.Decision
		numbers   string
		times     int
	}{
		{"narrower", []analysis.Decision{bound("12 % du débit de la rivière", 1)}, "12 %", 0},
		{"the other part", []analysis.Decision{bound("bu 30 litres par seconde en 2024", 1)}, "30 litres", 1},
		{"narrower and wide again", []analysis.Decision{bound("12 % du débit", 1), bound(text, 2)}, "30 litres, 12 %", 1},
	} {
		p := analysis.Corrected(a, "c", text, test.decisions).Passages[0]
		var numbers []string
		for _, q := range p.Quantities {
			numbers = append(numbers, q.Raw)
		}
		if got := strings.Join(numbers, ", "); got != test.numbers || len(p.Claim.When) != test.times {
			t.Errorf("%s: got numbers %q and %d times, want %q and %d", test.name, got, len(p.Claim.When), test.numbers, test.times)
		}
	}
}
