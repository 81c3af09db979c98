package analysis

import (
	"slices"
	"strconv"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// A Thread is a run of one author's posts in the order they are meant to be read.
type Thread struct {
	Root      syntax.ATURI     `json:"root"`      // the first of Posts
	Posts     []syntax.ATURI   `json:"posts"`     // live posts, two or more
	Numbering *Numbering       `json:"numbering"` // nil: the posts carry no numbers
	Complete  bool             `json:"complete"`
	Branches  [][]syntax.ATURI `json:"branches"` // own posts of the tree outside the main line
	Joins     []Join           `json:"joins"`    // why each post is here, in reading order
	Gaps      []Gap            `json:"gaps,omitempty"`
}

// Numbering is what the posts of a thread say of their own place in it.
type Numbering struct {
	Total   *int   `json:"total"`   // the last total declared, nil if none is
	Numbers []*int `json:"numbers"` // one for each of Posts, nil: carries none
	Missing []int  `json:"missing"`
}

// OneSeries says whether the numbers of a thread count its posts: people may have joined several
// series, whose numbers come again or go beyond the total that was declared last.
func (t *Thread) OneSeries() bool {
	joined := func(j Join) bool { return j.By == ByPerson }
	if t.Numbering == nil || !slices.ContainsFunc(t.Joins, joined) {
		return t.Numbering != nil
	}
	seen := map[int]bool{}
	for _, k := range t.Numbering.Numbers {
		if k == nil {
			continue
		}
		if seen[*k] || t.Numbering.Total != nil && *k > *t.Numbering.Total {
			return false
		}
		seen[*k] = true
	}
	return true
}

// Part is how the part of a number is named: with the total that was declared, "3/7", or by the
// number alone.
func (t *Thread) Part(k int) string {
	if !t.OneSeries() || t.Numbering.Total == nil {
		return strconv.Itoa(k)
	}
	return strconv.Itoa(k) + "/" + strconv.Itoa(*t.Numbering.Total)
}

// An Absence is the numbers that no post of a thread carries, by what became of their parts.
type Absence struct {
	Missing []int // nothing more is known
	Deleted []int // their author deleted them
	Split   []int // a person split the thread, and they are not on this side
}

// Absent tells the numbers that no post of the thread carries apart.
func (t *Thread) Absent() (a Absence) {
	if t.Numbering == nil {
		return a
	}
	a.Missing = slices.Clone(t.Numbering.Missing)
	for _, gap := range t.Gaps {
		into := &a.Deleted
		switch gap.Kind {
		case GapDeleted:
		case GapSplit:
			into = &a.Split
		default:
			continue
		}
		if i := slices.Index(a.Missing, gap.Number); i >= 0 {
			a.Missing = slices.Delete(a.Missing, i, i+1)
			*into = append(*into, gap.Number)
		}
	}
	return a
}

// JoinedBy names the evidence of a join.
type JoinedBy string

// The kinds of evidence that put a post into a thread.
const (
	ByReply  JoinedBy = "reply"  // it answers the post before it
	ByBridge JoinedBy = "bridge" // it answers a deleted post that answered the thread
	ByRoot   JoinedBy = "root"   // its parent was never seen; its root is the thread's
	ByNumber JoinedBy = "number" // its number continues the series
	ByQuote  JoinedBy = "quote"  // it quotes the thread and continues it
	ByLead   JoinedBy = "lead"   // it announces the thread that starts right after it
	ByPerson JoinedBy = "person" // a person joined it
)

// A Join says why a post stands in its thread, in a sentence for people.
type Join struct {
	URI syntax.ATURI `json:"uri"`
	By  JoinedBy     `json:"by"`
	Why string       `json:"why"`
}

// GapKind names what is absent.
type GapKind string

// The kinds of gaps.
const (
	GapNumber    GapKind = "number"    // no post carries this number
	GapDeleted   GapKind = "deleted"   // the post existed and was deleted
	GapUnseen    GapKind = "unseen"    // posts name it, the archive never saw it
	GapForgotten GapKind = "forgotten" // a person had it taken out of the archive
	GapSplit     GapKind = "split"     // a person split the thread, and this number is not on this side
)

// A Gap is a place where something of the thread is absent.
type Gap struct {
	Kind   GapKind      `json:"kind"`
	After  syntax.ATURI `json:"after,omitempty"`  // the post it follows, in the thread or in a branch; "" at the start
	URI    syntax.ATURI `json:"uri,omitempty"`    // where it is known
	Number int          `json:"number,omitempty"` // the part that is absent; 0: not told
}
