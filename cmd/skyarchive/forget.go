package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
	"skyarchive/store/blobdir"
)

func newForgetCommand(a *app) *cobra.Command {
	var f forgetFlags
	cmd := &cobra.Command{
		Use:     "forget [account or post]...",
		GroupID: groupArchive,
		Short:   "Take a post or an account out of the archive, so that no word of it is left",
		Long: `Take posts, or everything of accounts, out of the archive: the bytes of all versions,
what was read in them, their words in the index, their media, their copies that are
kept since others answer or quote them, and the words of reviews and other decisions
about them. Then the file is written anew, so that nothing is left in its raw bytes.

What stays: path and hash of each post, without which the signed states of the account
could not be checked; that it was forgotten, when and by whom; of decisions, who made
them, when, and the verdict. Threads show a gap. Later fetches and imports do not bring
it back, unless you say --again to them.

Without --confirmed nothing is changed: what would go is listed. Without a name, what
was forgotten is listed, and a run that was stopped is brought to its end.

Where the folder beside the archive lacks media that the archive keeps, nothing is
forgotten, for they may lie elsewhere; --absent-media says that they are gone.
` + statusHelp,
		Example: `  skyarchive forget https://bsky.app/profile/alice.bsky.social/post/3kabcdefghijk
  skyarchive forget alice.bsky.social --confirmed
  skyarchive forget`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listForgotten(cmd.Context(), a)
			}
			by, err := a.reviewer(f.as)
			if err != nil {
				return err
			}
			return forget(cmd.Context(), a, args, by, f)
		},
	}
	cmd.Flags().BoolVar(&f.confirmed, "confirmed", false, "do it; it cannot be undone")
	cmd.Flags().BoolVar(&f.absent, "absent-media", false, "also where files of media should be beside the archive and are not")
	cmd.Flags().StringVar(&f.as, "as", "", "who decides this (SKYARCHIVE_REVIEWER; default: your login name)")
	return cmd
}

type forgetFlags struct {
	confirmed, absent bool
	as                string
}

// forgetLine is what --json prints of a post or an account that is forgotten.
type forgetLine struct {
	DID       syntax.DID     `json:"did"`
	URI       syntax.ATURI   `json:"uri,omitempty"`
	Done      bool           `json:"done"` // false: a dry run
	Posts     int            `json:"posts"`
	Records   int            `json:"records"`
	Bytes     int64          `json:"bytes"`
	Claims    int            `json:"claims"`
	Contexts  int            `json:"context_copies"`
	Decisions int            `json:"decisions_without_words"`
	Files     int            `json:"files"`
	Absent    int            `json:"files_absent"`
	Shared    []syntax.ATURI `json:"same_bytes_stay_at,omitempty"`
	Beyond    []string       `json:"out_of_reach"`
}

func forget(ctx context.Context, a *app, names []string, by string, f forgetFlags) (err error) {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var list []store.Forgetting
	err = s.View(ctx, func(r store.Reader) error {
		for _, name := range names {
			one, err := forgettable(ctx, r, name)
			if err != nil {
				return err
			}
			one.By, one.At = by, a.now().UTC()
			list = append(list, one)
		}
		return nil
	})
	if err != nil {
		return err
	}
	opts := archive.ForgetOptions{DryRun: !f.confirmed, Absent: f.absent}
	if err := a.mediaTwice(); err != nil {
		return err
	}
	media, err := blobdir.Open(a.mediaPath())
	switch {
	case err == nil:
		defer func() { err = errors.Join(err, media.Close()) }()
		opts.Blobs = media
	case !errors.Is(err, fs.ErrNotExist):
		return archiveError{fmt.Errorf("open the folder of media: %w", err)}
	}
	beyond, err := a.outOfReach()
	if err != nil {
		return err
	}
	arch := a.archiver(s)
	for _, what := range list {
		bar := a.progress(string(what.DID))
		arch.Progress = bar.show
		gone, err := arch.Forget(ctx, what, opts)
		bar.clear()
		if errors.Is(err, archive.ErrNoFiles) {
			return hinted{fmt.Errorf("%w, in %s", err, a.mediaPath()),
				"if they lie elsewhere, since the archive was moved, copied or opened by another name, bring them there first; if they are gone, add --absent-media"}
		}
		if err != nil {
			return err
		}
		if err := a.writeForgot(gone, f.confirmed, beyond); err != nil {
			return err
		}
	}
	if !f.confirmed {
		a.sayBeyond(beyond)
		a.say("nothing was changed, since this is a dry run; --confirmed does it, and it cannot be undone")
		return nil
	}
	if err := a.overwrite(ctx, s); err != nil {
		return err
	}
	a.sayBeyond(beyond)
	return nil
}

// overwrite brings to its end what Forget began.
func (a *app) overwrite(ctx context.Context, s store.Store) error {
	bar := a.progress("forget")
	bar.show("writing the file anew", 0, 0)
	err := s.Overwrite(ctx)
	bar.clear()
	if err != nil {
		return hinted{err, "it is forgotten, but words may be left in the raw bytes of the file; skyarchive forget, without a name, overwrites them"}
	}
	return nil
}

// forgettable is the post or the account that a person means.
func forgettable(ctx context.Context, r store.Reader, name string) (store.Forgetting, error) {
	var f store.Forgetting
	uri, err := atproto.ParsePost(name)
	if err != nil {
		f.DID, err = authorNamed(ctx, r, name)
		if !errors.Is(err, store.ErrNotFound) || strings.ContainsAny(name, ".:/@") {
			return f, err
		}
		if f.URI, err = postNamed(ctx, r, name); err != nil {
			return f, err
		}
		f.DID = syntax.DID(atproto.AuthorOf(f.URI))
		return f, nil
	}
	if f.DID, err = authorNamed(ctx, r, atproto.AuthorOf(uri)); err != nil {
		return f, err
	}
	f.URI = atproto.PathOf(uri).URI(f.DID)
	return f, nil
}

// authorNamed is an archived account, or one whose posts are kept since others answer or
// quote them.
func authorNamed(ctx context.Context, r store.Reader, name string) (syntax.DID, error) {
	acc, err := accountNamed(ctx, r, name)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return acc.DID, err
	}
	id, bad := atproto.ParseAccount(name)
	if bad != nil {
		return "", err
	}
	if did, bad := id.AsDID(); bad == nil {
		return did, nil
	}
	for c, bad := range r.Contexts(ctx) {
		if bad != nil {
			return "", bad
		}
		if strings.EqualFold(c.Handle, id.String()) {
			return syntax.DID(atproto.AuthorOf(c.URI)), nil
		}
	}
	return "", err
}

// outOfReach are the copies of the archive that are known and that forget does not touch.
func (a *app) outOfReach() ([]string, error) {
	names, err := filepath.Glob(globEscaped(a.dbFile()) + ".v[0-9]*")
	if err != nil {
		return nil, err
	}
	return append([]string{}, names...), nil
}

// globEscaped is a path that Glob takes as it is.
func globEscaped(path string) string {
	if filepath.Separator == '\\' { // there it escapes nothing
		return path
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

func (a *app) sayBeyond(beyond []string) {
	for _, name := range beyond {
		a.say("not touched: %s, the archive as it was before an upgrade; delete it", name)
	}
	a.say("out of reach: exports, backups and proofs that were made before; notes on other posts, and posts by others, that repeat its words; what the disk keeps of files that are gone")
}

func (a *app) writeForgot(g archive.Forgot, done bool, beyond []string) error {
	if a.json {
		return term.JSONLine(a.stdout, forgetLine{
			g.What.DID, g.What.URI, done, g.Removed.Posts, g.Records, g.Bytes, g.Claims, g.Contexts, g.Decisions, g.Files, g.Absent, g.Shared, beyond,
		})
	}
	var b strings.Builder
	verb := "would go"
	if done {
		verb = "forgotten"
	}
	fmt.Fprintf(&b, "%s: %s\n", verb, forgotName(g, !done))
	line := func(n int, format string, args ...any) {
		if n > 0 {
			fmt.Fprintf(&b, "  "+format+"\n", args...)
		}
	}
	line(g.Records, "%s, %s", count(g.Records, "record"), sizeText(g.Bytes))
	if g.What.URI == "" {
		line(g.Removed.Posts, "%s, with their words in the index", count(g.Removed.Posts, "post"))
	}
	line(g.Claims, "%s", count(g.Claims, "claim"))
	line(g.Contexts, "%s kept since others answer or quote it", count(g.Contexts, "version"))
	line(g.Files, "%s of media, %s", count(g.Files, "file"), sizeText(g.Size))
	line(g.Absent, "of media that should be in %s, but not there: %s", a.mediaPath(), count(g.Absent, "file"))
	line(g.Decisions, "the words of %s (%s); that they were made stays", count(g.Decisions, "decision"), strings.Join(g.Deciders, ", "))
	if g.Thread != nil {
		fmt.Fprintf(&b, "  the thread %s keeps a gap\n", g.Thread.ID)
	}
	for _, uri := range g.Shared {
		fmt.Fprintf(&b, "  the same bytes stay, since they are also the post %s\n", uri)
	}
	_, err := io.WriteString(a.stdout, b.String())
	return err
}

// forgotName names what goes; with its first words only while they are still there.
func forgotName(g archive.Forgot, words bool) string {
	who := string(g.What.DID)
	if g.Account.DID != "" {
		who = g.Account.Mention()
	} else if g.Context != nil && g.Context.Handle != "" {
		who = "@" + g.Context.Handle
	}
	if g.What.URI == "" {
		return "everything of " + who
	}
	text := ""
	switch {
	case !words:
	case g.Post != nil:
		text = g.Post.Text
	case g.Context != nil:
		text = g.Context.Text
	}
	name := "the post " + string(g.What.URI) + " by " + who
	if text != "" {
		name += ": « " + term.Cut(strings.Join(strings.Fields(text), " "), 60) + " »"
	}
	return name
}

// listForgotten lists what was forgotten, and overwrites what a stopped run left.
func listForgotten(ctx context.Context, a *app) (err error) {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := a.overwrite(ctx, s); err != nil {
		return err
	}
	loc, err := a.location()
	if err != nil {
		return err
	}
	return s.View(ctx, func(r store.Reader) error {
		list, err := store.Collect(r.Forgettings(ctx, ""))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			a.say("nothing was forgotten here")
		}
		for _, f := range list {
			if a.json {
				err = term.JSONLine(a.stdout, struct {
					DID syntax.DID   `json:"did"`
					URI syntax.ATURI `json:"uri,omitempty"`
					At  time.Time    `json:"at"`
					By  string       `json:"by"`
				}{f.DID, f.URI, f.At.UTC(), f.By})
			} else {
				what := string(f.URI)
				if what == "" {
					what = "everything of " + string(f.DID)
				}
				_, err = fmt.Fprintf(a.stdout, "%s  %s  by %s\n", term.Moment(f.At, loc), what, f.By)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
