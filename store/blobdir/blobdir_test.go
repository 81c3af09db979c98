package blobdir_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/blobdir"
)

func create(t *testing.T) (*blobdir.Dir, string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "archive.db.media")
	dir, err := blobdir.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir, name
}

func writes(text string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
}

// files are the names of all files below a folder.
func files(t *testing.T, name string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestPut: a file is there when it is whole, under its CID, and only then.
func TestPut(t *testing.T) {
	dir, name := create(t)
	cid := atproto.BlobCIDOf([]byte("une image"))
	broken := errors.New("the connection broke")
	for _, c := range []struct {
		what string
		fill func(io.Writer) error
		want error
	}{
		{"other bytes", writes("une autre image"), store.ErrMismatch},
		{"cut", writes("une im"), store.ErrMismatch},
		{"an error after all bytes", func(w io.Writer) error { return errors.Join(writes("une image")(w), broken) }, broken},
	} {
		if err := dir.Put(cid, c.fill); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
		if _, ok, err := dir.Has(cid); ok || err != nil {
			t.Errorf("%s: it is here: %v, %v", c.what, ok, err)
		}
		if left := files(t, name); len(left) > 0 {
			t.Errorf("%s leaves %v", c.what, left)
		}
	}
	if _, err := dir.Open(cid); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of nothing: %v", err)
	}
	for range 2 { // again is no error
		if err := dir.Put(cid, writes("une image")); err != nil {
			t.Fatal(err)
		}
	}
	if size, ok, err := dir.Has(cid); size != 9 || !ok || err != nil {
		t.Errorf("Has: %d, %v, %v", size, ok, err)
	}
	in, err := dir.Open(cid)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if b, err := io.ReadAll(in); string(b) != "une image" || err != nil {
		t.Errorf("Open: %q, %v", b, err)
	}
	if want := filepath.Join(name, cid.String()[7:9], cid.String()); !exists(want) {
		t.Errorf("no file %s", want)
	}
	if err := dir.Put(atproto.CIDOf([]byte("x")), writes("x")); err == nil {
		t.Error("a record was kept as a file")
	}
}

func exists(name string) bool { _, err := os.Stat(name); return err == nil }

// TestPutAtOnce: the same file from several goroutines is one file.
func TestPutAtOnce(t *testing.T) {
	dir, name := create(t)
	var wait sync.WaitGroup
	for i := range 24 {
		wait.Go(func() {
			text := fmt.Sprint("image ", i%3)
			if err := dir.Put(atproto.BlobCIDOf([]byte(text)), writes(text)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if got := files(t, name); len(got) != 3 {
		t.Errorf("files: %v", got)
	}
}

// TestSweep: what a killed run left behind goes, what is being written stays.
func TestSweep(t *testing.T) {
	dir, name := create(t)
	old := filepath.Join(name, "part-OLD")
	if err := errors.Join(os.WriteFile(old, nil, 0o600), os.Chtimes(old, time.Time{}, time.Now().Add(-2*time.Hour)),
		os.WriteFile(filepath.Join(name, "part-NEW"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := dir.Put(atproto.BlobCIDOf([]byte("x")), writes("x")); err != nil {
		t.Fatal(err)
	}
	dir.Sweep(time.Now().Add(-time.Hour))
	if got := files(t, name); len(got) != 2 || !slices.Contains(got, "part-NEW") {
		t.Errorf("files: %v", got)
	}
}

// TestCheck: bytes that changed on the disk are noticed, and files of others are told apart.
func TestCheck(t *testing.T) {
	dir, name := create(t)
	good, bad := atproto.BlobCIDOf([]byte("a")), atproto.BlobCIDOf([]byte("b"))
	for cid, text := range map[atproto.CID]string{good: "a", bad: "b"} {
		if err := dir.Put(cid, writes(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.WriteFile(filepath.Join(name, filepath.FromSlash(blobdir.Name(bad))), []byte("c"), 0o600),
		os.WriteFile(filepath.Join(name, "notes.txt"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := dir.Check(good); err != nil {
		t.Errorf("Check of a good file: %v", err)
	}
	if err := dir.Check(bad); !errors.Is(err, store.ErrMismatch) {
		t.Errorf("Check of a changed file: %v", err)
	}
	found := map[string]bool{}
	for file, cid := range dir.All() {
		found[file] = !cid.IsZero()
	}
	if len(found) != 3 || !found[blobdir.Name(good)] || !found[blobdir.Name(bad)] || found["notes.txt"] {
		t.Errorf("All: %v", found)
	}
	if err := dir.Remove(bad); err != nil || strings.Contains(fmt.Sprint(files(t, name)), bad.String()) {
		t.Errorf("Remove: %v", err)
	}
}
