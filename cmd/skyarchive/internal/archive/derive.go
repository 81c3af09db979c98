package archive

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/search"
)

// touched is the posts that a new state brings, changes or takes away.
type touched struct {
	did     syntax.DID
	entries map[atproto.Path]atproto.CID // zero: gone
	all     bool                         // these are all posts of the account
	mended  map[atproto.Path]bool        // of them, those that only lacked their bytes
}

func newTouched(did syntax.DID) *touched {
	return &touched{did: did, entries: map[atproto.Path]atproto.CID{}, mended: map[atproto.Path]bool{}}
}

// derive brings posts, threads, passages and claims up to date after records were kept:
// the touched posts are read again, the account's threads are assembled from all of its
// posts, and what changed is written. head says that the touched entries are those of the
// account's last state, so that what they say is how things stand now.
func (a *Archiver) derive(ctx context.Context, w store.Writer, t *touched, head bool, rep *Report) error {
	acc, err := w.Account(ctx, t.did)
	if err != nil {
		return err
	}
	if err := t.dropForgotten(ctx, w); err != nil {
		return err
	}
	a.progress("assembling threads", 0, int64(len(t.entries)))
	asm := analysis.NewAssembler(t.did, acc.Handle)
	known, err := addKnown(ctx, w, asm, t)
	if err != nil {
		return err
	}
	posts := roster{did: t.did}
	for path, cid := range t.entries {
		versions := []store.Version{{CID: cid}}
		if !head || cid.IsZero() || t.mended[path] { // it may have been mended where it stood before
			if versions, err = w.Versions(ctx, t.did, path); err != nil {
				return err
			}
		}
		p, err := a.standing(ctx, w, t.did, path, versions)
		if err != nil {
			return err
		}
		add(asm, p)
		if old := known[p.URI]; !t.mended[path] || old.status == "" || old.status == store.Forgotten {
			countChange(rep, old, p)
		}
		if err := posts.add(p, 0); err != nil {
			return err
		}
	}
	read := readings{
		analyzer: a.analyzer(),
		posts:    &posts,
		record: func(ctx context.Context, e *entry) (atproto.CID, []byte, error) {
			c := posts.cid(e)
			record, err := w.Record(ctx, t.did, c)
			return c, record, err
		},
	}
	a.Timings.lap("posts for their threads")
	var threads []analysis.Thread
	err = a.assemble(ctx, w, asm, &read, func(t analysis.Thread) error {
		threads = append(threads, t)
		return nil
	})
	if err != nil {
		return err
	}
	a.Timings.lap("assemble threads")
	if err := a.putReadings(ctx, w, t.did, read.all(ctx), posts.len(), rep); err != nil {
		return err
	}
	a.Timings.lap("read claims, write posts")
	if rep.Changes, err = putThreads(ctx, w, t.did, threads); err != nil {
		return err
	}
	return a.finish(ctx, w, acc, t.all, rep)
}

// assemble makes the threads, as people corrected them, gives each to keep, and fetches what
// they hold beside the posts that are to be read: a post in a thread is read with those around
// it.
func (a *Archiver) assemble(ctx context.Context, r store.Reader, asm *analysis.Assembler, read *readings, keep func(analysis.Thread) error) error {
	if err := a.correct(ctx, r, asm, read.posts.did); err != nil {
		return err
	}
	read.sort()
	for t := range asm.Each() {
		read.add(&t)
		if err := keep(t); err != nil {
			return err
		}
	}
	for _, uri := range read.absent {
		p, err := r.Post(ctx, uri)
		if err != nil {
			return err
		}
		read.others = append(read.others, p)
	}
	return nil
}

// finish notes what is known of the account now that its threads are written. all says that
// all of its posts were read.
func (a *Archiver) finish(ctx context.Context, w store.Writer, acc store.Account, all bool, rep *Report) error {
	a.Timings.lap("write threads")
	rep.ReadAll = all
	// What other posts say still comes from the analysis that read them.
	if all || acc.Analysis == "" {
		acc.Analysis = a.AnalysisVersion()
		if err := w.PutAccount(ctx, acc); err != nil {
			return err
		}
	}
	return a.total(ctx, w, acc.DID, rep)
}

// putReadings keeps posts of an account with what was read in them, and counts their claims.
func (a *Archiver) putReadings(ctx context.Context, w store.Writer, did syntax.DID, list iter.Seq2[reading, error], total int, rep *Report) error {
	topics, err := newTopicTally(ctx, w, did)
	if err != nil {
		return err
	}
	done := 0
	for r, err := range list {
		if err != nil {
			return err
		}
		if done++; done%1000 == 0 {
			a.progress("reading claims", int64(done), int64(total))
		}
		if r.post.Status == store.Live && !r.beside {
			topics.add(r.read)
		}
		switch {
		case r.post.CID == "":
			err = w.SetPostStatus(ctx, r.post.URI, store.Gone)
			if errors.Is(err, store.ErrNotFound) {
				err = nil
			}
		case r.record != nil:
			err = w.PutRecord(ctx, r.post.Author(), r.cid, r.record)
			if err == nil {
				err = w.PutPost(ctx, r.post, r.read)
			}
		default:
			err = w.PutPost(ctx, r.post, r.read)
		}
		if err != nil {
			return err
		}
	}
	rep.Topics, err = topics.sorted(ctx, w)
	return err
}

// standing is how a post stands after its versions, oldest first. While it is there, the
// last one counts, also where it cannot be read: what it said before, it says no more. Once
// it is gone, its last readable words are shown; its CID is "" if it never had any.
func (a *Archiver) standing(ctx context.Context, r store.Reader, did syntax.DID, path atproto.Path, versions []store.Version) (store.Post, error) {
	p := store.Post{Status: store.Live}
	p.URI = path.URI(did)
	for _, v := range slices.Backward(versions) {
		if v.CID.IsZero() {
			p.Status = store.Gone
			continue
		}
		record, err := r.Record(ctx, did, v.CID)
		switch {
		case err == nil:
		case !errors.Is(err, store.ErrNotFound):
			return p, err
		case p.Status == store.Live:
			p.Status, p.CID = store.Missing, v.CID.String()
			return p, nil
		default:
			continue
		}
		// What cannot be read was counted when it came.
		if post, err := atproto.DecodePost(atproto.Ref{URI: p.URI, CID: v.CID.String()}, record); err == nil {
			p.Post = post
			return p, nil
		}
		if p.Status == store.Live {
			p.Status, p.CID = store.Unreadable, v.CID.String()
			return p, nil
		}
	}
	p.Status = store.Gone
	return p, nil
}

// A mark is what was known of a post before.
type mark struct {
	cid    string
	status store.PostStatus
}

// addKnown adds the account's posts that were not touched, and returns what was known of
// those that were.
func addKnown(ctx context.Context, r store.Reader, asm *analysis.Assembler, t *touched) (map[syntax.ATURI]mark, error) {
	known := map[syntax.ATURI]mark{}
	for p, err := range r.Outlines(ctx, t.did) {
		if err != nil {
			return nil, err
		}
		if _, ok := t.entries[atproto.PathOf(p.URI)]; ok {
			known[p.URI] = mark{p.CID, p.Status}
			continue
		}
		add(asm, store.Post{Post: p.Post, Status: p.Status})
	}
	return known, nil
}

func add(asm *analysis.Assembler, p store.Post) {
	switch p.Status {
	case store.Live:
		asm.Add(&p.Post)
	case store.Gone:
		asm.AddDeleted(&p.Post)
	case store.Missing, store.Unreadable:
		asm.AddDeleted(&atproto.Post{Ref: p.Ref})
	case store.Forgotten:
		asm.AddForgotten(p.URI, p.CID, p.Reply)
	}
}

func countChange(rep *Report, old mark, p store.Post) {
	switch {
	case p.Status == store.Gone:
		if old.status == store.Live || old.status.Wordless() {
			rep.Deleted++
		} else if old.status == "" {
			rep.Recovered++
		}
	case old.cid == "" && p.Status == store.Unreadable: // counted when it came
	case old.cid == "":
		rep.New++
	case old.status == store.Gone:
		rep.New++
	case old.cid != p.CID:
		rep.Edited++
	}
}

// correct tells the assembler what people joined and split.
func (a *Archiver) correct(ctx context.Context, r store.Reader, asm *analysis.Assembler, did syntax.DID) error {
	decisions, err := store.Collect(r.Decisions(ctx, store.DecisionQuery{DID: did}))
	if err != nil {
		return err
	}
	return asm.Correct(decisions)
}

// Rethread assembles an account's threads again, after a person joined or split some, and
// says what became of them.
func (a *Archiver) Rethread(ctx context.Context, w store.Writer, did syntax.DID) ([]string, error) {
	acc, err := w.Account(ctx, did)
	if err != nil {
		return nil, err
	}
	asm := analysis.NewAssembler(did, acc.Handle)
	if _, err := addKnown(ctx, w, asm, newTouched(did)); err != nil {
		return nil, err
	}
	if err := a.correct(ctx, w, asm, did); err != nil {
		return nil, err
	}
	return putThreads(ctx, w, did, asm.Threads())
}

// total counts what is here now.
func (a *Archiver) total(ctx context.Context, r store.Reader, did syntax.DID, rep *Report) error {
	acc, err := r.Account(ctx, did)
	if err != nil {
		return err
	}
	rep.Account, rep.Posts, rep.Threads, rep.Claims = acc, acc.Posts, acc.Threads, acc.Claims
	if rep.Edited == 0 {
		return nil
	}
	q := store.Query{DID: did, All: true, Where: search.Field{Name: "status", Value: search.Edited}}
	for _, err := range r.Claims(ctx, q) {
		if err != nil {
			return err
		}
		rep.Overtaken++
	}
	return nil
}
