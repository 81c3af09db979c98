package topic

import "math/bits"

// An edges maps a node and a word to the next node. It is a hash table with open addresses:
// a tree has tens of thousands of edges, they are asked for by every word of every text, and
// they only ever grow in number.
type edges struct {
	keys  []uint64 // 0 where the slot is free; no edge leaves node 0
	nodes []uint32
	used  int
	shift int // of a product of 64 bits to a slot
}

func edge(node, word uint32) uint64 { return uint64(node)<<32 | uint64(word) }

// slot is where a key is, or where it belongs.
func (e *edges) slot(key uint64) int {
	mask := uint64(len(e.keys) - 1)
	i := key * 0x9e3779b97f4a7c15 >> e.shift // the golden ratio spreads neighbours; all of the key is in the highest bits
	for e.keys[i] != key && e.keys[i] != 0 {
		i = (i + 1) & mask
	}
	return int(i)
}

// next is the node behind an edge, or 0.
func (e *edges) next(node, word uint32) uint32 { return e.nodes[e.slot(edge(node, word))] }

// add keeps a new edge, in a table twice the size where two thirds of it are full.
func (e *edges) add(node, word, next uint32) {
	if 3*e.used >= 2*len(e.keys) {
		old := *e
		*e = newEdges(2 * len(old.keys))
		for i, key := range old.keys {
			if key != 0 {
				e.put(key, old.nodes[i])
			}
		}
	}
	e.put(edge(node, word), next)
}

func (e *edges) put(key uint64, next uint32) {
	i := e.slot(key)
	e.keys[i], e.nodes[i] = key, next
	e.used++
}

// newEdges makes a table; its size is a power of two.
func newEdges(size int) edges {
	return edges{keys: make([]uint64, size), nodes: make([]uint32, size), shift: 65 - bits.Len(uint(size))}
}
