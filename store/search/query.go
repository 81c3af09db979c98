package search

import (
	"slices"
	"strings"
	"unicode"
)

// An Expr is a parsed query. A nil Expr selects everything.
type Expr interface {
	expr()
	// String is the query as a person would type it; parsing it gives an equal Expr.
	String() string
}

// The forms of an Expr. Those that Parse, NewField, All and Any make are flat: no And holds
// an And, no Or an Or, no Not a Not, and And and Or have two parts or more.
type (
	// And selects what all of its parts select.
	And []Expr
	// Or selects what any of its parts selects.
	Or []Expr
	// Not selects what its part does not.
	Not struct{ Expr Expr }
	// Word matches a word in any of its inflections, of a text, alt text or card. Words
	// that are typed as one, such as "effet-rebond", stand close together.
	Word struct{ Text string }
	// Prefix matches words that start so; Text is without the star. Under three letters it
	// matches whole words.
	Prefix struct{ Text string }
	// Phrase matches words in this order, as they stand.
	Phrase struct{ Text string }
	// Field matches a property. Name is one of the field names, Value is checked and in the
	// form that [NewField] gives it.
	Field struct{ Name, Value string }
)

func (And) expr()    {}
func (Or) expr()     {}
func (Not) expr()    {}
func (Word) expr()   {}
func (Prefix) expr() {}
func (Phrase) expr() {}
func (Field) expr()  {}

// All selects what every part selects. Parts that are nil select everything and are left
// out; nil if none is left.
func All(parts ...Expr) Expr {
	var list And
	for _, e := range parts {
		switch e := e.(type) {
		case nil:
		case And:
			list = append(list, e...)
		default:
			list = append(list, e)
		}
	}
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return list
}

// Any selects what some part selects. Parts that are nil are left out; nil if none is left.
func Any(parts ...Expr) Expr {
	var list Or
	for _, e := range parts {
		switch e := e.(type) {
		case nil:
		case Or:
			list = append(list, e...)
		default:
			list = append(list, e)
		}
	}
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return list
}

// negated is what e does not select.
func negated(e Expr) Expr {
	switch e := e.(type) {
	case nil:
		return nil
	case Not:
		return e.Expr
	}
	return Not{e}
}

func (e And) String() string { return joined(e, " ") }

func (e Or) String() string { return joined(e, " OR ") }

func (e Not) String() string { return "-" + operand(e.Expr) }

func (e Word) String() string { return e.Text }

func (e Prefix) String() string { return e.Text + "*" }

func (e Phrase) String() string { return `"` + e.Text + `"` }

func (e Field) String() string {
	if strings.ContainsFunc(e.Value, func(r rune) bool { return isBlank(r) || isQuote(r) || r == '(' || r == ')' }) {
		return e.Name + `:"` + e.Value + `"`
	}
	return e.Name + ":" + e.Value
}

func joined(list []Expr, between string) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = operand(e)
	}
	return strings.Join(parts, between)
}

// operand writes a part of a larger expression, in parentheses where it has parts itself.
func operand(e Expr) string {
	switch e := e.(type) {
	case nil:
		return ""
	case And, Or:
		return "(" + e.String() + ")"
	}
	return e.String()
}

// Equal says whether two expressions are the same, part by part.
func Equal(a, b Expr) bool {
	switch a := a.(type) {
	case And:
		b, ok := b.(And)
		return ok && slices.EqualFunc(a, b, Equal)
	case Or:
		b, ok := b.(Or)
		return ok && slices.EqualFunc(a, b, Equal)
	case Not:
		b, ok := b.(Not)
		return ok && Equal(a.Expr, b.Expr)
	}
	switch b.(type) {
	case And, Or, Not:
		return false
	}
	return a == b
}

// isBlank says whether a character separates words: white space, also the narrow ones of
// French typography, and control characters.
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// isQuote says whether a character opens or closes a phrase.
func isQuote(r rune) bool { return strings.ContainsRune("\"“”«»", r) }
