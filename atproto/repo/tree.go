package repo

import (
	"bytes"
	"fmt"
	"iter"

	"skyarchive/atproto"
)

// An Entry says which record stands at a path.
type Entry = atproto.Entry

// Root is the root of the tree that holds these entries, which must be in key order. A
// tree is determined by its entries, so whoever has them can check a signed commit
// without the tree.
func Root(entries iter.Seq2[Entry, error]) (atproto.CID, error) {
	return Nodes(entries, nil)
}

// Nodes builds the tree that holds these entries, which must be in key order, and hands
// every node's block to emit, children first, the root last. The block is only valid
// during the call.
func Nodes(entries iter.Seq2[Entry, error], emit func(c atproto.CID, block []byte) error) (atproto.CID, error) {
	var failed error
	b := builder{}
	if emit != nil {
		b.emit = func(c *atproto.CID, block []byte, _, _ int) {
			if failed == nil {
				failed = emit(*c, block)
			}
		}
	}
	var key []byte
	for e, err := range entries {
		if err != nil {
			return atproto.CID{}, err
		}
		key = append(key[:0], e.Path...)
		if !validKey(key) || e.CID.IsZero() {
			return atproto.CID{}, fmt.Errorf("build a tree: %q is no path of a record, or has none", e.Path)
		}
		if !b.add(key, &e.CID) {
			return atproto.CID{}, fmt.Errorf("build a tree: %q is not in key order", e.Path)
		}
		if failed != nil {
			return atproto.CID{}, failed
		}
	}
	return b.root(), failed
}

// builder makes a tree from its keys in order. Of each height only the node that is still
// growing is held, so memory does not depend on the number of keys.
type builder struct {
	// emit is called for each finished node, children first, with the range of the keys
	// under it by number. Nil: nobody wants to know.
	emit func(c *atproto.CID, block []byte, from, to int)

	levels []level // by height
	count  int     // keys so far
	last   []byte  // the key that add was given last
	block  []byte
}

// level is the growing node of one height. The last entry is held back, because the
// subtree behind it is not finished.
type level struct {
	open     bool
	from     int    // number of the first key under the node
	entries  int    // the one held back included
	body     []byte // the entries before it, encoded
	key      []byte
	prefix   int
	value    atproto.CID
	left     atproto.CID // zero: no subtree
	right    atproto.CID
	previous []byte
}

// add appends a key, and is false if it is not greater than the one before.
func (b *builder) add(key []byte, value *atproto.CID) bool {
	if b.count > 0 && bytes.Compare(b.last, key) >= 0 {
		return false
	}
	b.last = append(b.last[:0], key...)
	b.addAt(key, heightOf(key), value)
	return true
}

// addAt is add for a key that is known to be greater, and whose height is known.
func (b *builder) addAt(key []byte, height int, value *atproto.CID) {
	for len(b.levels) <= height {
		b.levels = append(b.levels, level{})
	}
	b.closeBelow(height)
	l := &b.levels[height]
	if !l.open {
		l.open, l.from = true, b.count
	}
	l.flush()
	l.previous, l.key = l.key, append(l.previous[:0], key...)
	l.prefix = commonPrefix(l.previous, l.key)
	l.value = *value
	l.entries++
	b.count++
}

// root finishes the tree. A tree without keys is one empty node.
func (b *builder) root() atproto.CID {
	top := len(b.levels) - 1
	if top < 0 {
		b.levels = append(b.levels, level{})
		top = 0
	}
	b.closeBelow(top)
	return b.finish(&b.levels[top])
}

// closeBelow finishes the nodes of lesser height and hangs each under the one above, which
// may hold no key itself: heights have no gaps.
func (b *builder) closeBelow(height int) {
	for i := range height {
		l := &b.levels[i]
		if !l.open {
			continue
		}
		from := l.from
		c := b.finish(l)
		above := &b.levels[i+1]
		if !above.open {
			above.open, above.from = true, from
		}
		if above.entries == 0 {
			above.left = c
		} else {
			above.right = c
		}
	}
}

// finish encodes a node and makes its level ready for the next one.
func (b *builder) finish(l *level) atproto.CID {
	l.flush()
	b.block = appendNode(b.block[:0], pointer(&l.left), l.entries, l.body)
	c := atproto.CIDOf(b.block)
	if b.emit != nil {
		b.emit(&c, b.block, l.from, b.count)
	}
	*l = level{body: l.body[:0], key: l.key[:0], previous: l.previous[:0]}
	return c
}

// flush encodes the entry that was held back.
func (l *level) flush() {
	if l.entries == 0 || l.value.IsZero() {
		return
	}
	l.body = appendEntry(l.body, l.prefix, l.key[l.prefix:], pointer(&l.right), &l.value)
	l.value, l.right = atproto.CID{}, atproto.CID{}
}

func pointer(c *atproto.CID) *atproto.CID {
	if c.IsZero() {
		return nil
	}
	return c
}

func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
