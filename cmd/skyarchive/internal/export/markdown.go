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
	return n.doc.Account.Author() + ", " + n.w.day(n.in(n.doc.Thread.Age))
}

func (n *note) in(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(n.x.Zone)
}

// number is what the post at a place of the thread says of its own place, "" for nothing.
func (d *Document) number(i int) string {
	num := d.Thread.Numbering
	if num == nil || i >= len(num.Numbers) || num.Numbers[i] == nil {
		return ""
	}
	s := strconv.Itoa(*num.Numbers[i])
	if num.Total != nil {
		s += "/" + strconv.Itoa(*num.Total)
	}
	return s
}

// signature is the least that holds for all posts of the document.
func (d *Document) signature() atproto.Signature {
	least := atproto.Signature("")
	for _, p := range d.Posts {
		switch {
		case p.Signature == atproto.SignatureInvalid:
			return atproto.SignatureInvalid
		case p.Signature != atproto.SignatureValid:
			least = atproto.SignatureUnchecked
		case least == "":
			least = atproto.SignatureValid
		}
	}
	if least == "" {
		return atproto.SignatureUnchecked
	}
	return least
}

func (n *note) byline() string {
	t, acc, w := n.doc.Thread, n.doc.Account, n.w
	parts := []string{accountLink(acc)}
	if then := acc.HandleAt(t.Age); then != "" && then != string(acc.Handle) {
		parts = append(parts, plainMarkdown(fmt.Sprintf(w.formerHandle, then)))
	}
	parts = append(parts, w.moment(n.in(t.Age)), "["+w.onBluesky+"]("+destination(atproto.WebURL(t.Root))+")")
	if len(t.Posts) > 1 {
		parts = append(parts, w.count(len(t.Posts), w.posts), n.state())
	}
	parts = append(parts, w.label(w.signature, w.signatures[n.doc.signature()]))
	return strings.Join(parts, " · ")
}

func (n *note) state() string {
	t := n.doc.Thread
	if t.Complete {
		return n.w.complete
	}
	if t.Numbering != nil && len(t.Numbering.Missing) > 0 {
		var list []string
		for _, k := range t.Numbering.Missing {
			list = append(list, strconv.Itoa(k))
		}
		return n.w.missing + " " + strings.Join(list, ", ")
	}
	return n.w.incomplete
}

func accountLink(acc *Account) string {
	name := "@" + acc.Name()
	if acc.DisplayName != "" {
		name = acc.DisplayName + " (" + name + ")"
	}
	return linked(name, "https://bsky.app/profile/"+string(acc.DID))
}

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
	if p.Status == store.Gone {
		n.block("**" + fmt.Sprintf(n.w.gapDeleted, n.w.day(n.in(p.GoneFound))) + "**")
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
	when, ok := p.Created()
	if !ok {
		when = p.Age()
	}
	parts = append(parts, "["+w.moment(n.in(when))+"]("+destination(atproto.WebURL(p.URI))+")")
	parts = append(parts, w.label(w.signature, w.signatures[p.Signature]))
	if p.Edited > 0 {
		parts = append(parts, w.edited)
	}
	if p.Status == store.Gone {
		parts = append(parts, "**"+w.deletedNow+"**, "+fmt.Sprintf(w.foundGone, w.day(n.in(p.GoneFound))))
	}
	return "*" + strings.Join(parts, " · ") + "* ^" + blockID(atproto.KeyOf(p.URI))
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
		who := linked("@"+atproto.AuthorOf(uri), "https://bsky.app/profile/"+atproto.AuthorOf(uri))
		if q.Account != nil {
			who = accountLink(q.Account)
		}
		when, ok := q.Created()
		if !ok {
			when = q.Age()
		}
		line := "— *" + known + w.colon + "* " + who + " · [" + w.moment(n.in(when)) + "](" + destination(atproto.WebURL(uri)) + ") · " + w.label(w.signature, w.signatures[q.Signature])
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
			n.block("*" + fmt.Sprintf(n.w.earlierVersion, n.w.moment(n.in(v.Seen))) + n.w.colon + "*")
			n.words(v.Post, nil)
		})
	}
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
		case archived:
			n.post(gap.URI, "")
			if p.Status != store.Gone {
				return
			}
		case n.doc.Withheld[gap.URI] != "":
			n.post(gap.URI, "")
		case gap.Kind == analysis.GapDeleted:
			n.block("**" + n.w.gapDeletedEmpty + "** " + linked(string(gap.URI), atproto.WebURL(gap.URI)))
		default:
			n.block("**" + n.w.gapUnseen + "** " + linked(string(gap.URI), atproto.WebURL(gap.URI)))
		}
	})
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

func (n *note) checked(level int) {
	counts := map[atproto.Signature]int{}
	for _, p := range n.doc.Posts {
		counts[p.Signature]++
	}
	var parts []string
	for _, s := range []atproto.Signature{atproto.SignatureValid, atproto.SignatureUnchecked, atproto.SignatureInvalid} {
		if counts[s] > 0 {
			parts = append(parts, n.w.label(n.w.signature, n.w.signatures[s])+" ("+n.w.count(counts[s], n.w.posts)+")")
		}
	}
	n.block(strings.Repeat("#", level) + " " + n.w.howChecked)
	n.block(strings.Join(parts, ", ") + ". " + n.w.checkedText)
}

// footnotes writes what is known of each claim.
func (n *note) footnotes() {
	for _, c := range n.notes {
		n.block("[^" + c.Passage.Claim.ID + "]: " + n.footnote(c))
	}
	n.notes = nil
}

func (n *note) footnote(c store.Claim) string {
	w, claim := n.w, c.Passage.Claim
	parts := []string{plainMarkdown(w.quotation(oneLine(c.Text)))}
	field := func(name, value string) {
		if value != "" {
			parts = append(parts, "**"+name+"**"+w.colon+" "+value)
		}
	}
	field(w.topics, plainMarkdown(strings.Join(n.x.topicLabels(c.Passage), ", ")))
	for _, q := range c.Quantities {
		field(w.number, plainMarkdown(w.quantity(q)))
	}
	if a := claim.Attribution; a != nil {
		source := plainMarkdown(a.Text)
		switch {
		case a.URL != nil && isWebURL(*a.URL):
			source = linked(a.Text, *a.URL)
		case a.DID != nil:
			source = linked(a.Text, "https://bsky.app/profile/"+*a.DID)
		}
		field(w.attribution, source)
	}
	if s := w.stances[claim.Stance]; s != "" && claim.Stance != analysis.Asserts {
		field(w.stance, s)
	}
	field(w.status, n.standing(c))
	if r, ok := lastReview(c); ok {
		field(w.verdict, w.verdictOf(r))
		parts = append(parts, nonEmpty(plainMarkdown(r.Summary))...)
		field(w.sources, sourceLinks(r.Sources))
		if isWebURL(r.PublishedURL) {
			parts = append(parts, "<"+destination(r.PublishedURL)+">")
		}
	}
	return strings.Join(parts, " · ")
}

func (n *note) standing(c store.Claim) string {
	w := n.w
	s := w.statuses[c.Review.Status]
	if s == "" {
		s = w.statuses[analysis.New]
	}
	if c.Review.By != "" && !n.x.Public {
		s += " " + plainMarkdown(fmt.Sprintf(w.by, c.Review.By))
	}
	if c.Review.Agree > 0 {
		s += ", " + fmt.Sprintf(w.agree, c.Review.Agree)
	}
	if c.Review.Disagree > 0 {
		s += ", " + fmt.Sprintf(w.disagree, c.Review.Disagree)
	}
	if c.Outdated {
		s += ", " + w.earlierJudged
	}
	return s
}

func sourceLinks(sources []analysis.Source) string {
	var list []string
	for _, s := range sources {
		name := s.Title
		if name == "" {
			name = s.URL
		}
		link := linked(name, s.URL)
		if s.Quote != "" {
			link += " (“" + plainMarkdown(s.Quote) + "”)"
		}
		list = append(list, link)
	}
	return strings.Join(list, "; ")
}

func nonEmpty(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// writeMarkdown writes notes: a folder of them, or one file with everything.
func writeMarkdown(ctx context.Context, x *export) error {
	if x.inFolder() {
		return writeNotes(ctx, x)
	}
	return writeOneNote(ctx, x)
}
