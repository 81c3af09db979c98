package analysis

import (
	"strings"
	"unicode/utf8"

	"skyarchive/analysis/topic"
	"skyarchive/analysis/words"
	"skyarchive/atproto"
)

// maxSource is the longest name of a source, in words.
const maxSource = 16

// longestQuote is how far before a verb of saying its quotation may start, in words.
const longestQuote = 150

// measures are what things depend on, and nobody's word: "selon les régions".
var measures = wordSet(`heure heures jour jours mois saison saisons annee annees periode periodes region regions pays lieu lieux zone zones quartier quartiers
	usage usages besoin besoins condition conditions circonstances version versions taille tailles type types methode meteo situation
	contexte niveau niveaux distance age ages moment moments humeur envies gouts moyens cas`)

// A namer finds who is named as the source of what a segment says.
type namer struct {
	post   *atproto.Post
	text   *reading
	cued   []topic.Finding // what stands in the text of cues.yaml, whose topics count from cues on
	cues   int
	byCase bool // only a capital shows that the last one found is a name
}

// find returns the source named in a segment. The second result is true if a pronoun
// stands for a source named before.
func (n *namer) find(s Segment) (*Attribution, bool) {
	pronoun := false
	n.byCase = false
	for i := s.First; i <= s.Last; i++ {
		if n.text.Tokens[i].Kind != words.Word || n.text.Tokens[i].Is(words.Hashtag) {
			continue
		}
		first, last, isPronoun := n.at(i, s)
		if isPronoun {
			pronoun = true
			continue
		}
		if first <= last {
			return n.source(first, last, s), false
		}
	}
	if first, last := n.speaker(s); first <= last {
		return n.source(first, last, s), false
	}
	return nil, pronoun
}

// at returns the tokens of the source that the word at token i points to, an empty range if
// there is none.
func (n *namer) at(i int, s Segment) (first, last int, pronoun bool) {
	t := n.text
	w := t.Word(i)
	none := func() (int, int, bool) { return 1, 0, false }
	switch w {
	case "selon":
		if first, last, pronoun = n.after(i+1, s); last == first+1 && measures[t.Word(last)] {
			return none() // "selon la saison"
		}
		return first, last, pronoun
	case "apres":
		if i > s.First && t.Word(i-1) == "d'" {
			return n.after(i+1, s)
		}
		return none()
	case "to":
		if i > s.First && t.Word(i-1) == "according" {
			return n.after(i+1, s)
		}
		return none()
	case "source", "sources", "via":
		next := i + 1
		if next <= s.Last && t.Tokens[next].Kind == words.Sign && t.Folded[t.Tokens[next].Start] == ':' {
			next++
		} else if w != "via" {
			return none()
		}
		if next <= s.Last && (t.Tokens[next].Kind == words.Mask || t.Tokens[next].Is(words.Capital)) {
			n.byCase = w == "via" && t.Tokens[next].Kind != words.Mask
			return n.after(next, s)
		}
		return none()
	}
	if !t.is(i, says|saysWhat) {
		return none()
	}
	verb := i
	for verb > s.First && t.is(verb-1, auxiliaries) {
		verb--
	}
	next := i + 1
	if verb > s.First && (t.Word(verb-1) == "l'" || t.Word(verb-1) == "le") && verb-1 > s.First && t.Word(verb-2) == "comme" {
		for next <= s.Last && t.is(next, adverbs) {
			next++
		}
		return n.after(next, s)
	}
	if n.isSign(verb-1, `",`, s) && n.startsName(next, s) && n.quotedBefore(verb-1, s) {
		return n.after(next, s)
	}
	if first, last, pronoun := n.said(verb, i, s); pronoun || first <= last {
		return first, last, pronoun
	}
	if !t.is(i, saysWhat) && !n.introduces(next, s) && !n.saysClause(i, s) || verb == i && !actsAsVerb(t, s, i) || n.isPassive(verb, next, s) {
		return none()
	}
	return n.before(verb-1, s)
}

// after returns the name that starts at token i: a noun with what belongs to it.
func (n *namer) after(i int, s Segment) (first, last int, pronoun bool) {
	t := n.text
	if i > s.Last {
		return 1, 0, false
	}
	switch {
	case t.is(i, pronouns):
		return 1, 0, true
	case t.is(i, noSource):
		return 1, 0, false
	}
	last = i - 1
	for j := i; j <= s.Last && j < i+maxSource; j++ {
		k := t.Tokens[j]
		if k.Kind == words.Sign {
			if c := t.Folded[k.Start]; c == '"' && j == i || c == '&' || c == '/' && k.Flags == 0 {
				continue
			}
			break
		}
		if k.Is(words.Tagged) && j > i {
			break
		}
		if j > i && k.Kind == words.Word && t.is(j, endsName) {
			break
		}
		if k.Is(words.Line) && j > i {
			break
		}
		last = j
		if k.Kind == words.Mask {
			break
		}
	}
	for last >= i && t.is(last, leadsNoun) {
		last--
	}
	return i, last, false
}

// before returns the name that ends at token i: the subject of a verb of saying.
func (n *namer) before(i int, s Segment) (first, last int, pronoun bool) {
	t := n.text
	if n.isSign(i, ",", s) {
		i--
	}
	if n.isHas(i, s) {
		i--
	}
	for i >= s.First && (t.Word(i) == "ne" || t.Word(i) == "n'" || t.Word(i) == "nous" || t.is(i, adverbs)) {
		i--
	}
	if i < s.First {
		return 1, 0, false
	}
	if t.is(i, pronouns) {
		return 1, 0, true
	}
	first = i + 1
	for j := i; j >= s.First && j > i-maxSource; j-- {
		k := t.Tokens[j]
		if k.Kind == words.Sign || k.Kind == words.Word && (t.is(j, endsName) || t.Word(j) == "et" && j == s.First) {
			break
		}
		first = j
		if k.Kind == words.Mask || k.Is(words.Line) {
			break
		}
	}
	for first <= i && (t.is(first, openers) || t.Tokens[first].Kind == words.Number && first+1 <= i) {
		first++
	}
	if first <= i && (t.is(first, noSource) || t.Word(first) == "'s") {
		return 1, 0, false
	}
	return first, i, false
}

// isPassive reports whether the verb from token i to before next is what is said of something,
// by the "'s" before it: "that's expected", "the plan's announced: …".
func (n *namer) isPassive(i, next int, s Segment) bool {
	t := n.text
	for i--; i > s.First && t.is(i, adverbs); i-- {
	}
	if i <= s.First || t.Word(i) != "'s" {
		return false
	}
	return t.is(i-1, pronouns|noSource) || n.isHas(i, s) && n.isSign(next, ":", s)
}

// isHas reports whether token i is "has" and no part of a name, as it is in "Moody's".
func (n *namer) isHas(i int, s Segment) bool {
	return i > s.First && n.text.Word(i) == "'s" && !n.text.Tokens[i-1].Is(words.Capital)
}

// speaker returns the name beside a quotation: before a colon, or after a dash.
func (n *namer) speaker(s Segment) (first, last int) {
	t := n.text
	for i := s.First + 1; i < s.Last; i++ {
		if n.isSign(i, ":", s) && n.isSign(i+1, `"`, s) {
			if first, last, _ := n.before(i-1, s); first <= last && n.startsName(first, s) {
				return first, last
			}
		}
		if n.isSign(i, `"`, s) && n.isSign(i+1, "-", s) && i+2 <= s.Last && n.startsName(i+2, s) {
			first, last, _ := n.after(i+2, s)
			return first, last
		}
	}
	if k := t.Tokens[s.First]; k.Kind == words.Word && t.Word(s.First) == "rt" && s.First < s.Last && t.Tokens[s.First+1].Kind == words.Mask {
		return s.First + 1, s.First + 1
	}
	return 1, 0
}

// isSign reports whether token i is a sign out of a list.
func (n *namer) isSign(i int, signs string, s Segment) bool {
	return i >= s.First && i <= s.Last && n.text.Tokens[i].Kind == words.Sign && strings.IndexByte(signs, n.text.Folded[n.text.Tokens[i].Start]) >= 0
}

// startsName reports whether a name can start at token i.
func (n *namer) startsName(i int, s Segment) bool {
	if i > s.Last {
		return false
	}
	k := n.text.Tokens[i]
	return k.Kind == words.Mask || k.Kind == words.Word && (k.Is(words.Capital) || n.text.is(i, articles))
}

// quotedBefore reports whether a quotation mark stands before token i in the segment.
func (n *namer) quotedBefore(i int, s Segment) bool {
	for end := max(s.First, i-longestQuote); i >= end; i-- {
		if n.isSign(i, `"`, s) {
			return true
		}
	}
	return false
}

// introduces reports whether what is said starts at token i.
func (n *namer) introduces(i int, s Segment) bool {
	if i > s.Last {
		return false
	}
	switch n.text.Word(i) {
	case "que", "qu'", "that", ":", `"`, "how", "comment", "aussi", "bien":
		return true
	}
	return false
}

// saysClause reports whether "says" or "said" at token i opens a clause without "that": "the
// firm says its rack draws 120 kW".
func (n *namer) saysClause(i int, s Segment) bool {
	t := n.text
	if w := t.Word(i); w != "says" && w != "said" || i+2 >= s.Last || t.Tokens[i+1].Kind != words.Word {
		return false
	}
	return t.is(i+1, articles|pronouns) || possessive[t.Word(i+1)] || t.Tokens[i+1].Is(words.Capital)
}

// source makes the attribution of a range of tokens: the account mentioned in it, the page
// linked in it or else in its segment or by the card of the post.
func (n *namer) source(first, last int, s Segment) *Attribution {
	span := n.text.TokenSpan(first, last)
	a := &Attribution{URI: n.post.URI, Span: span, Text: n.post.Text[span.Start:span.End]}
	for _, f := range n.post.ValidFacets() {
		inside := f.Start < span.End && f.End > span.Start
		switch {
		case f.Kind == atproto.FacetMention && inside && a.DID == nil:
			a.DID = &f.Value
		case f.Kind == atproto.FacetLink && (inside || a.URL == nil && f.Start >= s.Start && f.End <= s.End):
			a.URL = &f.Value
		}
	}
	if card := n.post.Embed.Card; a.URL == nil && card != nil && card.URL != "" {
		a.URL = &card.URL
	}
	return a
}

// openQuote reports whether a text ends inside a quotation, and opensQuoted whether it
// starts with one.
func openQuote(text string) bool {
	opened := strings.Count(text, "«") + strings.Count(text, "“")
	closed := strings.Count(text, "»") + strings.Count(text, "”")
	return opened > closed || strings.Count(text, `"`)%2 == 1
}

// startsQuoted reports whether the first words of a segment are a quotation, or go on with
// one by three points.
func startsQuoted(t *reading, s Segment) bool {
	for i := s.First; i <= s.Last; i++ {
		k := t.Tokens[i]
		if k.Kind == words.Word {
			return false
		}
		switch r, _ := utf8.DecodeRuneInString(t.Source[t.TokenSpan(i, i).Start:]); r {
		case '«', '“', '"', '…':
			return true
		case '.':
			return i < s.Last && t.Folded[t.Tokens[i+1].Start] == '.'
		}
	}
	return false
}
