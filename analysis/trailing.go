package analysis

import (
	"strings"

	"skyarchive/analysis/topic"
	"skyarchive/analysis/words"
)

// said returns the source that stands behind what it says without a quotation: "…, the operator
// reports.", "…, said the minister.", "…, indique l'exploitant." The verb of saying is at token i,
// with its auxiliaries from verb on. The range is empty if there is none.
func (n *namer) said(verb, i int, s Segment) (first, last int, pronoun bool) {
	t := n.text
	if verb > s.First && t.Word(verb-1) == "l'" { // "l'exploitant l'admet"
		verb--
	}
	if n.isSign(verb-1, ",", s) {
		if n.inverted(i+1, s) {
			return 1, 0, true
		}
		first, last, pronoun = n.after(i+1, s)
		if first > last || !n.startsName(first, s) || !n.isEnd(last+1, s) || !comesFirst[t.Word(i)] || !agrees(t.Word(verb), t.Word(first)) || !n.asserts(verb-1, s) {
			return 1, 0, false
		}
		for j := first + 1; j <= last; j++ {
			if saidWhen[t.Word(j)] {
				last = j - 1
			}
		}
		return first, last, pronoun
	}
	if !n.isEnd(i+1, s) && !saidWhen[t.Word(i+1)] {
		return 1, 0, false
	}
	first, last, pronoun = n.before(verb-1, s)
	comma := first - 1
	if pronoun {
		comma = verb - 2
	}
	if !n.isSign(comma, ",", s) || !n.asserts(comma, s) || alsoNouns[t.Word(i)] && hasComma(n.text, s.First, comma-1) {
		return 1, 0, false
	}
	if !pronoun && first <= last && !n.startsName(first, s) && !possessive[t.Word(first)] && !onlySays[t.Word(i)] {
		return 1, 0, false
	}
	return first, last, pronoun
}

// comesFirst are the verbs of saying that stand before their subject in such places, in the
// third person, and are rarely verbs with an object there.
var comesFirst = wordSet(`dit disent ecrit ecrivent explique expliquent souligne soulignent indique indiquent assure assurent affirme affirment
	confirme confirment precise precisent rappelle rappellent constate constatent annonce annoncent declare declarent rapporte rapportent
	observe observent note notent calcule calculent admet admettent reconnait reconnaissent estime estiment alerte alertent revele revelent raconte racontent ajoute
	says said writes wrote reports reported warns warned explains explained added argues argued`)

// onlySays are the English verbs that are no nouns and need no article before their subject:
// "figures show", "officials said".
var onlySays = wordSet("says said say show showed found find warned warn argued believe suggest suggests")

// alsoNouns may end a list: "the permits, the maps, the yearly reports".
var alsoNouns = wordSet("reports claims shows states notes finds")

// saidWhen are the words that open when or where it was said: "on Tuesday", "dans un communiqué".
var saidWhen = wordSet(`on in during monday tuesday wednesday thursday friday saturday sunday yesterday today last earlier
	dans lors hier lundi mardi mercredi jeudi vendredi samedi dimanche`)

var possessive = wordSet("its their his her our my")

// agrees reports whether a French verb and the article of the subject behind it are both of one
// or both of several: in "il compare, explique les enjeux" the article opens an object.
func agrees(verb, article string) bool {
	switch article {
	case "les", "des", "ces":
		return strings.HasSuffix(verb, "nt")
	case "le", "la", "l'", "un", "une", "ce", "cet", "cette":
		return !strings.HasSuffix(verb, "ent") && verb != "ont"
	}
	return true
}

// isEnd reports whether nothing but signs stands in a segment from token i on.
func (n *namer) isEnd(i int, s Segment) bool {
	for ; i <= s.Last; i++ {
		if k := n.text.Tokens[i]; k.Kind != words.Sign && k.Kind != words.Mask && !k.Is(words.Hashtag) {
			return false
		}
	}
	return true
}

// inverted reports whether a pronoun at token i is the subject of the verb before it: "dit-elle",
// "estime-t-il".
func (n *namer) inverted(i int, s Segment) bool {
	for i <= s.Last && (n.isSign(i, "-", s) || n.text.Word(i) == "t") {
		i++
	}
	return i <= s.Last && n.text.is(i, pronouns) && n.isEnd(i+1, s)
}

// asserts reports whether something is said in a segment before token i: by a finite verb, or,
// since no list has all of them, in four words or more that do not open as an adverbial does.
func (n *namer) asserts(i int, s Segment) bool {
	for c := range topic.Inside(n.cued, s.Span) {
		x := feature(c.Topic - n.cues)
		if c.Last < i && (x == copula || x == trend || x == plainVerb && actsAsVerb(n.text, s, c.First)) {
			return true
		}
	}
	count := 0
	for j := s.First; j < i; j++ {
		if endsAsVerb(n.text, s, j) {
			return true
		}
		if n.text.Tokens[j].Kind == words.Word {
			count++
		}
	}
	return count >= 4 && !opensAdverbial[n.text.Word(firstWord(n.text, s))]
}

var opensAdverbial = wordSet(`in on at after before during since for with without when if as while by until
	en dans depuis apres avant pendant pour avec sans quand lorsque si s' comme des a au aux chez sur par`)
