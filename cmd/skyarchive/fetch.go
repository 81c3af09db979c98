package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/pds"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/store"
	"skyarchive/store/blobdir"
)

// fetchFlags are the flags of fetch.
type fetchFlags struct {
	archive.FetchOptions
	from       string
	all        bool
	media      bool
	mediaLimit size
	context    bool
	refresh    bool
	maxSize    size
	timings    bool
}

func newFetchCommand(a *app) *cobra.Command {
	f := fetchFlags{mediaLimit: 50e6, maxSize: 2e9}
	cmd := &cobra.Command{
		Use:     "fetch <account>...",
		GroupID: groupArchive,
		Short:   "Archive an account's posts, threads and claims",
		Long: `Archive every post in an account's signed repository. A later run takes only what
is new, and keeps what has gone. An account is named by handle, DID, or the
address of its page or of a post. Everything is checked before it is kept: each
block against its hash, the tree against its root, the root's signature against
the account's key. If one of several accounts fails, the others are archived.

With --media, the files that live posts show are kept too, each checked against its
hash; what is here is not asked for again, and what cannot be had is said so. With
--context, the posts by others that they answer or quote are kept, from their authors'
own servers with a signature, else as the AppView shows them, unchecked. A later run
asks for what is new or was not to be had; for posts of the last 30 days once a day,
since they may change, go or gain answers; for all of them with --refresh.

For a daily run by cron, which then mails what went wrong:
  17 6 * * *  skyarchive fetch --all -q
An account that is gone is an error (6) of the run that finds it; later ones only say so.
` + statusHelp,
		Example: `  skyarchive fetch louwelgryn.bsky.social
  skyarchive fetch @louwelgryn.bsky.social https://bsky.app/profile/dataforgood.fr
  skyarchive fetch --from accounts.txt
  skyarchive fetch --all --media --context -q`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.refresh && !f.context {
				return usagef("--refresh goes with --context")
			}
			ids, err := f.accounts(cmd.Context(), a, args)
			if err != nil {
				return err
			}
			f.MaxSize = int64(f.maxSize)
			return fetch(cmd.Context(), a, ids, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.from, "from", "", "read accounts from a `file`, one a line or the first column of a CSV that names one; - for standard input")
	flags.BoolVar(&f.all, "all", false, "every account of the archive")
	flags.BoolVar(&f.media, "media", false, "also the images, videos and card pictures of live posts, in a folder beside the archive")
	flags.Var(&f.mediaLimit, "media-limit", "the largest file that --media takes; 0 for any")
	flags.BoolVar(&f.context, "context", false, "also the posts by others that are answered or quoted, with what the AppView counts of them")
	flags.BoolVar(&f.refresh, "refresh", false, "with --context: ask again for all of these posts, whether they still are and what is counted now")
	flags.BoolVar(&f.Whole, "whole", false, "download the whole repository, even where what is new would do")
	flags.Var(&f.maxSize, "max-size", "the largest repository that is downloaded; 0 for any")
	flags.BoolVar(&f.timings, "timings", false, "say how long each stage took")
	flags.BoolVar(&f.AcceptRollback, "accept-rollback", false, "take a state that is older than one the server gave before; both histories are kept")
	flags.BoolVar(&f.Again, "again", false, "also take what skyarchive forget took out of these accounts")
	return cmd
}

// accounts are those named by arguments, file and --all, each once.
func (f *fetchFlags) accounts(ctx context.Context, a *app, args []string) ([]syntax.AtIdentifier, error) {
	var ids []syntax.AtIdentifier
	seen := map[string]bool{}
	add := func(id syntax.AtIdentifier) {
		if key := strings.ToLower(id.String()); !seen[key] {
			seen[key] = true
			ids = append(ids, id)
		}
	}
	for _, arg := range args {
		id, err := atproto.ParseAccount(arg)
		if err != nil {
			return nil, usageError{err}
		}
		add(id)
	}
	if f.from != "" {
		listed, err := accountsFrom(a, f.from)
		if err != nil {
			return nil, err
		}
		for _, id := range listed {
			add(id)
		}
	}
	if f.all {
		err := a.view(ctx, func(r store.Reader) error {
			var all []syntax.DID
			for acc, err := range r.Accounts(ctx) {
				if err != nil {
					return err
				}
				all = append(all, acc.DID)
			}
			for _, did := range all {
				gone, err := archive.AccountForgotten(ctx, r, did)
				if err != nil {
					return err
				}
				if gone == nil || f.Again {
					add(syntax.AtIdentifier(did))
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(ids) == 0 {
		if f.all {
			return nil, usagef("the archive has no accounts yet; name one: skyarchive fetch louwelgryn.bsky.social")
		}
		return nil, usagef("name an account: skyarchive fetch louwelgryn.bsky.social")
	}
	return ids, nil
}

// accountsFrom reads a list of accounts: one a line, empty lines and lines starting with #
// left out; of a table the column whose head is handle, did, account, user or url, else
// the first.
func accountsFrom(a *app, name string) ([]syntax.AtIdentifier, error) {
	in := a.Stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("--from: %w", unread(name, err))
		}
		defer file.Close()
		in = file
	}
	raw, err := io.ReadAll(io.LimitReader(in, 16<<20))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	text := strings.TrimPrefix(string(raw), "\ufeff")
	column := 0
	var ids []syntax.AtIdentifier
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := cellsOf(line)
		if len(ids) == 0 {
			if i, ok := headColumn(cells); ok {
				column = i
				continue
			}
		}
		if column >= len(cells) || strings.TrimSpace(cells[column]) == "" {
			continue
		}
		id, err := atproto.ParseAccount(cells[column])
		if err != nil {
			return nil, usagef("%s, line %d: %w", name, n, err)
		}
		ids = append(ids, id)
	}
	return ids, lines.Err()
}

// cellsOf splits a line at the separator that it holds: tab, semicolon or comma.
func cellsOf(line string) []string {
	for _, separator := range []rune{'\t', ';', ','} {
		if strings.ContainsRune(line, separator) {
			r := csv.NewReader(strings.NewReader(line))
			r.Comma, r.LazyQuotes = separator, true
			if cells, err := r.Read(); err == nil {
				return cells
			}
		}
	}
	return []string{line}
}

func headColumn(cells []string) (int, bool) {
	for i, cell := range cells {
		switch strings.ToLower(strings.TrimSpace(cell)) {
		case "handle", "did", "account", "user", "url", "compte":
			return i, true
		}
	}
	return 0, false
}

func fetch(ctx context.Context, a *app, ids []syntax.AtIdentifier, f fetchFlags) (err error) {
	s, err := a.create(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	arch := a.archiver(s)
	if f.timings {
		arch.Timings = new(archive.Timings)
	}
	arch.Sweep()
	var media *blobdir.Dir
	if f.media {
		if media, err = a.createMedia(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, media.Close()) }()
	}
	t := tally{app: a, what: "accounts", all: len(ids)}
	for _, id := range ids {
		bar := a.progress(id.String())
		arch.Progress = bar.show
		rep, err := arch.Fetch(ctx, id, f.FetchOptions)
		if err == nil && media != nil {
			err = f.fetchMedia(ctx, arch, media, &rep)
		}
		if err == nil && f.context {
			err = a.fetchContext(ctx, arch, &rep, archive.ContextOptions{Refresh: f.refresh, Again: f.Again})
		}
		bar.clear()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if f.all && exitCode(ctx, err) == exitGone && rep.Before == rep.Account.Status {
			rep.Outcome, err = archive.StillGone, nil // it was said when it was found
		}
		if err := t.add(id.String(), rep, fetchHint(err)); err != nil {
			return err
		}
		if err := showTimings(a.stderr, arch.Timings); err != nil {
			return err
		}
	}
	return t.end()
}

// fetchHint adds what a person can do about an error of one account.
func fetchHint(err error) error {
	var other *archive.OtherOwnerError
	var none *identity.NoAccountError
	var gone *store.ForgottenError
	switch {
	case errors.As(err, &gone):
		return hinted{err, "--again takes it again"}
	case errors.As(err, &other):
		return hinted{err, fmt.Sprintf("fetch the account you mean by its DID: skyarchive fetch %s (known here) or %s (who has the handle now)", other.Was, other.Now)}
	case errors.Is(err, pds.ErrTooLarge):
		return hinted{err, "nothing was archived; --max-size 8GB, or 0 for any, allows more"}
	case errors.As(err, &none) && none.DID == "":
		return hinted{err, "check the spelling; a handle looks like louwelgryn.bsky.social, without the @"}
	}
	return err
}
