package archive

import (
	"context"
	"errors"
	"fmt"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// ForgetOptions change what Forget does.
type ForgetOptions struct {
	Blobs  store.Blobs // nil: there are none
	DryRun bool        // say what would go, and change nothing
	Absent bool        // do it also where files that are kept are not in Blobs
}

// ErrNoFiles says that files to be removed are not where they should be: somewhere else they may
// stay.
var ErrNoFiles = errors.New("the archive keeps files of media that are not there")

// Forgot is what forgetting a post or an account takes out of the archive.
type Forgot struct {
	store.Removed
	Thread  *store.Thread  // that a post was in, as it was; nil for none
	Post    *store.Post    // nil if it is known by context only
	Context *store.Context // the copy that is kept of it since others answer or quote it
	Files   int            // removed from the folder of media
	Size    int64          // of the files
	Absent  int            // kept, but not in the folder of media
	Account store.Account  // zero if it is known by context only
	What    store.Forgetting
}

// Forget takes a post, or everything of an account, out of the archive: bytes, derived rows,
// files, copies kept as context, and the words of decisions. The posts of its thread are read
// again, since what was read in them may name it. Until Store.Overwrite has run, words may be
// left in the raw bytes of the file.
func (a *Archiver) Forget(ctx context.Context, what store.Forgetting, opts ForgetOptions) (Forgot, error) {
	f := Forgot{What: what}
	err := a.Store.Update(ctx, func(w store.Writer) error {
		if err := f.look(ctx, w); err != nil {
			return err
		}
		near, err := f.neighbours(ctx, w)
		if err != nil {
			return err
		}
		if f.Removed, err = w.Forget(ctx, what); err != nil {
			return err
		}
		if f.Account.DID != "" {
			if err := a.derive(ctx, w, near, true, &Report{}); err != nil {
				return err
			}
		}
		here, err := f.filesIn(opts.Blobs)
		if err != nil {
			return err
		}
		if opts.DryRun {
			return errDryRun
		}
		if f.Absent > 0 && !opts.Absent {
			return fmt.Errorf("%w: %d of %d", ErrNoFiles, f.Absent, len(f.Removed.Files))
		}
		return removeFiles(opts.Blobs, here)
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return f, err
}

// filesIn are the files to be removed that are there, which it counts.
func (f *Forgot) filesIn(blobs store.Blobs) (here []atproto.CID, err error) {
	for _, b := range f.Removed.Files {
		cid, err := atproto.ParseCID(b.CID)
		if err != nil {
			return nil, err
		}
		var size int64
		there := false
		if blobs != nil {
			if size, there, err = blobs.Has(cid); err != nil {
				return nil, err
			}
		}
		if !there {
			f.Absent++
			continue
		}
		here = append(here, cid)
		f.Size += size
	}
	f.Files = len(here)
	return here, nil
}

// removeFiles goes before the transaction ends: what is stopped in between leaves a file too
// few, which can be fetched again, and never one too many.
func removeFiles(blobs store.Blobs, files []atproto.CID) error {
	for _, cid := range files {
		if err := blobs.Remove(cid); err != nil {
			return err
		}
	}
	return nil
}

// look reads what is there of what is to be forgotten, for people to see.
func (f *Forgot) look(ctx context.Context, r store.Reader) (err error) {
	absent := func(err error) error {
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	}
	if f.Account, err = r.Account(ctx, f.What.DID); absent(err) != nil {
		return err
	}
	if f.What.URI == "" {
		return nil
	}
	p, err := r.Post(ctx, f.What.URI)
	if err == nil {
		f.Post = &p
	} else if absent(err) != nil {
		return err
	}
	c, err := r.Context(ctx, f.What.URI)
	if err == nil {
		f.Context = &c
	} else if absent(err) != nil {
		return err
	}
	t, err := r.Thread(ctx, f.What.URI)
	if err == nil {
		f.Thread = &t
	}
	return absent(err)
}

// neighbours are the posts of the thread that a post is in.
func (f *Forgot) neighbours(ctx context.Context, r store.Reader) (*touched, error) {
	near := newTouched(f.What.DID)
	if f.Thread == nil {
		return near, nil
	}
	uris := append([]syntax.ATURI{}, f.Thread.Posts...)
	for _, branch := range f.Thread.Branches {
		uris = append(uris, branch...)
	}
	for _, uri := range uris {
		p, err := r.Post(ctx, uri)
		if err != nil {
			return nil, err
		}
		if p.Status != store.Live || uri == f.What.URI {
			continue
		}
		cid, err := atproto.ParseCID(p.CID)
		if err != nil {
			return nil, err
		}
		near.entries[atproto.PathOf(uri)] = cid
	}
	return near, nil
}

// forgotten is what of an account was forgotten.
type forgotten struct {
	account *store.Forgetting // the whole account
	posts   map[atproto.Path]bool
	cids    map[atproto.CID]bool
}

func forgottenOf(ctx context.Context, r store.Reader, did syntax.DID) (*forgotten, error) {
	f := &forgotten{posts: map[atproto.Path]bool{}, cids: map[atproto.CID]bool{}}
	for one, err := range r.Forgettings(ctx, did) {
		if err != nil {
			return nil, err
		}
		if one.URI == "" {
			f.account = &one
			continue
		}
		f.posts[atproto.PathOf(one.URI)] = true
		for _, cid := range one.CIDs {
			f.cids[cid] = true
		}
	}
	return f, nil
}

// AccountForgotten says that a whole account was forgotten; nil if not.
func AccountForgotten(ctx context.Context, r store.Reader, did syntax.DID) (*store.Forgetting, error) {
	f, err := forgottenOf(ctx, r, did)
	if err != nil {
		return nil, err
	}
	return f.account, nil
}

func (f *forgotten) any() bool { return f.account != nil || len(f.posts) > 0 }

func (f *forgotten) has(path atproto.Path) bool { return f.account != nil || f.posts[path] }

// refuses says that an account is not to be taken again.
func (f *forgotten) refuses() error {
	if f.account == nil {
		return nil
	}
	return &store.ForgottenError{Forgetting: *f.account}
}

// dropForgotten takes out of the touched posts those that are to have no words here.
func (t *touched) dropForgotten(ctx context.Context, r store.Reader) error {
	f, err := forgottenOf(ctx, r, t.did)
	if err != nil || !f.any() {
		return err
	}
	for path := range t.entries {
		if f.has(path) {
			delete(t.entries, path)
		}
	}
	return nil
}

// recall lets an account be taken again with all of its posts.
func recall(ctx context.Context, w store.Writer, did syntax.DID, again bool) error {
	if !again {
		return nil
	}
	return w.Recall(ctx, did, "")
}
