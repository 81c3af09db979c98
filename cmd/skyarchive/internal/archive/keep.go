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
	base     *repo.Manifest // of the state before, if it was read already
	baseOf   atproto.CID
	found    map[atproto.CID][]byte // records that the file lacked and the server gave apart
	fetched  bool                   // from the account's server: counts as a look at its head
	again    bool                   // also what was forgotten
	doubt    bool                   // who signed the states that are here is to be looked at again
	look     bool                   // also for bytes that should be here: nothing said that some are not
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
	if err := recall(ctx, w, did, in.again); err != nil {
		return err
	}
	judged, err := a.keepIdentity(ctx, w, in, rep)
	if err != nil {
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
			err := a.keepKnown(ctx, w, in, s, rep)
			if judged {
				rep.Outcome = Updated
			}
			return err
		case before(s, in.state):
			previous = &states[i]
		default:
			last = false
		}
	}
	a.warm()
	rep.Outcome = Updated
	if len(states) == 0 {
		rep.Outcome = Added
	}
	if len(states) == 0 && isEmpty(w.Outlines(ctx, did)) {
		return a.keepFirst(ctx, w, in, rep)
	}
	changes, err := a.changes(ctx, w, in, previous)
	if err != nil {
		return err
	}
	if err := w.PutState(ctx, in.state, each(changes)); err != nil {
		return err
	}
	a.Timings.lap("manifest")
	kept := newKept(did)
	if err := a.keepRecords(ctx, w, in, changes, kept, rep); err != nil {
		return err
	}
	a.Timings.lap("records")
	if last || !in.fetched {
		if err := a.mend(ctx, w, in, kept, rep); err != nil {
			return err
		}
	}
	if err := kept.note(ctx, w, last); err != nil {
		return err
	}
	return a.derive(ctx, w, kept.touched, last, rep)
}

// mend keeps bytes that should be here and that were missing or damaged: of the last state, and
// where a file came, which may be of any time, of all states. Where all are taken to be here it
// looks only if it is told to.
func (a *Archiver) mend(ctx context.Context, w store.Writer, in incoming, k *kept, rep *Report) error {
	acc, err := w.Account(ctx, k.did)
	if err != nil || !in.look && !in.again && acc.Whole && (acc.Complete || in.fetched) {
		return err
	}
	absent := w.Missing
	if !in.fetched {
		absent, k.everywhere = w.Lost, true
	}
	missing, err := store.Collect(absent(ctx, k.did))
	if err != nil {
		return err
	}
	missing = slices.DeleteFunc(missing, func(e store.Entry) bool { return k.entries[e.Path] == e.CID }) // it was tried
	before, own := k.missing, rep.Missing
	if err := a.keepRecords(ctx, w, in, missing, k, rep); err != nil {
		return err
	}
	k.looked, k.regained = true, len(missing)-(k.missing-before)
	if k.everywhere && k.missing > before {
		if rep.Missing, err = a.lostHere(ctx, w, in); err != nil {
			return err
		}
		rep.Missing = max(rep.Missing, own)
	}
	for _, e := range missing {
		k.mended[e.Path] = true
	}
	if k.regained > 0 && !in.again { // else they were forgotten
		rep.Notes = append(rep.Notes, "back again: the bytes of "+number(k.regained, "record")+" that were missing or damaged here")
	}
	return nil
}

// lostHere is how many posts of a state lack their bytes, in the file and here.
func (a *Archiver) lostHere(ctx context.Context, r store.Reader, in incoming) (n int, err error) {
	lost := map[store.Entry]bool{}
	for e, err := range r.Lost(ctx, in.state.DID) {
		if err != nil {
			return 0, err
		}
		lost[e] = e.Path.Collection() == atproto.CollectionPost
	}
	for e, err := range in.snapshot.Manifest(ctx) {
		if err != nil {
			return 0, err
		}
		if lost[e] {
			n++
		}
	}
	return n, nil
}

// kept is what became of the records of a state.
type kept struct {
	*touched
	profile    bool // the account's profile came
	missing    int  // records whose bytes nobody had
	regained   int  // records that lacked their bytes until now
	looked     bool // at all records of the head state
	everywhere bool // and of all others
}

func newKept(did syntax.DID) *kept { return &kept{touched: newTouched(did)} }

// note keeps what the records of a state, the last one or not, say of their account: whether its
// profile asks not to be shown to people who are not logged in, which servers do not enforce and
// exports must, and whether bytes are missing.
func (k *kept) note(ctx context.Context, w store.Writer, last bool) error {
	acc, err := w.Account(ctx, k.did)
	if err != nil {
		return err
	}
	if k.profile {
		if err := guests(ctx, w, &acc); err != nil {
			return err
		}
	}
	none := k.missing == 0
	switch {
	case k.looked && (none || !k.everywhere): // else what is missing may be of another state
		acc.Whole = none
	case last:
		acc.Whole = none && acc.Whole
	}
	acc.Complete = none && (k.everywhere || acc.Complete)
	return w.PutAccount(ctx, acc)
}

// keepIdentity keeps who the account is and says whether the keys that are known by now made
// another one of any of its states.
func (a *Archiver) keepIdentity(ctx context.Context, w store.Writer, in incoming, rep *Report) (judged bool, err error) {
	acc := in.account
	acc.Whole = acc.Whole && !in.again
	if old, err := w.Account(ctx, acc.DID); err == nil {
		acc.Label, acc.Analysis = old.Label, old.Analysis
		if !in.fetched { // a file does not say from when it is
			acc.Fetched, acc.Status = old.Fetched, old.Status
			if in.identity == nil || !old.Fetched.IsZero() {
				acc.Handle, acc.PDS = old.Handle, old.PDS
			}
		}
		acc.HideGuest, acc.Whole, acc.Complete = old.HideGuest, acc.Whole || old.Whole, old.Complete
	} else if !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	if err := w.PutAccount(ctx, acc); err != nil {
		return false, err
	}
	if in.identity != nil {
		if err := addIdentity(ctx, w, *in.identity); err != nil {
			return false, err
		}
	}
	if in.plcLog != nil {
		if err := w.AddPLCLog(ctx, *in.plcLog); err != nil {
			return false, err
		}
	}
	if in.fetched && !in.doubt && in.plcLog == nil && acc.DID.Method() == "plc" {
		return false, nil // no key is new
	}
	return a.judge(ctx, w, acc.DID, in.plcLog != nil || in.doubt, rep)
}

// addIdentity adds what is seen of an account now behind all that we saw of it before.
func addIdentity(ctx context.Context, w store.Writer, id store.Identity) error {
	ids, err := store.Collect(w.Identities(ctx, id.DID))
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(other store.Identity) bool { return !other.Told.IsZero() })
	if n := len(ids); n > 0 {
		id.Placed = store.Behind(ids[n-1].Order(), id.At)
	}
	return w.AddIdentity(ctx, id)
}

// keepKnown adds to a state that the archive has: that it was seen again, the key if it
// was not checked before, and bytes that were missing.
func (a *Archiver) keepKnown(ctx context.Context, w store.Writer, in incoming, s store.State, rep *Report) error {
	rep.Outcome = Unchanged
	if err := w.PutState(ctx, in.state, nothing); err != nil {
		return err
	}
	kept := newKept(s.DID)
	if err := a.mend(ctx, w, in, kept, rep); err != nil {
		return err
	}
	if kept.looked {
		if err := kept.note(ctx, w, false); err != nil {
			return err
		}
	}
	if len(kept.mended) == 0 {
		return a.total(ctx, w, s.DID, rep)
	}
	if kept.regained > 0 {
		rep.Outcome = Updated
	}
	return a.derive(ctx, w, kept.touched, false, rep)
}

func nothing(func(store.Entry, error) bool) {}

// isEmpty says whether a sequence yields neither a value nor an error.
func isEmpty[T any](seq iter.Seq2[T, error]) bool {
	for range seq {
		return false
	}
	return true
}

func each(list []store.Entry) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// changes compares the incoming state with the one before it, if there is one.
func (a *Archiver) changes(ctx context.Context, r store.Reader, in incoming, previous *store.State) (list []store.Entry, err error) {
	old := &repo.Manifest{}
	switch {
	case previous == nil:
	case in.base != nil && in.baseOf == previous.Commit:
		old = in.base
	default:
		if old, err = repo.NewManifest(r.Manifest(ctx, previous.DID, previous.Commit)); err != nil {
			return nil, err
		}
	}
	for c, err := range repo.Changes(old.All(), in.snapshot.Manifest(ctx)) {
		if err != nil {
			return nil, err
		}
		list = append(list, store.Entry{Path: c.Path, CID: c.New})
	}
	return list, nil
}

// keepRecords keeps the bytes of changed records, and adds the posts among them to k.
func (a *Archiver) keepRecords(ctx context.Context, w store.Writer, in incoming, changes []store.Entry, k *kept, rep *Report) error {
	block := in.blocks()
	for _, e := range changes {
		collection := e.Path.Collection()
		if !atproto.KeepsBytes(collection) {
			continue
		}
		if collection == atproto.CollectionPost {
			k.entries[e.Path] = e.CID
		}
		if e.CID.IsZero() {
			continue
		}
		record, err := block(e.CID)
		if err != nil {
			return err
		}
		if record == nil {
			// A record that stood elsewhere in the tree before is not sent again.
			if record, err = w.Record(ctx, in.state.DID, e.CID); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		if record == nil {
			k.missing++
			if collection == atproto.CollectionPost {
				rep.Missing++
			}
			continue
		}
		if err := w.PutRecord(ctx, in.state.DID, e.CID, record); err != nil {
			return err
		}
		switch {
		case e.Path == atproto.ProfilePath:
			k.profile = true
		case collection == atproto.CollectionPost:
			a.decode(in.state.DID, atproto.Record{Path: e.Path, CID: e.CID, Bytes: record}, rep)
		}
	}
	return nil
}

// blocks reads records: from the files, else from what the server gave apart.
func (in *incoming) blocks() func(atproto.CID) ([]byte, error) {
	block := in.snapshot.Blocks()
	return func(c atproto.CID) ([]byte, error) {
		if found := in.found[c]; found != nil {
			return found, nil
		}
		return block(c)
	}
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
