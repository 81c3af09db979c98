package repo

import (
	"crypto/sha256"
	"math"
	"math/bits"
	"strings"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

// maxKey is how long the path of a record may be.
const maxKey = 1024

// A node of the tree: keys of one height, and between them subtrees one height below. Its
// entries share the block they were read from.
type node struct {
	left    *atproto.CID // subtree before the first key, nil if there is none
	entries []nodeEntry
}

// A nodeEntry leaves out the beginning that its key shares with the key before it.
type nodeEntry struct {
	prefix int
	suffix []byte
	value  *atproto.CID
	right  *atproto.CID // subtree behind the key, nil if there is none
}

// decode reads a node from its block and accepts only the one canonical encoding, so that
// a tree that was read can be written again with the same root. It reuses n's memory.
func (n *node) decode(block []byte) bool {
	in := nodeReader{b: block}
	in.literal("\xa2\x61e")
	count := in.head(4)
	n.left, n.entries = nil, n.entries[:0]
	for range count {
		var e nodeEntry
		in.literal("\xa4\x61k")
		e.suffix = in.take(in.head(2))
		in.literal("\x61p")
		e.prefix = int(in.head(0))
		in.literal("\x61t")
		e.right = in.linkOrNull()
		in.literal("\x61v")
		e.value = in.link()
		if in.bad {
			return false
		}
		n.entries = append(n.entries, e)
	}
	in.literal("\x61l")
	n.left = in.linkOrNull()
	return !in.bad && len(in.b) == 0
}

// key completes the key of entry i, given the key of the entry before it. It is false
// unless exactly what both keys share was left out.
func (n *node) key(i int, before []byte) ([]byte, bool) {
	e := &n.entries[i]
	if e.prefix < 0 || e.prefix > len(before) || e.prefix+len(e.suffix) > maxKey {
		return before, false
	}
	// What follows the prefix in the key before must differ from the suffix at once.
	if e.prefix < len(before) && len(e.suffix) > 0 && before[e.prefix] == e.suffix[0] {
		return before, false
	}
	return append(before[:e.prefix], e.suffix...), true
}

// nodeReader reads exactly what it is asked for, and is bad ever after the first thing
// that is something else.
type nodeReader struct {
	b   []byte
	bad bool
}

func (in *nodeReader) take(n uint64) []byte {
	if in.bad || n > uint64(len(in.b)) {
		in.bad = true
		return nil
	}
	taken := in.b[:n:n]
	in.b = in.b[n:]
	return taken
}

func (in *nodeReader) literal(s string) {
	if string(in.take(uint64(len(s)))) != s {
		in.bad = true
	}
}

// head reads a head of the major type in its shortest form, and returns its argument.
func (in *nodeReader) head(major byte) uint64 {
	first := in.take(1)
	if in.bad || first[0]>>5 != major {
		in.bad = true
		return 0
	}
	info := first[0] & 0x1f
	if info < 24 {
		return uint64(info)
	}
	if info > 25 { // no node has lists or strings of more than 65,535
		in.bad = true
		return 0
	}
	var n uint64
	for _, c := range in.take(1 << (info - 24)) {
		n = n<<8 | uint64(c)
	}
	if n < 24 || info == 25 && n <= math.MaxUint8 {
		in.bad = true
	}
	return n
}

const linkPrefix = "\xd8\x2a\x58\x25\x00"

func (in *nodeReader) link() *atproto.CID {
	in.literal(linkPrefix)
	b := in.take(uint64(cidLen))
	if in.bad {
		return nil
	}
	if _, err := atproto.CIDFromBytes(b); err != nil {
		in.bad = true
		return nil
	}
	return (*atproto.CID)(b)
}

func (in *nodeReader) linkOrNull() *atproto.CID {
	if len(in.b) > 0 && in.b[0] == 0xf6 {
		in.b = in.b[1:]
		return nil
	}
	return in.link()
}

// heightOf is the height at which a key stands in the tree: how many pairs of zero bits
// its hash starts with.
func heightOf(key []byte) int {
	zeros := 0
	for _, b := range sha256.Sum256(key) {
		zeros += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return zeros / 2
}

// validKey says whether a key is the path of a record, as servers accept it:
// "collection/record key".
func validKey(key []byte) bool {
	if len(key) == 0 || len(key) > maxKey {
		return false
	}
	slash := 0
	for i, c := range key {
		switch {
		case c == '/':
			if slash != 0 || i == 0 || i == len(key)-1 {
				return false
			}
			slash = i
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("_~-:.", c) >= 0:
		default:
			return false
		}
	}
	return slash > 0
}

// appendNode writes a node from the encoded entries that its level collected.
func appendNode(b []byte, left *atproto.CID, count int, entries []byte) []byte {
	b = cbor.AppendList(append(b, "\xa2\x61e"...), count)
	b = append(b, entries...)
	return appendLinkOrNull(append(b, "\x61l"...), left)
}

func appendEntry(b []byte, prefix int, suffix []byte, right *atproto.CID, value *atproto.CID) []byte {
	b = cbor.AppendBytes(append(b, "\xa4\x61k"...), suffix)
	b = cbor.AppendInt(append(b, "\x61p"...), int64(prefix))
	b = appendLinkOrNull(append(b, "\x61t"...), right)
	return cbor.AppendLink(append(b, "\x61v"...), *value)
}

func appendLinkOrNull(b []byte, c *atproto.CID) []byte {
	if c == nil {
		return cbor.AppendNull(b)
	}
	return cbor.AppendLink(b, *c)
}
