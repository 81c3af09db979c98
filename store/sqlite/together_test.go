package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// together runs fn in several goroutines at once.
func together(t *testing.T, fn func() error) {
	t.Helper()
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range 6 {
		wg.Go(func() {
			<-start
			if err := fn(); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
}

// A new archive may be made by several programs at once: none of them fails, and none takes it
// for an archive of an older version.
func TestNewTogether(t *testing.T) {
	for round := range 20 {
		path := filepath.Join(t.TempDir(), "archive.db")
		if round%2 == 1 {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		together(t, func() error {
			db, err := Options{Told: func(text string) { t.Error("told:", text) }}.Open(t.Context(), path)
			if err != nil {
				return err
			}
			return db.Close()
		})
		if aside, _ := filepath.Glob(path + ".v*"); len(aside) > 0 || t.Failed() {
			t.Fatalf("round %d made copies %v", round, aside)
		}
	}
}

// An older archive is brought up to date once, and copied aside once, as it was.
func TestUpgradeTogether(t *testing.T) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	longer := fstest.MapFS{"migrations/9998_more.sql": {Data: []byte("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;")}}
	for _, name := range files {
		longer[name] = &fstest.MapFile{}
	}
	path := filepath.Join(t.TempDir(), "archive.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	// As much as a copy takes a while to write.
	err = db.writing(t.Context(), func(c *conn) error {
		return c.exec(t.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
			INSERT INTO meta (name, value) SELECT 'x' || i, hex(randomblob(300)) FROM n`)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}

	var copies atomic.Int64
	together(t, func() error {
		c, err := connect(t.Context(), path, writing)
		if err != nil {
			return err
		}
		return errors.Join(migrate(t.Context(), c, longer, path, func(string) { copies.Add(1) }), c.close())
	})
	if n := copies.Load(); n != 1 {
		t.Errorf("it was copied aside %d times", n)
	}
	left, err := filepath.Glob(path + ".v*")
	if want := fmt.Sprintf("%s.v%d", path, len(files)); err != nil || len(left) != 1 || left[0] != want {
		t.Fatalf("copies: %v (%v), want %s", left, err, want)
	}
	c, err := connect(t.Context(), left[0], looking)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if now, _, err := version(t.Context(), c); err != nil || now != len(files) {
		t.Errorf("the copy has version %d (%v), want %d", now, err, len(files))
	}
}

const filled = syntax.DID("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")

// put keeps one record of an account.
func put(t *testing.T, w store.Writer, record []byte) error {
	return errors.Join(
		w.PutAccount(t.Context(), store.Account{Account: atproto.Account{DID: filled}}),
		w.PutRecord(t.Context(), filled, atproto.CIDOf(record), record))
}

// Who fills an archive that another program has filled meanwhile finds what is in it.
func TestFillAfterAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive.db")
	one, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	two, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	record := []byte("\xa1\x61a\x01")
	if err := one.Fill(t.Context(), func(w store.Writer) error { return put(t, w, record) }); err != nil {
		t.Fatal(err)
	}
	// As if two had asked before one wrote.
	err = two.writing(t.Context(), func(c *conn) error {
		err := fill(t.Context(), c, func(w store.Writer) error {
			got, err := w.Record(t.Context(), filled, atproto.CIDOf(record))
			if string(got) != string(record) {
				t.Errorf("record %q (%v), want the one that is kept", got, err)
			}
			return put(t, w, record)
		})
		if err != nil {
			return err
		}
		var records, indexes int
		err = errors.Join(
			c.row(t.Context(), `SELECT count(*) FROM record`, nil, &records),
			c.row(t.Context(), `SELECT count(*) FROM sqlite_schema WHERE name IN ('record_prefix', 'claim_id')`, nil, &indexes))
		if records != 1 || indexes != 2 {
			t.Errorf("%d records and %d indexes, want 1 and 2", records, indexes)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Who comes while an archive is first filled waits, and is told for what if that takes too long.
func TestOpenWhileFilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	opened := make(chan error, 1)
	err = db.Fill(t.Context(), func(w store.Writer) error {
		c, err := connect(t.Context(), path, reading)
		if err != nil {
			return err
		}
		defer c.close()
		if err := occupied(path, c.patient(t.Context(), withLog, 0)); !errors.Is(err, errFilling) {
			t.Errorf("who does not wait: %v, want %v", err, errFilling)
		}
		go func() {
			other, err := Open(t.Context(), path)
			if err == nil {
				err = errors.Join(other.View(t.Context(), func(r store.Reader) error {
					_, err := r.Account(t.Context(), filled)
					return err
				}), other.Close())
			}
			opened <- err
		}()
		select {
		case err := <-opened:
			t.Errorf("opened while the archive is filled: %v", err)
			opened <- err
		case <-time.After(50 * time.Millisecond):
		}
		return put(t, w, []byte("\xa1\x61a\x01"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
}
