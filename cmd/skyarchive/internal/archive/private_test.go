package archive

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/polite"
	"skyarchive/store/sqlite"
)

// TestPrivateServer: a directory may name any address as an account's server. One at a
// private address is never asked.
func TestPrivateServer(t *testing.T) {
	t.Parallel()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	lou := net.Account("lou.test")
	lou.Post("Un.")
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a := &Archiver{
		Store:      s,
		HTTP:       (&polite.Transport{}).Client(),
		Identities: &identity.Resolver{HTTP: http.DefaultClient, PLC: net.URL, HandleResolver: net.URL},
		TempDir:    t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	_, err = a.Fetch(t.Context(), syntax.AtIdentifier(lou.DID()), FetchOptions{})
	if !errors.Is(err, polite.ErrRefused) || !strings.Contains(err.Error(), "a private address (--allow-private allows it)") {
		t.Errorf("Fetch: %v", err)
	}
	for _, r := range net.Requests() {
		if strings.Contains(r.Path, "com.atproto.sync") {
			t.Errorf("the server was asked: %v", r)
		}
	}
}

// TestSweep: files that killed runs left behind go when they are old, those of other
// programs stay, and a file of this run has no name at all where that can be.
func TestSweep(t *testing.T) {
	t.Parallel()
	a := &Archiver{TempDir: t.TempDir(), Now: time.Now}
	const old = 25 * time.Hour
	files := []struct {
		name  string
		age   time.Duration
		stays bool
	}{
		{"skyarchive-1.car.tmp", old, false},
		{"skyarchive-3.words.tmp", old, false},
		{"skyarchive-2.car.tmp", time.Hour, true},
		{"skyarchive-mine.car.tmp", old, true},
		{"skyarchive-2026-11-01-export.car", old, true},
		{"skyarchive-20261101.car", old, true},
		{"other-1.car.tmp", old, true},
	}
	for _, f := range files {
		path, at := filepath.Join(a.TempDir, f.name), time.Now().Add(-f.age)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	a.Sweep()
	stay := 0
	for _, f := range files {
		_, err := os.Stat(filepath.Join(a.TempDir, f.name))
		if f.stays == errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s stays: %v, want %v", f.name, !f.stays, f.stays)
		}
		if f.stays {
			stay++
		}
	}
	d, err := a.temp()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.file.WriteString("bytes"); err != nil {
		t.Error(err)
	}
	d.discard()
	if left, err := os.ReadDir(a.TempDir); err != nil || len(left) != stay {
		t.Errorf("a download that was thrown away leaves %v, %v", left, err)
	}
}
