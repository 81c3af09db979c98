package topic

import (
	"iter"
	"strings"
	"unicode"

	"skyarchive/analysis/words"
)

// maxSpellings bounds what one term may stand for.
const maxSpellings = 4000

// check reports what is wrong with a term.
func (s *source) check(t term) error {
	texts, err := s.expand(t)
	if err != nil {
		return err
	}
	for _, text := range texts {
		if strings.IndexFunc(text, func(r rune) bool { return r == '#' || r == '%' || unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
			return atLine(t.line, "term %q has no words", t.text)
		}
	}
	return nil
}

// paths yields the spellings of a term as families of words. Each is valid until the next.
func (c *compiler) paths(t term) iter.Seq[[]uint32] {
	return func(yield func([]uint32) bool) {
		texts, _ := c.source.expand(t)
		for _, text := range texts {
			c.path = c.path[:0]
			for field := range strings.FieldsSeq(text) {
				families, ok := c.fields[field]
				if !ok {
					families = c.families(field)
					c.fields[field] = families
				}
				c.path = append(c.path, families...)
			}
			if len(c.path) > 0 && !yield(c.path) {
				return
			}
		}
	}
}

// families are the words of a field of a term, each as the family that it stands for there.
func (c *compiler) families(field string) (list []uint32) {
	if isPlain(field) {
		return []uint32{c.family(field, true)}
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
			list = append(list, c.family(word, k.Kind == words.Word && !exact && !k.Is(words.Elided)))
		}
	}
	return list
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

// expand writes out the alternatives and endings of a term.
func (s *source) expand(t term) ([]string, error) {
	if !strings.ContainsAny(t.text, "(<|>)") {
		return []string{t.text}, nil
	}
	heads, rest := []string{""}, t.text
	for {
		open := strings.IndexAny(rest, "(<|>)")
		if open < 0 {
			return appendEach(heads, []string{rest}), nil
		}
		var options []string
		close := ")"
		if rest[open] == '<' {
			close = ">"
		}
		end := strings.Index(rest[open:], close)
		if end < 0 || rest[open] != '(' && rest[open] != '<' || strings.ContainsAny(rest[open+1:open+end], "(<") {
			return nil, atLine(t.line, "term %q: its brackets do not match", t.text)
		}
		inner := rest[open+1 : open+end]
		if close == ">" {
			var ok bool
			if options, ok = s.endings[inner]; !ok {
				return nil, atLine(t.line, "term %q: there are no endings %q", t.text, inner)
			}
		} else {
			options = strings.Split(inner, "|")
		}
		heads = appendEach(appendEach(heads, []string{rest[:open]}), options)
		if len(heads) > maxSpellings {
			return nil, atLine(t.line, "term %q stands for more than %d phrases", t.text, maxSpellings)
		}
		rest = rest[open+end+1:]
	}
}

func appendEach(heads, tails []string) []string {
	list := make([]string, 0, len(heads)*len(tails))
	for _, head := range heads {
		for _, tail := range tails {
			list = append(list, head+tail)
		}
	}
	return list
}

// plurals are a folded word and its regular plurals in French and English. Some are words
// of neither; they do no harm.
func plurals(word string) []string {
	if invariable[word] || len(word) < 3 {
		return []string{word}
	}
	stem, last := word[:len(word)-1], word[len(word)-1]
	switch {
	case last == 's' || last == 'x' || last == 'z':
		return []string{word}
	case strings.HasSuffix(word, "al"):
		return []string{word, word + "s", stem + "ux"}
	case strings.HasSuffix(word, "au") || strings.HasSuffix(word, "eu"):
		return []string{word, word + "x"}
	case last == 'y' && !strings.ContainsAny(word[len(word)-2:len(word)-1], "aeo"):
		return []string{word, stem + "ies"}
	case strings.HasSuffix(word, "ch") || strings.HasSuffix(word, "sh"):
		return []string{word, word + "es"}
	}
	return []string{word, word + "s"}
}

// invariable are the small words of phrases.
var invariable = map[string]bool{
	"des": true, "les": true, "the": true, "and": true, "for": true, "sur": true, "par": true, "pour": true, "dans": true, "son": true, "mon": true, "ton": true,
	"est": true, "pas": true, "not": true, "une": true, "aux": true, "plus": true, "moins": true, "more": true, "less": true, "sans": true, "avec": true,
	"rien": true, "jamais": true, "notre": true, "leur": true, "votre": true, "from": true, "into": true, "out": true, "with": true, "that": true, "does": true,
}
