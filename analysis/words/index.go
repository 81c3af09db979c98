package words

import "strings"

// A Term is a word of a text as the search index keeps it.
type Term struct {
	Span
	Word string // folded, elision stripped; "" for a term that stands beside another
	Stem string // of a term that stands beside another, which is found by this stem alone
}

// Terms returns the words of a text for the index and for queries, in order. Both readings
// of an inclusive spelling have the same span.
func Terms(text string) []Term {
	return Fold(text).Terms()
}

// Terms is [Terms] for a folded text.
func (t *Text) Terms() []Term { return t.AppendTerms(make([]Term, 0, len(t.Tokens))) }

// AppendTerms appends what [Text.Terms] returns.
func (t *Text) AppendTerms(terms []Term) []Term {
	put := func(first, last int, word string) {
		terms = append(terms, Term{Span: t.TokenSpan(first, last), Word: word})
	}
	beside := func(stem string) {
		terms = append(terms, Term{Span: terms[len(terms)-1].Span, Stem: stem})
	}
	for i := 0; i < len(t.Tokens); i++ {
		switch k := t.Tokens[i]; k.Kind {
		case Word:
			if k.Is(Elided) {
				continue
			}
			word := t.Word(i)
			put(i, i, bare(word))
			if other := t.Other(i); other != "" {
				put(i, i, other)
			}
			switch {
			case word == "data" && i+1 < len(t.Tokens) && isCenter(t.Word(i+1)):
				put(i+1, i+1, t.Word(i+1))
				beside(dataCenter)
				i++
			case strings.HasPrefix(word, "data") && isCenter(word[len("data"):]):
				beside("data")
				beside("center")
				beside("centr")
			}
		case Number:
			i = t.numberTerm(i, put)
		case Mask:
			t.addressTerms(k, &terms)
		}
	}
	return terms
}

// bare is a word without the apostrophes and points inside of it.
func bare(word string) string {
	if !strings.ContainsAny(word, "'.") {
		return word
	}
	return strings.NewReplacer("'", "", ".", "").Replace(word)
}

// numberTerm puts the number at token i, with its other groups of digits, its percent sign
// or what is glued to it, and returns the last token it used. A unit of several letters is a
// word of its own, so that "415TWh" is "415 TWh"; "5G" and "10h30" stay what they are.
func (t *Text) numberTerm(i int, put func(first, last int, word string)) int {
	first := i
	word := t.Folded[t.Tokens[i].Start:t.Tokens[i].End]
	if len(word) <= 3 && !strings.ContainsAny(word, ".,") {
		for i+1 < len(t.Tokens) && t.isGroup(i+1) {
			i++
			word += t.Folded[t.Tokens[i].Start:t.Tokens[i].End]
		}
	}
	if strings.Contains(word, ",") {
		word = withoutCommas(word)
	}
	if i+1 < len(t.Tokens) {
		switch next := t.Tokens[i+1]; {
		case next.Kind == Sign && t.Folded[next.Start] == '%' && !next.Is(Line):
			i++
			word += "%"
		case next.Kind == Word && next.Flags&(Space|Hyphen) == 0 && !standsApart(t.Word(i+1)):
			i++
			word += t.Word(i)
		}
	}
	put(first, i, word)
	return i
}

// standsApart reports whether letters glued to a number are a word of their own.
func standsApart(word string) bool {
	switch word {
	case "st", "nd", "rd", "th", "er", "re", "eme", "ere", "nde":
		return false
	}
	for i := range len(word) {
		if classes[word[i]] == digit {
			return false
		}
	}
	return len(word) > 1
}

// withoutCommas is a number as its digits are written without groups: "50,000" is 50000, as
// in English; any other comma is a decimal one, "2,5" is 2.5.
func withoutCommas(number string) string {
	groups := strings.Split(number, ",")
	whole, decimals, _ := strings.Cut(groups[len(groups)-1], ".")
	grouped := len(groups[0]) <= 3 && groups[0] != "0" && !strings.Contains(groups[0], ".")
	for _, g := range append(groups[1:len(groups)-1:len(groups)-1], whole) {
		grouped = grouped && len(g) == 3
	}
	if !grouped {
		return strings.ReplaceAll(number, ",", ".")
	}
	number = strings.Join(groups[:len(groups)-1], "") + whole
	if decimals != "" {
		number += "." + decimals
	}
	return number
}

// isGroup reports whether token i is three digits after a space, as in "50 000".
func (t *Text) isGroup(i int) bool {
	k := t.Tokens[i]
	return k.Kind == Number && k.End-k.Start >= 3 && k.Flags == Space &&
		classes[t.Folded[k.Start+1]] == digit && classes[t.Folded[k.Start+2]] == digit &&
		(k.End-k.Start == 3 || classes[t.Folded[k.Start+3]] != digit)
}

// addressTerms adds the parts of a link or a mention.
func (t *Text) addressTerms(k Token, terms *[]Term) {
	for i := int(k.Start); i < int(k.End); {
		end := lettersEnd(t.Folded[:k.End], i)
		if end == i {
			i++
			continue
		}
		switch word := t.Folded[i:end]; word {
		case "http", "https", "www":
		default:
			*terms = append(*terms, Term{Span: t.Span(i, end), Word: word})
		}
		i = end
	}
}

// isCenter reports whether a word is one of the spellings of "center".
func isCenter(word string) bool {
	return word == "center" || word == "centers" || word == "centre" || word == "centres"
}
