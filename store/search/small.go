package search

import (
	"strings"
	"sync"

	"skyarchive/analysis/words"
)

// smallWords are words that hold a sentence together and say nothing by themselves, as people
// type them when they ask in sentences; folded.
var smallWords = sync.OnceValue(func() map[string]bool {
	const list = `
		à a ai au aux avec ce ces cet cette ceux combien comment dans de des donc du elle elles en entre est
		et eu eux il ils je la le les leur leurs lui ma mais me mes moi mon ne nos notre nous on ont ou où par
		pas pour pourquoi qu quand que quel quelle quelles quels qui quoi sa sans se ses si son sont sur ta te
		tes toi ton tu un une va vers vos votre vous y d l n s c j m t
		about am an and are as at be been by can could did do does for from had has have he her his how i in
		into is it its me my no of on or our she should so than that the their them then there these they this
		those to was we were what when where which who why will with would you your`
	small := map[string]bool{}
	t := words.Fold(list)
	for i := range t.Tokens {
		small[t.Word(i)] = true
	}
	return small
})

// isSmall says whether a text is small words and nothing else.
func isSmall(text string) bool {
	t := words.Fold(text)
	for i, token := range t.Tokens {
		if token.Kind == words.Number || token.Kind != words.Sign && !smallWords()[strings.TrimRight(t.Word(i), "'")] {
			return false
		}
	}
	return true
}

// WithoutSmall takes the words out of a query that say little by themselves, such as "de" or
// "what", unless they are in quotes or it has no other words, and returns those words as they
// were typed. Posts that answer a question seldom have its every word.
func WithoutSmall(e Expr) (Expr, []string) {
	list, ok := e.(And)
	if !ok {
		return e, nil
	}
	var kept []Expr
	var out []string
	hasWords := false
	for _, part := range list {
		if w, ok := part.(Word); ok && isSmall(w.Text) {
			out = append(out, w.Text)
			continue
		}
		switch part.(type) {
		case Word, Phrase, Prefix, Or:
			hasWords = true
		}
		kept = append(kept, part)
	}
	if !hasWords {
		return e, nil
	}
	return All(kept...), out
}
