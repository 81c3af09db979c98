package storetest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

func testStates(t *testing.T, s store.Store) {
	a, b, c := newState(alice, "3k2", at(1)), newState(alice, "3k4", at(2)), newState(alice, "3k6", at(3))
	entry := func(rkey, content string) store.Entry {
		e := store.Entry{Path: atproto.Path(atproto.CollectionPost + "/" + rkey)}
		if content != "" {
			e.CID = atproto.CIDOf([]byte(content))
		}
		return e
	}
	x1, x2, y, z, noX := entry("x", "1"), entry("x", "2"), entry("y", "1"), entry("z", "1"), entry("x", "")

	update(t, s, func(ctx context.Context, w store.Writer) error {
		if err := w.PutState(ctx, a, entries(y, x1)); err != nil {
			return err
		}
		// What is as it was before is no change.
		return w.PutState(ctx, c, entries(noX, z, y))
	})
	// A state between two others: the follower's changes are made again.
	update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutState(ctx, b, entries(x2, z)) })

	view(t, s, func(ctx context.Context, r store.Reader) error {
		same(t, "states", collect(t, r.States(ctx, alice)), []store.State{a, b, c})
		same(t, "states of another account", len(collect(t, r.States(ctx, bruno))), 0)
		for _, want := range []struct {
			state             store.State
			manifest, changes []store.Entry
		}{
			{a, []store.Entry{x1, y}, []store.Entry{x1, y}},
			{b, []store.Entry{x2, y, z}, []store.Entry{x2, z}},
			{c, []store.Entry{y, z}, []store.Entry{noX}},
		} {
			same(t, "manifest of "+want.state.Rev, collect(t, r.Manifest(ctx, alice, want.state.Commit)), want.manifest)
			same(t, "changes of "+want.state.Rev, collect(t, r.Changes(ctx, alice, want.state.Commit)), want.changes)
		}
		head, err := r.Head(ctx, alice)
		if err != nil {
			return err
		}
		same(t, "head", head, c)
		one, err := r.State(ctx, alice, b.Commit)
		if err != nil {
			return err
		}
		same(t, "one state", one, b)
		versions, err := r.Versions(ctx, alice, x1.Path)
		if err != nil {
			return err
		}
		version := func(s store.State, e store.Entry) store.Version {
			return store.Version{CID: e.CID, Rev: s.Rev, Commit: s.Commit, Seen: s.Sightings[0].At, Signature: s.Signature}
		}
		same(t, "versions", versions, []store.Version{version(a, x1), version(b, x2), version(c, noX)})

		for what, err := range map[string]error{
			"Head of an unknown account": second(r.Head(ctx, bruno)),
			"an unknown State":           second(r.State(ctx, alice, a.Data)),
			"Manifest of no state":       second(store.Collect(r.Manifest(ctx, alice, a.Data))),
			"Changes of no state":        second(store.Collect(r.Changes(ctx, alice, a.Data))),
		} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v, want ErrNotFound", what, err)
			}
		}
		return nil
	})

	// A state that is known gains the sighting, and the signature if it could be checked now.
	again := b
	again.Sightings = []store.Sighting{{At: at(0), Host: "", From: "import old.car", Placed: at(9)}}
	update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutState(ctx, again, entries()) })
	b.Sightings = []store.Sighting{again.Sightings[0], b.Sightings[0]}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		one, err := r.State(ctx, alice, b.Commit)
		same(t, "state seen again", one, b)
		same(t, "manifest of a state seen again", collect(t, r.Manifest(ctx, alice, b.Commit)), []store.Entry{x2, y, z})
		return err
	})

	unchecked := newState(bruno, "3k2", at(1))
	unchecked.Key, unchecked.Signature = "", atproto.SignatureUnchecked
	checked := newState(bruno, "3k2", at(2))
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(w.PutState(ctx, unchecked, entries()), w.PutState(ctx, checked, entries()), w.PutState(ctx, unchecked, entries()))
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		one, err := r.Head(ctx, bruno)
		checked.Sightings = []store.Sighting{unchecked.Sightings[0], checked.Sightings[0]}
		same(t, "state checked later", one, checked)
		return err
	})

	testTold(t, s)

	bad := errors.New("the file ends")
	err := s.Update(t.Context(), func(w store.Writer) error {
		return w.PutState(t.Context(), newState(bruno, "3k3", at(4)), func(yield func(store.Entry, error) bool) { yield(store.Entry{}, bad) })
	})
	if !errors.Is(err, bad) {
		t.Errorf("changes that end with an error: %v, want that error", err)
	}
}

// testTold: what another archive tells stands behind what we saw ourselves, whatever time it
// names, and is told apart from it.
func testTold(t *testing.T, s store.Store) {
	path := atproto.Path(atproto.CollectionPost + "/" + key(1))
	entry := store.Entry{Path: path, CID: atproto.CIDOf([]byte("told"))}
	told := func(state store.State, minutes int) store.State {
		state.Sightings = []store.Sighting{{At: at(minutes), Host: "https://invented.test", From: "getRepo", Told: store.Told{By: "import other.ndjson", At: at(50)}}}
		return state
	}
	first, second := newState(carla, "3k2", at(30)), newState(carla, "3k3", at(40))
	gone := store.Entry{Path: path}
	put := func(state store.State, changes ...store.Entry) {
		t.Helper()
		update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutState(ctx, state, entries(changes...)) })
	}
	check := func(what string, want ...store.Version) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			got, err := r.Versions(ctx, carla, path)
			for i := range got {
				got[i].Rev, got[i].Commit, got[i].Signature = "", atproto.CID{}, ""
			}
			same(t, what, got, want)
			return err
		})
	}
	put(told(first, 1), entry)
	check("told", store.Version{CID: entry.CID, Seen: at(1), Told: true})
	put(told(second, 2), gone)
	put(first)
	check("told, then seen", store.Version{CID: entry.CID, Seen: at(30)}, store.Version{Seen: at(2), Told: true})
	seen := first
	seen.Sightings[0].Told = store.Told{By: "import own.ndjson", At: at(60)}
	put(seen) // our own export comes back
	first.Sightings = []store.Sighting{told(first, 1).Sightings[0], newState(carla, "3k2", at(30)).Sightings[0]}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		one, err := r.State(ctx, carla, first.Commit)
		same(t, "told and seen", one, first)
		if got := one.First(); got != first.Sightings[1] {
			t.Errorf("first seen: %+v", got)
		}
		return err
	})
	again := told(second, 3)
	again.Sightings[0].Told = store.Told{}
	put(told(second, 3))
	put(again) // told first, then seen at the very same time
	check("told, then seen to be so", store.Version{CID: entry.CID, Seen: at(30)}, store.Version{Seen: at(3)})
}

func second[T any](_ T, err error) error { return err }

// testHistories puts the states of random histories in random order: whatever the order,
// every manifest is what it was.
func testHistories(t *testing.T, s store.Store) {
	random := rand.New(rand.NewPCG(1, 2))
	paths := make([]atproto.Path, 30)
	for i := range paths {
		paths[i] = atproto.Path(atproto.CollectionPost + "/" + key(i))
		if i%3 == 0 {
			paths[i] = atproto.Path(fmt.Sprintf("app.bsky.feed.like/k%02d", i))
		}
	}
	for round := range 12 {
		did := alice[:len(alice)-1] + syntax.DID(string(rune('b'+round)))
		type moment struct {
			state    store.State
			manifest map[atproto.Path]atproto.CID
		}
		var moments []moment
		now := map[atproto.Path]atproto.CID{}
		for i := range 8 {
			for range random.IntN(12) {
				p := paths[random.IntN(len(paths))]
				if random.IntN(3) == 0 {
					delete(now, p)
				} else {
					now[p] = atproto.CIDOf([]byte{byte(random.IntN(4))})
				}
			}
			moments = append(moments, moment{newState(did, fmt.Sprintf("3k%02d", i/2), at(random.IntN(100))), maps.Clone(now)})
			moments[i].state.Signed = []byte{byte(round), byte(i)}
			moments[i].state.Commit = atproto.CIDOf(moments[i].state.Signed)
		}
		order := func(a, b moment) int {
			return cmp.Or(cmp.Compare(a.state.Rev, b.state.Rev), bytes.Compare(a.state.Commit[:], b.state.Commit[:]))
		}
		var put []moment
		for _, i := range random.Perm(len(moments)) {
			m := moments[i]
			at, _ := slices.BinarySearchFunc(put, m, order)
			before := map[atproto.Path]atproto.CID{}
			if at > 0 {
				before = put[at-1].manifest
			}
			changes := difference(before, m.manifest)
			random.Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
			put = slices.Insert(put, at, m)
			update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutState(ctx, m.state, entries(changes...)) })

			view(t, s, func(ctx context.Context, r store.Reader) error {
				var before map[atproto.Path]atproto.CID
				for _, m := range put {
					same(t, "manifest", collect(t, r.Manifest(ctx, did, m.state.Commit)), difference(nil, m.manifest))
					same(t, "changes", collect(t, r.Changes(ctx, did, m.state.Commit)), difference(before, m.manifest))
					before = m.manifest
				}
				return nil
			})
			if t.Failed() {
				return
			}
		}

		// Some turn out to be somebody else's, and some of these not to be, in any order.
		invalid := make([]bool, len(put))
		for range 2 * len(put) {
			i := random.IntN(len(put))
			invalid[i] = !invalid[i]
			put[i].state.Key, put[i].state.Signature = "did:key:zdn", atproto.SignatureValid
			if invalid[i] {
				put[i].state.Key, put[i].state.Signature = "", atproto.SignatureInvalid
			}
			judged := put[i].state
			update(t, s, func(ctx context.Context, w store.Writer) error {
				return w.JudgeState(ctx, did, judged.Commit, judged.Key, judged.Signature)
			})
			view(t, s, func(ctx context.Context, r store.Reader) error {
				states := [2][]store.State{{}, {}}
				var before [2]map[atproto.Path]atproto.CID
				for i, m := range put {
					chain := 0
					if invalid[i] {
						chain = 1
					}
					states[chain] = append(states[chain], m.state)
					same(t, "manifest of a judged state", collect(t, r.Manifest(ctx, did, m.state.Commit)), difference(nil, m.manifest))
					same(t, "changes of a judged state", collect(t, r.Changes(ctx, did, m.state.Commit)), difference(before[chain], m.manifest))
					before[chain] = m.manifest
				}
				same(t, "states", collect(t, r.States(ctx, did)), states[0])
				same(t, "invalid states", collect(t, r.InvalidStates(ctx, did)), states[1])
				for _, p := range paths {
					versions, err := r.Versions(ctx, did, p)
					if err != nil {
						return err
					}
					last := atproto.CID{}
					if len(versions) > 0 {
						last = versions[len(versions)-1].CID
					}
					same(t, "last version", last, before[0][p])
				}
				return nil
			})
			if t.Failed() {
				return
			}
		}
	}
}

// testRaw: a tree may name a record as raw bytes, also one that it names as a record elsewhere.
func testRaw(t *testing.T, s store.Store) {
	one, raw := newRecord(t, uri(alice, 1), "Deux fois.", nil), store.Entry{Path: atproto.PathOf(uri(alice, 2))}
	raw.CID = atproto.BlobCIDOf(one.bytes)
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return w.PutState(ctx, newState(alice, "3k2", at(1)), entries(one.entry(), raw))
	})
	check := func(want string, missing ...store.Entry) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			same(t, "missing "+want, collect(t, r.Missing(ctx, alice)), append([]store.Entry{}, missing...))
			found := map[atproto.CID]bool{}
			for kept, err := range r.Records(ctx, alice, []atproto.CID{one.cid, raw.CID}) {
				if err != nil || !bytes.Equal(kept.Bytes, one.bytes) {
					t.Errorf("record %s: %x, %v", kept.CID, kept.Bytes, err)
				}
				found[kept.CID] = true
			}
			same(t, "records "+want, len(found), 2-len(missing))
			if len(missing) == 0 {
				b, err := r.Record(ctx, alice, raw.CID)
				same(t, "bytes "+want, b, one.bytes)
				return err
			}
			return nil
		})
	}
	check("before", one.entry(), raw)
	update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutRecord(ctx, alice, raw.CID, one.bytes) })
	check("with bytes")
	forget := func(uri syntax.ATURI) {
		update(t, s, func(ctx context.Context, w store.Writer) error {
			_, err := w.Forget(ctx, store.Forgetting{DID: alice, URI: uri, By: "ana", At: at(3)})
			return err
		})
	}
	forget(uri(alice, 2))
	check("of the other, which was forgotten")
	forget(one.uri)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		if _, err := r.Record(ctx, alice, raw.CID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("bytes when all that had them is forgotten: %v", err)
		}
		return nil
	})
}

// testInvalid: a state that somebody else signed says nothing of its account.
func testInvalid(t *testing.T, s store.Store) {
	one, forged := newRecord(t, uri(alice, 1), "Écrit par Alice.", nil), newRecord(t, uri(alice, 2), "Écrit par personne.", nil)
	before, after := newState(alice, "3k2", at(1)), newState(alice, "3k3", at(2))
	before.Signature = atproto.SignatureUnchecked
	after.Key, after.Signature = "", atproto.SignatureUnchecked
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(
			w.PutState(ctx, before, entries(one.entry())), w.PutState(ctx, after, entries(store.Entry{Path: one.entry().Path}, forged.entry())),
			w.PutRecord(ctx, alice, one.cid, one.bytes), w.PutRecord(ctx, alice, forged.cid, forged.bytes),
			w.PutPost(ctx, one.post(t), analysis.PostAnalysis{}), w.PutPost(ctx, forged.post(t), analysis.PostAnalysis{}),
			w.PutThread(ctx, alice, analysis.Thread{Root: one.uri, Posts: []syntax.ATURI{one.uri, forged.uri}}, at(1)))
	})
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(w.JudgeState(ctx, alice, after.Commit, "", atproto.SignatureInvalid), w.DropPosts(ctx, alice, []syntax.ATURI{forged.uri}))
	})
	after.Signature = atproto.SignatureInvalid
	// It is known all the same, and seen again it stays what it is.
	again := after
	again.Signature, again.Sightings = atproto.SignatureUnchecked, []store.Sighting{{At: at(9), From: "import again.car"}}
	update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutState(ctx, again, entries(one.entry())) })
	after.Sightings = append(after.Sightings, again.Sightings...)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		same(t, "states", collect(t, r.States(ctx, alice)), []store.State{before})
		same(t, "invalid states", collect(t, r.InvalidStates(ctx, alice)), []store.State{after})
		same(t, "its changes", collect(t, r.Changes(ctx, alice, after.Commit)), []store.Entry{forged.entry()})
		head, err := r.Head(ctx, alice)
		same(t, "head", head, before)
		same(t, "missing", len(collect(t, r.Missing(ctx, alice))), 0)
		p, err2 := r.Post(ctx, one.uri)
		same(t, "its post is gone", !p.GoneFound.IsZero(), false)
		same(t, "posts", len(collect(t, r.Posts(ctx, store.Query{DID: alice}))), 1)
		same(t, "outlines", len(collect(t, r.Outlines(ctx, alice))), 1)
		same(t, "threads", len(collect(t, r.Threads(ctx, store.Query{DID: alice}))), 0)
		hits, err5 := r.Search(ctx, store.Query{Where: parse("personne")})
		same(t, "posts found", len(hits.Posts), 0)
		acc, err3 := r.Account(ctx, alice)
		same(t, "posts counted", acc.Posts, 1)
		kept, err4 := r.Record(ctx, alice, forged.cid)
		same(t, "bytes", kept, forged.bytes)
		if _, err := r.Post(ctx, forged.uri); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a post that was dropped: %v", err)
		}
		return errors.Join(err, err2, err3, err4, err5)
	})

	// What is forgotten is forgotten in invalid states too.
	update(t, s, func(ctx context.Context, w store.Writer) error {
		_, err := w.Forget(ctx, store.Forgetting{DID: alice, URI: forged.uri, By: "ana", At: at(10)})
		return err
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		if _, err := r.Record(ctx, alice, forged.cid); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("bytes that only an invalid state names, forgotten: %v", err)
		}
		return nil
	})
}

// difference is what changes one manifest into another, in path order.
func difference(from, to map[atproto.Path]atproto.CID) []store.Entry {
	list := []store.Entry{}
	for p, c := range to {
		if from[p] != c {
			list = append(list, store.Entry{Path: p, CID: c})
		}
	}
	for p := range from {
		if _, ok := to[p]; !ok {
			list = append(list, store.Entry{Path: p})
		}
	}
	slices.SortFunc(list, func(a, b store.Entry) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return list
}

// testOrder: the order of the tree is that of the bytes of whole paths, where "/" stands
// behind "-" and "." and before letters; keys that are times and others are mixed.
func testOrder(t *testing.T, s store.Store) {
	paths := []atproto.Path{
		"a.b.c-d/x", "a.b.c.d/self", "a.b.c/.dots", "a.b.c/2222222222222", "a.b.c/3kaaaaaaaaa22", "a.b.c/3kaaaaaaaaa2", "a.b.c/3kaaaaaaaaa2~",
		"a.b.c/3kaaaaaaaaa23", "a.b.c/A", "a.b.c/a-b", "a.b.c/a.b", "a.b.c/a:b", "a.b.c/a_b", "a.b.c/jzzzzzzzzzzzz",
		"a.b.c/kaaaaaaaaaaaa", "a.b.c/self", "a.b.c/~", "a.b.ca/x", "a.b.cc/3kaaaaaaaaa22", "a.b/1234567890123", "a.b/0", "a.b/00",
	}
	var list []store.Entry
	for i, p := range paths {
		list = append(list, store.Entry{Path: p, CID: atproto.CIDOf([]byte{byte(i)})})
	}
	state := newState(alice, "3k2", at(0))
	update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutState(ctx, state, entries(list...)) })
	slices.SortFunc(list, func(a, b store.Entry) int { return strings.Compare(string(a.Path), string(b.Path)) })
	view(t, s, func(ctx context.Context, r store.Reader) error {
		same(t, "manifest", collect(t, r.Manifest(ctx, alice, state.Commit)), list)
		same(t, "changes", collect(t, r.Changes(ctx, alice, state.Commit)), list)
		for _, e := range list {
			v, err := r.Versions(ctx, alice, e.Path)
			if err != nil || len(v) != 1 || v[0].CID != e.CID {
				t.Errorf("versions of %s: %v, %v", e.Path, v, err)
			}
		}
		return nil
	})
}

func testRecords(t *testing.T, s store.Store) {
	one := newRecord(t, uri(alice, 1), "Un barrage retient l'eau.", nil)
	two := newRecord(t, uri(alice, 2), "Two rivers meet here.", nil)
	like := store.Entry{Path: "app.bsky.feed.like/3kaaaaaaaaa22", CID: atproto.CIDOf([]byte("like"))}
	state := newState(alice, "3k2", at(3))
	update(t, s, func(ctx context.Context, w store.Writer) error {
		if err := w.PutState(ctx, state, entries(one.entry(), two.entry(), like)); err != nil {
			return err
		}
		for range 2 {
			if err := w.PutRecord(ctx, alice, one.cid, one.bytes); err != nil {
				return err
			}
		}
		got, err := w.Record(ctx, alice, one.cid)
		if !bytes.Equal(got, one.bytes) {
			t.Errorf("a writer does not read the record that it has put: %v", err)
		}
		return err
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.Record(ctx, alice, one.cid)
		if !bytes.Equal(got, one.bytes) {
			t.Errorf("record: got %x, want %x", got, one.bytes)
		}
		same(t, "missing", collect(t, r.Missing(ctx, alice)), []store.Entry{two.entry()})
		for what, err := range map[string]error{
			"a record that was not put":    second(r.Record(ctx, alice, two.cid)),
			"a record of another account":  second(r.Record(ctx, bruno, one.cid)),
			"missing of a unknown account": second(store.Collect(r.Missing(ctx, bruno))),
			"lost of an unknown account":   second(store.Collect(r.Lost(ctx, bruno))),
		} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v, want ErrNotFound", what, err)
			}
		}
		return err
	})
	err := s.Update(t.Context(), func(w store.Writer) error {
		return errors.Join(w.PutRecord(t.Context(), alice, two.cid, one.bytes), w.PutRecord(t.Context(), alice, one.cid, nil))
	})
	if err == nil {
		t.Error("bytes were kept under the CID of others")
	}

	// What is missing is lost where no later state has it, until its bytes are kept.
	edited := newRecord(t, one.uri, "Un barrage ne retient plus l'eau.", nil)
	deleted := store.Entry{Path: two.entry().Path}
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return w.PutState(ctx, newState(alice, "3k3", at(4)), entries(edited.entry(), deleted))
	})
	want := []store.Entry{edited.entry(), two.entry()}
	for range 3 {
		view(t, s, func(ctx context.Context, r store.Reader) error {
			same(t, "lost", collect(t, r.Lost(ctx, alice)), want)
			return nil
		})
		if len(want) == 0 {
			break
		}
		kept := edited
		if len(want) == 1 {
			kept = two
		}
		want = want[1:]
		update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutRecord(ctx, alice, kept.cid, kept.bytes) })
	}
}
