package sqlite

import (
	"slices"
	"strconv"
	"strings"

	"skyarchive/store/search"
)

// match is what FTS5 is asked for an expression, and false if it is not of words alone or
// selects by what is absent. Words are quoted one by one: nothing that a person types is
// syntax.
func match(e search.Expr) (string, bool) {
	switch e := e.(type) {
	case search.Word:
		return matchWord(e)
	case search.Phrase:
		return column("word", phrase(e.Words(), false)), len(e.Words()) > 0
	case search.Prefix:
		return column("word", phrase(e.Words(), !e.Whole())), len(e.Words()) > 0
	case search.Or:
		var parts []string
		for _, part := range e {
			m, ok := match(part)
			if !ok {
				return "", false
			}
			parts = append(parts, m)
		}
		return group(parts, " OR "), len(parts) > 0
	case search.And:
		var parts, without []string
		for _, part := range e {
			list := &parts
			if not, ok := part.(search.Not); ok {
				part, list = not.Expr, &without
			}
			m, ok := match(part)
			if !ok {
				return "", false
			}
			*list = append(*list, m)
		}
		if len(parts) == 0 {
			return "", false
		}
		if len(without) > 0 {
			return "(" + group(parts, " AND ") + " NOT " + group(without, " OR ") + ")", true
		}
		return group(parts, " AND "), true
	}
	return "", false
}

// matchWord asks for a word as it stands, or by its French or its English stem. Words that
// were typed as one must stand close together.
func matchWord(e search.Word) (string, bool) {
	terms := e.Terms()
	if len(terms) == 0 {
		return "", false
	}
	any := make([]string, len(terms))
	several := false
	for i, alternatives := range terms {
		any[i] = matchTerm(alternatives)
		several = several || len(alternatives) > 1
	}
	if len(terms) == 1 || several {
		return group(any, " AND "), true
	}
	asked := []string{column("word", near(spell(terms, 0, false)))}
	for english := range 1 << min(len(terms), mixedTerms) {
		// Beyond the first few, all are of one language.
		if m := column("stem", near(spell(terms, english, true))); !slices.Contains(asked, m) {
			asked = append(asked, m)
		}
	}
	return group(asked, " OR "), true
}

func matchTerm(alternatives []search.Term) string {
	var asked []string
	for _, t := range alternatives {
		asked = append(asked, column("word", quote(t.Word)), column("stem", quote(t.French)))
		if t.English != "" {
			asked = append(asked, column("stem", quote(t.English)))
		}
	}
	return group(asked, " OR ")
}

// mixedTerms is for how many words every mixture of stems is asked for: a French text may
// hold an English plural.
const mixedTerms = 3

// spell is the words of terms, or their stems: English ones where the bit is set, for those
// behind mixedTerms the first bit.
func spell(terms [][]search.Term, english int, stems bool) []string {
	list := make([]string, len(terms))
	for i, alternatives := range terms {
		t, bit := alternatives[0], i
		if i >= mixedTerms {
			bit = 0
		}
		switch {
		case !stems:
			list[i] = t.Word
		case english>>bit&1 == 1 && t.English != "":
			list[i] = t.English
		default:
			list[i] = t.French
		}
	}
	return list
}

// near asks for words close together: both stems of each may be in the index, and a little
// word between.
func near(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(w)
	}
	return "NEAR(" + strings.Join(quoted, " ") + ", " + strconv.Itoa(2*len(words)+2) + ")"
}

// phrase is words in order; of the last one only the beginning, if it is a prefix.
func phrase(words []string, prefix bool) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(w)
	}
	p := strings.Join(quoted, " + ")
	if prefix {
		p += " *"
	}
	return p
}

func quote(word string) string { return `"` + strings.ReplaceAll(word, `"`, `""`) + `"` }

func column(name, query string) string { return name + " : " + query }

func group(parts []string, between string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, between) + ")"
}
