package sqlite

import (
	"encoding/json"
	"fmt"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
)

// What the machine read in a post is kept in one column, as JSON in which everything is
// left out that is a window on the text, a default, or the post itself. Corrections of
// people are not in it: they are applied on reading.

type packedPassage struct {
	At         [2]int           `json:"at"`
	Text       *string          `json:"text,omitempty"` // only where it is not the words at At
	Topics     []packedTopic    `json:"topics,omitempty"`
	Claim      *packedClaim     `json:"claim,omitempty"`
	Quantities []packedQuantity `json:"quantities,omitempty"`
}

type packedTopic struct {
	Topic    string           `json:"topic"`
	Score    float64          `json:"score,omitempty"`
	Evidence []packedEvidence `json:"found,omitempty"`
}

type packedEvidence struct {
	At   [2]int `json:"at"`
	Rule string `json:"rule,omitempty"`
}

type packedClaim struct {
	ID          string             `json:"id"`
	CheckWorthy bool               `json:"checkworthy,omitempty"`
	Score       float64            `json:"score,omitempty"`
	Kind        analysis.Kind      `json:"kind,omitempty"`
	Stance      analysis.Stance    `json:"stance,omitempty"`
	Attribution *packedAttribution `json:"attribution,omitempty"`
	When        []packedWhen       `json:"when,omitempty"`
	Continues   string             `json:"continues,omitempty"`
	Why         []string           `json:"why,omitempty"`
}

type packedAttribution struct {
	URI  syntax.ATURI `json:"uri,omitempty"` // only another post's
	At   [2]int       `json:"at"`
	Text *string      `json:"text,omitempty"`
	DID  *string      `json:"did,omitempty"`
	URL  *string      `json:"url,omitempty"`
}

type packedWhen struct {
	At   [2]int  `json:"at"`
	Raw  *string `json:"raw,omitempty"`
	From *string `json:"from,omitempty"`
	To   *string `json:"to,omitempty"`
}

type packedQuantity struct {
	At        [2]int    `json:"at"`
	Raw       *string   `json:"raw,omitempty"`
	Value     float64   `json:"value"`
	ValueHi   *float64  `json:"value_hi,omitempty"`
	Unit      string    `json:"unit,omitempty"`
	BaseValue *float64  `json:"base_value,omitempty"`
	BaseUnit  string    `json:"base_unit,omitempty"`
	Approx    bool      `json:"approx,omitempty"`
	Per       string    `json:"per,omitempty"`
	Of        *packedOf `json:"of,omitempty"`
}

type packedOf struct {
	At   [2]int  `json:"at"`
	Text *string `json:"text,omitempty"`
}

func at(s analysis.Span) [2]int { return [2]int{s.Start, s.End} }

func span(at [2]int) analysis.Span { return analysis.Span{Start: at[0], End: at[1]} }

// window is the words of a text at a span, and "" outside of it.
func window(text string, s analysis.Span) string {
	if s.Start < 0 || s.End < s.Start || s.End > len(text) {
		return ""
	}
	return text[s.Start:s.End]
}

// unless keeps words only if they are not those at the span.
func unless(words, text string, s analysis.Span) *string {
	if words == window(text, s) {
		return nil
	}
	return &words
}

// kept is the words that unless kept or left to the text.
func kept(words *string, text string, s analysis.Span) string {
	if words != nil {
		return *words
	}
	return window(text, s)
}

// pack writes the passages of a post with this text.
func pack(a analysis.PostAnalysis, text string) (string, error) {
	list := make([]packedPassage, len(a.Passages))
	for i, p := range a.Passages {
		list[i] = packedPassage{At: at(p.Span), Text: unless(p.Text, text, p.Span)}
		for _, t := range p.Topics {
			packed := packedTopic{Topic: t.Topic, Score: t.Score}
			for _, e := range t.Evidence {
				packed.Evidence = append(packed.Evidence, packedEvidence{at(e.Span), e.Rule})
			}
			list[i].Topics = append(list[i].Topics, packed)
		}
		list[i].Claim = packClaim(p.Claim, a.URI, text)
		for _, q := range p.Quantities {
			packed := packedQuantity{At: at(q.Span), Raw: unless(q.Raw, text, q.Span), Value: q.Value, ValueHi: q.ValueHi,
				Unit: q.Unit, BaseValue: q.BaseValue, BaseUnit: q.BaseUnit, Approx: q.Approx, Per: q.Per}
			if q.Of != nil {
				packed.Of = &packedOf{at(q.Of.Span), unless(q.Of.Text, text, q.Of.Span)}
			}
			list[i].Quantities = append(list[i].Quantities, packed)
		}
	}
	raw, err := json.Marshal(list)
	return string(raw), err
}

func packClaim(c *analysis.Claim, uri syntax.ATURI, text string) *packedClaim {
	if c == nil {
		return nil
	}
	packed := packedClaim{ID: c.ID, CheckWorthy: c.CheckWorthy, Score: c.Score, Kind: c.Kind, Stance: c.Stance,
		Continues: c.Continues, Why: c.Why}
	for _, w := range c.When {
		packed.When = append(packed.When, packedWhen{at(w.Span), unless(w.Raw, text, w.Span), w.From, w.To})
	}
	if a := c.Attribution; a != nil {
		packed.Attribution = &packedAttribution{At: at(a.Span), DID: a.DID, URL: a.URL}
		if a.URI == uri {
			packed.Attribution.Text = unless(a.Text, text, a.Span)
		} else {
			packed.Attribution.URI, packed.Attribution.Text = a.URI, &a.Text
		}
	}
	return &packed
}

// unpack reads what pack wrote. Empty input is a post that was never analysed.
func unpack(uri syntax.ATURI, lang, packed, text string) (analysis.PostAnalysis, error) {
	a := analysis.PostAnalysis{URI: uri, Lang: lang}
	if packed == "" {
		return a, nil
	}
	var list []packedPassage
	if err := json.Unmarshal([]byte(packed), &list); err != nil {
		return a, fmt.Errorf("passages of %s: %w", uri, err)
	}
	a.Passages = make([]analysis.Passage, len(list))
	for i, p := range list {
		out := analysis.Passage{Span: span(p.At), Topics: []analysis.TopicTag{}, Quantities: []analysis.Quantity{}}
		out.Text = kept(p.Text, text, out.Span)
		for _, t := range p.Topics {
			tag := analysis.TopicTag{Topic: t.Topic, Score: t.Score, Evidence: []analysis.Evidence{}}
			for _, e := range t.Evidence {
				tag.Evidence = append(tag.Evidence, analysis.Evidence{Span: span(e.At), Rule: e.Rule})
			}
			out.Topics = append(out.Topics, tag)
		}
		out.Claim = unpackClaim(p.Claim, uri, text)
		for _, q := range p.Quantities {
			quantity := analysis.Quantity{Span: span(q.At), Value: q.Value, ValueHi: q.ValueHi, Unit: q.Unit,
				BaseValue: q.BaseValue, BaseUnit: q.BaseUnit, Approx: q.Approx, Per: q.Per}
			quantity.Raw = kept(q.Raw, text, quantity.Span)
			if q.Of != nil {
				quantity.Of = &analysis.OfWhat{Span: span(q.Of.At)}
				quantity.Of.Text = kept(q.Of.Text, text, quantity.Of.Span)
			}
			out.Quantities = append(out.Quantities, quantity)
		}
		a.Passages[i] = out
	}
	return a, nil
}

func unpackClaim(p *packedClaim, uri syntax.ATURI, text string) *analysis.Claim {
	if p == nil {
		return nil
	}
	c := analysis.Claim{ID: p.ID, CheckWorthy: p.CheckWorthy, Score: p.Score, Kind: p.Kind, Stance: p.Stance,
		Continues: p.Continues, When: []analysis.When{}, Why: p.Why}
	if c.Why == nil {
		c.Why = []string{}
	}
	for _, w := range p.When {
		when := analysis.When{Span: span(w.At), From: w.From, To: w.To}
		when.Raw = kept(w.Raw, text, when.Span)
		c.When = append(c.When, when)
	}
	if p.Attribution != nil {
		a := analysis.Attribution{URI: uri, Span: span(p.Attribution.At), DID: p.Attribution.DID, URL: p.Attribution.URL}
		if p.Attribution.URI != "" {
			a.URI = p.Attribution.URI
		}
		a.Text = kept(p.Attribution.Text, text, a.Span)
		c.Attribution = &a
	}
	return &c
}
