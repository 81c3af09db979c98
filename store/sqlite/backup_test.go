package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/sqlite"
)

// A backup taken while a transaction is under way has nothing of it, and stands alone.
func TestBackupWhileWriting(t *testing.T) {
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "copy.db")
	err = db.Update(t.Context(), func(w store.Writer) error {
		return w.PutAccount(t.Context(), store.Account{Account: atproto.Account{DID: "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(t.Context(), func(w store.Writer) error {
		return errors.Join(
			w.PutAccount(t.Context(), store.Account{Account: atproto.Account{DID: "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb"}}),
			db.Backup(t.Context(), copied))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), copied); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file that is there: %v, want %v", err, fs.ErrExist)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if got := accounts(t, copied); got != 1 {
		t.Errorf("the copy has %d accounts, want the one that was there", got)
	}
	if got := accounts(t, filepath.Join(dir, "archive.db")); got != 2 {
		t.Errorf("the archive has %d accounts, want 2", got)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 2 {
		t.Errorf("the folder has %v (%v), want the archive and its copy", names, err)
	}
}

func accounts(t *testing.T, path string) int {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = db.View(t.Context(), func(r store.Reader) error {
		list, err := store.Collect(r.Accounts(t.Context()))
		n = len(list)
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return n
}
