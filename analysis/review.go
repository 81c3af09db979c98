package analysis

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// DecisionKind names what a person decided.
type DecisionKind string

// The kinds of decisions. Undo is a new entry that names the one it undoes.
const (
	DecidedReview    DecisionKind = "review"     // Body is a Review; Subject a claim id
	DecidedAgree     DecisionKind = "agree"      // Body is an Opinion; Subject a claim id
	DecidedDisagree  DecisionKind = "disagree"   // Body is an Opinion; Subject a claim id
	DecidedAddClaim  DecisionKind = "claim-add"  // Body is a Marking; Subject a post URI
	DecidedTag       DecisionKind = "claim-tag"  // Body is a Tagging; Subject a claim id
	DecidedBounds    DecisionKind = "bounds"     // Body is a Marking; Subject a claim id
	DecidedJoin      DecisionKind = "join"       // Body is a Joining; Subject the first post's URI
	DecidedSplit     DecisionKind = "split"      // Body is a Joining; Subject a post URI
	DecidedUndo      DecisionKind = "undo"       // Subject the id of a decision
	DecidedIntention DecisionKind = "annotation" // free note on a post; Body is an Opinion
)

// A Decision is one entry of what people wrote: appended, never changed. Its id comes from
// its content, so that merging two archives twice changes nothing.
type Decision struct {
	ID      string          `json:"id"`
	Kind    DecisionKind    `json:"kind"`
	DID     syntax.DID      `json:"did"`     // the account whose posts it speaks of
	Subject string          `json:"subject"` // claim id, post URI or decision id
	By      string          `json:"by"`
	At      time.Time       `json:"at"` // UTC
	Body    json.RawMessage `json:"body"`
}

// NewDecision makes an entry and gives it its id: the first 16 characters of
// base32(sha256) over kind, account, subject, author, time (RFC 3339, nanoseconds) and body,
// joined by line feeds, in lower case.
func NewDecision(kind DecisionKind, did syntax.DID, subject, by string, at time.Time, body any) (Decision, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return Decision{}, err
	}
	d := Decision{Kind: kind, DID: did, Subject: subject, By: by, At: at.UTC(), Body: raw}
	d.ID = d.contentID()
	return d, nil
}

func (d *Decision) contentID() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		string(d.Kind), string(d.DID), d.Subject, d.By, d.At.UTC().Format(time.RFC3339Nano), string(d.Body),
	}, "\n")))
	return shortID(sum, 16)
}

// idEncoding is base32 in lower case.
var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567")

// shortID is the first characters of a sum, 16 at most.
func shortID(sum [32]byte, n int) string {
	var text [16]byte
	idEncoding.Encode(text[:], sum[:10])
	return string(text[:n])
}

// Verdict is what a reviewer found.
type Verdict string

// The verdicts.
const (
	Supported    Verdict = "supported"
	Refuted      Verdict = "refuted"
	Mixed        Verdict = "mixed"
	Misleading   Verdict = "misleading"
	Outdated     Verdict = "outdated"
	Unverifiable Verdict = "unverifiable"
)

// VerdictText is how a verdict is shown.
type VerdictText struct {
	Verdict    Verdict
	En, Fr     string
	Definition string
	DefFr      string
}

// Verdicts lists the verdicts with their labels and definitions, in the order shown.
func Verdicts() []VerdictText {
	return []VerdictText{
		{Supported, "Supported", "Confirmé", "Reliable sources say the same.", "Des sources fiables disent la même chose."},
		{Refuted, "Refuted", "Faux", "Reliable sources say otherwise.", "Des sources fiables disent le contraire."},
		{Mixed, "Mixed", "En partie vrai", "Part of it holds, part does not.", "Une partie est juste, une autre ne l'est pas."},
		{Misleading, "Misleading", "Trompeur", "The facts are right, what they suggest is not.", "Les faits sont justes, ce qu'ils suggèrent ne l'est pas."},
		{Outdated, "Outdated", "Périmé", "It was right once and no longer is.", "C'était juste et ne l'est plus."},
		{Unverifiable, "Unverifiable", "Invérifiable", "No source at hand can settle it.", "Aucune source disponible ne permet de trancher."},
	}
}

// Status is how far a claim's review has come.
type Status string

// The states of a review.
const (
	New       Status = "new"
	Reviewed  Status = "reviewed"
	Dismissed Status = "dismissed"
)

// Dismissal is why a claim needs no verdict.
type Dismissal string

// The dismissals; DuplicateOf is followed by the other claim's id.
const (
	NotAClaim   Dismissal = "not-a-claim"
	OffTopic    Dismissal = "off-topic"
	DuplicateOf Dismissal = "duplicate-of"
)

// A Review is a person's judgement of a claim. It holds the words it judged.
type Review struct {
	Status       Status    `json:"status"`
	Verdict      Verdict   `json:"verdict,omitempty"`
	Dismissal    Dismissal `json:"dismissal,omitempty"`
	DuplicateOf  string    `json:"duplicate_of,omitempty"`
	Restated     string    `json:"claim_restated,omitempty"`
	Summary      string    `json:"summary,omitempty"` // public
	Note         string    `json:"note,omitempty"`    // never leaves the private archive
	Sources      []Source  `json:"sources,omitempty"`
	PublishedURL string    `json:"published_url,omitempty"`
	Supersedes   string    `json:"supersedes,omitempty"` // id of the decision it replaces
	Adds         bool      `json:"adds,omitempty"`       // to the finding that it replaces, which it makes no newer

	// What was judged.
	Post syntax.ATURI `json:"post"`
	CID  string       `json:"cid,omitempty"`
	Span
	Text string `json:"text"`
}

// A Source is what a reviewer relied on.
type Source struct {
	URL      string `json:"url"`
	Title    string `json:"title,omitempty"`
	Accessed string `json:"accessed,omitempty"` // date, YYYY-MM-DD
	Quote    string `json:"quote,omitempty"`
}

// ReviewState is where the reviews of a claim stand: what the newest one says.
type ReviewState struct {
	Status      Status    `json:"status"`
	Verdict     Verdict   `json:"verdict,omitempty"`
	Dismissal   Dismissal `json:"dismissal,omitempty"`
	DuplicateOf string    `json:"duplicate_of,omitempty"` // the other claim's id
	By          string    `json:"by,omitempty"`
	At          time.Time `json:"at,omitzero"`
	Agree       int       `json:"agree,omitempty"`    // people whose newest word on it agrees
	Disagree    int       `json:"disagree,omitempty"` // and disagrees
	Others      []Finding `json:"others,omitempty"`   // what people found who disagree by a review of their own, oldest first
}

// A Finding is what one person found.
type Finding struct {
	Verdict     Verdict   `json:"verdict,omitempty"`
	Dismissal   Dismissal `json:"dismissal,omitempty"`
	DuplicateOf string    `json:"duplicate_of,omitempty"`
	By          string    `json:"by,omitempty"`
}

// An Opinion is a second person's word on a review, or a note.
type Opinion struct {
	Review string `json:"review,omitempty"` // the decision that it speaks of
	Note   string `json:"note,omitempty"`
}

// A Marking is a passage that a person marked as a claim. An empty Kind or Stance leaves
// what the machine read, or the default of a claim that it did not read.
type Marking struct {
	Post syntax.ATURI `json:"post"`
	CID  string       `json:"cid,omitempty"`
	Span
	Text   string   `json:"text"`
	Topics []string `json:"topics,omitempty"`
	Kind   Kind     `json:"kind,omitempty"`
	Stance Stance   `json:"stance,omitempty"`
	Note   string   `json:"note,omitempty"`
}

// A Tagging corrects a claim's topics.
type Tagging struct {
	Add    []string     `json:"add,omitempty"`
	Remove []string     `json:"remove,omitempty"`
	Post   syntax.ATURI `json:"post"`
	Span
	Text string `json:"text"`
	Note string `json:"note,omitempty"`
}

// A Joining is posts that a person put into one thread, in this order, or the post at
// which a thread is to be cut.
type Joining struct {
	URIs []syntax.ATURI `json:"uris"`
	Note string         `json:"note,omitempty"`
}
