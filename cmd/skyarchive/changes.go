package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
	"skyarchive/store/search"
)

func newChangesCommand(a *app) *cobra.Command {
	var since string
	var only []string
	cmd := &cobra.Command{
		Use:     "changes [account]...",
		GroupID: groupRead,
		Short:   "List what changed: new, edited and deleted posts, handles, servers, keys",
		Long: `List what changed between the states of each account that are archived, oldest first:
new, edited and deleted posts with their words, and changes of handle, server, key
and status. The date is when the archive found out, not when it happened; of a deletion
it also says by when it had happened, as the state says that lacks the post. Deletions
are derived from complete, verified states only.
` + statusHelp,
		Example: "  skyarchive changes\n  skyarchive changes louwelgryn.bsky.social --since 7d\n  skyarchive changes --only deleted,edited",
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := a.sinceFlag(since)
			if err != nil {
				return err
			}
			wanted, err := eventKinds(only)
			if err != nil {
				return err
			}
			return changes(cmd.Context(), a, args, from, wanted)
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "only what was found out from this `date` on: 2025-03-31, or 7d")
	cmd.Flags().StringSliceVar(&only, "only", nil, "only `kinds` of changes: "+strings.Join(eventNames(), ", "))
	return cmd
}

// events are the kinds of changes by the names that --only takes.
var events = map[string]archive.EventKind{
	"new": archive.PostNew, "edited": archive.PostEdited, "deleted": archive.PostDeleted, "back": archive.PostBack,
	"handle": archive.HandleChanged, "server": archive.ServerChanged, "key": archive.KeyChanged, "status": archive.StatusChanged,
}

func eventNames() []string { return slices.Sorted(maps.Keys(events)) }

// eventKinds are the kinds with these names, nil for all.
func eventKinds(names []string) (map[archive.EventKind]bool, error) {
	if len(names) == 0 {
		return nil, nil
	}
	kinds := map[archive.EventKind]bool{}
	for _, name := range names {
		kind, ok := events[name]
		if !ok {
			return nil, usagef("--only %s: write one of %s", name, strings.Join(eventNames(), ", "))
		}
		kinds[kind] = true
	}
	return kinds, nil
}

// sinceFlag is a date as the query language reads it.
func (a *app) sinceFlag(value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	loc, err := a.location()
	if err != nil {
		return time.Time{}, err
	}
	f, err := search.NewField("since", value, search.Options{Location: loc, Now: a.now()})
	if err != nil {
		return time.Time{}, usagef("--since: %w", err)
	}
	return time.Parse(time.RFC3339, f.Value)
}

func changes(ctx context.Context, a *app, names []string, since time.Time, only map[archive.EventKind]bool) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	return a.view(ctx, func(r store.Reader) error {
		dids, err := accountsNamed(ctx, r, names)
		if err != nil {
			return err
		}
		shown := 0
		for _, did := range dids {
			acc, err := r.Account(ctx, did)
			if err != nil {
				return err
			}
			events, err := archive.History(ctx, r, did, since)
			if err != nil {
				return err
			}
			for _, e := range events {
				if only != nil && !only[e.Kind] {
					continue
				}
				shown++
				if a.json {
					err = term.JSONLine(a.stdout, e)
				} else {
					err = a.writeEvent(acc, e, loc)
				}
				if err != nil {
					return err
				}
			}
		}
		switch {
		case shown == 0 && only != nil:
			a.say("nothing of this kind changed")
		case shown == 0:
			a.say("nothing changed")
		}
		return nil
	})
}

func (a *app) writeEvent(acc store.Account, e archive.Event, loc *time.Location) error {
	_, err := fmt.Fprintf(a.stdout, "%s  %s  %s\n", term.Moment(e.Seen, loc), a.style().Bold(e.String()), acc.Name())
	if err != nil || e.URI == "" {
		return err
	}
	if e.Before != "" {
		err = term.Indented(a.stdout, "    - ", "      ", e.Before, a.columns())
	}
	if e.After != "" && err == nil {
		err = term.Indented(a.stdout, "    + ", "      ", e.After, a.columns())
	}
	if e.Note != "" && err == nil {
		sign := "    + "
		if e.Kind == archive.PostDeleted {
			sign = "    - "
		}
		err = term.Indented(a.stdout, sign, "      ", "["+e.Note+"]", a.columns())
	}
	if t, ok := atproto.TIDTime(e.Rev); ok && e.Kind == archive.PostDeleted && err == nil {
		_, err = fmt.Fprintf(a.stdout, "    %s\n", a.style().Dim("no longer in the account's state of "+term.Moment(t, loc)+", by its own clock"))
	}
	if err == nil {
		_, err = fmt.Fprintf(a.stdout, "    %s\n", a.style().Dim(webURL(e.URI)))
	}
	return err
}
