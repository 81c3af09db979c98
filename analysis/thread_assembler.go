package analysis

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// An Assembler finds the threads of one account among posts that are added in any order:
// its own, live or deleted, and whatever is at hand of other people's. The same posts give
// the same threads, however often and in whatever order they were added. It keeps a few
// numbers of each post and no text, and serves one goroutine at a time.
type Assembler struct {
	did    syntax.DID
	handle string // lower case, "" if not confirmed

	nodes  table
	own    map[uint64]int32 // own posts by the number of their TID; nil: to be made again
	odd    map[string]int32 // own posts with other keys, by URI
	names  []name           // of the posts in odd
	others map[uint64]int32 // other people's posts by a hash of their URI
	cids   map[int32]string // CIDs of another shape than repositories use

	corrections []correction
}

// A node is what the assembler knows of one post, of one only referred to as well.
type node struct {
	key                 uint64 // number of the TID, index into names, or hash
	cid                 uint64 // see cidNumber
	parent, root, quote int32  // none, or the post referred to
	start, end          marker // what the text's edges say of its place
	flags               flags
}

const none int32 = -1

// A name is what a record key that is no TID does not tell.
type name struct {
	uri string
	age int64 // microseconds since 1970
}

type flags uint16

const (
	own        flags = 1 << iota // written by the account
	tid                          // its key is a TID
	live                         // its record is there
	dead                         // its record is gone
	referenced                   // dead, and what it answered is known
	reply                        // its record answers something
	announces                    // its text announces a thread
	continues                    // its text opens with a continuation cue
	oddCID                       // its CID is in Assembler.cids
	handPlaced                   // a person joined it or split at it
	forgotten                    // dead, since a person wanted its record to go
)

// NewAssembler returns an assembler for the threads of an account. References by handle
// count as references by DID.
func NewAssembler(did syntax.DID, handle syntax.Handle) *Assembler {
	a := &Assembler{
		did:    did,
		own:    make(map[uint64]int32),
		odd:    make(map[string]int32),
		others: make(map[uint64]int32),
		cids:   make(map[int32]string),
	}
	if !handle.IsInvalidHandle() {
		a.handle = strings.ToLower(string(handle))
	}
	return a
}

// Add adds a live post of anybody. A post without a post's URI is passed over.
func (a *Assembler) Add(p *atproto.Post) {
	id := a.node(p.URI)
	if id == none {
		return
	}
	n := a.read(id, p.Reply)
	n.flags |= live
	if n.flags&own != 0 {
		n.start, n.end = markers(p.Text)
		n.quote = a.node(p.Embed.Quote.URI)
		if n.flags&reply == 0 && announcesThread(p.Text) {
			n.flags |= announces
		}
		if n.quote != none && opensWithContinuation(p.Text) {
			n.flags |= continues
		}
	}
	var age int64
	if n.flags&tid == 0 {
		created, _ := p.Created()
		age = created.UnixMicro()
	}
	a.keep(id, n, p.CID, age)
}

// AddDeleted adds a post whose record is gone. A nil reply says that it is not known what
// the post answered.
func (a *Assembler) AddDeleted(uri syntax.ATURI, cid string, reply *atproto.Reply) {
	id := a.node(uri)
	if id == none {
		return
	}
	n := a.read(id, reply)
	n.flags |= dead
	if reply != nil {
		n.flags |= referenced
	}
	a.keep(id, n, cid, 0)
}

// AddForgotten adds a post whose record a person had taken out of the archive; reply is as
// for AddDeleted.
func (a *Assembler) AddForgotten(uri syntax.ATURI, cid string, reply *atproto.Reply) {
	a.AddDeleted(uri, cid, reply)
	if id := a.node(uri); id != none && a.is(id, dead) {
		a.nodes.at(id).flags |= forgotten
	}
}

// read makes the node of a record from its references: the parent decides, and the root
// stands for it where it is missing. A post that is its own parent has none.
func (a *Assembler) read(id int32, r *atproto.Reply) node {
	old := a.nodes.at(id)
	n := node{key: old.key, parent: none, root: none, quote: none, flags: old.flags & (own | tid)}
	if r == nil {
		return n
	}
	n.root = a.node(r.Root.URI)
	parent := r.Parent.URI
	if parent == "" {
		parent = r.Root.URI
	}
	n.parent = a.node(parent)
	if n.parent == id {
		n.parent = none
		return n
	}
	n.flags |= reply
	return n
}

// keep stores a version of a post unless a better one is there: live before deleted, then
// the greater CID. A deleted version that knows its references is better than one that
// does not.
func (a *Assembler) keep(id int32, n node, cid string, age int64) {
	old := a.nodes.at(id)
	n.cid = cidNumber(cid)
	if n.cid == 0 && cid != "" {
		n.flags |= oddCID
	}
	if old.flags&(live|dead) != 0 {
		if c := cmp.Or(
			cmp.Compare(n.flags&live, old.flags&live),
			cmp.Compare(n.flags&referenced, old.flags&referenced),
			a.compareCID(n.cid, cid, id),
			a.compareContent(&n, old),
			cmp.Compare(age, a.age(id)),
		); c <= 0 {
			return
		}
	}
	*old = n
	delete(a.cids, id)
	if n.flags&oddCID != 0 {
		a.cids[id] = strings.Clone(cid)
	}
	if n.flags&(own|tid) == own {
		a.names[n.key].age = age
	}
}

// compareContent orders two versions of a post that have the same CID or none.
func (a *Assembler) compareContent(x, y *node) int {
	return cmp.Or(
		a.compareURI(x.parent, y.parent), a.compareURI(x.root, y.root), a.compareURI(x.quote, y.quote),
		x.start.compare(y.start), x.end.compare(y.end), cmp.Compare(x.flags, y.flags))
}

// compareURI orders posts for good, other people's first.
func (a *Assembler) compareURI(x, y int32) int {
	switch {
	case x == y:
		return 0
	case x == none:
		return -1
	case y == none:
		return 1
	}
	nx, ny := a.nodes.at(x), a.nodes.at(y)
	if nx.flags&ny.flags&own == 0 {
		return cmp.Or(cmp.Compare(nx.flags&own, ny.flags&own), cmp.Compare(nx.key, ny.key))
	}
	return strings.Compare(string(a.uri(x)), string(a.uri(y)))
}

// node returns the node of a URI, a new one if need be, and none if uri names no post.
func (a *Assembler) node(uri syntax.ATURI) int32 {
	author, key, ok := atproto.SplitPost(uri)
	if !ok {
		return none
	}
	if author != string(a.did) && (a.handle == "" || !strings.EqualFold(author, a.handle)) {
		sum := sha256.Sum256([]byte(uri))
		return intern(a, a.others, binary.BigEndian.Uint64(sum[:]), 0)
	}
	if number, ok := atproto.TIDNumber(key); ok {
		if a.own == nil {
			a.indexOwn()
		}
		return intern(a, a.own, number, own|tid)
	}
	full := string(a.ownURI(key))
	id, ok := a.odd[full]
	if !ok {
		id = a.nodes.add(node{key: uint64(len(a.names)), parent: none, root: none, quote: none, flags: own})
		a.names = append(a.names, name{uri: full})
		a.odd[full] = id
	}
	return id
}

func intern(a *Assembler, index map[uint64]int32, key uint64, f flags) int32 {
	id, ok := index[key]
	if !ok {
		id = a.nodes.add(node{key: key, parent: none, root: none, quote: none, flags: f})
		index[key] = id
	}
	return id
}

// indexOwn makes the index of own posts again, which is given up while threads are
// assembled.
func (a *Assembler) indexOwn() {
	a.own = make(map[uint64]int32, a.nodes.size)
	for id := range a.nodes.size {
		if n := a.nodes.at(id); n.flags&tid != 0 {
			a.own[n.key] = id
		}
	}
}
