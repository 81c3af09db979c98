package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"skyarchive/store"
)

// Backup implements [store.Store]. The copy is one file without free pages.
func (db *DB) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s: %w", path, fs.ErrExist), err)
	}
	err := copyTo(ctx, db.path, path, func(part string) error {
		if err := checkCopy(ctx, part); err != nil {
			return fmt.Errorf("the copy is not whole: %w", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// copyTo copies an archive. The copy is written beside its place under a name that is its own,
// checked and synced, and only then appears there.
func copyTo(ctx context.Context, archive, path string, check func(part string) error) (err error) {
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, part.Close(), removed(part.Name())) }()
	c, err := connect(ctx, archive, copying)
	if err != nil {
		return err
	}
	_, err = c.c.ExecContext(ctx, "VACUUM INTO ?", part.Name())
	if err = errors.Join(failure(err), c.close()); err != nil {
		return err
	}
	if check != nil {
		if err := check(part.Name()); err != nil {
			return err
		}
	}
	if err := part.Sync(); err != nil {
		return err
	}
	return place(part.Name(), path)
}

// checkCopy opens a copy as any archive and reads all of it.
func checkCopy(ctx context.Context, path string) error {
	c, err := connect(ctx, path, looking)
	if err != nil {
		return err
	}
	var said string
	_, _, err = version(ctx, c)
	if err == nil {
		err = c.row(ctx, "PRAGMA integrity_check(1)", nil, &said)
	}
	if err == nil && said != "ok" {
		err = fmt.Errorf("%w: %s", store.ErrDamaged, said)
	}
	return errors.Join(err, c.close())
}

// place gives a file its name, unless something is there by now.
func place(part, path string) error {
	err := os.Link(part, path)
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	if err != nil { // a file system without links
		if _, there := os.Lstat(path); !errors.Is(there, fs.ErrNotExist) {
			return fmt.Errorf("%s: %w", path, fs.ErrExist)
		}
		if err := os.Rename(part, path); err != nil {
			return err
		}
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a new name last. Some systems cannot sync a folder, which is no error.
func syncFolder(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	_ = dir.Sync()
	return dir.Close()
}

func removed(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
