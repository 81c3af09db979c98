package repo

import (
	"bytes"
	"context"
	"errors"

	"skyarchive/atproto"
)

// maxDepth is more than any tree has: a key of this height would have 256 zero bits in
// its hash.
const maxDepth = 128

var errStop = errors.New("stop")

// walker goes through a tree in key order.
type walker struct {
	s       *Snapshot
	ctx     context.Context // of one call of a Snapshot's method
	in      *pages
	tree    *builder // set for the first walk: check heights, and build the tree again
	visit   func(key []byte, c *atproto.CID) error
	old     cursor
	depth   []*step
	level   int
	steps   int
	missing int // nodes that are named and not there
	last    []byte
}

// step is the memory for one node on the way down.
type step struct {
	node node
	key  []byte
}

func (s *Snapshot) walker(ctx context.Context) *walker {
	w := &walker{s: s, ctx: ctx, in: newPages(s.blocks.files)}
	if s.base != nil {
		w.old.m = s.base.manifest
	}
	return w
}

// walk visits the subtree under c, whose keys must have this height; -1 for the root,
// whose first key decides. Heights go down at every step, and each node leads to a key
// greater than those before, so no file can make it run long or deep.
func (w *walker) walk(c *atproto.CID, height int) error {
	if w.steps++; w.steps%256 == 0 && w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	block, _, err := w.s.blocks.block(w.in, c)
	if err != nil {
		return err
	}
	if block == nil {
		return w.absent(c)
	}
	if w.level == maxDepth {
		return corrupt("the tree is deeper than any tree can be")
	}
	if w.level == len(w.depth) {
		w.depth = append(w.depth, &step{})
	}
	at := w.depth[w.level]
	w.level++
	defer func() { w.level-- }()
	if !at.node.decode(block) {
		return corrupt("the block %s is not a node of the tree", c)
	}
	return w.node(c, at, height)
}

func (w *walker) node(c *atproto.CID, at *step, height int) error {
	root, n := height < 0, &at.node
	if len(n.entries) == 0 {
		// Only the root of an empty tree has nothing at all. Other nodes without keys
		// bridge a gap between heights.
		if root && n.left == nil {
			return nil
		}
		if root || n.left == nil {
			return corrupt("the node %s of the tree is empty", c)
		}
		return w.child(c, n.left, height)
	}
	at.key = at.key[:0]
	for i, e := range n.entries {
		var ok bool
		if at.key, ok = n.key(i, at.key); !ok {
			return corrupt("the node %s of the tree does not write its paths canonically", c)
		}
		own := height
		if w.tree != nil || root {
			own = heightOf(at.key)
		}
		if root && i == 0 {
			height = own
		}
		if own != height {
			return corrupt("the path %q stands at height %d of the tree, not at %d", at.key, height, own)
		}
		if i == 0 && n.left != nil {
			if err := w.child(c, n.left, height); err != nil {
				return err
			}
		}
		if err := w.entry(at.key, own, e.value); err != nil {
			return err
		}
		if e.right != nil {
			if err := w.child(c, e.right, height); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walker) child(parent, c *atproto.CID, height int) error {
	if height == 0 {
		return corrupt("the node %s at the bottom of the tree has another below it", parent)
	}
	return w.walk(c, height-1)
}

func (w *walker) entry(key []byte, height int, value *atproto.CID) error {
	if w.tree != nil {
		w.tree.addAt(key, height, value)
	}
	if bytes.Compare(key, w.last) <= 0 {
		return corrupt("the path %q is out of order", key)
	}
	w.last = append(w.last[:0], key...)
	return w.visit(key, value)
}

// absent takes a subtree that is in no file from the old state: a subtree with the same
// CID holds the same records. Only the beginning of the CID is compared; what the old
// manifest says is believed because the whole tree rebuilds.
func (w *walker) absent(c *atproto.CID) error {
	if w.s.base == nil {
		w.missing++
		return nil
	}
	records, ok := w.s.base.nodes[prefixOf(c)]
	if !ok {
		w.missing++
		return nil
	}
	if w.old.read > int(records.from) {
		return corrupt("the node %s stands twice in the tree", c)
	}
	for w.old.read < int(records.to) {
		w.old.next()
		if w.old.read <= int(records.from) {
			continue
		}
		height := 0
		if w.tree != nil {
			height = heightOf(w.old.key)
		}
		if err := w.entry(w.old.key, height, w.old.value); err != nil {
			return err
		}
	}
	return nil
}
