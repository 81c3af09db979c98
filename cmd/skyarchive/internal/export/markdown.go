package export

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// A page collects blocks of Markdown. Blocks are separated by empty lines and may stand in
// quotations of any depth.
type page struct {
	b     strings.Builder
	depth int
	least int // the least depth since the last block
}

// block adds lines that belong together; "" adds nothing.
func (p *page) block(lines string) {
	if lines == "" {
		return
	}
	if p.b.Len() > 0 {
		p.b.WriteString(strings.TrimSuffix(strings.Repeat("> ", min(p.least, p.depth)), " ") + "\n")
	}
	prefix := strings.Repeat("> ", p.depth)
	for line := range strings.SplitSeq(lines, "\n") {
		if line == "" {
			p.b.WriteString(strings.TrimSuffix(prefix, " "))
		} else {
			p.b.WriteString(prefix + line)
		}
		p.b.WriteByte('\n')
	}
	p.least = p.depth
}

// quote puts what fill adds into a quotation of its own.
func (p *page) quote(fill func()) {
	p.least = min(p.least, p.depth)
	p.depth++
	fill()
	p.depth--
	p.least = min(p.least, p.depth)
}

// A note writes one document.
type note struct {
	page
	x     *export
	w     *words
	doc   *Document
	media func(atproto.Blob) (string, error) // relative path of a copied file, "" for none
	notes []store.Claim                      // whose references were written, in order
	err   error
}

func (x *export) newNote(doc *Document) *note {
	return &note{x: x, w: x.words, doc: doc, media: func(atproto.Blob) (string, error) { return "", nil }}
}

// thread writes the document as a thread under a heading of this level.
func (n *note) thread(level int) {
	doc := n.doc
	n.block(strings.Repeat("#", level) + " " + plainMarkdown(n.title()))
	n.block(n.byline())
	n.answer(doc.Thread.Root)
	n.gaps("")
	for i, uri := range doc.Thread.Posts {
		n.post(uri, doc.number(i))
		n.gaps(uri)
	}
	for _, branch := range doc.Thread.Branches {
		n.quote(func() {
			n.block("**" + n.w.aside + "**")
			for _, uri := range branch {
				n.post(uri, "")
			}
		})
	}
	n.strayGaps()
	n.joins(level + 1)
	n.checked(level + 1)
	n.footnotes()
}

// single writes the document as one post of a file that holds many. The heading is the
// record key, so that it is the post's anchor in every reader.
func (n *note) single(level int) {
	n.block(strings.Repeat("#", level) + " " + plainMarkdown(atproto.KeyOf(n.doc.Thread.Root)))
	n.answer(n.doc.Thread.Root)
	n.post(n.doc.Thread.Root, "")
	n.footnotes()
}

func (n *note) title() string {
	if t := title(n.doc.Root().Text); t != "" {
		return t
	}
	return n.doc.Account.Author() + ", " + n.x.written(n.doc.Thread.Dates)
}

func (n *note) in(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(n.x.Zone)
}

func (n *note) byline() string {
	t, acc, w := n.doc.Thread, n.doc.Account, n.w
	parts := []string{accountLink(acc)}
	if then := acc.HandleAt(t.Age); then != "" && then != acc.handle() {
		parts = append(parts, plainMarkdown(fmt.Sprintf(w.formerHandle, then)))
	}
	parts = append(parts, n.x.written(t.Dates), "["+w.onBluesky+"]("+destination(atproto.WebURL(t.Root))+")")
	if len(t.Posts) > 1 {
		parts = append(parts, w.count(len(t.Posts), w.posts), n.state())
	}
	parts = append(parts, w.label(w.signature, w.signatures[n.doc.signature()]))
	return strings.Join(parts, " · ")
}

// state says in a word whether the thread is whole, and what is not there.
func (n *note) state() string {
	t := n.doc.Thread
	if t.Complete {
		return n.w.complete
	}
	absent := t.Absent()
	var list []string
	if len(absent.Missing) > 0 {
		list = append(list, n.w.missing+" "+numberList(absent.Missing))
	}
	for _, parts := range []struct {
		numbers []int
		forms   string
	}{{absent.Deleted, n.w.partsDeleted}, {absent.Split, n.w.partsSplit}} {
		if len(parts.numbers) > 0 {
			list = append(list, fmt.Sprintf(n.w.form(len(parts.numbers), parts.forms), numberList(parts.numbers)))
		}
	}
	switch {
	case len(list) > 0:
		return strings.Join(list, ", ")
	case slices.ContainsFunc(t.Gaps, func(gap analysis.Gap) bool { return gap.Kind == analysis.GapDeleted }):
		return n.w.partDeleted
	}
	return n.w.incomplete
}

func numberList(numbers []int) string {
	var list []string
	for _, k := range numbers {
		list = append(list, strconv.Itoa(k))
	}
	return strings.Join(list, ", ")
}

func accountLink(acc *Account) string {
	name := acc.Mention()
	if acc.DisplayName != "" {
		name = acc.DisplayName + " (" + name + ")"
	}
	return linked(name, "https://bsky.app/profile/"+string(acc.DID))
}

// gaps writes what is absent right after a post.
func (n *note) gaps(after syntax.ATURI) {
	for _, gap := range n.doc.Thread.Gaps {
		if gap.After == after {
			n.gap(gap)
		}
	}
}

// strayGaps writes the gaps whose place is not in the main line.
func (n *note) strayGaps() {
	for _, gap := range n.doc.Thread.Gaps {
		if gap.After != "" && !slices.Contains(n.doc.Thread.Posts, gap.After) {
			n.gap(gap)
		}
	}
}

func (n *note) gap(gap analysis.Gap) {
	n.quote(func() {
		p, archived := n.doc.Posts[gap.URI]
		switch {
		case gap.Kind == analysis.GapNumber:
			n.block("**" + fmt.Sprintf(n.w.gapNumber, gap.Number) + "**")
		case gap.Kind == analysis.GapSplit:
			n.block("**" + fmt.Sprintf(n.w.gapSplit, gap.Number) + "**")
		case archived:
			n.post(gap.URI, n.doc.absent(gap))
			if p.Status != store.Gone {
				return
			}
		case n.doc.Withheld[gap.URI] != "":
			n.post(gap.URI, n.doc.absent(gap))
		case gap.Kind == analysis.GapForgotten:
			n.block("**" + n.numbered(n.w.gapForgotten, gap) + "**")
		case gap.Kind == analysis.GapDeleted:
			n.block("**" + n.numbered(n.w.gapDeletedEmpty, gap) + "** " + linked(string(gap.URI), atproto.WebURL(gap.URI)))
		default:
			n.block("**" + n.numbered(n.w.gapUnseen, gap) + "** " + linked(string(gap.URI), atproto.WebURL(gap.URI)))
		}
	})
}

// numbered puts the number of an absent post before a sentence about it.
func (n *note) numbered(sentence string, gap analysis.Gap) string {
	if number := n.doc.absent(gap); number != "" {
		return n.w.label(number, sentence)
	}
	return sentence
}

// joins says why posts are here that do not simply answer the post before them.
func (n *note) joins(level int) {
	var lines []string
	for _, j := range n.doc.Thread.Joins {
		if j.By == analysis.ByReply {
			continue
		}
		name := title(n.doc.Posts[j.URI].Text)
		if name == "" {
			name = atproto.KeyOf(j.URI)
		}
		lines = append(lines, "- "+linked(cut(name, 50), atproto.WebURL(j.URI))+n.w.colon+" "+plainMarkdown(n.w.join(j)))
	}
	if len(lines) > 0 {
		n.block(strings.Repeat("#", level) + " " + n.w.howJoined)
		n.block(strings.Join(lines, "\n"))
	}
}

// A postCount counts posts of a document by where they stand: in the main line, which is what
// is called the posts of a thread elsewhere, beside it, or deleted.
type postCount struct{ line, beside, gone int }

func (c postCount) text(w *words) string {
	var list []string
	for _, part := range []struct {
		n     int
		forms string
	}{{c.line, w.posts}, {c.beside, w.postsOutsideLine}, {c.gone, w.postsDeleted}} {
		if part.n > 0 {
			list = append(list, w.count(part.n, part.forms))
		}
	}
	return strings.Join(list, ", ")
}

func (n *note) checked(level int) {
	counts := map[atproto.Signature]postCount{}
	for uri, p := range n.doc.Posts {
		c := counts[p.Signature]
		switch {
		case slices.Contains(n.doc.Thread.Posts, uri):
			c.line++
		case p.Status == store.Gone:
			c.gone++
		default:
			c.beside++
		}
		counts[p.Signature] = c
	}
	var parts []string
	for _, s := range []atproto.Signature{atproto.SignatureValid, atproto.SignatureUnchecked, atproto.SignatureInvalid} {
		if c := counts[s]; c != (postCount{}) {
			parts = append(parts, n.w.label(n.w.signature, n.w.signatures[s])+" ("+c.text(n.w)+")")
		}
	}
	n.block(strings.Repeat("#", level) + " " + n.w.howChecked)
	n.block(strings.Join(parts, ", ") + ". " + n.w.checkedText)
}

// writeMarkdown writes notes: a folder of them, or one file with everything.
func writeMarkdown(ctx context.Context, x *export) error {
	if x.inFolder() {
		return writeNotes(ctx, x)
	}
	return writeOneNote(ctx, x)
}
