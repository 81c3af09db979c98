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
// were typed as one must stand close together: with both stems of each in the index, and a
// little word between.
func matchWord(e search.Word) (string, bool) {
	terms := e.Terms()
	if len(terms) == 0 {
		return "", false
	}
	single := func(alternatives []search.Term) string {
		var any []string
		for _, t := range alternatives {
			any = append(any, column("word", quote(t.Word)), column("stem", quote(t.French)))
			if t.English != "" {
				any = append(any, column("stem", quote(t.English)))
			}
		}
		return group(slices.Compact(any), " OR ")
	}
	if len(terms) == 1 {
		return single(terms[0]), true
	}
	var word, french, english, all []string
	for _, alternatives := range terms {
		t := alternatives[0]
		word, french = append(word, quote(t.Word)), append(french, quote(t.French))
		if t.English == "" {
			t.English = t.French
		}
		english, all = append(english, quote(t.English)), append(all, single(alternatives))
	}
	if slices.ContainsFunc(terms, func(a []search.Term) bool { return len(a) > 1 }) {
		return group(all, " AND "), true
	}
	return group(slices.Compact([]string{column("word", near(word)), column("stem", near(french)), column("stem", near(english))}), " OR "), true
}

func near(words []string) string {
	return "NEAR(" + strings.Join(words, " ") + ", " + strconv.Itoa(2*len(words)+2) + ")"
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
