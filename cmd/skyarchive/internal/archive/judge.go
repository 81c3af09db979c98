package archive

import (
	"context"
	"fmt"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/plclog"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// judge looks again at who signed the states of an account, with the keys that are known by
// now. One that came without a key becomes valid if any of them fits. One that none of them fits
// is somebody else's: it is kept as evidence, and what was derived from it is derived again
// without it. So the archive is the same, whether a file or the key came first. all says that
// also those states are to be looked at which are valid.
func (a *Archiver) judge(ctx context.Context, w store.Writer, did syntax.DID, all bool, rep *Report) (moved bool, err error) {
	states, err := store.Collect(w.States(ctx, did))
	if err != nil {
		return false, err
	}
	invalid, err := store.Collect(w.InvalidStates(ctx, did))
	if err != nil {
		return false, err
	}
	states = append(states, invalid...)
	if !all && !doubtful(states, nil) {
		return false, nil
	}
	ring, err := evidenceKeys(ctx, w, &Verification{Account: store.Account{Account: atproto.Account{DID: did}}})
	if err != nil || len(ring.all) == 0 {
		return false, err
	}
	var foreign, back []store.State
	for _, s := range states {
		was := s.Signature
		if !ring.judge(&s) {
			continue
		}
		if err := w.JudgeState(ctx, did, s.Commit, s.Key, s.Signature); err != nil {
			return false, err
		}
		switch atproto.SignatureInvalid {
		case s.Signature:
			foreign = append(foreign, s)
		case was:
			back = append(back, s)
		}
	}
	if len(foreign)+len(back) == 0 {
		return false, nil
	}
	rep.Notes = append(rep.Notes, judgedNotes(foreign, back)...)
	return true, a.deriveAgain(ctx, w, did)
}

// doubtful says whether it is not settled who signed some states: with none of the keys in the
// directory's log, as far as is known.
func doubtful(states []store.State, log *plclog.History) bool {
	var keys []string
	if log != nil {
		keys = didKeys(log)
	}
	return slices.ContainsFunc(states, func(s store.State) bool {
		return s.Signature != atproto.SignatureValid || log != nil && !slices.Contains(keys, s.Key)
	})
}

// judge notes who signed a state, as far as the keys tell, and says whether that is news.
func (k *keyring) judge(s *store.State) bool {
	known := func(use KeyUse) bool { return use.Key == s.Key }
	if s.Signature == atproto.SignatureValid && slices.ContainsFunc(k.all, known) {
		return false
	}
	commit, err := repo.ParseCommit(s.Signed)
	if err != nil {
		return false // damaged: verify says so
	}
	var keys []string
	for _, use := range k.all {
		keys = append(keys, use.Key)
	}
	key, was := s.Key, s.Signature
	switch {
	case sign(s, &commit, keys):
	case signedBy(k.undone, &commit) != nil: // verify says what became of that key
		if was == atproto.SignatureInvalid {
			s.Signature = atproto.SignatureUnchecked
		}
	case k.log || k.sure && was == atproto.SignatureUnchecked:
		s.Key, s.Signature = "", atproto.SignatureInvalid
	}
	return s.Signature != was || s.Key != key
}

// judgedNotes says of states what became of them.
func judgedNotes(foreign, back []store.State) (notes []string) {
	for _, s := range foreign {
		first, came := s.First(), "fetched"
		if first.OfFile() || !first.Told.IsZero() {
			came = "imported"
		}
		notes = append(notes, fmt.Sprintf("a state %s on %s was not signed by the account's key; it is kept as evidence and not shown",
			came, first.At.UTC().Format("2006-01-02 15:04 UTC")))
	}
	if len(back) > 0 {
		notes = append(notes, "signed by the account after all, and shown again: "+number(len(back), "state"))
	}
	return notes
}

// deriveAgain derives everything of an account from the states that are left of it.
func (a *Archiver) deriveAgain(ctx context.Context, w store.Writer, did syntax.DID) error {
	acc, err := w.Account(ctx, did)
	if err != nil {
		return err
	}
	acc.Whole, acc.Complete, acc.HideGuest = false, false, false // nobody has looked what is missing
	if err := guests(ctx, w, &acc); err != nil {
		return err
	}
	if err := w.PutAccount(ctx, acc); err != nil {
		return err
	}
	posts, err := a.everyPost(ctx, w, did)
	if err != nil {
		return err
	}
	lost, err := foreignPosts(ctx, w, did)
	if err != nil {
		return err
	}
	for _, uri := range lost {
		delete(posts.entries, atproto.PathOf(uri))
	}
	if err := w.DropPosts(ctx, did, lost); err != nil {
		return err
	}
	return a.derive(ctx, w, posts, true, &Report{})
}

// foreignPosts are the posts that only states which somebody else signed ever held.
func foreignPosts(ctx context.Context, r store.Reader, did syntax.DID) (list []syntax.ATURI, err error) {
	states, err := store.Collect(r.InvalidStates(ctx, did))
	if err != nil {
		return nil, err
	}
	looked := map[atproto.Path]bool{}
	for _, s := range states {
		changes, err := store.Collect(r.Changes(ctx, did, s.Commit))
		if err != nil {
			return nil, err
		}
		for _, e := range changes {
			if looked[e.Path] || e.Path.Collection() != atproto.CollectionPost {
				continue
			}
			looked[e.Path] = true
			versions, err := r.Versions(ctx, did, e.Path)
			if err != nil {
				return nil, err
			}
			if len(versions) == 0 {
				list = append(list, e.Path.URI(did))
			}
		}
	}
	return list, nil
}
