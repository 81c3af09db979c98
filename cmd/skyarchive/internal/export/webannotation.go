package export

import (
	"bufio"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// Claims as the W3C's Web Annotations, https://www.w3.org/TR/annotation-model/, which
// annotation tools and libraries read: a collection of one page.
type (
	webAnnotation struct {
		ID         string       `json:"id"`
		Type       string       `json:"type"`
		Motivation string       `json:"motivation"`
		Created    string       `json:"created,omitempty"` // of the newest review
		Creator    *webAgent    `json:"creator,omitempty"` // who wrote it; never in a public form
		Generator  *webAgent    `json:"generator"`
		Body       []webBody    `json:"body,omitempty"`
		Target     webAnnotated `json:"target"`
	}
	webAgent struct {
		Type string `json:"type"`
		Name string `json:"name"`
	}
	webBody struct {
		Type     string `json:"type"`
		Purpose  string `json:"purpose"`
		Source   string `json:"source,omitempty"` // an address on the web
		Value    string `json:"value,omitempty"`
		Format   string `json:"format,omitempty"`
		Language string `json:"language,omitempty"`
	}
	webAnnotated struct {
		Type     string        `json:"type"`
		Source   webSource     `json:"source"`
		State    *webState     `json:"state,omitempty"`
		Selector []webSelector `json:"selector"`
	}
	webSource struct {
		ID        string `json:"id"`
		Canonical string `json:"canonical"`
		Type      string `json:"type"`
		Format    string `json:"format"`
		Language  string `json:"language,omitempty"`
		Creator   any    `json:"creator,omitempty"`
	}
	webState struct {
		Type string `json:"type"`
		Date string `json:"sourceDate"`
	}
	webSelector struct {
		Type   string `json:"type"`
		Exact  string `json:"exact,omitempty"`
		Prefix string `json:"prefix,omitempty"`
		Suffix string `json:"suffix,omitempty"`
		Start  *int   `json:"start,omitempty"` // in code points of the post's text
		End    *int   `json:"end,omitempty"`
	}
)

const webContext = "http://www.w3.org/ns/anno.jsonld"

// quoteContext is how many characters around its words tell a claim from the same words
// elsewhere in the post.
const quoteContext = 32

// writeWebAnnotations writes the claims one annotation a line, inside one JSON document. The
// posts that they select from are held: positions count in their texts.
func writeWebAnnotations(ctx context.Context, x *export) error {
	if err := x.source.loadAccounts(ctx); err != nil {
		return err
	}
	claims := map[syntax.ATURI][]store.Claim{}
	for c, err := range x.source.claims(ctx, true) {
		if err != nil {
			return err
		}
		claims[c.Post] = append(claims[c.Post], c)
	}
	out, err := x.target.create("claims.jsonld")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 64<<10)
	label := "skyarchive " + x.Program + ", " + x.audience()
	w.WriteString(`{"@context":"` + webContext + `","type":"AnnotationCollection","label":` + jsonText(label) + `,"first":{"type":"AnnotationPage","items":[`)
	total := 0
	for p, err := range x.source.posts(ctx) {
		if err != nil {
			return err
		}
		for _, c := range claims[p.URI] {
			if !inText(p.Post, c) {
				continue
			}
			line, err := json.Marshal(x.webAnnotation(p, c))
			if err != nil {
				return err
			}
			if total > 0 {
				w.WriteByte(',')
			}
			w.WriteByte('\n')
			w.Write(line)
			total++
		}
	}
	w.WriteString("\n]},\"total\":" + strconv.Itoa(total) + "}\n") // errors show at the flush
	if err := w.Flush(); err != nil {
		return err
	}
	if err := out.Close(); err != nil || !x.inFolder() {
		return err
	}
	return x.writeAbout(ctx)
}

func (x *export) webAnnotation(p store.Post, c store.Claim) webAnnotation {
	one := webAnnotation{
		ID: atproto.WebURL(p.URI) + "#claim-" + c.Passage.Claim.ID, Type: "Annotation", Motivation: "classifying",
		Generator: &webAgent{"Software", "skyarchive " + x.Program + ", analysis " + x.source.accounts[p.Author()].Analysis},
		Target: webAnnotated{
			Type: "SpecificResource", Selector: selectors(p.Text, c.Span),
			Source: webSource{
				ID: atproto.WebURL(p.URI), Canonical: string(p.URI), Type: "Text", Format: "text/plain", Language: p.Lang,
				Creator: map[string]string{"id": "https://bsky.app/profile/" + string(p.Author()), "type": "Person", "name": x.source.accounts[p.Author()].Author()},
			},
		},
	}
	if !p.WordsSeen.IsZero() && !p.WordsTold {
		one.Target.State = &webState{"TimeState", utc(p.WordsSeen)}
	}
	for _, slug := range topicSlugs(c.Passage) {
		one.Body = append(one.Body, webBody{Type: "TextualBody", Purpose: "tagging", Value: x.topicLabel(slug), Language: x.words.lang})
	}
	review, ok := lastReview(c)
	if !ok {
		return one
	}
	one.Motivation, one.Created = "assessing", c.Review.At.UTC().Format(time.RFC3339)
	if !x.Public {
		one.Creator = &webAgent{"Person", c.Review.By}
	}
	one.Body = append(one.Body, webBody{Type: "TextualBody", Purpose: "assessing", Value: x.words.found(review), Language: x.words.lang})
	if isWebURL(review.PublishedURL) {
		one.Body = append(one.Body, webBody{Type: "SpecificResource", Purpose: "assessing", Source: review.PublishedURL})
	}
	if review.Restated != "" {
		one.Body = append(one.Body, webBody{Type: "TextualBody", Purpose: "describing", Value: review.Restated, Format: "text/plain"})
	}
	if review.Summary != "" {
		one.Body = append(one.Body, webBody{Type: "TextualBody", Purpose: "commenting", Value: review.Summary, Format: "text/plain"})
	}
	for _, s := range review.Sources {
		if isWebURL(s.URL) {
			one.Body = append(one.Body, webBody{Type: "SpecificResource", Purpose: "linking", Source: s.URL})
		}
	}
	return one
}

// selectors say twice where a passage stands: by its words, which still find it where the
// text is shown otherwise, and by its place in code points.
func selectors(text string, s analysis.Span) []webSelector {
	before, after := []rune(text[:s.Start]), []rune(text[s.End:])
	start := len(before)
	end := start + utf8.RuneCountInString(text[s.Start:s.End])
	return []webSelector{
		{
			Type: "TextQuoteSelector", Exact: string([]rune(text[s.Start:s.End])),
			Prefix: string(before[max(0, start-quoteContext):]), Suffix: string(after[:min(len(after), quoteContext)]),
		},
		{Type: "TextPositionSelector", Start: &start, End: &end},
	}
}

func jsonText(s string) string {
	b, err := json.Marshal(strings.ToValidUTF8(s, "\ufffd"))
	if err != nil {
		return `""` // a string always has a form in JSON
	}
	return string(b)
}
