package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"sync/atomic"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"golang.org/x/sync/errgroup"

	"skyarchive/atproto"
	"skyarchive/atproto/pds"
	"skyarchive/store"
)

const (
	mediaAtOnce   = 4  // downloads
	mediaBatch    = 50 // files that are written down together
	mediaPatience = 5  // files in a row without an answer, after which nothing more is asked for
)

// MediaOptions say where media is kept and how large a file may be.
type MediaOptions struct {
	Blobs store.Blobs
	Limit int64 // bytes of one file; 0: any
}

// A MediaReport is what became of the files that an account's live posts refer to.
type MediaReport struct {
	Files  int   // that are here now
	Bytes  int64 // of them
	New    int   // of them, those that this run brought
	Absent []AbsentMedia
}

// AbsentMedia are the files that could not be had for one reason.
type AbsentMedia struct {
	State store.BlobState
	Files int
	Why   string // of the first one
}

// Missing is how many files are not here.
func (r *MediaReport) Missing() (n int) {
	for _, a := range r.Absent {
		n += a.Files
	}
	return n
}

func (r *MediaReport) add(b store.Blob) {
	if b.State == store.BlobKept {
		r.Files++
		r.Bytes += b.Size
		return
	}
	i := slices.IndexFunc(r.Absent, func(a AbsentMedia) bool { return a.State == b.State })
	if i < 0 {
		i = len(r.Absent)
		r.Absent = append(r.Absent, AbsentMedia{State: b.State, Why: b.Why})
	}
	r.Absent[i].Files++
}

// FetchMedia downloads the files that an account's live posts refer to and that are not
// here yet, each checked against its CID. What cannot be had is written down with the
// reason, and asked for again when that may help.
func (a *Archiver) FetchMedia(ctx context.Context, did syntax.DID, opts MediaOptions) (MediaReport, error) {
	m := media{Archiver: a, opts: opts, did: did, known: map[string]store.Blob{}}
	var wanted []atproto.Blob
	err := a.Store.View(ctx, func(r store.Reader) (err error) {
		acc, err := r.Account(ctx, did)
		if err != nil {
			return err
		}
		m.pds = &pds.Client{HTTP: a.HTTP, Host: acc.PDS}
		known, err := store.Collect(r.Blobs(ctx, did))
		for _, b := range known {
			m.known[b.CID] = b
		}
		if err != nil {
			return err
		}
		wanted, err = mediaOf(ctx, r, did)
		return err
	})
	if err != nil {
		return m.rep, err
	}
	ask, err := m.choose(wanted)
	if err != nil {
		return m.rep, err
	}
	if err := m.download(ctx, ask); err != nil {
		return m.rep, err
	}
	slices.SortFunc(m.rep.Absent, func(x, y AbsentMedia) int { return cmp.Compare(x.State, y.State) })
	return m.rep, nil
}

// mediaOf are the files that an account's live posts refer to, each once, oldest first.
func mediaOf(ctx context.Context, r store.Reader, did syntax.DID) ([]atproto.Blob, error) {
	var list []atproto.Blob
	seen := map[string]bool{}
	for p, err := range r.Posts(ctx, store.Query{DID: did, Live: true, Oldest: true}) {
		if err != nil {
			return nil, err
		}
		for _, b := range p.Embed.Blobs() {
			if !seen[b.CID] {
				seen[b.CID] = true
				list = append(list, b)
			}
		}
	}
	return list, nil
}

// A media is the files of one account on their way.
type media struct {
	*Archiver
	opts    MediaOptions
	did     syntax.DID
	pds     *pds.Client
	known   map[string]store.Blob
	rep     MediaReport
	pending []store.Blob // to be written down
	silent  atomic.Int32 // files in a row that got no answer
}

// choose says which files are asked for. What is here is not; nor what is known to be too
// large, or not to be at this server.
func (m *media) choose(wanted []atproto.Blob) (ask []atproto.Blob, err error) {
	for _, b := range wanted {
		old, asked := m.known[b.CID]
		cid, err := atproto.ParseCID(b.CID)
		if err != nil || !cid.IsBlob() {
			m.note(m.absent(b, store.BlobGone, "what the post refers to is no CID of a file"))
			continue
		}
		size, here, err := m.opts.Blobs.Has(cid)
		switch {
		case err != nil:
			return nil, fmt.Errorf("media: %w", err)
		case here && asked && old.State == store.BlobKept && old.Size == size:
			m.rep.add(old)
		case here && (!asked || old.State != store.BlobKept): // a run that was stopped did not write it down
			m.note(m.kept(b, size))
		case asked && old.State == store.BlobGone && old.Host == m.pds.Host:
			m.rep.add(old)
		case m.opts.Limit > 0 && b.Size > m.opts.Limit:
			m.note(m.absent(b, store.BlobTooLarge, fmt.Sprintf("its post says %d bytes, and %d are allowed", b.Size, m.opts.Limit)))
		case asked && old.State == store.BlobTooLarge && m.opts.Limit > 0 && old.Size > m.opts.Limit:
			m.rep.add(old)
		default:
			ask = append(ask, b)
		}
	}
	return ask, nil
}

func (m *media) kept(b atproto.Blob, size int64) store.Blob {
	b.Size = size
	return store.Blob{Blob: b, State: store.BlobKept, At: m.Now().UTC(), Host: m.pds.Host}
}

func (m *media) absent(b atproto.Blob, state store.BlobState, why string) store.Blob {
	return store.Blob{Blob: b, State: state, At: m.Now().UTC(), Host: m.pds.Host, Why: why}
}

// note counts a file, and has it written down.
func (m *media) note(b store.Blob) {
	m.rep.add(b)
	m.pending = append(m.pending, b)
}

// download asks for files, some at a time, and writes down what became of them as they
// come, so that a run that is stopped loses little.
func (m *media) download(ctx context.Context, ask []atproto.Blob) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(mediaAtOnce)
	results := make(chan store.Blob)
	done := make(chan error, 1)
	go func() {
		for _, b := range ask {
			if inner.Err() != nil {
				break
			}
			group.Go(func() error {
				result, err := m.get(inner, b)
				if err == nil {
					results <- result
				}
				return err
			})
		}
		done <- group.Wait()
		close(results)
	}()
	asked := int64(0)
	var kept error
	for b := range results {
		asked++
		m.progress("downloading media", asked, int64(len(ask)))
		if b.State == store.BlobKept {
			m.rep.New++
		}
		if m.note(b); len(m.pending) >= mediaBatch && kept == nil {
			kept = m.write(ctx)
		}
	}
	err := <-done
	// What came before an interruption is written down all the same.
	if kept == nil {
		kept = m.write(context.WithoutCancel(ctx))
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return errors.Join(err, kept)
}

func (m *media) write(ctx context.Context) error {
	if len(m.pending) == 0 {
		return nil
	}
	err := m.Store.Update(ctx, func(w store.Writer) error {
		for _, b := range m.pending {
			if err := w.PutBlob(ctx, m.did, b); err != nil {
				return err
			}
		}
		return nil
	})
	m.pending = m.pending[:0]
	return err
}

// get downloads one file. An error is one of ours, a full disk above all.
func (m *media) get(ctx context.Context, b atproto.Blob) (store.Blob, error) {
	if m.silent.Load() >= mediaPatience {
		return m.absent(b, store.BlobUnavailable, "not asked for: the server had stopped answering"), nil
	}
	cid, err := atproto.ParseCID(b.CID)
	if err != nil {
		return store.Blob{}, err
	}
	var size int64
	err = m.opts.Blobs.Put(cid, func(w io.Writer) (err error) {
		size, err = m.pds.Blob(ctx, m.did, cid, m.opts.Limit, w)
		return err
	})
	if errors.Is(err, pds.ErrUnavailable) {
		m.silent.Add(1)
	} else {
		m.silent.Store(0)
	}
	var ours *fs.PathError
	var link *os.LinkError
	var answer *pds.Error
	switch {
	case err == nil:
		return m.kept(b, size), nil
	case ctx.Err() != nil:
		return store.Blob{}, context.Cause(ctx)
	case errors.As(err, &ours) || errors.As(err, &link):
		return store.Blob{}, err
	}
	m.Log.Info("a file could not be had", "account", m.did, "file", b.CID, "err", err)
	switch {
	case errors.Is(err, pds.ErrTooLarge):
		b.Size = max(b.Size, m.opts.Limit+1)
		return m.absent(b, store.BlobTooLarge, fmt.Sprintf("it has more than the %d bytes that are allowed", m.opts.Limit)), nil
	case errors.Is(err, pds.ErrUnverified) || errors.Is(err, store.ErrMismatch):
		return m.absent(b, store.BlobMismatch, "the server's bytes are not those that the CID names"), nil
	case errors.Is(err, pds.ErrNotFound) || errors.As(err, &answer) && answer.Status == http.StatusNotFound:
		return m.absent(b, store.BlobGone, err.Error()), nil
	}
	return m.absent(b, store.BlobUnavailable, err.Error()), nil
}
