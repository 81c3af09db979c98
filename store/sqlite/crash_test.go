package sqlite_test

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/sqlite"
)

var kills = flag.Int("kills", 6, "how many writers to kill")

// TestMain lets the test binary be the writer that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("SKYARCHIVE_TEST_WRITER"); path != "" {
		m.Run() // parses the flags; -test.run names the writer
		return
	}
	os.Exit(m.Run())
}

const killedPosts = 400

// TestWriterForKill writes one state after another, each with its posts, until it is killed.
// It says on standard output when it begins one.
func TestWriterForKill(t *testing.T) {
	path := os.Getenv("SKYARCHIVE_TEST_WRITER")
	if path == "" {
		return
	}
	c := newCorpus(t, killedPosts)
	db := open(t, path)
	for round := 0; ; round++ {
		part := *c
		part.did = syntax.DID(fmt.Sprintf("did:plc:round%d", round))
		part.posts = nil
		for _, p := range c.posts {
			p.URI = atproto.PathOf(p.URI).URI(part.did)
			part.posts = append(part.posts, p)
		}
		fmt.Println("round")
		if err := part.putAll(t.Context(), db, map[string]time.Duration{}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKill: a writer that is killed at any moment leaves an archive that opens and holds
// each transaction whole or not at all.
func TestKill(t *testing.T) {
	if testing.Short() {
		*kills = 1
	}
	random := rand.New(rand.NewPCG(3, 4))
	dir := t.TempDir()
	path, kept := filepath.Join(dir, "archive.db"), 0
	for i := range *kills {
		if i%2 == 1 { // into the filling of an archive that is empty
			path, kept = filepath.Join(dir, fmt.Sprintf("archive%d.db", i)), 0
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestWriterForKill$")
		cmd.Env = append(os.Environ(), "SKYARCHIVE_TEST_WRITER="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 64)
		for range 1 + random.IntN(2) { // into one of the first transactions
			if _, err := out.Read(buffer); err != nil {
				t.Fatal(err)
			}
		}
		timer := time.AfterFunc(time.Duration(random.IntN(120))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		_, _ = out.Read(make([]byte, 1)) // until it ends or goes on
		if err := cmd.Wait(); err == nil {
			t.Fatal("the writer was not killed")
		}
		timer.Stop()

		db := open(t, path)
		err = db.View(t.Context(), func(r store.Reader) error {
			accounts, err := store.Collect(r.Accounts(t.Context()))
			for _, a := range accounts {
				head, err := r.Head(t.Context(), a.DID)
				if err != nil {
					return err
				}
				entries, err1 := count(r.Manifest(t.Context(), a.DID, head.Commit))
				missing, err2 := count(r.Missing(t.Context(), a.DID))
				posts, err3 := count(r.Posts(t.Context(), store.Query{DID: a.DID}))
				if err := errors.Join(err1, err2, err3); err != nil {
					return err
				}
				if entries != killedPosts || posts != killedPosts || missing != 0 || a.Posts != killedPosts {
					return fmt.Errorf("%s: %d entries, %d missing, %d posts, %d counted", a.DID, entries, missing, posts, a.Posts)
				}
			}
			if len(accounts) < kept {
				return fmt.Errorf("%d accounts where %d were kept", len(accounts), kept)
			}
			kept = len(accounts)
			return err
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		check(t, path)
	}
}

// check lets SQLite check the file, and looks at what is in it.
func check(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var result string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&result); err != nil || result != "ok" {
		t.Errorf("integrity: %s, %v", result, err)
	}
	archive, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	checks, err := archive.Check(t.Context())
	if err := errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if c.Count > 0 {
			t.Errorf("%s: %q", c.Name, c.Wrong)
		}
	}
}

// TestHalfMade: a program that is killed while it makes the file leaves a journal with what
// the file was before. Whoever opens it next goes back to that.
func TestHalfMade(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "archive.db")
	open(t, path).Close()
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	for _, statement := range []string{
		"PRAGMA journal_mode = DELETE", "PRAGMA cache_size = 2", "BEGIN",
		"PRAGMA user_version = 9999", `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
			INSERT INTO meta SELECT 'half made ' || i, hex(randomblob(200)) FROM n`,
	} {
		if _, err := other.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	killed := filepath.Join(t.TempDir(), "archive.db")
	for _, end := range []string{"", "-journal"} {
		raw, err := os.ReadFile(path + end)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(killed+end, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, killed).Close()
	if _, err := os.Stat(killed + "-journal"); err == nil {
		t.Error("the journal is still there")
	}
}
