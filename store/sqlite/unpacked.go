package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
)

// unpack reads what pack wrote of a post; phrase tells what the numbers of phrases stand for.
// Empty input is a post that was never analysed.
func unpack(uri syntax.ATURI, cid, lang, column, text string, phrase func(int64) (string, error)) (analysis.PostAnalysis, error) {
	a := analysis.PostAnalysis{URI: uri, Lang: lang}
	u := unpacker{&a, cid, text, phrase}
	if column == "" {
		return a, nil
	}
	fail := func(err error) (analysis.PostAnalysis, error) { return a, fmt.Errorf("passages of %s: %w", uri, err) }
	var in struct {
		At      []int
		Topics  [][]json.RawMessage
		Claims  [][]json.RawMessage
		Numbers [][]json.RawMessage
		Texts   map[int]string
	}
	if err := json.Unmarshal([]byte(column), &in); err != nil {
		return fail(err)
	}
	a.Passages = make([]analysis.Passage, len(in.At)/2)
	for i := range a.Passages {
		p := &a.Passages[i]
		p.Span = spanOf(in.At[2*i], in.At[2*i+1])
		p.Text, p.Topics, p.Quantities = window(text, p.Span), []analysis.TopicTag{}, []analysis.Quantity{}
		if s, ok := in.Texts[i]; ok {
			p.Text = s
		}
	}
	for _, list := range in.Topics {
		if err := u.topic(list); err != nil {
			return fail(err)
		}
	}
	for _, list := range in.Claims {
		if err := u.claim(list); err != nil {
			return fail(err)
		}
	}
	for _, list := range in.Numbers {
		if err := u.quantity(list); err != nil {
			return fail(err)
		}
	}
	return a, nil
}

// An unpacker reads lists into an analysis.
type unpacker struct {
	*analysis.PostAnalysis
	cid, text string
	phrase    func(int64) (string, error)
}

// A spelled is a value that is a phrase.
type spelled struct {
	u    *unpacker
	into *string
}

func (s *spelled) UnmarshalJSON(raw []byte) (err error) {
	if raw[0] == '"' {
		return json.Unmarshal(raw, s.into)
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err == nil {
		*s.into, err = s.u.phrase(n)
	}
	return err
}

var errPlace = errors.New("a list of another length, or for no passage")

// scan reads the first values of a list, of which the first names a passage, and what
// follows them into more.
func (u *unpacker) scan(list []json.RawMessage, more any, into ...any) (*analysis.Passage, error) {
	var i int
	if len(list) < len(into)+1 {
		return nil, errPlace
	}
	if err := json.Unmarshal(list[0], &i); err != nil {
		return nil, err
	}
	if i < 0 || i >= len(u.Passages) {
		return nil, errPlace
	}
	for n, v := range into {
		if err := json.Unmarshal(list[n+1], v); err != nil {
			return nil, err
		}
	}
	if more != nil && len(list) > len(into)+1 {
		return &u.Passages[i], json.Unmarshal(list[len(into)+1], more)
	}
	return &u.Passages[i], nil
}

func (u *unpacker) topic(list []json.RawMessage) error {
	tag := analysis.TopicTag{Evidence: []analysis.Evidence{}}
	var found []json.RawMessage
	p, err := u.scan(list, nil, &spelled{u, &tag.Topic}, &tag.Score, &found)
	if err != nil {
		return err
	}
	for ; len(found) >= 3; found = found[3:] {
		var e analysis.Evidence
		err := errors.Join(json.Unmarshal(found[0], &e.Start), json.Unmarshal(found[1], &e.End), json.Unmarshal(found[2], &spelled{u, &e.Rule}))
		if err != nil {
			return err
		}
		tag.Evidence = append(tag.Evidence, e)
	}
	p.Topics = append(p.Topics, tag)
	return nil
}

func (u *unpacker) claim(list []json.RawMessage) error {
	c := analysis.Claim{When: []analysis.When{}}
	var worthy int
	var id, whys json.RawMessage
	var kind, stance string
	var more moreOfClaim
	p, err := u.scan(list, &more, &id, &worthy, &c.Score, &spelled{u, &kind}, &spelled{u, &stance}, &whys)
	if err != nil {
		return err
	}
	c.Kind, c.Stance, c.ID = analysis.Kind(kind), analysis.Stance(stance), analysis.ClaimID(u.URI, u.cid, p.Span)
	if id[0] == '"' {
		err = json.Unmarshal(id, &c.ID)
	}
	if c.Why, err = u.list(whys, err); err != nil {
		return err
	}
	c.CheckWorthy, c.Continues = worthy == 1, more.Continues
	for _, w := range more.When {
		when := analysis.When{Span: span(w.At), From: w.From, To: w.To}
		when.Raw = kept(w.Raw, u.text, when.Span)
		c.When = append(c.When, when)
	}
	if from := more.Attribution; from != nil {
		c.Attribution = &analysis.Attribution{URI: u.URI, Span: span(from.At), DID: from.DID, URL: from.URL}
		if from.URI != "" {
			c.Attribution.URI = from.URI
		}
		c.Attribution.Text = kept(from.Text, u.text, c.Attribution.Span)
	}
	p.Claim = &c
	return nil
}

// list reads a list of phrases, unless something failed before.
func (u *unpacker) list(raw json.RawMessage, err error) ([]string, error) {
	var items []json.RawMessage
	if err := errors.Join(err, json.Unmarshal(raw, &items)); err != nil {
		return nil, err
	}
	list := make([]string, len(items))
	for i, item := range items {
		if err := json.Unmarshal(item, &spelled{u, &list[i]}); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (u *unpacker) quantity(list []json.RawMessage) error {
	var q analysis.Quantity
	var more moreOfNumber
	p, err := u.scan(list, &more, &q.Start, &q.End, &q.Value, &q.Unit, &q.BaseValue, &q.BaseUnit)
	if err != nil {
		return err
	}
	q.Raw = kept(more.Raw, u.text, spanOf(q.Start, q.End))
	q.ValueHi, q.Approx, q.Bound, q.Per = more.ValueHi, more.Approx, more.Bound, more.Per
	if more.Of != nil {
		q.Of = &analysis.OfWhat{Span: span(more.Of.At)}
		q.Of.Text = kept(more.Of.Text, u.text, q.Of.Span)
	}
	p.Quantities = append(p.Quantities, q)
	return nil
}
