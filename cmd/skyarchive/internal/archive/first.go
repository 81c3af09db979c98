package archive

import (
	"context"
	"errors"
	"iter"
	"runtime"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// A firstState is an account's first state on its way into the archive. Nothing is compared
// then and nothing is looked up: the repository is read twice, once for its manifest and its
// threads and once for its posts, each time on another core than the one that writes.
type firstState struct {
	*Archiver
	in    incoming
	asm   *analysis.Assembler
	posts roster
	rest  []store.Entry // other records whose bytes are kept
	gone  *forgotten    // posts of it that were kept as context of others
	rep   *Report
}

func (a *Archiver) keepFirst(ctx context.Context, w store.Writer, in incoming, rep *Report) error {
	did := in.state.DID
	acc, err := w.Account(ctx, did)
	if err != nil {
		return err
	}
	gone, err := forgottenOf(ctx, w, did)
	if err != nil {
		return err
	}
	f := firstState{a, in, analysis.NewAssembler(did, acc.Handle), roster{did: did}, nil, gone, rep}
	f.posts.entries = make([]entry, 0, in.snapshot.Count(atproto.CollectionPost))
	for path := range gone.posts {
		f.asm.AddForgotten(path.URI(did), "", nil)
	}
	a.progress("assembling threads", 0, int64(in.snapshot.Len()))
	if err := w.PutState(ctx, in.state, ahead(ctx, f.entries)); err != nil {
		return err
	}
	a.Timings.lap("manifest, and posts for their threads")
	k := kept{touched: newTouched(did), missing: rep.Missing, looked: true, everywhere: true}
	block := in.blocks()
	for _, e := range f.rest {
		record, err := block(e.CID)
		if err != nil {
			return err
		}
		if record == nil {
			k.missing++
			continue
		}
		if err := w.PutRecord(ctx, did, e.CID, record); err != nil {
			return err
		}
		if e.Path == atproto.ProfilePath {
			k.profile = true
		}
	}
	if err := k.note(ctx, w, true); err != nil {
		return err
	}
	if acc, err = w.Account(ctx, did); err != nil {
		return err
	}
	places := in.snapshot.Places()
	in.snapshot.Release() // it is large
	record := func(_ context.Context, e *entry) (atproto.CID, []byte, error) {
		if e.flags&isPlaced == 0 {
			c := f.posts.cid(e)
			return c, in.found[c], nil
		}
		c, record, err := places(repo.Place(e.record))
		if err == nil && startOf(c) != e.start {
			err = errors.New("the file has changed since it was checked")
		}
		return c, record, err
	}
	read := readings{analyzer: a.analyzer(), posts: &f.posts, keep: true, record: record}
	giveBack(in.snapshot.Len())
	threads := newSpool(did)
	if err := a.assemble(ctx, w, f.asm, &read, threads.add); err != nil {
		return err
	}
	a.Timings.lap("assemble threads")
	f.asm = nil // so is this
	runtime.GC()
	collect(writtenPercent(in.snapshot.Len())) // until the whole is kept
	if err := a.putReadings(ctx, w, did, ahead(ctx, read.all), f.posts.len(), rep); err != nil {
		return err
	}
	a.Timings.lap("read claims, write posts")
	// Nobody has put a thread of it yet, so that there are none to compare with.
	for t := range threads.all() {
		if err := w.PutThread(ctx, did, t, age(t.Root)); err != nil {
			return err
		}
	}
	return a.finish(ctx, w, acc, true, rep)
}

// entries yields the manifest, and takes from each post what its threads need.
func (f *firstState) entries(ctx context.Context) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		for rec, err := range f.in.snapshot.Records(ctx, func(c string) bool { return c == atproto.CollectionPost }) {
			if err != nil {
				yield(store.Entry{}, err)
				return
			}
			e := store.Entry{Path: rec.Path, CID: rec.CID}
			switch collection := rec.Path.Collection(); {
			case f.gone.has(rec.Path):
			case collection == atproto.CollectionPost:
				err = f.post(rec)
			case atproto.KeepsBytes(collection):
				f.rest = append(f.rest, e)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func (f *firstState) post(rec repo.Record) error {
	if rec.Bytes == nil {
		rec.Bytes = f.in.found[rec.CID]
	}
	p := store.Post{Status: store.Live}
	decoded := (*atproto.Post)(nil)
	if rec.Bytes == nil {
		p.Status = store.Missing
		f.rep.Missing++
	} else if decoded = f.decode(f.in.state.DID, rec.Record, f.rep); decoded == nil {
		p.Status = store.Unreadable
	}
	if decoded != nil {
		p.Post = *decoded
	} else {
		p.URI, p.CID = rec.Path.URI(f.in.state.DID), rec.CID.String()
	}
	add(f.asm, p)
	countChange(f.rep, mark{}, p)
	return f.posts.add(p, rec.Place)
}
