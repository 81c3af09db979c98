package repo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// WriteProof writes the proof that a signed state held a record at a path, or that it held
// none: a CAR file of the commit, the nodes of the tree from the root to the path and the
// record, the form in which servers answer com.atproto.sync.getRecord. The manifest is
// that of the commit. Record is nil where there was none.
func WriteProof(w io.Writer, commit *Commit, m *Manifest, path atproto.Path, record []byte) error {
	at, value := m.find(path)
	switch {
	case value.IsZero() && record != nil:
		return fmt.Errorf("prove %s: the state holds no such record", path)
	case !value.IsZero() && !value.Names(record):
		return fmt.Errorf("prove %s: %w", path, corrupt("the record's bytes do not match its name %s", value))
	}
	type named struct {
		cid   atproto.CID
		block []byte
	}
	var nodes []named // the way up
	tree := builder{emit: func(c *atproto.CID, block []byte, from, to int) {
		// The gap where a missing key would be may lie at either end of a subtree.
		if from <= at && (at < to || at == to && value.IsZero()) {
			nodes = append(nodes, named{*c, bytes.Clone(block)})
		}
	}}
	for c := (cursor{m: m}); c.next(); {
		tree.add(c.key, c.value)
	}
	if root := tree.root(); root != commit.Data {
		return fmt.Errorf("prove %s: %w", path, corrupt("the manifest has the root %s, and %s was signed", root, commit.Data))
	}
	out, err := NewWriter(w, commit.CID)
	if err != nil {
		return err
	}
	if err := out.Put(commit.CID, commit.Bytes); err != nil {
		return err
	}
	for _, n := range slices.Backward(nodes) {
		if err := out.Put(n.cid, n.block); err != nil {
			return err
		}
	}
	if value.IsZero() {
		return nil
	}
	return out.Put(value, record)
}

// find is the number of the entry at a path and its CID; if there is none, the number of
// the first entry behind it and the zero CID.
func (m *Manifest) find(path atproto.Path) (at int, value atproto.CID) {
	c := cursor{m: m}
	for c.next() {
		if string(c.key) == string(path) {
			return c.read - 1, *c.value
		}
		if string(c.key) > string(path) {
			return c.read - 1, atproto.CID{}
		}
	}
	return m.n, atproto.CID{}
}

// Proved is what a proof shows of one path.
type Proved struct {
	Commit Commit
	CID    atproto.CID // zero: the state held no record at the path
	Record []byte      // nil: there is none, or the proof leaves out its bytes
}

// CheckProof checks the proof, by a file like those of [WriteProof], of what the
// repository of an account held at a path. A nil key leaves the signature unchecked.
func CheckProof(ctx context.Context, file Source, did syntax.DID, key atcrypto.PublicKey, path atproto.Path) (Proved, error) {
	b := blocks{files: []Source{file}, index: newIndex(file.Size / usualBlock)}
	head, _, err := b.scan(ctx, 0)
	if err != nil {
		return Proved{}, err
	}
	in := &pages{files: b.files}
	block, _, err := b.block(in, &head)
	if err != nil {
		return Proved{}, err
	}
	if block == nil {
		return Proved{}, fmt.Errorf("%w: it lacks the signed commit", ErrIncomplete)
	}
	commit, err := ParseCommit(block)
	if err != nil {
		return Proved{}, err
	}
	if commit.DID != did {
		return Proved{}, corrupt("the commit is that of %s, not of %s", commit.DID, did)
	}
	if key != nil {
		if err := commit.Verify(key); err != nil {
			return Proved{}, err
		}
	}
	if !validKey([]byte(path)) {
		return Proved{}, fmt.Errorf("%q is no path of a record", path)
	}
	proved := Proved{Commit: commit}
	value, err := b.lookUp(in, &commit.Data, []byte(path))
	if err != nil || value == nil {
		return proved, err
	}
	proved.CID = *value
	proved.Record, _, err = b.block(in, value)
	return proved, err
}

// lookUp goes down the tree to a key, and returns nil if the tree proves that it is not
// there.
func (b *blocks) lookUp(in *pages, c *atproto.CID, want []byte) (*atproto.CID, error) {
	var n node
	for height, wanted := -1, heightOf(want); ; height-- {
		block, _, err := b.block(in, c)
		if err != nil {
			return nil, err
		}
		if block == nil {
			return nil, fmt.Errorf("%w: it lacks the node %s", ErrIncomplete, c)
		}
		if !n.decode(block) {
			return nil, corrupt("the block %s is not a node of the tree", c)
		}
		value, next, own, err := n.search(want, height)
		if err != nil {
			return nil, fmt.Errorf("the node %s: %w", c, err)
		}
		// A key cannot stand below its own height.
		if value != nil || next == nil || own <= wanted {
			return value, nil
		}
		c, height = next, own
	}
}

// search looks for a key in a node that must have this height (-1: the root's, which is
// not known). It returns the key's value, or the subtree in which it would be.
func (n *node) search(want []byte, height int) (value, next *atproto.CID, own int, err error) {
	next = n.left
	var key, last []byte
	for i, e := range n.entries {
		var ok bool
		if key, ok = n.key(i, key); !ok {
			return nil, nil, 0, corrupt("paths are not written canonically")
		}
		if height < 0 {
			height = heightOf(key)
		}
		if heightOf(key) != height || bytes.Compare(key, last) <= 0 {
			return nil, nil, 0, corrupt("the path %q is out of place", key)
		}
		last = append(last[:0], key...)
		switch bytes.Compare(key, want) {
		case 0:
			value = e.value
		case -1:
			next = e.right
		}
	}
	if height < 0 && n.left != nil {
		return nil, nil, 0, corrupt("the root of the tree holds no path")
	}
	if height == 0 && next != nil {
		return nil, nil, 0, corrupt("there is a node below the bottom of the tree")
	}
	if value != nil {
		next = nil
	}
	return value, next, height, nil
}
