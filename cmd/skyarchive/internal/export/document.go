package export

import (
	"slices"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// A Document is a thread, or a post that stands alone, with everything that is shown of it.
type Document struct {
	Account  *Account
	Thread   store.Thread                      // of a post that stands alone: a thread of one
	Posts    map[syntax.ATURI]store.Post       // its posts, branches and deleted parts
	Earlier  map[syntax.ATURI][]EarlierVersion // of edited posts, oldest first
	Others   map[syntax.ATURI]Other            // archived posts that are quoted or answered
	Claims   map[syntax.ATURI][]store.Claim    // by post, in the order of its text
	Withheld map[syntax.ATURI]reason           // posts that this audience is not shown
	slug     string                            // from the first words ever seen of the root
}

// An Other is a post outside the document.
type Other struct {
	store.Post
	Account *Account // nil: not in the archive
}

// An EarlierVersion is what a post said before it was edited.
type EarlierVersion struct {
	atproto.Post
	Seen time.Time
	Told bool // by another archive
}

// Alone says whether the document is one post outside threads.
func (d *Document) Alone() bool { return len(d.Thread.Posts) == 1 }

// Root is the first post of the document; its Text is empty where it is withheld.
func (d *Document) Root() store.Post { return d.Posts[d.Thread.Root] }

// All lists the document's posts in reading order: the main line, branches, deleted parts.
func (d *Document) All() []syntax.ATURI {
	list := slices.Clone(d.Thread.Posts)
	for _, branch := range d.Thread.Branches {
		list = append(list, branch...)
	}
	for _, gap := range d.Thread.Gaps {
		if gap.URI != "" && !slices.Contains(list, gap.URI) {
			list = append(list, gap.URI)
		}
	}
	return list
}

// AnswersOther says whether the document starts as an answer to somebody else.
func (d *Document) AnswersOther() bool {
	parent := parentOf(d.Root().Post)
	return parent != "" && atproto.AuthorOf(parent) != string(d.Thread.DID)
}

func (d *Document) has(uri syntax.ATURI) bool { _, ok := d.Posts[uri]; return ok }

// number is what the post at a place of the thread says of its own place, "" for nothing.
func (d *Document) number(i int) string {
	num := d.Thread.Numbering
	if num == nil || i >= len(num.Numbers) || num.Numbers[i] == nil {
		return ""
	}
	return d.Thread.Part(*num.Numbers[i])
}

// absent is the number of an absent post, "" if it is not told.
func (d *Document) absent(gap analysis.Gap) string {
	if gap.Number == 0 {
		return ""
	}
	return d.Thread.Part(gap.Number)
}

// signature is the least that holds for all posts of the document.
func (d *Document) signature() atproto.Signature {
	least := atproto.Signature("")
	for _, p := range d.Posts {
		switch {
		case p.Signature == atproto.SignatureInvalid:
			return atproto.SignatureInvalid
		case p.Signature != atproto.SignatureValid:
			least = atproto.SignatureUnchecked
		case least == "":
			least = atproto.SignatureValid
		}
	}
	if least == "" {
		return atproto.SignatureUnchecked
	}
	return least
}

// topics are the thread's topics, else those of its claims, in a fixed order.
func (d *Document) topics() []string {
	list := slices.Clone(d.Thread.Topics)
	if len(list) == 0 {
		for _, claims := range d.Claims {
			for _, c := range claims {
				for _, t := range c.Topics {
					list = append(list, t.Topic)
				}
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (d *Document) claimCount() int {
	n := 0
	for _, list := range d.Claims {
		n += len(list)
	}
	return n
}

func (d *Document) claimsWith(s analysis.Status) int {
	n := 0
	for _, list := range d.Claims {
		for _, c := range list {
			if c.Review.Status == s || c.Review.Status == "" && s == analysis.New {
				n++
			}
		}
	}
	return n
}

// seen are the times at which the archive first saw the first and the last of the posts,
// as their words are now; zero where only another archive tells.
func (d *Document) seen() (first, last time.Time) {
	for _, p := range d.Posts {
		if p.WordsSeen.IsZero() || p.WordsTold {
			continue
		}
		if first.IsZero() || p.WordsSeen.Before(first) {
			first = p.WordsSeen
		}
		if p.WordsSeen.After(last) {
			last = p.WordsSeen
		}
	}
	return first, last
}

// end is the date of the youngest post.
func (d *Document) end() (last time.Time) {
	for _, p := range d.Posts {
		if t := p.Dates().Shown(); t.After(last) {
			last = t
		}
	}
	return last
}

func parentOf(p atproto.Post) syntax.ATURI {
	if p.Reply == nil {
		return ""
	}
	if p.Reply.Parent.IsZero() {
		return p.Reply.Root.URI
	}
	return p.Reply.Parent.URI
}

// withMissing is a thread's gaps with one for each missing number that has none, behind the
// last post that carries a smaller one.
func withMissing(t analysis.Thread) []analysis.Gap {
	if t.Numbering == nil {
		return t.Gaps
	}
	gaps := slices.Clone(t.Gaps)
	for _, k := range t.Numbering.Missing {
		if slices.ContainsFunc(gaps, func(g analysis.Gap) bool { return g.Number == k }) {
			continue
		}
		gap := analysis.Gap{Kind: analysis.GapNumber, Number: k}
		for i, n := range t.Numbering.Numbers {
			if n != nil && *n < k && i < len(t.Posts) {
				gap.After = t.Posts[i]
			}
		}
		gaps = append(gaps, gap)
	}
	return gaps
}
