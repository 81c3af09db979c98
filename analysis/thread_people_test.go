package analysis_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
)

// decide makes decisions from lines: "join a c", "split b", "undo 1" (the first line is 0),
// "broken a".
func (s *scene) decide(t *testing.T, lines string) []analysis.Decision {
	t.Helper()
	var list []analysis.Decision
	for i, line := range strings.Split(lines, "\n") {
		words := strings.Fields(line)
		at := time.Date(2025, 1, 1+i, 8, 0, 0, 0, time.UTC)
		kind, subjectOf, body := analysis.DecidedJoin, "", any(nil)
		uris := []syntax.ATURI{}
		for _, name := range words[1:] {
			uris = append(uris, s.uris[name])
		}
		switch words[0] {
		case "join":
			subjectOf, body = string(uris[0]), analysis.Joining{URIs: uris, Note: "one text"}
		case "split":
			kind, subjectOf, body = analysis.DecidedSplit, string(uris[0]), analysis.Joining{URIs: uris}
		case "broken":
			subjectOf, body = string(s.uris["a"]), "not a join"
		case "undo":
			kind, subjectOf = analysis.DecidedUndo, list[int(words[1][0]-'0')].ID
		}
		d, err := analysis.NewDecision(kind, subject, subjectOf, "Ana", at, body)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

func TestCorrect(t *testing.T) {
	t.Parallel()
	const posts = `
		a@0 "La rivière."
		b@1 >a "Le barrage."
		c@2 >b "La pluie."
		x@2.5 >b "À côté."
		d@10 "Le vent."
		e@11 >d "Le sel."
		n@20 "Seul."
		m@21 "Seul aussi."`
	for _, tt := range []struct{ name, decisions, want string }{
		{"join two threads", "join a d", "a b c d e, beside: x"},
		{"join single posts", "join m n", "a b c, beside: x\nd e\nm n"},
		{"what stands before the first stays", "join c d", "a b c d e, beside: x"},
		{"what stands before the others is left", "join n b", "d e\nn b c, beside: x"},
		{"order inside a thread", "join a c b", "a c b, beside: x\nd e"},
		{"the last first", "join c a", "c a b, beside: x\nd e"},
		{"from a branch", "join d x", "a b c\nd e x"},
		{"one post is no join", "join a", "a b c, beside: x\nd e"},
		{"split", "split b", "b c, beside: x\nd e"},
		{"split at the end", "split c", "a b, beside: x\nd e"},
		{"split a branch", "split x", "a b c\nd e"},
		{"undone", "split b\nundo 0", "a b c, beside: x\nd e"},
		{"undo undone", "split b\nundo 0\nundo 1", "b c, beside: x\nd e"},
		{"the newer holds", "join a d\nsplit d", "a b c, beside: x\nd e"},
		{"and the other way round", "split d\njoin a d", "a b c d e, beside: x"},
		{"unreadable", "broken a", "a b c, beside: x\nd e"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := read(t, posts)
			if got := s.shown(s.assemble(s.decide(t, tt.decisions)...)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestCorrectRefusesAnotherAccount(t *testing.T) {
	t.Parallel()
	a := analysis.NewAssembler(subject, handle)
	d, err := analysis.NewDecision(analysis.DecidedSplit, stranger, "", "Ana", time.Time{}, analysis.Joining{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Correct([]analysis.Decision{d}); err == nil {
		t.Error("a decision about another account is taken")
	}
}

func TestJoins(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, posts, decisions, want string }{
		{"links", `
			a@0 "La rivière."
			b@1 >a gone
			c@2 >b "La pluie."
			e@9 >d ^a "Le sel."`, "", `
			c bridge: answers a deleted post that answered the post before it
			e root: what it answers was never seen; it names this thread as its root and was posted 7 minutes later than the post before it`},
		{"forgotten", `
			a@0 "La rivière."
			b@1 >a forgotten
			c@2 >b "La pluie."`, "", `
			c bridge: answers a forgotten post that answered the post before it`},
		{"numbers", `
			l@0 "Un fil 🧵"
			a@2 "1/4 Un."
			b@6 "2/4 Deux."
			c@7 >b "3/4 Trois."
			X@8 >c "!"
			d@200 >X "4/4 Quatre."`, "", `
			l lead: announces the thread; part 1 is the author's next post, posted 2 minutes later
			a lead: follows the post that announces the thread, posted 2 minutes later
			b number: carries 2/4 after 1/4, posted 4 minutes later, same total
			c reply: answers the post before it, carries 3/4 after 2/4
			d number: carries 4/4 after 3/4, posted 3 hours later, same total; answers another person in the same conversation`},
		{"star", `
			a@0 "1/3 Un."
			b@1 >a "2/3 Deux."
			c@2 >a "3/3 Trois."`, "", `
			b reply: answers the post before it, carries 2/3 after 1/3
			c number: answers post 1 of the thread, carries 3/3 after 2/3`},
		{"quote", `
			a@0 "La rivière."
			b@3000 =a "Suite"`, "", `
			b quote: quotes post 1 of the thread and opens with words that continue it, posted 2 days later`},
		{"quote with a number", `
			a@0 "1/2 La rivière."
			b@3000 =a "2/2 Le barrage."`, "", `
			b number: carries 2/2 after 1/2, posted 2 days later, same total; quotes post 1 of the thread`},
		{"people", `
			a@0 "La rivière."
			b@1 "Le barrage."
			c@2 >b "La pluie."
			d@3 >c "Le vent."`, "join a b\nsplit c", `
			b person: put here by Ana on 2025-01-01 08:00 UTC: one text
			c person: made the start of a thread by Ana on 2025-01-02 08:00 UTC
			d reply: answers the post before it`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := read(t, tt.posts)
			var decisions []analysis.Decision
			if tt.decisions != "" {
				decisions = s.decide(t, tt.decisions)
			}
			var got []string
			for _, thread := range s.assemble(decisions...) {
				for _, j := range thread.Joins {
					got = append(got, s.names[j.URI]+" "+string(j.By)+": "+j.Why)
				}
			}
			var want []string
			for line := range strings.Lines(strings.TrimSpace(tt.want)) {
				want = append(want, strings.TrimSpace(line))
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestGaps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, posts, want string }{
		{"none", `
			a@0 "La rivière."
			b@1 >a "Le barrage."`, ``},
		{"deleted part", `
			a@0 "1/4 Un."
			b@1 >a gone
			c@2 >b "3/4 Trois."`, `deleted b (part 2) after a; number 4 after c`},
		{"deleted among two missing", `
			a@0 "1/4 Un."
			b@1 >a gone
			c@2 >b "4/4 Quatre."`, `deleted b after a; number 2 after a; number 3 after a`},
		{"deleted words say which part", `
			a@0 "1/4 Un."
			b@1 >a gone "3/4 Trois."
			c@2 >b "4/4 Quatre."`, `number 2 after a; deleted b (part 3) after a`},
		{"of several too", `
			a@0 "1/5 Un."
			b@1 >a gone "2/5 Deux."
			c@2 >b gone "Trois."
			d@3 >c gone "4/5 Quatre."
			e@4 >d "5/5 Cinq."`, `deleted b (part 2) after a; deleted c (part 3) after a; deleted d (part 4) after a`},
		{"the same part deleted twice", `
			a@0 "1/3 Un."
			b@1 >a gone "2/3 Deux."
			c@2 >a gone "2/3 Deux, encore."
			d@3 >a "3/3 Trois."`, `deleted b (part 2) after a; deleted c after a`},
		{"a part that was posted again", `
			a@0 "1/4 Un."
			b@1 >a gone "2/4 Deux."
			c@2 >a "2/4 Deux, encore."
			d@3 >c "4/4 Quatre."`, `deleted b after a; number 3 after c`},
		{"deleted words of another form", `
			a@0 "1/3 Un."
			b@1 >a gone "2/9 Deux."
			c@2 >a "Un aparté."
			d@3 >c "3/3 Trois."`, `deleted b after a`},
		{"a deleted part is not filled", `
			a@0 "1/4 Un."
			b@1 >a gone "2/4 Deux."
			c@2 >b "Trois, sans numéro."
			d@3 >c "4/4 Quatre."`, `deleted b (part 2) after a`},
		{"two deleted, one missing", `
			a@0 "1/3 Un."
			b@1 >a gone
			c@2 >b gone
			d@3 >c "3/3 Trois."`, `deleted b after a; deleted c after a; number 2 after a`},
		{"unseen part", `
			a@0 "1/3 Un."
			c@2 >b ^a "3/3 Trois."`, `unseen b (part 2) after a`},
		{"last part deleted", `
			a@0 "1/3 Un."
			b@1 >a "2/3 Deux."
			c@2 >b gone`, `deleted c (part 3) after b`},
		{"first part lost", `
			b@1 >a "2/3 Deux."
			c@2 >b ^a "3/3 Trois."`, `unseen a (part 1) after `},
		{"deleted in a branch", `
			a@0 "2/3 Deux."
			b@1 >a "3/3 Trois."
			x@2 >a "Une incise."
			y@3 >x gone`, `number 1 after ; deleted y after x`},
		{"orphan in a branch", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			o@2 >g ^a "Une incise."
			c@9 >b "La pluie."`, `unseen g after b`},
		{"several deleted", `
			a@0 "La rivière."
			b@1 >a gone
			c@2 >b gone
			d@3 >c "La pluie."
			e@4 >d gone`, `deleted b after a; deleted c after a; deleted e after d`},
		{"unseen", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			d@3 >c ^a "La pluie."`, `unseen c after b`},
		{"root gone", `
			r@0 lost
			b@1 >r "Le barrage."
			c@2 >b ^r "La pluie."`, `deleted r after `},
		{"forgotten", `
			a@0 "Le barrage."
			b@1 >a forgotten
			c@2 >b ^a "La pluie."
			d@3 >c ^a forgotten`, `forgotten b after a; forgotten d after c`},
		{"forgotten part", `
			a@0 "1/3 Le barrage."
			b@1 >a forgotten
			c@2 >b ^a "3/3 La pluie."`, `forgotten b (part 2) after a`},
		{"countdown", `
			a@0 "5. Cinq."
			b@1 >a "4. Quatre."
			c@2 >b "3. Trois."`, `number 1 after c; number 2 after c`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := read(t, tt.posts)
			if got := s.gaps(s.assemble()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// gaps writes what is absent of threads as "deleted b (part 2) after a; number 4 after c".
func (s *scene) gaps(threads []analysis.Thread) string {
	var list []string
	for _, thread := range threads {
		for _, g := range thread.Gaps {
			what := s.names[g.URI]
			if g.URI == "" {
				what = fmt.Sprint(g.Number)
			} else if g.Number > 0 {
				what += fmt.Sprintf(" (part %d)", g.Number)
			}
			list = append(list, string(g.Kind)+" "+what+" after "+s.names[g.After])
		}
	}
	return strings.Join(list, "; ")
}

// What people join and split leaves each absent post in one place, and what is not in a thread
// since it was split off is not missing.
func TestGapsOfPeople(t *testing.T) {
	t.Parallel()
	const five = `
		a@0 "1/5 Un."
		b@1 >a "2/5 Deux."
		c@2 >b gone "3/5 Trois."
		d@3 >c "4/5 Quatre."
		e@4 >d "5/5 Cinq."
		x@90 "Erratum : lire quatre."`
	for _, tt := range []struct{ name, posts, decisions, want, gaps string }{
		{"split behind a deleted part", five, "split d", "a b [1 2 of 5] missing 3 4 5, incomplete\nd e [4 5 of 5] missing 1 2 3, incomplete",
			`deleted c (part 3) after b; split 4 after b; split 5 after b; split 1 after ; split 2 after ; split 3 after `},
		{"whose words are not known", strings.Replace(five, ` gone "3/5 Trois."`, " forgotten", 1), "split d", "a b [1 2 of 5] missing 3 4 5, incomplete\nd e [4 5 of 5] missing 1 2 3, incomplete",
			`forgotten c (part 3) after b; split 4 after b; split 5 after b; split 1 after ; split 2 after ; split 3 after `},
		{"or that was never seen", strings.Replace(strings.Replace(five, "\n\t\tc@2 >b gone \"3/5 Trois.\"", "", 1), ">c", ">c ^a", 1), "split d", "a b [1 2 of 5] missing 3 4 5, incomplete\nd e [4 5 of 5] missing 1 2 3, incomplete",
			`unseen c (part 3) after b; split 4 after b; split 5 after b; split 1 after ; split 2 after ; split 3 after `},
		{"split before it", five, "split b", "b d e [2 4 5 of 5] missing 1 3, incomplete", `split 1 after ; deleted c (part 3) after b`},
		{"a part that nobody saw", `
			a@0 "1/6 Un."
			b@1 >a "2/6 Deux."
			d@3 >b "4/6 Quatre."
			e@4 >d "5/6 Cinq."`, "split d", "a b [1 2 of 6] missing 3 4 5 6, incomplete\nd e [4 5 of 6] missing 1 2 3 6, incomplete",
			`number 3 after b; split 4 after b; split 5 after b; number 6 after b; split 1 after ; split 2 after ; split 3 after ; number 6 after e`},
		{"put back", five, "split d\njoin a d", "a b d e [1 2 4 5 of 5] missing 3, incomplete", `deleted c (part 3) after b`},
		{"deleted in what is split off", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			c@2 >b "La pluie."
			d@3 >c gone
			e@4 >d "Le vent."`, "split c", "a b\nc e, incomplete", `deleted d after c`},
		{"an erratum is no part", `
			a@0 "1/3 Un."
			b@1 >a "2/3 Deux."
			c@2 >b gone
			x@90 "Erratum : lire quatre."`, "join a x", "a b x [1 2 - of 3] missing 3, incomplete", `deleted c (part 3) after b`},
		{"nor where the part was never seen", `
			a@0 "1/3 Un."
			b@1 >a "2/3 Deux."
			x@90 "Erratum : lire quatre."`, "join a x", "a b x [1 2 - of 3] missing 3, incomplete", `number 3 after b`},
		{"a part between two others that a person put there", `
			a@0 "1/3 Un."
			c@1 >a "3/3 Trois."
			x@90 "Deux."`, "join a x c", "a x c [1 - 3 of 3]", ``},
		{"joined to a thread whose first post is gone", `
			r@0 lost
			b@1 >r "Le barrage."
			c@2 >b ^r "La pluie."
			x@90 "Le vent."`, "join b x", "b c x, incomplete", `deleted r after `},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := read(t, tt.posts)
			threads := s.assemble(s.decide(t, tt.decisions)...)
			if got := s.shown(threads); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got := s.gaps(threads); got != tt.gaps {
				t.Errorf("got  %s\nwant %s", got, tt.gaps)
			}
		})
	}
}

// A thread's JSON has no null but for the numbering of a thread without numbers.
func TestThreadJSON(t *testing.T) {
	t.Parallel()
	s := read(t, `
		a@0 "La rivière."
		b@1 >a "Le barrage."`)
	raw, err := json.Marshal(s.assemble())
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"root":"A","posts":["A","B"],"numbering":null,"complete":true,"branches":[],"joins":[{"uri":"B","by":"reply","why":"answers the post before it"}]}]`
	got := strings.NewReplacer(string(s.uris["a"]), "A", string(s.uris["b"]), "B").Replace(string(raw))
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if raw, err = json.Marshal(analysis.NewAssembler(subject, "").Threads()); err != nil || string(raw) != "[]" {
		t.Errorf("no threads: %s, %v", raw, err)
	}
}
