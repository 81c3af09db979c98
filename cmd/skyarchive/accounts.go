package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"skyarchive/atproto"
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
network last confirmed what is here (by another archive: as its export tells) or a file
brought it, and anything unusual about the account. skyarchive stats counts the same
accounts by topic, status and month.
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
	Imported  *time.Time       `json:"imported,omitempty"`     // where the network confirmed nothing
	Posts     int              `json:"posts"`
	Threads   int              `json:"threads"`
	Claims    int              `json:"claims"`
	Rev       string           `json:"rev,omitempty"`
	Signature string           `json:"signature,omitempty"` // of the state with this rev
	Analysis  string           `json:"analysis"`
	Guests    bool             `json:"hidden_from_guests,omitempty"`
	Intents   []atproto.Intent `json:"user_intents,omitempty"` // what the account declares of reuse
	Forgotten *time.Time       `json:"forgotten,omitempty"`
	Without   int              `json:"forgotten_posts,omitempty"`
}

func accounts(ctx context.Context, a *app) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	return a.view(ctx, func(r store.Reader) error {
		list, err := listAccounts(ctx, r)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			a.say("no accounts yet; fetch one: skyarchive fetch louwelgryn.bsky.social")
		}
		table := term.Table{Whole: true}
		for _, acc := range list {
			intents, err := export.Intents(ctx, r, acc.DID)
			if err != nil {
				return err
			}
			if a.json {
				if err := accountJSON(a, acc, intents); err != nil {
					return err
				}
				continue
			}
			remarks := acc.remarks(loc)
			if acc.forgotten == nil {
				remarks = append(remarks, wishes(acc.Account, intents)...)
			}
			table.Row(acc.name, count(acc.Posts, "post"), count(acc.Threads, "thread"), count(acc.Claims, "claim"), acc.seen(loc), strings.Join(remarks, "; "))
		}
		columns := a.columns()
		if !term.IsTerminal(a.stdout) {
			columns = math.MaxInt32 // a line an account, for other programs
		}
		return table.Write(a.stdout, columns)
	})
}

func accountJSON(a *app, acc listedAccount, intents []atproto.Intent) error {
	line := accountLine{
		DID: string(acc.DID), Handle: string(acc.Handle), Label: acc.Label, PDS: acc.PDS, Status: acc.Status,
		Posts: acc.Posts, Threads: acc.Threads, Claims: acc.Claims, Rev: acc.head.Rev, Signature: string(acc.head.Signature), Analysis: acc.Analysis,
		Guests: acc.HideGuest, Intents: intents, Without: acc.without,
	}
	if !acc.Fetched.IsZero() {
		line.Fetched, line.Told = &acc.Fetched, acc.told
	}
	if at := acc.imported(); !at.IsZero() {
		line.Imported = &at
	}
	if acc.forgotten != nil {
		line.Forgotten = &acc.forgotten.At
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

// wishes are what an account declares of how it wants to be shown and used.
func wishes(acc store.Account, intents []atproto.Intent) (list []string) {
	if acc.HideGuest {
		list = append(list, "asks not to be shown to people who are not logged in")
	}
	for _, i := range intents {
		verb := "disallows"
		if i.Allow {
			verb = "allows"
		}
		list = append(list, "declares that it "+verb+" "+reuse[i.Use])
	}
	return list
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
