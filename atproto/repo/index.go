package repo

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"

	"skyarchive/atproto"
)

// cidLen is the length of a binary CID.
const cidLen = len(atproto.CID{})

// A Place is where a [Snapshot] found a block in its files: the number of the file, and the
// offset in it at which the length of the section (a CID and its block) stands. It means
// nothing to another snapshot. None is 0, where no section starts.
type Place uint64

const (
	offsetBits = 36
	placeBits  = offsetBits + 6
	maxFiles   = 1 << (placeBits - offsetBits)
	maxOffset  = 1 << offsetBits
)

func newPlace(file int, offset int64) Place {
	return Place(file)<<offsetBits | Place(offset)
}

func (p Place) file() int     { return int(p >> offsetBits) }
func (p Place) offset() int64 { return int64(p & (maxOffset - 1)) }

// A slot tells where a block with this hash lies: 54 bits of the hash, 42 of a place. Whoever
// reads the block compares the whole CID. Three numbers take 12 bytes, where two would take 16.
type slot [3]uint32

const (
	startBits = 96 - placeBits
	highBits  = placeBits - 32 // of the place, in the number with the end of the start
)

func newSlot(start uint64, p Place) slot {
	return slot{uint32(start >> (startBits - 32)), uint32(start)<<highBits | uint32(p>>32), uint32(p)}
}

func (s *slot) start() uint64 { return uint64(s[0])<<(startBits-32) | uint64(s[1]>>highBits) }
func (s *slot) place() Place  { return Place(s[1]&(1<<highBits-1))<<32 | Place(s[2]) }
func (s *slot) isFree() bool  { return s.place() == 0 }

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

// startOf is as much of a hash as a slot holds.
func startOf(c *atproto.CID) uint64 { return prefixOf(c) >> (64 - startBits) }

func (x *index) resize(log int) {
	old := x.slots
	x.slots, x.shift = make([]slot, 1<<log), 64-log
	for i := range old {
		if !old[i].isFree() {
			x.put(old[i])
		}
	}
}

func (x *index) home(start uint64) int { return int(start * x.seed >> x.shift) }
func (x *index) next(i int) int        { return (i + 1) & (len(x.slots) - 1) }

func (x *index) put(s slot) {
	i := x.home(s.start())
	for !x.slots[i].isFree() {
		i = x.next(i)
	}
	x.slots[i] = s
}

// find calls try with every place of a block whose hash starts like c's, until try says
// that it was the one.
func (x *index) find(c *atproto.CID, try func(Place) bool) bool {
	start := startOf(c)
	for i := x.home(start); !x.slots[i].isFree(); i = x.next(i) {
		if x.slots[i].start() == start && try(x.slots[i].place()) {
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
	x.put(newSlot(startOf(c), p))
	x.used++
}
