package archive

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/store"
	"skyarchive/store/search"
)

var retags = flag.Int("retags", 4, "random histories of the retag test")

// claimedTexts are posts and what their author may make of them.
var claimedTexts = []string{
	"Les centres de données consomment 2 % de l'électricité mondiale.",
	"Les centres de données consomment 3 % de l'électricité mondiale.",
	"L'arrosage et le refroidissement prennent 30 litres d'eau par seconde. Les batteries contiennent 12 % de cobalt.",
	"L'arrosage prend 30 litres d'eau par seconde ! Les batteries contiennent 12 % de cobalt.",
	"Bonjour à toutes et à tous.",
	"Data centers use 20% of the water of the valley. Nobody has said so.",
	"👉 Une requête émet 5 g de CO2\n👉 Un entraînement en émet 500 tonnes",
}

// taxonomy is the program's own, or one that somebody might add to it: some words of the
// texts, one of its own topics each.
func taxonomy(t *testing.T, r *rand.Rand) *topic.Taxonomy {
	t.Helper()
	words := strings.FieldsFunc(strings.Join(claimedTexts, " "), func(c rune) bool { return !unicode.IsLetter(c) })
	var file strings.Builder
	for n := range r.IntN(4) {
		word := strings.ToLower(words[r.IntN(len(words))])
		if len(word) < 4 {
			continue
		}
		if file.Len() == 0 {
			file.WriteString("topics:\n")
		}
		fmt.Fprintf(&file, "  - slug: own-%d\n    label: {fr: Un, en: One}\n    layer: direct\n    description: {fr: Un, en: One}\n    terms:\n      fr: %s\n      en: %s\n", n, word, word)
	}
	if file.Len() == 0 {
		return nil
	}
	own, err := topic.Default().Extend(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// TestReviewsSurvive changes posts, topics and bounds at random, between reviews. Whatever
// happens, every review is either on a claim or listed as detached, its words unchanged, and
// the claims that are found by their status are those that have it. Only what a person has
// forgotten loses its words, and nothing else.
func TestReviewsSurvive(t *testing.T) {
	t.Parallel()
	for seed := range *retags {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			net, err := atprototest.Start(atprototest.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer net.Close()
			w := world{
				t: t, r: rand.New(rand.NewPCG(uint64(seed), 11)), Archiver: newArchiver(t, net), lou: net.Account("lou.test"),
				post: map[string]syntax.ATURI{}, forgotten: map[syntax.ATURI]bool{},
			}
			for range 40 {
				w.step()
				w.check()
			}
			if len(w.said) == 0 || w.retagged == 0 {
				t.Errorf("%d decisions and %d retags: nothing was tested", len(w.said), w.retagged)
			}
		})
	}
}

// A world is an account, its archive, and the decisions that were made.
type world struct {
	*Archiver
	t         *testing.T
	r         *rand.Rand
	lou       *atprototest.Account
	refs      []atproto.Ref
	said      []analysis.Decision
	post      map[string]syntax.ATURI // that a decision is about
	forgotten map[syntax.ATURI]bool
	retagged  int
}

func (w *world) text() string { return claimedTexts[w.r.IntN(len(claimedTexts))] }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) step() {
	n := w.r.IntN(20)
	switch {
	case len(w.refs) == 0 || n < 4:
		w.refs = append(w.refs, w.lou.Post(w.text()))
		w.fetch()
	case n < 7:
		i := w.r.IntN(len(w.refs))
		w.refs[i] = w.lou.Edit(w.refs[i], w.text())
		w.fetch()
	case n < 8 && len(w.refs) > 2:
		i := w.r.IntN(len(w.refs))
		w.lou.Delete(w.refs[i])
		w.refs = slices.Delete(w.refs, i, i+1)
		w.fetch()
	case n < 9 && len(w.refs) > 2:
		uri := w.refs[w.r.IntN(len(w.refs))].URI
		_, err := w.Forget(w.t.Context(), store.Forgetting{DID: w.lou.DID(), URI: uri, At: time.Unix(1, 0), By: "ana"}, ForgetOptions{})
		w.must(err)
		w.forgotten[uri] = true
	case n < 16:
		w.decide()
	default:
		w.Taxonomy = taxonomy(w.t, w.r)
		rt, err := w.Retag(w.t.Context(), w.lou.DID(), RetagOptions{Force: w.r.IntN(2) == 0})
		w.must(err)
		standing := 0
		for _, d := range analysis.Standing(w.said) {
			if d.OnClaim() {
				standing++
			}
		}
		if rt.Reviews != standing && rt.Outcome == Updated {
			w.t.Errorf("retag speaks of %d reviews, and %d stand", rt.Reviews, standing)
		}
		w.retagged++
	}
}

func (w *world) fetch() {
	_, err := w.Fetch(w.t.Context(), "lou.test", FetchOptions{})
	w.must(err)
}

// decide judges random claims, corrects them, speaks of what was judged, or takes a word back.
func (w *world) decide() {
	w.must(w.Store.Update(w.t.Context(), func(s store.Writer) error {
		claims, err := store.Collect(s.Claims(w.t.Context(), store.Query{All: true}))
		if err != nil || len(claims) == 0 {
			return err
		}
		for range 1 + w.r.IntN(3) {
			c := claims[w.r.IntN(len(claims))]
			id, span, note := c.Passage.Claim.ID, c.Span, fmt.Sprint("note ", len(w.said))
			kind, subject, body := analysis.DecidedReview, id, any(analysis.Review{
				Status: analysis.Reviewed, Verdict: analysis.Mixed, Note: note, Post: c.Post, CID: c.CID, Span: span, Text: c.Text,
			})
			cut := c.Start + strings.IndexByte(c.Text, ' ')
			switch n := w.r.IntN(12); {
			case n < 3 && cut > c.Start:
				span.Start = cut + 1
				kind, body = analysis.DecidedBounds, analysis.Marking{Post: c.Post, CID: c.CID, Span: span, Text: c.Text[span.Start-c.Start:], Note: note}
			case n < 5:
				kind, body = analysis.DecidedTag, analysis.Tagging{Add: []string{"water"}, Post: c.Post, Span: span, Text: c.Text, Note: note}
			case n < 7:
				kind, body = analysis.DecidedAgree, analysis.Opinion{Note: note}
			case n < 8:
				body = analysis.Review{Status: analysis.Dismissed, Dismissal: analysis.OffTopic, Note: note, Post: c.Post, CID: c.CID, Span: span, Text: c.Text}
			case n < 10 && len(w.said) > 0:
				was := w.said[w.r.IntN(len(w.said))]
				kind, subject, body, c.Post = analysis.DecidedUndo, was.ID, struct{}{}, w.post[was.ID]
			}
			at := time.Date(2026, 3, 1, 12, 0, len(w.said), 0, time.UTC)
			d, err := analysis.NewDecision(kind, w.lou.DID(), subject, "ana", at, body)
			if err != nil {
				return err
			}
			w.said = append(w.said, d)
			w.post[d.ID] = c.Post
			if added, err := s.AddDecision(w.t.Context(), d); err != nil || !added {
				return fmt.Errorf("decision %s: added %v, %w", d.ID, added, err)
			}
		}
		return nil
	}))
}

// check looks for every decision that was ever made.
func (w *world) check() {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.Store.View(ctx, func(r store.Reader) error {
		places := map[string]int{}
		claims, err := store.Collect(r.Claims(ctx, store.Query{All: true}))
		if err != nil {
			return err
		}
		status := map[string]analysis.Status{}
		for _, c := range claims {
			status[c.Passage.Claim.ID] = c.Review.Status
			for _, d := range c.Reviews {
				places[d.ID]++
			}
		}
		if err := w.checkStatus(ctx, r, status); err != nil {
			return err
		}
		did := w.lou.DID()
		detached, err := r.Detached(ctx, did)
		if err != nil {
			return err
		}
		for _, d := range detached {
			places[d.ID]++
		}
		kept, err := store.Collect(r.Decisions(ctx, store.DecisionQuery{DID: did}))
		if err != nil {
			return err
		}
		if len(kept) != len(w.said) {
			w.t.Errorf("%d decisions, want %d", len(kept), len(w.said))
		}
		standing := map[string]bool{}
		for _, d := range analysis.Standing(w.said) {
			standing[d.ID] = true
		}
		for i, d := range w.said {
			gone := w.forgotten[w.post[d.ID]]
			if now := kept[i]; now.ID != d.ID || now.Subject != d.Subject || !now.At.Equal(d.At) || gone == bytes.Equal(now.Body, d.Body) ||
				gone && (now.Forgotten() != w.post[d.ID] || strings.Contains(string(now.Body), "note")) {
				w.t.Errorf("%s %s is not what was written: %s, want %s (forgotten: %v)", d.Kind, d.ID, now.Body, d.Body, gone)
			}
			want := 1
			if gone {
				want = 0
			}
			if n := places[d.ID]; d.OnClaim() && standing[d.ID] && n != want || n > want {
				w.t.Errorf("%s %s on « %s » stands in %d places, want %d", d.Kind, d.ID, d.About().Text, n, want)
			}
		}
		return nil
	}))
}

// checkStatus compares the claims that are found by their status with those that have it.
func (w *world) checkStatus(ctx context.Context, r store.Reader, status map[string]analysis.Status) error {
	found := 0
	for _, s := range []analysis.Status{analysis.New, analysis.Reviewed, analysis.Dismissed} {
		field, err := search.NewField("status", string(s), search.Options{})
		if err != nil {
			return err
		}
		for c, err := range r.Claims(ctx, store.Query{All: true, Where: field}) {
			if err != nil {
				return err
			}
			found++
			if id := c.Passage.Claim.ID; status[id] != s {
				w.t.Errorf("claim %s is found by the status %s, and is %s", id, s, status[id])
			}
		}
	}
	if found != len(status) {
		w.t.Errorf("%d claims are found by their status, of %d", found, len(status))
	}
	return nil
}
