package archive

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto/atprototest"
	"skyarchive/store"
)

// What was seen while the clock was ahead stays before what is seen after it was set right.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	lou := net.Account("lou.test")
	lou.Post("Un.")
	a := newArchiver(t, net)
	fetch := func(day string, opts FetchOptions) error {
		t.Helper()
		now, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		a.Now = func() time.Time { return now }
		net.Forget()
		_, err = a.Fetch(t.Context(), syntax.AtIdentifier(lou.DID()), opts)
		return err
	}
	must := func(day string, opts FetchOptions) {
		t.Helper()
		if err := fetch(day, opts); err != nil {
			t.Fatal(err)
		}
	}

	must("2030-01-01", FetchOptions{})
	lou.Rename("lou2.test")
	must("2026-01-01", FetchOptions{})
	for _, day := range []string{"2026-01-02", "2026-01-03"} {
		must(day, FetchOptions{})
		if slices.ContainsFunc(net.Requests(), func(r atprototest.Request) bool { return r.Path == "/"+string(lou.DID())+"/log/audit" }) {
			t.Errorf("%s: the audit log was asked for again", day)
		}
	}
	err = a.Store.View(t.Context(), func(r store.Reader) error {
		ids, err := store.Collect(r.Identities(t.Context(), lou.DID()))
		var seen []string
		for _, id := range ids {
			seen = append(seen, id.At.Format("2006 ")+string(id.Handle))
		}
		if !slices.Equal(seen, []string{"2030 lou.test", "2026 lou2.test"}) {
			t.Errorf("identities: %q", seen)
		}
		events, bad := identityEvents(t.Context(), r, lou.DID())
		if len(events) == 0 || events[0].String() != "new handle: lou2.test, before lou.test" {
			t.Errorf("events: %v", events)
		}
		return errors.Join(err, bad)
	})
	if err != nil {
		t.Fatal(err)
	}

	// A rollback that was accepted while the clock was ahead allows no other one after it.
	lou.Post("Deux.")
	must("2026-01-04", FetchOptions{})
	lou.Rollback(1)
	if err := fetch("2031-01-01", FetchOptions{}); !errors.Is(err, ErrRollback) {
		t.Errorf("a rollback: %v", err)
	}
	must("2031-01-01", FetchOptions{AcceptRollback: true})
	lou.Post("Trois.")
	lou.Post("Quatre.")
	must("2026-01-05", FetchOptions{})
	lou.Rollback(1)
	if err := fetch("2026-01-06", FetchOptions{}); !errors.Is(err, ErrRollback) {
		t.Errorf("a rollback after one that was accepted: %v", err)
	}
}

// What another archive tells of a time to come does not move what is seen here.
func TestToldAhead(t *testing.T) {
	t.Parallel()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	lou := net.Account("lou.test")
	lou.Post("Un.")
	a := newArchiver(t, net)
	told := store.Identity{
		DID: lou.DID(), At: time.Now().UTC().Add(-time.Hour), Placed: time.Now().UTC().AddDate(4, 0, 0), Handle: "other.test",
		Host: "https://directory.test", Document: []byte("{}"), Told: store.Told{By: "import other.ndjson", At: time.Now().UTC()},
	}
	fetch := func() {
		t.Helper()
		if _, err := a.Fetch(t.Context(), syntax.AtIdentifier(lou.DID()), FetchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	fetch()
	if err := a.Store.Update(t.Context(), func(w store.Writer) error { return w.AddIdentity(t.Context(), told) }); err != nil {
		t.Fatal(err)
	}
	if err := net.Exec("rename", "lou.test", "lou2.test"); err != nil {
		t.Fatal(err)
	}
	fetch()
	ours := 0
	err = a.Store.View(t.Context(), func(r store.Reader) error {
		ids, err := store.Collect(r.Identities(t.Context(), lou.DID()))
		for _, id := range ids {
			if !id.Told.IsZero() {
				continue
			}
			if ours++; !id.Placed.IsZero() {
				t.Errorf("%s of %s stands at %s", id.Handle, id.At, id.Placed)
			}
		}
		return err
	})
	if err != nil || ours != 2 {
		t.Errorf("%d entries of our own, want 2; error %v", ours, err)
	}
}
