package archive

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// A roster is posts of one account that are to be read, without their words: a million of
// them are held while their threads are assembled.
type roster struct {
	did     syntax.DID
	entries []entry
	odd     []oddKey   // of posts whose keys are no TIDs
	hashes  [][32]byte // of records that have no place in a repository that is at hand
}

// An entry is a post of a roster.
type entry struct {
	number uint64 // of the TID that is its key, or index into odd
	record uint64 // index into hashes, or the place of its bytes
	thread int32  // index of the thread it is in, or none
	start  uint16 // what the hash of its bytes starts with, if they have a place
	flags  entryFlags
}

type entryFlags uint8

const (
	isOdd        entryFlags = 1 << iota // its key is no TID
	isPlaced                            // its bytes have a place
	isGone                              // the account no longer has it
	isMissing                           // nobody had its bytes
	isUnreadable                        // its bytes are no post
	isWordless   = isMissing | isUnreadable
)

// none is no thread.
const none = -1

type oddKey struct {
	key string
	age int64 // microseconds since 1970
}

func (r *roster) len() int { return len(r.entries) }

// startOf is what a hash starts with.
func startOf(c atproto.CID) uint16 {
	h := c.Hash()
	return binary.BigEndian.Uint16(h[:])
}

// add adds a post, whose CID is "" only if it is gone and nobody had its bytes. They are at a
// place of a repository, or 0: in none.
func (r *roster) add(p store.Post, at repo.Place) error {
	e := entry{thread: none}
	key := atproto.KeyOf(p.URI)
	if number, ok := atproto.TIDNumber(key); ok {
		e.number = number
	} else {
		e.number, e.flags = uint64(len(r.odd)), isOdd
		r.odd = append(r.odd, oddKey{key, p.Age().UnixMicro()})
	}
	switch {
	case p.Status == store.Gone && p.CID == "":
		e.flags |= isGone | isMissing
	case p.Status == store.Gone:
		e.flags |= isGone
	case p.Status == store.Missing:
		e.flags |= isMissing
	case p.Status == store.Unreadable:
		e.flags |= isUnreadable
	}
	if p.CID != "" {
		cid, err := atproto.ParseCID(p.CID)
		if err != nil || cid.IsBlob() && !p.Status.Wordless() {
			return fmt.Errorf("%s has the CID %s, which no record has", p.URI, p.CID)
		}
		if at != 0 {
			e.record, e.start = uint64(at), startOf(cid)
			e.flags |= isPlaced
		} else {
			e.record = uint64(len(r.hashes))
			r.hashes = append(r.hashes, cid.Hash())
		}
	}
	r.entries = append(r.entries, e)
	return nil
}

// sort orders the posts by age, then URI.
func (r *roster) sort() { slices.SortFunc(r.entries, r.compare) }

func (r *roster) compare(a, b entry) int {
	if (a.flags|b.flags)&isOdd == 0 {
		return cmp.Compare(a.number, b.number) // TIDs order as their times do
	}
	return cmp.Or(cmp.Compare(r.age(&a), r.age(&b)), strings.Compare(r.key(&a), r.key(&b)))
}

func (r *roster) age(e *entry) int64 {
	if e.flags&isOdd != 0 {
		return r.odd[e.number].age
	}
	return int64(e.number >> 10)
}

func (r *roster) key(e *entry) string {
	if e.flags&isOdd != 0 {
		return r.odd[e.number].key
	}
	return atproto.TID(e.number)
}

// find is the place of a post with this URI in a sorted roster, or none.
func (r *roster) find(uri syntax.ATURI, oddKeys map[string]int) int {
	key := atproto.KeyOf(uri)
	number, ok := atproto.TIDNumber(key)
	if !ok {
		if i, ok := oddKeys[key]; ok {
			return i
		}
		return none
	}
	i, ok := slices.BinarySearchFunc(r.entries, entry{number: number}, r.compare)
	if !ok {
		return none
	}
	return i
}

// post is a post without its words, and without its CID where that is read with its bytes.
func (r *roster) post(e *entry) store.Post {
	p := store.Post{Status: store.Live}
	p.URI = atproto.Path(atproto.CollectionPost + "/" + r.key(e)).URI(r.did)
	switch {
	case e.flags&isGone != 0:
		p.Status = store.Gone
	case e.flags&isMissing != 0:
		p.Status = store.Missing
	case e.flags&isUnreadable != 0:
		p.Status = store.Unreadable
	}
	if e.flags&isPlaced == 0 && e.flags&(isGone|isMissing) != isGone|isMissing {
		p.CID = r.cid(e).String()
	}
	return p
}

// cid is the CID of a post that has one and no place.
func (r *roster) cid(e *entry) atproto.CID { return atproto.RecordCID(r.hashes[e.record]) }
