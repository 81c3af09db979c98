package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/review"
	"skyarchive/store"
)

// reviewFlags are what a reviewer says of a claim.
type reviewFlags struct {
	verdict, dismiss, restate, summary, note, published, as string
	sources                                                 []string
	reopen                                                  bool
}

func newClaimReviewCommand(a *app) *cobra.Command {
	var f reviewFlags
	var sheet sheetFlags
	var queue filter
	var verdicts []string
	for _, v := range analysis.Verdicts() {
		verdicts = append(verdicts, fmt.Sprintf("  %-13s %s", v.Verdict, v.Definition))
	}
	cmd := &cobra.Command{
		Use:   "review [claim]...",
		Short: "Judge claims: a verdict or a dismissal, with your sources",
		Long: `Write down what you found about one claim or several. Nothing is overwritten: a
later review is a new entry, the earlier ones stay readable. What you leave out of it
stays what you said before beside the same verdict; a --note, --summary or --source
alone adds to your last one, or waits for it. The note never leaves your private
archive; the summary is public.

Without an id, the claims that nobody has judged yet are shown one after the other,
with the posts around them, and judged with single keys: ? lists them, q leaves, and
the next run goes on where this one was. The flags of skyarchive claims choose which.

Verdicts:
` + strings.Join(verdicts, "\n") + `

Dismissals: not-a-claim, off-topic, duplicate-of=ID

A colleague without a terminal fills in a table: skyarchive export --format csv
--for-review -o claims.csv writes it, and --from claims.csv reads it back, whatever
spreadsheet saved it. Rows without a decision are left alone, a row that was read
before adds nothing, and one wrong line stops all of it.
` + statusHelp,
		Example: `  skyarchive claims review --topic water
  skyarchive claims review k7w2hq9x3m --verdict refuted --source https://example.org/report --note "counted twice"
  skyarchive claims review k7w2hq9x3m --dismiss off-topic
  skyarchive claims review --from claims.csv --as carla --dry-run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := a.reviewer(f.as)
			if err != nil {
				return err
			}
			if sheet.from != "" {
				if len(args) > 0 || f.given() {
					return usagef("--from reads ids and decisions from the table; give no others")
				}
				return reviewSheet(cmd.Context(), a, sheet, by)
			}
			if len(args) == 0 && f.given() {
				return usagef("name the claim: skyarchive claims review ID --verdict refuted; skyarchive claims lists the ids")
			}
			if len(args) == 0 {
				onlyNew := len(*queue.fields["status"]) == 0
				if onlyNew {
					*queue.fields["status"] = []string{string(analysis.New)}
				}
				q, _, err := queue.query(a, nil)
				if err != nil {
					return err
				}
				return reviewQueue(cmd.Context(), a, q, onlyNew, by)
			}
			judged, err := f.review(a)
			if err != nil {
				return err
			}
			return reviewClaims(cmd.Context(), a, args, judged, by)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.verdict, "verdict", "", "what you found: one of the verdicts above, English or French label too")
	flags.StringVar(&f.dismiss, "dismiss", "", "why it needs no verdict: not-a-claim, off-topic or duplicate-of=ID")
	flags.BoolVar(&f.reopen, "reopen", false, "take it back into the queue")
	flags.StringArrayVar(&f.sources, "source", nil, "`URL` of what you rely on; may be given several times")
	flags.StringVar(&f.summary, "summary", "", "your finding in a sentence or two, for the public")
	flags.StringVar(&f.note, "note", "", "a private note; exports for others never carry it")
	flags.StringVar(&f.restate, "restate", "", "the claim in your own words")
	flags.StringVar(&f.published, "published", "", "`URL` of your published fact-check")
	flags.StringVar(&f.as, "as", "", "who decides (SKYARCHIVE_REVIEWER; default: your login name)")
	flags.StringVar(&sheet.from, "from", "", "read decisions from a table, a `file` or - for standard input")
	// --from, --source and --verdict say what is written here.
	queue.register(cmd, 0, "from", "source", "verdict")
	queue.fields["from"] = flags.StringArrayP("account", "a", nil, "only of this `account`: handle, DID or label")
	flags.BoolVar(&sheet.dryRun, "dry-run", false, "with --from: say what would be written, and write nothing")
	return cmd
}

// given says whether any flag says something of a claim.
func (f *reviewFlags) given() bool {
	return f.verdict+f.dismiss+f.restate+f.summary+f.note+f.published != "" || len(f.sources) > 0 || f.reopen
}

// review is what the flags say, checked. Its status is empty if they say nothing but a note,
// sources or the like.
func (f *reviewFlags) review(a *app) (analysis.Review, error) {
	r := analysis.Review{Status: analysis.Reviewed, Restated: f.restate, Summary: f.summary, Note: f.note, PublishedURL: f.published}
	given := 0
	for _, on := range []bool{f.verdict != "", f.dismiss != "", f.reopen} {
		if on {
			given++
		}
	}
	if given > 1 || !f.given() {
		return r, usagef("say what you found: one of --verdict, --dismiss and --reopen, or a --note, --summary, --source for later")
	}
	var err error
	switch {
	case f.verdict != "":
		r.Verdict, err = a.parseVerdict(f.verdict)
	case f.dismiss != "":
		r.Status = analysis.Dismissed
		r.Dismissal, r.DuplicateOf, err = parseDismissal(f.dismiss)
	case f.reopen:
		r.Status = analysis.New
	default:
		r.Status = ""
	}
	if err != nil {
		return r, err
	}
	if f.published != "" {
		if _, err := review.WebAddress(f.published); err != nil {
			return r, usagef("--published: %w", err)
		}
	}
	for _, s := range f.sources {
		link, err := review.WebAddress(s)
		if err != nil {
			return r, usagef("--source: %w", err)
		}
		r.Sources = append(r.Sources, analysis.Source{URL: link, Accessed: a.now().UTC().Format("2006-01-02")})
	}
	return r, nil
}

// parseVerdict reads a verdict or one of its labels, in any case.
func (a *app) parseVerdict(s string) (analysis.Verdict, error) {
	v, ok := a.verdicts.Verdict(s)
	if ok {
		return v, nil
	}
	var known []string
	for _, t := range a.verdicts.All() {
		known = append(known, fmt.Sprintf("%s (%s)", t.Verdict, t.Fr))
	}
	return "", usagef("no verdict %q; the verdicts are %s", s, strings.Join(known, ", "))
}

func parseDismissal(s string) (analysis.Dismissal, string, error) {
	d, of, ok := review.Dismissal(s)
	if name, id, found := strings.Cut(s, "="); !ok && found && id != "" {
		if _, _, repeats := review.Dismissal(name + "=aaaa"); repeats {
			return "", "", hinted{usagef("%s: %q is no id of a claim: four characters of it at least, small letters and digits", s, id), "skyarchive claims lists the ids"}
		}
	}
	if !ok {
		return "", "", usagef("no dismissal %q; write not-a-claim, off-topic or duplicate-of=ID", s)
	}
	return d, of, nil
}

// reviewClaims appends one review to each claim, all or none.
func reviewClaims(ctx context.Context, a *app, ids []string, judged analysis.Review, by string) error {
	var claims []store.Claim
	var said []analysis.Review
	err := a.update(ctx, func(w store.Writer) error {
		judged, err := original(ctx, w, judged)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, id := range ids {
			c, err := claimNamed(ctx, w, id)
			if err != nil {
				return err
			}
			err = review.CheckDuplicate(ctx, w, c.Passage.Claim.ID, judged.DuplicateOf, nil)
			if errors.Is(err, review.ErrOwnDuplicate) {
				err = usageError{err}
			}
			if err != nil {
				return fmt.Errorf("claim %s: %w", id, err)
			}
			if !seen[c.Passage.Claim.ID] {
				seen[c.Passage.Claim.ID] = true
				claims = append(claims, c)
			}
		}
		for _, c := range claims {
			r, _, err := review.Amend(judged, c, by)
			if errors.Is(err, review.ErrNoVerdict) {
				err = usageError{err}
			}
			if err == nil {
				err = decide(ctx, a, w, analysis.DecidedReview, c.Author.DID, c.Passage.Claim.ID, by, r)
			}
			if err != nil {
				return fmt.Errorf("claim %s: %w", c.Passage.Claim.ID, err)
			}
			said = append(said, r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, c := range claims { // said only when it is on the disk
		a.say("%s: %s, by %s: « %s »", c.Passage.Claim.ID, a.reviewText(said[i]), by, c.Text)
	}
	return nil
}

// original is a review with the whole id of the claim that it calls a duplicate of.
func original(ctx context.Context, r store.Reader, judged analysis.Review) (analysis.Review, error) {
	if judged.DuplicateOf == "" {
		return judged, nil
	}
	other, err := claimNamed(ctx, r, judged.DuplicateOf)
	if err != nil {
		return judged, err
	}
	judged.DuplicateOf = other.Passage.Claim.ID
	return judged, nil
}

// decide appends a decision of a person.
func decide(ctx context.Context, a *app, w store.Writer, kind analysis.DecisionKind, did syntax.DID, subject, by string, body any) error {
	d, err := analysis.NewDecision(kind, did, subject, by, a.now(), body)
	if err != nil {
		return err
	}
	_, err = w.AddDecision(ctx, d)
	return err
}

func (a *app) reviewText(r analysis.Review) string {
	switch r.Status {
	case analysis.Reviewed:
		return a.verdicts.Name(r.Verdict)
	case analysis.Dismissed:
		return "dismissed, " + review.Reason(r.Dismissal, r.DuplicateOf)
	}
	if r.Supersedes == "" {
		return "noted, still to be judged"
	}
	return "back in the queue"
}

func newOpinionCommand(a *app, kind analysis.DecisionKind) *cobra.Command {
	var note, as string
	cmd := &cobra.Command{
		Use:   string(kind) + " <claim>",
		Short: strings.ToUpper(string(kind[:1])) + string(kind[1:]) + " with the last review of a claim",
		Long: strings.ToUpper(string(kind[:1])) + string(kind[1:]) + ` with what the last review of a claim found. It stays when something is added to that
review, a note or a source, and no longer counts when the finding changes.
` + statusHelp,
		Example: "  skyarchive claims " + string(kind) + " k7w2hq9x3m --note \"checked the table myself\"",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := a.reviewer(as)
			if err != nil {
				return err
			}
			return opinion(cmd.Context(), a, kind, args[0], by, note)
		},
	}
	cmd.Flags().StringVar(&note, "note", "", "why")
	cmd.Flags().StringVar(&as, "as", "", "who says so (SKYARCHIVE_REVIEWER; default: your login name)")
	return cmd
}

func opinion(ctx context.Context, a *app, kind analysis.DecisionKind, id, by, note string) error {
	return a.update(ctx, func(w store.Writer) error {
		c, err := claimNamed(ctx, w, id)
		if err != nil {
			return err
		}
		last, _, reviewed := analysis.LastReview(c.Reviews)
		switch {
		case !reviewed:
			return usagef("claim %s was not reviewed yet; there is nothing to %s with", c.Passage.Claim.ID, kind)
		case last.By == by:
			return usagef("the last review of claim %s is by %s; it is for others to agree or disagree", c.Passage.Claim.ID, by)
		}
		a.say("%s: %s %ss with « %s »", c.Passage.Claim.ID, by, kind, a.reviewWord(c))
		return decide(ctx, a, w, kind, c.Author.DID, c.Passage.Claim.ID, by, analysis.Opinion{Review: last.ID, Note: note})
	})
}
