package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newReviewsCommand(a *app) *cobra.Command {
	var by, account string
	var limit int
	run := func(cmd *cobra.Command, args []string) error {
		if limit < 0 {
			return usagef("--limit %d: a number from 0 on", limit)
		}
		return listDecisions(cmd.Context(), a, account, by, limit)
	}
	cmd := &cobra.Command{
		Use:     "reviews",
		GroupID: groupReview,
		Short:   "List what people decided, with its history; undo a decision",
		Long: `Everything that people decided is kept: reviews, agreement, added claims, corrected
topics, joined and split threads. Nothing is ever changed or deleted; an undo is an
entry of its own, and can itself be undone. The newest are listed first.
` + statusHelp,
		Example: `  skyarchive reviews
  skyarchive reviews --by ana
  skyarchive reviews history k7w2hq9x3m
  skyarchive reviews detached
  skyarchive reviews undo k7w2hq9x3m`,
		Args: cobra.NoArgs,
		RunE: run,
	}
	list := &cobra.Command{
		Use: "list", Short: "List what people decided, the newest first", Args: cobra.NoArgs,
		Example: "  skyarchive reviews list --by ana --limit 20",
		RunE:    run,
	}
	for _, c := range []*cobra.Command{cmd, list} {
		c.Flags().StringVar(&by, "by", "", "only what this person decided")
		c.Flags().StringVarP(&account, "account", "a", "", "only about this `account`: handle, DID or label")
		c.Flags().IntVarP(&limit, "limit", "n", 50, "at most this many; 0 for all")
	}
	history := &cobra.Command{
		Use: "history <claim>", Short: "Show everything that was decided about a claim, oldest first", Args: cobra.ExactArgs(1),
		Example: "  skyarchive reviews history k7w2hq9x3m",
		RunE: func(cmd *cobra.Command, args []string) error {
			return claimHistory(cmd.Context(), a, args[0])
		},
	}
	detached := &cobra.Command{
		Use: "detached [account]...", Short: "List reviews of words that no longer are a claim",
		Example: "  skyarchive reviews detached",
		Long: `List decisions whose claim is gone: after an edit or with another analysis the words
are no claim any more, nor does any other claim have them. They keep the words that
they judged; mark the passage again with skyarchive claims add.
` + statusHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			return listDetached(cmd.Context(), a, args)
		},
	}
	cmd.AddCommand(list, history, detached, newUndoCommand(a))
	return cmd
}

// decisionLine is what --json prints of a decision.
type decisionLine struct {
	analysis.Decision
	Standing bool   `json:"standing"` // nobody has undone it
	Words    string `json:"words,omitempty"`
	Post     string `json:"post,omitempty"`
}

// writeDecisions writes entries; all is everything that was decided, which says what of it
// was undone.
func (a *app) writeDecisions(list, all []analysis.Decision) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	standing := map[string]bool{}
	for _, d := range analysis.Standing(all) {
		standing[d.ID] = true
	}
	style, byID := a.style(), decisionsOf(all)
	for _, d := range list {
		if a.json {
			about := d.About()
			line := decisionLine{d, standing[d.ID], about.Text, string(about.Post)}
			if err := term.JSONLine(a.stdout, line); err != nil {
				return err
			}
			continue
		}
		text := a.decisionText(d, byID, loc)
		if !standing[d.ID] && d.Kind != analysis.DecidedUndo {
			text += " · undone"
		}
		if err := term.Indented(a.stdout, style.Bold(d.ID)+"  ", "    ", text, a.columns()); err != nil {
			return err
		}
		if err := term.Indented(a.stdout, "    ", "    ", style.Dim(byID.decidedOn(d)), a.columns()); err != nil {
			return err
		}
	}
	return nil
}

func listDecisions(ctx context.Context, a *app, account, by string, limit int) error {
	return a.view(ctx, func(r store.Reader) error {
		var did syntax.DID
		if account != "" {
			acc, err := accountNamed(ctx, r, account)
			if err != nil {
				return err
			}
			did = acc.DID
		}
		all, err := store.Collect(r.Decisions(ctx, store.DecisionQuery{DID: did}))
		if err != nil {
			return err
		}
		var list []analysis.Decision
		for _, d := range slices.Backward(all) {
			if (by == "" || d.By == by) && (limit == 0 || len(list) < limit) {
				list = append(list, d)
			}
		}
		switch {
		case len(list) > 0:
		case len(all) > 0:
			var others []string
			for _, d := range all {
				if !slices.Contains(others, d.By) {
					others = append(others, d.By)
				}
			}
			a.say("nothing was decided by %s here; what there is was decided by %s", by, strings.Join(others, ", "))
		default:
			a.say("nothing was decided here yet; skyarchive claims review starts")
		}
		return a.writeDecisions(list, all)
	})
}

// claimHistory shows what was decided about a claim, also one that is no more.
func claimHistory(ctx context.Context, a *app, id string) error {
	return a.view(ctx, func(r store.Reader) error {
		c, err := r.Claim(ctx, id)
		if err == nil {
			a.say("« %s »: %s", c.Text, a.reviewSummary(c))
			return a.writeDecisions(c.Reviews, c.Reviews)
		}
		if !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("claim %s: %w", id, err)
		}
		all, err := store.Collect(r.Decisions(ctx, store.DecisionQuery{}))
		if err != nil {
			return err
		}
		list := about(all, id)
		if len(list) == 0 {
			return fmt.Errorf("claim %s: %w", id, store.ErrNotFound)
		}
		a.say("this claim is no more; what was decided about it:")
		return a.writeDecisions(list, all)
	})
}

// about are the decisions on a claim's id, and what undoes them.
func about(all []analysis.Decision, id string) []analysis.Decision {
	var list []analysis.Decision
	of := map[string]bool{}
	for _, d := range all { // oldest first: an undo comes behind what it undoes
		if d.OnClaim() && strings.HasPrefix(d.Subject, id) || d.Kind == analysis.DecidedUndo && of[d.Subject] {
			of[d.ID] = true
			list = append(list, d)
		}
	}
	return list
}

func listDetached(ctx context.Context, a *app, names []string) error {
	return a.view(ctx, func(r store.Reader) error {
		var dids []syntax.DID
		for _, name := range names {
			acc, err := accountNamed(ctx, r, name)
			if err != nil {
				return err
			}
			dids = append(dids, acc.DID)
		}
		if len(names) == 0 {
			accounts, err := store.Collect(r.Accounts(ctx))
			if err != nil {
				return err
			}
			for _, acc := range accounts {
				dids = append(dids, acc.DID)
			}
		}
		var list []analysis.Decision
		for _, did := range dids {
			more, err := r.Detached(ctx, did)
			if err != nil {
				return err
			}
			list = append(list, more...)
		}
		if len(list) == 0 {
			a.say("every review is on its claim")
		}
		return a.writeDecisions(list, list)
	})
}

func newUndoCommand(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "undo <decision or claim>...",
		Short: "Undo a decision of yours, or your last review of a claim",
		Long: `Undo a decision by its id (skyarchive reviews list), or your last decision about a
claim by the claim's id. The decision stays in the history, and its undo can be
undone. What others decided is theirs to undo; with a review of theirs you can disagree.
` + statusHelp,
		Example: "  skyarchive reviews undo k7w2hq9x3m",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := a.reviewer(as)
			if err != nil {
				return err
			}
			return undo(cmd.Context(), a, args, by)
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "who undoes it (SKYARCHIVE_REVIEWER; default: your login name)")
	return cmd
}

func undo(ctx context.Context, a *app, ids []string, by string) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	return a.update(ctx, func(w store.Writer) error {
		for _, id := range ids {
			all, err := store.Collect(w.Decisions(ctx, store.DecisionQuery{}))
			if err != nil {
				return err
			}
			d, err := decisionNamed(ctx, w, all, id, by)
			if err != nil {
				return err
			}
			if err := mayUndo(d, all, by); err != nil {
				return err
			}
			if err := decide(ctx, a, w, analysis.DecidedUndo, d.DID, d.ID, by, struct{}{}); err != nil {
				return err
			}
			a.say("undone: %s", a.decisionText(d, decisionsOf(all), loc))
			if !d.OnClaim() {
				changes, err := a.archiver(nil).Rethread(ctx, w, d.DID)
				if err != nil {
					return err
				}
				for _, change := range changes {
					a.say("%s", change)
				}
			}
		}
		return nil
	})
}

// mayUndo says why a person cannot undo a decision.
func mayUndo(d analysis.Decision, all []analysis.Decision, by string) error {
	undo, undone := analysis.UndoneBy(all, d.ID)
	switch {
	case undone:
		return hinted{usagef("%s was undone already, by %s", d.ID, undo.By), "skyarchive reviews undo " + undo.ID + " brings it back"}
	case d.By == by:
		return nil
	case d.Kind == analysis.DecidedReview:
		return hinted{usagef("%s was decided by %s; you are %s (--as)", d.ID, d.By, by), "skyarchive claims disagree " + d.Subject + " says that you found something else"}
	}
	return usagef("%s was decided by %s; you are %s (--as)", d.ID, d.By, by)
}

// decisionNamed is the one with an id out of all, or the last standing one of a person on a claim.
func decisionNamed(ctx context.Context, r store.Reader, all []analysis.Decision, id, by string) (analysis.Decision, error) {
	var found []analysis.Decision
	for _, d := range all {
		if strings.HasPrefix(d.ID, id) {
			found = append(found, d)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return analysis.Decision{}, fmt.Errorf("decision %s: %w", id, store.ErrAmbiguous)
	}
	c, err := r.Claim(ctx, id)
	if err != nil {
		return analysis.Decision{}, fmt.Errorf("decision or claim %s: %w", id, err)
	}
	for _, d := range slices.Backward(analysis.Standing(c.Reviews)) {
		if d.By == by {
			return d, nil
		}
	}
	return analysis.Decision{}, hinted{absent{fmt.Errorf("claim %s: %s has decided nothing about it that stands", c.Passage.Claim.ID, by)},
		"skyarchive reviews history " + c.Passage.Claim.ID + " shows who decided what"}
}
