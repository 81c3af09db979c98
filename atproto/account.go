package atproto

import (
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto/cbor"
)

// An Account is who somebody was at one moment: the DID stays, handle and PDS may change.
type Account struct {
	DID    syntax.DID
	Handle syntax.Handle // "handle.invalid" if it is not confirmed in both directions
	PDS    string        // base URL of the server that holds the repository
}

// Name is the handle, or the DID where no handle is confirmed.
func (a Account) Name() string {
	if a.Handle == "" || a.Handle.IsInvalidHandle() {
		return string(a.DID)
	}
	return string(a.Handle)
}

// Mention is the handle as people write it, @alice.test, or the DID where none is confirmed.
func (a Account) Mention() string {
	if name := a.Name(); name != string(a.DID) {
		return "@" + name
	}
	return string(a.DID)
}

// Status is what an account's server says of it.
type Status string

// The states of an account. Only an active account's repository is served.
const (
	Active      Status = "active"
	Deactivated Status = "deactivated" // by its owner, who may come back
	TakenDown   Status = "takendown"   // by the service
	Suspended   Status = "suspended"   // by the service, for a time
	Deleted     Status = "deleted"     // gone from its server, or its identity given up
	Inactive    Status = "inactive"    // its server does not say why
)

// Collections that an archive keeps the bytes of. Records of every other collection are
// kept as path and hash only.
const (
	CollectionPost       = "app.bsky.feed.post"
	CollectionProfile    = "app.bsky.actor.profile"
	CollectionThreadgate = "app.bsky.feed.threadgate"
	CollectionPostgate   = "app.bsky.feed.postgate"
	CollectionIntents    = "org.user-intents.demo.declaration"
)

// ProfilePath is where an account's profile stands.
const ProfilePath Path = CollectionProfile + "/self"

// LabelNoUnauthenticated is a label that an account puts on its profile to ask not to be
// shown to people who are not logged in. No server enforces it.
const LabelNoUnauthenticated = "!no-unauthenticated"

// SelfLabels are the labels that the author put on a record; none if it cannot be read.
func SelfLabels(record []byte) []string {
	doc, err := cbor.Parse(record)
	if err != nil {
		return nil
	}
	var list []string
	for label := range doc.Field("labels").Field("values").All() {
		if v := label.Field("val").Text(); v != "" {
			list = append(list, v)
		}
	}
	return list
}

// KeepsBytes says whether the bytes of a collection's records are kept.
func KeepsBytes(collection string) bool {
	switch collection {
	case CollectionPost, CollectionProfile, CollectionThreadgate, CollectionPostgate, CollectionIntents,
		"org.user-intents.declaration", "community.lexicon.preference.ai":
		return true
	}
	return false
}
