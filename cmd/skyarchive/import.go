package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store/blobdir"
)

// importFlags are the flags of import.
type importFlags struct {
	document, plcLog string
	allowMissing     bool
	timings          bool
	again            bool
}

func newImportCommand(a *app) *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:     "import <file>...",
		GroupID: groupArchive,
		Short:   "Archive repositories from files (CAR), or add another archive's export",
		Long: `Archive repositories from files, such as an account's own export (Settings, Account,
Export my data on Bluesky gives a CAR file). The files are checked as a download
is. The signature is checked too if you give the account's DID document or the
directory's log, or if the archive knows the account's key, and a file that was signed
with none of these keys is refused; where no key is known the posts are marked
"signature: unchecked", and checked once it is: what somebody else signed stays as
evidence and is not shown. Beside the directory's log a DID document adds no key. Who and
where the account is stays as the network said it last.

A file written by skyarchive export --format ndjson adds what another archive has and
this one lacks: accounts, states, posts that have gone since, and what people decided.
Everything in it is checked in the same way, verdicts of different people stay side by
side, and the same file again changes nothing. Posts by others come with it, each as it was
seen last, and media where the export is a folder and has them beside it.

An export is a file that anybody may have edited. When the other archive saw something
is its word, and stands apart from what this one saw: thread, prove and --cite say so.
What this archive was told itself, of an account or of a post by others, stays; words
that are signed are never replaced by some that are not. A file with a line that no
archive can have written, or with a time that is still to come, is refused.

What people marked in Label Studio is read by skyarchive claims annotations, and a
table of verdicts by skyarchive claims review --from.
` + statusHelp,
		Example: `  skyarchive import repo.car
  skyarchive import colleague.ndjson
  skyarchive import repo.car --did-doc did.json --plc-log plc-log.json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts := archive.ImportOptions{AllowMissing: f.allowMissing, Again: f.again}
			for _, in := range []struct {
				name string
				to   *[]byte
			}{{f.document, &opts.Document}, {f.plcLog, &opts.PLCLog}} {
				if in.name == "" {
					continue
				}
				raw, err := os.ReadFile(in.name)
				if err != nil {
					return unread(in.name, err)
				}
				*in.to = raw
			}
			return importFiles(cmd.Context(), a, args, opts, f.timings)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.document, "did-doc", "", "`file` with the account's DID document (JSON)")
	flags.StringVar(&f.plcLog, "plc-log", "", "`file` with the directory's audit log or operations of the account")
	flags.BoolVar(&f.allowMissing, "allow-missing", false, "take a file that lacks the bytes of posts its tree names")
	flags.BoolVar(&f.again, "again", false, "also take what skyarchive forget took out of these accounts")
	flags.BoolVar(&f.timings, "timings", false, "say how long each stage took")
	return cmd
}

func importFiles(ctx context.Context, a *app, names []string, opts archive.ImportOptions, timings bool) (err error) {
	for _, name := range names {
		if err := importable(name); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(names, archive.IsImportable) { // an empty archive would be left behind
		return fmt.Errorf("import %s: %w", strings.Join(names, ", "), archive.ErrNotImportable)
	}
	s, err := a.create(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	arch := a.archiver(s)
	if timings {
		arch.Timings = new(archive.Timings)
	}
	t := tally{app: a, what: "files", all: len(names)}
	for _, name := range names {
		bar := a.progress(name)
		arch.Progress = bar.show
		var merged archive.Merged
		var rep archive.Report
		var err error
		if archive.IsMerge(name) {
			merged, err = a.merge(ctx, arch, name, opts)
		} else {
			rep, err = arch.Import(ctx, name, opts)
		}
		bar.clear()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			err = fmt.Errorf("import %w", err)
			if n := len(merged.Accounts); n > 0 {
				err = hinted{err, fmt.Sprintf("archived before it from this file: %s; nothing of this one was", count(n, "account"))}
			}
		}
		for _, one := range merged.Accounts {
			if err := t.add(name, one, nil); err != nil {
				return err
			}
		}
		if merged.Accounts != nil && err == nil {
			if err := a.writeAround(name, merged); err != nil {
				return err
			}
			continue
		}
		if err := t.add(name, rep, fetchHint(err)); err != nil {
			return err
		}
		if err := showTimings(a.stderr, arch.Timings); err != nil {
			return err
		}
	}
	return t.end()
}

// importable says why a file cannot be imported, before anything is.
func importable(name string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint := "check its name and folder; nothing was imported"
		if _, bad := atproto.ParseAccount(name); bad == nil {
			hint += "; skyarchive fetch " + name + " downloads an account"
		}
		return hinted{unread(name, err), hint}
	case err != nil:
		return usageError{err}
	case info.IsDir():
		return usagef("%s is a folder; name the files in it", name)
	case !info.Mode().IsRegular():
		return usagef("%s is no regular file, and it has to be read more than once: write it to a file first", name)
	}
	return nil
}

// merge adds another archive's export, with the media that lie beside it.
func (a *app) merge(ctx context.Context, arch *archive.Archiver, name string, opts archive.ImportOptions) (m archive.Merged, err error) {
	open := func() (*blobdir.Dir, error) { return blobdir.Open(a.mediaPath()) } // to see what is here already
	if info, bad := os.Stat(filepath.Join(filepath.Dir(name), "media")); bad == nil && info.IsDir() {
		open = a.createMedia
	}
	media, err := open()
	switch {
	case err == nil:
		defer func() { err = errors.Join(err, media.Close()) }()
		opts.Blobs = media
	case !errors.Is(err, fs.ErrNotExist):
		return m, err
	}
	return arch.Merge(ctx, name, opts)
}

// writeAround says what an export brought besides accounts, and what it did not.
func (a *app) writeAround(name string, m archive.Merged) error {
	if a.json && m.Contexts+m.Unfit+m.Files+m.Absent > 0 {
		return term.JSONLine(a.stdout, struct {
			Name      string `json:"name"`
			Contexts  int    `json:"context_added"`
			Unchecked int    `json:"context_unchecked"`
			Unfit     int    `json:"context_refused,omitempty"`
			Files     int    `json:"media_added"`
			Absent    int    `json:"media_not_beside"`
		}{name, m.Contexts, m.Unchecked, m.Unfit, m.Files, m.Absent})
	}
	if a.quiet || a.json {
		return nil
	}
	var b strings.Builder
	if m.Contexts > 0 {
		fmt.Fprintf(&b, "context: %s by others added", count(m.Contexts, "post"))
		if m.Unchecked > 0 {
			fmt.Fprintf(&b, ", %d of them unchecked: their authors' keys are not known here; fetch --context checks them", m.Unchecked)
		}
		b.WriteString("\n")
	}
	if m.Unfit > 0 {
		fmt.Fprintf(&b, "context: %s by others refused: the bytes are not those that the hash names; fetch --context asks for them\n", count(m.Unfit, "post"))
	}
	if m.Files > 0 {
		fmt.Fprintf(&b, "media: %s added\n", count(m.Files, "file"))
	}
	if m.Absent > 0 {
		fmt.Fprintf(&b, "media: %s not carried, since the folder media is not beside the export; fetch --media downloads what is still there\n", count(m.Absent, "file"))
	}
	_, err := io.WriteString(a.stdout, b.String())
	return err
}
