package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newRetagCommand(a *app) *cobra.Command {
	var opts archive.RetagOptions
	cmd := &cobra.Command{
		Use:     "retag [account]...",
		GroupID: groupArchive,
		Short:   "Read the archived posts again with the present analysis and topics",
		Long: `Assemble the threads and read the claims of archived posts again, from the bytes as
they were signed, after an update of skyarchive or with topics of your own
(--taxonomy). Without a name, every account is read again that was read by another
analysis. Each account is one step: interrupted, the next run goes on where this one
was.

What people decided stays. A review whose claim has other bounds now is found again by
its words and marked; one whose words are no longer claimed is listed by
skyarchive reviews detached.
` + statusHelp,
		Example: `  skyarchive retag --dry-run
  skyarchive retag
  skyarchive retag louwelgryn.bsky.social --taxonomy topics.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return retag(cmd.Context(), a, args, opts)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&opts.Force, "force", false, "also accounts that the present analysis has read")
	flags.BoolVar(&opts.DryRun, "dry-run", false, "say what would change, and change nothing")
	return cmd
}

func retag(ctx context.Context, a *app, names []string, opts archive.RetagOptions) (err error) {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var dids []syntax.DID
	err = s.View(ctx, func(r store.Reader) error {
		for _, name := range names {
			acc, err := accountNamed(ctx, r, name)
			if err != nil {
				return err
			}
			dids = append(dids, acc.DID)
		}
		if len(names) > 0 {
			return nil
		}
		for acc, err := range r.Accounts(ctx) {
			if err != nil {
				return err
			}
			dids = append(dids, acc.DID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	arch := a.archiver(s)
	for i, did := range dids {
		bar := a.progress(fmt.Sprintf("account %d of %d", i+1, len(dids)))
		arch.Progress = bar.show
		rt, err := arch.Retag(ctx, did, opts)
		bar.clear()
		if err != nil {
			return fmt.Errorf("retag %s: %w", did, err)
		}
		if err := a.writeRetagged(rt, opts); err != nil {
			return err
		}
	}
	if opts.DryRun {
		a.say("nothing was changed, since this is a dry run")
	}
	return nil
}

// retagLine is what --json prints of an account that was read again.
type retagLine struct {
	DID           string          `json:"did"`
	Handle        string          `json:"handle"`
	Outcome       archive.Outcome `json:"outcome"` // updated, unchanged
	Was           string          `json:"was"`
	Now           string          `json:"now"`
	Posts         int             `json:"posts"`
	Threads       int             `json:"threads"`
	Claims        int             `json:"claims"`
	NewClaims     int             `json:"new_claims"`
	GoneClaims    int             `json:"gone_claims"`
	MovedClaims   int             `json:"moved_claims"`
	Reviews       int             `json:"reviews"`
	Detached      int             `json:"reviews_detached"`
	NewlyDetached int             `json:"reviews_newly_detached"`
	Changes       []string        `json:"changes"`
	DryRun        bool            `json:"dry_run"`
}

func (a *app) writeRetagged(rt archive.Retagged, opts archive.RetagOptions) error {
	if a.json {
		return term.JSONLine(a.stdout, retagLine{
			string(rt.Account.DID), string(rt.Account.Handle), rt.Outcome, rt.Was, rt.Now, rt.Posts, rt.Threads, rt.Claims,
			rt.NewClaims, rt.GoneClaims, rt.MovedClaims, rt.Reviews, rt.Detached, rt.NewlyDetached, append([]string{}, rt.Changes...), opts.DryRun,
		})
	}
	if a.quiet {
		return nil
	}
	name := rt.Account.Mention()
	if rt.Outcome == archive.Unchanged {
		_, err := fmt.Fprintf(a.stdout, "%s: read by the present analysis already; --force reads it again\n", name)
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s, %s", name, count(rt.Posts, "post"), count(rt.Threads, "thread"), count(rt.Claims, "claim"))
	fmt.Fprintf(&b, " · claims: %d new, %d gone, %d moved", rt.NewClaims, rt.GoneClaims, rt.MovedClaims)
	if rt.Reviews > 0 {
		fmt.Fprintf(&b, " · reviews: %d kept, %d detached", rt.Reviews-rt.Detached, rt.Detached)
	}
	b.WriteByte('\n')
	for _, s := range rt.Changes {
		fmt.Fprintf(&b, "  %s\n", s)
	}
	if rt.NewlyDetached > 0 {
		fmt.Fprintf(&b, "  %s no longer on a claim; %s lists them\n", count(rt.NewlyDetached, "review"), a.asGiven("skyarchive reviews detached"))
	}
	if rt.Was != rt.Now {
		fmt.Fprintf(&b, "  analysis %s, before %s\n", rt.Now, cmp.Or(rt.Was, "none"))
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}

// noteStale says in a line that stored results come from another analysis.
func (a *app) noteStale(ctx context.Context, r store.Reader) error {
	arch := archive.Archiver{Taxonomy: a.ownTopics}
	stale := 0
	for acc, err := range r.Accounts(ctx) {
		if err != nil {
			return err
		}
		if arch.Stale(acc) {
			stale++
		}
	}
	if stale > 0 {
		a.say("note: %s read by another analysis than this program's; skyarchive retag reads them again", count(stale, "account"))
	}
	return nil
}
