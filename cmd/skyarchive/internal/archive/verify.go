package archive

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/plclog"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// Verification is what checking the archived evidence of one account gave.
type Verification struct {
	Account store.Account
	States  int // signed states, each rebuilt from its manifest
	Signed  int // of them, those whose signature holds with a key of the account
	Records int // versions of records whose bytes hash to their CID
	Missing int // entries whose bytes should be kept and are not there

	Forgotten int // entries whose bytes a person had taken out
	Keys      []KeyUse
	Log       string        // how the directory's log stands, in a sentence
	Wrong     []string      // what does not hold, the first first
	Invalid   []store.State // that somebody else signed: kept as evidence, and nothing of them is shown
	Foreign   int           // of Wrong, those that say that somebody else signed a state
	Damaged   int           // entries whose bytes are not those that were signed
	NoKey     bool          // there is no key of the account to check with
}

// KeyUse is a key that signed states, and who says that it was the account's.
type KeyUse struct {
	Key         string    // did:key
	From, Until time.Time // as the directory attests; zero where it does not say
	Operation   string    // CID of the operation that brought it, "" for a DID document
	States      int
	Outside     int // of them, those whose revision is dated outside that time
}

// skew is by how much the clocks of a host and the directory may differ. A host also writes
// the first commit of an account a moment before the directory knows of it.
const skew = 10 * time.Minute

// covers says whether the key was the account's at a time, as far as the directory tells.
func (k *KeyUse) covers(at time.Time) bool {
	return k.From.IsZero() || !at.Before(k.From.Add(-skew)) && (k.Until.IsZero() || at.Before(k.Until.Add(skew)))
}

// Holds says whether everything that can be checked offline holds.
func (v *Verification) Holds() bool { return len(v.Wrong) == 0 && !v.NoKey }

func (v *Verification) wrong(format string, args ...any) {
	v.Wrong = append(v.Wrong, fmt.Sprintf(format, args...))
}

// Verify checks offline what the archive keeps of an account: bytes against their CIDs,
// each state's tree rebuilt from its manifest against the root that was signed, the
// signature with a key of the directory's verified log or, where there is none, of a DID
// document as it was seen.
func (a *Archiver) Verify(ctx context.Context, r store.Reader, did syntax.DID) (Verification, error) {
	var v Verification
	var err error
	if v.Account, err = r.Account(ctx, did); err != nil {
		return v, err
	}
	keys, err := evidenceKeys(ctx, r, &v)
	if err != nil {
		return v, err
	}
	states, err := store.Collect(r.States(ctx, did))
	if err != nil {
		return v, err
	}
	v.NoKey = len(keys.all) == 0 && len(states) > 0
	gone, err := forgottenOf(ctx, r, did)
	if err != nil {
		return v, err
	}
	var tree repo.Tree
	for i, s := range states {
		a.progress("verifying states", int64(i), int64(len(states)))
		if err := ctx.Err(); err != nil {
			return v, context.Cause(ctx)
		}
		changes, err := store.Collect(r.Changes(ctx, did, s.Commit))
		if err != nil {
			return v, err
		}
		for _, e := range changes {
			if err := tree.Set(e); err != nil {
				v.wrong("state %s: its manifest cannot be put together: %v", s.Rev, err)
				return v, nil
			}
		}
		v.States++
		a.verifyState(&v, s, &tree, keys)
		if err := a.verifyRecords(ctx, r, &v, changes, gone); err != nil {
			return v, err
		}
	}
	if err := a.verifyInvalid(ctx, r, &v, keys, gone); err != nil {
		return v, err
	}
	v.Keys = keys.used()
	if len(v.Wrong) > 0 { // then there is nothing to compare with
		return v, nil
	}
	return v, a.verifyShown(ctx, r, &v, &tree, gone)
}

// verifyInvalid checks that the states which somebody else signed are kept as they came.
func (a *Archiver) verifyInvalid(ctx context.Context, r store.Reader, v *Verification, keys *keyring, gone *forgotten) (err error) {
	if v.Invalid, err = store.Collect(r.InvalidStates(ctx, v.Account.DID)); err != nil {
		return err
	}
	var tree repo.Tree
	for _, s := range v.Invalid {
		changes, err := store.Collect(r.Changes(ctx, s.DID, s.Commit))
		if err != nil {
			return err
		}
		for _, e := range changes {
			if err := tree.Set(e); err != nil {
				v.wrong("state %s: its manifest cannot be put together: %v", s.Rev, err)
				return nil
			}
		}
		if commit := v.kept(s, &tree); commit != nil && keys.signed(commit) {
			v.wrong("state %s: it is set apart as signed by somebody else, and a key of the account signed it; the next fetch looks again", s.Rev)
		}
		its := Verification{Account: v.Account} // bytes that nobody gave are not missed here
		if err := a.verifyRecords(ctx, r, &its, changes, gone); err != nil {
			return err
		}
		v.Records += its.Records
		v.Damaged += its.Damaged
		v.Wrong = append(v.Wrong, its.Wrong...)
	}
	return nil
}

// Doubt notes, after a verification, that bytes which the archive took to be there are not:
// the next fetch or import looks for all of them.
func (a *Archiver) Doubt(ctx context.Context, list []Verification) error {
	list = slices.DeleteFunc(slices.Clone(list), func(v Verification) bool { return v.Damaged+v.Missing == 0 || !v.Account.Whole && !v.Account.Complete })
	if len(list) == 0 {
		return nil
	}
	return a.Store.Update(ctx, func(w store.Writer) error {
		for _, v := range list {
			acc, err := w.Account(ctx, v.Account.DID)
			if err != nil {
				return err
			}
			acc.Whole, acc.Complete = false, false
			if err := w.PutAccount(ctx, acc); err != nil {
				return err
			}
		}
		return nil
	})
}

// kept is the commit of a state, nil if it is not kept as it was signed, with its tree.
func (v *Verification) kept(s store.State, tree *repo.Tree) *repo.Commit {
	commit, err := repo.ParseCommit(s.Signed)
	switch {
	case err != nil:
		v.wrong("state %s: %v", s.Rev, err)
		return nil
	case commit.CID != s.Commit || commit.DID != s.DID || string(commit.Rev) != s.Rev || commit.Data != s.Data:
		v.wrong("state %s: the signed commit says something else than the archive does", s.Rev)
		return nil
	}
	if root := tree.Root(); root != commit.Data {
		v.wrong("state %s: the tree of its %d records has the root %s, and %s was signed", s.Rev, tree.Len(), root, commit.Data)
		return nil
	}
	return &commit
}

// verifyState checks a state's commit, its tree and its signature.
func (a *Archiver) verifyState(v *Verification, s store.State, tree *repo.Tree, keys *keyring) {
	commit := v.kept(s, tree)
	if commit == nil {
		return
	}
	if keys.signed(commit) {
		v.Signed++
	} else if op := signedBy(keys.undone, commit); op != nil {
		v.Foreign++
		v.wrong("state %s: it was signed with a key that operation %s of %s gave to the account, and a key of higher rank undid that operation: "+
			"who signed it lost the account again", s.Rev, op.Operation, op.From.UTC().Format("2006-01-02 15:04 UTC"))
	} else if s.Signature == atproto.SignatureValid || keys.log {
		v.Foreign++
		v.wrong("state %s: it was signed with none of the keys known of the account (%d)", s.Rev, len(keys.all))
	}
}

// verifyRecords compares the bytes of changed records with their CIDs. The same bytes at
// two paths of one state count once.
func (a *Archiver) verifyRecords(ctx context.Context, r store.Reader, v *Verification, changes []store.Entry, gone *forgotten) error {
	paths := map[atproto.CID]atproto.Path{}
	var cids []atproto.CID
	for _, e := range changes {
		if _, known := paths[e.CID]; !known && !e.CID.IsZero() && atproto.KeepsBytes(e.Path.Collection()) {
			paths[e.CID] = e.Path
			cids = append(cids, e.CID)
		}
	}
	damaged := map[atproto.CID]bool{}
	done := 0
	for kept, err := range r.Records(ctx, v.Account.DID, cids) {
		if err != nil {
			return err
		}
		if _, wanted := paths[kept.CID]; !wanted {
			continue
		}
		if !kept.CID.Names(kept.Bytes) {
			damaged[kept.CID] = true
			continue
		}
		v.Records++
		delete(paths, kept.CID)
		if done++; done%1000 == 0 {
			a.progress("checking bytes", int64(done), int64(len(cids)))
		}
	}
	for _, c := range cids {
		path, bad := paths[c]
		switch {
		case !bad:
		case damaged[c]:
			v.Damaged++
			v.wrong("%s: its bytes are not those that %s names; if it still stands in the account, the next fetch asks for them again", path, c)
		case gone.has(path):
			v.Forgotten++
		default:
			v.Missing++
		}
	}
	return nil
}

// A keyring is the keys that evidence says were an account's.
type keyring struct {
	all    []KeyUse
	log    bool // they are those of the directory's log: there are no others
	sure   bool // what none of them signed, the account did not sign
	undone []plclog.Key
}

// signed counts the commit to the key that signed it. A key may have been the account's
// several times: then the time that the commit is dated in counts, else the last one.
func (k *keyring) signed(c *repo.Commit) bool {
	at, dated := atproto.TIDTime(string(c.Rev))
	var use *KeyUse
	for i := range slices.Backward(k.all) {
		if use != nil && k.all[i].Key != use.Key {
			continue
		}
		key, err := atcrypto.ParsePublicDIDKey(k.all[i].Key)
		if err != nil || c.Verify(key) != nil {
			continue
		}
		if covers := k.all[i].covers(at); use == nil || covers {
			use = &k.all[i]
			if covers {
				break
			}
		}
	}
	if use == nil {
		return false
	}
	use.States++
	if dated && use.Operation != "" && !use.covers(at) {
		use.Outside++
	}
	return true
}

func (k *keyring) used() []KeyUse {
	var list []KeyUse
	for _, u := range k.all {
		if u.States > 0 {
			list = append(list, u)
		}
	}
	return list
}
