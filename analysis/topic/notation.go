package topic

import (
	"slices"
	"strings"

	"skyarchive/analysis/words"
)

// maxSpellings bounds what one term may stand for.
const maxSpellings = 4000

// spellings are the phrases that a term stands for, as folded words.
func (s *source) spellings(t term, folder *words.Folder) ([][]string, error) {
	texts, err := s.expand(t)
	if err != nil {
		return nil, err
	}
	var list [][]string
	for _, text := range texts {
		phrases := [][]string{nil}
		for field := range strings.FieldsSeq(text) {
			exact := strings.HasPrefix(field, "=")
			field = strings.TrimPrefix(field, "=")
			bound := strings.HasSuffix(field, "'") || strings.HasSuffix(field, "’")
			if bound {
				field += "x" // an elided word is one only before another
			}
			folded := folder.Fold(field)
			for i, k := range folded.Tokens {
				if bound && i == len(folded.Tokens)-1 {
					break
				}
				forms := []string{strings.Clone(folded.Word(i))}
				if k.Kind == words.Sign && folded.Word(i) == "-" {
					continue
				}
				if k.Kind == words.Word && !exact && !k.Is(words.Elided) {
					forms = plurals(forms[0])
				}
				phrases = product(phrases, forms)
			}
		}
		if len(phrases[0]) == 0 {
			return nil, atLine(t.line, "term %q has no words", t.text)
		}
		if list = append(list, phrases...); len(list) > maxSpellings {
			return nil, atLine(t.line, "term %q stands for more than %d phrases", t.text, maxSpellings)
		}
	}
	return list, nil
}

// expand writes out the alternatives and endings of a term.
func (s *source) expand(t term) ([]string, error) {
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

func product(phrases [][]string, forms []string) [][]string {
	list := make([][]string, 0, len(phrases)*len(forms))
	for _, phrase := range phrases {
		for _, form := range forms {
			list = append(list, append(slices.Clip(phrase), form))
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
