package store

import (
	"context"
	"iter"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
	"skyarchive/store/search"
)

// A Store is an archive. Its methods may be called from several goroutines.
type Store interface {
	// View runs fn on one consistent state of the archive.
	View(ctx context.Context, fn func(Reader) error) error

	// Update runs fn in a transaction, which is kept if fn returns nil and undone
	// otherwise. Nothing of it can be seen from outside before it is kept.
	Update(ctx context.Context, fn func(Writer) error) error

	// Fill is Update where much is to be written. If the archive holds nothing yet and nobody
	// reads it, it may be faster; View and Update then wait until it is done, so fn must not
	// call them.
	Fill(ctx context.Context, fn func(Writer) error) error

	// Backup writes one consistent state of the archive to a new file, while others may
	// write. It is fs.ErrExist if anything is at path.
	Backup(ctx context.Context, path string) error

	// Overwrite writes over what Forget has left in the file, so that no word of it is in the
	// raw bytes of the archive. It is ErrBusy while others read or write, and does nothing if
	// nothing is left; until it has returned nil, words may be.
	Overwrite(ctx context.Context) error

	Close() error
}

// A Reader reads one consistent state of an archive. It is valid only inside the function
// it was given to, and for one goroutine. No method of it may be called while a sequence
// that it returned is being ranged over: Collect first. After an error a sequence ends.
type Reader interface {
	// Accounts yields every account, ordered by label, else handle.
	Accounts(ctx context.Context) iter.Seq2[Account, error]
	// Account is one account, or ErrNotFound.
	Account(ctx context.Context, did syntax.DID) (Account, error)
	// AccountsNamed are the accounts that bear or ever bore a handle, or carry it as a
	// label: those that bear it now first. Empty, not an error, if there is none.
	AccountsNamed(ctx context.Context, name string) ([]Account, error)
	// Identities yields what was seen of an account's identity, oldest first.
	Identities(ctx context.Context, did syntax.DID) iter.Seq2[Identity, error]
	// PLCLogs yields the audit logs as received, oldest first.
	PLCLogs(ctx context.Context, did syntax.DID) iter.Seq2[PLCLog, error]

	// States yields an account's states in the order of (rev, commit CID), without those that
	// are invalid.
	States(ctx context.Context, did syntax.DID) iter.Seq2[State, error]
	// InvalidStates yields those that somebody else signed, in the same order. They are kept as
	// evidence and say nothing of the account: of all that is read of states, only State,
	// Manifest and Changes know them, and what changed is told against the invalid one before.
	InvalidStates(ctx context.Context, did syntax.DID) iter.Seq2[State, error]
	// State is the state of one commit, or ErrNotFound.
	State(ctx context.Context, did syntax.DID, commit atproto.CID) (State, error)
	// Head is the last state in the order of States, or ErrNotFound.
	Head(ctx context.Context, did syntax.DID) (State, error)
	// Manifest yields every path of a state with its CID, in the order of the tree: by the
	// bytes of the whole path.
	Manifest(ctx context.Context, did syntax.DID, commit atproto.CID) iter.Seq2[Entry, error]
	// Changes yields what a state changed against the one before it in the order of States,
	// in path order. The first state's changes are its whole manifest.
	Changes(ctx context.Context, did syntax.DID, commit atproto.CID) iter.Seq2[Entry, error]
	// Versions are the states that changed a path, in the order of States.
	Versions(ctx context.Context, did syntax.DID, path atproto.Path) ([]Version, error)
	// Record is the bytes of a kept record, or ErrNotFound where they are missing.
	Record(ctx context.Context, did syntax.DID, cid atproto.CID) ([]byte, error)
	// Records yields the kept bytes of those of some records that are there, in no order. It
	// believes nothing: bytes that were damaged come under the CID that they were put under.
	Records(ctx context.Context, did syntax.DID, cids []atproto.CID) iter.Seq2[Kept, error]
	// Missing yields the entries of the head state whose bytes should be kept and are not
	// there, but for what was forgotten.
	Missing(ctx context.Context, did syntax.DID) iter.Seq2[Entry, error]
	// Lost is Missing for all states: a path may have several entries.
	Lost(ctx context.Context, did syntax.DID) iter.Seq2[Entry, error]
	// Blobs yields what is known of the files that an account's posts refer to, by CID.
	Blobs(ctx context.Context, did syntax.DID) iter.Seq2[Blob, error]
	// Context is a post by somebody else, or ErrNotFound if it was never asked for.
	Context(ctx context.Context, uri syntax.ATURI) (Context, error)
	// Contexts yields all posts by others that were asked for, by URI.
	Contexts(ctx context.Context) iter.Seq2[Context, error]

	// Forgettings yields what of an account (of all accounts, if did is "") was forgotten, by
	// URI.
	Forgettings(ctx context.Context, did syntax.DID) iter.Seq2[Forgetting, error]

	// Post is one post, or ErrNotFound: a ForgottenError where it was forgotten.
	Post(ctx context.Context, uri syntax.ATURI) (Post, error)
	// Posts yields the posts that a query selects.
	Posts(ctx context.Context, q Query) iter.Seq2[Post, error]
	// Outlines yields what threads are assembled from, of every post of an account, in no
	// particular order, with the posts that were forgotten one by one. Nothing if the account
	// is not here.
	Outlines(ctx context.Context, did syntax.DID) iter.Seq2[Outline, error]
	// Thread is the thread that a post is in (as a part or in a branch), or, of one that is not
	// live, the thread whose gaps name it; else ErrNotFound.
	Thread(ctx context.Context, uri syntax.ATURI) (Thread, error)
	// Threads yields the threads of which a post is selected.
	Threads(ctx context.Context, q Query) iter.Seq2[Thread, error]
	// Assembled yields the threads of an account as they were put, in no particular order, and
	// nothing besides: what is needed to see how they change. If posts are named, only the
	// threads that hold any of them.
	Assembled(ctx context.Context, did syntax.DID, posts ...syntax.ATURI) iter.Seq2[analysis.Thread, error]
	// Unlike compares all threads of an account, as they are to be, with those that were put:
	// changed are the places in threads of those that were not put so, and gone the roots
	// of threads that were put and are not among them, sorted. A thread may be called changed
	// that is not.
	Unlike(ctx context.Context, did syntax.DID, threads []analysis.Thread) (changed []int, gone []syntax.ATURI, err error)
	// Claims yields the claims that a query selects.
	Claims(ctx context.Context, q Query) iter.Seq2[Claim, error]
	// Claim is the claim whose id starts with prefix (former ids too), ErrNotFound, or
	// ErrAmbiguous.
	Claim(ctx context.Context, prefix string) (Claim, error)
	// Analysis is what the machine read in a post, with the corrections of people.
	// Its Passages are empty if the post was never analysed.
	Analysis(ctx context.Context, uri syntax.ATURI) (analysis.PostAnalysis, error)
	// Search finds posts by their words.
	Search(ctx context.Context, q Query) (Hits, error)
	// Count counts posts, threads and claims that a query selects, each up to limit (0: all).
	Count(ctx context.Context, q Query, limit int) (Counts, error)

	// Decisions yields what people wrote, oldest first.
	Decisions(ctx context.Context, q DecisionQuery) iter.Seq2[analysis.Decision, error]
	// Detached are the decisions on claims that no longer are, nor any with their words,
	// oldest first.
	Detached(ctx context.Context, did syntax.DID) ([]analysis.Decision, error)
}

// A Writer changes an archive inside one transaction. It reads what it has written.
type Writer interface {
	Reader

	// PutAccount inserts an account or replaces what is known of it now.
	PutAccount(ctx context.Context, a Account) error
	// AddIdentity appends to an account's identity log; the same facts (but for the time) as the
	// newest entry that is ours add nothing. What another archive told is added unless the very
	// same is there.
	AddIdentity(ctx context.Context, id Identity) error
	// AddPLCLog keeps an audit log as received; the same bytes add nothing.
	AddPLCLog(ctx context.Context, log PLCLog) error

	// PutState keeps a state. changes are what it changes against its predecessor in the
	// order of (rev, commit CID), in any order; a zero CID says that the path is gone. If a
	// state follows it in that order, the follower's changes are recomputed, so that every
	// state's manifest stays what it was. A state that is known only gains the sighting, and the
	// key if it is valid now. What we saw ourselves stays so when another archive tells of it too.
	// The predecessor and the follower of an invalid state are invalid.
	PutState(ctx context.Context, s State, changes iter.Seq2[Entry, error]) error
	// JudgeState says anew who signed a state, or that the account did not. Every state's
	// manifest stays what it was. What is derived of the account is for the caller to derive again.
	JudgeState(ctx context.Context, did syntax.DID, commit atproto.CID, key string, s atproto.Signature) error
	// PutRecord keeps the bytes of a record under its CID, also where that calls them raw. The
	// same bytes twice are one.
	PutRecord(ctx context.Context, did syntax.DID, cid atproto.CID, record []byte) error

	// PutBlob inserts or replaces what is known of a file.
	PutBlob(ctx context.Context, did syntax.DID, b Blob) error
	// PutContext keeps what is known of a post by somebody else. State and its fields replace
	// what was known; a version that was seen stays, also when another one or none is given,
	// and so do counts. What is given back of several versions is the last valid one, else the
	// last that a server gave (From), else the last that came with another archive.
	PutContext(ctx context.Context, c Context) error

	// PutPost inserts or replaces the derived row of a post and its index words. Its record
	// must be kept unless its Status is Wordless. Passages of an earlier version are dropped.
	PutPost(ctx context.Context, p Post, a analysis.PostAnalysis) error
	// SetPostStatus changes the status of a post only; a deleted post keeps its words,
	// passages and claims.
	SetPostStatus(ctx context.Context, uri syntax.ATURI, s PostStatus) error
	// DropPosts removes the derived rows of posts that no state holds, with their index words and
	// the threads they are in, which the caller assembles again. Records and decisions stay.
	DropPosts(ctx context.Context, did syntax.DID, uris []syntax.ATURI) error
	// PutThread inserts or replaces a thread. Its posts are taken out of any other.
	PutThread(ctx context.Context, did syntax.DID, t analysis.Thread, age time.Time) error
	// DropThread removes the thread with this root; not an error if there is none.
	DropThread(ctx context.Context, root syntax.ATURI) error

	// AddDecision appends what a person decided and brings the derived status of claims up
	// to date. An entry whose id is known adds nothing; added says which. Of one about what
	// was forgotten no words are kept.
	AddDecision(ctx context.Context, d analysis.Decision) (added bool, err error)

	// Forget takes a post, or everything of an account, out of the archive: the bytes of all
	// versions, everything derived, what is known of its files, its copies kept as context of
	// others, and the words of decisions about it (see analysis.Decision.Forget). It is
	// ErrNotFound if nothing of it is here. Threads that it was in are dropped: the caller
	// assembles them again, and reads the posts in them again, whose analysis may name it.
	// PutRecord, PutPost and PutContext keep nothing of it from now on, until Recall.
	// Its words may stay in the file until Overwrite.
	Forget(ctx context.Context, f Forgetting) (Removed, error)
	// Recall undoes the prohibition of Forget, for a post or, if uri is "", for an account and
	// all posts of it. What is gone stays so until it is kept anew.
	Recall(ctx context.Context, did syntax.DID, uri syntax.ATURI) error
}

// Collect drains a sequence into a slice.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var list []T
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// An Account is what the archive knows of an account now.
type Account struct {
	atproto.Account
	Label     string // given by a person, "" for none
	Status    atproto.Status
	Fetched   time.Time // when the network last confirmed what is here; zero: only imported; see Identity.Ours
	Posts     int       // live posts, counted by the store
	Threads   int
	Claims    int    // check-worthy, of live posts
	Analysis  string // version of the analysis that the derived rows come from
	HideGuest bool   // the author asks not to be shown to people who are not logged in
	Whole     bool   // nothing is Missing, so nobody has to look
	Complete  bool   // nothing is Lost either
}

// PostStatus says whether a post is in its account's head state.
type PostStatus string

// The states of a post.
const (
	Live    PostStatus = "live"
	Gone    PostStatus = "deleted" // in an earlier state, not in the head
	Missing PostStatus = "missing" // in the head, but its bytes were never to be had
	// Unreadable is a post whose bytes in the head are kept and are no post. What it said
	// before is an earlier version.
	Unreadable PostStatus = "unreadable"

	Forgotten PostStatus = "forgotten" // only of an Outline: see Writer.Forget
)

// Wordless says whether there is nothing to read in a post that its account still has.
func (s PostStatus) Wordless() bool { return s == Missing || s == Unreadable }

// A Post is a post with its place in the archive.
type Post struct {
	atproto.Post
	Status    PostStatus
	Signature atproto.Signature // of the state that holds it: set on reading
	FirstSeen time.Time         // when we first saw a state with this path: set on reading
	WordsSeen time.Time         // when we first saw one with this version of it: set on reading
	WordsTold bool              // WordsSeen is what another archive tells; set on reading
	GoneFound time.Time         // when we first saw a state without it; zero: not gone; set on reading
	FirstTold bool              // FirstSeen is what another archive tells; set on reading
	GoneTold  bool              // GoneFound is
	Rev       string            // rev of the state that brought this version; set on reading
	Edited    int               // how many earlier versions are kept; set on reading
	Lang      string            // as analysed
	Thread    syntax.ATURI      // root of its thread, "" if it stands alone; set on reading
}

// An Outline is a post without what threads have no use for: of its Post only URI, CID,
// Text, Reply and the quoted URI are set.
type Outline struct {
	atproto.Post
	Status PostStatus
}

// A Thread is a thread with its place in the archive.
type Thread struct {
	analysis.Thread
	DID       syntax.DID
	Handle    syntax.Handle
	ID        string        // short id, the record key of the root
	Age       time.Time     // what orders threads
	Dates     atproto.Dates // of the root
	FirstLine string
	Claims    int // check-worthy ones
	Topics    []string
}

// A Claim is a claim with its place in the archive.
type Claim struct {
	analysis.Passage
	Post     syntax.ATURI
	CID      string
	Author   atproto.Account
	Thread   syntax.ATURI  // "" if the post stands alone
	Age      time.Time     // of the post
	Dates    atproto.Dates // of the post
	Status   PostStatus    // of the post
	Labels   []string      // that the author put on the post
	Review   analysis.ReviewState
	Reviews  []analysis.Decision // what people decided, oldest first
	Outdated bool                // the last review judged other words than these
}

// Query selects and orders. Its zero value selects everything, newest first.
type Query struct {
	Where search.Expr // nil: all

	DID    syntax.DID   // only this account
	Thread syntax.ATURI // only the posts of the thread with this root, in reading order, branches last; deleted ones in their gaps
	All    bool         // claims: also those that are not check-worthy
	// Deleted and missing posts, and what was read in them, are selected too unless Live is set.
	Live bool
	// Topics say which topics a layer has; nil: topic.Default().
	Topics *topic.Taxonomy

	Oldest bool   // oldest first
	Best   bool   // by rank; only for Search
	Limit  int    // 0: no limit
	Cursor string // from Hits.Cursor: go on behind it
}

// MostCounted is how many hits of a search are counted and ranked if it has a Limit and is not
// from the oldest on.
const MostCounted = 20_000

// Hits are posts found by words.
type Hits struct {
	Posts  []Hit
	Total  int    // how many there are
	More   bool   // there are more, which were not counted: the newest Total are ranked
	Cursor string // "" at the end
	Hints  []string
}

// A Hit is a post that a search found.
type Hit struct {
	Post
	Rank    float64
	Claims  []Claim
	Matches []analysis.Span // the matching words in Text, in order, without overlap
	Beside  *Beside         // where words match that are not in Text; nil: nowhere
}

// Beside is a text that belongs to a post and is not its own: a hashtag, the description of a
// picture or video, a card, the post that is quoted.
type Beside struct {
	What    string // "hashtag", "picture", "video", "card" or "quoted post"
	Text    string
	Matches []analysis.Span
}

// Counts are numbers of things that a query selects.
type Counts struct {
	Posts, Threads, Claims int
}
