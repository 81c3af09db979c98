package archive

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// derive brings posts, threads, passages and claims up to date after records were kept:
// the touched posts are read again, the account's threads are assembled from all of its
// posts, and what changed is written. head says that the touched entries are those of the
// account's last state, so that what they say is how things stand now.
func (a *Archiver) derive(ctx context.Context, w store.Writer, did syntax.DID, t *touched, head bool, rep *Report) error {
	acc, err := w.Account(ctx, did)
	if err != nil {
		return err
	}
	a.progress("assembling threads", 0, int64(len(t.entries)))
	posts, err := a.current(ctx, w, t, head, rep)
	if err != nil {
		return err
	}
	asm := analysis.NewAssembler(did, acc.Handle)
	known, err := addKnown(ctx, w, asm, did, t)
	if err != nil {
		return err
	}
	for _, p := range posts {
		add(asm, p)
		countChange(rep, known[p.URI], p)
	}
	if err := a.correct(ctx, w, asm, did); err != nil {
		return err
	}
	threads := asm.Threads()
	if err := a.analyse(ctx, w, posts, threads); err != nil {
		return err
	}
	if rep.Changes, err = putThreads(ctx, w, did, threads); err != nil {
		return err
	}
	// What other posts say still comes from the analysis that read them.
	if t.all || acc.Analysis == "" {
		acc.Analysis = a.AnalysisVersion()
		if err := w.PutAccount(ctx, acc); err != nil {
			return err
		}
	}
	return a.total(ctx, w, did, rep)
}

// current is how the touched posts stand now: with their newest version, live or gone.
func (a *Archiver) current(ctx context.Context, w store.Writer, t *touched, head bool, rep *Report) ([]store.Post, error) {
	var list []store.Post
	for path, cid := range t.entries {
		versions := []store.Version{{CID: cid}}
		if !head || cid.IsZero() {
			var err error
			if versions, err = w.Versions(ctx, t.did, path); err != nil {
				return nil, err
			}
		}
		p, err := a.standing(ctx, w, t, path, versions)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b store.Post) int {
		return cmp.Or(a.Age().Compare(b.Age()), cmp.Compare(a.URI, b.URI))
	})
	return list, nil
}

// standing is how a post stands after its versions, oldest first. While it is there, the
// last one counts, also where it cannot be read: what it said before, it says no more. Once
// it is gone, its last readable words are shown; its CID is "" if it never had any.
func (a *Archiver) standing(ctx context.Context, r store.Reader, t *touched, path atproto.Path, versions []store.Version) (store.Post, error) {
	p := store.Post{Status: store.Live}
	p.URI = path.URI(t.did)
	for _, v := range slices.Backward(versions) {
		if v.CID.IsZero() {
			p.Status = store.Gone
			continue
		}
		decoded := t.posts[path]
		if decoded == nil || decoded.CID != v.CID.String() {
			bytes, err := r.Record(ctx, t.did, v.CID)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return p, err
			}
			switch {
			case bytes != nil:
			case p.Status == store.Live:
				p.Status, p.CID = store.Missing, v.CID.String()
				return p, nil
			default:
				continue
			}
			// What cannot be read was counted when it came.
			decoded = nil
			if post, err := atproto.DecodePost(atproto.Ref{URI: p.URI, CID: v.CID.String()}, bytes); err == nil {
				decoded = &post
			}
		}
		switch {
		case decoded != nil:
			p.Post = *decoded
			return p, nil
		case p.Status == store.Live:
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
func addKnown(ctx context.Context, r store.Reader, asm *analysis.Assembler, did syntax.DID, t *touched) (map[syntax.ATURI]mark, error) {
	known := map[syntax.ATURI]mark{}
	for p, err := range r.Outlines(ctx, did) {
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
		asm.AddDeleted(p.URI, p.CID, p.Reply)
	case store.Missing, store.Unreadable:
		asm.AddDeleted(p.URI, p.CID, nil)
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

// analyse reads the claims of the touched posts. A post in a thread is read with the
// posts around it, since a source or a quotation may carry over.
func (a *Archiver) analyse(ctx context.Context, w store.Writer, posts []store.Post, threads []analysis.Thread) error {
	touched := make(map[syntax.ATURI]*store.Post, len(posts))
	for i := range posts {
		touched[posts[i].URI] = &posts[i]
	}
	in := map[syntax.ATURI]int{}
	for i, t := range threads {
		for _, uri := range t.Posts {
			in[uri] = i
		}
	}
	analyzer := a.analyzer()
	done := map[int]bool{}
	for i := range posts {
		p := &posts[i]
		if i%1000 == 0 {
			a.progress("reading claims", int64(i), int64(len(posts)))
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		n, threaded := in[p.URI]
		switch {
		case p.CID == "":
			if err := w.SetPostStatus(ctx, p.URI, store.Gone); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		case p.Status.Wordless():
			if err := w.PutPost(ctx, *p, analysis.PostAnalysis{URI: p.URI}); err != nil {
				return err
			}
		case !threaded:
			if err := putAnalysed(ctx, w, analyzer, p); err != nil {
				return err
			}
		case !done[n]:
			done[n] = true
			parts := make([]*store.Post, 0, len(threads[n].Posts))
			for _, uri := range threads[n].Posts {
				part := touched[uri]
				if part == nil {
					other, err := w.Post(ctx, uri)
					if err != nil {
						return err
					}
					part = &other
				}
				parts = append(parts, part)
			}
			if err := putAnalysed(ctx, w, analyzer, parts...); err != nil {
				return err
			}
		}
	}
	return nil
}

// putAnalysed reads posts of one thread in order and keeps them with what was read.
func putAnalysed(ctx context.Context, w store.Writer, analyzer *analysis.Analyzer, posts ...*store.Post) error {
	decoded := make([]*atproto.Post, len(posts))
	for i, p := range posts {
		decoded[i] = &p.Post
	}
	for i, read := range analyzer.Posts(decoded...) {
		posts[i].Lang = read.Lang
		if err := w.PutPost(ctx, *posts[i], read); err != nil {
			return err
		}
	}
	return nil
}

// Rethread assembles an account's threads again, after a person joined or split some, and
// says what became of them.
func (a *Archiver) Rethread(ctx context.Context, w store.Writer, did syntax.DID) ([]string, error) {
	acc, err := w.Account(ctx, did)
	if err != nil {
		return nil, err
	}
	asm := analysis.NewAssembler(did, acc.Handle)
	if _, err := addKnown(ctx, w, asm, did, &touched{}); err != nil {
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
	counts, err := r.TopicClaims(ctx, did)
	if err != nil {
		return err
	}
	rep.Topics = sortTopics(counts)
	return nil
}
