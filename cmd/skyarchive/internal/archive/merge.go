package archive

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// IsMerge says whether a file may be an NDJSON export of another archive.
func IsMerge(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	head := make([]byte, 64)
	n, _ := io.ReadFull(file, head)
	return bytes.HasPrefix(bytes.TrimLeft(head[:n], " \t\r\n\ufeff"), []byte("{"))
}

// Merged is what another archive's export brought.
type Merged struct {
	Accounts []Report

	Contexts  int // posts by others
	Unchecked int // of them, those whose signature cannot be checked here
	Files     int
	Absent    int // files that the other archive has and that are not beside the export
}

// Merge adds what another archive's NDJSON export has and this one lacks, each account in a
// transaction of its own. Everything is checked as a fetch checks it: bytes against their
// CIDs, each state's tree against its signed root, signatures with the keys that the file
// and this archive know. Decisions of all people stay side by side. The same file again
// changes nothing. What was forgotten here stays so, unless opts say Again; of an account that
// is new here, so does what was forgotten there.
func (a *Archiver) Merge(ctx context.Context, name string, opts ImportOptions) (Merged, error) {
	file, err := os.Open(name)
	if err != nil {
		return Merged{}, err
	}
	defer file.Close()
	fail := func(err error) error { return fmt.Errorf("%s: %w", filepath.Base(name), err) }
	a.progress("reading the file", 0, 0)
	known, err := lookThrough(file)
	if err != nil {
		return Merged{}, fail(err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Merged{}, err
	}
	done, forgot := Merged{}, false
	around := surroundings{Archiver: a, opts: opts, name: name, done: &done}
	l := newLineReader(file)
	for l.next() {
		switch l.kind {
		case "account":
			m := merge{Archiver: a, lines: l, file: known, again: opts.Again, from: "import " + filepath.Base(name)}
			err := a.Store.Update(ctx, func(w store.Writer) error { return m.account(ctx, w) })
			if err != nil {
				return done, fail(err)
			}
			done.Accounts = append(done.Accounts, m.rep)
			forgot = forgot || m.forgot
			if l.kind != "" { // the line behind the account's own
				l.unread()
			}
		case "context":
			err = around.context(ctx, l)
		case "file":
			err = around.file(ctx, l)
		}
		if err != nil {
			return done, fail(err)
		}
	}
	if l.err != nil {
		return done, l.err
	}
	if err := around.write(ctx); err != nil || !forgot {
		return done, err
	}
	return done, a.Store.Overwrite(ctx)
}

// A merge is one account on its way from another archive into this one.
type merge struct {
	*Archiver
	lines *lineReader
	file  mergeFile
	again bool // also what was forgotten here
	from  string
	rep   Report

	did    syntax.DID
	keys   []string
	tree   repo.Tree   // of the last state read
	commit atproto.CID // of the last state read
	named  map[atproto.CID]bool
	added  int        // states and records
	gone   *forgotten // what was forgotten here
	forgot bool       // also what was forgotten there
}

// account reads the lines of an account, the first of which is at hand, up to the first
// line that is not its own.
func (m *merge) account(ctx context.Context, w store.Writer) error {
	var acc fileAccount
	if err := m.lines.into(&acc); err != nil {
		return err
	}
	m.did, m.named, m.rep.Outcome = acc.DID, map[atproto.CID]bool{}, Unchanged
	err := recall(ctx, w, m.did, m.again)
	if err != nil {
		return err
	}
	if m.gone, err = forgottenOf(ctx, w, m.did); err != nil {
		return err
	}
	if m.gone.account != nil {
		return m.passOver(ctx, w)
	}
	if err := m.putAccount(ctx, w, acc); err != nil {
		return err
	}
	if m.keys, err = keysOf(ctx, w, m.did); err != nil {
		return err
	}
	ids, err := store.Collect(w.Identities(ctx, m.did))
	if err != nil {
		return err
	}
	for more := m.lines.next(); more; more = m.lines.next() {
		switch m.lines.kind {
		case "identity":
			err = m.identity(ctx, w, ids)
		case "plc_log":
			err = m.log(ctx, w)
		case "state":
			err = m.state(ctx, w)
			m.lines.unread()
		case "record":
			err = m.record(ctx, w)
		default:
			return m.end(ctx, w)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(m.lines.err, m.end(ctx, w))
}

// forget takes over what the other archive has forgotten, where the account is new here. In
// an archive that has the account, what is forgotten is for its own people to say.
func (m *merge) forget(ctx context.Context, w store.Writer) error {
	list := m.file.forgotten[m.did]
	if len(list) == 0 {
		return nil
	}
	if m.rep.Outcome != Added || m.again {
		m.rep.Notes = append(m.rep.Notes, "the other archive has forgotten "+number(len(list), "post")+"; their words are not in the file")
		return nil
	}
	what := map[syntax.ATURI]bool{}
	for _, f := range list {
		if _, err := w.Forget(ctx, f); err != nil {
			return err
		}
		what[f.URI] = true
		if f.URI == "" {
			what[syntax.ATURI("at://"+m.did)] = true
		}
	}
	for _, d := range m.file.wordless[m.did] {
		if !what[d.Forgotten()] {
			return fmt.Errorf("%w: decision %s has no words, and nothing says that they were forgotten", ErrUnverified, d.ID)
		}
		if _, err := w.AddDecision(ctx, d); err != nil {
			return err
		}
	}
	m.forgot = true
	m.rep.Notes = append(m.rep.Notes, number(len(list), "post")+" forgotten, as in the other archive")
	return nil
}

// passOver reads over the lines of an account that was forgotten.
func (m *merge) passOver(ctx context.Context, w store.Writer) error {
	m.rep.Notes = append(m.rep.Notes, m.gone.refuses().Error()+" and is not taken; --again takes it")
	for m.lines.next() && m.lines.kind != "account" {
	}
	return errors.Join(m.lines.err, m.total(ctx, w, m.did, &m.rep))
}

func (m *merge) putAccount(ctx context.Context, w store.Writer, acc fileAccount) error {
	old, err := w.Account(ctx, acc.DID)
	switch {
	case err == nil:
		label, fetched := cmp.Or(old.Label, acc.Label), old.Fetched
		if acc.Fetched != nil && acc.Fetched.After(fetched) {
			fetched = *acc.Fetched
		}
		if label == old.Label && fetched.Equal(old.Fetched) {
			return nil
		}
		old.Label, old.Fetched = label, fetched
		return w.PutAccount(ctx, old)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	m.rep.Outcome = Added
	added := store.Account{
		Account: atproto.Account{DID: acc.DID, Handle: acc.Handle, PDS: acc.PDS}, Label: acc.Label, Status: acc.Status, HideGuest: acc.HideGuest,
	}
	if acc.Fetched != nil {
		added.Fetched = *acc.Fetched
	}
	return w.PutAccount(ctx, added)
}

func (m *merge) identity(ctx context.Context, w store.Writer, known []store.Identity) error {
	var line fileIdentity
	if err := m.lines.into(&line); err != nil {
		return err
	}
	id := store.Identity(line)
	if id.DID != m.did {
		return m.lines.wrong(fmt.Errorf("%w: identity of %s among the lines of %s", ErrUnverified, id.DID, m.did))
	}
	if doc, err := identity.ParseDocument(m.did, id.Document); err == nil && doc.Key != "" {
		m.keys = append(m.keys, doc.Key)
	}
	if slices.ContainsFunc(known, func(k store.Identity) bool {
		return k.At.Equal(id.At) && k.Handle == id.Handle && k.PDS == id.PDS && k.Status == id.Status && bytes.Equal(k.Document, id.Document)
	}) {
		return nil
	}
	return w.AddIdentity(ctx, id)
}

func (m *merge) log(ctx context.Context, w store.Writer) error {
	var line fileLog
	if err := m.lines.into(&line); err != nil {
		return err
	}
	if line.DID != m.did {
		return m.lines.wrong(fmt.Errorf("%w: log of %s among the lines of %s", ErrUnverified, line.DID, m.did))
	}
	keys, err := plcKeys(m.did, line.Raw)
	if err != nil {
		return m.lines.wrong(fmt.Errorf("%w: %w", ErrUnverified, err))
	}
	m.keys = append(m.keys, keys...)
	return w.AddPLCLog(ctx, store.PLCLog(line))
}

// state reads a state and its changes, rebuilds its tree and keeps it if it is new.
func (m *merge) state(ctx context.Context, w store.Writer) error {
	var line fileState
	if err := m.lines.into(&line); err != nil {
		return err
	}
	at := m.lines.n
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("line %d: %w: %s", at, ErrUnverified, fmt.Sprintf(format, args...))
	}
	commit, err := repo.ParseCommit(line.Signed)
	if err != nil {
		return wrong("%v", err)
	}
	if commit.DID != m.did || commit.CID != line.Commit {
		return wrong("the signed commit is %s of %s", commit.CID, commit.DID)
	}
	s := store.State{
		DID: m.did, Rev: string(commit.Rev), Commit: commit.CID, Data: commit.Data, Signed: line.Signed, Signature: atproto.SignatureUnchecked,
	}
	for _, k := range m.keys {
		if key, err := atcrypto.ParsePublicDIDKey(k); err == nil && commit.Verify(key) == nil {
			s.Key, s.Signature = k, atproto.SignatureValid
		}
	}
	for _, seen := range line.Sightings {
		sight := store.Sighting{At: seen.At, Host: seen.Host, From: seen.From}
		if s.Signature != atproto.SignatureValid && !sight.OfFile() { // then nobody knows whether a server gave it
			sight = store.Sighting{At: seen.At, From: m.from}
		}
		s.Sightings = append(s.Sightings, sight)
	}
	if len(s.Sightings) == 0 {
		return wrong("it was never seen")
	}
	changes, err := m.changes(line.Commit)
	if err != nil {
		return err
	}
	last := m.commit
	for _, e := range changes {
		if err := m.tree.Set(e); err != nil {
			return wrong("%v", err)
		}
	}
	if root := m.tree.Root(); root != commit.Data {
		return wrong("the tree of its %d records has the root %s, and %s was signed", m.tree.Len(), root, commit.Data)
	}
	m.commit = commit.CID
	m.rep.Rev, m.rep.Signature, m.rep.Records = s.Rev, s.Signature, m.tree.Len()
	return m.keepState(ctx, w, s, last, changes)
}

// changes reads the changes of a state; the line behind them is at hand then.
func (m *merge) changes(commit atproto.CID) ([]store.Entry, error) {
	var list []store.Entry
	for m.lines.next() && m.lines.kind == "change" {
		var line fileChange
		if err := m.lines.into(&line); err != nil {
			return nil, err
		}
		e := store.Entry{Path: line.Path}
		if line.CID != "" {
			var err error
			if e.CID, err = atproto.ParseCID(line.CID); err != nil {
				return nil, m.lines.wrong(err)
			}
		}
		if line.Commit != commit || line.DID != m.did {
			return nil, m.lines.wrong(fmt.Errorf("%w: a change of another state", ErrUnverified))
		}
		if !e.CID.IsZero() && atproto.KeepsBytes(e.Path.Collection()) {
			m.named[e.CID] = m.named[e.CID] || !m.gone.has(e.Path)
		}
		list = append(list, e)
	}
	return list, m.lines.err
}

// keepState keeps a state with what it changes against the one before it here, which may
// be another than in the other archive.
func (m *merge) keepState(ctx context.Context, w store.Writer, s store.State, last atproto.CID, changes []store.Entry) error {
	states, err := store.Collect(w.States(ctx, m.did))
	if err != nil {
		return err
	}
	var previous *store.State
	for i, other := range states {
		if other.Commit == s.Commit {
			return w.PutState(ctx, s, nothing)
		}
		if before(other, s) {
			previous = &states[i]
		}
	}
	m.added++
	list := changes
	if previous != nil && previous.Commit != last {
		old, err := repo.NewManifest(w.Manifest(ctx, m.did, previous.Commit))
		if err != nil {
			return err
		}
		list = nil
		for c, err := range repo.Changes(old.All(), m.tree.All()) {
			if err != nil {
				return err
			}
			list = append(list, store.Entry{Path: c.Path, CID: c.New})
		}
	}
	if previous == nil && !last.IsZero() {
		return fmt.Errorf("%w: states of %s out of order", ErrUnverified, m.did)
	}
	return w.PutState(ctx, s, each(list))
}

func (m *merge) record(ctx context.Context, w store.Writer) error {
	var line fileRecord
	if err := m.lines.into(&line); err != nil {
		return err
	}
	wanted, named := m.named[line.CID]
	if line.DID != m.did || !named {
		return m.lines.wrong(fmt.Errorf("%w: no state of %s names the record %s", ErrUnverified, m.did, line.CID))
	}
	if atproto.CIDOf(line.Bytes) != line.CID {
		return m.lines.wrong(fmt.Errorf("%w: its bytes are not those that %s names", ErrUnverified, line.CID))
	}
	if !wanted { // forgotten
		return nil
	}
	_, err := w.Record(ctx, m.did, line.CID)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return err
	}
	m.added++
	return w.PutRecord(ctx, m.did, line.CID, line.Bytes)
}

// end adds what people decided and derives what follows from all that is new.
func (m *merge) end(ctx context.Context, w store.Writer) error {
	added, threads := 0, false
	for _, d := range m.file.decisions[m.did] {
		is, err := w.AddDecision(ctx, d)
		if err != nil {
			return err
		}
		if is {
			added++
			threads = threads || !d.OnClaim()
		}
	}
	if m.added+added > 0 && m.rep.Outcome == Unchanged {
		m.rep.Outcome = Updated
	}
	if added > 0 {
		m.rep.Notes = append(m.rep.Notes, number(added, "decision")+" of people added")
	}
	if err := m.forget(ctx, w); err != nil {
		return err
	}
	switch {
	case m.added > 0:
		acc, err := w.Account(ctx, m.did)
		if err != nil {
			return err
		}
		acc.Whole = false // nobody has looked at what the export lacked
		if err := w.PutAccount(ctx, acc); err != nil {
			return err
		}
		posts, err := m.everyPost(ctx, w, m.did)
		if err != nil {
			return err
		}
		return m.derive(ctx, w, posts, true, &m.rep)
	case threads:
		changes, err := m.Rethread(ctx, w, m.did)
		if err != nil {
			return err
		}
		m.rep.Changes = changes
	}
	return m.total(ctx, w, m.did, &m.rep)
}
