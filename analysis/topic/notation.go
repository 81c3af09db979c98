package topic

import (
	"bytes"
	"iter"
	"slices"
	"strings"
	"unicode"

	"skyarchive/analysis/words"
)

// maxSpellings bounds what one term may stand for.
const maxSpellings = 4000

// A piece is a part of a term: a text, or a choice of texts.
type piece struct {
	options []string
	written bool // the term itself writes the choice out
}

// A speller writes the spellings of terms out. It uses its buffers again.
type speller struct {
	endings map[string][]string
	pieces  []piece // of the term at hand
	options []string
	text    []byte
}

// cut reads the notation of a term into pieces.
func (s *speller) cut(t term) error {
	s.pieces, s.options = s.pieces[:0], s.options[:0]
	rest, spellings := t.text, 1
	for {
		open := strings.IndexAny(rest, "(<|>)")
		if open < 0 {
			s.choice(rest, false)
			return nil
		}
		close := ")"
		if rest[open] == '<' {
			close = ">"
		}
		end := strings.Index(rest[open:], close)
		if end < 0 || rest[open] != '(' && rest[open] != '<' || strings.ContainsAny(rest[open+1:open+end], "(<") {
			return atLine(t.line, "term %q: its brackets do not match", t.text)
		}
		s.choice(rest[:open], false)
		inner := rest[open+1 : open+end]
		if options, known := s.endings[inner]; close == ")" {
			s.choice(inner, true)
		} else if known {
			s.pieces = append(s.pieces, piece{options: options})
		} else {
			return atLine(t.line, "term %q: there are no endings %q", t.text, inner)
		}
		if spellings *= len(s.pieces[len(s.pieces)-1].options); spellings > maxSpellings {
			return atLine(t.line, "term %q stands for more than %d phrases", t.text, maxSpellings)
		}
		rest = rest[open+end+1:]
	}
}

// choice adds a piece: the texts between the bars of one.
func (s *speller) choice(text string, written bool) {
	from := len(s.options)
	for option := range strings.SplitSeq(text, "|") {
		s.options = append(s.options, option)
	}
	s.pieces = append(s.pieces, piece{s.options[from:], written})
}

// check reports what is wrong with a term.
func (s *speller) check(t term) error {
	if err := s.cut(t); err != nil {
		return err
	}
	wordless := func(option string) bool {
		return strings.IndexFunc(option, func(r rune) bool { return r == '#' || r == '%' || unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0
	}
	for _, p := range s.pieces {
		if !slices.ContainsFunc(p.options, wordless) {
			return nil // every spelling has words here
		}
	}
	return atLine(t.line, "term %q has no words", t.text)
}

// all yields the spellings of a term that was checked. Each is valid until the next.
func (s *speller) all(t term) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if s.cut(t) == nil {
			s.text = s.text[:0]
			s.spell(s.pieces, yield)
		}
	}
}

// spell yields the text that is there with every spelling of further pieces.
func (s *speller) spell(pieces []piece, yield func([]byte) bool) bool {
	if len(pieces) == 0 {
		return yield(s.text)
	}
	before := len(s.text)
	for _, option := range pieces[0].options {
		s.text = append(s.text[:before], option...)
		if !s.spell(pieces[1:], yield) {
			return false
		}
	}
	return true
}

// name is one spelling of a term for people, with dots for a long choice of words. It is valid
// until the next.
func (s *speller) name(t term) []byte {
	s.text = s.text[:0]
	if s.cut(t) != nil {
		return s.text
	}
	for _, p := range s.pieces {
		if p.written && len(p.options) > 2 {
			s.text = append(s.text, "…"...)
		} else {
			s.text = append(s.text, p.options[0]...)
		}
	}
	s.text = slices.DeleteFunc(s.text, func(b byte) bool { return b == '=' })
	name := s.text[:0]
	for field := range bytes.FieldsSeq(s.text) {
		if len(name) > 0 {
			name = append(name, ' ')
		}
		name = append(name, field...)
	}
	return name
}

// paths yields the spellings of a term as families of words. Each is valid until the next.
func (c *compiler) paths(t term) iter.Seq[[]uint32] {
	return func(yield func([]uint32) bool) {
		for text := range c.speller.all(t) {
			c.path = c.path[:0]
			for field, rest := cutField(text); len(field) > 0; field, rest = cutField(rest) {
				families, ok := c.fields[string(field)]
				if !ok {
					from, name := len(c.lists), c.keep(string(field))
					c.addFamilies(name)
					families = c.lists[from:]
					c.fields[name] = families
				}
				c.path = append(c.path, families...)
			}
			if len(c.path) > 0 && !yield(c.path) {
				return
			}
		}
	}
}

// cutField splits a text after its first field, which is empty if there is none.
func cutField(text []byte) (field, rest []byte) {
	from := 0
	for from < len(text) && isSpace(text[from]) {
		from++
	}
	end := from
	for end < len(text) && !isSpace(text[end]) {
		end++
	}
	return text[from:end], text[end:]
}

func isSpace(b byte) bool { return b == ' ' || '\t' <= b && b <= '\r' }

// addFamilies adds the words of a field of a term to lists, each as the family that it stands
// for there.
func (c *compiler) addFamilies(field string) {
	if isPlain(field) {
		c.lists = append(c.lists, c.family(field, true))
		return
	}
	exact := strings.HasPrefix(field, "=")
	field = strings.TrimPrefix(field, "=")
	bound := strings.HasSuffix(field, "'") || strings.HasSuffix(field, "’")
	if bound {
		field += "x" // an elided word is one only before another
	}
	folded := c.folder.Fold(field)
	if bound && len(folded.Tokens) == 1 {
		folded, bound = c.folder.Fold(strings.TrimRight(field[:len(field)-1], "'’")), false // "farmers' rights"
	}
	for i, k := range folded.Tokens {
		word := folded.Word(i)
		switch {
		case bound && i == len(folded.Tokens)-1, k.Kind == words.Sign && word == "-":
		default:
			c.lists = append(c.lists, c.family(word, k.Kind == words.Word && !exact && !k.Is(words.Elided)))
		}
	}
}

// isPlain reports whether a field is one word as folded.
func isPlain(field string) bool {
	for i := range len(field) {
		if field[i] < 'a' || field[i] > 'z' {
			return false
		}
	}
	return true
}

// plurals are the endings of a folded word's regular plurals in French and English, with spaces
// between, and how many of its letters they take the place of. Some make words of neither
// language; they do no harm.
func plurals(word string) (endings string, cut int) {
	if invariable[word] || len(word) < 3 {
		return "", 0
	}
	switch last := word[len(word)-1]; {
	case last == 's' || last == 'x' || last == 'z':
		return "", 0
	case strings.HasSuffix(word, "al"):
		return "ls ux", 1
	case strings.HasSuffix(word, "au") || strings.HasSuffix(word, "eu"):
		return "x", 0
	case last == 'y' && !strings.ContainsAny(word[len(word)-2:len(word)-1], "aeo"):
		return "ies", 1
	case strings.HasSuffix(word, "ch") || strings.HasSuffix(word, "sh"):
		return "es", 0
	}
	return "s", 0
}

// invariable are the small words of phrases.
var invariable = map[string]bool{
	"des": true, "les": true, "the": true, "and": true, "for": true, "sur": true, "par": true, "pour": true, "dans": true, "son": true, "mon": true, "ton": true,
	"est": true, "pas": true, "not": true, "une": true, "aux": true, "plus": true, "moins": true, "more": true, "less": true, "sans": true, "avec": true,
	"rien": true, "jamais": true, "notre": true, "leur": true, "votre": true, "from": true, "into": true, "out": true, "with": true, "that": true, "does": true,
}
