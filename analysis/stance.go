package analysis

import "skyarchive/analysis/words"

// maxVerdict is the length, in words, of a sentence that does nothing but contradict the one
// before: "C'est tout simplement faux."
const maxVerdict = 9

// contradicts reports whether a segment does nothing but call what stood before it false.
func contradicts(t *reading, s Segment, f features) bool {
	if !f.has(contradiction) || f.hasAny(hearsay, isQuestion, hasQuantity) {
		return false
	}
	n := 0
	for i := s.First; i <= s.Last; i++ {
		if t.Tokens[i].Kind == words.Word {
			n++
		}
	}
	return n <= maxVerdict
}

// stanceOf says how the author stands to a segment. Contradicted means that the next one
// calls it false.
func stanceOf(f features, contradicted bool, source *Attribution) Stance {
	switch {
	case f.has(isQuestion):
		return Asks
	case contradicted, f.has(contradiction):
		return Denies
	case source != nil, f.has(hearsay):
		return Reports
	}
	return Asserts
}
