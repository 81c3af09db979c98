package main

import (
	"context"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/store"
)

func newJoinCommand(a *app) *cobra.Command {
	var note, as string
	cmd := &cobra.Command{
		Use:   "join <post> <post>...",
		Short: "Put posts into one thread, in this order",
		Long: `Put posts of one account into one thread, each with what follows it, in the order
given. Your word wins over the machine's; it is kept with your name and survives
later fetches.
` + statusHelp,
		Example: `  skyarchive thread join 3lmfq2k6zv22f 3lmfq2k6zv33g --note "she says so herself"`,
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := a.reviewer(as)
			if err != nil {
				return err
			}
			return editThread(cmd.Context(), a, analysis.DecidedJoin, args, note, by)
		},
	}
	cmd.Flags().StringVar(&note, "note", "", "why")
	cmd.Flags().StringVar(&as, "as", "", "who joins them (SKYARCHIVE_REVIEWER; default: your login name)")
	return cmd
}

func newSplitCommand(a *app) *cobra.Command {
	var note, as string
	cmd := &cobra.Command{
		Use:   "split <post>",
		Short: "Start a new thread at a post",
		Long: `Cut a thread before a post: it and what follows it become a thread of their own.
Your word wins over the machine's; it is kept with your name and survives later
fetches.
` + statusHelp,
		Example: `  skyarchive thread split 3lmfq2k6zv33g --note "another subject"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := a.reviewer(as)
			if err != nil {
				return err
			}
			return editThread(cmd.Context(), a, analysis.DecidedSplit, args, note, by)
		},
	}
	cmd.Flags().StringVar(&note, "note", "", "why")
	cmd.Flags().StringVar(&as, "as", "", "who splits it (SKYARCHIVE_REVIEWER; default: your login name)")
	return cmd
}

// editThread writes down how a person joined or split threads, and assembles the
// account's threads again.
func editThread(ctx context.Context, a *app, kind analysis.DecisionKind, names []string, note, by string) error {
	return a.update(ctx, func(w store.Writer) error {
		var uris []syntax.ATURI
		for _, name := range names {
			uri, err := postNamed(ctx, w, name)
			if err != nil {
				return err
			}
			if len(uris) > 0 && atproto.AuthorOf(uri) != atproto.AuthorOf(uris[0]) {
				return usagef("a thread is by one account; %s and %s are by two", uris[0], uri)
			}
			uris = append(uris, uri)
		}
		did := syntax.DID(atproto.AuthorOf(uris[0]))
		if err := decide(ctx, a, w, kind, did, string(uris[0]), by, analysis.Joining{URIs: uris, Note: note}); err != nil {
			return err
		}
		changes, err := a.archiver(nil).Rethread(ctx, w, did)
		if err != nil {
			return err
		}
		for _, change := range changes {
			a.say("%s", change)
		}
		if len(changes) == 0 {
			a.say("the threads were so already; your word is kept all the same")
		}
		return nil
	})
}

// archiver is the work of fetch and import on a store, with this app's settings.
func (a *app) archiver(s store.Store) *archive.Archiver {
	client := a.client()
	return &archive.Archiver{
		Store: s, HTTP: client, Identities: a.identities(client), Now: a.now, Log: a.log(), Program: version, Taxonomy: a.ownTopics,
	}
}
