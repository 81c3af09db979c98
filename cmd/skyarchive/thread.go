package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/review"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newThreadCommand(a *app) *cobra.Command {
	var why, claims, versions bool
	var cite string
	cmd := &cobra.Command{
		Use:     "thread <post>",
		GroupID: groupRead,
		Short:   "Show a thread, or any archived post, as it was meant to be read",
		Long: `Show the thread that a post is in, or the post alone: its text wrapped, thread
numbers, dates, gaps, branches, links, images by their alt text, quoted posts.
Deleted parts stand in their places. Of a post that stands alone its earlier versions
are shown too; --versions shows them in a thread.
A post is named by its web address, its at:// URI, or the id that
skyarchive threads shows.

Dates are what the author's app claimed; where the time in the record key is another, it
stands beside. "signature: valid" says that the bytes
were signed with the account's key; it does not say that a post is true.
` + statusHelp,
		Example: "  skyarchive thread 3lmfq2k6zv22f\n  skyarchive thread https://bsky.app/profile/louwelgryn.bsky.social/post/3lmfq2k6zv22f --why",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cite != "" {
				return citePost(cmd.Context(), a, args[0], cite)
			}
			return thread(cmd.Context(), a, args[0], threadView{why, claims, versions})
		},
	}
	cmd.Flags().BoolVar(&why, "why", false, "say of each post why it is in this thread, in this place")
	cmd.Flags().BoolVar(&claims, "claims", false, "list the claims below each post")
	cmd.Flags().BoolVar(&versions, "versions", false, "show what edited posts said before, with the CID that prove --version takes")
	cmd.Flags().StringVar(&cite, "cite", "", "print a reference to this one post: text, csl-json or ris")
	cmd.AddCommand(newJoinCommand(a), newSplitCommand(a))
	return cmd
}

// A page is what is shown of a thread or of a post that stands alone.
type page struct {
	thread  store.Thread // Posts is the one post if it stands alone
	account store.Account
	posts   map[syntax.ATURI]store.Post
	others  map[syntax.ATURI]*otherPost // that are quoted or answered
	claims  map[syntax.ATURI][]store.Claim
	// What edited posts said before; nil unless it was asked for.
	versions map[syntax.ATURI][]formerVersion
}

// A threadView is what is shown of a thread besides its posts.
type threadView struct{ why, claims, versions bool }

// readPage reads everything that is shown of the thread that a post is in.
func readPage(ctx context.Context, r store.Reader, uri syntax.ATURI) (page, error) {
	post, err := r.Post(ctx, uri)
	if err != nil {
		return page{}, fmt.Errorf("post %s: %w", uri, err)
	}
	p := page{posts: map[syntax.ATURI]store.Post{}, others: map[syntax.ATURI]*otherPost{}, claims: map[syntax.ATURI][]store.Claim{}}
	if p.account, err = r.Account(ctx, post.Author()); err != nil {
		return page{}, err
	}
	p.thread, err = r.Thread(ctx, uri)
	alone := errors.Is(err, store.ErrNotFound)
	switch {
	case alone:
		p.thread = store.Thread{DID: post.Author(), Handle: p.account.Handle, ID: atproto.KeyOf(uri), Age: post.Age(), Dates: post.Dates()}
		p.thread.Root, p.thread.Posts, p.thread.Complete = uri, []syntax.ATURI{uri}, true
	case err != nil:
		return page{}, err
	}
	if err := p.readPosts(ctx, r); err != nil {
		return page{}, err
	}
	q := store.Query{Thread: p.thread.Root, Oldest: true}
	if alone {
		return p, nil
	}
	claims, err := store.Collect(r.Claims(ctx, q))
	for _, c := range claims {
		p.claims[c.Post] = append(p.claims[c.Post], c)
	}
	return p, err
}

func (p *page) readPosts(ctx context.Context, r store.Reader) error {
	uris := append([]syntax.ATURI(nil), p.thread.Posts...)
	for _, branch := range p.thread.Branches {
		uris = append(uris, branch...)
	}
	for _, gap := range p.thread.Gaps {
		if gap.URI != "" {
			uris = append(uris, gap.URI)
		}
	}
	for _, uri := range uris {
		post, err := r.Post(ctx, uri)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		p.posts[uri] = post
	}
	for _, post := range p.posts {
		for _, other := range []syntax.ATURI{post.Embed.Quote.URI, parentOf(post)} {
			if _, here := p.posts[other]; other == "" || here {
				continue
			}
			found, err := readOther(ctx, r, other)
			if err != nil {
				return err
			}
			if found != nil {
				p.others[other] = found
			}
		}
	}
	return nil
}

func parentOf(p store.Post) syntax.ATURI {
	if p.Reply == nil {
		return ""
	}
	return p.Reply.Parent.URI
}

func thread(ctx context.Context, a *app, name string, view threadView) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	return a.view(ctx, func(r store.Reader) error {
		uri, err := postNamed(ctx, r, name)
		if err != nil {
			return err
		}
		p, err := readPage(ctx, r, uri)
		if err != nil {
			return err
		}
		if alone := len(p.thread.Posts) == 1 && len(p.thread.Gaps) == 0; alone || view.versions || a.json {
			if err := p.readVersions(ctx, r); err != nil {
				return err
			}
		}
		if a.json {
			return p.json(a.stdout)
		}
		d := drawing{app: a, w: a.stdout, page: p, loc: loc, style: a.style(), columns: a.columns(), view: view}
		return d.draw()
	})
}

// pagePost is what --json prints of a post.
type pagePost struct {
	URI       syntax.ATURI      `json:"uri"`
	CID       string            `json:"cid"`
	URL       string            `json:"url"`
	Text      string            `json:"text"`
	CreatedAt string            `json:"created_at"` // as claimed
	KeyTime   *time.Time        `json:"record_key_time"`
	FirstSeen time.Time         `json:"first_seen_at"`
	FirstTold bool              `json:"first_seen_told,omitempty"` // by another archive, in an export
	WordsSeen time.Time         `json:"words_first_seen_at"`       // this version of them
	WordsTold bool              `json:"words_first_seen_told,omitempty"`
	GoneFound *time.Time        `json:"gone_found_at"`
	GoneTold  bool              `json:"gone_found_told,omitempty"`
	Status    store.PostStatus  `json:"status"`
	Signature atproto.Signature `json:"signature"`
	Rev       string            `json:"rev"`
	Edited    int               `json:"earlier_versions"`
	Langs     []string          `json:"langs"`
	Reply     syntax.ATURI      `json:"reply_parent,omitempty"`
	Quote     syntax.ATURI      `json:"quote,omitempty"`
	Answered  *otherPost        `json:"answered_post,omitempty"` // of somebody else, where it was asked for
	Quoted    *otherPost        `json:"quoted_post,omitempty"`
	Versions  []formerVersion   `json:"versions,omitempty"` // the earlier ones
}

func newPagePost(p store.Post) pagePost {
	line := pagePost{
		URI: p.URI, CID: p.CID, URL: webURL(p.URI), Text: p.Text, CreatedAt: p.CreatedAt, FirstSeen: p.FirstSeen.UTC(), FirstTold: p.FirstTold, GoneTold: p.GoneTold,
		WordsSeen: p.WordsSeen.UTC(), WordsTold: p.WordsTold,
		Status: p.Status, Signature: p.Signature, Rev: p.Rev, Edited: p.Edited, Langs: p.Langs, Reply: parentOf(p), Quote: p.Embed.Quote.URI,
	}
	if t, ok := atproto.TIDTime(atproto.KeyOf(p.URI)); ok {
		line.KeyTime = &t
	}
	if !p.GoneFound.IsZero() {
		gone := p.GoneFound.UTC()
		line.GoneFound = &gone
	}
	return line
}

// json prints the thread, then its posts in reading order, branches and deleted parts last.
func (p page) json(w io.Writer) error {
	line := newThreadLine(p.thread)
	if err := term.JSONLine(w, line); err != nil {
		return err
	}
	uris := append([]syntax.ATURI(nil), p.thread.Posts...)
	for _, branch := range p.thread.Branches {
		uris = append(uris, branch...)
	}
	for _, gap := range p.thread.Gaps {
		uris = append(uris, gap.URI)
	}
	for _, uri := range uris {
		if post, ok := p.posts[uri]; ok {
			line := newPagePost(post)
			line.Versions = p.versions[uri]
			line.Answered, line.Quoted = p.others[line.Reply], p.others[line.Quote]
			if err := term.JSONLine(w, line); err != nil {
				return err
			}
		}
	}
	return nil
}

// A drawing writes a page for a reader in a terminal.
type drawing struct {
	page
	app     *app
	w       io.Writer
	loc     *time.Location
	style   term.Style
	columns int
	view    threadView
	margin  string
	err     error
}

func (d *drawing) printf(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.w, format, args...)
	}
}

// block writes text behind the margin, its first line behind label.
func (d *drawing) block(label, text string) {
	if d.err == nil {
		first := d.margin + term.Pad(label, labelWidth)
		d.err = term.Indented(d.w, first, d.margin+strings.Repeat(" ", labelWidth), text, d.columns)
	}
}

// labelWidth is the column of numbers and marks left of a post's words.
const labelWidth = 7

func (d *drawing) draw() error {
	t := d.thread
	head := d.account.Mention()
	if len(t.Posts) > 1 {
		head += " · thread of " + parts(t.Thread) + " · " + state(t.Thread)
	} else {
		head += " · post"
	}
	d.printf("%s\n%s\n\n", d.style.Bold(head), d.style.Dim(webURL(t.Root)))
	joins := map[syntax.ATURI]analysis.Join{}
	for _, j := range t.Joins {
		joins[j.URI] = j
	}
	d.gaps("")
	for i, uri := range t.Posts {
		number := ""
		if t.Numbering != nil && i < len(t.Numbering.Numbers) && t.Numbering.Numbers[i] != nil {
			number = t.Part(*t.Numbering.Numbers[i])
		}
		d.post(uri, number, joins[uri])
		d.gaps(uri)
	}
	for _, branch := range t.Branches {
		d.margin = ""
		d.printf("%s\n", d.style.Dim("aside, a branch of the thread:"))
		d.margin = "  │ "
		for _, uri := range branch {
			d.post(uri, "", joins[uri])
			d.gaps(uri)
		}
		d.margin = ""
	}
	return d.err
}

func (d *drawing) post(uri syntax.ATURI, number string, join analysis.Join) {
	p, ok := d.posts[uri]
	if !ok {
		d.block(number, "[this post is named by the thread and not in the archive]")
		return
	}
	if parent := parentOf(p); parent != "" && atproto.AuthorOf(parent) != string(p.Author()) {
		d.answer(parent)
	}
	text := p.Text
	switch {
	case p.Status.Wordless():
		text = "[" + wordless(p.Status) + "]"
	case text == "":
		text = "[no text]"
	}
	d.words(number, text, p)
	if d.view.why && join.Why != "" {
		d.block("", d.style.Dim("why here ("+string(join.By)+"): "+join.Why))
	}
	d.claimsOf(uri)
	d.printf("\n")
}

// words writes what a post says and shows, when, and what it said before.
func (d *drawing) words(label, text string, p store.Post) {
	d.block(label, text)
	d.embeds(p)
	d.block("", d.style.Dim(d.dates(p)))
	d.former(p)
}

func (d *drawing) claimsOf(uri syntax.ATURI) {
	if !d.view.claims {
		return
	}
	for _, c := range d.page.claims[uri] {
		d.block("", fmt.Sprintf("claim %s (%s): « %s »", d.style.Bold(c.Passage.Claim.ID), d.app.reviewSummary(c), c.Text))
	}
}

// embeds writes links, cards, pictures and quotes below a post's words.
func (d *drawing) embeds(p store.Post) {
	for _, f := range p.ValidFacets() {
		shown := p.Text[f.Start:f.End]
		if f.Kind == atproto.FacetLink && !strings.Contains(f.Value, strings.TrimSuffix(shown, "…")) {
			d.block("", "→ "+shown+": "+f.Value)
		} else if f.Kind == atproto.FacetLink {
			d.block("", "→ "+f.Value)
		}
	}
	e := p.Embed
	if e.Card != nil && !linked(p, e.Card.URL) {
		d.block("", "→ "+strings.TrimSpace(e.Card.Title+" "+e.Card.URL))
	}
	for _, img := range e.Images {
		alt := img.Alt
		if alt == "" {
			alt = "no description"
		}
		d.block("", "[image: "+alt+"]")
	}
	if e.Video != nil {
		d.block("", "[video: "+e.Video.Alt+"]")
	}
	if !e.Quote.IsZero() {
		d.quote(e.Quote.URI)
	}
	if e.Other != "" {
		d.block("", "[embed of type "+e.Other+"]")
	}
}

// linked says whether the post's own words link to an address.
func linked(p store.Post, address string) bool {
	return slices.ContainsFunc(p.Facets, func(f atproto.Facet) bool { return f.Value == address })
}

// dates says when, as claimed, and what is known of the post besides.
func (d *drawing) dates(p store.Post) string {
	s := term.Posted(p.Dates(), d.loc, term.Moment) + " · " + atproto.KeyOf(p.URI) + " · signature: " + string(p.Signature)
	if p.Edited > 0 {
		s += " · edited, " + count(p.Edited, "earlier version") + " kept"
		if d.page.versions == nil {
			s += " (--versions)"
		}
	}
	if p.Status == store.Gone {
		s += " · deleted, " + foundGone(p) + " " + term.Moment(p.GoneFound, d.loc)
	}
	return s
}

// foundGone says who found that a post is gone.
func foundGone(p store.Post) string {
	if p.GoneTold {
		return "found gone by another archive, as it tells,"
	}
	return "found gone"
}

// gaps writes what is absent right after a post.
func (d *drawing) gaps(after syntax.ATURI) {
	for _, gap := range d.thread.Gaps {
		if gap.After == after {
			d.gap(gap)
			d.printf("\n")
		}
	}
}

func (d *drawing) gap(gap analysis.Gap) {
	label, part := "✂", "a part"
	if gap.Number > 0 {
		label, part = fmt.Sprintf("%d ✂", gap.Number), fmt.Sprintf("part %d", gap.Number)
	}
	p, archived := d.posts[gap.URI]
	switch {
	case gap.Kind == analysis.GapNumber:
		d.block(label, "["+part+" is missing: no post that is still there carries this number]")
	case gap.Kind == analysis.GapSplit:
		d.block(label, "["+part+" is not in this thread: a person split the thread]")
	case gap.Kind == analysis.GapUnseen:
		d.block(label, "["+part+" is missing: the archive never saw "+string(gap.URI)+"]")
	case archived && p.Status.Wordless():
		d.block(label, "["+part+" is missing: "+wordless(p.Status)+": "+string(gap.URI)+"]")
	case gap.Kind == analysis.GapForgotten:
		d.block(label, "["+part+" is missing: it was forgotten, taken out of this archive by a person]")
	case archived:
		text := p.Text
		if text == "" {
			text = "[no text]"
		}
		d.words(label, "[deleted by the author, "+foundGone(p)+" "+term.Moment(p.GoneFound, d.loc)+"; its words as archived:] "+text, p)
		d.claimsOf(gap.URI)
	default:
		d.block(label, "["+part+" is missing: it was deleted, and its words were never archived: "+string(gap.URI)+"]")
	}
}

// wordless says why a post that its account still has cannot be read.
func wordless(s store.PostStatus) string {
	if s == store.Unreadable {
		return "what stands there now cannot be read as a post; its bytes are kept"
	}
	return "the account's repository lists it, but its bytes were never to be had"
}

func (a *app) reviewWord(c store.Claim) string {
	switch c.Review.Status {
	case analysis.Reviewed:
		return a.verdicts.Name(c.Review.Verdict)
	case analysis.Dismissed:
		return "dismissed: " + review.Reason(c.Review.Dismissal, c.Review.DuplicateOf)
	}
	return "new"
}
