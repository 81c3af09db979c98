package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"skyarchive/store"
	"skyarchive/store/sqlite"
)

// A laterStore is the archive where there is none yet. Its file is made when something is first
// written: what is refused leaves none behind. To take one away again that turned out empty
// would not be safe, since another program may have it open; so an export whose first account
// is refused while it is written does leave one. Until then an empty archive elsewhere answers.
type laterStore struct {
	create func(context.Context) (store.Store, error)
	dir    string // of empty
	empty  store.Store

	mu   sync.Mutex
	file store.Store // nil: not made yet
}

// createLater is create for what may be refused before anything is written.
func (a *app) createLater(ctx context.Context) (store.Store, error) {
	path, why := a.dbPath()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return a.create(ctx)
	}
	if _, err := os.Stat(filepath.Dir(a.dbFile())); err != nil && why != "in your data folder" {
		return a.create(ctx) // it fails, and says so before a long file is read
	}
	dir, err := os.MkdirTemp("", "skyarchive-")
	if err != nil {
		return nil, err
	}
	empty, err := sqlite.Open(ctx, filepath.Join(dir, "empty.db"))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &laterStore{create: a.create, dir: dir, empty: empty}, nil
}

// made is the file, nil if there is none yet.
func (s *laterStore) made() store.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file
}

// make is the file, made if there is none yet.
func (s *laterStore) make(ctx context.Context) (store.Store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		return s.file, nil
	}
	file, err := s.create(ctx)
	if err != nil {
		return nil, err
	}
	s.file = file
	return file, nil
}

// reading is what is there to be read.
func (s *laterStore) reading() store.Store {
	if file := s.made(); file != nil {
		return file
	}
	return s.empty
}

// View implements [store.Store].
func (s *laterStore) View(ctx context.Context, fn func(store.Reader) error) error {
	return s.reading().View(ctx, fn)
}

// Update implements [store.Store].
func (s *laterStore) Update(ctx context.Context, fn func(store.Writer) error) error {
	file, err := s.make(ctx)
	if err != nil {
		return err
	}
	return file.Update(ctx, fn)
}

// Fill implements [store.Store].
func (s *laterStore) Fill(ctx context.Context, fn func(store.Writer) error) error {
	file, err := s.make(ctx)
	if err != nil {
		return err
	}
	return file.Fill(ctx, fn)
}

// Backup implements [store.Store].
func (s *laterStore) Backup(ctx context.Context, path string) error {
	return s.reading().Backup(ctx, path)
}

// Overwrite implements [store.Store].
func (s *laterStore) Overwrite(ctx context.Context) error { return s.reading().Overwrite(ctx) }

// Close implements [store.Store].
func (s *laterStore) Close() error {
	err := s.empty.Close()
	if file := s.made(); file != nil {
		err = errors.Join(err, file.Close())
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}
