package archive

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/store"
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

// taxonomies are the program's own and two that people might add to it.
func taxonomies(t *testing.T) []*topic.Taxonomy {
	t.Helper()
	list := []*topic.Taxonomy{nil}
	for _, file := range []string{
		"topics:\n  - slug: lawn\n    label: {fr: Gazon, en: Lawn}\n    layer: direct\n    description: {fr: Le gazon, en: Lawns}\n    terms:\n      fr: arrosage\n",
		"topics:\n  - slug: valley\n    label: {fr: Vallée, en: Valley}\n    layer: direct\n    description: {fr: La vallée, en: The valley}\n    terms:\n      en: valley, water\n",
	} {
		tax, err := topic.Default().Extend(strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, tax)
	}
	return list
}

// TestReviewsSurvive changes posts, topics and bounds at random, between reviews. Whatever
// happens, every review is either on a claim or listed as detached, its words unchanged.
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
			w := world{t: t, r: rand.New(rand.NewPCG(uint64(seed), 11)), Archiver: newArchiver(t, net), lou: net.Account("lou.test"), taxonomies: taxonomies(t)}
			for range 25 {
				w.step()
				w.check()
			}
			if len(w.said) == 0 || w.retagged == 0 {
				t.Errorf("%d reviews and %d retags: nothing was tested", len(w.said), w.retagged)
			}
		})
	}
}

// A world is an account, its archive, and the reviews that were written.
type world struct {
	*Archiver
	t          *testing.T
	r          *rand.Rand
	lou        *atprototest.Account
	refs       []atproto.Ref
	taxonomies []*topic.Taxonomy
	said       []analysis.Decision
	retagged   int
}

func (w *world) text() string { return claimedTexts[w.r.IntN(len(claimedTexts))] }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) step() {
	n := w.r.IntN(10)
	switch {
	case len(w.refs) == 0 || n < 2:
		w.refs = append(w.refs, w.lou.Post(w.text()))
		w.fetch()
	case n < 4:
		i := w.r.IntN(len(w.refs))
		w.refs[i] = w.lou.Edit(w.refs[i], w.text())
		w.fetch()
	case n < 5 && len(w.refs) > 2:
		i := w.r.IntN(len(w.refs))
		w.lou.Delete(w.refs[i])
		w.refs = slices.Delete(w.refs, i, i+1)
		w.fetch()
	case n < 8:
		w.review()
	default:
		w.Taxonomy = w.taxonomies[w.r.IntN(len(w.taxonomies))]
		rt, err := w.Retag(w.t.Context(), w.lou.DID(), RetagOptions{Force: w.r.IntN(2) == 0})
		w.must(err)
		if rt.Reviews != len(w.said) && rt.Outcome == Updated {
			w.t.Errorf("retag speaks of %d reviews, and there are %d", rt.Reviews, len(w.said))
		}
		w.retagged++
	}
}

func (w *world) fetch() {
	_, err := w.Fetch(w.t.Context(), "lou.test", FetchOptions{})
	w.must(err)
}

// review judges a random claim, or moves its bounds.
func (w *world) review() {
	w.must(w.Store.Update(w.t.Context(), func(s store.Writer) error {
		claims, err := store.Collect(s.Claims(w.t.Context(), store.Query{All: true}))
		if err != nil || len(claims) == 0 {
			return err
		}
		c := claims[w.r.IntN(len(claims))]
		kind, body := analysis.DecidedReview, any(analysis.Review{
			Status: analysis.Reviewed, Verdict: analysis.Mixed, Note: fmt.Sprint("note ", len(w.said)), Post: c.Post, CID: c.CID, Span: c.Span, Text: c.Text,
		})
		if cut := c.Start + strings.IndexByte(c.Text, ' '); w.r.IntN(4) == 0 && cut > c.Start {
			span := analysis.Span{Start: cut + 1, End: c.End}
			kind, body = analysis.DecidedBounds, analysis.Marking{Post: c.Post, CID: c.CID, Span: span, Text: c.Text[span.Start-c.Start:]}
		}
		at := time.Date(2026, 3, 1, 12, 0, len(w.said), 0, time.UTC)
		d, err := analysis.NewDecision(kind, w.lou.DID(), c.Passage.Claim.ID, "ana", at, body)
		if err != nil {
			return err
		}
		w.said = append(w.said, d)
		_, err = s.AddDecision(w.t.Context(), d)
		return err
	}))
}

// check looks for every review that was ever written.
func (w *world) check() {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.Store.View(ctx, func(r store.Reader) error {
		places := map[string]int{}
		claims, err := store.Collect(r.Claims(ctx, store.Query{All: true}))
		if err != nil {
			return err
		}
		for _, c := range claims {
			for _, d := range c.Reviews {
				places[d.ID]++
			}
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
		for _, d := range w.said {
			i := slices.IndexFunc(kept, func(k analysis.Decision) bool { return k.ID == d.ID })
			if i < 0 || !bytes.Equal(kept[i].Body, d.Body) {
				w.t.Errorf("decision %s is not what was written", d.ID)
			}
			if places[d.ID] != 1 {
				w.t.Errorf("decision %s on « %s » stands in %d places, want one", d.ID, d.About().Text, places[d.ID])
			}
		}
		return nil
	}))
}
