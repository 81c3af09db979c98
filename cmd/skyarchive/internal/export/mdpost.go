package export

import (
	"fmt"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// post writes a post: its words, what it carries, its dates.
func (n *note) post(uri syntax.ATURI, number string) {
	p, ok := n.doc.Posts[uri]
	if !ok {
		if why := n.doc.Withheld[uri]; why != "" {
			n.block("*" + n.w.label(n.w.withheld, n.w.reasons[why]) + ".*")
			return
		}
		n.block("*" + n.w.notThere + "* " + linked(string(uri), atproto.WebURL(uri)))
		return
	}
	if p.Status.Wordless() {
		n.block("*" + n.w.wordless[p.Status] + "*")
		n.earlier(uri)
		n.block(n.facts(p, number))
		return
	}
	if p.Status == store.Gone {
		n.block("**" + fmt.Sprintf(n.w.gapDeleted, n.foundGone(p)) + "**")
	}
	n.words(p.Post, n.doc.Claims[uri])
	n.embeds(p.Post)
	n.earlier(uri)
	n.block(n.facts(p, number))
}

// words writes a post's words, with a reference behind each claim.
func (n *note) words(p atproto.Post, claims []store.Claim) {
	var marks []mark
	for _, c := range claims {
		if c.Start < 0 || c.End > len(p.Text) || c.Start >= c.End {
			continue
		}
		end := c.Start + len(strings.TrimRight(p.Text[c.Start:c.End], " \t\r\n"))
		marks = append(marks, mark{end, c.Passage.Claim.ID})
	}
	n.notes = append(n.notes, claims...)
	if strings.TrimSpace(p.Text) == "" {
		n.block("*(" + n.w.noText + ")*")
	} else {
		n.block(markdownText(p.Text, p.ValidFacets(), marks))
	}
	for _, f := range p.Facets {
		if f.Kind == atproto.FacetLink && facetURL(f) == "" {
			n.block("*" + n.w.linkLeftOut + n.w.colon + "* " + plainMarkdown(f.Value))
		}
	}
}

// facts is the line below a post: number, time, address, signature, and the anchor by
// which Obsidian links to it.
func (n *note) facts(p store.Post, number string) string {
	w := n.w
	var parts []string
	if number != "" {
		parts = append(parts, "**"+number+"**")
	}
	parts = append(parts, "["+n.x.written(p.Dates())+"]("+destination(atproto.WebURL(p.URI))+")")
	parts = append(parts, w.label(w.signature, w.signatures[p.Signature]))
	if p.Edited > 0 {
		parts = append(parts, w.edited)
	}
	if p.Status == store.Gone {
		parts = append(parts, "**"+w.deletedNow+"**, "+n.foundGone(p))
	}
	return "*" + strings.Join(parts, " · ") + "* ^" + blockID(atproto.KeyOf(p.URI))
}

// foundGone says when it was found that a post is gone, and if it was not found here.
func (n *note) foundGone(p store.Post) string {
	return n.w.toldOf(fmt.Sprintf(n.w.foundGone, n.w.moment(n.in(p.GoneFound))), p.GoneTold)
}

// blockID is a record key in the characters that Obsidian allows in a block's name.
func blockID(key string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (isAlnum(byte(r)) || r == '-') {
			return r
		}
		return '-'
	}, key)
}

// answer says whom a post answers if that is somebody else.
func (n *note) answer(uri syntax.ATURI) {
	p, ok := n.doc.Posts[uri]
	parent := parentOf(p.Post)
	if !ok || parent == "" || atproto.AuthorOf(parent) == string(p.Author()) {
		return
	}
	n.other(parent, n.w.answers, n.w.answersUnseen)
}

// other writes a post by somebody, or by the same author elsewhere, as a quotation.
func (n *note) other(uri syntax.ATURI, known, unseen string) {
	n.quote(func() {
		w := n.w
		q, ok := n.doc.Others[uri]
		if p, here := n.doc.Posts[uri]; here {
			q, ok = Other{p, n.doc.Account}, true
		}
		if !ok {
			if why := n.doc.Withheld[uri]; why != "" {
				n.block("*" + w.label(w.withheld, w.reasons[why]) + ".*")
				return
			}
			n.block("*" + unseen + w.colon + "* " + linked(string(uri), atproto.WebURL(uri)))
			return
		}
		n.words(q.Post.Post, nil)
		who := linked(atproto.AuthorOf(uri), "https://bsky.app/profile/"+atproto.AuthorOf(uri))
		if q.Account != nil {
			who = accountLink(q.Account)
		}
		line := "— *" + known + w.colon + "* " + who + " · [" + n.x.written(q.Dates()) + "](" + destination(atproto.WebURL(uri)) + ") · " + w.label(w.signature, w.signatures[q.Signature])
		if q.Status == store.Gone {
			line += " · **" + w.deletedNow + "**"
		}
		n.block(line)
	})
}

// embeds writes what a post carries besides its words.
func (n *note) embeds(p atproto.Post) {
	w, e := n.w, p.Embed
	for _, img := range e.Images {
		n.picture(img.Blob, img.Alt, w.image, w.imageNoAlt)
	}
	if e.Video != nil {
		n.picture(e.Video.Blob, e.Video.Alt, w.video, w.videoNoAlt)
	}
	if c := e.Card; c != nil {
		n.quote(func() {
			name := c.Title
			if oneLine(name) == "" {
				name = c.URL
			}
			n.block("*" + w.card + w.colon + "* " + linked(name, c.URL))
			n.block(markdownText(strings.TrimSpace(c.Description), nil, nil))
			if !isWebURL(c.URL) {
				n.block("*" + w.linkLeftOut + w.colon + "* " + plainMarkdown(c.URL))
			}
		})
	}
	if !e.Quote.IsZero() {
		n.other(e.Quote.URI, w.quoted, w.quotedUnseen)
	}
	if e.Other != "" {
		n.block("*" + w.otherEmbed + "* " + plainMarkdown(e.Other))
	}
	if len(p.Tags) > 0 {
		n.block("*" + w.tagsOutside + w.colon + "* " + plainMarkdown(strings.Join(p.Tags, ", ")))
	}
	if len(p.Labels) > 0 {
		n.block("*" + w.labels + w.colon + "* " + plainMarkdown(strings.Join(p.Labels, ", ")))
	}
}

func (n *note) picture(blob atproto.Blob, alt, named, unnamed string) {
	path, err := n.media(blob)
	if err != nil && n.err == nil {
		n.err = err
	}
	alt = strings.TrimSpace(alt)
	switch {
	case path != "" && strings.HasPrefix(blob.Type, "image/"):
		n.block("![" + plainMarkdown(alt) + "](" + destination(path) + ")")
	case path != "":
		n.block("[" + named + "](" + destination(path) + ")")
	}
	switch {
	case alt != "":
		n.quote(func() { n.block("*" + named + n.w.colon + "* " + markdownText(alt, nil, nil)) })
	case path == "":
		n.quote(func() { n.block("*" + unnamed + "*") })
	}
}

func (n *note) earlier(uri syntax.ATURI) {
	for _, v := range n.doc.Earlier[uri] {
		n.quote(func() {
			n.block("*" + n.w.toldOf(fmt.Sprintf(n.w.earlierVersion, n.w.moment(n.in(v.Seen))), v.Told) + n.w.colon + "*")
			n.words(v.Post, nil)
		})
	}
}
