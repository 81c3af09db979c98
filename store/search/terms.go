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

// A Term is one word that a query asks for: it matches where the index has Word, or one of
// the stems. English is "" where it is the French one too.
type Term struct {
	Word, French, English string
}

// Terms are the words to look for, in order: all of them, close together if there are
// several. Each is a list of alternatives, of which an inclusive spelling has two.
func (e Word) Terms() [][]Term {
	var list [][]Term
	var last words.Span
	for _, t := range words.Terms(e.Text, "") {
		if t.Word == "" {
			continue // stands beside another for the sake of texts
		}
		term := Term{t.Word, t.Stem, t.Stem2}
		if len(list) > 0 && t.Span == last {
			list[len(list)-1] = append(list[len(list)-1], term)
			continue
		}
		if len(list) == maxTerms {
			break
		}
		list, last = append(list, []Term{term}), t.Span
	}
	return list
}

// Words are the words to look for as they stand, in this order.
func (e Phrase) Words() []string { return plainWords(e.Text) }

// Words are the words to look for in this order, of which the last is only a beginning,
// unless Whole says that it is too short for one.
func (e Prefix) Words() []string { return plainWords(e.Text) }

// Whole says whether a prefix is too short and matches whole words.
func (e Prefix) Whole() bool {
	list := e.Words()
	return len(list) > 0 && utf8.RuneCountInString(list[len(list)-1]) < minPrefix
}

func plainWords(text string) []string {
	var list []string
	for _, t := range words.Terms(text, "") {
		if t.Word != "" && len(list) < maxTerms {
			list = append(list, t.Word)
		}
	}
	return list
}

// Matches are the words of a text that a query found, in order and without overlap, for
// marking. What the query excludes marks nothing. lang is the language the text was
// indexed in.
func Matches(e Expr, text, lang string) []words.Span {
	if e == nil {
		return nil
	}
	m := marker{terms: words.Terms(text, lang)}
	for i, t := range m.terms {
		if t.Word != "" {
			m.plain = append(m.plain, i)
		}
	}
	m.mark(e)
	slices.SortFunc(m.spans, func(a, b words.Span) int { return a.Start - b.Start })
	var list []words.Span
	for _, s := range m.spans {
		if n := len(list); n > 0 && s.Start < list[n-1].End {
			list[n-1].End = max(list[n-1].End, s.End)
			continue
		}
		list = append(list, s)
	}
	return list
}

// A marker collects the spans of a text that parts of a query match.
type marker struct {
	terms []words.Term
	plain []int // the terms that are words of the text
	spans []words.Span
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
		if slices.ContainsFunc(alternatives, func(a Term) bool { return a.matches(t) }) {
			m.spans = append(m.spans, t.Span)
		}
	}
}

func (a Term) matches(t words.Term) bool {
	return t.Word != "" && t.Word == a.Word || t.Stem == a.French || t.Stem2 != "" && t.Stem2 == a.French ||
		a.English != "" && (t.Stem == a.English || t.Stem2 == a.English)
}

// markWords marks each place where the words stand in order.
func (m *marker) markWords(list []string, prefix bool) {
	for i := 0; len(list) > 0 && i+len(list) <= len(m.plain); i++ {
		if m.standsAt(i, list, prefix) {
			m.spans = append(m.spans, words.Span{
				Start: m.terms[m.plain[i]].Start,
				End:   m.terms[m.plain[i+len(list)-1]].End,
			})
		}
	}
}

func (m *marker) standsAt(i int, list []string, prefix bool) bool {
	for k, want := range list {
		word := m.terms[m.plain[i+k]].Word
		if word != want && !(prefix && k == len(list)-1 && strings.HasPrefix(word, want)) {
			return false
		}
	}
	return true
}
