package quantity

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"skyarchive/analysis/words"
)

// A scanner reads one text.
type scanner struct {
	t      *words.Text
	lang   string
	end    int // tokens from here on are not seen: a quantity ends on its line
	minus  int // the dash apart from its number that is a minus
	out    []Quantity
	scale  float64 // the magnitude that the last quantity is written with: 1e6 of "3 M€"
	outOf  bool    // the last quantity is the whole: "Sur 27 pays, …"
	elided bool    // the last quantity left out its unit
	priced bool    // a currency sign stands before the number
	loud   uint8   // 1: not all upper case, 2: all upper case, 0: not known yet
}

const (
	word   = words.Word
	number = words.Number
	sign   = words.Sign

	spaced    = words.Space
	hyphened  = words.Hyphen
	capital   = words.Capital
	elided    = words.Elided
	lineStart = words.Line
	upperCase = words.Upper
)

// none is the kind of tokens outside the text.
const none = words.Kind(255)

func (s *scanner) kind(i int) words.Kind {
	if i < 0 || i >= s.end {
		return none
	}
	return s.t.Tokens[i].Kind
}

// has reports whether token i exists and has all of the flags.
func (s *scanner) has(i int, flags words.Flag) bool {
	return i >= 0 && i < s.end && s.t.Tokens[i].Is(flags)
}

// near reports whether token i exists and no line break stands before it.
func (s *scanner) near(i int) bool {
	return i >= 0 && i < s.end && !s.t.Tokens[i].Is(words.Line)
}

// lineEnd returns the first token after token i that starts a line.
func (s *scanner) lineEnd(i int) int {
	for i++; i < len(s.t.Tokens) && !s.t.Tokens[i].Is(words.Line); i++ {
	}
	return i
}

// word returns the folded word of token i, and "" for other tokens.
func (s *scanner) word(i int) string {
	if s.kind(i) != word {
		return ""
	}
	return s.t.Word(i)
}

// sign returns the sign of token i, and "" for other tokens.
func (s *scanner) sign(i int) string {
	if s.kind(i) != sign {
		return ""
	}
	return s.text(i)
}

// text returns the folded text of token i.
func (s *scanner) text(i int) string {
	k := s.t.Tokens[i]
	return s.t.Folded[k.Start:k.End]
}

// shouting reports whether most words of the text are in upper case, so that case says
// nothing.
func (s *scanner) shouting() bool {
	if s.loud == 0 {
		upper, all := 0, 0
		for _, k := range s.t.Tokens {
			if k.Kind == word && k.End-k.Start > 1 && !k.Is(words.Hashtag) {
				all++
				if k.Is(words.Upper) {
					upper++
				}
			}
		}
		s.loud = 1
		if upper*10 > all*7 {
			s.loud = 2
		}
	}
	return s.loud == 2
}

// begins reports whether token i is the first word of a sentence.
func (s *scanner) begins(i int) bool {
	if i == 0 || s.has(i, words.Line) {
		return true
	}
	k := s.sign(i - 1)
	return k != "" && k != "," && k != "'" && k != "-" && k != "/"
}

// lower returns the words of a span in lower case and composed characters.
func (s *scanner) lower(first, last int) string {
	span := s.t.TokenSpan(first, last)
	return norm.NFC.String(strings.ToLower(s.t.Source[span.Start:span.End]))
}
