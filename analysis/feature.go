package analysis

import (
	"strings"

	"skyarchive/analysis/topic"
	"skyarchive/analysis/words"
)

// readFeatures collects the features of a segment from the cues found in the whole text.
func readFeatures(t *reading, s Segment, found []topic.Finding, before, quantities, times int) features {
	var f features
	start, main := firstWord(t, s), false
	forEnd := t.Word(start) == "pour" || t.Word(start) == "to"
	colon := headingEnd(t, s, found, before)
	for c := range topic.Inside(found, s.Span) {
		if c.First < s.First || c.First > s.Last {
			continue
		}
		x := feature(c.Topic - before)
		switch {
		case x == plainVerb && !actsAsVerb(t, s, c.First), x == imperative && (c.First != start || pointsAhead(t, s, start)),
			x == elided && c.First != start,
			x == demand && strings.HasPrefix(t.Word(c.Last), "fau") && (quantities > 0 || forEnd || hasThere(t, c.Last, s.Last, "pour")), // "il faut trois litres pour …"
			forEnd && (x == norm || x == secondPerson), // "to get a gram you have to crush a tonne"
			c.Last < colon && t.is(c.First, leadsNoun) && (x == firstPerson || x == we || x == secondPerson):
			continue
		}
		f.add(x)
		if x == copula || x == plainVerb {
			main = main || !inRelative(t, s, c.First)
		}
	}
	for i := s.First; i <= s.Last && !main; i++ {
		if endsAsVerb(t, s, i) {
			f.add(plainVerb)
			main = !inRelative(t, s, i)
		}
	}
	if f.hasAny(copula, plainVerb) && !main {
		f.add(onlyRelative)
	}
	if quantities > 0 {
		f.add(hasQuantity)
	}
	if times > 0 {
		f.add(hasTime)
	}
	f.readShape(t, s)
	return f
}

// headingEnd is the colon after a heading of a segment, which has no verb and says for whom the
// rest is or what it is about: "For my readers abroad: they run on diesel." Whose readers they
// are does not make the rest a word of the first person. Without a heading it is the first token.
func headingEnd(t *reading, s Segment, found []topic.Finding, before int) int {
	colon := s.First
	for colon < s.Last && t.Folded[t.Tokens[colon].Start] != ':' {
		colon++
	}
	if colon > s.Last-longestPointer {
		return s.First
	}
	for c := range topic.Inside(found, s.Span) {
		x := feature(c.Topic - before)
		if c.First >= s.First && c.Last < colon && (x == copula || x == plainVerb && actsAsVerb(t, s, c.First)) {
			return s.First
		}
	}
	for i := s.First; i < colon; i++ {
		if endsAsVerb(t, s, i) {
			return s.First
		}
	}
	return colon
}

// readShape adds what a segment shows without knowing words.
func (f *features) readShape(t *reading, s Segment) {
	count := 0
	for i := s.First; i <= s.Last; i++ {
		k := t.Tokens[i]
		switch k.Kind {
		case words.Word:
			count++
			if t.Word(i) == "http" || t.Word(i) == "https" {
				f.add(hasLink) // cut off by whoever copied the text
			}
		case words.Number:
			count++
		case words.Mask:
			if t.Folded[k.Start] != '@' {
				f.add(hasLink)
			}
		case words.Sign:
			switch t.Folded[k.Start] {
			case '?':
				if noWordsAfter(t, i, s.Last) {
					f.add(isQuestion)
				}
			case '!':
				f.add(isExclamation)
			}
			if isGrin(t, i) {
				f.add(joke)
			}
		}
	}
	switch {
	case count < 4:
		f.add(isShort)
	case count >= longSentence:
		f.add(isLong)
	}
	if t.Tokens[s.First].Kind == words.Mask && t.Folded[t.Tokens[s.First].Start] == '@' {
		f.add(isReply)
	}
	first := firstWord(t, s)
	switch w := t.Word(first); w {
	case "quand", "lorsque", "parce", "puisque", "when", "because", "although":
		if !hasComma(t, first, s.Last) {
			f.add(isFragment)
		}
	case "si", "s'", "if":
		f.add(isHypothesis)
		if !hasComma(t, first, s.Last) {
			f.add(isFragment)
		}
	case "pourquoi", "comment", "why", "how", "quel", "quelle", "quels", "quelles":
		f.add(isFragment)
	default:
		if f.opensAsOrder(t, first, s.Last) && !pointsAhead(t, s, first) {
			f.add(imperative)
		}
	}
	if f.has(isQuestion) && (t.Word(first) == "saviez" || t.Word(first) == "savez" || t.Word(first) == "did") {
		*f &^= 1 << secondPerson // "Saviez-vous que …" asks for what it asserts
	}
}

// opensAsOrder reports whether the first word of a segment is an imperative, or the
// infinitive of an instruction: "Buvez …", "Sauvons les …", "Ajouter l'eau". An infinitive
// before a finite verb is its subject.
func (f features) opensAsOrder(t *reading, first, last int) bool {
	w := t.Word(first)
	if len(w) <= 4 || t.Tokens[first].Kind != words.Word || first == last {
		return false
	}
	article := t.Tokens[first+1].Kind == words.Word && t.is(first+1, articles)
	verb := f.hasAny(copula, plainVerb) && !f.has(onlyRelative)
	return strings.HasSuffix(w, "ez") && w != "assez" ||
		strings.HasSuffix(w, "ons") && article ||
		!verb && (t.is(first, isInfinitive) || strings.HasSuffix(w, "er") && article)
}

// pointsAhead reports whether an order at token i only points to the assertion after its
// colon: "Look at this: they run on diesel."
func pointsAhead(t *reading, s Segment, i int) bool {
	for end := min(s.Last-longestPointer, i+longestPointer); i <= end; i++ {
		if k := t.Tokens[i]; k.Kind == words.Sign && t.Folded[k.Start] == ':' {
			return true
		}
	}
	return false
}

// longestPointer is how many words may stand before the colon of such an order, and how many
// have to follow it.
const longestPointer = 5

// firstWord returns the first word of a segment after a conjunction, or its last token.
func firstWord(t *reading, s Segment) int {
	i := s.First
	for i < s.Last && (t.Tokens[i].Kind != words.Word || t.is(i, conjunctions)) {
		i++
	}
	return i
}

func noWordsAfter(t *reading, i, last int) bool {
	for i++; i <= last; i++ {
		if k := t.Tokens[i]; k.Kind != words.Sign && k.Kind != words.Mask && !k.Is(words.Hashtag) {
			return false
		}
	}
	return true
}

func hasThere(t *reading, first, last int, word string) bool {
	for i := first; i <= last; i++ {
		if t.Word(i) == word {
			return true
		}
	}
	return false
}

func hasComma(t *reading, first, last int) bool {
	for i := first; i <= last; i++ {
		if t.Tokens[i].Kind == words.Sign && t.Folded[t.Tokens[i].Start] == ',' {
			return true
		}
	}
	return false
}

// isGrin reports whether the sign at token i is a laughing face or starts one.
func isGrin(t *reading, i int) bool {
	k := t.Tokens[i]
	switch t.Folded[k.Start:k.End] {
	case "😂", "🤣", "😅", "😆", "😜", "😉", "🙃", "😁", "😹", "🤪", "😏":
		return true
	case ":", ";":
		rest := t.Folded[k.End:min(len(t.Folded), int(k.End)+2)]
		return rest == "-)" || strings.HasPrefix(rest, ")") || rest == "-d" || rest == "-p"
	}
	return false
}
