package analysis_test

import (
	"encoding/json"
	"fmt"
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

// A review of another person is a word on the last one: nobody's finding is hidden by who came
// later.
func TestStateOf(t *testing.T) {
	const judged = "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3lh463c52s222"
	at := 0
	entry := func(kind analysis.DecisionKind, by, id string, body any) analysis.Decision {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		at++
		return analysis.Decision{ID: id, Kind: kind, Subject: "claim", By: by, At: time.Unix(int64(at), 0), Body: raw}
	}
	found := func(by string, v analysis.Verdict) analysis.Decision {
		return entry(analysis.DecidedReview, by, by+string(v), analysis.Review{Post: judged, Status: analysis.Reviewed, Verdict: v})
	}
	dropped := func(by string, why analysis.Dismissal) analysis.Decision {
		return entry(analysis.DecidedReview, by, by+string(why), analysis.Review{Post: judged, Status: analysis.Dismissed, Dismissal: why})
	}
	noted := func(by string) analysis.Decision {
		return entry(analysis.DecidedReview, by, by+"note", analysis.Review{Post: judged, Status: analysis.New, Note: "hm"})
	}
	opinion := func(kind analysis.DecisionKind, by, of string) analysis.Decision {
		return entry(kind, by, by+string(kind), analysis.Opinion{Review: of})
	}
	again := func(by string, v analysis.Verdict, words string) analysis.Decision {
		return entry(analysis.DecidedReview, by, by+"again", analysis.Review{Post: judged, Status: analysis.Reviewed, Verdict: v, Note: "p. 12", Text: words})
	}
	undo := func(id string) analysis.Decision {
		d := entry(analysis.DecidedUndo, "ana", "undo"+id, analysis.Opinion{})
		d.Subject = id
		return d
	}
	for _, test := range []struct {
		name      string
		decisions []analysis.Decision
		want      string // verdict, who, how many agree and disagree, what the others found
	}{
		{"one", []analysis.Decision{found("ana", analysis.Refuted)}, "refuted ana 0 0"},
		{"two of a mind", []analysis.Decision{found("bob", analysis.Refuted), found("ana", analysis.Refuted)}, "refuted ana 1 0"},
		{"two that contradict each other", []analysis.Decision{found("bob", analysis.Supported), found("ana", analysis.Refuted)}, "refuted ana 0 1 supported by bob"},
		{"one who changed her mind", []analysis.Decision{found("ana", analysis.Supported), found("ana", analysis.Refuted)}, "refuted ana 0 0"},
		{"one who was convinced", []analysis.Decision{found("bob", analysis.Supported), found("ana", analysis.Refuted), opinion(analysis.DecidedAgree, "bob", "anarefuted")}, "refuted ana 1 0"},
		{"three", []analysis.Decision{found("bob", analysis.Supported), dropped("eve", analysis.OffTopic), found("ana", analysis.Refuted), opinion(analysis.DecidedDisagree, "dan", "anarefuted")},
			"refuted ana 0 3 supported by bob off-topic by eve"},
		{"a note is no finding", []analysis.Decision{noted("bob"), found("ana", analysis.Refuted)}, "refuted ana 0 0"},
		{"an agreement stays when a note is added", []analysis.Decision{found("ana", analysis.Refuted), opinion(analysis.DecidedAgree, "bob", "anarefuted"), again("ana", analysis.Refuted, "")}, "refuted ana 1 0"},
		{"so does an objection", []analysis.Decision{found("ana", analysis.Refuted), opinion(analysis.DecidedDisagree, "bob", "anarefuted"), again("ana", analysis.Refuted, "")}, "refuted ana 0 1"},
		{"it does not carry over to another finding", []analysis.Decision{found("ana", analysis.Refuted), opinion(analysis.DecidedAgree, "bob", "anarefuted"), again("ana", analysis.Mixed, "")}, "mixed ana 0 0"},
		{"nor to a dismissal", []analysis.Decision{found("ana", analysis.Refuted), opinion(analysis.DecidedAgree, "bob", "anarefuted"), dropped("ana", analysis.OffTopic)}, " ana 0 0"},
		{"nor to the same finding about other words", []analysis.Decision{found("ana", analysis.Refuted), opinion(analysis.DecidedAgree, "bob", "anarefuted"), again("ana", analysis.Refuted, "12 %")}, "refuted ana 0 0"},
		{"it stays when a third comes to the same", []analysis.Decision{found("ana", analysis.Refuted), opinion(analysis.DecidedAgree, "bob", "anarefuted"), found("eve", analysis.Refuted)}, "refuted eve 2 0"},
		{"nobody agrees with a review of their own", []analysis.Decision{found("ana", analysis.Refuted), opinion(analysis.DecidedAgree, "bob", "anarefuted"), found("bob", analysis.Refuted)}, "refuted bob 1 0"},
		{"it counts again when a change of mind is undone", []analysis.Decision{found("ana", analysis.Refuted), opinion(analysis.DecidedAgree, "bob", "anarefuted"), again("ana", analysis.Mixed, ""), undo("anaagain")}, "refuted ana 1 0"},
		{"it outlives the entry it was said of", []analysis.Decision{found("ana", analysis.Refuted), opinion(analysis.DecidedAgree, "bob", "anarefuted"), again("ana", analysis.Refuted, ""), undo("anarefuted")}, "refuted ana 1 0"},
		{"one that names no review is of the one before it", []analysis.Decision{found("ana", analysis.Refuted), opinion(analysis.DecidedAgree, "bob", ""), again("ana", analysis.Refuted, "")}, "refuted ana 1 0"},
		{"and of no later finding", []analysis.Decision{found("ana", analysis.Refuted), opinion(analysis.DecidedAgree, "bob", ""), again("ana", analysis.Mixed, "")}, "mixed ana 0 0"},
		{"a claim in the queue again", []analysis.Decision{found("bob", analysis.Supported), noted("ana")}, " ana 0 0"},
	} {
		s := analysis.StateOf(test.decisions)
		var got strings.Builder
		got.WriteString(fmt.Sprint(s.Verdict, " ", s.By, " ", s.Agree, " ", s.Disagree))
		for _, f := range s.Others {
			got.WriteString(" " + string(f.Verdict) + string(f.Dismissal) + " by " + f.By)
		}
		if got.String() != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got.String(), test.want)
		}
	}
}
