package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
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
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	last := len(files)
	for i, name := range files { // two of one number would leave one undone in an archive that has the other
		if want := fmt.Sprintf("migrations/%04d_", i+1); !strings.HasPrefix(name, want) {
			t.Errorf("%s: its number should be as in %s", name, want)
		}
	}
	longer := fstest.MapFS{
		"migrations/9998_more.sql": {Data: []byte("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;")},
	}
	for _, name := range files {
		longer[name] = &fstest.MapFile{}
	}
	broken := maps.Clone(longer)
	broken["migrations/9999_broken.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE half (id INTEGER); CREATE TABLE half (id INTEGER);")}
	var number, tables int
	expect := func(what string, wantNumber, wantTables int) {
		t.Helper()
		const count = "SELECT count(*) FROM sqlite_schema WHERE name IN ('more', 'half')"
		if err := errors.Join(c.row(t.Context(), "PRAGMA user_version", nil, &number), c.row(t.Context(), count, nil, &tables)); err != nil {
			t.Fatal(err)
		}
		if number != wantNumber || tables != wantTables {
			t.Errorf("%s: version %d with %d tables, want %d with %d", what, number, tables, wantNumber, wantTables)
		}
	}
	if err := migrate(t.Context(), c, broken, path, func(string) {}); err == nil {
		t.Fatal("a broken migration was done")
	}
	expect("after a broken migration", last, 0)
	if err := migrate(t.Context(), c, longer, path, func(string) {}); err != nil {
		t.Fatal(err)
	}
	expect("after an upgrade", last+1, 1)

	aside := fmt.Sprintf("%s.v%d", path, last)
	info, err := os.Stat(aside)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the copy: %v, %v", info, err)
	}
	before, err := connect(t.Context(), aside, reading)
	if err != nil {
		t.Fatal(err)
	}
	defer before.close()
	if err := before.row(t.Context(), "PRAGMA user_version", nil, &number); err != nil || number != last {
		t.Errorf("version of the copy: %d, %v; want %d", number, err, last)
	}

	if _, err := Open(t.Context(), path); !errors.Is(err, store.ErrTooNew) {
		t.Errorf("an older program: %v, want ErrTooNew", err)
	}
}
