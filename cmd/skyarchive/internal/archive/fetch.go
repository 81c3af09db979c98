package archive

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/pds"
	"skyarchive/atproto/plclog"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// FetchOptions change how an account is fetched.
type FetchOptions struct {
	// AcceptRollback takes a state of the server that is older than one it gave before.
	// Both histories are kept.
	AcceptRollback bool
	// Whole downloads the whole repository even where what is new would do.
	Whole bool
	// MaxSize is the largest repository that is downloaded, in bytes; 0: any.
	MaxSize int64
	// Again also takes what was forgotten of the account.
	Again bool
}

// Fetch archives what is new in an account's repository. Everything that it brings is
// checked first and kept in one transaction.
func (a *Archiver) Fetch(ctx context.Context, id syntax.AtIdentifier, opts FetchOptions) (Report, error) {
	f := fetch{Archiver: a, opts: opts}
	defer f.close()
	a.Timings.begin(a.Now)
	if err := f.resolve(ctx, id); err != nil {
		return f.rep, err
	}
	if err := f.look(ctx); err != nil {
		return f.rep, err
	}
	if err := f.settle(ctx); err != nil {
		return f.rep, err
	}
	if f.known {
		defer collect(laterPercent(f.rep.Account.Posts))()
	}
	done, err := f.status(ctx)
	if err != nil || done {
		return f.rep, err
	}
	a.Timings.lap("identity and status")
	if err := f.download(ctx); err != nil {
		return f.rep, err
	}
	if err := f.audit(ctx); err != nil {
		return f.rep, err
	}
	if err := f.verify(); err != nil {
		return f.rep, err
	}
	found, err := f.absent(ctx)
	if err != nil {
		return f.rep, err
	}
	in := f.incoming(found)
	a.Timings.lap("download, read and verify")
	if !f.known {
		defer collect(wholePercent(f.snapshot.Len()))()
	}
	err = a.Store.Fill(ctx, func(w store.Writer) error { return a.keep(ctx, w, in, &f.rep) })
	a.Timings.lap("index and commit")
	return f.rep, err
}

// A fetch is one account on its way from the network into the archive.
type fetch struct {
	*Archiver
	opts   FetchOptions
	rep    Report
	id     identity.Identity
	pds    *pds.Client
	known  bool            // the account is in the archive
	named  syntax.Handle   // there, "" if it is not
	states []store.State   // there
	head   *store.State    // as headOf says, nil if no server gave us any
	doubt  bool            // who signed the states that are there is to be looked at again
	seen   time.Time       // as lastSeen says
	last   *store.Identity // newest entry of the identity log, ours if there is any
	log    *plclog.History // the directory's newest log of the account, nil if there is none

	files    []*download // newest first
	manifest *repo.Manifest
	snapshot *repo.Snapshot
	since    string
	auditLog *store.PLCLog
	audited  bool   // the directory was asked for it
	key      string // that the commit was signed with
}

func (f *fetch) close() {
	for _, d := range f.files {
		d.discard()
	}
}

// resolve finds the account. A handle that the archive knows and the network no longer
// does continues by its DID; one that belongs to somebody else now stops.
func (f *fetch) resolve(ctx context.Context, id syntax.AtIdentifier) error {
	f.progress("looking up "+id.String(), 0, 0)
	var bore []store.Account
	handle, handleErr := id.AsHandle()
	err := f.Store.View(ctx, func(r store.Reader) (err error) {
		if handleErr == nil {
			bore, err = r.AccountsNamed(ctx, string(handle.Normalize()))
		}
		return err
	})
	if err != nil {
		return err
	}
	f.id, err = f.Identities.Resolve(ctx, id)
	if errors.Is(err, identity.ErrNoAccount) && len(bore) > 0 {
		f.id, err = f.Identities.Resolve(ctx, syntax.AtIdentifier(bore[0].DID))
		if err == nil {
			f.rep.Notes = append(f.rep.Notes, fmt.Sprintf("@%s is now %s", handle, f.id.Account.Mention()))
		}
	}
	f.rep.Account.Account = f.id.Account
	if errors.Is(err, identity.ErrTombstoned) {
		if bad := f.givenUp(ctx, id, bore); bad != nil {
			return bad
		}
		if !f.known {
			return err
		}
		return fmt.Errorf("%s: %w", f.rep.Account.Mention(), identity.ErrTombstoned)
	}
	if err != nil {
		return err
	}
	for _, acc := range bore {
		if acc.DID == f.id.DID {
			return nil
		}
	}
	if len(bore) > 0 {
		return &OtherOwnerError{Handle: handle, Was: bore[0].DID, Now: f.id.DID}
	}
	return nil
}

// givenUp writes down that the identity of an account was given up for good, where the
// archive has it.
func (f *fetch) givenUp(ctx context.Context, id syntax.AtIdentifier, bore []store.Account) error {
	did, err := id.AsDID()
	if err != nil {
		if len(bore) == 0 {
			return nil
		}
		did = bore[0].DID
	}
	f.id = identity.Identity{Account: atproto.Account{DID: did}}
	if err := f.look(ctx); err != nil || !f.known {
		return err
	}
	f.rep.Account.Status = atproto.Deleted
	return f.keepOnlyIdentity(ctx)
}

// An OtherOwnerError says who had a handle and who has it now.
type OtherOwnerError struct {
	Handle   syntax.Handle
	Was, Now syntax.DID
}

func (e *OtherOwnerError) Error() string {
	return fmt.Sprintf("@%s: %v: it was %s in this archive and is %s now", e.Handle, ErrOtherOwner, e.Was, e.Now)
}

func (e *OtherOwnerError) Unwrap() error { return ErrOtherOwner }

// look reads what the archive has of the account.
func (f *fetch) look(ctx context.Context) error {
	return f.Store.View(ctx, func(r store.Reader) error {
		gone, err := forgottenOf(ctx, r, f.id.DID)
		switch {
		case err != nil:
			return err
		case !f.opts.Again && gone.account != nil:
			return gone.refuses()
		case f.opts.Again && gone.any():
			f.opts.Whole = true
		}
		acc, err := r.Account(ctx, f.id.DID)
		if err == nil {
			f.known = true
			f.rep.Account, f.rep.Before = acc, acc.Status
			if f.id.Document != nil { // else its identity was given up, and who it was stays
				f.rep.Account.Account = f.id.Account
			}
			if errors.Is(f.id.Unconfirmed, identity.ErrUnavailable) {
				f.rep.Account.Handle = acc.Handle // nobody could be asked: it stays what it was
			}
			f.named = acc.Handle
			if old := acc.Handle; old != f.rep.Account.Handle && !old.IsInvalidHandle() && len(f.rep.Notes) == 0 {
				f.rep.Notes = append(f.rep.Notes, fmt.Sprintf("@%s is now %s", old, f.rep.Account.Account.Mention()))
			}
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		ids, err := store.Collect(r.Identities(ctx, f.id.DID))
		if err != nil {
			return err
		}
		for i := range ids {
			if ids[i].Told.IsZero() || f.last == nil || !f.last.Told.IsZero() {
				f.last = &ids[i]
			}
		}
		logs, err := store.Collect(r.PLCLogs(ctx, f.id.DID))
		if err != nil {
			return err
		}
		_, f.log = newestLog(f.id.DID, logs)
		if f.states, err = store.Collect(r.States(ctx, f.id.DID)); err != nil {
			return err
		}
		f.head, f.seen, f.doubt = headOf(f.states), lastSeen(f.states), doubtful(f.states, f.log)
		return nil
	})
}

// status asks the account's server whether there is anything to do.
func (f *fetch) status(ctx context.Context) (done bool, err error) {
	if f.id.PDS == "" {
		if f.known {
			if err := f.keepOnlyIdentity(ctx); err != nil {
				return false, err
			}
		}
		return false, fmt.Errorf("%s: its DID document names no server that holds its repository", f.id.Account.Mention())
	}
	f.pds = &pds.Client{HTTP: f.HTTP, Host: f.id.PDS, MaxRepo: f.opts.MaxSize}
	status, rev, err := f.pds.Status(ctx, f.id.DID)
	if err != nil {
		return false, err
	}
	f.rep.Account.Status = status
	if status != atproto.Active {
		if f.known {
			if errors.Is(f.id.Unconfirmed, identity.ErrNoAccount) && f.id.Declared == f.named {
				f.rep.Account.Handle = f.named // its server hides the name with the account; nobody else has it
			}
			if err := f.keepOnlyIdentity(ctx); err != nil {
				return false, err
			}
		}
		return false, &pds.GoneError{DID: f.rep.Account.Mention(), Status: status, Answer: &pds.Error{Host: f.pds.Host}}
	}
	if f.head == nil || rev == "" || rev != f.head.Rev || f.head.Signature != atproto.SignatureValid || f.opts.Whole {
		return false, nil
	}
	if whole, err := f.whole(ctx); err != nil || !whole {
		return false, err
	}
	f.rep.Outcome, f.rep.Rev, f.rep.Signature = Unchanged, rev, f.head.Signature
	f.rep.Account.Fetched = f.Now().UTC()
	return true, f.keepOnlyIdentity(ctx)
}

// whole says whether the archive has the bytes of all records that it should have.
func (f *fetch) whole(ctx context.Context) (whole bool, err error) {
	if f.rep.Account.Whole {
		return true, nil
	}
	err = f.Store.View(ctx, func(r store.Reader) error {
		whole = true
		for _, err := range r.Missing(ctx, f.id.DID) {
			whole = false
			return err
		}
		return nil
	})
	f.rep.Account.Whole = whole
	return whole, err
}

// keepOnlyIdentity writes down who and where the account is now, without a new state.
func (f *fetch) keepOnlyIdentity(ctx context.Context) error {
	if err := f.audit(ctx); err != nil {
		return err
	}
	in := f.incoming(nil)
	return f.Store.Update(ctx, func(w store.Writer) error {
		judged, err := f.keepIdentity(ctx, w, in, &f.rep)
		if err != nil {
			return err
		}
		if judged {
			f.rep.Outcome = Updated
		}
		return f.total(ctx, w, f.id.DID, &f.rep)
	})
}

// absent asks once for records whose bytes should be kept, that the download lacks and the
// archive does not have.
func (f *fetch) absent(ctx context.Context) (map[atproto.CID][]byte, error) {
	var wanted []atproto.CID
	err := f.Store.View(ctx, func(r store.Reader) error {
		old := f.manifest
		if old == nil {
			old = &repo.Manifest{}
		}
		check := func(path atproto.Path, cid atproto.CID) error {
			if cid.IsZero() || !atproto.KeepsBytes(path.Collection()) {
				return nil
			}
			if f.snapshot.Has(cid) {
				return nil
			}
			_, err := r.Record(ctx, f.id.DID, cid)
			if errors.Is(err, store.ErrNotFound) {
				wanted = append(wanted, cid)
				return nil
			}
			return err
		}
		for c, err := range repo.Changes(old.All(), f.snapshot.Manifest(ctx)) {
			if err != nil {
				return err
			}
			if err := check(c.Path, c.New); err != nil {
				return err
			}
		}
		if !f.known || f.rep.Account.Whole && !f.opts.Whole && !f.opts.Again {
			return nil
		}
		missing, err := store.Collect(r.Missing(ctx, f.id.DID))
		for _, e := range missing {
			err = errors.Join(err, check(e.Path, e.CID))
		}
		return err
	})
	if err != nil || len(wanted) == 0 {
		return nil, err
	}
	f.progress("asking for records that the server left out", 0, int64(len(wanted)))
	found, err := f.pds.Blocks(ctx, f.id.DID, wanted)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		f.Log.Warn("records stay missing", "count", len(wanted), "err", err)
	}
	return found, nil
}

// incoming is what goes into the archive.
func (f *fetch) incoming(found map[atproto.CID][]byte) incoming {
	now := f.Now().UTC()
	acc := f.rep.Account
	in := incoming{
		account: acc,
		identity: &store.Identity{
			DID: f.id.DID, At: now, Handle: acc.Handle, PDS: f.id.PDS, Status: acc.Status,
			Host: f.id.DocumentHost, Document: f.id.Document,
		},
		plcLog:  f.auditLog,
		found:   found,
		fetched: true,
		again:   f.opts.Again,
		doubt:   f.doubt,
		look:    f.opts.Whole,
	}
	if f.snapshot == nil {
		return in
	}
	in.account.Fetched = now
	c := &f.snapshot.Commit
	from := "getRepo"
	if f.since != "" {
		from += " since " + f.since
	}
	if f.older(c) {
		from += afterRollback
	}
	in.snapshot, in.base = f.snapshot, f.manifest
	if f.head != nil {
		in.baseOf = f.head.Commit
	}
	in.state = store.State{
		DID: f.id.DID, Rev: string(c.Rev), Commit: c.CID, Data: c.Data, Signed: c.Bytes,
		Key: f.key, Signature: atproto.SignatureValid,
		Sightings: []store.Sighting{{At: now, Host: f.pds.Host, From: from, Placed: store.Behind(f.seen, now)}},
	}
	f.rep.Rev, f.rep.Signature, f.rep.Records = in.state.Rev, in.state.Signature, f.snapshot.Len()
	return in
}
