package store

import (
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// A State is one commit of a repository as an archive keeps it: enough, with its
// manifest, to rebuild the tree and check the signature years later, offline.
type State struct {
	DID       syntax.DID
	Rev       string
	Commit    atproto.CID // of Signed
	Data      atproto.CID // root of the tree, as signed
	Signed    []byte      // the commit block as received, signature included
	Key       string      // did:key that verified it, "" if it was not checked
	Signature atproto.Signature
	Sightings []Sighting // at least one, oldest first
}

// A Sighting is one time that a state was given to us, or to another archive, as it tells.
type Sighting struct {
	At     time.Time // our clock; that of the other archive
	Host   string    // the server, or "" for a file
	From   string    // "getRepo", "getRepo since REV", either with ", rollback accepted"; "import NAME"
	Placed time.Time // where it stands among all sightings of the account, if that is not At; see Behind
	Told   Told
}

// Order is where a sighting stands among all of its account.
func (s Sighting) Order() time.Time { return order(s.At, s.Placed) }

func order(at, placed time.Time) time.Time {
	if placed.IsZero() {
		return at
	}
	return placed
}

// Behind is where something that is seen now stands, so that it is behind the last that was
// seen before: the zero time, which is its own, but where the clock has gone back since.
func Behind(last, now time.Time) time.Time {
	if !now.Before(last) {
		return time.Time{}
	}
	return last.Add(time.Millisecond)
}

// Told says that something is the word of another archive, whose export anybody may have
// edited, and how it reached this one. Zero: we saw it ourselves.
type Told struct {
	By string    // "import NAME"
	At time.Time // our clock
}

// IsZero is whether nobody told it: we saw it ourselves.
func (t Told) IsZero() bool { return t.By == "" }

// Before is whether a sighting counts as the earlier one: what we saw ourselves does before
// whatever another archive tells.
func (s Sighting) Before(o Sighting) bool {
	if ours := s.Told.IsZero(); ours != o.Told.IsZero() {
		return ours
	}
	return s.Order().Before(o.Order())
}

// First is the first time that we saw the state, or, if only another archive tells of it,
// that it did.
func (s *State) First() (first Sighting) {
	for i, seen := range s.Sightings {
		if i == 0 || seen.Before(first) {
			first = seen
		}
	}
	return first
}

// Last is the last time in the same way.
func (s *State) Last() (last Sighting) {
	for i, seen := range s.Sightings {
		if ours := seen.Told.IsZero(); i == 0 || ours && !last.Told.IsZero() || ours == last.Told.IsZero() && seen.Order().After(last.Order()) {
			last = seen
		}
	}
	return last
}

// OfFile is whether a file gave the state, and no server.
func (s Sighting) OfFile() bool { return s.Host == "" && strings.HasPrefix(s.From, "import ") }

// An Entry is a path with the CID that stands there; in a list of changes a zero CID says
// that nothing does any more.
type Entry = atproto.Entry

// A Kept is bytes as they are in the archive, and the CID that they are kept under.
type Kept struct {
	CID   atproto.CID
	Bytes []byte // valid until the next one
}

// A Version is one value that a path had.
type Version struct {
	CID       atproto.CID // zero: deleted in this state
	Rev       string
	Commit    atproto.CID
	Seen      time.Time // when we first saw this state
	Told      bool      // Seen is what another archive tells
	Signature atproto.Signature
}

// An Identity is what the network said of an account at one time.
type Identity struct {
	DID      syntax.DID
	At       time.Time
	Handle   syntax.Handle // confirmed in both directions, or handle.invalid
	PDS      string
	Status   atproto.Status
	Host     string    // who gave the document: the directory, a web host, or "" for a file
	Document []byte    // DID document as received, JSON
	Placed   time.Time // where it stands among all of the account, if that is not At; see Behind
	Told     Told
}

// Order is where an entry stands among all of its account.
func (id *Identity) Order() time.Time { return order(id.At, id.Placed) }

// OfFile is whether the document came in a file, which does not say from when it is. One that
// is empty says that the account's identity was given up.
func (id *Identity) OfFile() bool { return id.Host == "" && len(id.Document) > 0 }

// Ours is whether this archive asked the network itself. Where no entry of an account is, its
// Fetched is what another archive tells.
func (id *Identity) Ours() bool { return id.Told.IsZero() && !id.OfFile() }

// A PLCLog is the directory's audit log of an account as received.
type PLCLog struct {
	DID  syntax.DID
	At   time.Time
	Host string
	Raw  []byte
}
