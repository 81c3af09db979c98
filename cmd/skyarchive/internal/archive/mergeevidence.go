package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

func (m *merge) identity(ctx context.Context, w store.Writer, known []store.Identity) error {
	var line fileIdentity
	if err := m.lines.into(&line); err != nil {
		return err
	}
	id := store.Identity(line)
	if id.DID != m.did {
		return m.lines.wrong(fmt.Errorf("%w: identity of %s among the lines of %s", ErrUnverified, id.DID, m.did))
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
		if signedBy(undone, &commit) == nil { // else it held when it was fetched, and verify says what became of it
			return wrong("state %s was signed with none of the keys that are known of %s (%d)", s.Rev, m.did, len(m.keys))
		}
	}
	for _, seen := range line.Sightings {
		sight := store.Sighting(seen)
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
