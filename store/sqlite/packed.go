package sqlite

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/analysis/quantity"
)

// What the machine read in a post is kept in one column, as JSON that leaves out whatever is
// a window on the text, a default, or the post itself, and names things by their place:
//
//	{"at": [start, end, ...],                         the passages
//	 "topics": [[passage, TOPIC, score, [start, end, RULE, ...]], ...],
//	 "claims": [[passage, id, worthy, score, KIND, STANCE, [WHY, ...], {more}], ...],
//	 "numbers": [[passage, start, end, value, unit, base value, base unit, {more}], ...],
//	 "texts": {"passage": text}}                      only where it is not the words at its place
//
// What stands in capitals is the number of a phrase, for the analysis has few words for many
// posts; rows of the first release have the words themselves. The id of a claim is 0 where it
// is the one that follows from the claim's place. {more} is there if it holds something. Corrections of people are not in it: they are
// applied on reading.
type moreOfClaim struct {
	Attribution *packedAttribution `json:"attribution,omitempty"`
	When        []packedWhen       `json:"when,omitempty"`
	Continues   string             `json:"continues,omitempty"`
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

type moreOfNumber struct {
	Raw     *string        `json:"raw,omitempty"`
	ValueHi *float64       `json:"value_hi,omitempty"`
	Approx  bool           `json:"approx,omitempty"`
	Bound   quantity.Bound `json:"bound,omitempty"`
	Per     string         `json:"per,omitempty"`
	Of      *packedOf      `json:"of,omitempty"`
}

type packedOf struct {
	At   [2]int  `json:"at"`
	Text *string `json:"text,omitempty"`
}

func at(s analysis.Span) [2]int { return [2]int{s.Start, s.End} }

func span(at [2]int) analysis.Span { return analysis.Span{Start: at[0], End: at[1]} }

func spanOf(start, end int) analysis.Span { return analysis.Span{Start: start, End: end} }

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

// pack appends the passages of a post with this CID and text; phrase tells the numbers of
// phrases. It is written for every post of an import, so it appends and does not go through
// encoding/json.
func pack(out []byte, a analysis.PostAnalysis, cid, text string, phrase func(string) (int64, error)) ([]byte, error) {
	p := packer{cid: cid, text: text, number: phrase, out: out}
	p.raw(`{"at":[`)
	for i, passage := range a.Passages {
		p.item(i).int(passage.Start).raw(",").int(passage.End)
	}
	p.raw("]")
	p.list("topics", func() {
		for i, passage := range a.Passages {
			for _, t := range passage.Topics {
				p.row(i).raw(",").phrase(t.Topic).raw(",").float(t.Score).raw(",[")
				for n, e := range t.Evidence {
					p.item(n).int(e.Start).raw(",").int(e.End).raw(",").phrase(e.Rule)
				}
				p.raw("]]")
			}
		}
	})
	p.list("claims", func() {
		for i, passage := range a.Passages {
			if passage.Claim != nil {
				p.claim(i, passage.Span, passage.Claim, a.URI)
			}
		}
	})
	p.list("numbers", func() {
		for i, passage := range a.Passages {
			for _, q := range passage.Quantities {
				p.quantity(i, q)
			}
		}
	})
	p.texts(a.Passages)
	return p.raw("}").out, p.failed
}

// A packer appends JSON.
type packer struct {
	cid, text string
	number    func(string) (int64, error)
	out       []byte
	first     int // where the first row of a list starts
	failed    error
}

// phrase appends the number of a phrase.
func (p *packer) phrase(s string) *packer {
	n, err := p.number(s)
	if err != nil && p.failed == nil {
		p.failed = err
	}
	return p.int(int(n))
}

func (p *packer) raw(s string) *packer {
	p.out = append(p.out, s...)
	return p
}

func (p *packer) int(n int) *packer {
	p.out = strconv.AppendInt(p.out, int64(n), 10)
	return p
}

// float appends a number, or null for one that JSON cannot write.
func (p *packer) float(f float64) *packer {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return p.raw("null")
	}
	p.out = strconv.AppendFloat(p.out, f, 'g', -1, 64)
	return p
}

// string appends a text, as it is where nothing in it has to be written otherwise.
func (p *packer) string(s string) *packer {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == utf8.RuneError }) {
		quoted, _ := json.Marshal(s) // a string always can be written
		p.out = append(p.out, quoted...)
		return p
	}
	return p.raw(`"`).raw(s).raw(`"`)
}

// item separates the nth item of a list from the one before it.
func (p *packer) item(n int) *packer {
	if n > 0 {
		p.raw(",")
	}
	return p
}

// list appends a named list of the rows that fill appends; nothing if there is none.
func (p *packer) list(name string, fill func()) {
	start := len(p.out)
	p.raw(`,"`).raw(name).raw(`":[`)
	p.first = len(p.out)
	if fill(); len(p.out) == p.first {
		p.out = p.out[:start]
		return
	}
	p.raw("]")
}

// row begins a row that belongs to passage i.
func (p *packer) row(i int) *packer {
	if len(p.out) > p.first {
		p.raw(",")
	}
	return p.raw("[").int(i)
}

// more appends what is there of an object behind the values of a row, and ends the row.
func (p *packer) more(v any, empty bool) {
	if !empty {
		more, _ := json.Marshal(v) // it holds texts and numbers only
		p.raw(",").raw(string(more))
	}
	p.raw("]")
}

func (p *packer) texts(passages []analysis.Passage) {
	n := 0
	for i, passage := range passages {
		if passage.Text == window(p.text, passage.Span) {
			continue
		}
		if n++; n == 1 {
			p.raw(`,"texts":{`)
		} else {
			p.raw(",")
		}
		p.raw(`"`).int(i).raw(`":`).string(passage.Text)
	}
	if n > 0 {
		p.raw("}")
	}
}

func (p *packer) claim(i int, span analysis.Span, c *analysis.Claim, uri syntax.ATURI) {
	p.row(i).raw(",")
	if c.ID == analysis.ClaimID(uri, p.cid, span) {
		p.raw("0")
	} else {
		p.string(c.ID)
	}
	p.raw(",").int(flag(c.CheckWorthy)).raw(",").float(c.Score)
	p.raw(",").phrase(string(c.Kind)).raw(",").phrase(string(c.Stance)).raw(",[")
	for n, why := range c.Why {
		p.item(n).phrase(why)
	}
	p.raw("]")
	more := moreOfClaim{Continues: c.Continues}
	for _, w := range c.When {
		more.When = append(more.When, packedWhen{at(w.Span), unless(w.Raw, p.text, w.Span), w.From, w.To})
	}
	if a := c.Attribution; a != nil {
		more.Attribution = &packedAttribution{At: at(a.Span), DID: a.DID, URL: a.URL}
		if a.URI == uri {
			more.Attribution.Text = unless(a.Text, p.text, a.Span)
		} else {
			more.Attribution.URI, more.Attribution.Text = a.URI, &a.Text
		}
	}
	p.more(more, more.Attribution == nil && more.When == nil && more.Continues == "")
}

func (p *packer) quantity(i int, q analysis.Quantity) {
	p.row(i).raw(",").int(q.Start).raw(",").int(q.End).raw(",").float(q.Value).raw(",").string(q.Unit)
	if p.raw(","); q.BaseValue == nil {
		p.raw("null")
	} else {
		p.float(*q.BaseValue)
	}
	p.raw(",").string(q.BaseUnit)
	more := moreOfNumber{Raw: unless(q.Raw, p.text, spanOf(q.Start, q.End)), ValueHi: q.ValueHi, Approx: q.Approx, Bound: q.Bound, Per: q.Per}
	if q.Of != nil {
		more.Of = &packedOf{[2]int{q.Of.Start, q.Of.End}, unless(q.Of.Text, p.text, spanOf(q.Of.Start, q.Of.End))}
	}
	p.more(more, more == moreOfNumber{})
}
