package store

import (
	"time"

	"skyarchive/atproto"
)

// ContextState says what became of asking for a post by somebody else.
type ContextState string

// The states of a post by somebody else.
const (
	ContextFound       ContextState = "found"
	ContextDeleted     ContextState = "deleted"      // its author's signed repository does not hold it
	ContextBlocked     ContextState = "blocked"      // its author does not want it shown here
	ContextNotFound    ContextState = "not found"    // nobody who was asked shows it; nobody says why
	ContextAccountGone ContextState = "account gone" // its author's account is deactivated, taken down or deleted
	ContextUnavailable ContextState = "unavailable"  // no answer
)

// A Context is a post by somebody else that an archived post answers or quotes. What it
// says is kept when the post goes: State tells of the last time that it was asked for, the
// other fields of the last version that was seen; of the last valid one, if there is any.
type Context struct {
	atproto.Post                   // only Ref.URI where no version was ever seen
	Handle       string            // of the author when it was asked for, "" if not known
	Record       []byte            // as signed; as the AppView wrote it where Signature is unchecked
	Proof        []byte            // CAR with the signed commit and the way to the record; nil from an AppView
	Key          string            // did:key that verified it, "" if unchecked
	Signature    atproto.Signature // of this version
	From         string            // who gave this version; "import NAME": another archive
	Seen         time.Time         // when; zero: never

	State     ContextState
	At        time.Time // of State
	Host      string    // who says so
	Why       string
	HideGuest bool // its author asks not to be shown to people who are not logged in, or nobody could be asked
	Counts    *ContextCounts
}

// ContextCounts are what an AppView says of a post; no signature covers them.
type ContextCounts struct {
	Likes, Reposts, Replies, Quotes int
	At                              time.Time
}
