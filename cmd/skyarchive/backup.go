package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
	"skyarchive/store/blobdir"
)

func newBackupCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "backup <file>",
		GroupID: groupArchive,
		Short:   "Copy the archive to a new file, while it is in use",
		Long: `Write the archive as it is at this moment to a new file, even while a fetch or a
review is writing. The copy is read through and opened before it gets its name;
nothing is ever overwritten. It is an archive like any other: --db FILE opens it.
Downloaded media are files of their own in the folder beside the archive, which is not
copied: it says how many there are, and where to copy them.
` + statusHelp,
		Example: "  skyarchive backup archive-2026-03-01.db\n  skyarchive --db archive-2026-03-01.db verify",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return backup(cmd.Context(), a, args[0])
		},
	}
}

// backupLine is what --json prints of a backup.
type backupLine struct {
	File     string `json:"file"`
	Bytes    int64  `json:"bytes"`
	Accounts int    `json:"accounts"`
	Media    int    `json:"media_not_copied"` // files beside the archive
	Size     int64  `json:"media_bytes"`
}

func backup(ctx context.Context, a *app, name string) (err error) {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	bar := a.progress("backup")
	bar.show("copying and checking", 0, 0)
	err = s.Backup(ctx, name)
	bar.clear()
	switch {
	case errors.Is(err, fs.ErrExist):
		return usagef("%s is there already; a backup never overwrites, choose another name", name)
	case errors.Is(err, fs.ErrNotExist):
		return usageError{err}
	case err != nil:
		return err
	}
	return a.tellBackup(ctx, name)
}

// tellBackup opens the copy as an archive and says what is in it.
func (a *app) tellBackup(ctx context.Context, name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	line := backupLine{File: name, Bytes: info.Size()}
	copied := *a
	copied.db = name
	err = copied.view(ctx, func(r store.Reader) error {
		accounts, err := store.Collect(r.Accounts(ctx))
		line.Accounts = len(accounts)
		return err
	})
	if err != nil {
		return err
	}
	if line.Media, line.Size, err = a.mediaBeside(); err != nil {
		return err
	}
	if a.json {
		return term.JSONLine(a.stdout, line)
	}
	if line.Media > 0 {
		a.say("not in the copy: %s of media, %s; copy the folder %s to %s.media",
			count(line.Media, "file"), sizeText(line.Size), a.mediaPath(), behindLinks(name))
	}
	_, err = fmt.Fprintf(a.stdout, "%s: %s, %.1f MB, checked\n", name, count(line.Accounts, "account"), float64(line.Bytes)/1e6)
	return err
}

// mediaBeside counts the files of media and their bytes.
func (a *app) mediaBeside() (files int, size int64, err error) {
	dir, err := blobdir.Open(a.mediaPath())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("open the folder of media: %w", err)
	}
	defer dir.Close()
	for _, cid := range dir.All() {
		n, here, err := dir.Has(cid)
		if err != nil {
			return 0, 0, err
		}
		if here {
			files++
			size += n
		}
	}
	return files, size, nil
}
