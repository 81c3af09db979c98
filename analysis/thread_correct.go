package analysis

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// A correction is a join or a split that a person decided and nobody undid.
type correction struct {
	kind  DecisionKind
	posts []int32
	by    string
	at    time.Time
	note  string
}

// Correct takes all decisions about the account and lets those that join and split
// threads win over the machine, in the order of their times, so that of two that disagree
// the newer holds. One that is undone, or whose body cannot be read, changes nothing. A
// decision about another account is an error.
//
// A join names posts in the order they are to be read. Each brings what follows it in its
// thread, up to the next post named; the first keeps what stands before it. Posts that are
// not live posts of the account are passed over. A split makes a post the first of a
// thread of its own, with what follows it.
func (a *Assembler) Correct(decisions []Decision) error {
	sorted := slices.Clone(decisions)
	slices.SortFunc(sorted, func(x, y Decision) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ID, y.ID)) })
	undone := map[string]bool{}
	var newestFirst []correction
	for _, d := range slices.Backward(sorted) {
		if d.DID != "" && d.DID != a.did {
			return fmt.Errorf("correct threads of %s: decision %s is about %s", a.did, d.ID, d.DID)
		}
		switch {
		case undone[d.ID]:
		case d.Kind == DecidedUndo:
			undone[d.Subject] = true
		case d.Kind == DecidedJoin || d.Kind == DecidedSplit:
			if c, ok := a.correction(d); ok {
				newestFirst = append(newestFirst, c)
			}
		}
	}
	slices.Reverse(newestFirst)
	a.corrections = newestFirst
	return nil
}

func (a *Assembler) correction(d Decision) (correction, bool) {
	var body Joining
	if err := json.Unmarshal(d.Body, &body); err != nil {
		return correction{}, false
	}
	uris := body.URIs
	if d.Kind == DecidedSplit {
		uris = []syntax.ATURI{syntax.ATURI(d.Subject)}
	}
	c := correction{kind: d.Kind, by: d.By, at: d.At, note: body.Note}
	for _, uri := range uris {
		if id := a.node(uri); id != none && !slices.Contains(c.posts, id) {
			c.posts = append(c.posts, id)
		}
	}
	return c, len(c.posts) > 0
}

func (c *correction) sentence() string {
	verb := "put here"
	if c.kind == DecidedSplit {
		verb = "made the start of a thread"
	}
	s := fmt.Sprintf("%s by %s on %s", verb, cmp.Or(c.by, "a person"), c.at.UTC().Format("2006-01-02 15:04 UTC"))
	if c.note != "" {
		s += ": " + c.note
	}
	return s
}

// correct applies the corrections to the drafts.
func (f *forest) correct(drafts []*draft) []*draft {
	if len(f.a.corrections) == 0 {
		return drafts
	}
	cut := &cutter{f: f, drafts: drafts, of: map[int32]*draft{}}
	for _, d := range drafts {
		cut.own(d)
	}
	for i := range f.a.corrections {
		switch c := &f.a.corrections[i]; c.kind {
		case DecidedSplit:
			if d := cut.at(c.posts[0]); d != nil {
				d.person(c.posts[0], c)
			}
		case DecidedJoin:
			cut.join(c)
		}
	}
	return cut.drafts
}

// A cutter takes drafts apart and puts them together.
type cutter struct {
	f      *forest
	drafts []*draft
	of     map[int32]*draft // for each post in a line or a branch
}

func (c *cutter) own(d *draft) {
	for _, id := range d.line {
		c.of[id] = d
	}
	for _, b := range d.branches {
		for _, id := range b {
			c.of[id] = d
		}
	}
}

// at makes a post the first of a draft, cut off from what stands before it, and returns
// nil if it is no live post of the account.
func (c *cutter) at(id int32) *draft {
	if !c.f.a.is(id, own|live) {
		return nil
	}
	d := c.of[id]
	if d == nil { // a post in no thread
		d = &draft{line: []int32{id}, marks: make([]marker, 1), trees: []int32{c.f.tree[id]}, lead: none}
		c.of[id] = d
		c.drafts = append(c.drafts, d)
		return d
	}
	if d.line[0] == id {
		return d
	}
	part := &draft{trees: d.trees, lead: none, tails: d.tails, people: d.people, cut: true}
	if i := slices.Index(d.line, id); i >= 0 {
		part.line, part.marks = slices.Clone(d.line[i:]), slices.Clone(d.marks[i:])
		d.line, d.marks = d.line[:i], d.marks[:i]
		part.away, d.away = slices.Concat(d.away, d.marks), slices.Concat(d.away, part.marks)
	} else {
		b := slices.IndexFunc(d.branches, func(b []int32) bool { return slices.Contains(b, id) })
		i := slices.Index(d.branches[b], id)
		part.line = slices.Clone(d.branches[b][i:])
		part.marks = make([]marker, len(part.line))
		if d.branches[b] = d.branches[b][:i]; i == 0 {
			d.branches = slices.Delete(d.branches, b, b+1)
		}
	}
	c.moveBranches(d, part)
	c.own(part)
	c.drafts = append(c.drafts, part)
	return part
}

// moveBranches gives a part the branches that hang from it.
func (c *cutter) moveBranches(from, to *draft) {
	belongs := map[int32]bool{}
	for _, id := range to.line {
		belongs[id] = true
	}
	var kept [][]int32
	for _, b := range from.branches {
		if !belongs[c.f.follows(b[0])] {
			kept = append(kept, b)
			continue
		}
		to.branches = append(to.branches, b)
		for _, id := range b {
			belongs[id] = true
		}
	}
	from.branches = kept
}

// join puts the posts of a correction, each with what follows it, into one draft.
func (c *cutter) join(by *correction) {
	var parts []*draft
	var before *draft // what stands before the first post
	for _, id := range by.posts {
		if !c.f.a.is(id, own|live) {
			continue
		}
		old := c.of[id]
		inLine := old != nil && slices.Contains(old.line, id)
		part := c.at(id)
		if len(parts) == 0 && inLine && old != part {
			before = old
		}
		parts = append(parts, part)
	}
	if len(parts) < 2 {
		return
	}
	into := parts[0]
	if before != nil && !slices.Contains(parts, before) {
		into = before
	} else {
		parts = parts[1:]
	}
	for _, part := range parts {
		first := part.line[0]
		into.take(part)
		if first != by.posts[0] {
			into.person(first, by)
		}
	}
	c.own(into)
}

// take appends another draft and leaves it empty.
func (d *draft) take(o *draft) {
	d.line = append(d.line, o.line...)
	d.marks = append(d.marks, o.marks...)
	d.branches = append(d.branches, o.branches...)
	d.tails = append(d.tails, o.tails...)
	for _, t := range o.trees {
		if !slices.Contains(d.trees, t) {
			d.trees = append(d.trees, t)
		}
	}
	d.away = append(d.away, o.away...)
	for id, c := range o.people {
		d.person(id, c)
	}
	*o = draft{lead: none}
}

func (d *draft) person(id int32, c *correction) {
	people := make(map[int32]*correction, len(d.people)+1)
	maps.Copy(people, d.people)
	people[id] = c
	d.people = people
}
