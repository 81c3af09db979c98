package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/store"
)

// decide makes an entry at some minutes past noon.
func decide(t *testing.T, kind analysis.DecisionKind, did syntax.DID, subject, by string, minutes int, body any) analysis.Decision {
	t.Helper()
	d, err := analysis.NewDecision(kind, did, subject, by, at(minutes).Add(123456789), body)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// reviewOf is a review of a passage with a claim.
func reviewOf(r record, p analysis.Passage, verdict analysis.Verdict) analysis.Review {
	return analysis.Review{Status: analysis.Reviewed, Verdict: verdict, Post: r.uri, CID: r.cid.String(), Span: p.Span, Text: p.Text,
		Note: "ligne 1\nligne 2 «é»", Sources: []analysis.Source{{URL: "https://source.test"}}}
}

func add(t *testing.T, s store.Store, list ...analysis.Decision) {
	t.Helper()
	update(t, s, func(ctx context.Context, w store.Writer) error {
		for _, d := range list {
			if added, err := w.AddDecision(ctx, d); err != nil || !added {
				t.Errorf("decision %s by %s: added %v, %v", d.Kind, d.By, added, err)
			}
		}
		return nil
	})
}

func claimOf(t *testing.T, s store.Store, id string) (c store.Claim) {
	t.Helper()
	view(t, s, func(ctx context.Context, r store.Reader) (err error) {
		c, err = r.Claim(ctx, id)
		return err
	})
	return c
}

const claimText = "2 % de l'eau part dans les centres de données.\nVoilà 3 raisons."

func putClaims(t *testing.T, s store.Store) (record, analysis.PostAnalysis) {
	t.Helper()
	r := newRecord(t, uri(alice, 1), claimText, nil)
	a := read(r, claimText)
	update(t, s, func(ctx context.Context, w store.Writer) error { return r.put(ctx, t, w, a) })
	return r, a
}

func testDecisions(t *testing.T, s store.Store) {
	r, a := putClaims(t, s)
	id := a.Passages[0].Claim.ID
	first := decide(t, analysis.DecidedReview, alice, id, "anne", 10, reviewOf(r, a.Passages[0], analysis.Refuted))
	second := decide(t, analysis.DecidedReview, alice, id, "bea", 20, reviewOf(r, a.Passages[0], analysis.Mixed))
	agree := decide(t, analysis.DecidedAgree, alice, id, "carl", 30, analysis.Opinion{Review: second.ID})
	disagree := decide(t, analysis.DecidedDisagree, alice, id, "dora", 31, analysis.Opinion{Review: second.ID})
	late := decide(t, analysis.DecidedAgree, alice, id, "erik", 32, analysis.Opinion{Review: first.ID})
	other := decide(t, analysis.DecidedReview, bruno, "unknown000", "anne", 5, analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Supported})
	add(t, s, second, first, agree, disagree, late, other)

	update(t, s, func(ctx context.Context, w store.Writer) error {
		if added, err := w.AddDecision(ctx, first); added || err != nil {
			t.Errorf("the same decision again: added %v, %v", added, err)
		}
		return nil
	})
	want := analysis.ReviewState{Status: analysis.Reviewed, Verdict: analysis.Mixed, By: "bea", At: second.At, Agree: 1, Disagree: 2,
		Others: []analysis.Finding{{Verdict: analysis.Refuted, By: "anne"}}}
	c := claimOf(t, s, id)
	same(t, "state of the review", c.Review, want)
	same(t, "reviews", c.Reviews, []analysis.Decision{first, second, agree, disagree, late})
	if c.Outdated {
		t.Error("a review of these words is called outdated")
	}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		for name, c := range map[string]struct {
			q    store.DecisionQuery
			want []analysis.Decision
		}{
			"all":        {store.DecisionQuery{}, []analysis.Decision{other, first, second, agree, disagree, late}},
			"of account": {store.DecisionQuery{DID: bruno}, []analysis.Decision{other}},
			"by":         {store.DecisionQuery{By: "anne", DID: alice}, []analysis.Decision{first}},
			"kinds":      {store.DecisionQuery{Kinds: []analysis.DecisionKind{analysis.DecidedAgree, analysis.DecidedDisagree}}, []analysis.Decision{agree, disagree, late}},
			"subject":    {store.DecisionQuery{Subject: "unknown000"}, []analysis.Decision{other}},
			"none":       {store.DecisionQuery{Subject: "'"}, []analysis.Decision{}},
		} {
			same(t, name, collect(t, r.Decisions(ctx, c.q)), c.want)
		}
		detached, err := r.Detached(ctx, bruno)
		same(t, "detached", detached, []analysis.Decision{other})
		none, err2 := r.Detached(ctx, alice)
		same(t, "detached from an account whose claims are all there", len(none), 0)
		return errors.Join(err, err2)
	})

	// Undo, and undo of the undo.
	undo := decide(t, analysis.DecidedUndo, alice, second.ID, "bea", 40, analysis.Opinion{})
	add(t, s, undo)
	want = analysis.ReviewState{Status: analysis.Reviewed, Verdict: analysis.Refuted, By: "anne", At: first.At, Agree: 1}
	same(t, "state after an undo", claimOf(t, s, id).Review, want)
	redo := decide(t, analysis.DecidedUndo, alice, undo.ID, "bea", 50, analysis.Opinion{})
	add(t, s, redo)
	c = claimOf(t, s, id)
	same(t, "state after the undo was undone", c.Review.Verdict, analysis.Mixed)
	same(t, "history", len(c.Reviews), 7)
	reopened := reviewOf(r, a.Passages[0], "")
	reopened.Status = analysis.New
	add(t, s, decide(t, analysis.DecidedReview, alice, id, "anne", 60, reopened))
	same(t, "state after reopening", claimOf(t, s, id).Review.Status, analysis.New)

	// What people wrote survives the machine.
	before := len(claimOf(t, s, id).Reviews)
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(r.put(ctx, t, w, analysis.PostAnalysis{URI: r.uri}), r.put(ctx, t, w, a))
	})
	same(t, "reviews after the analysis was made again", len(claimOf(t, s, id).Reviews), before)

	// A decision with a body that is none is kept and changes nothing.
	odd := first
	odd.ID, odd.Body = "oddoddoddoddoddo", json.RawMessage(`"?"`)
	add(t, s, odd)
	for _, bad := range []analysis.Decision{{}, {ID: "x", Kind: analysis.DecidedReview}} {
		err := s.Update(t.Context(), func(w store.Writer) error {
			_, err := w.AddDecision(t.Context(), bad)
			return err
		})
		if err == nil {
			t.Errorf("decision %+v was taken", bad)
		}
	}
}

// testFormerClaims: a claim whose bounds move keeps its reviews, and its earlier ids find it.
func testFormerClaims(t *testing.T, s store.Store) {
	r, a := putClaims(t, s)
	id, other := a.Passages[0].Claim.ID, a.Passages[1].Claim.ID
	review := decide(t, analysis.DecidedReview, alice, id, "anne", 10, reviewOf(r, a.Passages[0], analysis.Refuted))
	lost := decide(t, analysis.DecidedReview, alice, other, "anne", 11, reviewOf(r, a.Passages[1], analysis.Supported))
	add(t, s, review, lost)

	// Read again: the first claim is shorter, the second is none.
	move := func(r record, text string, end int) string {
		again := read(r, text)
		p := &again.Passages[0]
		p.End = end
		p.Text = text[:end]
		c := *p.Claim
		c.ID = analysis.ClaimID(r.uri, r.cid.String(), p.Span)
		p.Claim = &c
		for i := range again.Passages[1:] {
			again.Passages[i+1].Claim = nil
		}
		update(t, s, func(ctx context.Context, w store.Writer) error { return r.put(ctx, t, w, again) })
		return c.ID
	}
	post := r.uri
	moved := move(r, claimText, 30)
	check := func(what, now string) {
		t.Helper()
		for _, some := range []string{now, id, id[:9]} {
			c := claimOf(t, s, some)
			if c.Claim.ID != now || c.Review.Verdict != analysis.Refuted || !c.Outdated || len(c.Reviews) != 1 {
				t.Errorf("%s: claim %s is %s, reviewed %+v, outdated %v; want %s", what, some, c.Claim.ID, c.Review, c.Outdated, now)
			}
		}
		view(t, s, func(ctx context.Context, r store.Reader) error {
			if _, err := r.Claim(ctx, other); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: claim that is no more: %v, want ErrNotFound", what, err)
			}
			detached, err := r.Detached(ctx, alice)
			same(t, what+": detached", detached, []analysis.Decision{lost})
			q := store.Query{Where: parse("status:edited")}
			same(t, what+": claims edited since they were judged", claimIDs(collect(t, r.Claims(ctx, q))), []string{now})
			hits, err2 := r.Search(ctx, q)
			same(t, what+": posts with such a claim", hitURIs(hits), []syntax.ATURI{post})
			n, err3 := r.Count(ctx, q, 0)
			same(t, what+": counted", n, store.Counts{Posts: 1, Claims: 1})
			same(t, what+": not among those that were not", slices.Contains(claimIDs(collect(t, r.Claims(ctx, store.Query{Where: parse("-status:edited")}))), now), false)
			err = errors.Join(err, err2, err3)
			same(t, what+": decisions by the new id", collect(t, r.Decisions(ctx, store.DecisionQuery{Subject: now})), []analysis.Decision{review})
			return err
		})
	}
	check("moved", moved)
	check("moved again", move(r, claimText, 34))

	// Edited: in other bytes it is found by its words.
	edited := strings.Replace(claimText, "2 % de", "Sûr : 2 % de", 1)
	check("edited", move(newRecord(t, r.uri, edited, nil), edited, strings.Index(edited, "\n")))

	// Edited beyond recognition: detached, and back when the words are back.
	strange := "7 chats jouent.\nVoilà 3 raisons."
	move(newRecord(t, r.uri, strange, nil), strange, strings.Index(strange, "\n"))
	view(t, s, func(ctx context.Context, r store.Reader) error {
		detached, err := r.Detached(ctx, alice)
		same(t, "detached by an edit", detached, []analysis.Decision{review, lost})
		return err
	})
	update(t, s, func(ctx context.Context, w store.Writer) error { return r.put(ctx, t, w, a) })
	if c := claimOf(t, s, id); c.Outdated || c.Review.Verdict != analysis.Refuted {
		t.Errorf("the first version is back: %+v, outdated %v", c.Review, c.Outdated)
	}
}

func claimIDs(claims []store.Claim) []string {
	list := []string{}
	for _, c := range claims {
		list = append(list, c.Passage.Claim.ID)
	}
	return list
}

// testCorrections: a person's word on what the machine read wins, and can be taken back.
func testCorrections(t *testing.T, s store.Store) {
	r, a := putClaims(t, s)
	id := a.Passages[0].Claim.ID
	about := func(p analysis.Passage) analysis.Tagging {
		return analysis.Tagging{Post: r.uri, Span: p.Span, Text: p.Text}
	}
	tag := about(a.Passages[0])
	tag.Add, tag.Remove = []string{"metals"}, []string{"water"}
	tagged := decide(t, analysis.DecidedTag, alice, id, "anne", 1, tag)
	marked := analysis.Span{Start: strings.Index(claimText, "centres"), End: strings.Index(claimText, ".")}
	mark := decide(t, analysis.DecidedAddClaim, alice, string(r.uri), "anne", 2,
		analysis.Marking{Post: r.uri, CID: r.cid.String(), Span: marked, Text: claimText[marked.Start:marked.End], Topics: []string{"energy"}})
	narrow := analysis.Span{Start: 0, End: len("2 % de l'eau")}
	bound := decide(t, analysis.DecidedBounds, alice, id, "anne", 3,
		analysis.Marking{Post: r.uri, CID: r.cid.String(), Span: narrow, Text: claimText[:narrow.End]})
	nowhere := decide(t, analysis.DecidedAddClaim, alice, string(r.uri), "anne", 4, analysis.Marking{Post: r.uri, Text: "not in this post"})
	add(t, s, tagged, mark, bound, nowhere)

	topics := func(p analysis.Passage) (list []string) {
		for _, t := range p.Topics {
			list = append(list, t.Topic)
		}
		return list
	}
	check := func(what string) {
		t.Helper()
		c := claimOf(t, s, id)
		if c.Span != narrow || c.Text != claimText[:narrow.End] || !slices.Equal(topics(c.Passage), []string{"metals"}) {
			t.Errorf("%s: claim %+v, topics %v", what, c.Passage.Span, topics(c.Passage))
		}
		m := claimOf(t, s, analysis.ClaimID(r.uri, r.cid.String(), marked))
		if m.Text != claimText[marked.Start:marked.End] || !m.Claim.CheckWorthy || !slices.Equal(topics(m.Passage), []string{"energy"}) {
			t.Errorf("%s: marked claim %+v", what, m)
		}
		view(t, s, func(ctx context.Context, reader store.Reader) error {
			got, err := reader.Analysis(ctx, r.uri)
			same(t, what+": passages", len(got.Passages), 3)
			same(t, what+": claims", len(collect(t, reader.Claims(ctx, store.Query{}))), 2)
			return err
		})
	}
	check("corrected")
	update(t, s, func(ctx context.Context, w store.Writer) error { return r.put(ctx, t, w, a) })
	check("after the analysis was made again")

	var undo []analysis.Decision
	for i, d := range []analysis.Decision{tagged, mark, bound} {
		undo = append(undo, decide(t, analysis.DecidedUndo, alice, d.ID, "anne", 10+i, analysis.Opinion{}))
	}
	add(t, s, undo...)
	view(t, s, func(ctx context.Context, reader store.Reader) error {
		got, err := reader.Analysis(ctx, r.uri)
		same(t, "all undone", got, a)
		same(t, "claims", len(collect(t, reader.Claims(ctx, store.Query{}))), 1)
		return err
	})
}
