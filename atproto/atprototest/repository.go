package atprototest

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
)

// A repository keeps what the reference server keeps: the blocks of the newest state, each
// with the revision that first brought it. A block that the newest state does not need is
// gone, which is why an export since a revision says nothing of what was deleted.
type repository struct {
	head    repo.Commit
	records map[atproto.Path]record
	entries []repo.Entry // the tree's, in key order
	nodes   map[atproto.CID]bool
	blocks  map[atproto.CID]block
	history []undo
}

// A record's JSON is what servers show of it; nil if it was written as bytes.
type record struct {
	cid   atproto.CID
	bytes []byte
	json  []byte
}

type block struct {
	cid  atproto.CID
	data []byte
	rev  string
}

// A change of one record; without bytes the record is deleted.
type change struct {
	path atproto.Path
	record
}

// undo is what it takes to go back by one commit.
type undo struct {
	head    repo.Commit
	records map[atproto.Path]record // the former ones; zero: there was none
	nodes   []atproto.CID           // those that are no longer of the tree
	added   []atproto.CID
	removed []block
}

// commit writes the changes and signs the new state.
func (a *Account) commit(changes []change) error {
	rev := a.network.tid(a.network.tick(time.Time{}))
	return a.commitAt(rev, changes)
}

func (a *Account) commitAt(rev string, changes []change) error {
	r := &a.repo
	if r.records == nil {
		*r = repository{records: map[atproto.Path]record{}, blocks: map[atproto.CID]block{}}
	}
	u := undo{head: r.head, records: map[atproto.Path]record{}}
	var gone []atproto.CID
	for _, c := range changes {
		old := r.records[c.path]
		if _, ok := u.records[c.path]; !ok {
			u.records[c.path] = old
		}
		if !old.cid.IsZero() {
			gone = append(gone, old.cid)
		}
		if err := r.apply(c); err != nil {
			return err
		}
	}
	nodes := map[atproto.CID]bool{}
	var fresh []block
	root, err := repo.Nodes(entriesOf(r.entries), func(c atproto.CID, data []byte) error {
		nodes[c] = true
		if _, ok := r.blocks[c]; !ok {
			fresh = append(fresh, block{c, slices.Clone(data), rev})
		}
		return nil
	})
	if err != nil {
		return err
	}
	head, err := repo.SignCommit(a.did, syntax.TID(rev), root, a.key)
	if err != nil {
		return err
	}
	fresh = append(fresh, block{head.CID, head.Bytes, rev})
	for _, c := range changes {
		if _, ok := r.blocks[c.cid]; !ok && c.bytes != nil {
			fresh = append(fresh, block{c.cid, c.bytes, rev})
		}
	}
	for c := range r.nodes {
		if !nodes[c] {
			u.nodes = append(u.nodes, c)
		}
	}
	for _, b := range fresh {
		if _, ok := r.blocks[b.cid]; !ok {
			r.blocks[b.cid] = b
			u.added = append(u.added, b.cid)
		}
	}
	gone = slices.DeleteFunc(gone, r.names)
	for _, c := range slices.Concat(gone, u.nodes, []atproto.CID{r.head.CID}) {
		if old, ok := r.blocks[c]; ok {
			u.removed = append(u.removed, old)
			delete(r.blocks, c)
		}
	}
	r.nodes, r.head = nodes, head
	r.history = append(r.history, u)
	return nil
}

// apply changes records and entries.
func (r *repository) apply(c change) error {
	i, found := slices.BinarySearchFunc(r.entries, c.path, func(e repo.Entry, p atproto.Path) int { return cmp.Compare(e.Path, p) })
	switch {
	case c.bytes == nil && !found:
		return fmt.Errorf("there is no record %s", c.path)
	case c.bytes == nil:
		delete(r.records, c.path)
		r.entries = slices.Delete(r.entries, i, i+1)
	case found:
		r.records[c.path] = c.record
		r.entries[i].CID = c.cid
	default:
		r.records[c.path] = c.record
		r.entries = slices.Insert(r.entries, i, repo.Entry{Path: c.path, CID: c.cid})
	}
	return nil
}

// names says whether the tree names a record with this CID.
func (r *repository) names(c atproto.CID) bool {
	return slices.ContainsFunc(r.entries, func(e repo.Entry) bool { return e.CID == c })
}

// rollback goes back by one commit, as a server does that was restored from a backup.
func (r *repository) rollback() error {
	if len(r.history) < 2 {
		return fmt.Errorf("there is no older state")
	}
	u := r.history[len(r.history)-1]
	r.history = r.history[:len(r.history)-1]
	for path, old := range u.records {
		if _, ok := r.records[path]; !ok && old.cid.IsZero() {
			continue // written and deleted in one commit
		}
		if err := r.apply(change{path, old}); err != nil {
			return err
		}
	}
	for _, b := range u.removed {
		r.blocks[b.cid] = b
	}
	for _, c := range u.added {
		delete(r.blocks, c)
		delete(r.nodes, c)
	}
	for _, c := range u.nodes {
		r.nodes[c] = true
	}
	r.head = u.head
	return nil
}

// since are the blocks of an export: those that are newer than a revision, by revision and
// CID, the greatest first. So the commit is somewhere among the first.
func (r *repository) since(rev string) []block {
	list := slices.Collect(maps.Values(r.blocks))
	list = slices.DeleteFunc(list, func(b block) bool { return b.rev <= rev })
	names := make(map[atproto.CID]string, len(list))
	for _, b := range list {
		names[b.cid] = b.cid.String() // the server compares text
	}
	slices.SortFunc(list, func(x, y block) int {
		return cmp.Or(cmp.Compare(y.rev, x.rev), cmp.Compare(names[y.cid], names[x.cid]))
	})
	return list
}

func entriesOf(list []repo.Entry) iter.Seq2[repo.Entry, error] {
	return func(yield func(repo.Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// write puts changes into the open batch, or commits them.
func (a *Account) write(changes ...change) error {
	if a.batching {
		a.pending = append(a.pending, changes...)
		return nil
	}
	return a.commit(changes)
}

// Batch makes everything that fn writes to this account one commit.
func (a *Account) Batch(fn func()) {
	a.do("begin batch of", func() error {
		if a.batching {
			return fmt.Errorf("a batch is open already")
		}
		a.batching = true
		return nil
	})
	fn()
	a.do("write batch of", a.endBatch)
}

func (a *Account) endBatch() error {
	changes := a.pending
	a.batching, a.pending = false, nil
	return a.commit(changes)
}

// Put writes a record given as JSON, in place of what stands at the path.
func (a *Account) Put(path atproto.Path, json []byte) atproto.Ref {
	return a.put(path, func() (record, error) { return recordOf(json) })
}

// PutBytes writes a record given as bytes, which may be anything.
func (a *Account) PutBytes(path atproto.Path, data []byte) atproto.Ref {
	return a.put(path, func() (record, error) {
		data := slices.Clone(data)
		return record{cid: atproto.CIDOf(data), bytes: data}, nil
	})
}

func (a *Account) put(path atproto.Path, make func() (record, error)) (ref atproto.Ref) {
	a.do("write "+string(path)+" of", func() error {
		r, err := make()
		if err != nil {
			return err
		}
		ref = atproto.Ref{URI: path.URI(a.did), CID: r.cid.String()}
		return a.write(change{path, r})
	})
	return ref
}

// Delete deletes records, all in one commit.
func (a *Account) Delete(refs ...atproto.Ref) {
	a.do("delete records of", func() error {
		var changes []change
		for _, ref := range refs {
			changes = append(changes, change{path: atproto.PathOf(ref.URI)})
		}
		return a.write(changes...)
	})
}

// Rev is the revision of the newest commit.
func (a *Account) Rev() string {
	a.network.mu.Lock()
	defer a.network.mu.Unlock()
	return string(a.repo.head.Rev)
}

// Head is the newest commit.
func (a *Account) Head() repo.Commit {
	a.network.mu.Lock()
	defer a.network.mu.Unlock()
	return a.repo.head
}

// Records are the paths and CIDs of the newest state, in key order.
func (a *Account) Records() []repo.Entry {
	a.network.mu.Lock()
	defer a.network.mu.Unlock()
	return slices.Clone(a.repo.entries)
}

// Rollback sets the repository back by some commits, as if the server had been restored
// from a backup.
func (a *Account) Rollback(commits int) {
	a.do("roll back", func() error {
		for range commits {
			if err := a.repo.rollback(); err != nil {
				return err
			}
		}
		return nil
	})
}

// Fork replaces the newest commit by another one with the same revision.
func (a *Account) Fork() {
	a.do("fork", func() error {
		rev := string(a.repo.head.Rev)
		if err := a.repo.rollback(); err != nil {
			return err
		}
		r, err := recordOf([]byte(`{"$type":"app.bsky.graph.follow","subject":"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa","createdAt":"2025-01-01T00:00:00Z"}`))
		if err != nil {
			return err
		}
		return a.commitAt(rev, []change{{atproto.Path("app.bsky.graph.follow/" + rev), r}})
	})
}
