package review

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/export"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// A card is a claim with what a person needs to judge it.
type card struct {
	claim         store.Claim
	post          store.Post
	before, after string // words of the posts around it in its thread
	place         string // its place there, "" if it stands alone or in a branch
	beside        []fact // what the post shows besides its words
}

func readCard(ctx context.Context, r store.Reader, id string) (card, error) {
	var c card
	var err error
	if c.claim, err = r.Claim(ctx, id); err != nil {
		return c, err
	}
	if c.post, err = r.Post(ctx, c.claim.Post); err != nil {
		return c, err
	}
	t, err := r.Thread(ctx, c.claim.Post)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return c, err
	}
	i := slices.Index(t.Posts, c.claim.Post)
	if c.beside, err = beside(ctx, r, &c.post, i > 0); err != nil || i < 0 {
		return c, err
	}
	c.place = Place(&t.Thread, i)
	c.before, c.after, err = around(ctx, r, &t.Thread, i)
	return c, err
}

// Place is the place of the i-th post of a thread: as the author numbered it, else counted.
func Place(t *analysis.Thread, i int) string {
	if n := t.Numbering; n != nil && n.Numbers[i] != nil {
		return "part " + t.Part(*n.Numbers[i])
	}
	return fmt.Sprintf("post %d of %d", i+1, len(t.Posts))
}

// show writes the claim at hand and what can be done with it.
func (d *Desk) show() error {
	c := d.card
	s := sheet{columns: max(d.Columns, 30)}
	if d.Clear {
		s.WriteString("\x1b[H\x1b[2J")
	} else {
		s.WriteByte('\n')
	}
	s.line("", d.Style.Bold(fmt.Sprintf("%d of %d", d.at+1, len(d.queue)))+d.Style.Dim(" · "+c.head(d)))
	s.WriteByte('\n')
	if c.before != "" {
		s.line("  before  ", d.Style.Dim(term.Cut(c.before, 3*s.columns/2)))
	}
	text := c.post.Text
	if at := c.claim.Span; at.Start >= 0 && at.Start <= at.End && at.End <= len(text) {
		text = text[:at.Start] + d.Style.Mark(text[at.Start:at.End]) + text[at.End:]
	}
	s.line("          ", text)
	for _, fact := range c.beside {
		s.line("  "+d.Style.Dim(term.Pad(fact.name, 8)), d.Style.Dim(term.Cut(fact.text, 4*s.columns)))
	}
	if c.after != "" {
		s.line("  after   ", d.Style.Dim(term.Cut(c.after, 3*s.columns/2)))
	}
	s.WriteByte('\n')
	for _, fact := range c.facts() {
		s.line("  "+d.Style.Dim(term.Pad(fact.name, 8)), fact.text)
	}
	s.line("  "+d.Style.Dim(term.Pad("review", 8)), d.standing())
	written := d.written()
	for _, mine := range []struct{ name, text string }{{"note", written.note}, {"summary", written.summary}} {
		if mine.text != "" {
			s.line("  "+term.Pad(mine.name, 8), d.Style.Bold(mine.text))
		}
	}
	for _, source := range written.sources {
		s.line("  source  ", d.Style.Bold(source.URL))
	}
	s.WriteByte('\n')
	s.line("  ", d.verdictLine())
	s.line("  ", d.Style.Dim("d\u00a0dismiss · t\u00a0note · y\u00a0summary · w\u00a0source · z\u00a0undo · space\u00a0skip · q\u00a0quit · ?\u00a0help"))
	if d.message != "" {
		s.line("  ", d.message)
	}
	s.WriteString("  > ")
	return d.printf("%s", s.String())
}

// A sheet is a screen that is being written.
type sheet struct {
	strings.Builder
	columns int
}

func (s *sheet) line(label, text string) {
	margin := strings.Repeat(" ", term.Width(label))
	_ = term.Indented(s, label, margin, text, s.columns) // a Builder takes everything
}

// head says where and when the words were written.
func (c card) head(d *Desk) string {
	s := c.claim.Author.Mention() + " · " + term.Posted(c.claim.Dates, d.Zone, term.Moment)
	if c.place != "" {
		s += " · " + c.place
	}
	if c.claim.Status != store.Live {
		s += " · " + string(c.claim.Status)
	}
	return s + " · " + c.claim.Passage.Claim.ID
}

// A fact is one thing that the analysis read in a claim.
type fact struct{ name, text string }

func (c card) facts() []fact {
	claim := c.claim.Passage.Claim
	var topics, numbers, times []string
	for _, t := range c.claim.Topics {
		topics = append(topics, t.Topic)
	}
	for _, q := range c.claim.Quantities {
		numbers = append(numbers, export.Quantity(q))
	}
	for _, w := range claim.When {
		times = append(times, w.Raw)
	}
	kind := string(claim.Kind)
	if claim.Stance != analysis.Asserts {
		kind += ", the author " + string(claim.Stance) + " it"
	}
	list := []fact{{"kind", kind}}
	for _, f := range []fact{{"topics", strings.Join(topics, ", ")}, {"number", strings.Join(numbers, " · ")}, {"when", strings.Join(times, " · ")}} {
		if f.text != "" {
			list = append(list, f)
		}
	}
	if from := claim.Attribution; from != nil {
		s := from.Text
		if from.URL != nil {
			s += " · " + *from.URL
		}
		list = append(list, fact{"source", s})
	}
	return append(list, fact{"link", atproto.WebURL(c.claim.Post)})
}

// standing says in a line what people decided of the claim.
func (d *Desk) standing() string {
	state := d.card.claim.Review
	switch state.Status {
	case analysis.Reviewed:
		return d.Labels.Name(state.Verdict) + " (" + state.By + ")" + Opinions(state, d.Labels)
	case analysis.Dismissed:
		return "dismissed, " + Reason(state.Dismissal, state.DuplicateOf) + " (" + state.By + ")" + Opinions(state, d.Labels)
	}
	return "new"
}

// written is what a verdict given now would say: what was written here, and before it what
// was kept without a verdict.
func (d *Desk) written() draft {
	w := d.draft
	if mine, _, ok := Mine(d.card.claim, d.By); ok && mine.Status == analysis.New {
		fill(&w.note, mine.Note)
		fill(&w.summary, mine.Summary)
		if len(w.sources) == 0 {
			w.sources = mine.Sources
		}
	}
	return w
}

// Reason says why a claim needs no verdict; of is the claim that it repeats.
func Reason(d analysis.Dismissal, of string) string {
	if of != "" {
		return "duplicate of " + of
	}
	return string(d)
}

// Opinions says how many people agree and disagree with a review, and what those found who
// reviewed the claim themselves.
func Opinions(state analysis.ReviewState, labels Labels) string {
	if state.Agree+state.Disagree == 0 {
		return ""
	}
	var s strings.Builder
	fmt.Fprintf(&s, ", %d agree, %d disagree", state.Agree, state.Disagree)
	for i, f := range state.Others {
		s.WriteString([]string{": ", ", "}[min(i, 1)])
		if f.Verdict != "" {
			s.WriteString(labels.Name(f.Verdict))
		} else {
			s.WriteString("dismissed, " + Reason(f.Dismissal, f.DuplicateOf))
		}
		s.WriteString(" (" + f.By + ")")
	}
	return s.String()
}

// verdictLine names the keys of the verdicts. A key and its label stay on one line.
func (d *Desk) verdictLine() string {
	var list []string
	for _, v := range verdictKeys {
		list = append(list, d.Style.Bold(string(v.key))+"\u00a0"+strings.ReplaceAll(d.Labels.Name(v.verdict), " ", "\u00a0"))
	}
	return strings.Join(list, " · ")
}
