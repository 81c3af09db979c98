package repo

import (
	"fmt"
	"iter"
	"slices"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

// A Tree is the search tree of entries that change. [Tree.Root] hashes again only the nodes
// on the way to what changed since it was last asked, so a long history of small changes
// costs little more than the changes. It holds about 150 bytes an entry. The zero Tree is
// that of an empty repository.
type Tree struct {
	top   *branch // nil: empty
	count int

	block, key, last []byte // reused
}

// A branch is a node of the tree. Heights have no gaps: below the top there may be one
// without limbs, which only has a subtree.
type branch struct {
	height int
	cid    atproto.CID // zero: something under it changed
	left   *branch     // subtree before the first limb
	limbs  []limb
}

// A limb is an entry with the subtree behind it.
type limb struct {
	key   string
	value atproto.CID
	right *branch
}

// Len is the number of records.
func (t *Tree) Len() int { return t.count }

// All yields the entries in key order. The error is always nil, as with [Manifest.All].
func (t *Tree) All() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		t.top.each(func(l *limb) bool { return yield(Entry{Path: atproto.Path(l.key), CID: l.value}, nil) })
	}
}

func (b *branch) each(yield func(*limb) bool) bool {
	if b == nil {
		return true
	}
	if !b.left.each(yield) {
		return false
	}
	for i := range b.limbs {
		if !yield(&b.limbs[i]) || !b.limbs[i].right.each(yield) {
			return false
		}
	}
	return true
}

// Get is what stands at a path, zero if nothing does.
func (t *Tree) Get(path atproto.Path) atproto.CID {
	for b := t.top; b != nil; {
		at, found := b.find(string(path))
		if found {
			return b.limbs[at].value
		}
		b = *b.under(at)
	}
	return atproto.CID{}
}

// Set puts a record at a path, or takes away what is there if the entry's CID is zero.
func (t *Tree) Set(e Entry) error {
	key := string(e.Path)
	if !validKey([]byte(key)) {
		return fmt.Errorf("change a tree: %q is no path of a record", e.Path)
	}
	height := heightOf([]byte(key))
	if e.CID.IsZero() {
		t.remove(t.top, key, height)
		for t.top != nil && len(t.top.limbs) == 0 {
			t.top = t.top.left
		}
		return nil
	}
	if t.top == nil {
		t.top = &branch{height: height}
	}
	for t.top.height < height {
		t.top = &branch{height: t.top.height + 1, left: t.top}
	}
	t.put(t.top, key, height, e.CID)
	return nil
}

func (t *Tree) put(b *branch, key string, height int, value atproto.CID) {
	b.cid = atproto.CID{}
	at, found := b.find(key)
	under := b.under(at)
	switch {
	case found:
		b.limbs[at].value = value
	case b.height == height:
		before, behind := split(*under, key)
		*under = before
		b.limbs = slices.Insert(b.limbs, at, limb{key, value, behind})
		t.count++
	default:
		if *under == nil {
			*under = &branch{height: b.height - 1}
		}
		t.put(*under, key, height, value)
	}
}

func (t *Tree) remove(b *branch, key string, height int) {
	if b == nil || b.height < height {
		return
	}
	at, found := b.find(key)
	under := b.under(at)
	if !found {
		t.remove(*under, key, height)
		if *under != nil && (*under).cid.IsZero() {
			b.cid = atproto.CID{}
		}
	} else {
		b.cid = atproto.CID{}
		*under = join(*under, b.limbs[at].right)
		b.limbs = slices.Delete(b.limbs, at, at+1)
		t.count--
	}
	*under = (*under).orNone()
}

// find is the first limb whose key is not less, and whether it is this key's.
func (b *branch) find(key string) (at int, found bool) {
	return slices.BinarySearchFunc(b.limbs, key, func(l limb, key string) int {
		switch {
		case l.key < key:
			return -1
		case l.key > key:
			return 1
		}
		return 0
	})
}

// under is the subtree between limb at and the one before it.
func (b *branch) under(at int) **branch {
	if at == 0 {
		return &b.left
	}
	return &b.limbs[at-1].right
}

// orNone is a branch, or nil if nothing is left of it.
func (b *branch) orNone() *branch {
	if b != nil && b.left == nil && len(b.limbs) == 0 {
		return nil
	}
	return b
}

// split cuts a subtree in two at a key that it does not hold.
func split(b *branch, key string) (before, behind *branch) {
	if b == nil {
		return nil, nil
	}
	at, _ := b.find(key)
	low, high := split(*b.under(at), key)
	behind = &branch{height: b.height, left: high, limbs: slices.Clone(b.limbs[at:])}
	*b.under(at) = low
	clear(b.limbs[at:])
	b.limbs, b.cid = b.limbs[:at], atproto.CID{}
	return b.orNone(), behind.orNone()
}

// join puts two neighbouring subtrees of one height together.
func join(before, behind *branch) *branch {
	if before == nil {
		return behind
	}
	if behind == nil {
		return before
	}
	seam := before.under(len(before.limbs))
	*seam = join(*seam, behind.left)
	before.limbs, before.cid = append(before.limbs, behind.limbs...), atproto.CID{}
	return before
}

// Root is the root of the tree as it is now.
func (t *Tree) Root() atproto.CID {
	if t.top == nil {
		return (&builder{}).root()
	}
	return *t.hash(t.top)
}

// hash names a subtree, nil for none.
func (t *Tree) hash(b *branch) *atproto.CID {
	if b == nil {
		return nil
	}
	if !b.cid.IsZero() {
		return &b.cid
	}
	left := t.hash(b.left)
	for i := range b.limbs {
		t.hash(b.limbs[i].right)
	}
	// The subtrees have their names now, so that one buffer is enough.
	t.block = cbor.AppendList(append(t.block[:0], "\xa2\x61e"...), len(b.limbs))
	t.last = t.last[:0]
	for i := range b.limbs {
		l := &b.limbs[i]
		t.key = append(t.key[:0], l.key...)
		shared := commonPrefix(t.last, t.key)
		var right *atproto.CID
		if l.right != nil {
			right = &l.right.cid
		}
		t.block = appendEntry(t.block, shared, t.key[shared:], right, &l.value)
		t.last, t.key = t.key, t.last
	}
	t.block = appendLinkOrNull(append(t.block, "\x61l"...), left)
	b.cid = atproto.CIDOf(t.block)
	return &b.cid
}
