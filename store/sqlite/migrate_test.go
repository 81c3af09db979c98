package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"skyarchive/store"
)

// TestMigrate: an archive of an older version is copied aside and brought up to date, in
// one step or not at all.
func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c := <-db.write
	defer func() { db.write <- c }()
	first, err := migrations.ReadFile("migrations/0001_archive.sql")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{
		"migrations/0001_archive.sql": {Data: first},
		"migrations/0002_more.sql":    {Data: []byte("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;")},
		"migrations/0003_broken.sql":  {Data: []byte("CREATE TABLE half (id INTEGER); CREATE TABLE half (id INTEGER);")},
	}
	if err := migrate(t.Context(), c, files, path); err == nil {
		t.Fatal("a broken migration was done")
	}
	var number, tables int
	const count = "SELECT count(*) FROM sqlite_schema WHERE name IN ('more', 'half')"
	if err := errors.Join(c.row(t.Context(), "PRAGMA user_version", nil, &number), c.row(t.Context(), count, nil, &tables)); err != nil {
		t.Fatal(err)
	}
	if number != 2 || tables != 1 {
		t.Errorf("after a broken migration: version %d with %d tables, want 2 with 1", number, tables)
	}

	info, err := os.Stat(path + ".v1")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the copy: %v, %v", info, err)
	}
	aside, err := connect(t.Context(), path+".v1", reading)
	if err != nil {
		t.Fatal(err)
	}
	defer aside.close()
	if err := aside.row(t.Context(), "PRAGMA user_version", nil, &number); err != nil || number != 1 {
		t.Errorf("version of the copy: %d, %v; want 1", number, err)
	}

	if _, err := Open(t.Context(), path); !errors.Is(err, store.ErrTooNew) {
		t.Errorf("an older program: %v, want ErrTooNew", err)
	}
}
