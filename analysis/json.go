package analysis

import (
	"strconv"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis/jsonout"
)

// What analyze writes of every post is appended by hand: encoding/json took longer to look at
// the types than the analysis to read the words.

// AppendJSON appends the members of a thread as JSON, without the braces around them.
func (t *Thread) AppendJSON(b []byte) []byte {
	b = jsonout.String(append(b, `"root":`...), t.Root)
	b = jsonout.Strings(append(b, `,"posts":`...), t.Posts)
	b = append(b, `,"numbering":`...)
	if t.Numbering == nil {
		b = append(b, "null"...)
	} else {
		b = t.Numbering.appendJSON(b)
	}
	b = strconv.AppendBool(append(b, `,"complete":`...), t.Complete)
	b = append(b, `,"branches":`...)
	b = jsonout.List(b, t.Branches, func(b []byte, branch *[]syntax.ATURI) []byte { return jsonout.Strings(b, *branch) })
	b = jsonout.List(append(b, `,"joins":`...), t.Joins, appendJoin)
	if len(t.Gaps) > 0 {
		b = jsonout.List(append(b, `,"gaps":`...), t.Gaps, appendGap)
	}
	return b
}

func (n *Numbering) appendJSON(b []byte) []byte {
	b = appendNumber(append(b, `{"total":`...), &n.Total)
	b = jsonout.List(append(b, `,"numbers":`...), n.Numbers, appendNumber)
	b = append(b, `,"missing":`...)
	b = jsonout.List(b, n.Missing, func(b []byte, k *int) []byte { return strconv.AppendInt(b, int64(*k), 10) })
	return append(b, '}')
}

func appendNumber(b []byte, k **int) []byte {
	if *k == nil {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, int64(**k), 10)
}

func appendJoin(b []byte, j *Join) []byte {
	b = jsonout.String(append(b, `{"uri":`...), j.URI)
	b = jsonout.String(append(b, `,"by":`...), j.By)
	b = jsonout.String(append(b, `,"why":`...), j.Why)
	return append(b, '}')
}

func appendGap(b []byte, g *Gap) []byte {
	b = jsonout.String(append(b, `{"kind":`...), g.Kind)
	if g.After != "" {
		b = jsonout.String(append(b, `,"after":`...), g.After)
	}
	if g.URI != "" {
		b = jsonout.String(append(b, `,"uri":`...), g.URI)
	}
	if g.Number != 0 {
		b = strconv.AppendInt(append(b, `,"number":`...), int64(g.Number), 10)
	}
	return append(b, '}')
}

// AppendJSON appends the members of an analysis as JSON, without the braces around them.
func (p *PostAnalysis) AppendJSON(b []byte) []byte {
	b = jsonout.String(append(b, `"uri":`...), p.URI)
	b = jsonout.String(append(b, `,"lang":`...), p.Lang)
	return jsonout.List(append(b, `,"passages":`...), p.Passages, appendPassage)
}

func appendPassage(b []byte, p *Passage) []byte {
	b = jsonout.Range(append(b, '{'), p.Start, p.End)
	b = jsonout.String(append(b, `,"text":`...), p.Text)
	b = jsonout.List(append(b, `,"topics":`...), p.Topics, appendTopicTag)
	b = append(b, `,"claim":`...)
	if p.Claim == nil {
		b = append(b, "null"...)
	} else {
		b = p.Claim.appendJSON(b)
	}
	b = jsonout.List(append(b, `,"quantities":`...), p.Quantities, func(b []byte, q *Quantity) []byte { return q.AppendJSON(b) })
	return append(b, '}')
}

func appendTopicTag(b []byte, t *TopicTag) []byte {
	b = jsonout.String(append(b, `{"topic":`...), t.Topic)
	b = jsonout.Float(append(b, `,"score":`...), t.Score)
	b = jsonout.List(append(b, `,"evidence":`...), t.Evidence, appendEvidence)
	return append(b, '}')
}

func appendEvidence(b []byte, e *Evidence) []byte {
	b = jsonout.Range(append(b, '{'), e.Start, e.End)
	return append(jsonout.String(append(b, `,"rule":`...), e.Rule), '}')
}

// MarshalJSON writes a claim with null for an absent Continues.
func (c Claim) MarshalJSON() ([]byte, error) { return c.appendJSON(nil), nil }

func (c *Claim) appendJSON(b []byte) []byte {
	b = jsonout.String(append(b, `{"id":`...), c.ID)
	b = strconv.AppendBool(append(b, `,"checkworthy":`...), c.CheckWorthy)
	b = jsonout.Float(append(b, `,"score":`...), c.Score)
	b = jsonout.String(append(b, `,"kind":`...), c.Kind)
	b = jsonout.String(append(b, `,"stance":`...), c.Stance)
	b = append(b, `,"attribution":`...)
	if c.Attribution == nil {
		b = append(b, "null"...)
	} else {
		b = c.Attribution.appendJSON(b)
	}
	b = jsonout.List(append(b, `,"when":`...), c.When, appendWhen)
	b = jsonout.Strings(append(b, `,"why":`...), c.Why)
	return append(jsonout.StringOrNull(append(b, `,"continues":`...), c.Continues), '}')
}

func (a *Attribution) appendJSON(b []byte) []byte {
	b = jsonout.String(append(b, `{"uri":`...), a.URI)
	b = jsonout.Range(append(b, ','), a.Start, a.End)
	b = jsonout.String(append(b, `,"text":`...), a.Text)
	b = jsonout.StringOf(append(b, `,"did":`...), a.DID)
	b = jsonout.StringOf(append(b, `,"url":`...), a.URL)
	return append(b, '}')
}

func appendWhen(b []byte, w *When) []byte {
	b = jsonout.Range(append(b, '{'), w.Start, w.End)
	b = jsonout.String(append(b, `,"raw":`...), w.Raw)
	b = jsonout.StringOf(append(b, `,"from":`...), w.From)
	b = jsonout.StringOf(append(b, `,"to":`...), w.To)
	return append(b, '}')
}
