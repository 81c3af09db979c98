package main

import (
	"context"
	"errors"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// A formerVersion is what an edited post said before.
type formerVersion struct {
	CID       string            `json:"cid"` // as prove --version takes it
	Text      string            `json:"text"`
	Seen      time.Time         `json:"first_seen_at"`
	Told      bool              `json:"first_seen_told,omitempty"` // by another archive, in an export
	Signature atproto.Signature `json:"signature"`
	Note      string            `json:"note,omitempty"` // why there are no words

	post atproto.Post
}

// readVersions reads the earlier versions of the edited posts of a page, oldest first.
func (p *page) readVersions(ctx context.Context, r store.Reader) error {
	p.versions = map[syntax.ATURI][]formerVersion{}
	for uri, post := range p.posts {
		if post.Edited == 0 {
			continue
		}
		versions, err := r.Versions(ctx, post.Author(), atproto.PathOf(uri))
		if err != nil {
			return err
		}
		read := map[string]bool{post.CID: true}
		for _, v := range versions {
			if v.CID.IsZero() || read[v.CID.String()] {
				continue
			}
			read[v.CID.String()] = true
			former, err := readVersion(ctx, r, uri, v)
			if err != nil {
				return err
			}
			p.versions[uri] = append(p.versions[uri], former)
		}
	}
	return nil
}

func readVersion(ctx context.Context, r store.Reader, uri syntax.ATURI, v store.Version) (formerVersion, error) {
	f := formerVersion{CID: v.CID.String(), Seen: v.Seen.UTC(), Told: v.Told, Signature: v.Signature}
	raw, err := r.Record(ctx, syntax.DID(atproto.AuthorOf(uri)), v.CID)
	if errors.Is(err, store.ErrNotFound) {
		f.Note = "its bytes were never to be had"
		return f, nil
	}
	if err != nil {
		return f, err
	}
	if f.post, err = atproto.DecodePost(atproto.Ref{URI: uri, CID: f.CID}, raw); err != nil {
		f.Note = "it cannot be read as a post; its bytes are kept"
	}
	f.Text = f.post.Text
	return f, nil
}

// former writes the earlier versions of a post below it.
func (d *drawing) former(p store.Post) {
	for _, v := range d.page.versions[p.URI] {
		text := v.Text
		switch {
		case v.Note != "":
			text = "[" + v.Note + "]"
		case text == "":
			text = "[no text]"
		}
		d.block("was", text)
		d.embeds(store.Post{Post: v.post})
		seen := "first seen "
		if v.Told {
			seen = "first seen by another archive, as it tells, "
		}
		d.block("", d.style.Dim("earlier version, "+seen+term.Moment(v.Seen, d.loc)+" · signature: "+string(v.Signature)+" · "+v.CID))
	}
}
