package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/sqlite"
)

// write makes a file and returns its path.
func write(t *testing.T, name string, content []byte, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// execute runs statements on a file with a connection of its own.
func execute(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	foreign := filepath.Join(t.TempDir(), "other.db")
	execute(t, foreign, "CREATE TABLE recipe (name)", "INSERT INTO recipe VALUES ('tarte')")
	newer := filepath.Join(t.TempDir(), "newer.db")
	open(t, newer).Close()
	execute(t, newer, "PRAGMA user_version = 1000")
	archive := filepath.Join(t.TempDir(), "archive.db")
	open(t, archive).Close()
	cut, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}

	for name, c := range map[string]struct {
		path string
		want error
	}{
		"a folder":                     {t.TempDir(), store.ErrForeign},
		"a text":                       {write(t, "notes.txt", []byte("Ceci n'est pas une base de données."), 0o600), store.ErrForeign},
		"a short text":                 {write(t, "a", []byte("a"), 0o600), store.ErrForeign},
		"another program's database":   {foreign, store.ErrForeign},
		"a newer archive":              {newer, store.ErrTooNew},
		"a file in no folder":          {filepath.Join(t.TempDir(), "none", "archive.db"), os.ErrNotExist},
		"an archive without its pages": {write(t, "cut.db", cut[:len(cut)/2], 0o600), store.ErrDamaged},
	} {
		before, _ := os.ReadFile(c.path)
		db, err := sqlite.Open(t.Context(), c.path)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err == nil {
			db.Close()
		}
		if after, _ := os.ReadFile(c.path); string(after) != string(before) {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestOpenReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive.db")
	open(t, path).Close()
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil { // root may write everything
		f.Close()
		return
	}
	if _, err := sqlite.Open(t.Context(), path); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a file that cannot be written: %v, want ErrReadOnly", err)
	}
}

// TestFile: only its owner can read the file, odd names are names, and a closed archive is
// one file.
func TestFile(t *testing.T) {
	for _, name := range []string{"archive.db", "a b#c?d%20é.db", "file:x?mode=memory"} {
		folder := t.TempDir()
		path := filepath.Join(folder, name)
		db := open(t, path)
		err := db.Update(t.Context(), func(w store.Writer) error {
			return w.PutAccount(t.Context(), store.Account{Account: atproto.Account{DID: "did:plc:a"}})
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(folder)
		if err != nil || len(files) != 1 || files[0].Name() != name {
			t.Errorf("%s: files %v, %v", name, files, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		err = open(t, path).View(t.Context(), func(r store.Reader) error {
			_, err := r.Account(t.Context(), "did:plc:a")
			return err
		})
		if err != nil {
			t.Errorf("%s, opened again: %v", name, err)
		}
	}
}

func TestClosed(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "archive.db"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.View(t.Context(), func(store.Reader) error { return nil }); err == nil {
		t.Error("a closed archive can be read")
	}
	if err := db.Update(t.Context(), func(store.Writer) error { return nil }); err == nil {
		t.Error("a closed archive can be written")
	}
}

// TestBusy: who cannot wait for another writer is told so.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive.db")
	one, two := open(t, path), open(t, path)
	err := one.Update(t.Context(), func(store.Writer) error {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := two.Update(ctx, func(store.Writer) error { return nil })
		if !errors.Is(err, store.ErrBusy) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second writer: %v", err)
		}
		return two.View(t.Context(), func(r store.Reader) error { return nil })
	})
	if err != nil {
		t.Error(err)
	}
	if err := two.Update(t.Context(), func(store.Writer) error { return nil }); err != nil {
		t.Errorf("after the first writer: %v", err)
	}
}

// TestDecisionsAreGuarded: no other program changes them either.
func TestDecisionsAreGuarded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive.db")
	open(t, path).Close()
	execute(t, path, `INSERT INTO decision (id, kind, did, subject, author, at, body) VALUES ('a', 'review', 'd', 's', 'b', 't', '{}')`)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{"UPDATE decision SET author = 'c'", "DELETE FROM decision"} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("%s was done", statement)
		}
	}
}
