package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// A citation is what a reference to an archived post says, in whatever form.
type citation struct {
	post    store.Post
	account store.Account
	loc     *time.Location
}

// citePost prints a reference to one post.
func citePost(ctx context.Context, a *app, name, form string) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	return a.view(ctx, func(r store.Reader) error {
		uri, err := postNamed(ctx, r, name)
		if err != nil {
			return err
		}
		c := citation{loc: loc}
		if c.post, err = r.Post(ctx, uri); err != nil {
			return fmt.Errorf("post %s: %w", uri, err)
		}
		if c.account, err = r.Account(ctx, c.post.Author()); err != nil {
			return err
		}
		text, err := c.in(form)
		if err != nil {
			return err
		}
		if a.json {
			return term.JSONLine(a.stdout, c.line(form, text))
		}
		_, err = fmt.Fprint(a.stdout, text)
		return err
	})
}

// in is the reference in a form.
func (c citation) in(form string) (string, error) {
	switch form {
	case "text":
		return c.text(), nil
	case "ris":
		return c.ris(), nil
	case "csl-json":
		raw, err := json.MarshalIndent([]any{c.csl()}, "", "  ")
		return string(raw) + "\n", err
	}
	return "", usagef("--cite %s: write text, csl-json or ris", form)
}

// citationLine is what --json prints of a reference.
type citationLine struct {
	URI      syntax.ATURI `json:"uri"`
	CID      string       `json:"cid"`
	URL      string       `json:"url"`
	Form     string       `json:"form"`
	Citation string       `json:"citation,omitempty"` // in that form; of csl-json it is CSL
	CSL      cslItem      `json:"csl"`
}

func (c citation) line(form, text string) citationLine {
	line := citationLine{URI: c.post.URI, CID: c.post.CID, URL: webURL(c.post.URI), Form: form, CSL: c.csl()}
	if form != "csl-json" {
		line.Citation = strings.TrimSuffix(text, "\n")
	}
	return line
}

// longestTitle is as long as a post of Bluesky can be, so that only others are cut.
const longestTitle = 300

// title is the words of the post, which has no other title.
func (c citation) title() string {
	if c.post.Text == "" {
		return "[post without text]"
	}
	return term.CutAtWord(c.post.Text, longestTitle)
}

// note says how the post is kept: what a reader needs to find and check these very bytes.
func (c citation) note() string {
	var parts []string
	if t := c.post.Dates().Created; !t.IsZero() {
		parts = append(parts, "date claimed by the author's app: "+t.In(c.loc).Format("2006-01-02 15:04:05 MST"))
	} else {
		parts = append(parts, "no readable date claimed")
	}
	if d := c.post.Dates(); d.Apart() || d.Created.IsZero() && !d.Key.IsZero() {
		parts = append(parts, "time in the record key: "+d.Key.In(c.loc).Format("2006-01-02 15:04:05 MST"))
	}
	if !c.post.WordsSeen.IsZero() {
		what := "archived: "
		if c.post.WordsTold {
			what = "archived elsewhere, as the archive tells that it was taken over from: "
		}
		parts = append(parts, what+c.post.WordsSeen.In(c.loc).Format("2006-01-02 15:04:05 MST"))
	}
	if c.post.Edited > 0 {
		parts = append(parts, "edited, "+count(c.post.Edited, "earlier version")+" kept")
	}
	if !c.post.GoneFound.IsZero() {
		what := "found deleted: "
		if c.post.GoneTold {
			what = "found deleted, as the archive tells that it was taken over from: "
		}
		parts = append(parts, what+c.post.GoneFound.In(c.loc).Format("2006-01-02 15:04:05 MST"))
	}
	parts = append(parts, string(c.post.URI))
	if c.post.Rev != "" {
		parts = append(parts, "repository revision "+c.post.Rev)
	}
	return strings.Join(append(parts, "record "+c.post.CID, "signature: "+string(c.post.Signature)), "; ")
}

func (c citation) text() string {
	when := "n.d."
	if t := c.post.Dates().Shown(); !t.IsZero() {
		when = t.In(c.loc).Format("2 January 2006, 15:04 MST")
	}
	stop := "."
	if last, _ := utf8.DecodeLastRuneInString(c.title()); strings.ContainsRune(".…!?", last) {
		stop = "" // the words end with their own
	}
	return fmt.Sprintf("%s (%s). \u201c%s\u201d%s Bluesky. %s\n[%s]\n", c.account.Mention(), when, c.title(), stop, webURL(c.post.URI), c.note())
}

// cslDate is a date in CSL-JSON.
type cslDate struct {
	Parts [][]int `json:"date-parts"`
}

func newCSLDate(t time.Time) *cslDate {
	return &cslDate{[][]int{{t.Year(), int(t.Month()), t.Day()}}}
}

// cslItem is an item of CSL-JSON (https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html).
type cslItem struct {
	ID        string              `json:"id"`
	Type      string              `json:"type"`
	Title     string              `json:"title"`
	Author    []map[string]string `json:"author"`
	Container string              `json:"container-title"`
	Issued    *cslDate            `json:"issued,omitempty"`
	Accessed  *cslDate            `json:"accessed,omitempty"`
	URL       string              `json:"URL"`
	Note      string              `json:"note"`
}

func (c citation) csl() cslItem {
	item := cslItem{
		ID: atproto.KeyOf(c.post.URI), Type: "post", Title: c.title(), Author: []map[string]string{{"literal": c.account.Mention()}},
		Container: "Bluesky", URL: webURL(c.post.URI), Note: c.note(),
	}
	if t := c.post.Dates().Shown(); !t.IsZero() {
		item.Issued = newCSLDate(t.In(c.loc))
	}
	if !c.post.WordsSeen.IsZero() && !c.post.WordsTold {
		item.Accessed = newCSLDate(c.post.WordsSeen.In(c.loc))
	}
	return item
}

// ris is the format of reference managers: two letters, two spaces, a dash, a value; no
// value holds a line break.
func (c citation) ris() string {
	var b strings.Builder
	line := func(tag, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s  - %s\r\n", tag, strings.Join(strings.Fields(value), " "))
		}
	}
	line("TY", "ELEC")
	line("AU", c.account.Mention())
	line("TI", c.title())
	line("T2", "Bluesky")
	if t := c.post.Dates().Shown(); !t.IsZero() {
		line("PY", t.In(c.loc).Format("2006"))
		line("DA", t.In(c.loc).Format("2006/01/02"))
	}
	if !c.post.WordsSeen.IsZero() && !c.post.WordsTold {
		line("Y2", c.post.WordsSeen.In(c.loc).Format("2006/01/02"))
	}
	line("UR", webURL(c.post.URI))
	line("N1", c.note())
	b.WriteString("ER  - \r\n")
	return b.String()
}
