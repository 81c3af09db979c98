package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"golang.org/x/sync/errgroup"

	"skyarchive/atproto"
	"skyarchive/atproto/appview"
	"skyarchive/atproto/cbor"
	"skyarchive/atproto/identity"
	"skyarchive/store"
)

const (
	contextBatch    = 100 // posts that are asked for and written down together
	contextAuthors  = 8   // authors at a time
	contextPerHost  = 2   // requests to one server at a time
	contextPatience = 2   // requests without an answer, after which a server is asked no more

	contextDay   = 24 * time.Hour      // how long what was said of a post holds
	contextYoung = 30 * 24 * time.Hour // age up to which a post is looked at again each day
)

// ContextForgotten says that a post by somebody else was forgotten and is not asked for.
const ContextForgotten store.ContextState = "forgotten"

// A ContextReport is what became of the posts by others that an account's live posts answer
// or quote.
type ContextReport struct {
	Posts  int // that are here now
	Proved int // of them, those with a valid signature
	New    int // of them, those that this run brought
	Absent map[store.ContextState]int
}

func (r *ContextReport) add(c store.Context) {
	if c.Record != nil {
		r.Posts++
		if c.Signature == atproto.SignatureValid {
			r.Proved++
		}
	}
	if c.State != store.ContextFound {
		r.Absent[c.State]++
	}
}

// ContextOptions change which posts by others are asked for.
type ContextOptions struct {
	Refresh bool // all, also those that are here and were asked for lately
	Again   bool // also those that were forgotten one by one
}

// FetchContext asks for the posts by others that an account's live posts answer or quote:
// their own servers, whose proof is checked with their authors' keys, and the AppView where
// that fails. What the AppView counts is kept with its time. What is here already is asked
// for again as [due] says, or all of it as the options say.
func (a *Archiver) FetchContext(ctx context.Context, did syntax.DID, view *appview.Client, opts ContextOptions) (ContextReport, error) {
	x := contexts{
		Archiver: a, view: view, opts: opts, rep: ContextReport{Absent: map[store.ContextState]int{}},
		hosts: map[string]*hostUse{}, known: map[syntax.ATURI]store.Context{},
	}
	ask, err := x.choose(ctx, did)
	if err != nil {
		return x.rep, err
	}
	done := 0
	for part := range slices.Chunk(ask, contextBatch) {
		if err := x.fetch(ctx, part); err != nil {
			return x.rep, err
		}
		done += len(part)
		x.progress("asking for posts by others", int64(done), int64(len(ask)))
	}
	return x.rep, nil
}

// contexts are posts by others on their way.
type contexts struct {
	*Archiver
	view  *appview.Client
	opts  ContextOptions
	rep   ContextReport
	known map[syntax.ATURI]store.Context

	recalled []syntax.ATURI // that were forgotten and are asked for again

	mu    sync.Mutex
	hosts map[string]*hostUse
}

// choose says which posts are asked for, those of one author together.
func (x *contexts) choose(ctx context.Context, did syntax.DID) (ask []syntax.ATURI, err error) {
	err = x.Store.View(ctx, func(r store.Reader) error {
		named := map[syntax.ATURI]bool{}
		for p, err := range r.Posts(ctx, store.Query{DID: did, Live: true}) {
			if err != nil {
				return err
			}
			for _, uri := range p.Others() {
				named[uri] = true
			}
		}
		for uri := range named {
			_, err := r.Post(ctx, uri)
			if err == nil {
				continue // archived itself
			}
			if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			var gone *store.ForgottenError
			if errors.As(err, &gone) {
				if !x.opts.Again || gone.URI == "" { // an account is taken again as a whole
					x.rep.Absent[ContextForgotten]++
					continue
				}
				x.recalled = append(x.recalled, uri)
			}
			old, err := r.Context(ctx, uri)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			if err == nil {
				x.known[uri] = old
			}
			if err == nil && !x.opts.Refresh && !due(old, x.Now()) {
				x.rep.add(old)
				continue
			}
			ask = append(ask, uri)
		}
		return nil
	})
	slices.Sort(ask)
	return ask, err
}

// due says whether a post that was asked for before is asked for again. What is unsigned or
// not counted, and what nobody answered, is at once. A young post, which may still change,
// be deleted or gain answers, is after a day, and so is what was absent and may come back.
func due(old store.Context, now time.Time) bool {
	switch old.State {
	case store.ContextDeleted:
		return false
	case store.ContextUnavailable:
		return true
	case store.ContextFound:
		if old.Signature != atproto.SignatureValid || old.Counts == nil {
			return true
		}
		return now.Sub(old.Age()) < contextYoung && now.Sub(old.At) >= contextDay
	}
	return now.Sub(old.At) >= contextDay
}

// fetch asks for some posts and writes down what became of them.
func (x *contexts) fetch(ctx context.Context, uris []syntax.ATURI) error {
	found := make([]store.Context, len(uris))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(contextAuthors)
	for from := 0; from < len(uris); {
		to := from + 1
		for to < len(uris) && atproto.AuthorOf(uris[to]) == atproto.AuthorOf(uris[from]) {
			to++
		}
		theirs, into := uris[from:to], found[from:to]
		group.Go(func() error { return x.author(inner, theirs, into) })
		from = to
	}
	if err := group.Wait(); err != nil {
		return cmp.Or(context.Cause(ctx), err)
	}
	if err := x.shown(ctx, found); err != nil {
		return err
	}
	err := x.Store.Update(ctx, func(w store.Writer) error {
		for _, c := range found {
			if slices.Contains(x.recalled, c.URI) {
				if err := w.Recall(ctx, c.Author(), c.URI); err != nil {
					return err
				}
			}
			if err := w.PutContext(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, c := range found {
		old := x.known[c.URI]
		if c.Record != nil && old.Record == nil {
			x.rep.New++
		}
		if c.Record == nil {
			c.Record, c.Signature = old.Record, old.Signature
		}
		x.rep.add(c)
	}
	return nil
}

// author asks for posts of one author at their own server. What that does not settle has
// the state unavailable, for the AppView.
func (x *contexts) author(ctx context.Context, uris []syntax.ATURI, into []store.Context) error {
	for i, uri := range uris {
		into[i].URI, into[i].State, into[i].At, into[i].HideGuest = uri, store.ContextUnavailable, x.Now().UTC(), true
	}
	did := syntax.DID(atproto.AuthorOf(uris[0]))
	id, err := x.Identities.Resolve(ctx, syntax.AtIdentifier(did))
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, identity.ErrNoAccount), errors.Is(err, identity.ErrTombstoned):
		for i := range into {
			into[i].State, into[i].Why = store.ContextAccountGone, err.Error()
		}
		return nil
	case err != nil:
		for i := range into {
			into[i].Why = err.Error()
		}
		return nil
	}
	for i := range into {
		if !id.Handle.IsInvalidHandle() {
			into[i].Handle = string(id.Handle)
		}
		if err := x.ownServer(ctx, id, &into[i]); err != nil {
			return err
		}
	}
	return nil
}

// shown asks the AppView for counts, and for the posts that their servers did not give.
func (x *contexts) shown(ctx context.Context, list []store.Context) error {
	uris := make([]syntax.ATURI, len(list))
	for i := range list {
		uris[i] = list[i].URI
	}
	posts, err := x.view.Posts(ctx, uris)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil {
		x.Log.Warn("the AppView gives no counts; the next fetch asks again", "err", err)
	}
	now := x.Now().UTC()
	for i := range list {
		c := &list[i]
		p, ok := posts[c.URI]
		if ok {
			x.show(c, p)
			continue
		}
		if old := x.known[c.URI]; old.Counts != nil {
			c.HideGuest = old.HideGuest // what was last heard of it
		}
		if c.State != store.ContextUnavailable {
			continue
		}
		if err != nil {
			c.Why = cmp.Or(c.Why, err.Error())
			continue
		}
		why, err := x.view.Absence(ctx, c.URI)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			c.Why = cmp.Or(c.Why, err.Error())
		case why == appview.Blocked:
			c.State, c.At, c.Host = store.ContextBlocked, now, x.view.Base()
		case why == appview.NotFound:
			c.State, c.At, c.Host = store.ContextNotFound, now, x.view.Base()
		}
	}
	return nil
}

// show adds what the AppView shows of a post. Its version of the record is taken where the
// author's server gave none.
func (x *contexts) show(c *store.Context, p appview.Post) {
	now := x.Now().UTC()
	c.HideGuest = p.HideGuest
	c.Counts = &store.ContextCounts{Likes: p.Likes, Reposts: p.Reposts, Replies: p.Replies, Quotes: p.Quotes, At: now}
	if c.Handle == "" && !p.Author.Handle.IsInvalidHandle() {
		c.Handle = string(p.Author.Handle)
	}
	if c.Record != nil {
		return
	}
	record, err := cbor.FromJSON(p.Record)
	if err != nil {
		c.Why = fmt.Sprintf("the AppView's version cannot be read: %v", err)
		return
	}
	post, err := atproto.DecodePost(p.Ref, record)
	if err != nil {
		c.Why = fmt.Sprintf("the AppView's version cannot be read: %v", err)
		return
	}
	c.Post, c.Record, c.Signature = post, record, atproto.SignatureUnchecked
	c.From, c.Seen = x.view.Base(), now
	if c.State == store.ContextUnavailable {
		c.State, c.At, c.Host = store.ContextFound, now, x.view.Base()
	}
}
