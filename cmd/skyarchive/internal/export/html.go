package export

import (
	"bufio"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string

	pageTemplate = template.Must(template.New("page").Parse(pageSource))
)

// pageWords are the fixed words of the page.
type pageWords struct {
	Lang, Skip, Search, Topic, Verdict, All, OnlyClaims, Reset, Shown                                       string
	Figures, Numbers, List, OnBluesky, Topics, Claims, Claim, Sources, Joined                               string
	ClaimsByTopic, PostsByMonth, ClaimsByVerdict, Month, NumberOfClaims, NumberOfPosts, LeftOutNone, MadeBy string
}

var pageEnglish = pageWords{
	Lang: "en", Skip: "Skip to the threads", Search: "Search the words", Topic: "Topic", Verdict: "Review", All: "all", OnlyClaims: "with claims only", Reset: "Show all", Shown: "{n} of {all} shown",
	Figures: "Figures", Numbers: "Numbers", List: "Threads and posts", OnBluesky: "on Bluesky", Topics: "Topics", Claims: "Claims worth checking", Claim: "Claim", Sources: "Sources", Joined: "Why these posts are one thread",
	ClaimsByTopic: "Claims by topic", PostsByMonth: "Posts by month", ClaimsByVerdict: "Claims by review", Month: "Month", NumberOfClaims: "Claims", NumberOfPosts: "Posts", LeftOutNone: "Nothing is left out.", MadeBy: "Made by skyarchive %s, analysis %s, on %s. Dates are shown in the time zone %s.",
}

var pageFrench = pageWords{
	Lang: "fr", Skip: "Aller aux fils", Search: "Chercher des mots", Topic: "Thème", Verdict: "Vérification", All: "tous", OnlyClaims: "avec des affirmations seulement", Reset: "Tout montrer", Shown: "{n} sur {all} affichés",
	Figures: "Chiffres", Numbers: "Nombres", List: "Fils et posts", OnBluesky: "sur Bluesky", Topics: "Thèmes", Claims: "Affirmations à vérifier", Claim: "Affirmation", Sources: "Sources", Joined: "Pourquoi ces posts forment un fil",
	ClaimsByTopic: "Affirmations par thème", PostsByMonth: "Posts par mois", ClaimsByVerdict: "Affirmations par vérification", Month: "Mois", NumberOfClaims: "Affirmations", NumberOfPosts: "Posts", LeftOutNone: "Rien n'est omis.", MadeBy: "Produit par skyarchive %s, analyse %s, le %s. Les dates sont dans le fuseau %s.",
}

// What the template shows.
type (
	pageHead struct {
		W                               *pageWords
		Title, Summary, Notice, Program string
		Policy                          string
		Style                           template.CSS
		Topics, Verdicts                []tally
		Charts                          []chart
	}
	pageFoot struct {
		LeftOut, Checked, Made string
		Script                 template.JS
	}
	pageDocument struct {
		W                                 *pageWords
		ID, Title, Author, AuthorURL, URL string
		ISO, Date, State, Signature       string
		TopicSlugs, Verdicts              string
		Claimed                           bool
		Topics, Joins                     []string
		Items                             []pageItem
	}
	pageItem struct {
		Gap, URL            string
		Class, Note, Number string
		ISO, Date, Marks    string
		Text                template.HTML
		Media               []string
		Card                *pageCard
		Quote, Answers      *pageQuote
		Claims              []pageClaim
	}
	pageCard  struct{ URL, Title, Description string }
	pageQuote struct{ Text, Label, Author, URL string }
	pageClaim struct {
		ID, Class, Text, Standing, Topics, Summary string
		Facts                                      []pageFact
		Sources                                    []pageLink
	}
	pageFact struct{ Name, Value string }
	pageLink struct{ Name, URL string }
)

// hashOf is the source expression by which a policy allows one inline script or style.
func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// policy lets the page run its own script and style and load nothing.
func policy() string {
	return "default-src 'none'; script-src " + hashOf(pageScript) + "; style-src " + hashOf(pageStyle) + "; base-uri 'none'; form-action 'none'"
}

// writeHTML writes the page. Threads go to a temporary file first, because the figures
// above them count what they hold.
func writeHTML(ctx context.Context, x *export) error {
	temp, err := os.CreateTemp("", "skyarchive-*.html")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	defer temp.Close()
	body := bufio.NewWriterSize(temp, 64<<10)
	stats := newStats(x)
	for doc, err := range x.source.threads(ctx) {
		if err := x.writeDocument(body, stats, doc, err); err != nil {
			return err
		}
	}
	for doc, err := range x.source.singles(ctx) {
		if err := x.writeDocument(body, stats, doc, err); err != nil {
			return err
		}
	}
	if err := body.Flush(); err != nil {
		return err
	}
	if _, err := temp.Seek(0, io.SeekStart); err != nil {
		return err
	}
	out, err := x.target.create("index.html")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 64<<10)
	if err := x.writePage(ctx, w, stats, temp); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := out.Close(); err != nil || !x.inFolder() {
		return err
	}
	return x.writeAbout(ctx)
}

func (x *export) writePage(ctx context.Context, w io.Writer, stats *stats, body io.Reader) error {
	head, err := x.pageHead(ctx, stats)
	if err != nil {
		return err
	}
	if err := pageTemplate.ExecuteTemplate(w, "head", head); err != nil {
		return err
	}
	if _, err := io.Copy(w, body); err != nil {
		return err
	}
	page := x.words.page()
	foot := pageFoot{
		LeftOut: page.LeftOutNone, Checked: x.words.checkedText, Script: template.JS(pageScript),
		Made: fmt.Sprintf(page.MadeBy, x.Program, x.Analysis, x.words.moment(x.Now().In(x.Zone)), x.Zone),
	}
	if s := x.leftOut(); s != "" {
		foot.LeftOut = s
	}
	return pageTemplate.ExecuteTemplate(w, "foot", foot)
}

func (w *words) page() *pageWords {
	if w.lang == "fr" {
		return &pageFrench
	}
	return &pageEnglish
}

func (x *export) pageHead(ctx context.Context, s *stats) (pageHead, error) {
	page := x.words.page()
	title := "skyarchive"
	var names []string
	for _, did := range s.authors {
		acc, err := x.source.account(ctx, did)
		if err != nil {
			return pageHead{}, err
		}
		names = append(names, "@"+acc.Name())
	}
	if len(names) > 0 && len(names) <= 3 {
		title = strings.Join(names, ", ") + " · skyarchive"
	}
	w := x.words
	sum := x.summary
	head := pageHead{
		W: page, Title: title, Program: x.Program, Policy: policy(), Style: template.CSS(pageStyle),
		Summary:  strings.Join([]string{w.count(sum.Threads, w.threads), w.count(sum.Posts, w.posts), w.count(sum.Claims, w.claims)}, " · "),
		Notice:   w.publicForm,
		Topics:   s.topics.list(x.topicLabel, true),
		Verdicts: s.verdicts.list(x.standingLabel, true),
	}
	if q := x.selection(); q != "" {
		head.Summary += " · " + w.label(w.query, q)
	}
	head.Charts = s.charts(head.Topics, head.Verdicts)
	return head, nil
}

func (x *export) writeDocument(w io.Writer, s *stats, doc *Document, err error) error {
	if err != nil {
		return err
	}
	s.count(doc)
	return pageTemplate.ExecuteTemplate(w, "document", x.pageDocument(doc))
}

func (x *export) pageDocument(doc *Document) pageDocument {
	n, w := x.newNote(doc), x.words
	d := pageDocument{
		W: w.page(), ID: "t-" + blockID(atproto.KeyOf(doc.Thread.Root)), Title: n.title(), Author: "@" + doc.Account.Name(),
		AuthorURL: "https://bsky.app/profile/" + string(doc.Account.DID), URL: atproto.WebURL(doc.Thread.Root),
		ISO: iso(doc.Thread.Age), Date: w.moment(n.in(doc.Thread.Age)), Signature: w.label(w.signature, w.signatures[doc.signature()]),
		TopicSlugs: strings.Join(doc.topics(), " "), Claimed: doc.claimCount() > 0,
	}
	if doc.Account.DisplayName != "" {
		d.Author = doc.Account.DisplayName + " (" + d.Author + ")"
	}
	if !doc.Alone() {
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
	case p.note.doc.has(gap.URI), p.note.doc.Withheld[gap.URI] != "":
		p.post(gap.URI, "", "")
		return
	case gap.Kind == analysis.GapDeleted:
		item.Gap = p.w.gapDeletedEmpty
	default:
		item.Gap = p.w.gapUnseen
	}
	p.doc.Items = append(p.doc.Items, item)
}

func (d *Document) has(uri syntax.ATURI) bool { _, ok := d.Posts[uri]; return ok }

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
	when := claimedTime(post)
	claims := p.note.doc.Claims[uri]
	item := pageItem{
		Class: class, Number: number, URL: atproto.WebURL(uri), ISO: iso(when), Date: p.w.moment(p.in(when)),
		Text: htmlText(post.Post, claims), Media: p.media(post.Post), Card: card(post.Post),
	}
	if strings.TrimSpace(post.Text) == "" {
		item.Text = template.HTML("<em>(" + template.HTMLEscapeString(p.w.noText) + ")</em>")
	}
	if post.Status == store.Gone {
		item.Class = strings.TrimSpace(item.Class + " deleted")
		item.Note = fmt.Sprintf(p.w.gapDeleted, p.w.day(p.in(post.GoneFound)))
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
		item.Claims = append(item.Claims, p.claim(c))
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
		author := "@" + atproto.AuthorOf(uri)
		if q.Account != nil {
			author = "@" + q.Account.Name()
		}
		return &pageQuote{q.Text, p.w.label(known, ""), author + ", " + p.w.day(p.in(q.Age())), atproto.WebURL(uri)}
	case p.note.doc.Withheld[uri] != "":
		return &pageQuote{Label: p.w.label(p.w.withheld, p.w.reasons[p.note.doc.Withheld[uri]]) + "."}
	}
	link := atproto.WebURL(uri)
	if link == "" {
		return &pageQuote{Label: p.w.label(unseen, ""), Author: string(uri)}
	}
	return &pageQuote{Label: p.w.label(unseen, ""), Author: link, URL: link}
}

func (p *pager) claim(c store.Claim) pageClaim {
	w, claim := p.w, c.Passage.Claim
	shown := pageClaim{ID: claim.ID, Class: standingSlug(c), Text: c.Text, Standing: p.x.standingLabel(standingSlug(c)), Topics: strings.Join(p.x.topicLabels(c.Passage), ", ")}
	if c.Outdated {
		shown.Standing += " (" + w.earlierJudged + ")"
	}
	if c.Review.Agree > 0 {
		shown.Standing += ", " + fmt.Sprintf(w.agree, c.Review.Agree)
	}
	if c.Review.Disagree > 0 {
		shown.Standing += ", " + fmt.Sprintf(w.disagree, c.Review.Disagree)
	}
	for _, q := range c.Quantities {
		shown.Facts = append(shown.Facts, pageFact{w.number, w.quantity(q)})
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
	shown.Summary = review.Summary
	for _, s := range review.Sources {
		source := pageLink{Name: s.Title}
		if isWebURL(s.URL) {
			source.URL = s.URL
		}
		if source.Name == "" {
			source.Name = s.URL
		}
		shown.Sources = append(shown.Sources, source)
	}
	if isWebURL(review.PublishedURL) {
		shown.Sources = append(shown.Sources, pageLink{review.PublishedURL, review.PublishedURL})
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

// htmlText is a post's words with its links and with its claims marked.
func htmlText(p atproto.Post, claims []store.Claim) template.HTML {
	text, facets := p.Text, p.ValidFacets()
	cuts := []int{0, len(text)}
	for _, f := range facets {
		cuts = append(cuts, f.Start, f.End)
	}
	for _, c := range claims {
		if c.Start >= 0 && c.End <= len(text) && c.Start < c.End {
			cuts = append(cuts, c.Start, c.End)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var b strings.Builder
	for i := 1; i < len(cuts); i++ {
		from, to := cuts[i-1], cuts[i]
		words := template.HTMLEscapeString(strings.ToValidUTF8(text[from:to], "\ufffd"))
		for _, f := range facets {
			if dest := facetURL(f); f.Start <= from && to <= f.End && dest != "" {
				words = `<a rel="noopener noreferrer nofollow" href="` + template.HTMLEscapeString(dest) + `">` + words + "</a>"
			}
		}
		if slices.ContainsFunc(claims, func(c store.Claim) bool { return c.Start <= from && to <= c.End }) {
			words = "<mark>" + words + "</mark>"
		}
		b.WriteString(words)
	}
	return template.HTML(b.String())
}
