package search

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"skyarchive/analysis/words"
)

type tokenKind uint8

const (
	operandToken tokenKind = iota
	orToken
	openToken
	closeToken
)

// A token is an operand or a sign between operands.
type token struct {
	kind       tokenKind
	minus      bool // stands in front of it
	expr       Expr // of an operand; nil if there is nothing in it to search for
	start, end int  // without the minus
}

// A lexer cuts the input into tokens. What it makes of a chunk depends on the chunk alone,
// so that a query means the same when it is written again in other company.
type lexer struct {
	input  string
	opts   Options
	at     int
	minus  bool // a minus stands directly before
	tokens []token
	hints  []Hint
}

func (l *lexer) run() {
	for l.at < len(l.input) {
		l.next()
	}
	l.mergeNumbers()
	for i := range l.tokens {
		l.settle(i)
	}
}

func (l *lexer) hint(start, end int, format string, args ...any) {
	l.hints = append(l.hints, Hint{fmt.Sprintf(format, args...), start, end})
}

// add appends the token that ends at end, and goes on there.
func (l *lexer) add(kind tokenKind, e Expr, end int) {
	l.tokens = append(l.tokens, token{kind, l.minus, e, l.at, end})
	l.at, l.minus = end, false
}

// next reads one token, or passes over what separates them.
func (l *lexer) next() {
	r, size := utf8.DecodeRuneInString(l.input[l.at:])
	switch {
	case isBlank(r):
		l.at, l.minus = l.at+size, false
	case r == '-':
		l.dashes()
	case isQuote(r):
		text, end := quoted(l.input[l.at:])
		if end == 0 {
			l.at += size // nobody closes it
			return
		}
		l.add(operandToken, Phrase{text}, l.at+end)
	case r == '(':
		l.add(openToken, nil, l.at+1)
	case r == ')':
		l.add(closeToken, nil, l.at+1)
	default:
		l.chunk(l.at + chunkEnd(l.input[l.at:]))
	}
}

// dashes reads dashes in front of a token. A single one that touches nothing before it
// says not; all others are punctuation.
func (l *lexer) dashes() {
	before, _ := utf8.DecodeLastRuneInString(l.input[:l.at])
	first := l.at
	for l.at < len(l.input) && l.input[l.at] == '-' {
		l.at++
	}
	l.minus = l.at-first == 1 && (first == 0 || isBlank(before) || before == '(')
}

// quoted reads a phrase in quotes at the start of s; an end of 0 says that no quote closes
// it. Only « is closed by »; the other quotes close each other, as keyboards mix them up.
func quoted(s string) (text string, end int) {
	open, size := utf8.DecodeRuneInString(s)
	closers := "\"“”"
	switch open {
	case '«':
		closers = "»"
	case '»':
		return "", 0
	}
	n := strings.IndexAny(s[size:], closers)
	if n < 0 {
		return "", 0
	}
	_, last := utf8.DecodeRuneInString(s[size+n:])
	inner := strings.FieldsFunc(s[size:size+n], func(r rune) bool { return isBlank(r) || strings.ContainsRune("\"“”", r) })
	return strings.Join(inner, " "), size + n + last
}

// chunkEnd is where a run of characters ends that are neither blanks nor quotes nor
// parentheses. Parentheses inside of a word, as in "député(e)s", belong to it.
func chunkEnd(s string) int {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case isBlank(r), isQuote(r), r == ')':
			return i
		case r == '(':
			n := strings.IndexFunc(s[i+1:], func(r rune) bool { return !unicode.IsLetter(r) })
			if i == 0 || n <= 0 || s[i+1+n] != ')' {
				return i
			}
			i += n + 2
		default:
			i += size
		}
	}
	return len(s)
}

// chunk reads the chunk that ends at end: OR, a field, a prefix or a word.
func (l *lexer) chunk(end int) {
	text := l.input[l.at:end]
	if text == "OR" && !l.minus {
		l.add(orToken, nil, end)
		return
	}
	if name, _, ok := strings.Cut(text, ":"); ok && isName(name) && l.field(strings.ToLower(name), end) {
		return
	}
	if stem := strings.TrimRight(text, "*"); stem != text {
		l.add(operandToken, Prefix{stem}, end)
		return
	}
	if text == "OR" {
		text = "or"
	}
	l.add(operandToken, Word{text}, end)
}

func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
}

// field reads the field in the chunk that ends at end, and says whether it took anything
// from the input. Of a value that does not fit, the value stays to be read as text.
func (l *lexer) field(name string, end int) bool {
	start, value := l.at, l.at+len(name)+1
	if fieldNamed(name) == nil {
		rest := l.input[min(value, end):end]
		if looksLikeField(name, rest) {
			other := closest(name, fieldNames())
			if other != "" {
				other += ":" + rest
			}
			l.hint(start, end, "there is no field %q, so %q is searched as text%s; fields are %s",
				name, l.input[start:end], didYouMean(other), strings.Join(fieldNames(), ", "))
		}
		return false
	}
	text := l.input[value:end]
	if r, _ := utf8.DecodeRuneInString(l.input[end:]); text == "" && end < len(l.input) && isQuote(r) {
		if inner, n := quoted(l.input[end:]); n > 0 {
			text, end = inner, end+n
		}
	}
	if text == "" {
		l.hint(start, end, "%s: needs its value without a space, like %s; searched as text", name, fieldNamed(name).Example)
		l.add(operandToken, Word{name}, end)
		return true
	}
	f, err := NewField(name, text, l.opts)
	if err != nil {
		l.hint(start, end, "%s; searched as text", err)
		l.at = value
		return true
	}
	l.add(operandToken, f, end)
	return true
}

// looksLikeField tells a field that does not exist from a colon in a text: an address, a
// time, a DID.
func looksLikeField(name, value string) bool {
	switch name {
	case "http", "https", "at", "did", "mailto":
		return false
	}
	r, _ := utf8.DecodeRuneInString(value)
	return len(name) > 1 && value != "" && unicode.IsLetter(r)
}

// mergeNumbers joins neighbours that the index has as one word: "2 %", "50 000".
func (l *lexer) mergeNumbers() {
	var list []token
	for i := 0; i < len(l.tokens); {
		run := wordsFrom(l.tokens[i:])
		for k, text := range mergeWords(run) {
			if k > 0 && text == "" {
				list[len(list)-1].end = l.tokens[i+k].end
				continue
			}
			t := l.tokens[i+k]
			t.expr = Word{text}
			list = append(list, t)
		}
		if i += len(run); len(run) == 0 {
			list = append(list, l.tokens[i])
			i++
		}
	}
	l.tokens = list
}

// wordsFrom are the texts of the words at the start of a list, up to the next that is
// something else or negated.
func wordsFrom(tokens []token) []string {
	var run []string
	for i, t := range tokens {
		w, ok := t.expr.(Word)
		if !ok || i > 0 && t.minus {
			break
		}
		run = append(run, w.Text)
	}
	return run
}

// mergeWords moves the text of a word to the one before it where a text would have both as
// one word, and leaves "" behind. Whether it would is not decided here: package words does.
func mergeWords(run []string) []string {
	if len(run) < 2 {
		return run
	}
	var text strings.Builder
	ends := make([]int, len(run))
	for i, w := range run {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(w)
		ends[i] = text.Len()
	}
	merged := slices.Clone(run)
	for _, term := range words.Terms(text.String()) {
		first, _ := slices.BinarySearch(ends, term.Start+1)
		last, _ := slices.BinarySearch(ends, term.End)
		for first > 0 && merged[first] == "" {
			first--
		}
		for i := first + 1; i <= last && i < len(run); i++ {
			merged[first], merged[i] = merged[first]+merged[i], ""
		}
	}
	return merged
}

// settle takes the operands back in which there is no word, and says what may surprise.
func (l *lexer) settle(i int) {
	t := &l.tokens[i]
	text := l.input[t.start:t.end]
	none := false
	switch e := t.expr.(type) {
	case Word:
		none = len(e.Terms()) == 0
		between := i > 0 && i+1 < len(l.tokens)
		switch {
		case between && (e.Text == "AND" || e.Text == "ET"):
			l.hint(t.start, t.end, "words side by side must all match; %s is searched as a word", e.Text)
		case between && e.Text == "OU":
			l.hint(t.start, t.end, "OR between words means either of them; OU is searched as a word")
		case between && e.Text == "NOT":
			l.hint(t.start, t.end, "a minus in front of a word excludes it; NOT is searched as a word")
		}
	case Phrase:
		none = len(e.Words()) == 0
	case Prefix:
		list := e.Words()
		none = len(list) == 0
		if !none && utf8.RuneCountInString(list[len(list)-1][0]) < minPrefix {
			l.hint(t.start, t.end, "%s is too short for a prefix: it takes %d letters; searched as a whole word", text, minPrefix)
			t.expr = Phrase(e)
		}
	}
	if none {
		t.expr = nil
		l.hint(t.start, t.end, "there is no word in %q to search for", text)
	}
}
