package archive

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// An incoming is a verified state on its way into the archive.
type incoming struct {
	state    store.State
	account  store.Account
	identity *store.Identity // nil: an import without a document
	plcLog   *store.PLCLog
	snapshot *repo.Snapshot
	found    map[atproto.CID][]byte // records that the file lacked and the server gave apart
	fetched  bool                   // from the account's server: counts as a look at its head
}

// before says whether state a comes before state b in the order of (rev, commit CID).
func before(a, b store.State) bool {
	if a.Rev != b.Rev {
		return a.Rev < b.Rev
	}
	return bytes.Compare(a.Commit[:], b.Commit[:]) < 0
}

// keep puts a state, its manifest, the bytes of its records and everything derived from
// them into the archive. It runs inside one transaction.
func (a *Archiver) keep(ctx context.Context, w store.Writer, in incoming, rep *Report) error {
	did := in.state.DID
	if err := a.keepIdentity(ctx, w, in); err != nil {
		return err
	}
	states, err := store.Collect(w.States(ctx, did))
	if err != nil {
		return err
	}
	var previous *store.State
	last := true
	for i, s := range states {
		switch {
		case s.Commit == in.state.Commit:
			return a.keepKnown(ctx, w, in, s, rep)
		case before(s, in.state):
			previous = &states[i]
		default:
			last = false
		}
	}
	rep.Outcome = Updated
	if len(states) == 0 {
		rep.Outcome = Added
	}
	changes, err := a.changes(ctx, w, in, previous)
	if err != nil {
		return err
	}
	if err := w.PutState(ctx, in.state, changes.all(ctx)); err != nil {
		return err
	}
	touched, err := a.keepRecords(ctx, w, in, changes, rep)
	if err != nil {
		return err
	}
	if last && touched.profile != nil {
		if err := hideFromGuests(ctx, w, did, touched.profile); err != nil {
			return err
		}
	}
	return a.derive(ctx, w, did, touched, last, rep)
}

// hideFromGuests keeps whether the account's profile asks not to be shown to people who are
// not logged in: servers do not enforce it, so exports must.
func hideFromGuests(ctx context.Context, w store.Writer, did syntax.DID, profile []byte) error {
	acc, err := w.Account(ctx, did)
	if err != nil {
		return err
	}
	acc.HideGuest = slices.Contains(atproto.SelfLabels(profile), atproto.LabelNoUnauthenticated)
	return w.PutAccount(ctx, acc)
}

func (a *Archiver) keepIdentity(ctx context.Context, w store.Writer, in incoming) error {
	acc := in.account
	if old, err := w.Account(ctx, acc.DID); err == nil {
		acc.Label, acc.Analysis = old.Label, old.Analysis
		if in.identity == nil { // an import knows less than the archive does
			acc.Handle, acc.PDS, acc.Status = old.Handle, old.PDS, old.Status
		}
		if !in.fetched {
			acc.Fetched = old.Fetched
		}
		acc.HideGuest = old.HideGuest
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err := w.PutAccount(ctx, acc); err != nil {
		return err
	}
	if in.identity != nil {
		if err := w.AddIdentity(ctx, *in.identity); err != nil {
			return err
		}
	}
	if in.plcLog != nil {
		return w.AddPLCLog(ctx, *in.plcLog)
	}
	return nil
}

// keepKnown adds to a state that the archive has: that it was seen again, the key if it
// was not checked before, and bytes that were missing.
func (a *Archiver) keepKnown(ctx context.Context, w store.Writer, in incoming, s store.State, rep *Report) error {
	rep.Outcome = Unchanged
	if err := w.PutState(ctx, in.state, nothing); err != nil {
		return err
	}
	missing, err := store.Collect(w.Missing(ctx, s.DID))
	if err != nil || len(missing) == 0 {
		return err
	}
	changes := changeSet{}
	for _, e := range missing {
		changes.add(e)
	}
	touched, err := a.keepRecords(ctx, w, in, changes, rep)
	if err != nil {
		return err
	}
	return a.derive(ctx, w, s.DID, touched, false, rep)
}

func nothing(func(store.Entry, error) bool) {}

// A changeSet is what a state changes against the one before it.
type changeSet struct {
	list []store.Entry
	// whole says that everything in the snapshot is new: the list is not filled then, so
	// that a first import of a million posts needs no list of them.
	whole *repo.Snapshot
}

func (c *changeSet) add(e store.Entry) { c.list = append(c.list, e) }

func (c *changeSet) all(ctx context.Context) iter.Seq2[store.Entry, error] {
	if c.whole != nil {
		return c.whole.Manifest(ctx)
	}
	return func(yield func(store.Entry, error) bool) {
		for _, e := range c.list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// changes compares the incoming state with the one before it.
func (a *Archiver) changes(ctx context.Context, r store.Reader, in incoming, previous *store.State) (changeSet, error) {
	if previous == nil {
		return changeSet{whole: in.snapshot}, nil
	}
	old, err := repo.NewManifest(r.Manifest(ctx, previous.DID, previous.Commit))
	if err != nil {
		return changeSet{}, err
	}
	var set changeSet
	for c, err := range repo.Changes(old.All(), in.snapshot.Manifest(ctx)) {
		if err != nil {
			return changeSet{}, err
		}
		set.add(store.Entry{Path: c.Path, CID: c.New})
	}
	return set, nil
}

// keepRecords keeps the bytes of changed records and returns the posts that are touched:
// for each its decoded record, nil where it is gone, missing or unreadable.
func (a *Archiver) keepRecords(ctx context.Context, w store.Writer, in incoming, changes changeSet, rep *Report) (*touched, error) {
	t := &touched{did: in.state.DID, entries: map[atproto.Path]atproto.CID{}, posts: map[atproto.Path]*atproto.Post{}}
	wanted := map[atproto.Path]bool{}
	for _, e := range changes.list {
		wanted[e.Path] = true
		if e.CID.IsZero() && e.Path.Collection() == atproto.CollectionPost {
			t.entries[e.Path] = atproto.CID{}
		}
	}
	for rec, err := range in.snapshot.Records(ctx, atproto.KeepsBytes) {
		if err != nil {
			return nil, err
		}
		if !atproto.KeepsBytes(rec.Path.Collection()) || changes.whole == nil && !wanted[rec.Path] {
			continue
		}
		if rec.Bytes == nil {
			rec.Bytes = in.found[rec.CID]
		}
		if rec.Bytes == nil {
			// A record that stood elsewhere in the tree before is not sent again.
			if rec.Bytes, err = w.Record(ctx, in.state.DID, rec.CID); err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
		}
		if rec.Bytes != nil {
			if err := w.PutRecord(ctx, in.state.DID, rec.CID, rec.Bytes); err != nil {
				return nil, err
			}
		}
		if rec.Path == atproto.ProfilePath {
			t.profile = rec.Bytes
		}
		if rec.Path.Collection() != atproto.CollectionPost {
			continue
		}
		t.entries[rec.Path] = rec.CID
		if rec.Bytes == nil {
			rep.Missing++
			continue
		}
		t.posts[rec.Path] = a.decode(in.state.DID, rec, rep)
	}
	return t, nil
}

// decode reads a post, or returns nil and counts it where its record is none.
func (a *Archiver) decode(did syntax.DID, rec atproto.Record, rep *Report) *atproto.Post {
	p, err := atproto.DecodePost(atproto.Ref{URI: rec.Path.URI(did), CID: rec.CID.String()}, rec.Bytes)
	if err != nil {
		a.Log.Info("record is no readable post; its bytes are kept", "path", rec.Path, "err", err)
		rep.Unreadable++
		return nil
	}
	return &p
}

// touched is the posts that a new state brings, changes or takes away.
type touched struct {
	did     syntax.DID
	entries map[atproto.Path]atproto.CID   // zero: gone
	posts   map[atproto.Path]*atproto.Post // decoded; absent where there is nothing to read
	profile []byte                         // the account's profile, nil if it did not change
	all     bool                           // these are all posts of the account
}
