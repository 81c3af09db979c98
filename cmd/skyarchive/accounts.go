package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newAccountsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "accounts",
		GroupID: groupArchive,
		Short:   "List the archived accounts",
		Long: `List the archived accounts: handle, posts, threads, check-worthy claims, when the
network last confirmed what is here, and anything unusual about the account.
` + statusHelp,
		Example: "  skyarchive accounts\n  skyarchive accounts label louwelgryn.bsky.social Lou",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return accounts(cmd.Context(), a) },
	}
	cmd.AddCommand(&cobra.Command{
		Use:     "label <account> <name>",
		Short:   "Give an account a name of your own; an empty name takes it away",
		Example: "  skyarchive accounts label louwelgryn.bsky.social Lou",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return label(cmd.Context(), a, args[0], args[1])
		},
	})
	return cmd
}

// accountLine is what --json prints of an account.
type accountLine struct {
	DID      string         `json:"did"`
	Handle   string         `json:"handle"`
	Label    string         `json:"label,omitempty"`
	PDS      string         `json:"pds"`
	Status   atproto.Status `json:"status"`
	Fetched  *time.Time     `json:"fetched"`
	Posts    int            `json:"posts"`
	Threads  int            `json:"threads"`
	Claims   int            `json:"claims"`
	Rev      string         `json:"rev,omitempty"`
	Analysis string         `json:"analysis"`
}

func accounts(ctx context.Context, a *app) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	return a.view(ctx, func(r store.Reader) error {
		list, err := store.Collect(r.Accounts(ctx))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			a.say("no accounts yet; fetch one: skyarchive fetch louwelgryn.bsky.social")
		}
		var table term.Table
		for _, acc := range list {
			if a.json {
				if err := accountJSON(ctx, a, r, acc); err != nil {
					return err
				}
				continue
			}
			seen := "imported"
			if !acc.Fetched.IsZero() {
				seen = acc.Fetched.In(loc).Format("2006-01-02 15:04")
			}
			name := "@" + acc.Name()
			if acc.Name() == string(acc.DID) {
				name = acc.Name()
			}
			if acc.Label != "" {
				name = acc.Label + " (" + name + ")"
			}
			table.Row(name, count(acc.Posts, "post"), count(acc.Threads, "thread"), count(acc.Claims, "claim"), seen, accountRemark(acc))
		}
		return table.Write(a.stdout, 200)
	})
}

func accountJSON(ctx context.Context, a *app, r store.Reader, acc store.Account) error {
	line := accountLine{
		DID: string(acc.DID), Handle: string(acc.Handle), Label: acc.Label, PDS: acc.PDS, Status: acc.Status,
		Posts: acc.Posts, Threads: acc.Threads, Claims: acc.Claims, Analysis: acc.Analysis,
	}
	if !acc.Fetched.IsZero() {
		line.Fetched = &acc.Fetched
	}
	if head, err := r.Head(ctx, acc.DID); err == nil {
		line.Rev = head.Rev
	}
	return term.JSONLine(a.stdout, line)
}

// accountRemark is what a reader should know of an account.
func accountRemark(acc store.Account) string {
	remark := ""
	switch acc.Status {
	case atproto.Deactivated:
		remark = "deactivated by its owner; what was archived is kept"
	case atproto.TakenDown:
		remark = "taken down by its service; what was archived is kept"
	case atproto.Suspended:
		remark = "suspended by its service; what was archived is kept"
	case atproto.Deleted:
		remark = "deleted; what was archived is kept"
	}
	if acc.HideGuest {
		if remark != "" {
			remark += "; "
		}
		remark += "asks not to be shown to people who are not logged in"
	}
	return remark
}

func label(ctx context.Context, a *app, name, label string) error {
	return a.update(ctx, func(w store.Writer) error {
		acc, err := accountNamed(ctx, w, name)
		if err != nil {
			return err
		}
		acc.Label = label
		if err := w.PutAccount(ctx, acc); err != nil {
			return err
		}
		if label == "" {
			a.say("@%s has no label any more", acc.Name())
		} else {
			a.say("@%s is labelled %s", acc.Name(), label)
		}
		return nil
	})
}

// count is n with its noun, in the plural where it is due.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if noun == "reply" {
		return strconv.Itoa(n) + " replies"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
