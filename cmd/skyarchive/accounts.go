package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/export"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newAccountsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "accounts",
		GroupID: groupArchive,
		Short:   "List the archived accounts",
		Long: `List the archived accounts: handle, posts, threads, check-worthy claims, when the
network last confirmed what is here (by another archive: as its export tells), and anything unusual about the account.
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
	DID       string           `json:"did"`
	Handle    string           `json:"handle"`
	Label     string           `json:"label,omitempty"`
	PDS       string           `json:"pds"`
	Status    atproto.Status   `json:"status"`
	Fetched   *time.Time       `json:"fetched"`
	Told      bool             `json:"fetched_told,omitempty"` // by another archive
	Posts     int              `json:"posts"`
	Threads   int              `json:"threads"`
	Claims    int              `json:"claims"`
	Rev       string           `json:"rev,omitempty"`
	Analysis  string           `json:"analysis"`
	Guests    bool             `json:"hidden_from_guests,omitempty"`
	Intents   []atproto.Intent `json:"user_intents,omitempty"` // what the account declares of reuse
	Forgotten *time.Time       `json:"forgotten,omitempty"`
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
		bearers := map[string]int{} // of a handle: more than one when it went to somebody else
		for _, acc := range list {
			bearers[strings.ToLower(string(acc.Handle))]++
		}
		var table term.Table
		for _, acc := range list {
			gone, err := archive.AccountForgotten(ctx, r, acc.DID)
			if err != nil {
				return err
			}
			intents, err := export.Intents(ctx, r, acc.DID)
			if err != nil {
				return err
			}
			told, err := export.FetchedTold(ctx, r, acc)
			if err != nil {
				return err
			}
			if a.json {
				if err := accountJSON(ctx, a, r, acc, intents, gone, told); err != nil {
					return err
				}
				continue
			}
			seen := "imported"
			if !acc.Fetched.IsZero() {
				seen = acc.Fetched.In(loc).Format("2006-01-02 15:04")
			}
			if told {
				seen = "by another archive " + seen
			}
			name := acc.Mention()
			if bearers[strings.ToLower(string(acc.Handle))] > 1 && acc.Handle != "" {
				name += " (" + string(acc.DID) + ")"
			}
			if acc.Label != "" {
				name = acc.Label + " (" + name + ")"
			}
			table.Row(name, count(acc.Posts, "post"), count(acc.Threads, "thread"), count(acc.Claims, "claim"), seen, accountRemark(acc, intents, gone, loc))
		}
		return table.Write(a.stdout, 200)
	})
}

func accountJSON(ctx context.Context, a *app, r store.Reader, acc store.Account, intents []atproto.Intent, gone *store.Forgetting, told bool) error {
	line := accountLine{
		DID: string(acc.DID), Handle: string(acc.Handle), Label: acc.Label, PDS: acc.PDS, Status: acc.Status,
		Posts: acc.Posts, Threads: acc.Threads, Claims: acc.Claims, Analysis: acc.Analysis,
		Guests: acc.HideGuest, Intents: intents, Told: told,
	}
	if !acc.Fetched.IsZero() {
		line.Fetched = &acc.Fetched
	}
	if gone != nil {
		line.Forgotten = &gone.At
	}
	if head, err := r.Head(ctx, acc.DID); err == nil {
		line.Rev = head.Rev
	}
	return term.JSONLine(a.stdout, line)
}

// goneText says how an account is not there.
func goneText(s atproto.Status) string {
	switch s {
	case atproto.Deactivated:
		return "deactivated by its owner"
	case atproto.TakenDown:
		return "taken down by its service"
	case atproto.Suspended:
		return "suspended by its service"
	case atproto.Deleted:
		return "deleted"
	}
	return fmt.Sprintf("not active: its server calls it %q", s)
}

// accountRemark is what a reader should know of an account.
func accountRemark(acc store.Account, intents []atproto.Intent, gone *store.Forgetting, loc *time.Location) string {
	if gone != nil {
		return "forgotten on " + gone.At.In(loc).Format("2006-01-02")
	}
	var remarks []string
	if acc.Status != atproto.Active && acc.Status != "" {
		remarks = append(remarks, goneText(acc.Status)+"; what was archived is kept")
	}
	if acc.HideGuest {
		remarks = append(remarks, "asks not to be shown to people who are not logged in")
	}
	for _, i := range intents {
		verb := "disallows"
		if i.Allow {
			verb = "allows"
		}
		remarks = append(remarks, "declares that it "+verb+" "+reuse[i.Use])
	}
	return strings.Join(remarks, "; ")
}

// reuse is what an intent is about, in words.
var reuse = map[string]string{
	"publicAccessArchive": "public access to archives of it", "bulkDataset": "bulk datasets",
	"syntheticContentGeneration": "generative models", "protocolBridging": "bridging to other networks",
}

func label(ctx context.Context, a *app, name, label string) error {
	if strings.ContainsFunc(label, unicode.IsControl) {
		return usagef("%q is no name: write it without control characters", label)
	}
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
			a.say("%s has no label any more", acc.Mention())
		} else {
			a.say("%s is labelled %s", acc.Mention(), label)
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
