package analysis

import (
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis/quantity"
	"skyarchive/analysis/words"
)

// A Span is a range of a post's text in UTF-8 bytes.
type Span = words.Span

// A PostAnalysis is what the machine reads in one post: the same for the same post, code
// and taxonomy.
type PostAnalysis struct {
	URI      syntax.ATURI `json:"uri"`
	Lang     string       `json:"lang"` // "fr", "en", another code, or "" where it cannot be told
	Passages []Passage    `json:"passages"`
}

// A Passage is a sentence or a bullet of a post.
type Passage struct {
	Span
	Text       string     `json:"text"`
	Topics     []TopicTag `json:"topics"`
	Claim      *Claim     `json:"claim"`
	Quantities []Quantity `json:"quantities"`
}

// A TopicTag says that a passage is about a topic, and why.
type TopicTag struct {
	Topic    string     `json:"topic"`
	Score    float64    `json:"score"`
	Evidence []Evidence `json:"evidence"`
}

// Evidence is the words of the post that a rule of the taxonomy found.
type Evidence struct {
	Span
	Rule string `json:"rule"`
}

// Kind is what sort of assertion a claim is.
type Kind string

// The kinds of claims.
const (
	Statistic      Kind = "statistic"
	Forecast       Kind = "forecast"
	Causal         Kind = "causal"
	Comparison     Kind = "comparison"
	Generalisation Kind = "generalisation"
	Event          Kind = "event"
	Legal          Kind = "legal"
	OtherKind      Kind = "other"
)

// Stance is how the author of a post stands to a claim.
type Stance string

// The stances.
const (
	Asserts Stance = "asserts"
	Reports Stance = "reports" // somebody else says it
	Denies  Stance = "denies"  // it is quoted to be contradicted
	Asks    Stance = "asks"
)

// A Claim is an assertion that a passage makes.
type Claim struct {
	ID          string       `json:"id"`
	CheckWorthy bool         `json:"checkworthy"`
	Score       float64      `json:"score"`
	Kind        Kind         `json:"kind"`
	Stance      Stance       `json:"stance"`
	Attribution *Attribution `json:"attribution"`
	When        []When       `json:"when"`
	Continues   string       `json:"continues"` // the claim that this one carries on from the post before; null for ""
	Why         []string     `json:"why"`       // the named features that made the score
}

// An Attribution says who says so, where the post names somebody.
type Attribution struct {
	URI syntax.ATURI `json:"uri"` // the post that names the source, not always the claim's
	Span
	Text string  `json:"text"`
	DID  *string `json:"did"` // of a mentioned account
	URL  *string `json:"url"` // of a linked page
}

// When is a time that a claim speaks of. From and To are dates as YYYY, YYYY-MM or
// YYYY-MM-DD.
type When struct {
	Span
	Raw  string  `json:"raw"`
	From *string `json:"from"`
	To   *string `json:"to"`
}

// A Quantity is a number with what it counts or measures.
type Quantity = quantity.Quantity

// OfWhat is the thing that a quantity is a part or a measure of.
type OfWhat = quantity.OfWhat
