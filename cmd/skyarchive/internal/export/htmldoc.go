package export

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// pageID is an id that nothing before it in the page has: record keys of two accounts can be
// the same.
func (x *export) pageID(id string) string {
	if x.pageIDs == nil {
		x.pageIDs = map[string]int{}
	}
	x.pageIDs[id]++
	if n := x.pageIDs[id]; n > 1 {
		return id + "." + strconv.Itoa(n)
	}
	return id
}

// pageDocument is what the page shows of a document. A post that stands alone has no head,
// and says who wrote it if that may be one of several.
func (x *export) pageDocument(doc *Document, several bool) pageDocument {
	n, w := x.newNote(doc), x.words
	d := pageDocument{W: w.page(), ID: x.pageID("t-" + blockID(atproto.KeyOf(doc.Thread.Root))), TopicSlugs: strings.Join(doc.topics(), " ")}
	author := doc.Account.Mention()
	if doc.Account.DisplayName != "" {
		author = doc.Account.DisplayName + " (" + author + ")"
	}
	if !doc.Alone() {
		d.Title, d.Author, d.AuthorURL, d.URL = n.title(), author, "https://bsky.app/profile/"+string(doc.Account.DID), atproto.WebURL(doc.Thread.Root)
		d.ISO, d.Date, d.Signature = iso(doc.Thread.Dates.Shown()), x.written(doc.Thread.Dates), w.label(w.signature, w.signatures[doc.signature()])
		d.State = w.count(len(doc.Thread.Posts), w.posts) + " · " + n.state()
	}
	for _, t := range doc.topics() {
		d.Topics = append(d.Topics, x.topicLabel(t))
	}
	var verdicts []string
	for _, claims := range doc.Claims {
		for _, c := range claims {
			verdicts = appendNew(verdicts, standingSlug(c))
		}
	}
	slices.Sort(verdicts)
	d.Verdicts = strings.Join(verdicts, " ")
	p := pager{note: n, doc: &d}
	p.items()
	if doc.Alone() && several && len(d.Items) > 0 {
		d.Items[0].Author = author
	}
	for _, j := range doc.Thread.Joins {
		if j.By != analysis.ByReply {
			d.Joins = append(d.Joins, w.label(cut(title(doc.Posts[j.URI].Text), 50), w.join(j)))
		}
	}
	return d
}

// A pager collects the items of a document: posts, gaps, branches.
type pager struct {
	*note
	doc *pageDocument
}

func (p *pager) items() {
	t := p.note.doc.Thread
	p.gaps("")
	for i, uri := range t.Posts {
		p.post(uri, p.note.doc.number(i), "")
		p.gaps(uri)
	}
	for _, branch := range t.Branches {
		for i, uri := range branch {
			p.post(uri, "", "aside")
			if i == 0 && len(p.doc.Items) > 0 {
				p.doc.Items[len(p.doc.Items)-1].Note = p.w.aside
			}
		}
	}
	for _, gap := range t.Gaps {
		if gap.After != "" && !slices.Contains(t.Posts, gap.After) {
			p.gap(gap)
		}
	}
}

func (p *pager) gaps(after syntax.ATURI) {
	for _, gap := range p.note.doc.Thread.Gaps {
		if gap.After == after {
			p.gap(gap)
		}
	}
}

func (p *pager) gap(gap analysis.Gap) {
	item := pageItem{URL: atproto.WebURL(gap.URI)}
	switch {
	case gap.Kind == analysis.GapNumber:
		item.Gap = fmt.Sprintf(p.w.gapNumber, gap.Number)
	case gap.Kind == analysis.GapSplit:
		item.Gap = fmt.Sprintf(p.w.gapSplit, gap.Number)
	case p.note.doc.has(gap.URI), p.note.doc.Withheld[gap.URI] != "":
		p.post(gap.URI, p.note.doc.absent(gap), "")
		return
	case gap.Kind == analysis.GapForgotten:
		item = pageItem{Gap: p.numbered(p.w.gapForgotten, gap)}
	case gap.Kind == analysis.GapDeleted:
		item.Gap = p.numbered(p.w.gapDeletedEmpty, gap)
	default:
		item.Gap = p.numbered(p.w.gapUnseen, gap)
	}
	p.doc.Items = append(p.doc.Items, item)
}

func (p *pager) post(uri syntax.ATURI, number, class string) {
	post, ok := p.note.doc.Posts[uri]
	if !ok {
		item := pageItem{Gap: p.w.notThere, URL: atproto.WebURL(uri)}
		if why := p.note.doc.Withheld[uri]; why != "" {
			item = pageItem{Gap: p.w.label(p.w.withheld, p.w.reasons[why]) + "."}
		}
		p.doc.Items = append(p.doc.Items, item)
		return
	}
	claims := p.note.doc.Claims[uri]
	item := pageItem{
		ID: p.x.pageID("p-" + blockID(atproto.KeyOf(uri))), URL: atproto.WebURL(uri), Class: class, Number: number, Date: p.x.written(post.Dates()),
		Text: htmlText(post.Post, claims), Media: p.media(post.Post), Card: card(post.Post),
	}
	if !p.note.doc.Alone() && item.ID == "p-"+atproto.KeyOf(uri) && post.Author() == p.note.doc.Thread.DID {
		item.URL = "" // the script makes it of the thread's and the id
	}
	if strings.TrimSpace(post.Text) == "" {
		item.Text = template.HTML("<em>(" + template.HTMLEscapeString(p.w.noText) + ")</em>")
	}
	if post.Status == store.Gone {
		item.Class = strings.TrimSpace(item.Class + " deleted")
		item.Note = fmt.Sprintf(p.w.gapDeleted, p.foundGone(post))
	}
	if post.Signature != atproto.SignatureValid {
		item.Marks = p.w.label(p.w.signature, p.w.signatures[post.Signature])
	}
	if post.Edited > 0 {
		item.Marks = strings.TrimPrefix(item.Marks+" · "+p.w.edited, " · ")
	}
	if !post.Embed.Quote.IsZero() {
		item.Quote = p.quoted(post.Embed.Quote.URI, p.w.quoted, p.w.quotedUnseen)
	}
	if parent := parentOf(post.Post); parent != "" && atproto.AuthorOf(parent) != string(post.Author()) {
		item.Answers = p.quoted(parent, p.w.answers, p.w.answersUnseen)
	}
	for _, c := range claims {
		shown := p.claim(c)
		if inText(post.Post, c) {
			shown.Text = ""
		}
		item.Claims = append(item.Claims, shown)
	}
	p.doc.Items = append(p.doc.Items, item)
}

func (p *pager) media(post atproto.Post) []string {
	var list []string
	add := func(alt, named, unnamed string) {
		if alt = strings.TrimSpace(alt); alt != "" {
			list = append(list, p.w.label(named, alt))
		} else {
			list = append(list, unnamed)
		}
	}
	for _, img := range post.Embed.Images {
		add(img.Alt, p.w.image, p.w.imageNoAlt)
	}
	if v := post.Embed.Video; v != nil {
		add(v.Alt, p.w.video, p.w.videoNoAlt)
	}
	return list
}

func card(p atproto.Post) *pageCard {
	c := p.Embed.Card
	if c == nil || !isWebURL(c.URL) {
		return nil
	}
	name := oneLine(c.Title)
	if name == "" {
		name = c.URL
	}
	return &pageCard{c.URL, name, oneLine(c.Description)}
}

func (p *pager) quoted(uri syntax.ATURI, known, unseen string) *pageQuote {
	q, ok := p.note.doc.Others[uri]
	if post, here := p.note.doc.Posts[uri]; here {
		q, ok = Other{post, p.note.doc.Account}, true
	}
	switch {
	case ok:
		author := atproto.AuthorOf(uri)
		if q.Account != nil {
			author = q.Account.Mention()
		}
		return &pageQuote{q.Text, known + p.w.colon, author + ", " + p.x.written(q.Dates()), atproto.WebURL(uri)}
	case p.note.doc.Withheld[uri] != "":
		return &pageQuote{Label: p.w.label(p.w.withheld, p.w.reasons[p.note.doc.Withheld[uri]]) + "."}
	}
	link := atproto.WebURL(uri)
	if link == "" {
		return &pageQuote{Label: unseen + p.w.colon, Author: string(uri)}
	}
	return &pageQuote{Label: unseen + p.w.colon, Author: link, URL: link}
}

func (p *pager) claim(c store.Claim) pageClaim {
	w, claim := p.w, c.Passage.Claim
	shown := pageClaim{ID: "claim-" + claim.ID, Name: claim.ID, Class: standingSlug(c), Text: c.Text, Standing: p.x.standingLabel(standingSlug(c)), Topics: strings.Join(p.x.topicLabels(c.Passage), ", ")}
	if why := w.whyDismissed(c.Review.Dismissal, c.Review.DuplicateOf); why != "" {
		shown.Standing = w.label(shown.Standing, why)
	}
	shown.Standing += p.x.judgedOn(c, w.judgedOn)
	if c.Outdated {
		shown.Standing += " (" + w.earlierJudged + ")"
	}
	if c.Review.Agree > 0 {
		shown.Standing += ", " + w.count(c.Review.Agree, w.agree)
	}
	if c.Review.Disagree > 0 {
		shown.Standing += ", " + p.x.disagree(c)
	}
	var numbers []string
	for _, q := range c.Quantities {
		numbers = append(numbers, w.quantity(q))
	}
	switch len(numbers) {
	case 0:
	case 1:
		shown.Facts = append(shown.Facts, pageFact{w.number, numbers[0]})
	default:
		shown.Facts = append(shown.Facts, pageFact{w.page().Numbers, strings.Join(numbers, w.semi)})
	}
	if a := claim.Attribution; a != nil {
		shown.Facts = append(shown.Facts, pageFact{w.attribution, a.Text})
	}
	if claim.Stance != analysis.Asserts && w.stances[claim.Stance] != "" {
		shown.Facts = append(shown.Facts, pageFact{w.stance, w.stances[claim.Stance]})
	}
	review, ok := lastReview(c)
	if !ok {
		return shown
	}
	shown.Summary, shown.Restated = review.Summary, oneLine(review.Restated)
	for _, s := range review.Sources {
		source := pageLink{Name: s.Title, Quote: oneLine(s.Quote)}
		if isWebURL(s.URL) {
			source.URL = s.URL
		}
		if source.Name == "" {
			source.Name = s.URL
		}
		shown.Sources = append(shown.Sources, source)
	}
	if isWebURL(review.PublishedURL) {
		shown.Published = review.PublishedURL
	}
	return shown
}

// standingSlug is a claim's verdict, else how far its review has come.
func standingSlug(c store.Claim) string {
	if standing(c) == analysis.Reviewed && c.Review.Verdict != "" {
		return string(c.Review.Verdict)
	}
	return string(standing(c))
}

func (x *export) standingLabel(slug string) string {
	if s, ok := x.words.statuses[analysis.Status(slug)]; ok {
		return s
	}
	return x.words.verdictLabel(analysis.Verdict(slug))
}

func iso(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// textEscaper makes words safe between tags, where quotes need no escape.
var textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\x00", "\ufffd")

// htmlText is a post's words with its links and with its claims marked; of several claims,
// each with its number.
func htmlText(p atproto.Post, claims []store.Claim) template.HTML {
	text, facets := p.Text, p.ValidFacets()
	cuts := []int{0, len(text)}
	for _, f := range facets {
		cuts = append(cuts, f.Start, f.End)
	}
	for _, c := range claims {
		if inText(p, c) {
			cuts = append(cuts, c.Start, c.End)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var b strings.Builder
	for i := 1; i < len(cuts); i++ {
		from, to := cuts[i-1], cuts[i]
		words := textEscaper.Replace(strings.ToValidUTF8(text[from:to], "\ufffd"))
		for _, f := range facets {
			if dest := facetURL(f); f.Start <= from && to <= f.End && dest != "" {
				words = `<a rel="nofollow" href="` + template.HTMLEscapeString(dest) + `">` + words + "</a>"
			}
		}
		if mark := markOf(claims, from, to); mark != "" {
			words = mark + words + "</mark>"
		}
		b.WriteString(words)
	}
	return template.HTML(b.String())
}

// markOf starts the mark of a stretch of text that is part of a claim, "" if it is of none.
// If there are several claims, the last stretch of each carries its number.
func markOf(claims []store.Claim, from, to int) string {
	marked := false
	var numbers []string
	for i, c := range claims {
		if from < c.Start || to > c.End {
			continue
		}
		marked = true
		if to == c.End && len(claims) > 1 {
			numbers = append(numbers, strconv.Itoa(i+1))
		}
	}
	switch {
	case !marked:
		return ""
	case len(numbers) == 0:
		return "<mark>"
	}
	return `<mark data-n="` + strings.Join(numbers, ",") + `">`
}

// inText says whether a claim has its place in the words of its post.
func inText(p atproto.Post, c store.Claim) bool {
	return c.Start >= 0 && c.Start < c.End && c.End <= len(p.Text)
}
