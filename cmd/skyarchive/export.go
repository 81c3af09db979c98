package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"skyarchive/cmd/skyarchive/internal/export"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
	"skyarchive/store/search"
)

// exportFlags are the flags of export besides those of the query language.
type exportFlags struct {
	filter
	export.Options
	include string
}

func newExportCommand(a *app) *cobra.Command {
	var f exportFlags
	var formats strings.Builder
	for _, format := range export.Formats() {
		fmt.Fprintf(&formats, "  %-12s %s\n", format.Name, format.Help)
	}
	cmd := &cobra.Command{
		Use:     "export [account or post]...",
		GroupID: groupShare,
		Short:   "Write threads, posts and claims as Markdown or in another format",
		Long: `Write what the archive holds of accounts, of one thread or post, or of everything, as
files that outlive it.

Formats:
` + formats.String() + `
A private copy (md, csv, ndjson, labelstudio, webannotation) holds everything and marks what was
deleted. A public form (html, claimreview, any with --public) leaves out deleted
posts, accounts that are gone and authors who ask not to be shown to people who are
not logged in, and says how many. Nothing that is there is overwritten without
--force. A feed of claimreview holds the claims that were reviewed and published
(claims review ID --published URL), and says how many others there are.

Two of them come back: skyarchive claims review --from reads the table of --for-review,
and skyarchive claims annotations what was marked in Label Studio.
` + statusHelp,
		Example: `  skyarchive export louwelgryn.bsky.social -o notes/
  skyarchive export https://bsky.app/profile/louwelgryn.bsky.social/post/3lmfq2k6zv22f
  skyarchive export --format html --topic water -o water.html
  skyarchive export --format csv --for-review --semicolons -o claims.csv`,
		RunE: func(cmd *cobra.Command, args []string) error {
			q, _, err := f.query(a, nil)
			if err != nil {
				return err
			}
			f.Query = q
			switch {
			case f.Options.Lang != "" && f.Options.Lang != "fr" && f.Options.Lang != "en":
				return usagef("--lang %s: write fr or en", f.Options.Lang)
			case f.Format != "csv" && (f.Claims || f.ForReview || f.BOM || f.Semicolons):
				return usagef("--claims, --for-review, --bom and --semicolons are for tables: give --format csv with them")
			case f.Out == "-":
				f.Out = ""
			}
			if f.Include, err = export.ParseInclude(f.include); err != nil {
				return usagef("--include: %w", err)
			}
			return exportAll(cmd.Context(), a, args, f.Options)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.Format, "format", "f", "md", "format, see above")
	flags.StringVarP(&f.Out, "output", "o", "", "file or folder to write to; default and -: standard output")
	flags.BoolVar(&f.Force, "force", false, "overwrite what is there")
	flags.BoolVar(&f.Update, "update", false, "rewrite only what changed, and keep what you added below the marked line")
	flags.BoolVar(&f.Single, "single", false, "everything in one file")
	flags.BoolVar(&f.ThreadsOnly, "threads-only", false, "leave out posts that stand alone")
	flags.StringVar(&f.Options.Lang, "lang", "", "language of the fixed words: fr or en (default)")
	flags.BoolVar(&f.Public, "public", false, "leave out what is not for the public, in any format")
	flags.StringVar(&f.include, "include", "", "what a public form would leave out: deleted,gone,hidden")
	flags.BoolVar(&f.Claims, "claims", false, "csv: claims and not posts")
	flags.BoolVar(&f.ForReview, "for-review", false, "csv: claims with empty columns for decisions, for a spreadsheet")
	flags.BoolVar(&f.BOM, "bom", false, "csv: start with a byte order mark, for spreadsheets")
	flags.BoolVar(&f.Semicolons, "semicolons", false, "csv: semicolons between the columns, as Excel in French and others opens it")
	flags.StringVar(&f.Publisher.Name, "publisher", "", "claimreview: who publishes the reviews")
	flags.StringVar(&f.Publisher.URL, "publisher-url", "", "claimreview: the publisher's page")
	f.register(cmd, 0, "lang")
	flags.Lookup("limit").Usage = "at most this many, the oldest; 0 for all"
	return cmd
}

func exportAll(ctx context.Context, a *app, names []string, opts export.Options) (err error) {
	loc, err := a.location()
	if err != nil {
		return err
	}
	opts.Writer, opts.Zone, opts.Now, opts.Taxonomy = a.stdout, loc, a.now, a.taxonomy()
	opts.Verdicts = a.verdicts.All()
	v := a.versions()
	opts.Program, opts.Analysis = v.Program, v.Analysis+"+"+v.Taxonomy
	media, closeMedia, err := a.media()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeMedia()) }()
	opts.Media = media
	return a.view(ctx, func(r store.Reader) error {
		if err := selectNamed(ctx, r, names, &opts); err != nil {
			return err
		}
		summary, err := export.Run(ctx, r, opts)
		var unwritten *fs.PathError
		switch {
		case errors.Is(err, export.ErrFormat):
			return hinted{usageError{err}, "skyarchive export --help lists the formats"}
		case errors.Is(err, export.ErrNotOne), errors.Is(err, export.ErrNobody):
			return usageError{err}
		case errors.Is(err, export.ErrExists):
			return hinted{err, "nothing that was there was changed"}
		case errors.As(err, &unwritten) && !noRoom(err):
			return hinted{fmt.Errorf("cannot write %s: %w", unwritten.Path, unwritten.Err), "name another file or folder with -o"}
		case err != nil:
			return err
		}
		return a.exported(summary)
	})
}

// selectNamed narrows an export to the accounts, or to the one post, that were named.
func selectNamed(ctx context.Context, r store.Reader, names []string, opts *export.Options) error {
	var from search.Or
	for _, name := range names {
		if strings.Contains(name, "/post/") || strings.Contains(name, "app.bsky.feed.post") || !strings.ContainsAny(name, ".:/@") {
			uri, err := postNamed(ctx, r, name)
			if err == nil && len(names) > 1 {
				return usagef("name accounts, or one post; %s is a post", name)
			}
			if err == nil {
				_, err = r.Post(ctx, uri)
			}
			if err == nil {
				opts.Post = uri
				return nil
			}
			if strings.ContainsAny(name, ".:/@") {
				return err
			}
		}
		acc, err := accountNamed(ctx, r, name)
		if err != nil {
			return err
		}
		from = append(from, search.Field{Name: "from", Value: string(acc.DID)})
		opts.Query.DID = acc.DID
	}
	if len(from) > 1 {
		opts.Query.DID = ""
		opts.Query.Where = allOf(opts.Query.Where, from)
	}
	return nil
}

func allOf(a, b search.Expr) search.Expr {
	if a == nil {
		return b
	}
	return search.And{a, b}
}

// exported says what was written. On standard output there is the export alone.
func (a *app) exported(s export.Summary) error {
	if a.json && s.Path != "" {
		return term.JSONLine(a.stdout, s)
	}
	var parts []string
	for _, part := range []struct {
		n    int
		noun string
	}{{s.Threads, "thread"}, {s.Posts, "post"}, {s.Claims, "claim"}, {s.Assertions, "other assertion"}} {
		if part.n > 0 {
			parts = append(parts, count(part.n, part.noun))
		}
	}
	wrote := strings.Join(parts, ", ")
	switch {
	case wrote != "":
	case len(s.Skipped) > 0 || s.LeftOut.Total() > 0:
		wrote = "nothing of what fits is in it"
	default:
		wrote = "nothing fits"
	}
	if s.Path != "" {
		wrote += fmt.Sprintf(" in %s (%s)", s.Path, count(s.Files, "file"))
	}
	a.say("%s", wrote)
	if s.Unchanged > 0 {
		a.say("%s unchanged", count(s.Unchanged, "file"))
	}
	var left, include []string
	for _, out := range []struct {
		n               int
		what, why, name string
	}{
		{s.LeftOut.Deleted, "deleted post", "", "deleted"},
		{s.LeftOut.Gone, "post", " of accounts that are gone", "gone"},
		{s.LeftOut.Hidden, "post", " of authors who ask not to be shown without login, or of whom that is not known", "hidden"},
	} {
		if out.n > 0 {
			left, include = append(left, count(out.n, out.what)+out.why), append(include, out.name)
		}
	}
	if len(left) > 0 {
		a.say("left out of this public form: %s (--include %s)", strings.Join(left, ", "), strings.Join(include, ","))
	}
	for _, skipped := range s.Skipped {
		a.say("skipped: %s", skipped)
	}
	return nil
}
