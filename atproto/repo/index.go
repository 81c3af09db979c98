package repo

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"

	"skyarchive/atproto"
)

// cidLen is the length of a binary CID.
const cidLen = len(atproto.CID{})

// A Place is where a [Snapshot] found a block in its files. It means nothing to another one.
//
// It is where the section (a CID and its block) lies: the number of the file, the offset in
// it and the length, packed so that a slot of the index takes 16 bytes.
type Place uint64

const (
	lengthBits = 22
	offsetBits = 36
	maxFiles   = 1 << (64 - lengthBits - offsetBits)
	maxOffset  = 1 << offsetBits
)

func newPlace(file int, offset int64, length int) Place {
	return Place(file)<<(lengthBits+offsetBits) | Place(offset)<<lengthBits | Place(length)
}

func (p Place) file() int     { return int(p >> (lengthBits + offsetBits)) }
func (p Place) offset() int64 { return int64(p >> lengthBits & (maxOffset - 1)) }
func (p Place) length() int   { return int(p & (1<<lengthBits - 1)) }

// A slot tells where a block with this hash lies. Only the first bytes of the hash are
// kept; whoever reads the block compares the whole CID.
type slot struct {
	prefix uint64
	place  Place // 0: the slot is free; no section starts at 0
}

// index is a hash table of slots with open addressing. The seed keeps a file from being
// made so that all of its blocks meet in one place.
type index struct {
	slots []slot
	used  int
	shift int
	seed  uint64
}

// usualBlock is how many bytes of a file a block takes, on average and with its CID. The
// index grows where they are smaller.
const usualBlock = 500

// newIndex makes an index for about n blocks.
func newIndex(n int64) *index {
	x := &index{seed: rand.Uint64() | 1}
	x.resize(max(6, bits.Len64(uint64(n)*4/3)))
	return x
}

func prefixOf(c *atproto.CID) uint64 { return binary.BigEndian.Uint64(c[4:]) }

func (x *index) resize(log int) {
	old := x.slots
	x.slots, x.shift = make([]slot, 1<<log), 64-log
	for _, s := range old {
		if s.place != 0 {
			i := x.home(s.prefix)
			for x.slots[i].place != 0 {
				i = x.next(i)
			}
			x.slots[i] = s
		}
	}
}

func (x *index) home(prefix uint64) int { return int(prefix * x.seed >> x.shift) }
func (x *index) next(i int) int         { return (i + 1) & (len(x.slots) - 1) }

// find calls try with every place of a block whose hash starts like c's, until try says
// that it was the one.
func (x *index) find(c *atproto.CID, try func(Place) bool) bool {
	prefix := prefixOf(c)
	for i := x.home(prefix); x.slots[i].place != 0; i = x.next(i) {
		if x.slots[i].prefix == prefix && try(x.slots[i].place) {
			return true
		}
	}
	return false
}

// has says whether there is a block whose hash starts like c's.
func (x *index) has(c *atproto.CID) bool {
	return x.find(c, func(Place) bool { return true })
}

// add notes the place of a block that is not in the index yet.
func (x *index) add(c *atproto.CID, p Place) {
	if x.used*4 >= len(x.slots)*3 {
		x.resize(bits.Len(uint(len(x.slots))))
	}
	prefix := prefixOf(c)
	i := x.home(prefix)
	for x.slots[i].place != 0 {
		i = x.next(i)
	}
	x.slots[i] = slot{prefix, p}
	x.used++
}
