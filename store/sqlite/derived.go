package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/analysis/words"
)

// A derivedPost is a post whose topics and claims are to be written.
type derivedPost struct {
	id       int64
	uri      syntax.ATURI
	cid      string
	analysis analysis.PostAnalysis // with people's corrections
	old      *oldPost              // what it replaces, nil for nothing
}

var claimNames = strings.Fields(`id post start_byte end_byte checkworthy has_number source score kind stance
	status verdict dismissal reviewer reviewed_at agree disagree outdated`)

// addDerived makes the rows of what can be asked for of an analysis, its topics and claims,
// and returns what the post can be found by for them.
func (w *writer) addDerived(ctx context.Context, p derivedPost) (read properties, err error) {
	var former map[string]string
	if p.old != nil {
		if former, err = w.dropDerived(ctx, p); err != nil {
			return nil, err
		}
	}
	ds, err := w.decidedOn(ctx, p.uri)
	if err != nil {
		return nil, err
	}
	judged, _ := analysis.Judge(p.analysis, p.cid, ds, former)
	for _, passage := range p.analysis.Passages {
		for _, t := range passage.Topics {
			topic, err := w.name(ctx, "topic", t.Topic)
			if err != nil {
				return nil, err
			}
			read.addTopic(t.Topic)
			w.rows.tags.add(p.id, passage.Start, topic)
		}
		if c := passage.Claim; c != nil {
			j := judged[c.ID]
			if j.State.Status == "" {
				j.State.Status = analysis.New
			}
			source := sourceOf(c)
			read.addClaim(string(c.Kind), string(j.State.Status), string(j.State.Verdict), c.CheckWorthy, len(passage.Quantities) > 0, source != "")
			w.rows.claims.add(c.ID, p.id, passage.Start, passage.End, flag(c.CheckWorthy), flag(len(passage.Quantities) > 0),
				source, c.Score, string(c.Kind), string(c.Stance), string(j.State.Status), string(j.State.Verdict),
				string(j.State.Dismissal), j.State.By, nullTime(j.State.At), j.State.Agree, j.State.Disagree, flag(j.Outdated))
		}
	}
	return read, nil
}

// sourceOf is who a claim names as its source, folded for searching: the words, and the page
// or account that they link to.
func sourceOf(c *analysis.Claim) string {
	a := c.Attribution
	if a == nil {
		return ""
	}
	names := []string{words.Fold(a.Text).Folded}
	for _, link := range []*string{a.URL, a.DID} {
		if link != nil {
			names = append(names, *link)
		}
	}
	return strings.TrimSpace(strings.Join(names, " "))
}

// dropDerived removes the topics and claims of a post. The ids of claims that are no more are kept
// with the claim that each has become, which is returned.
func (w *writer) dropDerived(ctx context.Context, p derivedPost) (map[string]string, error) {
	now := map[string]bool{}
	for _, passage := range p.analysis.Passages {
		if passage.Claim != nil {
			now[passage.Claim.ID] = true
		}
	}
	former, err := w.former(ctx, p.id)
	if err != nil {
		return nil, err
	}
	moved := map[string]string{}
	err = w.c.each(ctx, `SELECT id, start_byte, end_byte FROM claim WHERE post = ?`, []any{p.id}, func(rows *sql.Rows) error {
		var id string
		var s analysis.Span
		if err := rows.Scan(&id, &s.Start, &s.End); err != nil {
			return err
		}
		if now[id] {
			return nil
		}
		moved[id] = ""
		was := analysis.About{CID: p.old.cid.String(), Span: s, Text: window(p.old.text, s)}
		if i := analysis.FindAgain(p.analysis.Passages, p.cid, was); i >= 0 {
			moved[id] = p.analysis.Passages[i].Claim.ID
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for id, claim := range former {
		if to, ok := moved[claim]; ok && claim != "" {
			moved[id] = to
		}
	}
	for id, claim := range moved {
		former[id] = claim
		err := w.exec(ctx, `INSERT INTO former_claim (id, post, claim) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET claim = excluded.claim`, id, p.id, nullText(claim))
		if err != nil {
			return nil, err
		}
	}
	if err := w.exec(ctx, `DELETE FROM topic_tag WHERE post = ?`, p.id); err != nil {
		return nil, err
	}
	return former, w.exec(ctx, `DELETE FROM claim WHERE post = ?`, p.id)
}

// former says which claim each former id of a post's claims has become, "" for none.
func (r *reader) former(ctx context.Context, post int64) (map[string]string, error) {
	former := map[string]string{}
	err := r.c.each(ctx, `SELECT id, coalesce(claim, '') FROM former_claim WHERE post = ?`, []any{post}, func(rows *sql.Rows) error {
		var id, claim string
		if err := rows.Scan(&id, &claim); err != nil {
			return err
		}
		former[id] = claim
		return nil
	})
	return former, err
}

func nullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}
