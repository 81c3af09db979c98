package archive

import (
	"skyarchive/atproto"
	"skyarchive/store"
)

// Outcome is how a fetch or an import of one account ended.
type Outcome string

// The outcomes.
const (
	Added     Outcome = "new"       // the account's first state
	Updated   Outcome = "updated"   // a state that was not here
	Unchanged Outcome = "unchanged" // nothing that was not here
	StillGone Outcome = "gone"      // deactivated, taken down or deleted, as it was the last time
)

// A Report is what a fetch or an import did to one account.
type Report struct {
	Account    store.Account
	Before     atproto.Status // of the account, before; "" if it was not here
	Outcome    Outcome
	Rev        string
	Signature  atproto.Signature
	Downloaded int64 // bytes, 0 for an import
	Records    int   // in the state that was read, of all collections

	New, Edited, Deleted int // posts
	Recovered            int // posts that are gone now, and that an older state brought back
	Missing              int // posts that the state names and that nobody had the bytes of
	Unreadable           int // records kept as bytes that could not be read as posts

	Posts, Threads, Claims int          // live ones that are here now
	Overtaken              int          // claims that were judged in other words than they have now; 0 if no post was edited
	Topics                 []TopicCount // of the posts that are new or changed
	ReadAll                bool         // all posts were read again, and Topics is of all
	Notes                  []string     // what is unusual: a new handle, a repair
	Changes                []string     // what became of threads, in sentences

	Media   *MediaReport   // nil: not asked for
	Context *ContextReport // nil: not asked for
}
