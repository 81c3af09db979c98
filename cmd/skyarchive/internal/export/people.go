package export

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/store"
)

// A nameless reads an archive for the public, which is not told who joined posts or marked
// claims, nor what they noted with it.
type nameless struct{ store.Reader }

func (n nameless) Thread(ctx context.Context, uri syntax.ATURI) (store.Thread, error) {
	t, err := n.Reader.Thread(ctx, uri)
	return namelessThread(t), err
}

func (n nameless) Threads(ctx context.Context, q store.Query) iter.Seq2[store.Thread, error] {
	return func(yield func(store.Thread, error) bool) {
		for t, err := range n.Reader.Threads(ctx, q) {
			if !yield(namelessThread(t), err) {
				return
			}
		}
	}
}

func (n nameless) Claims(ctx context.Context, q store.Query) iter.Seq2[store.Claim, error] {
	return func(yield func(store.Claim, error) bool) {
		for c, err := range n.Reader.Claims(ctx, q) {
			if !yield(namelessClaim(c), err) {
				return
			}
		}
	}
}

func namelessThread(t store.Thread) store.Thread {
	for i, j := range t.Joins {
		if j.By == analysis.ByPerson {
			t.Joins = slices.Clone(t.Joins)
			t.Joins[i].Why = byNobody(j.Why)
		}
	}
	return t
}

// byNobody is what analysis says of a join by a person without who it was and what they noted,
// "" if it cannot be told apart.
func byNobody(why string) string {
	m := placing().FindStringSubmatch(why)
	if m == nil {
		return ""
	}
	return m[1] + " by a person on " + m[3] + m[4]
}

func namelessClaim(c store.Claim) store.Claim {
	if c.Passage.Claim == nil {
		return c
	}
	for i, why := range c.Passage.Claim.Why {
		if strings.HasPrefix(why, analysis.MarkedBy) {
			claim := *c.Passage.Claim
			claim.Why = slices.Clone(claim.Why)
			claim.Why[i] = "marked by a person"
			c.Passage.Claim = &claim
		}
	}
	return c
}
