package analysis

import (
	"strings"

	"skyarchive/analysis/words"
)

// actsAsVerb reports whether a word that may be a noun stands where a verb can: after no
// article, preposition or the like.
func actsAsVerb(t *words.Text, s Segment, i int) bool {
	if i == s.First {
		return false // a headline's first word, or an imperative
	}
	k := t.Tokens[i-1]
	if k.Kind != words.Word {
		return k.Kind != words.Sign || t.Folded[k.Start] != '"' && t.Folded[k.Start] != ':' && t.Folded[k.Start] != '-'
	}
	return !leadsNoun[t.Word(i-1)]
}

// inRelative reports whether the verb at token i follows a relative pronoun.
func inRelative(t *words.Text, s Segment, i int) bool {
	for j := i - 1; j >= max(s.First, i-2); j-- {
		switch t.Word(j) {
		case "qui", "dont", "ou", "that", "which", "who":
			return true
		}
	}
	return false
}

// leadsNoun are words after which a noun, an adjective or an infinitive stands.
var leadsNoun = wordSet(`le la les l' un une des du de d' ce cet cette ces mon ma mes ton ta tes son sa ses leur leurs notre nos votre vos
	chaque quelque quelques au aux en a par pour sur sans sous avec et ou tout toute tous toutes nouvelle nouveau nouvelles nouveaux forte fortes grande grand grosse premiere premier
	the an of to in for by with its their his her our your my no and or new big at from about this these those be been being is are was were more very`)

// endsAsVerb reports whether the word at token i looks like a conjugated verb by its ending
// and its neighbours, in French or English.
func endsAsVerb(t *words.Text, s Segment, i int, lang string) bool {
	k := t.Tokens[i]
	if k.Kind != words.Word || k.Is(words.Hashtag) || i == s.First || t.Tokens[i-1].Kind != words.Word {
		return false
	}
	w, before := t.Word(i), t.Word(i-1)
	switch {
	case lang != "en" && w == "a":
		return hasParticiple(t, s, i)
	case len(w) < 4 || leadsNoun[before]:
		return false
	}
	return lang != "en" && endsInFrench(w, before) || lang != "fr" && endsInEnglish(t, s, i)
}

// hasParticiple reports whether the "a" at token i is the verb before a participle, not
// the preposition. Without accents the two look alike.
func hasParticiple(t *words.Text, s Segment, i int) bool {
	if strings.HasPrefix(t.Source[t.TokenSpan(i, i).Start:], "à") || strings.HasPrefix(t.Source[t.TokenSpan(i, i).Start:], "À") {
		return false
	}
	for j := i + 1; j <= min(s.Last, i+3); j++ {
		k, w := t.Tokens[j], t.Word(j)
		switch {
		case k.Kind != words.Word || k.Is(words.Capital) && !k.Is(words.Upper):
			return false
		case betweenParts[w]:
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

func endsInEnglish(t *words.Text, s Segment, i int) bool {
	w, before := t.Word(i), t.Word(i-1)
	last := w[len(w)-1]
	switch {
	case hasSuffix(w, "ed"):
		return !hasSuffix(w, "eed") && !nounsInEd[w]
	case justBefore[before] && last == 's':
		return true
	case i == s.Last:
		return false
	}
	object := t.Tokens[i+1].Kind == words.Number || afterVerb[t.Word(i+1)]
	switch {
	case !object || prepositions[w] || prepositions[before]:
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
	betweenParts = wordSet("ete deja bien pas aussi toujours egalement recemment encore ainsi enfin jamais plus donc")
	// afterPreposition are words that look like participles and follow "à".
	afterPreposition = wordSet(`cause base titre terme meme cette force peine suite cote gauche droite terre distance domicile elle toute notre votre quelle chaque celle telle voile
		flamme une table ciel lire dire faire vendre prendre vivre suivre boire usage autre moindre haute basse partie domicile aide ecole usine ville vie midi minuit lundi mardi mercredi jeudi vendredi samedi lui qui celui eux jeu lieu nouveau`)
	// justBefore are adverbs that stand before a verb.
	justBefore = wordSet("also now currently still never always recently already then")
	// afterVerb are words that often stand between an English verb and its object.
	afterVerb    = wordSet("the a an its their his her over more up that out all no some around millions billions half less")
	prepositions = wordSet(`in of at on for to by from with and or as than over under into during against all like near per between among after before since until via without within around across
		behind not but only just even both such than that this some any his her its their our your my is was has if when while because where there here also then off out up down much many most less more very so too`)
	nounsInRa  = wordSet("opera camera riviera hydra tundra cholera madeira phylloxera sierra libera")
	nounsInEd  = wordSet("hundred naked wicked sacred united limited red bed shed")
	nounsInEnt = wordSet("souvent president accident argent urgent recent client patient parent talent content permanent evident agent continent incident different excellent absent present precedent equivalent violent coherent innocent concurrent adherent intelligent vent dent cent lent suffisent")
)
