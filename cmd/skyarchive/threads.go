package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// threadsOptions are the flags of threads.
type threadsOptions struct {
	filter
	incomplete, numbered bool
}

func newThreadsCommand(a *app) *cobra.Command {
	var opts threadsOptions
	cmd := &cobra.Command{
		Use:     "threads [words]...",
		GroupID: groupRead,
		Short:   "List threads: date, parts, completeness, first line",
		Long: `List the threads of which a post is selected, newest first. The words and flags are
those of skyarchive search. The id in front of the first line opens a thread:
skyarchive thread ID.
` + statusHelp,
		Example: "  skyarchive threads\n  skyarchive threads --topic water --since 2025\n  skyarchive threads --incomplete --from louwelgryn.bsky.social",
		RunE: func(cmd *cobra.Command, args []string) error {
			q, hints, err := opts.query(a, args)
			if err != nil {
				return err
			}
			a.hints(hints)
			return threads(cmd.Context(), a, q, opts, wanted{cmd, args})
		},
	}
	cmd.Flags().BoolVar(&opts.incomplete, "incomplete", false, "only threads with a gap")
	cmd.Flags().BoolVar(&opts.numbered, "numbered", false, "only threads whose posts carry numbers")
	opts.register(cmd, 50)
	return cmd
}

// threadLine is what --json prints of a thread: the machine interface of analyze, and
// where the thread stands in the archive.
type threadLine struct {
	analysis.Thread
	ID        string    `json:"id"`
	DID       string    `json:"did"`
	Handle    string    `json:"handle"`
	Date      time.Time `json:"date"`
	FirstLine string    `json:"first_line"`
	Claims    int       `json:"claims"`
	Topics    []string  `json:"topics"`
	URL       string    `json:"url"`
}

func newThreadLine(t store.Thread) threadLine {
	return threadLine{t.Thread, t.ID, string(t.DID), string(t.Handle), t.Dates.Shown().UTC(), t.FirstLine, t.Claims, t.Topics, webURL(t.Root)}
}

func threads(ctx context.Context, a *app, q store.Query, opts threadsOptions, from wanted) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	limit := q.Limit
	if opts.incomplete || opts.numbered {
		q.Limit = 0 // it counts what is shown
	}
	return a.view(ctx, func(r store.Reader) error {
		if err := a.noteStale(ctx, r); err != nil {
			return err
		}
		accounts, err := store.Collect(r.Accounts(ctx))
		if err != nil {
			return err
		}
		var table term.Table
		shown, more := 0, false
		for t, err := range r.Threads(ctx, q) {
			if err != nil {
				return err
			}
			if opts.incomplete && t.Complete || opts.numbered && t.Numbering == nil {
				continue
			}
			if limit > 0 && shown == limit {
				more = true
				break
			}
			shown++
			if a.json {
				if err := term.JSONLine(a.stdout, newThreadLine(t)); err != nil {
					return err
				}
				continue
			}
			cells := []string{term.Posted(t.Dates, loc, term.Day), parts(t.Thread), state(t.Thread), t.ID, t.FirstLine}
			if len(accounts) > 1 {
				cells = append([]string{atproto.Account{DID: t.DID, Handle: t.Handle}.Mention()}, cells...)
			}
			table.Row(cells...)
		}
		if err := table.Write(a.stdout, a.columns()); err != nil {
			return err
		}
		switch {
		case shown == 0:
			if err := a.noneOf(ctx, r, q, from); err != nil {
				return err
			}
			if q.Where != nil {
				a.say("no thread has a post that this selects; skyarchive threads alone lists all")
			} else {
				a.say("no threads here; a thread is two posts or more")
			}
		case more || limit > 0 && shown == limit:
			a.say("showing %d; --limit 0 shows all", shown)
		}
		return nil
	})
}

// parts says how many posts a thread has, and the total that its numbers declare.
func parts(t analysis.Thread) string {
	s := count(len(t.Posts), "post")
	switch {
	case t.Numbering == nil:
	case !t.OneSeries():
		s += ", numbered in several series"
	case t.Numbering.Total != nil:
		s += fmt.Sprintf(", numbered to %d", *t.Numbering.Total)
	default:
		s += ", numbered"
	}
	return s
}

// state says in a word whether a thread is whole. Parts that their author deleted are told
// from those that no post carries.
func state(t analysis.Thread) string {
	if t.Complete {
		return "complete"
	}
	absent := t.Absent()
	var list []string
	if len(absent.Missing) > 0 {
		list = append(list, "missing "+numberList(absent.Missing))
	}
	if len(absent.Deleted) > 0 {
		list = append(list, partList(absent.Deleted)+" deleted")
	}
	if len(absent.Split) > 0 {
		list = append(list, partList(absent.Split)+" split off")
	}
	switch {
	case len(list) > 0:
		return strings.Join(list, ", ")
	case slices.ContainsFunc(t.Gaps, func(gap analysis.Gap) bool { return gap.Kind == analysis.GapDeleted }):
		return "a part deleted"
	}
	return "has a gap"
}

func partList(numbers []int) string {
	if len(numbers) == 1 {
		return "part " + numberList(numbers)
	}
	return "parts " + numberList(numbers)
}

func numberList(numbers []int) string {
	var b strings.Builder
	for i, n := range numbers {
		if i == 6 {
			return b.String() + fmt.Sprintf(" and %d more", len(numbers)-i)
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, n)
	}
	return b.String()
}
