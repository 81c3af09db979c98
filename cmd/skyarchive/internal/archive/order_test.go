package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/repo"
	"skyarchive/store"
	"skyarchive/store/sqlite"
	"skyarchive/store/storetest"
)

var cars = flag.String("cars", "", "folder with exports of one account, did.json and plc_operations.jsonc, to import in several orders")

// TestImportOrder imports the states of an account whose keys changed, forwards, backwards
// and shuffled: the archives must be the same, each state signed by the key of its time.
// The history has posts that were edited, also into what cannot be read, deleted, written
// again, and one with the words of another.
func TestImportOrder(t *testing.T) {
	t.Parallel()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	lou := net.Account("lou.test")
	var files []string
	export := func() {
		if err := net.Err(); err != nil {
			t.Fatal(err)
		}
		files = append(files, exportRepo(t, net, lou))
	}
	first := lou.Post("1/2 Le site consomme 40 litres par jour.")
	second := lou.Post("2/2 Personne ne les compte.", atprototest.ReplyTo(first))
	gone := lou.Post("Effacé ensuite.")
	edited := lou.Post("12 TWh en 2024.")
	lou.Profile("Lou", "hydrologue")
	export()
	lou.Delete(gone)
	edited = lou.Edit(edited, "14 TWh en 2024.")
	lou.Post("Personne ne les compte.")
	export()
	lou.RotateKey()
	odd := lou.Put(atproto.PathOf(edited.URI), []byte(`{"$type":"com.example.other","n":1}`))
	lou.Post("Signé avec la deuxième clé.")
	export()
	lou.Post("Effacé ensuite.", atprototest.Key(atproto.KeyOf(gone.URI)))
	lou.Delete(second)
	export()
	lou.RotateKey()
	lou.Rename("lou-leroy.test")
	lou.Delete(odd)
	last := lou.Post("Signé avec la troisième clé.")
	export()
	lou.Edit(last, "Signé avec la troisième clé, et corrigé.")
	export()
	did := string(lou.DID())
	sameInAnyOrder(t, files, get(t, net.URL+"/"+did), get(t, net.URL+"/"+did+"/log/audit"), 3)
}

// TestImportOrderOfFiles is the same for files of -cars.
func TestImportOrderOfFiles(t *testing.T) {
	if *cars == "" {
		t.Skip("-cars is not given")
	}
	files, err := filepath.Glob(filepath.Join(*cars, "*.car"))
	document, err2 := os.ReadFile(filepath.Join(*cars, "did.json"))
	log, err3 := os.ReadFile(filepath.Join(*cars, "plc_operations.jsonc"))
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	sameInAnyOrder(t, files, document, log, 2)
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return raw
}

// sameInAnyOrder imports files, oldest first, in several orders and compares the archives.
func sameInAnyOrder(t *testing.T, files []string, document, log []byte, keys int) {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 5))
	var want []byte
	for round := range 8 {
		order := r.Perm(len(files))
		switch round {
		case 0:
			slices.Sort(order)
		case 1:
			slices.Sort(order)
			slices.Reverse(order)
		}
		a := emptyArchiver(t)
		for _, i := range order {
			if _, err := a.Import(t.Context(), files[i], ImportOptions{Document: document, PLCLog: log}); err != nil {
				t.Fatal(err)
			}
		}
		var got bytes.Buffer
		err := a.Store.View(t.Context(), func(r store.Reader) error {
			accounts, err := store.Collect(r.Accounts(t.Context()))
			if err != nil {
				return err
			}
			v, err := a.Verify(t.Context(), r, accounts[0].DID)
			if err != nil {
				return err
			}
			if !v.Holds() || v.States != len(files) || v.Signed != len(files) || len(v.Keys) != keys {
				t.Errorf("imported as %v: %d states, %d signed with %d keys, %v", order, v.States, v.Signed, len(v.Keys), v.Wrong)
			}
			return storetest.Dump(t.Context(), r, &got)
		})
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			want = got.Bytes()
			t.Logf("%d files, %d lines to compare", len(files), bytes.Count(want, []byte("\n")))
			continue
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("imported as %v:\n%s", order, difference(want, got.Bytes()))
		}
	}
}

// difference is the first line that differs.
func difference(want, got []byte) string {
	a, b := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			return fmt.Sprintf("want %s\ngot  %s", a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(b), len(a))
}

func emptyArchiver(t *testing.T) *Archiver {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Archiver{Store: s, TempDir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

// TestRefusedFiles: files that were changed or are somebody else's are refused, each for its
// own reason, and the archive's file stays as it was, byte for byte.
func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	lou, other := net.Account("lou.test"), net.Account("other.test")
	lou.Many(60, 60)
	before := exportRepo(t, net, lou)
	lou.Many(40, 40)
	lost := lou.Post("Ses octets manqueront.")
	other.Post("Un autre compte.")
	good, foreign := exportRepo(t, net, lou), exportRepo(t, net, other)
	document, log := get(t, net.URL+"/"+string(lou.DID())), get(t, net.URL+"/"+string(lou.DID())+"/log/audit")
	file, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	cid, err := atproto.ParseCID(lost.CID)
	if err != nil {
		t.Fatal(err)
	}
	variant := func(name string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	flipped := bytes.Clone(file)
	flipped[len(flipped)-20] ^= 4
	head, stranger := lou.Head(), other.Head()
	if err := net.Err(); err != nil {
		t.Fatal(err)
	}
	blocks := blocksOf(t, file)
	some := slices.IndexFunc(blocks, func(b carBlock) bool { return bytes.HasPrefix(b.bytes, []byte("\xa2\x61e")) && b.cid != head.Data })
	db := filepath.Join(t.TempDir(), "archive.db")
	for i, tt := range []struct {
		name, file string
		want       error // nil: it is taken
	}{
		{"the first state", before, nil},
		{"a flipped bit", variant("flipped.car", flipped), repo.ErrCorrupt},
		{"cut inside a block", variant("cut.car", file[:len(file)-30]), repo.ErrTruncated},
		{"another account's file", foreign, ErrUnverified},
		{"without a node of the tree", variant("node.car", carOf(t, head.CID, slices.Delete(slices.Clone(blocks), some, some+1))), repo.ErrIncomplete},
		{"cut between blocks", variant("between.car", carOf(t, head.CID, blocks[:20])), repo.ErrIncomplete},
		{"without the bytes of a post", variant("post.car", carOf(t, head.CID, slices.DeleteFunc(slices.Clone(blocks), func(b carBlock) bool { return b.cid == cid }))), repo.ErrIncomplete},
		{"another commit on top", variant("root.car", carOf(t, stranger.CID, blocks)), repo.ErrIncomplete},
		{"whole", good, nil},
	} {
		was := contentOf(t, db)
		s, err := sqlite.Open(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		a := &Archiver{Store: s, TempDir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler)}
		_, err = a.Import(t.Context(), tt.file, ImportOptions{Document: document, PLCLog: log})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if same := contentOf(t, db) == was; same != (tt.want != nil) && i > 0 {
			t.Errorf("%s: the archive is the same: %v", tt.name, same)
		}
	}
}

func contentOf(t *testing.T, name string) [32]byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return sha256.Sum256(raw)
}

// A carBlock is a block as it stands in a file.
type carBlock struct {
	cid   atproto.CID
	bytes []byte
}

// blocksOf cuts a file into its blocks.
func blocksOf(t *testing.T, file []byte) (list []carBlock) {
	t.Helper()
	for first := true; len(file) > 0; first = false {
		size, n := binary.Uvarint(file)
		if n <= 0 || uint64(len(file)-n) < size {
			t.Fatal("not a whole file")
		}
		section := file[n : n+int(size)]
		file = file[n+int(size):]
		if first {
			continue
		}
		cid, err := atproto.CIDFromBytes(section[:len(atproto.CID{})])
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, carBlock{cid, section[len(atproto.CID{}):]})
	}
	return list
}

func carOf(t *testing.T, root atproto.CID, blocks []carBlock) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := repo.NewWriter(&b, root)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks {
		if err := w.Put(block.cid, block.bytes); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// A file that changes while it is imported is refused, and leaves nothing.
func TestChangingFile(t *testing.T) {
	t.Parallel()
	car := filepath.Join(t.TempDir(), "repo.car")
	generate(t, car, 20_000) // more than is held of it
	a := emptyArchiver(t)
	changed := false
	a.Progress = func(stage string, _, _ int64) {
		if stage != "reading claims" || changed {
			return
		}
		changed = true
		file, err := os.OpenFile(car, os.O_WRONLY, 0)
		if err == nil {
			_, err = file.WriteAt(make([]byte, 8<<20), 1<<20)
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			t.Error(err)
		}
	}
	_, err := a.Import(t.Context(), car, ImportOptions{})
	if !changed || err == nil || !strings.Contains(err.Error(), "the file has changed") {
		t.Fatalf("changed %t, error %v", changed, err)
	}
	err = a.Store.View(t.Context(), func(r store.Reader) error {
		for acc, err := range r.Accounts(t.Context()) {
			t.Errorf("account %s is here, error %v", acc.DID, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
