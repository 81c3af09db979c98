package analysis

import (
	"strings"

	"skyarchive/analysis/words"
)

// actsAsVerb reports whether a word that may be a noun stands where a verb can: after no
// article, preposition or the like.
func actsAsVerb(t *reading, s Segment, i int) bool {
	first := s.First
	for first < i && (t.Tokens[first].Kind == words.Mask || t.Tokens[first].Is(words.Hashtag) || t.Word(first) == "rt") {
		first++
	}
	if i == first {
		return false // a headline's first word, or an imperative
	}
	k := t.Tokens[i-1]
	if k.Kind != words.Word {
		return k.Kind != words.Sign || t.Folded[k.Start] != '"' && t.Folded[k.Start] != ':' && t.Folded[k.Start] != '-'
	}
	return !t.is(i-1, leadsNoun)
}

// inRelative reports whether the verb at token i follows a relative pronoun.
func inRelative(t *reading, s Segment, i int) bool {
	for j := i - 1; j >= max(s.First, i-2); j-- {
		switch t.Word(j) {
		case "qui", "dont", "ou", "that", "which", "who":
			return true
		}
	}
	return false
}

// endsAsVerb reports whether the word at token i looks like a conjugated verb by its ending
// and its neighbours, in French or English.
func endsAsVerb(t *reading, s Segment, i int) bool {
	k := t.Tokens[i]
	if k.Kind != words.Word || k.Is(words.Hashtag) || i == s.First || t.Tokens[i-1].Kind != words.Word {
		return false
	}
	w, before := t.Word(i), t.Word(i-1)
	switch {
	case t.lang != "en" && w == "a":
		return hasParticiple(t, s, i)
	case len(w) < 4 || t.is(i-1, leadsNoun):
		return false
	}
	if t.lang != "en" && i < s.Last && t.is(i+1, beforeObject) && (hasSuffix(w, "e", "it") || hasSuffix(w, "ent") && !hasSuffix(w, "ment") && !nounsInEnt[w]) && !afterPreposition[w] && !t.is(i, prepositions) && !smallInE[w] {
		return true // "l'article réforme la …"
	}
	return t.lang != "en" && endsInFrench(w, before) || t.lang != "fr" && endsInEnglish(t, s, i)
}

// hasParticiple reports whether the "a" at token i is the verb before a participle, not
// the preposition. Without accents the two look alike.
func hasParticiple(t *reading, s Segment, i int) bool {
	if strings.HasPrefix(t.Source[t.TokenSpan(i, i).Start:], "à") || strings.HasPrefix(t.Source[t.TokenSpan(i, i).Start:], "À") {
		return false
	}
	for j := i + 1; j <= min(s.Last, i+3); j++ {
		k, w := t.Tokens[j], t.Word(j)
		switch {
		case k.Kind != words.Word || k.Is(words.Capital) && !k.Is(words.Upper):
			return false
		case betweenParts[w] || hasSuffix(w, "ment"):
			continue
		}
		return len(w) > 3 && !afterPreposition[w] && (hasSuffix(w, "e", "i", "u", "is", "it", "ert"))
	}
	return false
}

func endsInFrench(w, before string) bool {
	switch {
	case hasSuffix(w, "aient", "eront", "iront", "dront", "vront", "issent", "irent", "erait", "irait", "drait", "vrait"):
		return true
	case hasSuffix(w, "erent"):
		return !strings.HasSuffix(w, "fferent") && w != "coherent" && w != "adherent"
	case hasSuffix(w, "era", "ira", "dra", "vra"):
		return len(w) > 4 && !nounsInRa[w]
	case hasSuffix(w, "ent") && !hasSuffix(w, "ment"):
		c := before[len(before)-1]
		return len(w) > 4 && (c == 's' || c == 'x' || before == "qui") && !nounsInEnt[w]
	}
	return false
}

func endsInEnglish(t *reading, s Segment, i int) bool {
	w, before := t.Word(i), t.Word(i-1)
	last := w[len(w)-1]
	switch {
	case hasSuffix(w, "ed"):
		return !hasSuffix(w, "eed") && !nounsInEd[w]
	case t.is(i-1, justBefore) && last == 's':
		return true
	case before == "we" || before == "they":
		return !t.is(i, prepositions)
	case i == s.Last:
		return false
	}
	object := t.Tokens[i+1].Kind == words.Number || t.is(i+1, afterVerb)
	switch {
	case !object || t.is(i, prepositions) || t.is(i-1, prepositions):
		return false
	case last == 's':
		return !hasSuffix(w, "ss", "us")
	}
	// "reefs support a quarter": a plural, then a bare verb.
	return before[len(before)-1] == 's' && len(before) > 3 && !hasSuffix(before, "ss", "us", "is")
}

func hasSuffix(w string, list ...string) bool {
	for _, suffix := range list {
		if strings.HasSuffix(w, suffix) {
			return true
		}
	}
	return false
}

var (
	// betweenParts may stand between "a" and its participle.
	betweenParts = wordSet("longtemps souvent rarement presque tout surtout meme aussitot beaucoup trop peu ete deja bien pas aussi toujours egalement recemment encore ainsi enfin jamais plus donc")
	// afterPreposition are words that look like participles and follow "à".
	afterPreposition = wordSet(`cause base titre terme meme cette force peine suite cote gauche droite terre distance domicile elle toute notre votre quelle chaque celle telle voile
		flamme une table ciel lire dire faire vendre prendre vivre suivre boire usage autre moindre haute basse partie domicile aide ecole usine ville vie midi minuit lundi mardi mercredi jeudi vendredi samedi lui qui celui eux jeu lieu nouveau`)
	smallInE   = wordSet("comme entre contre quelque presque ensuite encore meme lorsque puisque outre malgre voire quoique suite proche grace toute autre chaque notre votre")
	nounsInRa  = wordSet("opera camera riviera hydra tundra cholera madeira phylloxera sierra libera")
	nounsInEd  = wordSet("hundred naked wicked sacred united limited red bed shed")
	nounsInEnt = wordSet("souvent president accident argent urgent recent client patient parent talent content permanent evident agent continent incident different excellent absent present precedent equivalent violent coherent innocent concurrent adherent intelligent vent dent cent lent suffisent")
)
