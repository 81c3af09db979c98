package review

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"skyarchive/analysis"
	"skyarchive/store"
)

var claimed = []string{
	"Les centres de données consomment 2 % de l'électricité mondiale.",
	"L'arrosage et le refroidissement prennent 30 litres d'eau par seconde.",
	"Les batteries contiennent 12 % de cobalt.",
}

// sit judges the claims of an archive with these keys, oldest first.
func sit(t *testing.T, s store.Store, by, keys string) (Tally, string) {
	t.Helper()
	var out bytes.Buffer
	now := noon.Add(time.Hour)
	d := Desk{
		Store: s, In: strings.NewReader(keys), Out: &out, By: by, Zone: time.UTC, Columns: 80, OnlyNew: true,
		Now: func() time.Time { now = now.Add(time.Second); return now },
	}
	tally, err := d.Run(t.Context(), store.Query{Oldest: true})
	if err != nil {
		t.Fatal(err)
	}
	return tally, out.String()
}

// said is a review in a word or two.
func said(r analysis.Review) string {
	s := string(r.Status)
	switch r.Status {
	case analysis.Reviewed:
		s = string(r.Verdict)
	case analysis.Dismissed:
		s = string(r.Dismissal)
	}
	for _, more := range []string{r.Summary, r.Note} {
		if more != "" {
			s += " " + more
		}
	}
	for _, source := range r.Sources {
		s += " " + source.URL
	}
	return s
}

func TestDesk(t *testing.T) {
	tests := []struct {
		name, keys string
		want       string // reviews in the order written
		undone     int
		tally      Tally
	}{
		{"quit at once", "q", "", 0, Tally{Left: 3}},
		{"the keys end", "", "", 0, Tally{Left: 3}},
		{"Ctrl-C", "\x03", "", 0, Tally{Left: 3}},
		{"verdicts", "srm", "supported, refuted, mixed", 0, Tally{Decided: 3}},
		{"the other verdicts", "lou", "misleading, outdated, unverifiable", 0, Tally{Decided: 3}},
		{"dismissals", "dndo", "not-a-claim, off-topic", 0, Tally{Decided: 2, Left: 1}},
		{"a dismissal that was not meant", "d\x1bdxs", "supported", 0, Tally{Decided: 1, Left: 2}},
		{"skip", " nr", "refuted", 0, Tally{Skipped: 2, Decided: 1}},
		{"a note and a summary", "tdeux fois\rySelon RTE, 3 %.\rr", "refuted Selon RTE, 3 %. deux fois", 0, Tally{Decided: 1, Left: 2}},
		{"a line is corrected", "tabx\x7fc\x08\x7fé\rr", "refuted aé", 0, Tally{Decided: 1, Left: 2}},
		{"a line is given up", "tabc\x1b", "", 0, Tally{Left: 3}},
		{"arrows are no text", "tab\x1b[Dc\x1bOA\rr", "refuted abc", 0, Tally{Decided: 1, Left: 2}},
		{"sources", "whttps://example.org/a\rwnot one\rwhttps://example.org/b\rs", "supported https://example.org/a https://example.org/b", 0, Tally{Decided: 1, Left: 2}},
		{"what was written is thrown away", "tabc\rxs", "supported", 0, Tally{Decided: 1, Left: 2}},
		{"a note without a verdict is kept", "tvoir RTE\r ", "new voir RTE", 0, Tally{Noted: 1, Left: 2}},
		{"also when leaving", "tvoir RTE\rq", "new voir RTE", 0, Tally{Noted: 1, Left: 2}},
		{"what was kept goes with the verdict", "tvoir RTE\rySelon RTE, 3 %.\rwhttps://example.org/a\r br", "new Selon RTE, 3 %. voir RTE https://example.org/a, refuted Selon RTE, 3 %. voir RTE https://example.org/a", 0, Tally{Noted: 1, Decided: 1, Left: 2}},
		{"with a dismissal too", "tvoir RTE\r bdo", "new voir RTE, off-topic voir RTE", 0, Tally{Noted: 1, Decided: 1, Left: 2}},
		{"and with one more source", "whttps://example.org/a\r bwhttps://example.org/b\rs", "new https://example.org/a, supported https://example.org/a https://example.org/b", 0, Tally{Noted: 1, Decided: 1, Left: 2}},
		{"but not from one verdict to another", "tvoir RTE\rsbr", "supported voir RTE, refuted", 0, Tally{Decided: 2, Left: 2}},
		{"undo and decide again", "rzs", "refuted, supported", 1, Tally{Decided: 2, Undone: 1, Left: 2}},
		{"undo keeps what was written", "tabc\rrzs", "refuted abc, supported abc", 1, Tally{Decided: 2, Undone: 1, Left: 2}},
		{"undo behind the last claim", "srmzl", "supported, refuted, mixed, misleading", 1, Tally{Decided: 4, Undone: 1}},
		{"undo all and once more", "srzzz", "supported, refuted", 2, Tally{Decided: 2, Undone: 2, Left: 3}},
		{"nothing to undo", "zs", "supported", 0, Tally{Decided: 1, Left: 2}},
		{"back to a decided claim", "sbr", "supported, refuted", 0, Tally{Decided: 2, Left: 2}},
		{"the same again writes nothing", "sbs", "supported", 0, Tally{Decided: 1, Left: 3}},
		{"keys that mean nothing", "kK1é\t\x00s", "supported", 0, Tally{Decided: 1, Left: 2}},
		{"a paste judges nothing", "\x1b[200~sur\rdnz\x1b[201~s", "supported", 0, Tally{Decided: 1, Left: 2}},
		{"a paste into a note", "tvoir \x1b[200~la\ttable\r\n2.1\x1b[A\x1b[201~ !\rr", "refuted voir la table 2.1[A !", 0, Tally{Decided: 1, Left: 2}},
		{"a paste without an end", "\x1b[200~sur", "", 0, Tally{Left: 3}},
		{"help", "?qs", "supported", 0, Tally{Decided: 1, Left: 2}},
		{"no colleague to agree with", "+-s", "supported", 0, Tally{Decided: 1, Left: 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newArchive(t, claimed...)
			tally, screen := sit(t, s, "ana", test.keys)
			list, undone := reviews(t, s)
			var got []string
			for _, r := range list {
				got = append(got, said(r))
			}
			if g := strings.Join(got, ", "); g != test.want {
				t.Errorf("got reviews %q, want %q\n%s", g, test.want, screen)
			}
			if undone != test.undone || tally != test.tally {
				t.Errorf("got %d undone and %+v, want %d and %+v\n%s", undone, tally, test.undone, test.tally, screen)
			}
		})
	}
}

// The next person goes on where the last one was; what was skipped comes back.
func TestDeskResumes(t *testing.T) {
	s := newArchive(t, claimed...)
	sit(t, s, "ana", "r q")
	_, screen := sit(t, s, "ana", "q")
	if !strings.Contains(screen, "1 of 2") || !strings.Contains(screen, "[L'arrosage et le refroid") {
		t.Errorf("the skipped claim does not come back:\n%s", screen)
	}
}

// What was written without a verdict is shown when the claim comes back.
func TestDeskShowsWhatWasKept(t *testing.T) {
	s := newArchive(t, claimed...)
	sit(t, s, "ana", "tvoir RTE\rySelon RTE, 3 %.\rwhttps://example.org/a\rq")
	_, screen := sit(t, s, "ana", "q")
	for _, want := range []string{"note    voir RTE", "summary Selon RTE, 3 %.", "source  https://example.org/a"} {
		if !strings.Contains(screen, want) {
			t.Errorf("%q is not shown:\n%s", want, screen)
		}
	}
}

// A claim is shown with the posts around it, its numbers and topics.
func TestDeskContext(t *testing.T) {
	s := newArchive(t, claimed...)
	_, screen := sit(t, s, "ana", " q")
	for _, want := range []string{"before  " + claimed[0], "[L'arrosage et le refroid", "after   " + claimed[2], "post 2 of 3", "30 litres", "water", "@lou.test"} {
		if !strings.Contains(screen, want) {
			t.Errorf("%q is not shown:\n%s", want, screen)
		}
	}
}

// A colleague's verdict is not written over: one agrees or disagrees, and the claim is
// passed over where only new ones are wanted.
func TestDeskOfTwo(t *testing.T) {
	s := newArchive(t, claimed...)
	sit(t, s, "ana", "r")
	tally, screen := sit(t, s, "bob", "q")
	if tally.Left != 2 || strings.Contains(screen, "["+claimed[0]+"]") {
		t.Errorf("bob is shown a claim that ana judged: %+v\n%s", tally, screen)
	}
	var out bytes.Buffer
	d := Desk{Store: s, In: strings.NewReader("tvu aussi\r+q"), Out: &out, By: "bob", Now: func() time.Time { return noon.Add(2 * time.Hour) }, Zone: time.UTC, Columns: 80}
	if _, err := d.Run(t.Context(), store.Query{Oldest: true}); err != nil {
		t.Fatal(err)
	}
	err := s.View(t.Context(), func(r store.Reader) error {
		for c, err := range r.Claims(t.Context(), store.Query{Oldest: true, Limit: 1}) {
			if err != nil {
				return err
			}
			if got := fmt.Sprint(c.Review.Verdict, " ", c.Review.By, " ", c.Review.Agree); got != "refuted ana 1" {
				t.Errorf("got %s, want refuted ana 1\n%s", got, out.String())
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever keys are pressed, the desk ends without an error and no decision is lost: every
// one that it counts is in the archive.
func FuzzDesk(f *testing.F) {
	for _, keys := range []string{"srm", "tab\x7f\rz", "ddq", "d\x1b[A?", "b+-zx\x03", "w\r\x1b"} {
		f.Add(keys)
	}
	f.Fuzz(func(t *testing.T, keys string) {
		if len(keys) > 60 {
			return
		}
		s := newArchive(t, claimed...)
		tally, screen := sit(t, s, "ana", keys)
		list, undone := reviews(t, s)
		if len(list) != tally.Decided+tally.Noted || undone != tally.Undone {
			t.Errorf("counted %+v, kept %d reviews and %d undone\n%s", tally, len(list), undone, screen)
		}
	})
}
