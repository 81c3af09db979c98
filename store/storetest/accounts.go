package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

func testAccounts(t *testing.T, s store.Store) {
	account := func(did syntax.DID, handle syntax.Handle, label string) store.Account {
		return store.Account{Account: atproto.Account{DID: did, Handle: handle, PDS: "https://pds.test"}, Label: label,
			Status: atproto.Active, Fetched: at(1), Analysis: "v1", HideGuest: label != "", Whole: label != "", Complete: label == ""}
	}
	a, b := account(alice, "zoe.test", "Alice"), account(bruno, "bruno.test", "")
	update(t, s, func(ctx context.Context, w store.Writer) error {
		old := account(alice, "alice.test", "old")
		return errors.Join(w.PutAccount(ctx, b), w.PutAccount(ctx, old), w.PutAccount(ctx, a),
			w.AddIdentity(ctx, store.Identity{DID: alice, At: at(0), Handle: "alice.test"}),
			w.AddIdentity(ctx, store.Identity{DID: alice, At: at(1), Handle: "bruno.test"}))
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		same(t, "accounts by label, else handle", collect(t, r.Accounts(ctx)), []store.Account{a, b})
		one, err := r.Account(ctx, alice)
		same(t, "account", one, a)
		if _, err := r.Account(ctx, "did:plc:nobody"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown account: %v, want ErrNotFound", err)
		}
		for name, want := range map[string][]store.Account{
			"zoe.test": {a}, "alice.test": {a}, "ALICE": {a}, "bruno.test": {b, a}, "nobody.test": {}, "%": {}, "": {},
		} {
			named, err := r.AccountsNamed(ctx, name)
			same(t, "accounts named "+name, append([]store.Account{}, named...), want)
			if err != nil {
				return err
			}
		}
		return err
	})
}

func testIdentities(t *testing.T, s store.Store) {
	seen := func(minutes int, handle syntax.Handle) store.Identity {
		return store.Identity{DID: alice, At: at(minutes), Handle: handle, PDS: "https://pds.test", Status: atproto.Active,
			Host: "https://directory.test", Document: []byte(`{"id":"x"}`)}
	}
	log := store.PLCLog{DID: alice, At: at(1), Host: "https://directory.test", Raw: []byte("[\n1 ]")}
	longer := store.PLCLog{DID: alice, At: at(2), Raw: []byte("[1,2]")}
	back := seen(2, "c.test") // the clock had gone back
	back.Placed = at(5)
	update(t, s, func(ctx context.Context, w store.Writer) error {
		var err error
		for _, id := range []store.Identity{seen(1, "a.test"), seen(2, "a.test"), seen(3, "b.test"), seen(4, "a.test"), back, seen(6, "c.test")} {
			err = errors.Join(err, w.AddIdentity(ctx, id))
		}
		told := seen(2, "b.test")
		told.Told = store.Told{By: "import other.ndjson", At: at(7)}
		err = errors.Join(err, w.AddIdentity(ctx, told), w.AddIdentity(ctx, told))
		told = seen(9, "evil.test")
		told.Told = store.Told{By: "import other.ndjson", At: at(7)}
		err = errors.Join(err, w.AddIdentity(ctx, told), w.AddIdentity(ctx, seen(10, "a.test")))
		again := log
		again.At = at(9)
		return errors.Join(err, w.AddPLCLog(ctx, log), w.AddPLCLog(ctx, longer), w.AddPLCLog(ctx, again))
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		told, evil := seen(2, "b.test"), seen(9, "evil.test")
		told.Told = store.Told{By: "import other.ndjson", At: at(7)}
		evil.Told = told.Told
		same(t, "identities", collect(t, r.Identities(ctx, alice)), []store.Identity{seen(1, "a.test"), told, seen(3, "b.test"), seen(4, "a.test"), back, evil, seen(10, "a.test")})
		same(t, "logs", collect(t, r.PLCLogs(ctx, alice)), []store.PLCLog{log, longer})
		same(t, "identities of another account", len(collect(t, r.Identities(ctx, bruno))), 0)
		return nil
	})
}

func testTransactions(t *testing.T, s store.Store) { undone(t, s, s.Update, true) }

func testFilling(t *testing.T, s store.Store) { undone(t, s, s.Fill, false) }

// undone checks that a transaction is kept whole or not at all, and, if others are not made
// to wait, that nothing of it is seen from outside before.
func undone(t *testing.T, s store.Store, write func(context.Context, func(store.Writer) error) error, outside bool) {
	put := func(ctx context.Context, w store.Writer) error {
		r := newRecord(t, uri(alice, 1), "Un texte", nil)
		return errors.Join(w.PutAccount(ctx, store.Account{Account: atproto.Account{DID: alice, Handle: "alice.test"}}),
			w.PutState(ctx, newState(alice, "3k2", at(1)), entries(r.entry())), r.put(ctx, t, w, read(r, "Un texte")))
	}
	empty := func(when string) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			n := len(collect(t, r.Accounts(ctx))) + len(collect(t, r.States(ctx, alice))) + len(collect(t, r.Posts(ctx, store.Query{})))
			same(t, when, n, 0)
			return nil
		})
	}
	stop := errors.New("stop")
	err := write(t.Context(), func(w store.Writer) error {
		if err := put(t.Context(), w); err != nil {
			return err
		}
		if _, err := w.Post(t.Context(), uri(alice, 1)); err != nil {
			t.Errorf("a writer does not read the post that it has put: %v", err)
		}
		if outside {
			empty("what is seen from outside before it is kept")
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("Update: %v, want the error of its function", err)
	}
	empty("what is left of an update that failed")

	// A write that fails spoils the transaction, even if its error is passed over.
	err = write(t.Context(), func(w store.Writer) error {
		_ = w.PutState(t.Context(), newState(alice, "3k2", at(1)), func(yield func(store.Entry, error) bool) { yield(store.Entry{}, stop) })
		return w.PutAccount(t.Context(), store.Account{Account: atproto.Account{DID: alice}})
	})
	if err == nil {
		t.Error("half of what was written is kept")
	}
	empty("what is left of an update whose error was passed over")

	func() {
		defer func() { _ = recover() }()
		_ = write(t.Context(), func(w store.Writer) error {
			_ = put(t.Context(), w)
			panic("stop")
		})
	}()
	empty("what is left of an update that panicked")

	ctx, cancel := context.WithCancel(t.Context())
	err = write(ctx, func(w store.Writer) error {
		defer cancel()
		return put(ctx, w)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Update with a context that ends: %v", err)
	}
	empty("what is left of an update whose context ended")

	var kept store.Writer
	err = write(t.Context(), func(w store.Writer) error {
		kept = w
		return put(t.Context(), w)
	})
	if err != nil {
		t.Fatal(err)
	}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		same(t, "posts that are kept", len(collect(t, r.Posts(ctx, store.Query{}))), 1)
		return nil
	})
	if err := kept.PutAccount(t.Context(), store.Account{Account: atproto.Account{DID: bruno}}); err == nil {
		t.Error("a writer can be used after its function")
	}
	if _, err := kept.Account(t.Context(), alice); err == nil {
		t.Error("a reader can be used after its function")
	}
}

func testNested(t *testing.T, s store.Store) {
	r1 := newRecord(t, uri(alice, 1), "2 litres d'eau", nil)
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(w.PutState(ctx, newState(alice, "3k2", at(1)), entries(r1.entry())), r1.put(ctx, t, w, read(r1, "2 litres d'eau")))
	})
	err := s.Update(t.Context(), func(w store.Writer) error {
		ctx := t.Context()
		ranged := 0
		for _, err := range w.Posts(ctx, store.Query{}) {
			if err != nil {
				return err
			}
			ranged++
			for name, err := range map[string]error{
				"Post":          second(w.Post(ctx, r1.uri)),
				"Account":       second(w.Account(ctx, alice)),
				"States":        second(store.Collect(w.States(ctx, alice))),
				"Manifest":      second(store.Collect(w.Manifest(ctx, alice, r1.cid))),
				"Claims":        second(store.Collect(w.Claims(ctx, store.Query{}))),
				"Search":        second(w.Search(ctx, store.Query{})),
				"Count":         second(w.Count(ctx, store.Query{}, 0)),
				"PutAccount":    w.PutAccount(ctx, store.Account{}),
				"SetPostStatus": w.SetPostStatus(ctx, r1.uri, store.Gone),
			} {
				if !errors.Is(err, store.ErrNested) {
					t.Errorf("%s inside a range: %v, want ErrNested", name, err)
				}
			}
		}
		same(t, "posts ranged over", ranged, 1)
		for range w.Posts(ctx, store.Query{}) {
			break
		}
		// After a range that was left early the archive can be called again.
		_, err := w.Post(ctx, r1.uri)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// testConcurrency: readers see whole transactions while a writer works.
func testConcurrency(t *testing.T, s store.Store) {
	const rounds = 20
	done := make(chan error, 4)
	for range cap(done) {
		go func() {
			for {
				n, states := 0, 0
				err := s.View(t.Context(), func(r store.Reader) error {
					for _, err := range r.Posts(t.Context(), store.Query{}) {
						if err != nil {
							return err
						}
						n++
					}
					for _, err := range r.States(t.Context(), alice) {
						if err != nil {
							return err
						}
						states++
					}
					return nil
				})
				if err == nil && n != 3*states {
					err = errors.New("a reader saw half of a transaction")
				}
				if err != nil || states == rounds {
					done <- err
					return
				}
			}
		}()
	}
	for i := range rounds {
		update(t, s, func(ctx context.Context, w store.Writer) error {
			var list []store.Entry
			var err error
			for j := range 3 {
				r := newRecord(t, uri(alice, 3*i+j), "texte", nil)
				list = append(list, r.entry())
				err = errors.Join(err, r.put(ctx, t, w, read(r, "texte")))
			}
			return errors.Join(err, w.PutState(ctx, newState(alice, "3k"+string(rune('a'+i)), at(i)), entries(list...)))
		})
	}
	for range cap(done) {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(time.Minute):
			t.Fatal("a reader does not come to an end")
		}
	}
}
