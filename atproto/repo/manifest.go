package repo

import (
	"encoding/binary"
	"fmt"
	"iter"

	"skyarchive/atproto"
)

// A Manifest is the list of all records of a repository, in key order, held in little
// memory: about fifty bytes a record. The zero Manifest is that of an empty repository. It
// may be read by several goroutines once it is filled.
type Manifest struct {
	chunks [][]byte // for each entry: what it shares with the path before, the rest, the CID
	last   []byte
	n      int
}

// manifestChunk is how many bytes of entries stand together. What grows in one piece is moved
// and cleared again and again, which took a sixth of the time of a fetch.
const manifestChunk = 64 << 10

// NewManifest collects entries, which must be in key order.
func NewManifest(entries iter.Seq2[Entry, error]) (*Manifest, error) {
	m := &Manifest{}
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		if err := m.Add(e); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Add appends an entry, whose path must be greater than those before.
func (m *Manifest) Add(e Entry) error {
	if !validKey([]byte(e.Path)) || e.CID.IsZero() {
		return fmt.Errorf("manifest: %q is no path of a record, or has none", e.Path)
	}
	if m.n > 0 && string(m.last) >= string(e.Path) {
		return fmt.Errorf("manifest: %q is not in key order", e.Path)
	}
	m.add([]byte(e.Path), &e.CID)
	return nil
}

// add is Add for what was checked.
func (m *Manifest) add(key []byte, value *atproto.CID) {
	shared := commonPrefix(m.last, key)
	last := len(m.chunks) - 1
	need := 2*binary.MaxVarintLen64 + len(key) + len(value)
	if last < 0 || cap(m.chunks[last])-len(m.chunks[last]) < need {
		size := manifestChunk >> max(0, 6-len(m.chunks)) // a small account needs little
		m.chunks = append(m.chunks, make([]byte, 0, max(size, need)))
		last++
	}
	data := m.chunks[last]
	data = binary.AppendUvarint(data, uint64(shared))
	data = binary.AppendUvarint(data, uint64(len(key)-shared))
	data = append(data, key[shared:]...)
	m.chunks[last] = append(data, value[:]...)
	m.last = append(m.last[:0], key...)
	m.n++
}

// Len is the number of records.
func (m *Manifest) Len() int { return m.n }

// All yields the entries in key order. The error is always nil: it is there so that a
// Manifest fits wherever entries are read.
func (m *Manifest) All() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for c := (cursor{m: m}); c.next(); {
			if !yield(Entry{Path: atproto.Path(c.key), CID: *c.value}, nil) {
				return
			}
		}
	}
}

// Root is the root of the tree that holds the entries.
func (m *Manifest) Root() atproto.CID {
	var b builder
	for c := (cursor{m: m}); c.next(); {
		b.add(c.key, c.value)
	}
	return b.root()
}

// cursor reads a manifest from start to end.
type cursor struct {
	m     *Manifest
	chunk int
	pos   int // in the chunk
	read  int // entries read so far
	key   []byte
	value *atproto.CID
}

func (c *cursor) next() bool {
	if c.read == c.m.n {
		return false
	}
	if c.pos == len(c.m.chunks[c.chunk]) {
		c.chunk++
		c.pos = 0
	}
	data := c.m.chunks[c.chunk]
	shared, n := binary.Uvarint(data[c.pos:])
	c.pos += n
	rest, n := binary.Uvarint(data[c.pos:])
	c.pos += n
	c.key = append(c.key[:shared], data[c.pos:c.pos+int(rest)]...)
	c.pos += int(rest)
	c.value = (*atproto.CID)(data[c.pos:])
	c.pos += cidLen
	c.read++
	return true
}

// A Change is what became of one path between two states. A zero CID means that there
// was, or is, no record.
type Change struct {
	Path     atproto.Path
	Old, New atproto.CID
}

// Changes compares two states, both in key order, and yields the paths where they differ,
// in key order.
func Changes(before, after iter.Seq2[Entry, error]) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		next, stop := iter.Pull2(before)
		defer stop()
		old, err, ok := next()
		for e, newErr := range after {
			for ok && err == nil && newErr == nil && old.Path < e.Path {
				if !yield(Change{Path: old.Path, Old: old.CID}, nil) {
					return
				}
				old, err, ok = next()
			}
			if newErr != nil {
				err = newErr
			}
			if err != nil {
				yield(Change{}, err)
				return
			}
			c := Change{Path: e.Path, New: e.CID}
			if ok && old.Path == e.Path {
				c.Old = old.CID
				old, err, ok = next()
			}
			if c.Old != c.New && !yield(c, nil) {
				return
			}
		}
		for ; ok && err == nil; old, err, ok = next() {
			if !yield(Change{Path: old.Path, Old: old.CID}, nil) {
				return
			}
		}
		if err != nil {
			yield(Change{}, err)
		}
	}
}

// base is an old state to which a file is the sequel. Servers leave out of such a file
// what they think is known; the old tree is not needed for it, only which records stood
// under each of its nodes.
type base struct {
	manifest *Manifest
	nodes    map[uint64]span // by the beginning of the node's hash
}

// A span is a range of a manifest's entries by number.
type span struct{ from, to int32 }

func newBase(m *Manifest) *base {
	b := &base{manifest: m, nodes: make(map[uint64]span, m.n/3)}
	tree := builder{emit: func(c *atproto.CID, _ []byte, from, to int) {
		b.nodes[prefixOf(c)] = span{int32(from), int32(to)}
	}}
	for c := (cursor{m: m}); c.next(); {
		tree.add(c.key, c.value)
	}
	tree.root()
	return b
}
