package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

func (m *merge) identity(ctx context.Context, w store.Writer) error {
	var line fileIdentity
	if err := m.lines.into(&line); err != nil {
		return err
	}
	if line.DID != m.did {
		return m.lines.wrong(fmt.Errorf("%w: identity of %s among the lines of %s", ErrUnverified, line.DID, m.did))
	}
	return w.AddIdentity(ctx, store.Identity{
		DID: line.DID, At: line.At, Handle: line.Handle, PDS: line.PDS, Status: line.Status, Host: line.Host, Document: line.Document, Placed: line.Placed, Told: m.told,
	})
}

func (m *merge) log(ctx context.Context, w store.Writer) error {
	var line fileLog
	if err := m.lines.into(&line); err != nil {
		return err
	}
	if line.DID != m.did {
		return m.lines.wrong(fmt.Errorf("%w: log of %s among the lines of %s", ErrUnverified, line.DID, m.did))
	}
	history, err := readLog(m.did, line.Raw)
	if err != nil {
		return m.lines.wrong(fmt.Errorf("%w: %w", ErrUnverified, err))
	}
	m.rep.rejected(&history)
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
	if !sign(&s, &commit, m.keys) && len(m.keys) > 0 {
		undone, err := undoneOf(ctx, w, m.did)
		if err != nil {
			return err
		}
		switch {
		case signedBy(undone, &commit) != nil: // it held when it was fetched, and verify says what became of it
		case line.Signature == atproto.SignatureInvalid: // as evidence
			s.Signature = atproto.SignatureInvalid
		default:
			return wrong("state %s was signed with none of the keys that are known of %s (%d)", s.Rev, m.did, len(m.keys))
		}
	}
	for _, seen := range line.Sightings {
		sight := store.Sighting{At: seen.At, Host: seen.Host, From: seen.From, Placed: seen.Placed, Told: m.told}
		if s.Signature != atproto.SignatureValid && !sight.OfFile() { // then nobody knows whether a server gave it
			sight.Host, sight.From = "", m.told.By
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
	c := &m.own
	if line.Signature == atproto.SignatureInvalid {
		c = &m.others
	}
	last := c.commit
	for _, e := range changes {
		if err := c.tree.Set(e); err != nil {
			return wrong("%v", err)
		}
	}
	if root := c.tree.Root(); root != commit.Data {
		return wrong("the tree of its %d records has the root %s, and %s was signed", c.tree.Len(), root, commit.Data)
	}
	c.commit = commit.CID
	if c == &m.own {
		m.rep.Rev, m.rep.Signature, m.rep.Records = s.Rev, s.Signature, c.tree.Len()
	}
	return m.keepState(ctx, w, s, c, last, changes)
}

// changes reads the changes of a state; the line behind them is at hand then.
func (m *merge) changes(commit atproto.CID) ([]store.Entry, error) {
	var list []store.Entry
	var paths map[atproto.Path]bool // of those so far, where they are not in order, as exports have them
	for m.lines.next() && m.lines.kind == "change" {
		var line fileChange
		if err := m.lines.into(&line); err != nil {
			return nil, err
		}
		e := store.Entry{Path: line.Path}
		if line.CID != "" {
			var err error
			if e.CID, err = atproto.ParseCID(line.CID); err != nil {
				return nil, m.lines.wrong(fmt.Errorf("%w: %w", ErrUnverified, err))
			}
		}
		if line.Commit != commit || line.DID != m.did {
			return nil, m.lines.wrong(fmt.Errorf("%w: a change of another state", ErrUnverified))
		}
		if n := len(list); n > 0 && paths == nil && e.Path <= list[n-1].Path {
			paths = map[atproto.Path]bool{}
			for _, other := range list {
				paths[other.Path] = true
			}
		}
		if paths[e.Path] {
			return nil, m.lines.wrong(fmt.Errorf("%w: a second change of %s in the same state", ErrUnverified, e.Path))
		}
		if paths != nil {
			paths[e.Path] = true
		}
		if !e.CID.IsZero() && atproto.KeepsBytes(e.Path.Collection()) {
			m.named[e.CID] = m.named[e.CID] || !m.gone.has(e.Path)
		}
		list = append(list, e)
	}
	return list, m.lines.err
}

// keepState keeps a state of a chain with what it changes against the one before it here, which
// may be another than in the other archive.
func (m *merge) keepState(ctx context.Context, w store.Writer, s store.State, c *chain, last atproto.CID, changes []store.Entry) error {
	states, err := store.Collect(w.States(ctx, m.did))
	if err != nil {
		return err
	}
	invalid, err := store.Collect(w.InvalidStates(ctx, m.did))
	if err != nil {
		return err
	}
	known := func(other store.State) bool { return other.Commit == s.Commit }
	if slices.ContainsFunc(states, known) || slices.ContainsFunc(invalid, known) {
		return w.PutState(ctx, s, nothing)
	}
	if s.Signature == atproto.SignatureInvalid {
		states = invalid
	}
	m.added++
	previous := atproto.CID{}
	for _, other := range states {
		if before(other, s) {
			previous = other.Commit
		}
	}
	if previous == last {
		return w.PutState(ctx, s, each(changes))
	}
	old := &repo.Manifest{}
	if !previous.IsZero() {
		if old, err = repo.NewManifest(w.Manifest(ctx, m.did, previous)); err != nil {
			return err
		}
	}
	var list []store.Entry
	for c, err := range repo.Changes(old.All(), c.tree.All()) {
		if err != nil {
			return err
		}
		list = append(list, store.Entry{Path: c.Path, CID: c.New})
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
	if !line.CID.Names(line.Bytes) {
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
