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
	"strings"
	"sync"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string
)

// pageTemplate is parsed when the first page is written.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(pageSource))
})

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
		ID, Title, Author, AuthorURL, URL string // no Title: a post that stands alone
		ISO, Date, State, Signature       string
		TopicSlugs, Verdicts              string
		Topics, Joins                     []string
		Items                             []pageItem
	}
	pageItem struct {
		Gap, URL            string
		ID                  string
		Class, Note, Number string
		Author, Date, Marks string
		Text                template.HTML
		Media               []string
		Card                *pageCard
		Quote, Answers      *pageQuote
		Claims              []pageClaim
	}
	pageCard  struct{ URL, Title, Description string }
	pageQuote struct{ Text, Label, Author, URL string }
	pageClaim struct {
		ID, Class, Name, Text, Standing, Topics, Summary string // no Text: it is marked in the post
		Restated, Published                              string // in the reviewer's words; the address of what they published
		Facts                                            []pageFact
		Sources                                          []pageLink
	}
	pageFact struct{ Name, Value string }
	pageLink struct{ Name, URL, Quote string }
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
	shelf, err := newShelf(ctx, x, body)
	if err != nil {
		return err
	}
	stats := newStats(x)
	for doc, err := range x.source.threads(ctx) {
		if err != nil {
			return err
		}
		stats.count(doc)
		if err := shelf.put(x.words.page().Threads, "", x.pageDocument(doc, shelf.several)); err != nil {
			return err
		}
	}
	for doc, err := range x.source.singles(ctx) {
		if err != nil {
			return err
		}
		stats.count(doc)
		month := x.words.month(doc.Thread.Age.In(x.Zone))
		if err := shelf.put(x.words.postsOutside, month, x.pageDocument(doc, shelf.several)); err != nil {
			return err
		}
	}
	if err := shelf.close(); err != nil {
		return err
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
	if err := pageTemplate().ExecuteTemplate(w, "head", head); err != nil {
		return err
	}
	if _, err := io.Copy(w, body); err != nil {
		return err
	}
	page := x.words.page()
	foot := pageFoot{
		LeftOut: page.LeftOutNone, Checked: x.words.checkedText, Script: template.JS(pageScript),
		Made: fmt.Sprintf(page.MadeBy, x.Program, x.Analysis, x.words.moment(x.Now().In(x.Zone)), x.zoneName()),
	}
	if s := x.leftOut(); s != "" {
		foot.LeftOut = s
	}
	return pageTemplate().ExecuteTemplate(w, "foot", foot)
}

func (x *export) pageHead(ctx context.Context, s *stats) (pageHead, error) {
	page := x.words.page()
	var authors []*Account
	var names []string
	for _, did := range s.authors {
		acc, err := x.source.account(ctx, did)
		if err != nil {
			return pageHead{}, err
		}
		authors, names = append(authors, acc), append(names, acc.Mention())
	}
	w := x.words
	sum := x.summary
	head := pageHead{
		W: page, Title: titleFor(names), Program: x.Program, Policy: policy(), Style: template.CSS(pageStyle),
		Summary:  strings.Join([]string{w.count(sum.Threads, w.threads), w.count(sum.Posts, w.posts), w.count(sum.Claims, w.claims)}, " · "),
		Notice:   x.audienceText(),
		Topics:   s.topics.list(x.topicLabel, true),
		Verdicts: s.verdicts.list(x.standingLabel, true),
	}
	if q := x.selectionFor(authors); q != "" {
		head.Summary += " · " + w.label(w.query, q)
	}
	head.Charts = s.charts(head.Topics, head.Verdicts)
	return head, nil
}

// A shelf writes documents in groups under headings. What is far from the part of the page
// that is shown costs a browser little: a group is laid out when it comes near.
type shelf struct {
	w          io.Writer
	several    bool // accounts: posts that stand alone name their author
	part, head string
	held       int // documents in the open group
}

const shelfGroup = 40

func newShelf(ctx context.Context, x *export, w io.Writer) (*shelf, error) {
	several, err := x.source.several(ctx)
	return &shelf{w: w, several: several}, err
}

func (s *shelf) put(part, head string, d pageDocument) error {
	if part != s.part || head != s.head || s.held == shelfGroup {
		if err := s.close(); err != nil {
			return err
		}
		var heads struct{ Part, Head string }
		if part != s.part {
			heads.Part = part
		}
		if part != s.part || head != s.head {
			heads.Head = head
		}
		s.part, s.head = part, head
		if err := pageTemplate().ExecuteTemplate(s.w, "group", heads); err != nil {
			return err
		}
	}
	s.held++
	return pageTemplate().ExecuteTemplate(s.w, "document", d)
}

// close ends the open group.
func (s *shelf) close() error {
	if s.held == 0 {
		return nil
	}
	s.held = 0
	_, err := io.WriteString(s.w, "</div>\n")
	return err
}
