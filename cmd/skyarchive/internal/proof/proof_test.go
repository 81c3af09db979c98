package proof_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	indigo "github.com/bluesky-social/indigo/atproto/repo"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/polite"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/proof"
	"skyarchive/store"
	"skyarchive/store/sqlite"
)

// Proofs of a live, an edited and a deleted post, signed with a key that the account has no
// more, are accepted by indigo's code, which knows nothing of this program.
func TestProofForIndigo(t *testing.T) {
	t.Parallel()
	s, posts := archived(t)
	for _, tt := range []struct {
		name, words string
		post        atproto.Ref
		version     bool // the one of the Ref, not the last one
		edited      bool
		gone        bool
		page        []string
	}{
		{"live", "Un post <qui> reste & 'vaut' +2 \x00.", posts["live"], false, false, false, []string{"Un post &lt;qui&gt; reste", "une courbe", "It was still there"}},
		{"edited", "14 TWh en 2024.", posts["edited"], false, false, false, []string{"14 TWh en 2024."}},
		{"before the edit", "12 TWh en 2024.", posts["edited"], true, true, false, []string{"12 TWh en 2024.", "Modifié depuis", "Edited since"}},
		{"deleted", "Effacé ensuite.", posts["deleted"], false, false, true, []string{"Effacé ensuite.", "Supprimé depuis", "Deleted since"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cid, err := atproto.ParseCID(tt.post.CID)
			if err != nil {
				t.Fatal(err)
			}
			if !tt.version {
				cid = atproto.CID{}
			}
			dir := filepath.Join(t.TempDir(), "proof")
			stated := write(t, s, tt.post, cid, dir)
			if stated.Text != tt.words || stated.Edited != tt.edited || (stated.Gone != nil) != (tt.edited || tt.gone) || stated.Operation == "" {
				t.Errorf("it states %+v", stated)
			}
			path := []byte(atproto.PathOf(tt.post.URI))
			if got := readIndigo(t, dir, "post.car", stated.Key, path); got != stated.CID.String() {
				t.Errorf("indigo finds %q, want %s", got, stated.CID)
			}
			_, err = os.Stat(filepath.Join(dir, "gone.car"))
			if errors.Is(err, fs.ErrNotExist) == tt.gone {
				t.Errorf("gone.car: %v", err)
			}
			if tt.gone {
				if got := readIndigo(t, dir, "gone.car", "", path); got != "" {
					t.Errorf("indigo finds %s in gone.car", got)
				}
			}
			page, err := os.ReadFile(filepath.Join(dir, "post.html"))
			if err != nil {
				t.Fatal(err)
			}
			for _, words := range tt.page {
				if !strings.Contains(string(page), words) {
					t.Errorf("the page does not say %q", words)
				}
			}
			checked, err := proof.CheckFolder(t.Context(), dir)
			if err != nil || checked.Text != tt.words || checked.Signature != atproto.SignatureValid || checked.Absent != tt.gone {
				t.Errorf("checked: %+v, %v", checked, err)
			}
		})
	}
}

// Words that were changed together with the checksums are not those of the signed record.
func TestForgedFolder(t *testing.T) {
	t.Parallel()
	s, posts := archived(t)
	for _, tt := range []struct{ file, from, to, says string }{
		{"proof.json", "Effacé ensuite.", "Inventé ensuite.", "other words"},
		{"post.html", "Effacé ensuite.", "Inventé ensuite.", "other words"},
		{"proof.json", `"claimed_created_at": "2025`, `"claimed_created_at": "2015`, "other words"},
		{"proof.json", `"did": "did:plc:`, `"did": "did:plc:aaaa`, "its post is one of did:plc:"},
		{"proof.json", `"rev": "3`, `"rev": "4`, "another later state"},
		{"proof.json", `"commit": "bafyrei`, `"commit": "bafyreia`, ""},
		{"plc-log.json", "lou.test", "max.test", "plc-log.json"},
	} {
		dir := filepath.Join(t.TempDir(), "proof")
		write(t, s, posts["deleted"], atproto.CID{}, dir)
		if _, err := proof.CheckFolder(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, tt.file)
		raw, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(raw, []byte(tt.from)) {
			t.Fatalf("%s does not hold %q (%v)", tt.file, tt.from, err)
		}
		forged := bytes.ReplaceAll(raw, []byte(tt.from), []byte(tt.to))
		sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		sums = bytes.Replace(sums, fmt.Appendf(nil, "%x", sha256.Sum256(raw)), fmt.Appendf(nil, "%x", sha256.Sum256(forged)), 1)
		if err := errors.Join(os.WriteFile(name, forged, 0o600), os.WriteFile(filepath.Join(dir, "SHA256SUMS"), sums, 0o600)); err != nil {
			t.Fatal(err)
		}
		if _, err := proof.CheckFolder(t.Context(), dir); !errors.Is(err, proof.ErrUnproved) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s with %q: %v", tt.file, tt.to, err)
		}
	}
}

// archived is an archive of an account that edited, deleted and changed its key.
func archived(t *testing.T) (store.Store, map[string]atproto.Ref) {
	t.Helper()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { net.Close() })
	lou := net.Account("lou.test")
	lou.Many(40, 40)
	posts := map[string]atproto.Ref{
		"live": lou.Post("Un post <qui> reste & 'vaut' +2 \x00.", atprototest.Image("une courbe")), "edited": lou.Post("12 TWh en 2024."), "deleted": lou.Post("Effacé ensuite."),
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	client := (&polite.Transport{AllowPrivate: true}).Client()
	a := archive.Archiver{
		Store: s, HTTP: client, Identities: &identity.Resolver{HTTP: client, PLC: net.URL, HandleResolver: net.URL},
		TempDir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	fetch := func() {
		if err := net.Err(); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Fetch(t.Context(), "lou.test", archive.FetchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	fetch()
	lou.Edit(posts["edited"], "14 TWh en 2024.")
	lou.Delete(posts["deleted"])
	fetch()
	lou.RotateKey()
	lou.Post("Avec une autre clé.")
	fetch()
	return s, posts
}

func write(t *testing.T, s store.Store, post atproto.Ref, cid atproto.CID, dir string) (stated proof.Statement) {
	t.Helper()
	err := s.View(t.Context(), func(r store.Reader) (err error) {
		stated, err = proof.Write(t.Context(), r, post.URI, cid, dir, "test", time.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return stated
}

// readIndigo reads a proof with indigo alone, and is the CID of the record at a path, ""
// for none. The signature is checked if a key is given.
func readIndigo(t *testing.T, dir, name, key string, path []byte) string {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	commit, repository, err := indigo.LoadRepoFromCAR(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		public, err := atcrypto.ParsePublicDIDKey(key)
		if err != nil {
			t.Fatal(err)
		}
		if err := commit.VerifySignature(public); err != nil {
			t.Errorf("%s: indigo: %v", name, err)
		}
	}
	value, err := repository.MST.Get(path)
	if err != nil {
		t.Fatal(err)
	}
	if value == nil {
		return ""
	}
	block, err := repository.RecordStore.Get(t.Context(), *value)
	if err != nil {
		t.Fatal(err)
	}
	c, err := atproto.ParseCID(value.String())
	if err != nil || atproto.CIDOf(block.RawData()) != c {
		t.Errorf("%s: the record's bytes do not hash to %s", name, value)
	}
	return value.String()
}
