package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/export"
	"skyarchive/cmd/skyarchive/internal/review"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newClaimsCommand(a *app) *cobra.Command {
	var f filter
	var all bool
	cmd := &cobra.Command{
		Use:     "claims [words]...",
		GroupID: groupReview,
		Short:   "List the claims worth checking, and review them",
		Long: `List the passages that claim something a reader could check: the exact words, the
topics, the numbers and what they count, who says so, and how the review stands.
The words and flags are those of skyarchive search. The id opens a claim
(skyarchive claims show ID) and judges it (skyarchive claims review ID).
` + statusHelp,
		Example: `  skyarchive claims --topic water
  skyarchive claims --status new --has number
  skyarchive claims show k7w2hq9x3m
  skyarchive claims review k7w2hq9x3m --verdict refuted --source https://example.org/report --note "counted twice"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			q, hints, err := f.query(a, args)
			if err != nil {
				return err
			}
			q.All = all
			a.hints(hints)
			return claims(cmd.Context(), a, q, wanted{cmd, args})
		},
	}
	f.register(cmd, 50)
	cmd.Flags().BoolVar(&all, "all", false, "also assertions that are not worth checking, and questions")
	cmd.AddCommand(newClaimShowCommand(a), newClaimReviewCommand(a),
		newOpinionCommand(a, analysis.DecidedAgree), newOpinionCommand(a, analysis.DecidedDisagree),
		newClaimAddCommand(a), newClaimTagCommand(a), newClaimBoundsCommand(a), newClaimAnnotationsCommand(a))
	return cmd
}

// claimLine is what --json prints of a claim: the passage as analyze prints it, and where
// the claim stands in the archive.
type claimLine struct {
	ID string `json:"id"`
	analysis.Passage
	Post    string               `json:"post"`
	CID     string               `json:"cid"`
	URL     string               `json:"url"`
	DID     string               `json:"did"`
	Handle  string               `json:"handle"`
	Thread  string               `json:"thread,omitempty"`
	Date    time.Time            `json:"date"` // as claimed, else the record key's
	KeyTime *time.Time           `json:"record_key_time,omitempty"`
	Status  store.PostStatus     `json:"post_status"`
	Review  analysis.ReviewState `json:"review"`
	Reviews []analysis.Decision  `json:"reviews"`
	Earlier bool                 `json:"judged_on_an_earlier_version"`
}

func newClaimLine(c store.Claim) claimLine {
	line := claimLine{
		ID: c.Passage.Claim.ID, Passage: c.Passage, Post: string(c.Post), CID: c.CID, URL: webURL(c.Post), DID: string(c.Author.DID),
		Handle: string(c.Author.Handle), Thread: string(c.Thread), Date: c.Dates.Shown().UTC(), Status: c.Status, Review: c.Review,
		Reviews: c.Reviews, Earlier: c.Outdated,
	}
	if key := c.Dates.Key; !key.IsZero() {
		line.KeyTime = &key
	}
	return line
}

func claims(ctx context.Context, a *app, q store.Query, from wanted) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	return a.view(ctx, func(r store.Reader) error {
		if err := a.noteStale(ctx, r); err != nil {
			return err
		}
		shown := 0
		for c, err := range r.Claims(ctx, q) {
			if err != nil {
				return err
			}
			shown++
			if a.json {
				err = term.JSONLine(a.stdout, newClaimLine(c))
			} else {
				err = writeClaim(a, c, loc)
			}
			if err != nil {
				return err
			}
		}
		switch {
		case shown == 0:
			if err := a.noneOf(ctx, r, q, from); err != nil {
				return err
			}
			a.say("no claims here; --all also lists what is not worth checking")
		case q.Limit > 0 && shown == q.Limit:
			a.say("showing %d; --limit 0 shows all", shown)
		}
		return nil
	})
}

// writeClaim writes a claim as three or four short lines.
func writeClaim(a *app, c store.Claim, loc *time.Location) error {
	style := a.style()
	claim := c.Passage.Claim
	head := style.Bold(claim.ID) + "  " + strings.Join(append(topicsOf(c.Passage), string(claim.Kind)), " · ")
	if claim.Stance != analysis.Asserts {
		head += " · author " + string(claim.Stance)
	}
	head += " · " + a.reviewSummary(c)
	if _, err := fmt.Fprintln(a.stdout, head); err != nil {
		return err
	}
	if err := term.Indented(a.stdout, "    ", "    ", "«\u00a0"+c.Text+"\u00a0»", a.columns()); err != nil {
		return err
	}
	var facts []string
	for _, n := range c.Quantities {
		facts = append(facts, export.Quantity(n))
	}
	if s := claim.Attribution; s != nil {
		facts = append(facts, "source: "+s.Text)
	}
	for _, w := range claim.When {
		facts = append(facts, "when: "+w.Raw)
	}
	if len(facts) > 0 {
		if err := term.Indented(a.stdout, "    ", "    ", style.Dim(strings.Join(facts, " · ")), a.columns()); err != nil {
			return err
		}
	}
	where := c.Author.Mention() + " · " + term.Posted(c.Dates, loc, term.Moment) + " · " + webURL(c.Post)
	if c.Status != store.Live {
		where += " · " + string(c.Status)
	}
	_, err := fmt.Fprintln(a.stdout, "    "+style.Dim(where)+"\n")
	return err
}

func topicsOf(p analysis.Passage) []string {
	var list []string
	for _, t := range p.Topics {
		list = append(list, t.Topic)
	}
	return list
}

// reviewSummary says how the review of a claim stands.
func (a *app) reviewSummary(c store.Claim) string {
	s := a.reviewWord(c)
	if c.Review.Status != analysis.New && c.Review.By != "" {
		s += " (" + c.Review.By + ")"
	}
	s += review.Opinions(c.Review, a.verdicts)
	if c.Outdated {
		s += ", judged on an earlier version"
	}
	return s
}

func newClaimShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "show <claim>",
		Short:   "Show a claim: its place in the thread, each tag with its reason, its reviews",
		Example: "  skyarchive claims show k7w2hq9x3m",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return showClaim(cmd.Context(), a, args[0])
		},
	}
}

func showClaim(ctx context.Context, a *app, id string) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	return a.view(ctx, func(r store.Reader) error {
		c, err := claimNamed(ctx, r, id)
		if err != nil {
			return err
		}
		if a.json {
			return term.JSONLine(a.stdout, newClaimLine(c))
		}
		p, err := readPage(ctx, r, c.Post)
		if err != nil {
			return err
		}
		s := claimSheet{claim: c, page: p, app: a, loc: loc, style: a.style()}
		return s.write()
	})
}

// A claimSheet is everything about one claim on one screen.
type claimSheet struct {
	claim store.Claim
	page  page
	app   *app
	loc   *time.Location
	style term.Style
	err   error
}

func (s *claimSheet) line(label, text string) {
	if s.err == nil {
		s.err = term.Indented(s.app.stdout, s.style.Dim(term.Pad(label, 12)), strings.Repeat(" ", 12), text, s.app.columns())
	}
}

// command suggests a command, in one line so that it can be copied.
func (s *claimSheet) command(line string) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.app.stdout, "%12s%s\n", "", s.app.asGiven("skyarchive "+line))
	}
}

func (s *claimSheet) write() error {
	c := s.claim
	claim := c.Passage.Claim
	s.line("claim", s.style.Bold(claim.ID)+" · "+string(claim.Kind)+" · the author "+string(claim.Stance))
	s.line("words", "«\u00a0"+c.Text+"\u00a0»")
	post := s.page.posts[c.Post]
	if c.End <= len(post.Text) && c.Start <= c.End {
		s.line("post", post.Text[:c.Start]+s.style.Mark(post.Text[c.Start:c.End])+post.Text[c.End:])
	}
	s.line("", c.Author.Mention()+" · "+term.Posted(c.Dates, s.loc, term.Moment)+" · signature: "+string(post.Signature)+" · "+string(c.Status))
	s.line("", webURL(c.Post))
	if len(s.page.thread.Posts) > 1 {
		for i, uri := range s.page.thread.Posts {
			if uri == c.Post {
				s.line("thread", review.Place(&s.page.thread.Thread, i)+", "+state(s.page.thread.Thread))
				s.command("thread " + s.page.thread.ID)
			}
		}
	}
	for _, gap := range s.page.thread.Gaps {
		if gap.URI == c.Post {
			s.line("thread", fmt.Sprintf("a deleted part, beside %s, %s", count(len(s.page.thread.Posts), "post"), state(s.page.thread.Thread)))
			s.command("thread " + s.page.thread.ID)
		}
	}
	for _, t := range c.Topics {
		if len(t.Evidence) == 0 {
			s.line("topic", t.Topic+", given by "+taggedBy(c, t.Topic))
			continue
		}
		var words []string
		for _, e := range t.Evidence {
			words = append(words, fmt.Sprintf("«\u00a0%s\u00a0» (%s)", excerpt(post.Text, e.Span), e.Rule))
		}
		s.line("topic", fmt.Sprintf("%s %.2f, because of %s", t.Topic, t.Score, strings.Join(words, ", ")))
	}
	for _, q := range c.Quantities {
		s.line("number", export.Quantity(q)+baseValue(q))
	}
	if from := claim.Attribution; from != nil {
		s.line("source", from.Text+deref(" · ", from.DID)+deref(" · ", from.URL))
	}
	for _, w := range claim.When {
		s.line("when", w.Raw)
	}
	s.line("why", fmt.Sprintf("score %.2f: %s", claim.Score, strings.Join(claim.Why, ", ")))
	s.line("review", s.app.reviewSummary(c))
	all := decisionsOf(c.Reviews)
	for _, d := range c.Reviews {
		s.line("", s.app.decisionText(d, all, s.loc))
	}
	if len(c.Reviews) == 0 {
		s.command("claims review " + claim.ID + " --verdict supported --source URL --note \"…\"")
	}
	return s.err
}

// taggedBy is who gave a claim a topic that no words in it made.
func taggedBy(c store.Claim, topic string) string {
	by := "a person"
	for _, d := range analysis.Standing(c.Reviews) {
		var t analysis.Tagging
		if d.Kind == analysis.DecidedTag && json.Unmarshal(d.Body, &t) == nil && slices.Contains(t.Add, topic) {
			by = d.By
		}
	}
	return by
}

func excerpt(text string, span analysis.Span) string {
	if span.Start < 0 || span.End > len(text) || span.Start > span.End {
		return ""
	}
	return text[span.Start:span.End]
}

func deref(before string, s *string) string {
	if s == nil || *s == "" {
		return ""
	}
	return before + *s
}
