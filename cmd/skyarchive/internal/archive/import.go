package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// ImportOptions say what is known of an imported file besides itself.
type ImportOptions struct {
	Document     []byte      // DID document of the account, nil: none
	PLCLog       []byte      // the directory's log of the account, nil: none
	AllowMissing bool        // take a file that lacks bytes of posts its tree names
	Again        bool        // also what was forgotten
	Blobs        store.Blobs // where files beside an export go; nil: there are none
}

// ErrNotImportable says that a file is nothing that can be imported.
var ErrNotImportable = errors.New("not a whole repository file (CAR) or export (NDJSON)")

// IsImportable says whether a file starts as one that Import or Merge reads.
func IsImportable(name string) bool { return repo.IsCAR(firstBytes(name)) || IsMerge(name) }

// Import archives the repository in a file. With a DID document or a log of the directory
// its signature is checked and must hold; without, it must hold with a key that the archive
// knows of the account, and is unchecked where none is known.
func (a *Archiver) Import(ctx context.Context, name string, opts ImportOptions) (Report, error) {
	var rep Report
	file, err := os.Open(name)
	if err != nil {
		return rep, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return rep, err
	}
	if info.IsDir() {
		return rep, fmt.Errorf("%s is a folder; name the files in it: %w", name, ErrNotImportable)
	}
	head, err := bufio.NewReader(file).Peek(64)
	if !repo.IsCAR(head) {
		return rep, fmt.Errorf("%s: %w", name, errors.Join(ErrNotImportable, ignoreEOF(err)))
	}
	a.Timings.begin(a.Now)
	a.progress("checking every block", 0, info.Size())
	snapshot, err := repo.Open(ctx, repo.Source{R: file, Size: info.Size()})
	if err != nil {
		return rep, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	c := &snapshot.Commit
	rep.Account.DID, rep.Rev, rep.Records = c.DID, string(c.Rev), snapshot.Len()
	in := incoming{
		again:    opts.Again,
		account:  store.Account{Account: atproto.Account{DID: c.DID, Handle: syntax.HandleInvalid}, Status: atproto.Active},
		snapshot: snapshot,
		state: store.State{
			DID: c.DID, Rev: string(c.Rev), Commit: c.CID, Data: c.Data, Signed: c.Bytes,
			Sightings: []store.Sighting{{At: a.Now().UTC(), From: "import " + filepath.Base(name)}},
		},
	}
	gone, err := a.forgotten(ctx, c.DID, opts)
	if err != nil {
		return rep, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	if err := a.checkImport(ctx, &in, c, opts, &rep); err != nil {
		return rep, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	rep.Signature = in.state.Signature
	a.Timings.lap("read and verify")
	if err := a.lacking(ctx, snapshot, gone, opts); err != nil {
		return rep, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	defer collect(wholePercent(snapshot.Len()))()
	err = a.Store.Fill(ctx, func(w store.Writer) error { return a.keep(ctx, w, in, &rep) })
	a.Timings.lap("index and commit")
	return rep, err
}

func ignoreEOF(err error) error {
	if err != nil && err.Error() == "EOF" {
		return nil
	}
	return err
}

// checkImport looks for the key that signed the commit, among those given, else among those
// that the archive knows. Where the directory's log is known, given or kept, it says which keys
// there are, and no document adds one.
func (a *Archiver) checkImport(ctx context.Context, in *incoming, c *repo.Commit, opts ImportOptions, rep *Report) error {
	keys, ofLog, err := a.knownKeys(ctx, c.DID)
	if err != nil {
		return err
	}
	given := opts.Document != nil || opts.PLCLog != nil
	if given && !ofLog {
		keys = nil
	}
	if opts.PLCLog != nil {
		history, err := givenLog(c.DID, opts.PLCLog, rep)
		if err != nil {
			return err
		}
		keys, ofLog = append(keys, didKeys(&history)...), true
		in.plcLog = &store.PLCLog{DID: c.DID, At: a.Now().UTC(), Raw: opts.PLCLog}
	}
	if opts.Document != nil {
		key, err := a.document(in, opts.Document)
		switch {
		case err != nil:
			return err
		case key != "" && ofLog && !slices.Contains(keys, key):
			return fmt.Errorf("%w: the DID document names the key %s, which the directory's log of %s does not have; import without --did-doc, "+
				"or give a newer log with --plc-log (skyarchive fetch brings it) if the key has changed since", ErrUnverified, key, c.DID)
		case key != "" && !ofLog:
			keys = append(keys, key)
		}
	}
	in.state.Signature = atproto.SignatureUnchecked
	switch {
	case sign(&in.state, c, keys):
	case given:
		return fmt.Errorf("%w: its commit was signed with none of the keys given for %s (%d)", ErrUnverified, c.DID, len(keys))
	case ofLog: // what somebody else signed must not stand among what the account did
		return fmt.Errorf("%w: its commit was signed with none of the keys that are known here of %s (%d); "+
			"if its key has changed since, fetch the account first or give the directory's newer log with --plc-log", ErrUnverified, c.DID, len(keys))
	case len(keys) > 0:
		return fmt.Errorf("%w: its commit was signed with none of the keys that are known here of %s (%d); "+
			"--did-doc or --plc-log may name another", ErrUnverified, c.DID, len(keys))
	}
	return nil
}

// document takes who the account is, and its key, from a DID document.
func (a *Archiver) document(in *incoming, document []byte) (key string, err error) {
	did := in.account.DID
	id, err := identity.ParseDocument(did, document)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnverified, err)
	}
	in.account.Handle, in.account.PDS = syntax.HandleInvalid, id.PDS
	if id.Declared != "" { // what the document says; nobody was asked whether it is so
		in.account.Handle = id.Declared
	}
	in.identity = &store.Identity{
		DID: did, At: a.Now().UTC(), Handle: in.account.Handle, PDS: id.PDS, Status: atproto.Active, Document: document,
	}
	return id.Key, nil
}

// forgotten is what of an account is not to be imported; an error if that is all of it.
func (a *Archiver) forgotten(ctx context.Context, did syntax.DID, opts ImportOptions) (gone *forgotten, err error) {
	if opts.Again {
		return &forgotten{}, nil
	}
	err = a.Store.View(ctx, func(r store.Reader) error {
		if gone, err = forgottenOf(ctx, r, did); err != nil {
			return err
		}
		return gone.refuses()
	})
	return gone, err
}

// lacking refuses a file that lacks bytes of records that should be kept and that the
// archive does not have.
func (a *Archiver) lacking(ctx context.Context, snapshot *repo.Snapshot, gone *forgotten, opts ImportOptions) error {
	if opts.AllowMissing || !snapshot.Lacks() {
		return nil
	}
	var absent []atproto.CID
	for e, err := range snapshot.Manifest(ctx) {
		if err != nil {
			return err
		}
		if atproto.KeepsBytes(e.Path.Collection()) && !snapshot.Has(e.CID) && !gone.has(e.Path) {
			absent = append(absent, e.CID)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	err := a.Store.View(ctx, func(r store.Reader) error {
		for i := len(absent) - 1; i >= 0; i-- {
			_, err := r.Record(ctx, snapshot.Commit.DID, absent[i])
			if err == nil {
				absent = append(absent[:i], absent[i+1:]...)
			} else if !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		return nil
	})
	if err != nil || len(absent) == 0 {
		return err
	}
	return fmt.Errorf("%w: the bytes of %s are not in the file; --allow-missing takes it all the same",
		repo.ErrIncomplete, number(len(absent), "post or profile"))
}
