package search

import (
	"cmp"
	"slices"
	"time"

	"skyarchive/analysis/topic"
)

// Options are what the meaning of a query depends on.
type Options struct {
	// Location is where a date without a time begins and ends; nil: UTC.
	Location *time.Location
	// Now is the moment that "7d" counts back from; zero: the present.
	Now time.Time
	// Topics are the topics that exist; nil: [topic.Default].
	Topics *topic.Taxonomy
}

// A Hint says that a part of a query was understood in another way than it may have been
// meant.
type Hint struct {
	Text       string
	Start, End int // the part of the input, in bytes
}

// The limits of a query: no person types more, and no backend should have to answer it.
const (
	maxParts = 256 // words, phrases, prefixes and fields; the others are left out, with a hint
	maxDepth = 32  // parentheses in parentheses; those further in do not group
)

// Parse reads what a person typed. Every input is a query; nil, which selects everything,
// if there is nothing in it to search for.
func Parse(input string, opts Options) (Expr, []Hint) {
	l := lexer{input: input, opts: opts}
	l.run()
	p := parser{tokens: paired(l.tokens)}
	var all []Expr
	for p.at < len(p.tokens) {
		all = append(all, p.alternatives())
	}
	if p.full {
		l.hint(0, len(input), "only the first %d words of the query are searched", maxParts)
	}
	slices.SortStableFunc(l.hints, func(a, b Hint) int { return cmp.Compare(a.Start, b.Start) })
	return tidy(All(all...)), l.hints
}

// A parser makes an expression of tokens whose parentheses are paired.
type parser struct {
	tokens []token
	at     int
	parts  int
	full   bool // there were more parts than maxParts
}

// alternatives reads one operand, or several with OR between them. An OR that stands
// between no two operands is a word.
func (p *parser) alternatives() Expr {
	if p.tokens[p.at].kind == orToken {
		p.tokens[p.at] = token{kind: operandToken, expr: Word{"or"}}
	}
	list := []Expr{p.operand()}
	for p.at+1 < len(p.tokens) && p.tokens[p.at].kind == orToken {
		if next := p.tokens[p.at+1].kind; next != operandToken && next != openToken {
			break
		}
		p.at++
		list = append(list, p.operand())
	}
	return Any(list...)
}

// operand reads a word, phrase, prefix, field or group.
func (p *parser) operand() Expr {
	t := p.tokens[p.at]
	p.at++
	e := t.expr
	switch {
	case t.kind == openToken:
		var all []Expr
		for p.tokens[p.at].kind != closeToken {
			all = append(all, p.alternatives())
		}
		p.at++
		e = tidy(All(all...))
	case e == nil:
	case p.parts == maxParts:
		p.full, e = true, nil
	default:
		p.parts++
	}
	if t.minus {
		return negated(e)
	}
	return e
}

// tidy joins neighbours among words that the index has as one, as the lexer does: once
// parentheses and signs between them are gone they would be read as one.
func tidy(e Expr) Expr {
	list, ok := e.(And)
	if !ok {
		return e
	}
	var all And
	for i := 0; i < len(list); {
		var run []string
		for _, part := range list[i:] {
			if not, ok := part.(Not); ok && run == nil {
				part = not.Expr
			}
			w, ok := part.(Word)
			if !ok {
				break
			}
			run = append(run, w.Text)
		}
		if len(run) < 2 {
			all = append(all, list[i])
			i++
			continue
		}
		for k, text := range mergeWords(run) {
			switch _, not := list[i+k].(Not); {
			case text == "":
			case not:
				all = append(all, Not{Word{text}})
			default:
				all = append(all, Word{text})
			}
		}
		i += len(run)
	}
	return All(all...)
}

// paired leaves out the parentheses that have no partner, or are too deep. A minus in front
// of one goes to what follows.
func paired(tokens []token) []token {
	keep := make([]bool, len(tokens))
	var open []int
	for i, t := range tokens {
		switch t.kind {
		case openToken:
			open = append(open, i)
		case closeToken:
			if n := len(open); n > 0 {
				keep[i] = n <= maxDepth
				keep[open[n-1]] = keep[i]
				open = open[:n-1]
			}
		default:
			keep[i] = true
		}
	}
	var list []token
	minus := false
	for i, t := range tokens {
		if !keep[i] {
			minus = t.minus
			continue
		}
		if minus && (t.kind == operandToken || t.kind == openToken) {
			t.minus = true
		}
		minus = false
		list = append(list, t)
	}
	return list
}
