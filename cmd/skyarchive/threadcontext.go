package main

import (
	"context"
	"errors"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// An otherPost is a post outside the page that a post on it answers or quotes.
type otherPost struct {
	URI       syntax.ATURI       `json:"uri"`
	Handle    string             `json:"handle"` // or the DID
	Text      string             `json:"text"`
	Signature atproto.Signature  `json:"signature,omitempty"`
	State     store.ContextState `json:"state"`
	At        time.Time          `json:"state_at"`
	Likes     *int               `json:"likes,omitempty"`
	Reposts   *int               `json:"reposts,omitempty"`
	Replies   *int               `json:"replies,omitempty"`
	CountedAt *time.Time         `json:"counted_at,omitempty"`
	seen      bool               // its words are here
}

// readOther is what the archive has of a post by anybody; nil if it never asked for it.
func readOther(ctx context.Context, r store.Reader, uri syntax.ATURI) (*otherPost, error) {
	o := &otherPost{URI: uri, Handle: atproto.AuthorOf(uri)}
	p, err := r.Post(ctx, uri)
	if err == nil {
		o.Text, o.seen, o.Signature, o.State, o.At = p.Text, !p.Status.Wordless(), p.Signature, store.ContextFound, p.WordsSeen.UTC()
		if p.Status == store.Gone {
			o.State, o.At = store.ContextDeleted, p.GoneFound.UTC()
		}
		acc, err := r.Account(ctx, p.Author())
		o.Handle = acc.Name()
		return o, err
	}
	var forgotten *store.ForgottenError
	if errors.As(err, &forgotten) {
		o.State, o.At = archive.ContextForgotten, forgotten.At.UTC()
		return o, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	c, err := r.Context(ctx, uri)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	o.Text, o.seen, o.Signature, o.State, o.At = c.Text, c.Record != nil, c.Signature, c.State, c.At.UTC()
	if c.Handle != "" {
		o.Handle = c.Handle
	}
	if n := c.Counts; n != nil {
		at := n.At.UTC()
		o.Likes, o.Reposts, o.Replies, o.CountedAt = &n.Likes, &n.Reposts, &n.Replies, &at
	}
	return o, nil
}

// by names the author.
func (o *otherPost) by() string {
	if _, err := syntax.ParseDID(o.Handle); err == nil {
		return o.Handle
	}
	return "@" + o.Handle
}

// remark is what a reader should know of the post besides its words.
func (o *otherPost) remark(loc *time.Location) string {
	day := term.Moment(o.At, loc)
	s := ""
	switch {
	case o.State == store.ContextFound:
	case o.State == store.ContextUnavailable && o.seen:
	case o.State == store.ContextUnavailable:
		s = "its server did not answer on " + day
	case o.State == store.ContextDeleted:
		s = "deleted, found gone " + day
	case o.State == store.ContextBlocked:
		s = "blocked, asked on " + day
	case o.State == archive.ContextForgotten:
		s = "forgotten on " + day
	case o.State == store.ContextNotFound:
		s = "not found on " + day
	case o.State == store.ContextAccountGone:
		s = "its author's account was gone on " + day
	}
	if o.seen {
		if s != "" {
			s += " · "
		}
		s += "signature: " + string(o.Signature)
	}
	return s
}

// answer says whom a post answers, with the words where they are archived.
func (d *drawing) answer(parent syntax.ATURI) {
	q, ok := d.others[parent]
	switch {
	case ok && q.seen:
		d.block("", d.style.Dim("↳ answers "+q.by()+": « "+term.Cut(q.Text, 200)+"\u00a0» ("+q.remark(d.loc)+")"))
	case ok:
		d.block("", d.style.Dim("↳ answers a post by "+q.by()+" ("+q.remark(d.loc)+"): "+webURL(parent)))
	default:
		d.block("", d.style.Dim("↳ answers a post by "+atproto.AuthorOf(parent)+": "+webURL(parent)))
	}
}

// quote shows a quoted post: its words where they are archived, then whose they are.
func (d *drawing) quote(uri syntax.ATURI) {
	q, ok := d.others[uri]
	switch p, here := d.posts[uri]; {
	case here:
		d.block("", "> "+term.Cut(p.Text, 120))
	case ok && q.seen:
		d.block("", "> "+q.Text)
		d.block("", d.style.Dim("  "+q.by()+" · "+q.remark(d.loc)+" · "+webURL(uri)))
	case ok:
		d.block("", "> quotes "+webURL(uri)+" by "+q.by()+" ("+q.remark(d.loc)+")")
	default:
		d.block("", "> quotes "+webURL(uri))
	}
}
