package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"skyarchive/analysis/words"
)

// minPrefix is how many letters a prefix has at least.
const minPrefix = 3

// maxTerms is how many words a chunk counts for; the rest of a longer one is passed over.
const maxTerms = 32

// A Term is one word that a query asks for, with its stems.
type Term struct {
	Word, French, English string
}

// Langs is a set of kinds of texts.
type Langs uint8

// The kinds of texts, by their language.
const (
	French Langs = 1 << iota
	English
	Other   // of another language, or of one that cannot be told
	AnyLang = French | English | Other
)

// LangOf is the kind of a text in a language.
func LangOf(lang string) Langs {
	switch lang {
	case "fr":
		return French
	case "en":
		return English
	}
	return Other
}

// In says in which texts a word is found by the term: everywhere if it is the word that was
// asked for; else in French texts if its French stem is one of the term's, in English ones
// if its English stem is, in others if either is.
func (t Term) In(word string) Langs {
	if word == t.Word {
		return AnyLang
	}
	var in Langs
	french, english := words.Stems(word)
	if t.HasStem(french) {
		in |= French | Other
	}
	if t.HasStem(english) {
		in |= English | Other
	}
	return in
}

// HasStem says whether a stem is one of the term's: what stands beside the words of a text
// is found so.
func (t Term) HasStem(stem string) bool { return stem == t.French || stem == t.English }

// matches says whether the term finds a word of a text.
func (t Term) matches(w words.Term, lang Langs) bool {
	if w.Word == "" {
		return t.HasStem(w.Stem)
	}
	return t.In(w.Word)&lang != 0
}

// Terms are the words to look for, in order: all of them, close together if there are
// several. Each is a list of alternatives: an inclusive spelling has two, a number also that of
// a percentage.
func (e Word) Terms() [][]Term {
	list := make([][]Term, 0, 1)
	for _, alternatives := range plainWords(e.Text) {
		var terms []Term
		for _, word := range alternatives {
			french, english := words.Stems(word)
			terms = append(terms, Term{word, french, english})
		}
		list = append(list, terms)
	}
	return list
}

// Words are the words to look for as they stand, in this order. Each is a list of
// alternatives.
func (e Phrase) Words() [][]string { return plainWords(e.Text) }

// Words are the words to look for in this order, of which the last is only a beginning,
// unless Whole says that it is too short for one.
func (e Prefix) Words() [][]string { return plainWords(e.Text) }

// Whole says whether a prefix is too short and matches whole words.
func (e Prefix) Whole() bool {
	list := e.Words()
	return len(list) > 0 && utf8.RuneCountInString(list[len(list)-1][0]) < minPrefix
}

// plainWords are the words of a text, without what stands beside them for the sake of texts.
// A number has that of a percentage as an alternative, which the index keeps as one word.
func plainWords(text string) [][]string {
	var list [][]string
	var last words.Span
	for _, t := range words.Terms(text) {
		switch {
		case t.Word == "":
		case len(list) > 0 && t.Span == last:
			list[len(list)-1] = append(list[len(list)-1], t.Word)
		case len(list) < maxTerms:
			alternatives := []string{t.Word}
			if strings.Trim(t.Word, "0123456789.") == "" {
				alternatives = append(alternatives, t.Word+"%")
			}
			list, last = append(list, alternatives), t.Span
		}
	}
	return list
}

// Matches are the words of a text that a query found, in order and none touching the next, for
// marking. What the query excludes marks nothing. lang is the language the text was
// indexed in.
func Matches(e Expr, text, lang string) []words.Span {
	if e == nil {
		return nil
	}
	m := newMarker(text, lang)
	m.mark(e)
	slices.SortFunc(m.spans, func(a, b words.Span) int { return a.Start - b.Start })
	var list []words.Span
	for _, s := range m.spans {
		if n := len(list); n > 0 && s.Start <= list[n-1].End {
			list[n-1].End = max(list[n-1].End, s.End)
			continue
		}
		list = append(list, s)
	}
	return list
}

// Lacking is what a query asks for that is not among the words of a text, nil if all of it is.
// Fields, and what the query excludes, are no words that a text could lack.
func Lacking(e Expr, text, lang string) Expr {
	if e == nil {
		return nil
	}
	return newMarker(text, lang).lacking(e)
}

func (m *marker) lacking(e Expr) Expr {
	switch e := e.(type) {
	case And:
		var parts []Expr
		for _, part := range e {
			parts = append(parts, m.lacking(part))
		}
		return All(parts...)
	case Or:
		if slices.ContainsFunc(e, func(part Expr) bool { return m.lacking(part) == nil }) {
			return nil
		}
		return e
	case Word, Phrase, Prefix:
		m.spans = nil
		if m.mark(e); m.spans == nil {
			return e
		}
	}
	return nil
}

// A marker collects the spans of a text that parts of a query match.
type marker struct {
	terms []words.Term
	lang  Langs
	plain [][]int // the terms at each place of the text
	spans []words.Span
}

func newMarker(text, lang string) *marker {
	m := &marker{terms: words.Terms(text), lang: LangOf(lang)}
	for i, t := range m.terms {
		if n := len(m.plain); t.Word == "" {
			continue
		} else if n > 0 && m.terms[m.plain[n-1][0]].Span == t.Span {
			m.plain[n-1] = append(m.plain[n-1], i)
		} else {
			m.plain = append(m.plain, []int{i})
		}
	}
	return m
}

func (m *marker) mark(e Expr) {
	switch e := e.(type) {
	case And:
		for _, part := range e {
			m.mark(part)
		}
	case Or:
		for _, part := range e {
			m.mark(part)
		}
	case Word:
		for _, alternatives := range e.Terms() {
			m.markTerms(alternatives)
		}
	case Phrase:
		m.markWords(e.Words(), false)
	case Prefix:
		m.markWords(e.Words(), !e.Whole())
	}
}

func (m *marker) markTerms(alternatives []Term) {
	for _, t := range m.terms {
		if slices.ContainsFunc(alternatives, func(a Term) bool { return a.matches(t, m.lang) }) {
			m.spans = append(m.spans, t.Span)
		}
	}
}

// markWords marks each place where the words stand in order.
func (m *marker) markWords(list [][]string, prefix bool) {
	for i := 0; len(list) > 0 && i+len(list) <= len(m.plain); i++ {
		if m.standsAt(i, list, prefix) {
			m.spans = append(m.spans, words.Span{
				Start: m.terms[m.plain[i][0]].Start,
				End:   m.terms[m.plain[i+len(list)-1][0]].End,
			})
		}
	}
}

func (m *marker) standsAt(i int, list [][]string, prefix bool) bool {
	for k, want := range list {
		open := prefix && k == len(list)-1
		if !slices.ContainsFunc(m.plain[i+k], func(at int) bool {
			word := m.terms[at].Word
			return slices.Contains(want, word) || open && strings.HasPrefix(word, want[0])
		}) {
			return false
		}
	}
	return true
}
