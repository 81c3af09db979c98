// Package search is the query language of an archive: what a person types, parsed once,
// answered by every backend.
package search

// An Expr is a parsed query. A nil Expr selects everything.
type Expr interface {
	expr()
	// String is the query as a person would type it; parsing it gives an equal Expr.
	String() string
}

// The forms of an Expr.
type (
	// And selects what all of its parts select.
	And []Expr
	// Or selects what any of its parts selects.
	Or []Expr
	// Not selects what its part does not.
	Not struct{ Expr Expr }
	// Word matches a word in any of its inflections, of a text, alt text, card or quote.
	Word struct{ Text string }
	// Prefix matches words that start so; Text is without the star.
	Prefix struct{ Text string }
	// Phrase matches words in this order, as they stand.
	Phrase struct{ Text string }
	// Field matches a property. Name is one of the field names, Value is checked.
	Field struct{ Name, Value string }
)

func (And) expr()    {}
func (Or) expr()     {}
func (Not) expr()    {}
func (Word) expr()   {}
func (Prefix) expr() {}
func (Phrase) expr() {}
func (Field) expr()  {}
