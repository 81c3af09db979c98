package export

import (
	"bufio"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// The lines of an NDJSON export. Each has a type, and bytes are base64. An import into
// another archive needs the lines of accounts up to "record", then those of posts by others
// and files, and those of decisions; posts, threads and claims are derived and stand there
// for other programs.
type (
	accountLine struct {
		Type      string         `json:"type"` // account
		DID       syntax.DID     `json:"did"`
		Handle    syntax.Handle  `json:"handle"`
		PDS       string         `json:"pds"`
		Label     string         `json:"label,omitempty"`
		Status    atproto.Status `json:"status"`
		Fetched   *time.Time     `json:"fetched"`
		HideGuest bool           `json:"hide_guest,omitempty"`
	}
	identityLine struct {
		Type     string         `json:"type"` // identity
		DID      syntax.DID     `json:"did"`
		At       time.Time      `json:"at"`
		Handle   syntax.Handle  `json:"handle"`
		PDS      string         `json:"pds"`
		Status   atproto.Status `json:"status"`
		Host     string         `json:"host"`
		Document []byte         `json:"document"`
		Placed   *time.Time     `json:"placed_at,omitempty"`
	}
	logLine struct {
		Type string     `json:"type"` // plc_log
		DID  syntax.DID `json:"did"`
		At   time.Time  `json:"at"`
		Host string     `json:"host"`
		Raw  []byte     `json:"raw"`
	}
	stateLine struct {
		Type      string            `json:"type"` // state
		DID       syntax.DID        `json:"did"`
		Rev       string            `json:"rev"`
		Commit    atproto.CID       `json:"commit"`
		Data      atproto.CID       `json:"data"`
		Signed    []byte            `json:"signed"`
		Key       string            `json:"key,omitempty"`
		Signature atproto.Signature `json:"signature"`
		Sightings []sightingLine    `json:"sightings"`
	}
	sightingLine struct {
		At     time.Time  `json:"at"`
		Host   string     `json:"host"`
		From   string     `json:"from"`
		Placed *time.Time `json:"placed_at,omitempty"`
	}
	changeLine struct {
		Type   string       `json:"type"` // change
		DID    syntax.DID   `json:"did"`
		Commit atproto.CID  `json:"commit"`
		Path   atproto.Path `json:"path"`
		CID    string       `json:"cid,omitempty"`
	}
	recordLine struct {
		Type  string      `json:"type"` // record
		DID   syntax.DID  `json:"did"`
		CID   atproto.CID `json:"cid"`
		Bytes []byte      `json:"bytes"`
	}
	threadLine struct {
		Type string `json:"type"` // thread
		analysis.Thread
		ID        string        `json:"id"`
		DID       syntax.DID    `json:"did"`
		Handle    syntax.Handle `json:"handle"`
		Date      time.Time     `json:"date"`
		FirstLine string        `json:"first_line"`
		Claims    int           `json:"claims"`
		Topics    []string      `json:"topics"`
		URL       string        `json:"url"`
	}
	postLine struct {
		Type      string            `json:"type"` // post
		URI       syntax.ATURI      `json:"uri"`
		CID       string            `json:"cid"`
		URL       string            `json:"url"`
		Text      string            `json:"text"`
		CreatedAt string            `json:"created_at"`
		KeyTime   *time.Time        `json:"record_key_time"`
		FirstSeen *time.Time        `json:"first_seen_at"`
		GoneFound *time.Time        `json:"gone_found_at"`
		Status    store.PostStatus  `json:"status"`
		Signature atproto.Signature `json:"signature"`
		Rev       string            `json:"rev"`
		Edited    int               `json:"earlier_versions"`
		Lang      string            `json:"lang"`
		Langs     []string          `json:"langs"`
		Thread    syntax.ATURI      `json:"thread,omitempty"`
		Reply     syntax.ATURI      `json:"reply_parent,omitempty"`
		Quote     syntax.ATURI      `json:"quote,omitempty"`
		Links     []string          `json:"links,omitempty"`
		Hashtags  []string          `json:"hashtags,omitempty"`
		Mentions  []string          `json:"mentions,omitempty"`
		AltTexts  []string          `json:"alt_texts,omitempty"`
	}
	claimLine struct {
		Type string `json:"type"` // claim
		ID   string `json:"id"`
		analysis.Passage
		Post      syntax.ATURI         `json:"post"`
		CID       string               `json:"cid"`
		URL       string               `json:"url"`
		DID       syntax.DID           `json:"did"`
		Handle    syntax.Handle        `json:"handle"`
		Thread    syntax.ATURI         `json:"thread,omitempty"`
		Date      time.Time            `json:"date"`
		Status    store.PostStatus     `json:"post_status"`
		Review    analysis.ReviewState `json:"review"`
		Restated  string               `json:"claim_restated,omitempty"`
		Summary   string               `json:"summary,omitempty"`
		Sources   []analysis.Source    `json:"sources,omitempty"`
		Published string               `json:"published_url,omitempty"`
		Outdated  bool                 `json:"judged_on_an_earlier_version,omitempty"`
	}
	// A post by somebody else that is answered or quoted, as it was seen last.
	contextLine struct {
		Type      string             `json:"type"` // context
		URI       syntax.ATURI       `json:"uri"`
		Handle    string             `json:"handle,omitempty"`
		CID       string             `json:"cid,omitempty"`
		Record    []byte             `json:"record,omitempty"`
		Proof     []byte             `json:"proof,omitempty"` // CAR
		Key       string             `json:"key,omitempty"`
		Signature atproto.Signature  `json:"signature,omitempty"`
		From      string             `json:"from,omitempty"`
		Seen      *time.Time         `json:"seen_at,omitempty"`
		State     store.ContextState `json:"state"`
		At        time.Time          `json:"state_at"`
		Host      string             `json:"host,omitempty"`
		Why       string             `json:"why,omitempty"`
		HideGuest bool               `json:"hide_guest,omitempty"`
		Counts    *countsLine        `json:"counts,omitempty"`
	}
	countsLine struct {
		Likes   int       `json:"likes"`
		Reposts int       `json:"reposts"`
		Replies int       `json:"replies"`
		Quotes  int       `json:"quotes"`
		At      time.Time `json:"at"`
	}
	// A file that is kept. Its bytes are beside: in the folder media of a folder export.
	fileLine struct {
		Type string     `json:"type"` // file
		DID  syntax.DID `json:"did"`
		CID  string     `json:"cid"`
		Kind string     `json:"mime"`
		Size int64      `json:"size"`
		At   time.Time  `json:"at"`
		Host string     `json:"host,omitempty"`
		Name string     `json:"name,omitempty"` // beside this file; none: not there
	}
	forgottenLine struct {
		Type string       `json:"type"` // forgotten
		DID  syntax.DID   `json:"did"`
		URI  syntax.ATURI `json:"uri,omitempty"` // none: the whole account
		At   time.Time    `json:"at"`
		By   string       `json:"by"`
		// What the post answered, and the first of that conversation, by the same account.
		Answers syntax.ATURI `json:"answers,omitempty"`
		Root    syntax.ATURI `json:"root,omitempty"`
	}
	decisionLine struct {
		Type string `json:"type"` // decision, or forgotten-decision, which is without its words
		analysis.Decision
	}
	firstLine struct {
		about
		Whole bool `json:"whole"` // the evidence of the accounts follows
	}
	endLine struct {
		Type string `json:"type"` // end
		*aboutCounts
	}
)

// lines writes JSON objects, one a line.
type lines struct {
	w   *bufio.Writer
	enc *json.Encoder
}

func newLines(w io.Writer) *lines {
	b := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return &lines{b, enc}
}

func (l *lines) put(v any) error { return l.enc.Encode(v) }

func newPostLine(p store.Post) postLine {
	_, alts := mediaOf(p.Post)
	line := postLine{
		Type: "post", URI: p.URI, CID: p.CID, URL: atproto.WebURL(p.URI), Text: p.Text, CreatedAt: p.CreatedAt, FirstSeen: timeOf(p.FirstSeen),
		GoneFound: timeOf(p.GoneFound), Status: p.Status, Signature: p.Signature, Rev: p.Rev, Edited: p.Edited, Lang: p.Lang, Langs: p.Langs,
		Thread: p.Thread, Reply: parentOf(p.Post), Quote: p.Embed.Quote.URI, Links: linksOf(p.Post), Hashtags: hashtags(p.Post),
		Mentions: facetValues(p.Post, atproto.FacetMention), AltTexts: alts,
	}
	if t, ok := atproto.TIDTime(atproto.KeyOf(p.URI)); ok {
		line.KeyTime = &t
	}
	return line
}

func (x *export) newClaimLine(c store.Claim) claimLine {
	line := claimLine{
		Type: "claim", ID: c.Passage.Claim.ID, Passage: c.Passage, Post: c.Post, CID: c.CID, URL: atproto.WebURL(c.Post), DID: c.Author.DID,
		Handle: c.Author.Handle, Thread: c.Thread, Date: c.Dates.Shown().UTC(), Status: c.Status, Review: c.Review, Outdated: c.Outdated,
	}
	if review, ok := lastReview(c); ok {
		line.Restated, line.Summary, line.Sources, line.Published = review.Restated, review.Summary, review.Sources, review.PublishedURL
	}
	if x.Public {
		line.Review.By = ""
		line.Review.Others = slices.Clone(line.Review.Others)
		for i := range line.Review.Others {
			line.Review.Others[i].By = ""
		}
	}
	return line
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
