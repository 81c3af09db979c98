package store

import (
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
)

// DecisionQuery selects what people wrote; zero fields select everything.
type DecisionQuery struct {
	DID     syntax.DID // of the account that is spoken of
	Kinds   []analysis.DecisionKind
	Subject string // a claim id (former ones too) or a URI
	By      string
}
