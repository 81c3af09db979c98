package analysis

import (
	"cmp"
	"math/rand/v2"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// A table is a list that grows without moving what it holds.
type table[T any] struct {
	chunks [][]T
	size   int32
}

const chunkBits = 12

func (t *table[T]) at(i int32) *T {
	return &t.chunks[i>>chunkBits][i&(1<<chunkBits-1)]
}

func (t *table[T]) add(v T) int32 {
	if int(t.size)>>chunkBits == len(t.chunks) {
		t.chunks = append(t.chunks, make([]T, 0, 1<<chunkBits))
	}
	last := len(t.chunks) - 1
	t.chunks[last] = append(t.chunks[last], v)
	t.size++
	return t.size - 1
}

// A nodeIndex is a hash table of nodes with open addressing. It holds no keys, which the
// nodes have: a map would take as much room as they do. The seed keeps a file from being made
// so that all of its posts meet in one place.
type nodeIndex struct {
	places []int32 // ids plus 1, or 0 where there is none
	used   int
	shift  int
	seed   uint64
}

func newNodeIndex() nodeIndex {
	const log = 6
	return nodeIndex{places: make([]int32, 1<<log), shift: 64 - log, seed: rand.Uint64() | 1}
}

// indexNodes makes the index again.
func (a *Assembler) indexNodes() {
	a.index = newNodeIndex()
	for id := range a.nodes.size {
		if n := a.nodes.at(id); n.flags&(own|tid) != own {
			_, free := a.index.find(&a.nodes, n.key, n.flags)
			a.index.put(&a.nodes, free, id)
		}
	}
}

// find returns the node with a key, an own one or another person's as f says, or none and the
// place that is free for it.
func (x *nodeIndex) find(nodes *table[node], key uint64, f flags) (id int32, free int) {
	i := int(key * x.seed >> x.shift)
	for ; x.places[i] != 0; i = (i + 1) & (len(x.places) - 1) {
		id := x.places[i] - 1
		if n := nodes.at(id); n.key == key && n.flags&own == f&own {
			return id, i
		}
	}
	return none, i
}

// put takes a node in at the place that find gave.
func (x *nodeIndex) put(nodes *table[node], free int, id int32) {
	x.places[free] = id + 1
	if x.used++; x.used*4 < len(x.places)*3 {
		return
	}
	old := x.places
	x.places, x.shift = make([]int32, 2*len(old)), x.shift-1
	for _, place := range old {
		if place != 0 {
			n := nodes.at(place - 1)
			_, free := x.find(nodes, n.key, n.flags)
			x.places[free] = place
		}
	}
}

// noContent is of a post that is only referred to.
var noContent = content{parent: none, root: none, quote: none, marks: none}

// content is what a post's record says. It is not to be changed.
func (a *Assembler) content(id int32) *content {
	if at := a.nodes.at(id).content; at != none {
		return a.contents.at(at)
	}
	return &noContent
}

// said is what the edges of a post's text say.
func (a *Assembler) said(id int32) marks {
	if at := a.content(id).marks; at != none {
		return *a.marks.at(at)
	}
	return marks{}
}

// setContent puts a version in the place of what a node holds.
func (a *Assembler) setContent(n *node, v version) {
	if n.content == none {
		n.content = a.contents.add(noContent)
	}
	c := a.contents.at(n.content)
	v.marks = c.marks
	if v.marks == none && v.said != (marks{}) {
		v.marks = a.marks.add(marks{})
	}
	if v.marks != none {
		*a.marks.at(v.marks) = v.said
	}
	*c = v.content
}

func (a *Assembler) ownURI(key string) syntax.ATURI {
	return syntax.ATURI("at://" + string(a.did) + "/" + atproto.CollectionPost + "/" + key)
}

// uri is the URI of an own post.
func (a *Assembler) uri(id int32) syntax.ATURI {
	n := a.nodes.at(id)
	if n.flags&tid != 0 {
		return a.ownURI(atproto.TID(n.key))
	}
	return syntax.ATURI(a.names[n.key].uri)
}

// age is the time in an own post's record key, else createdAt, in microseconds.
func (a *Assembler) age(id int32) int64 {
	n := a.nodes.at(id)
	if n.flags&tid != 0 {
		return int64(n.key >> 10)
	}
	if n.flags&own == 0 {
		return 0
	}
	return a.names[n.key].age
}

// compareAge orders posts by age, then by URI.
func (a *Assembler) compareAge(x, y int32) int {
	nx, ny := a.nodes.at(x), a.nodes.at(y)
	if nx.flags&ny.flags&tid != 0 {
		return cmp.Compare(nx.key, ny.key)
	}
	if c := cmp.Compare(a.age(x), a.age(y)); c != 0 || x == y {
		return c
	}
	return strings.Compare(string(a.uri(x)), string(a.uri(y)))
}

func (a *Assembler) is(id int32, f flags) bool { return a.nodes.at(id).flags&f == f }

const (
	cidPrefix   = "bafyrei" // of every CIDv1 of DAG-CBOR with SHA-256 in base32
	cidAlphabet = "234567abcdefghijklmnopqrstuvwxyz"
	cidDigits   = 12
)

// cidNumber packs the first characters of a record's CID so that numbers order as the
// texts do; 60 bits tell versions of one post apart. It is 0 for any other text.
func cidNumber(cid string) uint64 {
	rest, ok := strings.CutPrefix(cid, cidPrefix)
	if !ok || len(cid) != 59 {
		return 0
	}
	n := uint64(1)
	for i := range cidDigits {
		d := strings.IndexByte(cidAlphabet, rest[i])
		if d < 0 {
			return 0
		}
		n = n<<5 | uint64(d)
	}
	return n
}

// compareCID orders a CID and the one that a node holds.
func (a *Assembler) compareCID(number uint64, cid string, id int32) int {
	held := a.content(id).cid
	if number != 0 && held != 0 {
		return cmp.Compare(number, held)
	}
	if number != 0 {
		return strings.Compare(cid[:len(cidPrefix)+cidDigits], a.cids[id])
	}
	return strings.Compare(cid, a.cidText(id))
}

// cidText is the CID that a node holds, cut where it is packed.
func (a *Assembler) cidText(id int32) string {
	held := a.content(id).cid
	if held == 0 {
		return a.cids[id]
	}
	var b [cidDigits]byte
	for i, c := len(b)-1, held; i >= 0; i-- {
		b[i] = cidAlphabet[c&31]
		c >>= 5
	}
	return cidPrefix + string(b[:])
}
