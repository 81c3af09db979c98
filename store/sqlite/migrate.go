package sqlite

import (
	"bytes"
	"context"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"skyarchive/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks an archive in the header of the file: "skya".
const applicationID = 0x736b7961

// prepareFile makes the file if there is none, so that only its owner can read it, and
// refuses what cannot be an archive without touching it. It says whether the file is marked
// as an archive; one without the mark may still be one, whose first page is in its log only.
func prepareFile(path string) (marked bool, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return false, nil // another process was faster
		}
		if err != nil {
			return false, err
		}
		return false, f.Close()
	case err != nil:
		return false, err
	case info.IsDir():
		return false, fmt.Errorf("%w: it is a folder", store.ErrForeign)
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("%w: it is no regular file", store.ErrForeign)
	}

	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return false, fmt.Errorf("%w: %w", store.ErrReadOnly, err)
		}
		return false, err
	}
	defer f.Close()
	head := make([]byte, 100) // https://www.sqlite.org/fileformat2.html#the_database_header
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if !bytes.HasPrefix(head[:n], []byte("SQLite format 3\x00")) {
		return false, store.ErrForeign
	}
	return n == len(head) && binary.BigEndian.Uint32(head[68:]) == applicationID, nil
}

// checkForeign refuses another program's database before anything is set on it.
func checkForeign(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 {
		return err
	}
	look := func(u use) error {
		c, err := connect(ctx, path, u)
		if err != nil {
			return err
		}
		_, _, err = version(ctx, c)
		return errors.Join(err, c.close())
	}
	err = look(looking)
	if errors.Is(err, store.ErrReadOnly) {
		// A program that was killed left a journal, and to read the file is to undo what it
		// had begun. Whatever opened this file next would do the same.
		err = look(undoing)
	}
	return err
}

// version is the number of the last migration of a file, with the number of its tables. One
// query reads all, for another process may be making the file.
func version(ctx context.Context, c *conn) (version, tables int, err error) {
	const query = `SELECT application_id, user_version, tables FROM pragma_application_id, pragma_user_version,
		(SELECT count(*) AS tables FROM sqlite_schema)`
	var app int
	if err := c.row(ctx, query, nil, &app, &version, &tables); err != nil {
		return 0, 0, err
	}
	if app != applicationID && (app != 0 || version != 0 || tables != 0) {
		return 0, 0, store.ErrForeign
	}
	return version, tables, nil
}

// migrate brings a file up to the last of the migrations, in one transaction: nobody sees a
// version between. copied is called with the name of the copy of an older file.
func migrate(ctx context.Context, c *conn, files fs.FS, path string, copied func(aside string)) (err error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return err
	}
	if now, err := versionUpTo(ctx, c, len(names)); err != nil || now == len(names) {
		return err
	}
	if err := c.begin(ctx); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			c.rollback(ctx)
		}
	}()
	now, err := versionUpTo(ctx, c, len(names)) // another process may have done it while this one waited
	if err != nil {
		return err
	}
	if now > 0 && now < len(names) {
		aside := path + ".v" + strconv.Itoa(now)
		if err := copyAside(ctx, path, aside); err != nil {
			return err
		}
		copied(aside)
	}
	for i := now; i < len(names); i++ {
		if err := apply(ctx, c, files, names[i], i+1); err != nil {
			return fmt.Errorf("upgrade to version %d: %w", i+1, err)
		}
	}
	return c.exec(ctx, "COMMIT")
}

// versionUpTo is the version of a file, which must be none that only a newer program knows.
func versionUpTo(ctx context.Context, c *conn, last int) (int, error) {
	now, _, err := version(ctx, c)
	if err == nil && now > last {
		err = store.ErrTooNew
	}
	return now, err
}

// copyAside writes the archive as it is to another file; a copy that is there stays. It reads
// the file with a connection of its own, for the one that upgrades is in a transaction.
func copyAside(ctx context.Context, path, aside string) error {
	if _, err := os.Stat(aside); err == nil {
		return nil
	}
	if err := copyTo(ctx, path, aside, nil); err != nil {
		return fmt.Errorf("copy aside: %w", err)
	}
	return nil
}

func apply(ctx context.Context, c *conn, files fs.FS, name string, number int) error {
	script, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	script = fmt.Appendf(script, "\nPRAGMA application_id = %d;\nPRAGMA user_version = %d;\n", applicationID, number)
	_, err = c.c.ExecContext(ctx, string(script))
	return failure(err)
}
