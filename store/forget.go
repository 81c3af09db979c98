package store

import (
	"fmt"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// A Forgetting says that a post, or everything of an account, is to have no words in the
// archive. Path and CID stay in the manifests, so that states still rebuild and verify.
type Forgetting struct {
	DID syntax.DID
	URI syntax.ATURI // of the post; "": the whole account
	At  time.Time
	By  string // who decided it

	// What stays of a post.
	CIDs  []atproto.CID  // that ever stood at its path: set on reading
	Reply *atproto.Reply // what it answered, by URI, where that is by the same account; Forget reads it only where the bytes are not here
}

// Removed is what a Forgetting takes out of an archive.
type Removed struct {
	Posts     int   // live, deleted and missing ones
	Records   int   // whose bytes were kept: each version of a post, profile and settings
	Bytes     int64 // of these records
	Claims    int
	Contexts  int      // versions that were kept since others answer or quote them
	Decisions int      // that people wrote about it: their words go, that they were made stays
	Deciders  []string // who made them, in order

	Files  []Blob         // nothing that stays refers to them: their bytes are for the caller to remove
	Shared []syntax.ATURI // posts that stay and are the same bytes, which stay with them
}

// A ForgottenError says that something was in the archive and was forgotten. It is
// ErrNotFound.
type ForgottenError struct{ Forgetting }

func (e *ForgottenError) Error() string {
	what := "it"
	if e.URI == "" {
		what = "its account"
	}
	return fmt.Sprintf("%s was forgotten on %s", what, e.At.UTC().Format("2006-01-02 15:04 UTC"))
}

func (e *ForgottenError) Unwrap() error { return ErrNotFound }
