package analysis

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// Standing are the decisions that nobody has undone, oldest first, without the entries that
// undo. An undo may be undone itself.
func Standing(decisions []Decision) []Decision {
	undone := undoings(decisions)
	var list []Decision
	for _, d := range decisions {
		if _, gone := undone.of(d.ID, nil); d.Kind != DecidedUndo && !gone {
			list = append(list, d)
		}
	}
	SortDecisions(list)
	return list
}

// UndoneBy is the entry among decisions that undoes one, be that an undo too; false if it
// stands.
func UndoneBy(decisions []Decision, id string) (Decision, bool) {
	return undoings(decisions).of(id, nil)
}

// undone are the entries that undo, by the ids of what they undo.
type undone map[string][]Decision

func undoings(decisions []Decision) undone {
	by := undone{}
	for _, d := range decisions {
		if d.Kind == DecidedUndo {
			by[d.Subject] = append(by[d.Subject], d)
		}
	}
	return by
}

// of is the undo of a decision that stands. Ids are hashes of content, so what undoes cannot
// run in a circle; way, the ids that led here, is for files that were made by hand.
func (u undone) of(id string, way []string) (Decision, bool) {
	for _, d := range u[id] {
		if slices.Contains(way, d.ID) {
			continue
		}
		if _, gone := u.of(d.ID, append(way, d.ID)); !gone {
			return d, true
		}
	}
	return Decision{}, false
}

// SortDecisions puts the oldest first; of the same moment, by id.
func SortDecisions(list []Decision) {
	slices.SortFunc(list, func(a, b Decision) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
}

// StateOf is where the reviews of one claim stand: what the newest review says that nobody
// has undone, and how many people's newest word on it agrees or disagrees, be it an opinion
// or a review of their own. An opinion is on the finding: it stays when a later review comes
// to the same of the same words, and not when it comes to something else.
func StateOf(decisions []Decision) ReviewState {
	state := ReviewState{Status: New}
	last, r, ok := LastReview(decisions)
	if ok {
		state = ReviewState{Status: cmp.Or(r.Status, New), By: last.By, At: last.At}
		if r.Status == Reviewed {
			state.Verdict = r.Verdict
		}
		if r.Status == Dismissed {
			state.Dismissal, state.DuplicateOf = r.Dismissal, r.DuplicateOf
		}
	}
	reviews := reviewsIn(decisions)
	for _, d := range newestWords(Standing(decisions), reviews, last) {
		r, ok := reviews[d.ID]
		switch {
		case d.Kind == DecidedAgree:
			state.Agree++
		case d.Kind == DecidedDisagree:
			state.Disagree++
		case state.Status == New || !ok || r.Status == New || r.Status == "":
		case r.SameFinding(reviews[last.ID]):
			state.Agree++
		default:
			state.Disagree++
			state.Others = append(state.Others, Finding{r.Verdict, r.Dismissal, r.DuplicateOf, d.By})
		}
	}
	return state
}

// LastReview is the review by which a claim stands where it stands, with what its author added
// to it: the newest that nobody has undone, false if there is none. Its time is when the
// author came to the finding.
func LastReview(decisions []Decision) (last Decision, r Review, ok bool) {
	reviews := reviewsIn(decisions)
	byID := make(map[string]Decision, len(decisions))
	for _, d := range decisions {
		byID[d.ID] = d
	}
	for _, d := range Standing(decisions) {
		if _, readable := reviews[d.ID]; !readable {
			continue
		}
		found := d
		for range decisions { // a file made by hand may have additions in a circle
			before, known := byID[reviews[found.ID].Supersedes]
			if !reviews[found.ID].Adds || !known || before.By != d.By || !reviews[before.ID].SameFinding(reviews[d.ID]) {
				break
			}
			found = before
		}
		if d.At = found.At; !ok || !d.At.Before(last.At) {
			last, r, ok = d, reviews[d.ID], true
		}
	}
	return last, r, ok
}

// reviewsIn are the reviews among decisions that can be read, by their ids. Those that were
// undone are among them: they still say what others agreed with.
func reviewsIn(decisions []Decision) map[string]Review {
	reviews := map[string]Review{}
	for _, d := range decisions {
		var r Review
		if d.Kind == DecidedReview && json.Unmarshal(d.Body, &r) == nil {
			reviews[d.ID] = r
		}
	}
	return reviews
}

// newestWords are the newest review or opinion of each person, oldest first, but for the
// author of the last review and for opinions on another finding. An opinion that names no
// review speaks of the last one before it.
func newestWords(standing []Decision, reviews map[string]Review, last Decision) []Decision {
	newest := map[string]Decision{}
	judged := reviews[last.ID]
	before := "" // id of the last review
	for _, d := range standing {
		switch d.Kind {
		case DecidedReview:
			before = d.ID
			if _, spoke := newest[d.By]; spoke && reviews[d.ID].Adds {
				continue // no newer word than what it adds to
			}
		case DecidedAgree, DecidedDisagree:
			var o Opinion
			if json.Unmarshal(d.Body, &o) != nil {
				continue
			}
			of := reviews[cmp.Or(o.Review, before)]
			if !of.SameFinding(judged) || !sameWords(of.Text, judged.Text) {
				continue
			}
		default:
			continue
		}
		if d.By != last.By {
			newest[d.By] = d
		}
	}
	list := slices.Collect(maps.Values(newest))
	SortDecisions(list)
	return list
}

// SameFinding says whether two reviews come to the same, whatever they say of it.
func (r Review) SameFinding(other Review) bool {
	return r.Status == other.Status && r.Verdict == other.Verdict && r.Dismissal == other.Dismissal && r.DuplicateOf == other.DuplicateOf
}

// About is what a decision says of its place: the post and the words it was made on. Only
// reviews, markings and taggings hold them; others name a claim or a decision.
type About struct {
	Post syntax.ATURI `json:"post"`
	CID  string       `json:"cid"`
	Span
	Text string `json:"text"`
}

// About reads the place out of a decision, zero if there is none in it.
func (d *Decision) About() About {
	var a About
	switch d.Kind {
	case DecidedReview, DecidedAddClaim, DecidedTag, DecidedBounds:
		if json.Unmarshal(d.Body, &a) != nil {
			return About{}
		}
		if d.Kind == DecidedAddClaim && a.Post == "" {
			a.Post = syntax.ATURI(d.Subject)
		}
	case DecidedJoin, DecidedSplit, DecidedIntention:
		a.Post = syntax.ATURI(d.Subject)
	}
	return a
}

// Corrected is an analysis with what people corrected in it: claims that they marked, topics
// that they added or took away, bounds that they moved. A claim whose bounds a person moved
// keeps its id, so its reviews stay with it. decisions are those about the post, in any
// order; those whose words are no longer there change nothing.
func Corrected(a PostAnalysis, cid, text string, decisions []Decision) PostAnalysis {
	if len(decisions) == 0 {
		return a
	}
	read := a.Passages
	a.Passages = slices.Clone(read)
	for _, d := range Standing(decisions) {
		switch d.Kind {
		case DecidedAddClaim:
			a.mark(d, cid, text, read)
		case DecidedTag:
			a.tag(d, cid)
		case DecidedBounds:
			a.bound(d, cid, text, read)
		}
	}
	slices.SortStableFunc(a.Passages, func(p, q Passage) int { return cmp.Or(p.Start-q.Start, p.End-q.End) })
	return a
}

// MarkedBy opens the reason of a claim that a person marked, before their name.
const MarkedBy = "marked by "

func (a *PostAnalysis) mark(d Decision, cid, text string, read []Passage) {
	var m Marking
	if json.Unmarshal(d.Body, &m) != nil {
		return
	}
	where, ok := locate(text, m.Span, m.Text)
	if !ok {
		return
	}
	why := MarkedBy + d.By
	for i := range a.Passages {
		p := &a.Passages[i]
		if p.Span != where || p.Claim == nil {
			continue
		}
		c := *p.Claim
		c.CheckWorthy, c.Why = true, append(slices.Clone(c.Why), why)
		c.Kind, c.Stance = cmp.Or(m.Kind, c.Kind), cmp.Or(m.Stance, c.Stance)
		p.Claim = &c
		p.retag(m.Topics, nil)
		return
	}
	p := Passage{Span: where, Text: text[where.Start:where.End], Topics: []TopicTag{}}
	p.Claim = &Claim{ID: ClaimID(a.URI, cid, where), CheckWorthy: true, Score: 1, Kind: cmp.Or(m.Kind, OtherKind), Stance: cmp.Or(m.Stance, Asserts),
		Why: []string{why}}
	p.Quantities, p.Claim.When = within(where, read)
	p.retag(m.Topics, nil)
	same := func(other Passage) bool { return other.Span == where }
	if i := slices.IndexFunc(a.Passages, same); i >= 0 {
		for _, t := range a.Passages[i].Topics {
			if !slices.ContainsFunc(p.Topics, func(u TopicTag) bool { return u.Topic == t.Topic }) {
				p.Topics = append(p.Topics, t)
			}
		}
		a.Passages[i] = p
		return
	}
	a.Passages = append(a.Passages, p)
}

func (a *PostAnalysis) tag(d Decision, cid string) {
	var t Tagging
	if json.Unmarshal(d.Body, &t) != nil {
		return
	}
	if i := a.find(d, cid); i >= 0 {
		a.Passages[i].retag(t.Add, t.Remove)
	}
}

func (a *PostAnalysis) bound(d Decision, cid, text string, read []Passage) {
	var m Marking
	if json.Unmarshal(d.Body, &m) != nil {
		return
	}
	where, ok := locate(text, m.Span, m.Text)
	if !ok {
		return
	}
	if i := a.find(d, cid); i >= 0 {
		p := &a.Passages[i]
		p.Span, p.Text = where, text[where.Start:where.End]
		c := *p.Claim
		c.Kind, c.Stance = cmp.Or(m.Kind, c.Kind), cmp.Or(m.Stance, c.Stance)
		p.Quantities, c.When = within(where, read)
		p.Claim = &c
	}
}

// within is the numbers and the times that the passages have in these words.
func within(where Span, read []Passage) ([]Quantity, []When) {
	quantities, times := []Quantity{}, []When{}
	for _, p := range read {
		for _, q := range p.Quantities {
			if where.Start <= q.Start && q.End <= where.End {
				quantities = append(quantities, q)
			}
		}
		if p.Claim == nil {
			continue
		}
		for _, w := range p.Claim.When {
			if where.Start <= w.Start && w.End <= where.End {
				times = append(times, w)
			}
		}
	}
	return quantities, times
}

// retag adds and removes topics by a person's word.
func (p *Passage) retag(add, remove []string) {
	p.Topics = slices.DeleteFunc(slices.Clone(p.Topics), func(t TopicTag) bool { return slices.Contains(remove, t.Topic) })
	for _, topic := range add {
		if !slices.ContainsFunc(p.Topics, func(t TopicTag) bool { return t.Topic == topic }) {
			p.Topics = append(p.Topics, TopicTag{Topic: topic, Score: 1, Evidence: []Evidence{}})
		}
	}
}

// locate is where words stand in a text: where they were, else where they are found.
func locate(text string, s Span, words string) (Span, bool) {
	if s.Start >= 0 && s.Start < s.End && s.End <= len(text) && (words == "" || text[s.Start:s.End] == words) {
		return s, true
	}
	if i := strings.Index(text, words); words != "" && i >= 0 {
		return Span{Start: i, End: i + len(words)}, true
	}
	return Span{}, false
}

// find is the passage with the claim that a decision speaks of, -1 if there is none: the
// one with its id, else the one with its words. See [FindAgain].
func (a *PostAnalysis) find(d Decision, cid string) int {
	for i, p := range a.Passages {
		if p.Claim != nil && p.Claim.ID == d.Subject {
			return i
		}
	}
	about := d.About()
	if about.Post != a.URI {
		return -1
	}
	return FindAgain(a.Passages, cid, about)
}

// FindAgain is the claim among the passages that has the words a person once judged, -1 if
// none has: the same words; in the same version of the post, the passage that overlaps more
// than half of them; in another version, the one that shares more than half of its words.
func FindAgain(passages []Passage, cid string, judged About) int {
	best, most := -1, 0.5
	for i, p := range passages {
		if p.Claim == nil {
			continue
		}
		if sameWords(p.Text, judged.Text) && judged.Text != "" {
			return i
		}
		share := sharedWords(judged.Text, p.Text)
		if judged.CID == cid {
			overlap := min(p.End, judged.End) - max(p.Start, judged.Start)
			share = float64(overlap) / float64(max(judged.End-judged.Start, 1))
		}
		if share > most {
			best, most = i, share
		}
	}
	return best
}

func sameWords(a, b string) bool { return slices.Equal(wordsOf(a), wordsOf(b)) }

// sharedWords is the part of both texts' words that they have in common.
func sharedWords(a, b string) float64 {
	left, right := wordsOf(a), wordsOf(b)
	count := map[string]int{}
	for _, w := range right {
		count[w]++
	}
	common := 0
	for _, w := range left {
		if count[w] > 0 {
			count[w]--
			common++
		}
	}
	return float64(common) / float64(max(len(left), len(right), 1))
}

func wordsOf(s string) []string { return strings.Fields(strings.ToLower(s)) }

// Judged is what people decided about one claim.
type Judged struct {
	Decisions []Decision // oldest first, undone ones and what undid them too
	State     ReviewState
	Outdated  bool // the last review judged other words
}

// Judge gives each claim of a post, by its id, what people decided about it. A decision
// whose claim is no longer there goes to the one with its words; former says which claim an
// earlier id has become. What finds no claim is detached. The analysis is the corrected one.
func Judge(a PostAnalysis, cid string, decisions []Decision, former map[string]string) (claims map[string]Judged, detached []Decision) {
	if len(decisions) == 0 {
		return nil, nil
	}
	decisions = slices.Clone(decisions)
	SortDecisions(decisions)
	target := map[string]string{} // subject -> claim id
	for _, p := range a.Passages {
		if p.Claim != nil {
			target[p.Claim.ID] = p.Claim.ID
		}
	}
	for _, d := range decisions {
		if _, ok := target[d.Subject]; ok || !d.OnClaim() {
			continue
		}
		if about := d.About(); about.Post == a.URI {
			if i := FindAgain(a.Passages, cid, about); i >= 0 {
				target[d.Subject] = a.Passages[i].Claim.ID
				continue
			}
		}
		if id, ok := target[former[d.Subject]]; ok && former[d.Subject] != "" {
			target[d.Subject] = id
		}
	}

	lists := map[string][]Decision{}
	claimOf := map[string]string{} // decision id -> claim id
	for _, d := range decisions {
		id, ok := target[d.Subject]
		switch {
		case !d.OnClaim():
		case ok:
			lists[id] = append(lists[id], d)
			claimOf[d.ID] = id
		default:
			detached = append(detached, d)
		}
	}
	// An undo goes where the entry is that it undoes, which may be an undo too.
	for range decisions {
		grown := false
		for _, d := range decisions {
			if id, ok := claimOf[d.Subject]; ok && d.Kind == DecidedUndo && claimOf[d.ID] == "" {
				lists[id] = append(lists[id], d)
				claimOf[d.ID], grown = id, true
			}
		}
		if !grown {
			break
		}
	}

	claims = map[string]Judged{}
	for _, p := range a.Passages {
		if p.Claim == nil || lists[p.Claim.ID] == nil {
			continue
		}
		list := lists[p.Claim.ID]
		SortDecisions(list)
		j := Judged{Decisions: list, State: StateOf(list)}
		if _, r, _ := LastReview(list); j.State.Status != New {
			j.Outdated = !sameWords(r.Text, p.Text)
		}
		claims[p.Claim.ID] = j
	}
	standing := map[string]bool{}
	for _, d := range Standing(decisions) {
		standing[d.ID] = true
	}
	detached = slices.DeleteFunc(detached, func(d Decision) bool { return !standing[d.ID] })
	return claims, detached
}

// OnClaim says whether a decision's subject is a claim.
func (d *Decision) OnClaim() bool {
	switch d.Kind {
	case DecidedReview, DecidedAgree, DecidedDisagree, DecidedTag, DecidedBounds:
		return true
	}
	return false
}
