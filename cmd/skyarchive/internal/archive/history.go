package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/identity"
	"skyarchive/store"
)

// An Event is one thing that changed, as far as signed states and identity documents tell.
// Seen is when we found out, not when it happened.
type Event struct {
	Kind   EventKind    `json:"kind"`
	Seen   time.Time    `json:"seen_at"`
	Told   bool         `json:"told,omitempty"` // by another archive: we did not see it
	Rev    string       `json:"rev,omitempty"`  // of the state that shows it
	DID    syntax.DID   `json:"did"`
	URI    syntax.ATURI `json:"uri,omitempty"`
	Before string       `json:"before,omitempty"` // words, handle, server, key
	After  string       `json:"after,omitempty"`
	Note   string       `json:"note,omitempty"` // why there are no words, and what there was instead
}

// EventKind names what changed.
type EventKind string

// The kinds of events.
const (
	FirstSeen     EventKind = "first archived"
	PostNew       EventKind = "new post"
	PostEdited    EventKind = "edited post"
	PostDeleted   EventKind = "deleted post"
	PostBack      EventKind = "post is back"
	HandleChanged EventKind = "new handle"
	ServerChanged EventKind = "new server"
	KeyChanged    EventKind = "new key"
	StatusChanged EventKind = "new status"
)

// History is what changed in an account since a time, oldest first. It is derived from
// verified states in the order of (rev, commit CID), whatever order they came in.
func History(ctx context.Context, r store.Reader, did syntax.DID, since time.Time) ([]Event, error) {
	events, err := postEvents(ctx, r, did, since)
	if err != nil {
		return nil, err
	}
	more, err := identityEvents(ctx, r, did)
	if err != nil {
		return nil, err
	}
	for _, e := range more {
		if !e.Seen.Before(since) {
			events = append(events, e)
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Or(a.Seen.Compare(b.Seen), cmp.Compare(a.Rev, b.Rev)) })
	return events, nil
}

func postEvents(ctx context.Context, r store.Reader, did syntax.DID, since time.Time) ([]Event, error) {
	states, err := store.Collect(r.States(ctx, did))
	if err != nil {
		return nil, err
	}
	gone, err := forgottenOf(ctx, r, did)
	if err != nil {
		return nil, err
	}
	var events []Event
	now := map[atproto.Path]atproto.CID{}
	was := map[atproto.Path]bool{}
	for i, s := range states {
		first := s.First()
		seen, told := first.At, !first.Told.IsZero()
		changes, err := store.Collect(r.Changes(ctx, did, s.Commit))
		if err != nil {
			return nil, err
		}
		posts := 0
		for _, c := range changes {
			if c.Path.Collection() != atproto.CollectionPost {
				continue
			}
			old := now[c.Path]
			now[c.Path] = c.CID
			if i == 0 {
				posts++
				was[c.Path] = true
				continue
			}
			e := Event{Seen: seen, Told: told, Rev: s.Rev, DID: did, URI: c.Path.URI(did)}
			switch {
			case c.CID.IsZero():
				e.Kind = PostDeleted
			case !old.IsZero():
				e.Kind = PostEdited
			case was[c.Path]:
				e.Kind = PostBack
			default:
				e.Kind = PostNew
			}
			was[c.Path] = true
			if seen.Before(since) {
				continue
			}
			var lost string
			if e.Before, lost, err = textOf(ctx, r, did, old); err != nil {
				return nil, err
			}
			if e.After, e.Note, err = textOf(ctx, r, did, c.CID); err != nil {
				return nil, err
			}
			if e.Kind == PostDeleted {
				e.Note = lost
			}
			if gone.has(c.Path) {
				e.Note = "it was forgotten"
			}
			events = append(events, e)
		}
		if i == 0 && !seen.Before(since) {
			events = append(events, Event{Kind: FirstSeen, Seen: seen, Told: told, Rev: s.Rev, DID: did, After: number(posts, "post")})
		}
	}
	return events, nil
}

// textOf is the words of a kept record, or why there are none.
func textOf(ctx context.Context, r store.Reader, did syntax.DID, cid atproto.CID) (text, note string, err error) {
	if cid.IsZero() {
		return "", "", nil
	}
	raw, err := r.Record(ctx, did, cid)
	if errors.Is(err, store.ErrNotFound) {
		return "", "its bytes were never to be had", nil
	}
	if err != nil {
		return "", "", err
	}
	p, err := atproto.DecodePost(atproto.Ref{CID: cid.String()}, raw)
	if err != nil {
		return "", "what stands there cannot be read as a post; its bytes are kept", nil
	}
	if p.Text == "" {
		note = strings.Join(append([]string{"no text"}, shownIn(p.Embed)...), "; ")
	}
	return p.Text, note, nil
}

// shownIn is what a post shows besides its words, as words.
func shownIn(e atproto.Embed) []string {
	var list []string
	for _, img := range e.Images {
		list = append(list, "image: "+cmp.Or(img.Alt, "no description"))
	}
	if e.Video != nil {
		list = append(list, "video: "+cmp.Or(e.Video.Alt, "no description"))
	}
	if e.Card != nil {
		list = append(list, strings.TrimSpace("card: "+e.Card.Title+" "+e.Card.URL))
	}
	if !e.Quote.IsZero() {
		list = append(list, "quotes "+string(e.Quote.URI))
	}
	return list
}

func identityEvents(ctx context.Context, r store.Reader, did syntax.DID) ([]Event, error) {
	ids, err := store.Collect(r.Identities(ctx, did))
	if err != nil {
		return nil, err
	}
	// A document in a file does not say from when it is, so nothing changed with it.
	ids = slices.DeleteFunc(ids, func(id store.Identity) bool { return id.OfFile() })
	type known struct {
		store.Identity
		key  string
		told bool
	}
	var events []Event
	var last, ours *known // ours: the last that we saw ourselves
	for _, id := range ids {
		now := known{Identity: id, told: !id.Told.IsZero()}
		before := last
		if !now.told && ours != nil {
			before = ours
		}
		if doc, err := identity.ParseDocument(did, id.Document); err == nil {
			now.key = doc.Key
		} else if len(id.Document) == 0 && before != nil { // its identity was given up
			now.key = before.key
		}
		if last = &now; !now.told {
			ours = &now
		}
		if before == nil {
			continue
		}
		add := func(kind EventKind, was, is string) {
			if was != is {
				events = append(events, Event{Kind: kind, Seen: id.At, Told: now.told || before.told, DID: did, Before: was, After: is})
			}
		}
		add(HandleChanged, string(before.Handle), string(id.Handle))
		add(ServerChanged, before.PDS, id.PDS)
		add(StatusChanged, string(before.Status), string(id.Status))
		add(KeyChanged, before.key, now.key)
	}
	return events, nil
}

// String is the event in a line, without its words.
func (e Event) String() string {
	if e.Told {
		e.Told = false
		return e.String() + " (as another archive tells)"
	}
	switch e.Kind {
	case HandleChanged, ServerChanged, KeyChanged, StatusChanged:
		return fmt.Sprintf("%s: %s, before %s", e.Kind, e.After, e.Before)
	case FirstSeen:
		return string(e.Kind) + ": " + e.After
	}
	return string(e.Kind)
}
