package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/analysis/quantity"
	"skyarchive/atproto"
	"skyarchive/store"
)

func testPosts(t *testing.T, s store.Store) {
	first := newRecord(t, uri(alice, 1), "Le lac est plein. 💧", map[string]any{"langs": []any{"fr"}})
	second := newRecord(t, uri(alice, 2), "The lake is full.", map[string]any{
		"reply": map[string]any{"root": ref(first), "parent": ref(first)}})
	third := newRecord(t, uri(bruno, 3), "", nil)
	state := newState(alice, "3k2", at(10))
	update(t, s, func(ctx context.Context, w store.Writer) error {
		err := errors.Join(
			w.PutAccount(ctx, store.Account{Account: atproto.Account{DID: alice, Handle: "alice.test"}}),
			w.PutAccount(ctx, store.Account{Account: atproto.Account{DID: bruno, Handle: "bruno.test"}}),
			w.PutState(ctx, state, entries(first.entry(), second.entry())))
		for _, r := range []record{second, third, first} {
			err = errors.Join(err, r.put(ctx, t, w, analysis.PostAnalysis{URI: r.uri, Lang: "fr"}))
		}
		return err
	})
	want := first.post(t)
	want.Lang, want.Signature, want.FirstSeen, want.WordsSeen, want.Rev = "fr", atproto.SignatureValid, at(10), at(10), "3k2"
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.Post(ctx, first.uri)
		same(t, "post", got, want)
		for name, c := range map[string]struct {
			q    store.Query
			want []record
		}{
			"newest first": {store.Query{}, []record{third, second, first}},
			"oldest first": {store.Query{Oldest: true}, []record{first, second, third}},
			"of one":       {store.Query{DID: alice}, []record{second, first}},
			"of nobody":    {store.Query{DID: "did:plc:nobody"}, nil},
			"limit":        {store.Query{Limit: 1}, []record{third}},
			"no thread":    {store.Query{Thread: first.uri}, nil},
		} {
			same(t, name, postURIs(collect(t, r.Posts(ctx, c.q))), uris(c.want))
		}
		other, err2 := r.Post(ctx, third.uri)
		if other.Signature != atproto.SignatureUnchecked || !other.FirstSeen.IsZero() || other.Rev != "" {
			t.Errorf("a post that no state holds: %+v", other)
		}
		for _, unknown := range []syntax.ATURI{uri(alice, 9), "at://did:plc:nobody/app.bsky.feed.post/3k", "at://" + syntax.ATURI(alice), "x", ""} {
			if _, err := r.Post(ctx, unknown); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("post %q: %v, want ErrNotFound", unknown, err)
			}
		}
		a, err3 := r.Account(ctx, alice)
		same(t, "posts counted", a.Posts, 2)
		return errors.Join(err, err2, err3)
	})

	// A deleted post keeps its words; a missing one has none.
	lost := store.Post{Post: atproto.Post{Ref: atproto.Ref{URI: uri(alice, 4)}}, Status: store.Missing}
	lostEntry := store.Entry{Path: atproto.PathOf(lost.URI), CID: atproto.CIDOf([]byte("lost"))}
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(
			w.PutState(ctx, newState(alice, "3k4", at(20)), entries(store.Entry{Path: second.path()}, lostEntry)),
			w.SetPostStatus(ctx, second.uri, store.Gone),
			w.PutPost(ctx, lost, analysis.PostAnalysis{}))
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.Post(ctx, second.uri)
		want := second.post(t)
		want.Lang, want.Status, want.Signature, want.Rev = "fr", store.Gone, atproto.SignatureValid, "3k2"
		want.FirstSeen, want.WordsSeen, want.GoneFound = at(10), at(10), at(20)
		same(t, "deleted post", got, want)
		missing, err2 := r.Post(ctx, lost.URI)
		lost.CID, lost.Signature, lost.FirstSeen, lost.WordsSeen, lost.Rev = lostEntry.CID.String(), atproto.SignatureValid, at(20), at(20), "3k4"
		same(t, "missing post", missing, lost)
		same(t, "live posts", postURIs(collect(t, r.Posts(ctx, store.Query{DID: alice, Live: true}))), uris([]record{first}))
		a, err3 := r.Account(ctx, alice)
		same(t, "live posts counted", a.Posts, 1)
		return errors.Join(err, err2, err3)
	})

	// So has one whose bytes came and are no post, and one that was edited into such bytes.
	odd := second.post(t)
	odd.Status = store.Unreadable
	lost.Status = store.Unreadable
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(
			w.PutState(ctx, newState(alice, "3k5", at(30)), entries(store.Entry{Path: second.path(), CID: lostEntry.CID})),
			w.PutRecord(ctx, alice, lostEntry.CID, []byte("lost")),
			w.PutPost(ctx, store.Post{Post: atproto.Post{Ref: odd.Ref}, Status: odd.Status}, analysis.PostAnalysis{}),
			w.PutPost(ctx, store.Post{Post: atproto.Post{Ref: lost.Ref}, Status: lost.Status}, analysis.PostAnalysis{}))
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		for _, uri := range []syntax.ATURI{odd.URI, lost.URI} {
			p, err := r.Post(ctx, uri)
			if err != nil {
				return err
			}
			if p.Status != store.Unreadable || p.Text != "" || p.CID != lostEntry.CID.String() {
				t.Errorf("unreadable post %s: %s %q %s", uri, p.Status, p.Text, p.CID)
			}
		}
		hits, err := r.Search(ctx, store.Query{Where: parse(second.post(t).Text)})
		if len(hits.Posts) > 0 {
			t.Errorf("the words of a version that stands no more are found: %+v", hits.Posts)
		}
		return err
	})
	for what, fn := range map[string]func(context.Context, store.Writer) error{
		"a post without its record": func(ctx context.Context, w store.Writer) error {
			return w.PutPost(ctx, newRecord(t, uri(alice, 5), "rien", nil).post(t), analysis.PostAnalysis{})
		},
		"the status of no post": func(ctx context.Context, w store.Writer) error {
			return w.SetPostStatus(ctx, uri(alice, 6), store.Gone)
		},
	} {
		err := s.Update(t.Context(), func(w store.Writer) error { return fn(t.Context(), w) })
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", what, err)
		}
	}
}

func ref(r record) map[string]any { return map[string]any{"uri": string(r.uri), "cid": r.cid.String()} }

func uris(records []record) []syntax.ATURI {
	list := []syntax.ATURI{}
	for _, r := range records {
		list = append(list, r.uri)
	}
	return list
}

func postURIs(posts []store.Post) []syntax.ATURI {
	list := []syntax.ATURI{}
	for _, p := range posts {
		list = append(list, p.URI)
	}
	return list
}

// testVersions: what the states say of a post that was edited, and of states that were
// seen in another order than they were made in.
func testVersions(t *testing.T, s store.Store) {
	before := newRecord(t, uri(alice, 1), "50 000 barils", nil)
	after := newRecord(t, uri(alice, 1), "40 000 barils", nil)
	s1, s2, s3 := newState(alice, "3k1", at(30)), newState(alice, "3k2", at(20)), newState(alice, "3k3", at(40))
	s3.Key, s3.Signature = "", atproto.SignatureUnchecked
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(
			w.PutRecord(ctx, alice, before.cid, before.bytes),
			w.PutState(ctx, s2, entries(before.entry())), w.PutState(ctx, s1, entries(before.entry())),
			w.PutState(ctx, s3, entries(after.entry())),
			before.put(ctx, t, w, analysis.PostAnalysis{}), after.put(ctx, t, w, analysis.PostAnalysis{}))
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.Post(ctx, after.uri)
		want := after.post(t)
		want.Signature, want.FirstSeen, want.WordsSeen, want.Rev, want.Edited = atproto.SignatureUnchecked, at(20), at(40), "3k3", 1
		same(t, "edited post", got, want)
		old, err2 := r.Record(ctx, alice, before.cid)
		same(t, "record of the earlier version", old, before.bytes)
		return errors.Join(err, err2)
	})
	// Deleted, and back again as it was.
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(
			w.PutState(ctx, newState(alice, "3k4", at(50)), entries(store.Entry{Path: after.path()})),
			w.PutState(ctx, newState(alice, "3k5", at(60)), entries(after.entry())))
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.Post(ctx, after.uri)
		want := after.post(t)
		want.Signature, want.FirstSeen, want.WordsSeen, want.Rev, want.Edited = atproto.SignatureValid, at(20), at(40), "3k5", 1
		same(t, "post that came back", got, want)
		return err
	})
}

// read is an analysis in which everything is used; its passages are the lines of the text.
func read(r record, text string) analysis.PostAnalysis {
	a := analysis.PostAnalysis{URI: r.uri, Lang: "fr", Passages: []analysis.Passage{}}
	start := 0
	for line := range strings.Lines(text) {
		span := analysis.Span{Start: start, End: start + len(strings.TrimSuffix(line, "\n"))}
		start += len(line)
		p := analysis.Passage{Span: span, Text: text[span.Start:span.End], Topics: []analysis.TopicTag{}, Quantities: []analysis.Quantity{}}
		if strings.Contains(p.Text, "eau") {
			i := span.Start + strings.Index(p.Text, "eau")
			p.Topics = append(p.Topics, analysis.TopicTag{Topic: "water", Score: 0.9,
				Evidence: []analysis.Evidence{{Span: analysis.Span{Start: i, End: i + 3}, Rule: "eau"}}})
		}
		if strings.ContainsAny(p.Text, "0123456789") {
			i := span.Start + strings.IndexAny(p.Text, "0123456789")
			at := analysis.Span{Start: i, End: i + 1}
			hi, base, from, did := 9.5, 0.02, "2026-01", "did:plc:source"
			p.Quantities = append(p.Quantities,
				analysis.Quantity{Span: at, Raw: text[i : i+1], Value: 0.1, ValueHi: &hi, Unit: "percent", BaseValue: &base, BaseUnit: "ratio",
					Approx: true, Bound: quantity.AtLeast, Per: "day", Of: &analysis.OfWhat{Span: at, Text: text[i : i+1]}},
				analysis.Quantity{Span: at, Raw: "other words", Value: 2})
			p.Claim = &analysis.Claim{ID: analysis.ClaimID(r.uri, r.cid.String(), span), CheckWorthy: len(p.Topics) > 0, Score: 0.75,
				Kind: analysis.Statistic, Stance: analysis.Reports, Why: []string{"a number", "a source"},
				Attribution: &analysis.Attribution{URI: uri(bruno, 7), Span: at, Text: "selon l'agence", DID: &did},
				When:        []analysis.When{{Span: at, Raw: text[i : i+1], From: &from}}}
		}
		a.Passages = append(a.Passages, p)
	}
	return a
}

func testAnalysis(t *testing.T, s store.Store) {
	const text = "L'eau manque.\n2 % de l'eau part.\nVoilà 3 raisons."
	r1, r2, r3 := newRecord(t, uri(alice, 1), text, nil), newRecord(t, uri(alice, 2), "", nil), newRecord(t, uri(alice, 3), "non lu", nil)
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(r1.put(ctx, t, w, read(r1, text)), r2.put(ctx, t, w, read(r2, "")), r3.put(ctx, t, w, analysis.PostAnalysis{}))
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		a1, err1 := r.Analysis(ctx, r1.uri)
		same(t, "analysis", a1, read(r1, text))
		a2, err2 := r.Analysis(ctx, r2.uri)
		same(t, "analysis of an empty text", a2, read(r2, ""))
		a3, err3 := r.Analysis(ctx, r3.uri)
		if len(a3.Passages) != 0 || a3.URI != r3.uri {
			t.Errorf("a post that was not analysed: %+v", a3)
		}
		if _, err := r.Analysis(ctx, uri(alice, 9)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("analysis of no post: %v, want ErrNotFound", err)
		}
		return errors.Join(err1, err2, err3)
	})
}

func testClaims(t *testing.T, s store.Store) {
	const text = "L'eau manque.\n2 % de l'eau part.\nVoilà 3 raisons."
	r1, r2 := newRecord(t, uri(alice, 1), text, nil), newRecord(t, uri(bruno, 2), "4 litres d'eau", nil)
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(
			w.PutAccount(ctx, store.Account{Account: atproto.Account{DID: alice, Handle: "alice.test", PDS: "https://pds.test"}}),
			r1.put(ctx, t, w, read(r1, text)), r2.put(ctx, t, w, read(r2, "4 litres d'eau")))
	})
	a := read(r1, text)
	claim := func(i int) store.Claim {
		return store.Claim{Passage: a.Passages[i], Post: r1.uri, CID: r1.cid.String(), Age: at(1), Dates: atproto.Dates{Created: created, Key: at(1)}, Status: store.Live,
			Author: atproto.Account{DID: alice, Handle: "alice.test", PDS: "https://pds.test"}, Review: analysis.ReviewState{Status: analysis.New}}
	}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		same(t, "check-worthy claims", collect(t, r.Claims(ctx, store.Query{DID: alice})), []store.Claim{claim(1)})
		same(t, "all claims", collect(t, r.Claims(ctx, store.Query{DID: alice, All: true})), []store.Claim{claim(1), claim(2)})
		all := collect(t, r.Claims(ctx, store.Query{}))
		if len(all) != 2 || all[0].Post != r2.uri {
			t.Errorf("claims of everybody, newest first: %v", all)
		}
		id := a.Passages[1].Claim.ID
		for _, prefix := range []string{id, id[:9], id[:8]} {
			got, err := r.Claim(ctx, prefix)
			if err != nil {
				t.Errorf("claim %s: %v", prefix, err)
			}
			same(t, "claim "+prefix, got, claim(1))
		}
		for prefix, want := range map[string]error{"": store.ErrNotFound, "%": store.ErrNotFound, "_": store.ErrNotFound, id + "a": store.ErrNotFound} {
			if _, err := r.Claim(ctx, prefix); !errors.Is(err, want) {
				t.Errorf("claim %q: %v, want %v", prefix, err, want)
			}
		}
		account, err := r.Account(ctx, alice)
		same(t, "claims counted", account.Claims, 1)
		return err
	})

	// So many claims that two ids start alike.
	var many []record
	for i := range 40 {
		many = append(many, newRecord(t, uri(alice, 100+i), "5 litres d'eau", nil))
	}
	update(t, s, func(ctx context.Context, w store.Writer) error {
		for _, r := range many {
			if err := r.put(ctx, t, w, read(r, "5 litres d'eau")); err != nil {
				return err
			}
		}
		return nil
	})
	starts := map[string]int{}
	for _, r := range many {
		starts[read(r, "5 litres d'eau").Passages[0].Claim.ID[:1]]++
	}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		for start, n := range starts {
			if _, err := r.Claim(ctx, start); n > 1 && !errors.Is(err, store.ErrAmbiguous) {
				t.Errorf("claim %q of %d: %v, want ErrAmbiguous", start, n, err)
			}
		}
		return nil
	})
	// The claims of a deleted post stay, but are not counted.
	update(t, s, func(ctx context.Context, w store.Writer) error { return w.SetPostStatus(ctx, r2.uri, store.Gone) })
	view(t, s, func(ctx context.Context, r store.Reader) error {
		same(t, "claims of a deleted post", len(collect(t, r.Claims(ctx, store.Query{DID: bruno}))), 1)
		same(t, "claims of live posts", len(collect(t, r.Claims(ctx, store.Query{DID: bruno, Live: true}))), 0)
		account, err := r.Account(ctx, bruno)
		same(t, "claims counted", account.Claims, 0)
		return err
	})
}

func testThreads(t *testing.T, s store.Store) {
	var r []record
	for i := range 8 {
		r = append(r, newRecord(t, uri(alice, i), "Partie\nsur l'eau, 2 litres", nil))
	}
	u := uris(r)
	one, two, five := 1, 2, 5
	thread := analysis.Thread{Root: u[0], Posts: u[:3], Complete: true, Branches: [][]syntax.ATURI{{u[4], u[3]}, {u[5]}},
		Numbering: &analysis.Numbering{Total: &five, Numbers: []*int{&one, nil, &two}, Missing: []int{3, 4}},
		Joins:     []analysis.Join{{URI: u[1], By: analysis.ByReply, Why: "it answers"}, {URI: u[2], By: analysis.ByReply, Why: "it answers"}, {URI: u[4], By: analysis.ByQuote, Why: "it quotes"}},
		Gaps:      []analysis.Gap{{Kind: analysis.GapNumber, After: u[2], Number: 3}}}
	plain := analysis.Thread{Root: u[6], Posts: u[6:8], Branches: [][]syntax.ATURI{}, Joins: []analysis.Join{}}
	update(t, s, func(ctx context.Context, w store.Writer) error {
		err := w.PutAccount(ctx, store.Account{Account: atproto.Account{DID: alice, Handle: "alice.test"}})
		for _, r := range r {
			err = errors.Join(err, r.put(ctx, t, w, read(r, "Partie\nsur l'eau, 2 litres")))
		}
		return errors.Join(err, w.PutThread(ctx, alice, plain, at(6)), w.PutThread(ctx, alice, thread, at(0)), w.PutThread(ctx, alice, thread, at(0)))
	})
	kept := func(thread analysis.Thread, age time.Time) store.Thread {
		return store.Thread{Thread: thread, DID: alice, Handle: "alice.test", ID: atproto.KeyOf(thread.Root), Age: age, Dates: atproto.Dates{Created: created, Key: age}, FirstLine: "Partie",
			Topics: []string{"water"}}
	}
	wantThread, wantPlain := kept(thread, at(0)), kept(plain, at(6))
	wantThread.Claims, wantPlain.Claims = 6, 2
	view(t, s, func(ctx context.Context, r store.Reader) error {
		for _, member := range []syntax.ATURI{u[0], u[2], u[3]} {
			got, err := r.Thread(ctx, member)
			if err != nil {
				return err
			}
			same(t, "thread", got, wantThread)
		}
		same(t, "threads, newest first", collect(t, r.Threads(ctx, store.Query{})), []store.Thread{wantPlain, wantThread})
		assembled := map[syntax.ATURI]analysis.Thread{}
		for _, thread := range collect(t, r.Assembled(ctx, alice)) {
			assembled[thread.Root] = thread
		}
		same(t, "threads as they were put", assembled, map[syntax.ATURI]analysis.Thread{wantPlain.Root: wantPlain.Thread, wantThread.Root: wantThread.Thread})
		same(t, "threads that hold a post", collect(t, r.Assembled(ctx, alice, u[5], u[4])), []analysis.Thread{wantThread.Thread})
		other := wantPlain.Thread
		other.Complete = !other.Complete
		changed, gone, err := r.Unlike(ctx, alice, []analysis.Thread{wantThread.Thread, other})
		same(t, "threads that are put in another way", changed, []int{1})
		same(t, "threads that are no more", len(gone), 0)
		_, gone, err2 := r.Unlike(ctx, alice, nil)
		same(t, "threads that are no more", gone, slices.Sorted(slices.Values([]syntax.ATURI{wantPlain.Root, wantThread.Root})))
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		same(t, "threads of an account that is not here", len(collect(t, r.Assembled(ctx, bruno))), 0)
		same(t, "threads, oldest first", collect(t, r.Threads(ctx, store.Query{DID: alice, Oldest: true})), []store.Thread{wantThread, wantPlain})
		same(t, "posts of a thread", postURIs(collect(t, r.Posts(ctx, store.Query{Thread: u[0]}))), []syntax.ATURI{u[0], u[1], u[2], u[4], u[3], u[5]})
		p, err := r.Post(ctx, u[5])
		same(t, "thread of a post", p.Thread, u[0])
		a, err2 := r.Account(ctx, alice)
		same(t, "threads counted", a.Threads, 2)
		claims := collect(t, r.Claims(ctx, store.Query{Thread: u[6]}))
		if len(claims) != 2 || claims[0].Thread != u[6] {
			t.Errorf("claims of a thread: %v", claims)
		}
		return errors.Join(err, err2)
	})

	// Its posts are taken out of any other: what has lost its root is gone.
	// What is deleted is in its gap.
	torn := thread
	torn.Posts, torn.Numbering, torn.Joins = []syntax.ATURI{u[0], u[2]}, nil, thread.Joins[1:]
	torn.Branches = [][]syntax.ATURI{{u[4], u[3]}}
	torn.Gaps = []analysis.Gap{{Kind: analysis.GapDeleted, After: u[0], URI: u[1]}, {Kind: analysis.GapDeleted, After: u[3], URI: u[5]}, {Kind: analysis.GapUnseen, After: u[2], URI: uri(alice, 50)}}
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(w.SetPostStatus(ctx, u[1], store.Gone), w.SetPostStatus(ctx, u[5], store.Gone), w.PutThread(ctx, alice, torn, at(0)))
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		want := []syntax.ATURI{u[0], u[1], u[2], u[4], u[3], u[5]}
		same(t, "posts of a thread with deleted ones", postURIs(collect(t, r.Posts(ctx, store.Query{Thread: u[0]}))), want)
		same(t, "posts of a thread that match", postURIs(collect(t, r.Posts(ctx, store.Query{Thread: u[0], Where: parse("thread:" + atproto.KeyOf(u[1]))}))), want)
		same(t, "live posts of a thread", postURIs(collect(t, r.Posts(ctx, store.Query{Thread: u[0], Live: true}))), []syntax.ATURI{u[0], u[2], u[4], u[3]})
		same(t, "the first of them", postURIs(collect(t, r.Posts(ctx, store.Query{Thread: u[0], Limit: 2}))), want[:2])
		same(t, "nobody's in a thread", len(collect(t, r.Posts(ctx, store.Query{Thread: u[0], DID: bruno}))), 0)
		same(t, "claims of a thread with deleted posts", len(collect(t, r.Claims(ctx, store.Query{Thread: u[0]}))), 6)
		for _, member := range []syntax.ATURI{u[1], u[5]} {
			got, err := r.Thread(ctx, member)
			if err != nil || got.Root != u[0] {
				t.Errorf("thread of deleted post %s: %s, %v", member, got.Root, err)
			}
		}
		return nil
	})
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(w.SetPostStatus(ctx, u[1], store.Live), w.SetPostStatus(ctx, u[5], store.Live), w.PutThread(ctx, alice, thread, at(0)))
	})
	longer := analysis.Thread{Root: u[5], Posts: []syntax.ATURI{u[5], u[6], u[7]}, Branches: [][]syntax.ATURI{}, Joins: []analysis.Join{}}
	update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutThread(ctx, alice, longer, at(5)) })
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.Thread(ctx, u[7])
		same(t, "posts of the new thread", got.Posts, longer.Posts)
		old, err2 := r.Thread(ctx, u[0])
		same(t, "branches of the old one", old.Branches, [][]syntax.ATURI{{u[4], u[3]}})
		same(t, "threads left", len(collect(t, r.Threads(ctx, store.Query{}))), 2)
		return errors.Join(err, err2)
	})
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(w.DropThread(ctx, u[5]), w.DropThread(ctx, u[5]), w.DropThread(ctx, uri(bruno, 1)))
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		if _, err := r.Thread(ctx, u[6]); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a dropped thread: %v, want ErrNotFound", err)
		}
		p, err := r.Post(ctx, u[6])
		same(t, "post of a dropped thread", p.Thread, syntax.ATURI(""))
		return err
	})
	err := s.Update(t.Context(), func(w store.Writer) error {
		unknown := analysis.Thread{Root: u[0], Posts: []syntax.ATURI{u[0], uri(alice, 99)}}
		return w.PutThread(t.Context(), alice, unknown, at(0))
	})
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a thread with a post that is not kept: %v, want ErrNotFound", err)
	}
}
