package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"

	"skyarchive/atproto"
	"skyarchive/atproto/plclog"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// afterRollback marks the sighting of a state whose rollback a person accepted.
const afterRollback = ", rollback accepted"

// headOf is the newest state that a server gave us. What it gave before a rollback that was
// accepted counts no more, and what another archive tells of does not count at all. Before is
// what was written before, whatever the clock said.
func headOf(states []store.State) (head *store.State) {
	at, accepted := -1, time.Time{}
	for i, s := range states {
		for _, seen := range s.Sightings {
			if seen.Told.IsZero() && strings.HasSuffix(seen.From, afterRollback) && !seen.Order().Before(accepted) {
				at, accepted = i, seen.Order()
			}
		}
	}
	for i, s := range states {
		for _, seen := range s.Sightings {
			if seen.Told.IsZero() && seen.Host != "" && (i <= at || seen.Order().After(accepted)) {
				head = &states[i]
			}
		}
	}
	return head
}

// lastSeen is where our last sighting of any state stands.
func lastSeen(states []store.State) (last time.Time) {
	for _, s := range states {
		for _, seen := range s.Sightings {
			if seen.Told.IsZero() && seen.Order().After(last) {
				last = seen.Order()
			}
		}
	}
	return last
}

// older says whether a state is older than the head, or another one of the same revision.
func (f *fetch) older(c *repo.Commit) bool {
	h := f.head
	return h != nil && (string(c.Rev) < h.Rev || string(c.Rev) == h.Rev && c.CID != h.Commit)
}

// verify checks that the commit is this account's, signed with its key, and not older
// than what the server gave before.
func (f *fetch) verify() error {
	c := &f.snapshot.Commit
	if c.DID != f.id.DID {
		return fmt.Errorf("%s sent the repository of %s: %w", f.id.PDS, c.DID, ErrUnverified)
	}
	if f.id.Key == "" {
		return fmt.Errorf("the DID document of %s names no signing key: %w", f.id.DID, ErrUnverified)
	}
	key, err := atcrypto.ParsePublicDIDKey(f.id.Key)
	if err != nil {
		return fmt.Errorf("the signing key of %s cannot be read (%v): %w", f.id.DID, err, ErrUnverified)
	}
	f.key = f.id.Key
	if err := c.Verify(key); err != nil {
		// A key that was changed signs from the next commit on.
		var earlier plclog.Key
		signed := false
		if f.log != nil {
			earlier, signed = f.log.Signer(c.Verify)
		}
		if !signed {
			return fmt.Errorf("%w: %w", ErrUnverified, err)
		}
		f.key = earlier.DIDKey
		f.rep.Notes = append(f.rep.Notes, "signed with an earlier key of the account: it has written nothing since its key changed")
	}
	if h, rev := f.head, string(c.Rev); !f.opts.AcceptRollback && f.older(c) {
		what := ErrRollback
		if rev == h.Rev {
			what = ErrForked
		}
		return fmt.Errorf("%w: %w: it gave %s (%s)%s before and gives %s (%s)%s now; --accept-rollback keeps both",
			ErrUnverified, what, h.Rev, h.Commit, dated(h.Rev), rev, c.CID, dated(rev))
	}
	return nil
}

// dated says when a revision is from, as its server claims.
func dated(rev string) string {
	at, ok := atproto.TIDTime(rev)
	if !ok {
		return ""
	}
	return " of " + at.UTC().Format("2006-01-02 15:04:05 UTC")
}

// settle asks for the directory's log before anything is compared with the states that are here,
// if any of them may be somebody else's: what an export calls the account's newest state must
// not keep out what its server gives.
func (f *fetch) settle(ctx context.Context) error {
	if !f.doubt {
		return nil
	}
	if err := f.audit(ctx); err != nil {
		return err
	}
	if f.log == nil {
		return nil
	}
	keys := didKeys(f.log)
	if !slices.Contains(keys, f.id.Key) { // it is not as new as the document
		return nil
	}
	for _, undone := range f.log.Undone() {
		keys = append(keys, undone.DIDKey)
	}
	f.head = headOf(slices.DeleteFunc(slices.Clone(f.states), func(s store.State) bool {
		return s.Key != "" && !slices.Contains(keys, s.Key)
	}))
	return nil
}

// audit asks the directory for the account's log where the one that is kept is not of the
// document as it is now. Without it, or where it is not as new as the document, the state is
// kept all the same, and the next fetch asks again.
func (f *fetch) audit(ctx context.Context) error {
	if f.audited || f.logged() {
		return nil
	}
	f.audited = true
	raw, host, err := f.Identities.AuditLog(ctx, f.id.DID)
	var history plclog.History
	if err == nil && raw != nil {
		history, err = readLog(f.id.DID, raw)
		if err == nil && f.id.Key != "" && !slices.Contains(didKeys(&history), f.id.Key) {
			err = errors.New("it does not name the key of the DID document")
		}
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		f.Log.Warn("no audit log from the directory; the next fetch asks again", "account", f.id.DID, "err", err)
		f.rep.Notes = append(f.rep.Notes, "the directory's log of this account could not be had; the next fetch asks again")
	case raw != nil:
		f.auditLog, f.log = &store.PLCLog{DID: f.id.DID, At: f.Now().UTC(), Host: host, Raw: raw}, &history
	}
	return nil
}

// logged says whether the log that is kept leads to the document as it is now.
func (f *fetch) logged() bool {
	if f.log == nil || f.last == nil || !bytes.Equal(f.last.Document, f.id.Document) {
		return false
	}
	op := f.log.Last()
	if op == nil || len(f.id.Document) == 0 { // the account was given up
		return op != nil
	}
	named := func(handle string) bool { return strings.EqualFold(handle, string(f.id.Declared)) }
	return op.SigningKey == f.id.Key && strings.TrimSuffix(op.PDS, "/") == f.id.PDS &&
		(f.id.Declared == "" || slices.ContainsFunc(op.Handles, named))
}
