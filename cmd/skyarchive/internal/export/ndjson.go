package export

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// The lines of an NDJSON export. Each has a type, and bytes are base64. An import into
// another archive needs the lines up to "record" and those of decisions; posts, threads
// and claims are derived and stand there for other programs.
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
		At   time.Time `json:"at"`
		Host string    `json:"host"`
		From string    `json:"from"`
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
		Post     syntax.ATURI         `json:"post"`
		CID      string               `json:"cid"`
		URL      string               `json:"url"`
		DID      syntax.DID           `json:"did"`
		Handle   syntax.Handle        `json:"handle"`
		Thread   syntax.ATURI         `json:"thread,omitempty"`
		Date     time.Time            `json:"date"`
		Status   store.PostStatus     `json:"post_status"`
		Review   analysis.ReviewState `json:"review"`
		Summary  string               `json:"summary,omitempty"`
		Sources  []analysis.Source    `json:"sources,omitempty"`
		Outdated bool                 `json:"judged_on_an_earlier_version,omitempty"`
	}
	decisionLine struct {
		Type string `json:"type"` // decision
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

// writeNDJSON writes everything, one object a line. Evidence and decisions are in private
// copies of whole accounts: a part of an account's history proves nothing.
func writeNDJSON(ctx context.Context, x *export) error {
	if err := x.source.loadAccounts(ctx); err != nil {
		return err
	}
	out, err := x.target.create("archive.ndjson")
	if err != nil {
		return err
	}
	l := newLines(out)
	head, err := x.about(ctx)
	if err != nil {
		return err
	}
	whole := x.source.whole() && !x.Public
	if err := l.put(firstLine{head, whole}); err != nil {
		return err
	}
	if err := x.accountLines(ctx, l, whole); err != nil {
		return err
	}
	if err := x.derivedLines(ctx, l); err != nil {
		return err
	}
	if !x.Public {
		if err := x.decisionLines(ctx, l); err != nil {
			return err
		}
	}
	if err := l.put(endLine{"end", x.counts()}); err != nil {
		return err
	}
	if err := l.w.Flush(); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	if !x.inFolder() {
		return nil
	}
	if err := x.writeCodebook(); err != nil {
		return err
	}
	return x.writeAbout(ctx)
}

func (x *export) accountLines(ctx context.Context, l *lines, evidence bool) error {
	accounts, err := store.Collect(x.source.r.Accounts(ctx))
	if err != nil {
		return err
	}
	for _, acc := range accounts {
		if !x.source.ownedBy(acc.DID) {
			continue
		}
		if x.withholdsAccount(x.source.accounts[acc.DID]) != "" {
			continue
		}
		line := accountLine{"account", acc.DID, acc.Handle, acc.PDS, acc.Label, acc.Status, timeOf(acc.Fetched), acc.HideGuest}
		if x.Public {
			line.Label = ""
		}
		if err := l.put(line); err != nil {
			return err
		}
		if evidence {
			if err := x.evidenceLines(ctx, l, acc.DID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *export) evidenceLines(ctx context.Context, l *lines, did syntax.DID) error {
	r := x.source.r
	for id, err := range r.Identities(ctx, did) {
		if err != nil {
			return err
		}
		if err := l.put(identityLine{"identity", did, id.At.UTC(), id.Handle, id.PDS, id.Status, id.Host, id.Document}); err != nil {
			return err
		}
	}
	for log, err := range r.PLCLogs(ctx, did) {
		if err != nil {
			return err
		}
		if err := l.put(logLine{"plc_log", did, log.At.UTC(), log.Host, log.Raw}); err != nil {
			return err
		}
	}
	states, err := store.Collect(r.States(ctx, did))
	if err != nil {
		return err
	}
	written := map[atproto.CID]bool{}
	for _, s := range states {
		line := stateLine{"state", did, s.Rev, s.Commit, s.Data, s.Signed, s.Key, s.Signature, []sightingLine{}}
		for _, sight := range s.Sightings {
			line.Sightings = append(line.Sightings, sightingLine{sight.At.UTC(), sight.Host, sight.From})
		}
		if err := l.put(line); err != nil {
			return err
		}
		kept, err := x.changeLines(ctx, l, s)
		if err != nil {
			return err
		}
		for _, cid := range kept {
			if written[cid] {
				continue
			}
			written[cid] = true
			if err := x.recordLine(ctx, l, did, cid); err != nil {
				return err
			}
		}
	}
	return nil
}

// changeLines writes what a state changed, and returns the CIDs whose bytes are kept.
func (x *export) changeLines(ctx context.Context, l *lines, s store.State) ([]atproto.CID, error) {
	var kept []atproto.CID
	for e, err := range x.source.r.Changes(ctx, s.DID, s.Commit) {
		if err != nil {
			return nil, err
		}
		if err := l.put(changeLine{"change", s.DID, s.Commit, e.Path, e.CID.String()}); err != nil {
			return nil, err
		}
		if !e.CID.IsZero() && atproto.KeepsBytes(e.Path.Collection()) {
			kept = append(kept, e.CID)
		}
	}
	return kept, nil
}

func (x *export) recordLine(ctx context.Context, l *lines, did syntax.DID, cid atproto.CID) error {
	record, err := x.source.r.Record(ctx, did, cid)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return l.put(recordLine{"record", did, cid, record})
}

func (x *export) derivedLines(ctx context.Context, l *lines) error {
	threads, err := x.source.selected(ctx)
	if err != nil {
		return err
	}
	for _, t := range threads {
		if acc := x.source.accounts[t.DID]; x.Public && (acc == nil || x.withholdsAccount(acc) != "") {
			continue
		}
		x.summary.Threads++
		line := threadLine{"thread", t.Thread, t.ID, t.DID, t.Handle, t.Age.UTC(), t.FirstLine, t.Claims, t.Topics, atproto.WebURL(t.Root)}
		if err := l.put(line); err != nil {
			return err
		}
	}
	for p, err := range x.source.posts(ctx) {
		if err != nil {
			return err
		}
		if err := l.put(newPostLine(p)); err != nil {
			return err
		}
	}
	x.Query.All = true
	for c, err := range x.source.claims(ctx, true) {
		if err != nil {
			return err
		}
		if err := l.put(x.newClaimLine(c)); err != nil {
			return err
		}
	}
	return nil
}

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
		Handle: c.Author.Handle, Thread: c.Thread, Date: c.Age.UTC(), Status: c.Status, Review: c.Review, Outdated: c.Outdated,
	}
	if review, ok := lastReview(c); ok {
		line.Summary, line.Sources = review.Summary, review.Sources
	}
	if x.Public {
		line.Review.By = ""
	}
	return line
}

// decisionLines writes what people decided, their private notes too: without them an
// entry would not have its id.
func (x *export) decisionLines(ctx context.Context, l *lines) error {
	q := store.DecisionQuery{DID: x.Query.DID}
	if x.Post != "" {
		q.DID = syntax.DID(atproto.AuthorOf(x.Post))
	}
	for d, err := range x.source.r.Decisions(ctx, q) {
		if err != nil {
			return err
		}
		if err := l.put(decisionLine{"decision", d}); err != nil {
			return err
		}
	}
	return nil
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
