// Package blobdir keeps files in a folder, each named by its CID: the embedded default of
// [store.Blobs]. The names are all that is needed to use the files without the program,
// and to check them: a CID is a SHA-256 hash.
//
// A file appears under its name only when it is whole and on the disk. It lies in a folder
// of two letters of its hash, so that no folder holds too many.
package blobdir

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"time"

	"skyarchive/atproto"
	"skyarchive/store"
)

// A Dir is a folder of files.
type Dir struct {
	root *os.Root
}

var _ store.Blobs = (*Dir)(nil)

// Open opens a folder that must be there; the error is fs.ErrNotExist if it is not.
func Open(name string) (*Dir, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return &Dir{root}, nil
}

// Create opens a folder, and makes it, for its owner only, if there is none.
func Create(name string) (*Dir, error) {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return nil, err
	}
	return Open(name)
}

// Close closes the folder. Files that were opened stay so.
func (d *Dir) Close() error { return d.root.Close() }

const (
	tempPrefix = "part-"
	prefix     = len("bafkrei") // what all CIDs of files begin with
)

// Name is where a file is in the folder.
func Name(cid atproto.CID) string {
	s := cid.String()
	return path.Join(s[prefix:prefix+2], s)
}

// Put implements [store.Blobs].
func (d *Dir) Put(cid atproto.CID, fill func(io.Writer) error) (err error) {
	if !cid.IsBlob() {
		return fmt.Errorf("keep %s: it names no file", cid)
	}
	part := tempPrefix + rand.Text()
	file, err := d.root.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep file %s: %w", cid, err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = d.root.Remove(part)
		}
	}()
	sum := &hashing{Writer: file, hash: sha256.New()}
	if err := fill(sum); err != nil {
		return err
	}
	if [sha256.Size]byte(sum.hash.Sum(nil)) != cid.Hash() {
		return fmt.Errorf("keep file %s: %w", cid, store.ErrMismatch)
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("keep file %s: %w", cid, err)
	}
	name := Name(cid)
	if err := d.root.Mkdir(path.Dir(name), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keep file %s: %w", cid, err)
	}
	if err := d.root.Rename(part, name); err != nil {
		return fmt.Errorf("keep file %s: %w", cid, err)
	}
	d.sync(path.Dir(name))
	d.sync(".")
	return nil
}

// A hashing writer hashes what has been written.
type hashing struct {
	io.Writer
	hash hash.Hash
}

func (h *hashing) Write(p []byte) (int, error) {
	n, err := h.Writer.Write(p)
	h.hash.Write(p[:n])
	return n, err
}

// sync brings the names in a folder to the disk, on systems that let a folder be opened.
func (d *Dir) sync(name string) {
	if dir, err := d.root.Open(name); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}

// Open implements [store.Blobs].
func (d *Dir) Open(cid atproto.CID) (io.ReadCloser, error) {
	if !cid.IsBlob() {
		return nil, fs.ErrNotExist
	}
	return d.root.Open(Name(cid))
}

// Has implements [store.Blobs].
func (d *Dir) Has(cid atproto.CID) (size int64, ok bool, err error) {
	if !cid.IsBlob() {
		return 0, false, nil
	}
	info, err := d.root.Stat(Name(cid))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return info.Size(), true, nil
}

// Remove implements [store.Blobs].
func (d *Dir) Remove(cid atproto.CID) error {
	if !cid.IsBlob() {
		return nil
	}
	if err := d.root.Remove(Name(cid)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove file %s: %w", cid, err)
	}
	d.sync(path.Dir(Name(cid)))
	return nil
}

// All yields the names of all files in the folder, with the CID that a name stands for: the
// zero CID where it is none of ours. Unfinished files are left out.
func (d *Dir) All() iter.Seq2[string, atproto.CID] {
	return func(yield func(string, atproto.CID) bool) {
		_ = fs.WalkDir(d.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || unfinished(name) {
				return nil
			}
			cid, err := atproto.ParseCID(path.Base(name))
			if err != nil || !cid.IsBlob() || Name(cid) != name {
				cid = atproto.CID{}
			}
			if !yield(name, cid) {
				return fs.SkipAll
			}
			return nil
		})
	}
}

// Check reads a file and compares it with its CID: nil, [store.ErrMismatch] or an error of
// reading.
func (d *Dir) Check(cid atproto.CID) error {
	file, err := d.Open(cid)
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	if [sha256.Size]byte(sum.Sum(nil)) != cid.Hash() {
		return store.ErrMismatch
	}
	return nil
}

// Unfinished are the names of files that runs left behind which were killed: those that
// nobody wrote to since a time.
func (d *Dir) Unfinished(since time.Time) []string {
	names, err := fs.Glob(d.root.FS(), tempPrefix+"*")
	if err != nil {
		return nil
	}
	var old []string
	for _, name := range names {
		if info, err := d.root.Stat(name); err == nil && info.ModTime().Before(since) {
			old = append(old, name)
		}
	}
	return old
}

// Sweep removes unfinished files that nobody wrote to since a time.
func (d *Dir) Sweep(since time.Time) {
	for _, name := range d.Unfinished(since) {
		_ = d.root.Remove(name)
	}
}

func unfinished(name string) bool { return strings.HasPrefix(name, tempPrefix) }
