package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/store"
	"skyarchive/store/search"
)

// A scene is an archive with something to forget.
type scene struct {
	before, after, kept, copied record // two versions of a post, another one, and one with the same bytes
	reading                     analysis.PostAnalysis
	review, agree, undo, other  analysis.Decision
	only, both                  store.Blob // files: of the post alone, and of another one too
}

func newScene(t *testing.T, s store.Store) *scene {
	t.Helper()
	sc := &scene{
		only: store.Blob{Blob: atproto.Blob{CID: atproto.BlobCIDOf([]byte("un")).String(), Type: "image/png", Size: 2}, State: store.BlobKept, At: at(1)},
		both: store.Blob{Blob: atproto.Blob{CID: atproto.BlobCIDOf([]byte("deux")).String(), Type: "image/png", Size: 4}, State: store.BlobKept, At: at(1)},
	}
	images := func(blobs ...store.Blob) map[string]any {
		var list []any
		for _, b := range blobs {
			list = append(list, map[string]any{"alt": "une image", "image": map[string]any{"cid": b.CID, "mimeType": b.Type}})
		}
		return map[string]any{"embed": map[string]any{"$type": "app.bsky.embed.images", "images": list}}
	}
	first := newRecord(t, uri(alice, 0), "Un fil.", nil)
	more := images(sc.only, sc.both)
	more["reply"] = map[string]any{"root": ref(first), "parent": ref(first)}
	sc.before = newRecord(t, uri(alice, 1), "Avant : 1 % de l'eau.", nil)
	sc.after = newRecord(t, uri(alice, 1), "2 % de l'eau, selon l'agence.", more)
	sc.kept = newRecord(t, uri(alice, 2), "Un autre post.", images(sc.both))
	sc.copied = record{uri(alice, 3), sc.kept.cid, sc.kept.bytes}
	sc.reading = read(sc.after, "2 % de l'eau, selon l'agence.")
	claim := sc.reading.Passages[0]
	sc.review = decide(t, analysis.DecidedReview, alice, claim.Claim.ID, "anne", 10, reviewOf(sc.after, claim, analysis.Refuted))
	sc.agree = decide(t, analysis.DecidedAgree, alice, claim.Claim.ID, "bea", 11, analysis.Opinion{Review: sc.review.ID, Note: "oui, l'eau"})
	sc.undo = decide(t, analysis.DecidedUndo, alice, sc.agree.ID, "bea", 12, analysis.Opinion{Note: "non"})
	sc.other = decide(t, analysis.DecidedIntention, alice, string(sc.kept.uri), "anne", 13, analysis.Opinion{Note: "à garder"})
	update(t, s, func(ctx context.Context, w store.Writer) error {
		record, err := cbor.FromJSON([]byte(`{"$type":"app.bsky.feed.post","text":"Une copie.","createdAt":"2026-03-01T12:00:00Z"}`))
		if err != nil {
			return err
		}
		copied := store.Context{Record: record, Signature: atproto.SignatureUnchecked, Seen: at(2), State: store.ContextFound, At: at(2)}
		copied.Ref = atproto.Ref{URI: sc.after.uri, CID: atproto.CIDOf(record).String()}
		err = errors.Join(
			w.PutAccount(ctx, store.Account{Account: atproto.Account{DID: alice, Handle: "alice.test"}}),
			w.PutRecord(ctx, alice, sc.before.cid, sc.before.bytes),
			w.PutState(ctx, newState(alice, "3k1", at(5)), entries(first.entry(), sc.before.entry())),
			w.PutState(ctx, newState(alice, "3k2", at(6)), entries(sc.after.entry(), sc.kept.entry(), sc.copied.entry())),
			w.PutBlob(ctx, alice, sc.only), w.PutBlob(ctx, alice, sc.both),
			w.PutContext(ctx, copied))
		for _, r := range []record2{{first, read(first, "Un fil.")}, {sc.after, sc.reading}, {sc.kept, read(sc.kept, "Un autre post.")}, {sc.copied, read(sc.copied, "Un autre post.")}} {
			err = errors.Join(err, r.put(ctx, t, w, r.reading))
		}
		thread := analysis.Thread{Root: first.uri, Posts: []syntax.ATURI{first.uri, sc.after.uri}, Branches: [][]syntax.ATURI{}, Complete: true,
			Joins: []analysis.Join{{URI: sc.after.uri, By: analysis.ByReply, Why: "answers the post before it"}}}
		return errors.Join(err, w.PutThread(ctx, alice, thread, at(0)))
	})
	add(t, s, sc.review, sc.agree, sc.undo, sc.other)
	return sc
}

type record2 struct {
	record
	reading analysis.PostAnalysis
}

func (sc *scene) forget(t *testing.T, s store.Store, f store.Forgetting) (removed store.Removed) {
	t.Helper()
	f.At, f.By = at(30), "anne"
	update(t, s, func(ctx context.Context, w store.Writer) (err error) {
		removed, err = w.Forget(ctx, f)
		return err
	})
	return removed
}

// testForget: nothing of a forgotten post is here but its path, its CIDs and its place, and
// nothing that is kept later brings it back until it is recalled.
func testForget(t *testing.T, s store.Store) {
	sc := newScene(t, s)
	err := s.Update(t.Context(), func(w store.Writer) error {
		_, err := w.Forget(t.Context(), store.Forgetting{DID: alice, URI: uri(alice, 99), At: at(30)})
		return err
	})
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("forget what never was here: %v, want ErrNotFound", err)
	}
	removed := sc.forget(t, s, store.Forgetting{DID: alice, URI: sc.after.uri})
	same(t, "what went", removed, store.Removed{Posts: 1, Records: 2, Bytes: int64(len(sc.before.bytes) + len(sc.after.bytes)),
		Claims: 1, Contexts: 1, Decisions: 3, Deciders: []string{"anne", "bea"}, Files: []store.Blob{sc.only}})
	sc.checkGone(t, s)

	// What is kept later of it is not kept.
	edited := newRecord(t, sc.after.uri, "Une version de plus.", nil)
	late := decide(t, analysis.DecidedReview, alice, sc.review.Subject, "carl", 40, reviewOf(sc.after, sc.reading.Passages[0], analysis.Mixed))
	note := decide(t, analysis.DecidedDisagree, alice, sc.review.Subject, "dora", 41, analysis.Opinion{Note: "l'eau encore"})
	update(t, s, func(ctx context.Context, w store.Writer) error {
		c := store.Context{Record: sc.after.bytes, Signature: atproto.SignatureUnchecked, Seen: at(35), State: store.ContextFound, At: at(35)}
		c.Ref = atproto.Ref{URI: sc.after.uri, CID: sc.after.cid.String()}
		return errors.Join(
			w.PutState(ctx, newState(alice, "3k3", at(35)), entries(edited.entry())),
			sc.before.put(ctx, t, w, analysis.PostAnalysis{}), sc.after.put(ctx, t, w, sc.reading), edited.put(ctx, t, w, analysis.PostAnalysis{}),
			w.PutContext(ctx, c))
	})
	add(t, s, late, note)
	sc.checkGone(t, s)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		if _, err := r.Record(ctx, alice, edited.cid); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a later version of what was forgotten: %v", err)
		}
		for d, err := range r.Decisions(ctx, store.DecisionQuery{DID: alice}) {
			if err != nil {
				return err
			}
			if strings.Contains(string(d.Body), "eau") {
				t.Errorf("words are left in decision %s by %s: %s", d.ID, d.By, d.Body)
			}
		}
		return nil
	})

	// Once recalled, it can be kept again; what people wrote stays without words.
	update(t, s, func(ctx context.Context, w store.Writer) error {
		if err := w.Recall(ctx, alice, sc.after.uri); err != nil {
			return err
		}
		same(t, "forgotten after Recall", collect(t, w.Forgettings(ctx, alice)), []store.Forgetting{})
		same(t, "missing after Recall", collect(t, w.Missing(ctx, alice)), []store.Entry{edited.entry()})
		return sc.after.put(ctx, t, w, sc.reading)
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		p, err := r.Post(ctx, sc.after.uri)
		same(t, "words of what is recalled", p.Text, "2 % de l'eau, selon l'agence.")
		c, err2 := r.Claim(ctx, sc.review.Subject)
		same(t, "verdict that stayed", c.Review.Verdict, analysis.Mixed)
		return errors.Join(err, err2)
	})
}

// checkGone looks for the forgotten post everywhere.
func (sc *scene) checkGone(t *testing.T, s store.Store) {
	t.Helper()
	view(t, s, func(ctx context.Context, r store.Reader) error {
		gone := sc.after.uri
		_, err := r.Post(ctx, gone)
		var why *store.ForgottenError
		if !errors.As(err, &why) || !errors.Is(err, store.ErrNotFound) || why.By != "anne" || !why.At.Equal(at(30)) {
			t.Errorf("the post: %v, want that anne forgot it", err)
		}
		for _, cid := range []atproto.CID{sc.before.cid, sc.after.cid} {
			if _, err := r.Record(ctx, alice, cid); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("its record %s: %v, want ErrNotFound", cid, err)
			}
		}
		if _, err := r.Context(ctx, gone); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("its copy as context: %v, want ErrNotFound", err)
		}
		if _, err := r.Claim(ctx, sc.review.Subject); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("its claim: %v, want ErrNotFound", err)
		}
		if _, err := r.Thread(ctx, gone); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("its thread: %v, want ErrNotFound", err)
		}
		hits, err := r.Search(ctx, store.Query{Where: search.Word{Text: "eau"}})
		same(t, "hits for its words", len(hits.Posts), 0)
		detached, err2 := r.Detached(ctx, alice)
		same(t, "detached decisions", len(detached), 0)
		same(t, "threads", len(collect(t, r.Threads(ctx, store.Query{DID: alice}))), 0)
		same(t, "posts", postURIs(collect(t, r.Posts(ctx, store.Query{DID: alice, Oldest: true}))), []syntax.ATURI{uri(alice, 0), sc.kept.uri, sc.copied.uri})
		same(t, "files", collect(t, r.Blobs(ctx, alice)), []store.Blob{sc.both})
		for _, e := range collect(t, r.Missing(ctx, alice)) {
			t.Errorf("%s is called missing", e.Path)
		}

		// Path, CIDs and place stay.
		versions, err3 := r.Versions(ctx, alice, atproto.PathOf(gone))
		if len(versions) < 2 || versions[1].CID != sc.after.cid {
			t.Errorf("versions in the manifest: %+v", versions)
		}
		list := collect(t, r.Forgettings(ctx, ""))
		if len(list) != 1 || list[0].URI != gone || list[0].DID != alice || !slices.Contains(list[0].CIDs, sc.before.cid) || !slices.Contains(list[0].CIDs, sc.after.cid) {
			t.Errorf("forgettings: %+v", list)
		}
		found := false
		for o, err := range r.Outlines(ctx, alice) {
			if err != nil {
				return err
			}
			if o.URI == gone {
				found = o.Status == store.Forgotten && o.Text == "" && o.Reply != nil && o.Reply.Parent.URI == uri(alice, 0)
			}
		}
		if !found {
			t.Error("its outline is not that of a forgotten post with its place")
		}

		// Of what people decided stays who, when, what kind of thing, and what was found.
		decisions := collect(t, r.Decisions(ctx, store.DecisionQuery{DID: alice}))
		for i, was := range []analysis.Decision{sc.review, sc.agree, sc.undo} {
			d := decisions[i]
			if d.ID != was.ID || d.By != was.By || !d.At.Equal(was.At) || d.Kind != was.Kind || d.Subject != was.Subject || d.Forgotten() != gone {
				t.Errorf("decision %s by %s is now %+v", was.Kind, was.By, d)
			}
		}
		if !strings.Contains(string(decisions[0].Body), `"verdict":"refuted"`) || strings.Contains(string(decisions[0].Body), "source.test") {
			t.Errorf("the review without words: %s", decisions[0].Body)
		}
		same(t, "a decision about another post", decisions[3], sc.other)
		return errors.Join(err, err2, err3)
	})
}

// testForgetShared: of two posts with the same bytes one is forgotten; the bytes stay with
// the other one, and Forget says so.
func testForgetShared(t *testing.T, s store.Store) {
	sc := newScene(t, s)
	removed := sc.forget(t, s, store.Forgetting{DID: alice, URI: sc.kept.uri})
	same(t, "what went", removed, store.Removed{Posts: 1, Decisions: 1, Deciders: []string{"anne"}, Shared: []syntax.ATURI{sc.copied.uri}})
	removed = sc.forget(t, s, store.Forgetting{DID: alice, URI: sc.copied.uri})
	same(t, "what went with the second one", removed, store.Removed{Posts: 1, Records: 1, Bytes: int64(len(sc.kept.bytes))})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		if _, err := r.Record(ctx, alice, sc.kept.cid); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the record of both: %v, want ErrNotFound", err)
		}
		return nil
	})
}

// testForgetAccount: of a forgotten account stay who it was and its signed states.
func testForgetAccount(t *testing.T, s store.Store) {
	sc := newScene(t, s)
	near := newRecord(t, syntax.ATURI("at://"+string(alice)+"-2/"+atproto.CollectionPost+"/"+key(1)), "Presque le même DID.", nil)
	update(t, s, func(ctx context.Context, w store.Writer) error { return near.put(ctx, t, w, analysis.PostAnalysis{}) })
	removed := sc.forget(t, s, store.Forgetting{DID: alice})
	if removed.Posts != 4 || removed.Records != 4 || removed.Decisions != 4 || removed.Contexts != 1 || len(removed.Files) != 2 {
		t.Errorf("what went: %+v", removed)
	}
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(sc.after.put(ctx, t, w, sc.reading), w.PutRecord(ctx, alice, sc.kept.cid, sc.kept.bytes))
	})
	add(t, s, decide(t, analysis.DecidedIntention, alice, string(uri(alice, 77)), "anne", 50, analysis.Opinion{Note: "de l'eau"}))
	view(t, s, func(ctx context.Context, r store.Reader) error {
		same(t, "posts", postURIs(collect(t, r.Posts(ctx, store.Query{}))), []syntax.ATURI{near.uri})
		same(t, "files", collect(t, r.Blobs(ctx, alice)), []store.Blob{})
		same(t, "states", len(collect(t, r.States(ctx, alice))), 2)
		head, err := r.Head(ctx, alice)
		same(t, "manifest", len(collect(t, r.Manifest(ctx, alice, head.Commit))), 4)
		a, err2 := r.Account(ctx, alice)
		same(t, "counts", []int{a.Posts, a.Threads, a.Claims}, []int{0, 0, 0})
		for d, err := range r.Decisions(ctx, store.DecisionQuery{DID: alice}) {
			if err != nil {
				return err
			}
			if d.Forgotten() != "at://"+syntax.ATURI(alice) {
				t.Errorf("decision %s by %s keeps its words: %s", d.ID, d.By, d.Body)
			}
		}
		var why *store.ForgottenError
		if _, err := r.Post(ctx, sc.after.uri); !errors.As(err, &why) || why.URI != "" {
			t.Errorf("a post of it: %v, want that the account was forgotten", err)
		}
		return errors.Join(err, err2)
	})
	update(t, s, func(ctx context.Context, w store.Writer) error {
		if err := w.Recall(ctx, alice, ""); err != nil {
			return err
		}
		return sc.after.put(ctx, t, w, sc.reading)
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		same(t, "posts after Recall", len(collect(t, r.Posts(ctx, store.Query{DID: alice}))), 1)
		return nil
	})
	if err := s.Overwrite(t.Context()); err != nil {
		t.Error(err)
	}
}
