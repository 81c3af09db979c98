package archive

import (
	"cmp"
	"context"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/store"
)

// TopicCount is how many check-worthy claims are about a topic; of those about none if it is "".
type TopicCount struct {
	Topic  string
	Claims int
}

// A topicTally counts the claims of posts while they are written. Where people corrected what
// was read, it waits until the store can say what it is with that.
type topicTally struct {
	claims    map[string]int
	corrected map[syntax.ATURI]bool // posts that people corrected
	waiting   []syntax.ATURI
}

func newTopicTally(ctx context.Context, r store.Reader, did syntax.DID) (*topicTally, error) {
	t := &topicTally{map[string]int{}, map[syntax.ATURI]bool{}, nil}
	corrections := []analysis.DecisionKind{analysis.DecidedAddClaim, analysis.DecidedTag, analysis.DecidedBounds}
	for d, err := range r.Decisions(ctx, store.DecisionQuery{DID: did, Kinds: corrections}) {
		if err != nil {
			return nil, err
		}
		t.corrected[d.About().Post] = true
	}
	return t, nil
}

// add counts what was read in a post.
func (t *topicTally) add(read analysis.PostAnalysis) {
	if t.corrected[read.URI] {
		t.waiting = append(t.waiting, read.URI)
		return
	}
	t.count(read)
}

func (t *topicTally) count(read analysis.PostAnalysis) {
	for _, p := range read.Passages {
		if p.Claim == nil || !p.Claim.CheckWorthy {
			continue
		}
		for _, topic := range p.Topics {
			t.claims[topic.Topic]++
		}
		if len(p.Topics) == 0 {
			t.claims[""]++
		}
	}
}

// sorted is what was counted, the most first.
func (t *topicTally) sorted(ctx context.Context, r store.Reader) (list []TopicCount, err error) {
	for _, uri := range t.waiting {
		read, err := r.Analysis(ctx, uri)
		if err != nil {
			return nil, err
		}
		t.count(read)
	}
	for topic, n := range t.claims {
		list = append(list, TopicCount{topic, n})
	}
	slices.SortFunc(list, func(a, b TopicCount) int {
		return cmp.Or(b.Claims-a.Claims, cmp.Compare(a.Topic, b.Topic))
	})
	return list, nil
}
