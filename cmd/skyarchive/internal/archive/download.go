package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"skyarchive/atproto/pds"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

const (
	wholeTries  = 3 // downloads of a whole repository
	repairTries = 4 // requests for what changed during one of them
)

// A download is a repository file as a server sent it.
type download struct {
	file *os.File
	name string // "": it has none any more
	size int64
}

func (d *download) discard() {
	d.file.Close()
	if d.name != "" {
		os.Remove(d.name)
	}
}

func (d *download) source() repo.Source { return repo.Source{R: d.file, Size: d.size} }

// download gets a complete snapshot: what is new since the head that the archive has,
// joined with the old tree; where that does not complete it, the whole repository.
func (f *fetch) download(ctx context.Context) error {
	if f.head != nil && !f.opts.Whole && !f.opts.AcceptRollback {
		err := f.newer(ctx)
		if err == nil || !recoverable(err) && !declined(err) {
			return err
		}
		f.Log.Info("what is new does not complete the tree; downloading the whole", "account", f.id.DID, "err", err)
		f.drop()
	}
	var err error
	for range wholeTries {
		if err = f.everything(ctx); err == nil || !recoverable(err) {
			return err
		}
		f.Log.Info("download is incomplete; trying again", "account", f.id.DID, "err", err)
		f.drop()
	}
	return fmt.Errorf("%w after %d tries: %w", ErrStillIncomplete, wholeTries, err)
}

// recoverable says whether another download may mend an error: a tree with holes, a file
// that was cut. Damaged bytes are not asked for again.
func recoverable(err error) bool {
	return errors.Is(err, repo.ErrIncomplete) || errors.Is(err, repo.ErrTruncated) || errors.Is(err, repo.ErrNothingNew)
}

// declined says whether a server does not take a request as it is: some know no since, or not
// the revision in it.
func declined(err error) bool {
	var answer *pds.Error
	return errors.As(err, &answer) && answer.Status/100 == 4 && !errors.Is(err, pds.ErrGone) && !errors.Is(err, pds.ErrUnavailable)
}

func (f *fetch) drop() {
	f.close()
	f.files, f.since, f.manifest, f.snapshot = nil, "", nil, nil
}

// newer downloads what is new since the head.
func (f *fetch) newer(ctx context.Context) error {
	err := f.Store.View(ctx, func(r store.Reader) (err error) {
		f.manifest, err = repo.NewManifest(r.Manifest(ctx, f.id.DID, f.head.Commit))
		return err
	})
	if err != nil {
		return err
	}
	f.since = f.head.Rev
	if err := f.get(ctx, f.since); err != nil {
		return err
	}
	return f.open(ctx, func(files []repo.Source) (*repo.Snapshot, error) {
		return repo.OpenSince(ctx, f.manifest, files...)
	})
}

// everything downloads the whole repository.
func (f *fetch) everything(ctx context.Context) error {
	f.since = ""
	if err := f.get(ctx, ""); err != nil {
		return err
	}
	return f.open(ctx, func(files []repo.Source) (*repo.Snapshot, error) { return repo.Open(ctx, files...) })
}

// open checks the files. A tree with holes is what a repository that was written to during
// its download looks like: what changed since the commit it names fills them.
func (f *fetch) open(ctx context.Context, open func([]repo.Source) (*repo.Snapshot, error)) error {
	for try := 0; ; try++ {
		f.progress("checking every block", 0, 0)
		sources := make([]repo.Source, len(f.files))
		for i, d := range f.files {
			sources[i] = d.source()
		}
		snapshot, err := open(sources)
		var holes *repo.IncompleteError
		if !errors.As(err, &holes) || holes.Commit.Rev == "" || try == repairTries {
			if f.snapshot = snapshot; err == nil && try > 0 {
				f.rep.Notes = append(f.rep.Notes, "the account was written to during the download; what changed was added")
			}
			return err
		}
		f.Log.Info("repository changed during its download; asking for what changed", "account", f.id.DID, "missing", holes.Missing)
		if err := f.get(ctx, string(holes.Commit.Rev)); err != nil {
			return err
		}
	}
}

// get downloads to a temporary file, which becomes the newest.
func (f *fetch) get(ctx context.Context, since string) error {
	d, err := f.temp()
	if err != nil {
		return err
	}
	f.files = append([]*download{d}, f.files...)
	stop := f.watch(ctx, d.file)
	d.size, err = f.pds.Repo(ctx, f.id.DID, since, d.file)
	stop()
	f.rep.Downloaded += d.size
	return err
}

// watch tells how large a growing file is until the returned function is called.
func (f *fetch) watch(ctx context.Context, file *os.File) (stop func()) {
	f.progress("downloading", 0, 0)
	if f.Progress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if info, err := file.Stat(); err == nil {
					f.progress("downloading", info.Size(), 0)
				}
			}
		}
	}()
	return func() { cancel(); <-done }
}
