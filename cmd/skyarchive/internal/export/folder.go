package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A target is where an export goes to.
type target interface {
	open() error
	// create starts a file; its name is a relative path with slashes. It stands there only
	// after Close. A target of one file ignores the name.
	create(name string) (io.WriteCloser, error)
	// close ends the export and drops files that were not closed.
	close() error
}

// A stream takes exports of one file.
type stream struct {
	w    io.Writer
	used bool
}

func (s *stream) open() error {
	if s.w == nil {
		return ErrNotOne
	}
	return nil
}

func (s *stream) create(string) (io.WriteCloser, error) {
	if s.used {
		return nil, ErrNotOne
	}
	s.used = true
	return unclosed{s.w}, nil
}

func (s *stream) close() error { return nil }

type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

// A folder takes exports of several files, or of the one named only.
type folder struct {
	x       *export
	dir     string
	only    string
	made    map[string]bool
	pending []*file
	temps   int
}

func (f *folder) open() error {
	f.made = map[string]bool{}
	if f.only != "" {
		return f.refuse(filepath.Join(f.dir, f.only))
	}
	// An earlier export is refused as a whole, not at the first file that exists.
	return f.refuse(filepath.Join(f.dir, aboutName))
}

func (f *folder) refuse(path string) error {
	if f.x.Force || f.x.Update {
		return nil
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return err
		}
		return fmt.Errorf("%s %w", path, ErrExists)
	}
	return nil
}

func (f *folder) path(name string) string {
	if f.only != "" {
		name = f.only
	}
	return filepath.Join(f.dir, filepath.FromSlash(name))
}

func (f *folder) create(name string) (io.WriteCloser, error) {
	path := f.path(name)
	dir := filepath.Dir(path)
	if !f.made[dir] {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		f.made[dir] = true
	}
	temp, err := f.temporary(dir)
	if err != nil {
		var unwritten *fs.PathError
		if errors.As(err, &unwritten) {
			unwritten.Path = path // and not the temporary one, which nobody named
		}
		return nil, err
	}
	out := &file{File: temp, folder: f, path: path}
	f.pending = append(f.pending, out)
	return out, nil
}

// temporary starts a file beside those of the export, with the rights that the user gives to
// new files.
func (f *folder) temporary(dir string) (*os.File, error) {
	for {
		f.temps++
		name := fmt.Sprintf(".skyarchive-%d-%d", os.Getpid(), f.temps)
		file, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}

func (f *folder) close() error {
	for _, p := range f.pending {
		p.drop()
	}
	f.pending = nil
	return nil
}

// A file is written beside its place and moved there when it is closed.
type file struct {
	*os.File
	folder *folder
	path   string
	closed bool
}

func (f *file) drop() {
	if !f.closed {
		f.closed = true
		f.File.Close()
		os.Remove(f.Name())
	}
}

// Close moves the file to its place. One that stands there with the same bytes stays as it
// is, so that its time tells when it changed.
func (f *file) Close() error {
	if f.closed {
		return fs.ErrClosed
	}
	f.folder.pending = slices.DeleteFunc(f.folder.pending, func(p *file) bool { return p == f })
	if f.folder.x.Update && sameBytes(f.Name(), f.path) {
		f.folder.x.summary.Unchanged++
		f.drop()
		return nil
	}
	f.closed = true
	err := f.File.Close()
	if err == nil {
		err = f.folder.refuse(f.path)
	}
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	f.folder.x.summary.Files++
	return nil
}

func sameBytes(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	two, err := os.Stat(b)
	if err != nil || one.Size() != two.Size() {
		return false
	}
	x, err := os.ReadFile(a)
	if err != nil {
		return false
	}
	y, err := os.ReadFile(b)
	return err == nil && bytes.Equal(x, y)
}

// write creates a file with these bytes. An update does not touch one that has them.
func (x *export) write(name string, data []byte) error {
	if f, ok := x.target.(*folder); ok && x.Update {
		if before, err := os.ReadFile(f.path(name)); err == nil && bytes.Equal(before, data) {
			x.summary.Unchanged++
			return nil
		}
	}
	w, err := x.target.create(name)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	return w.Close()
}

// previous is what stands in the place of a file, or nil: what Update starts from.
func (x *export) previous(name string) ([]byte, error) {
	f, ok := x.target.(*folder)
	if !ok || !x.Update {
		return nil, nil
	}
	data, err := os.ReadFile(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}
