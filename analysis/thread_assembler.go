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

	nodes    table[node]
	contents table[content]
	marks    table[marks]
	index    nodeIndex        // all nodes but those in odd; empty: to be made again
	odd      map[string]int32 // own posts whose keys are no TIDs, by URI
	names    []name           // of the posts in odd
	cids     map[int32]string // CIDs of another shape than repositories use

	corrections []correction
}

// A node is a post that the assembler knows, also one that is only referred to.
type node struct {
	key     uint64 // number of the TID, index into names, or hash of another person's URI
	content int32  // index into contents, or none
	flags   flags
}

// A content is what the record of a post says.
type content struct {
	cid                 uint64 // see cidNumber
	parent, root, quote int32  // none, or the post referred to
	marks               int32  // none, or index into marks
}

// marks are what the edges of a text say of its place in a thread.
type marks struct{ start, end marker }

// A version is a content on its way into a node.
type version struct {
	content
	said  marks
	flags flags
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
		did:   did,
		index: newNodeIndex(),
		odd:   make(map[string]int32),
		cids:  make(map[int32]string),
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
	v := a.read(id, p.Reply)
	v.flags |= live
	if v.flags&own != 0 {
		v.said.start, v.said.end = markers(p.Text)
		v.quote = a.node(p.Embed.Quote.URI)
		if v.flags&reply == 0 && announcesThread(p.Text) {
			v.flags |= announces
		}
		if v.quote != none && opensWithContinuation(p.Text) {
			v.flags |= continues
		}
	}
	var age int64
	if v.flags&tid == 0 {
		created, _ := p.Created()
		age = created.UnixMicro()
	}
	a.keep(id, v, p.CID, age)
}

// AddDeleted adds a post whose record is gone, with what is known of it. A nil Reply says that
// it is not known what the post answered. Its words put it nowhere; they only tell which of the
// missing parts it was.
func (a *Assembler) AddDeleted(p *atproto.Post) {
	id := a.node(p.URI)
	if id == none {
		return
	}
	v := a.read(id, p.Reply)
	v.flags |= dead
	if p.Reply != nil {
		v.flags |= referenced
	}
	if v.flags&own != 0 {
		v.said.start, v.said.end = markers(p.Text)
	}
	a.keep(id, v, p.CID, 0)
}

// AddForgotten adds a post whose record a person had taken out of the archive. A nil reply is
// as for AddDeleted.
func (a *Assembler) AddForgotten(uri syntax.ATURI, cid string, reply *atproto.Reply) {
	a.AddDeleted(&atproto.Post{Ref: atproto.Ref{URI: uri, CID: cid}, Reply: reply})
	if id := a.node(uri); id != none && a.is(id, dead) {
		a.nodes.at(id).flags |= forgotten
	}
}

// read makes the content of a record from its references: the parent decides, and the root
// stands for it where it is missing. A post that is its own parent has none.
func (a *Assembler) read(id int32, r *atproto.Reply) version {
	v := version{content: noContent, flags: a.nodes.at(id).flags & (own | tid)}
	if r == nil {
		return v
	}
	v.root = a.node(r.Root.URI)
	parent := r.Parent.URI
	if parent == "" {
		parent = r.Root.URI
	}
	v.parent = a.node(parent)
	if v.parent == id {
		v.parent = none
		return v
	}
	v.flags |= reply
	return v
}

// keep stores a version of a post unless a better one is there: live before deleted, then
// the greater CID. A deleted version that knows its references is better than one that
// does not.
func (a *Assembler) keep(id int32, v version, cid string, age int64) {
	n := a.nodes.at(id)
	v.cid = cidNumber(cid)
	if v.cid == 0 && cid != "" {
		v.flags |= oddCID
	}
	if n.flags&(live|dead) != 0 {
		if c := cmp.Or(
			cmp.Compare(v.flags&live, n.flags&live),
			cmp.Compare(v.flags&referenced, n.flags&referenced),
			a.compareCID(v.cid, cid, id),
			a.compareContent(&v, id),
			cmp.Compare(age, a.age(id)),
		); c <= 0 {
			return
		}
	}
	n.flags = v.flags
	a.setContent(n, v)
	delete(a.cids, id)
	if v.flags&oddCID != 0 {
		a.cids[id] = strings.Clone(cid)
	}
	if v.flags&(own|tid) == own {
		a.names[n.key].age = age
	}
}

// compareContent orders a version and the one that a node holds, which have the same CID or
// none.
func (a *Assembler) compareContent(v *version, id int32) int {
	old, said := a.content(id), a.said(id)
	return cmp.Or(
		a.compareURI(v.parent, old.parent), a.compareURI(v.root, old.root), a.compareURI(v.quote, old.quote),
		v.said.start.compare(said.start), v.said.end.compare(said.end), cmp.Compare(v.flags, a.nodes.at(id).flags))
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
		return a.intern(binary.BigEndian.Uint64(sum[:]), 0)
	}
	if number, ok := atproto.TIDNumber(key); ok {
		return a.intern(number, own|tid)
	}
	full := string(a.ownURI(key))
	id, ok := a.odd[full]
	if !ok {
		id = a.nodes.add(node{uint64(len(a.names)), none, own})
		a.names = append(a.names, name{uri: full})
		a.odd[full] = id
	}
	return id
}

func (a *Assembler) intern(key uint64, f flags) int32 {
	if a.index.places == nil {
		a.indexNodes()
	}
	id, free := a.index.find(&a.nodes, key, f)
	if id == none {
		id = a.nodes.add(node{key, none, f})
		a.index.put(&a.nodes, free, id)
	}
	return id
}
