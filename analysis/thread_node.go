package analysis

import (
	"cmp"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// A table is a list of nodes that grows without moving them.
type table struct {
	chunks [][]node
	size   int32
}

const chunkBits = 12

func (t *table) at(id int32) *node {
	return &t.chunks[id>>chunkBits][id&(1<<chunkBits-1)]
}

func (t *table) add(n node) int32 {
	if int(t.size)>>chunkBits == len(t.chunks) {
		t.chunks = append(t.chunks, make([]node, 0, 1<<chunkBits))
	}
	last := len(t.chunks) - 1
	t.chunks[last] = append(t.chunks[last], n)
	t.size++
	return t.size - 1
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
	n := a.nodes.at(id)
	if number != 0 && n.cid != 0 {
		return cmp.Compare(number, n.cid)
	}
	if number != 0 {
		return strings.Compare(cid[:len(cidPrefix)+cidDigits], a.cids[id])
	}
	return strings.Compare(cid, a.cidText(id))
}

// cidText is the CID that a node holds, cut where it is packed.
func (a *Assembler) cidText(id int32) string {
	n := a.nodes.at(id)
	if n.cid == 0 {
		return a.cids[id]
	}
	var b [cidDigits]byte
	for i, c := len(b)-1, n.cid; i >= 0; i-- {
		b[i] = cidAlphabet[c&31]
		c >>= 5
	}
	return cidPrefix + string(b[:])
}
