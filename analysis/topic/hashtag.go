package topic

import "strings"

// joined is where a phrase of several words leads that is written as one, as in hashtags, from
// some nodes. Elided words have lost their apostrophe.
func (m *Matcher) joined(from nodeRange, text string) (found nodeRange) {
	tree := m.tree
	for end := 1; end <= len(text); end++ {
		for _, word := range [...]uint32{tree.words.Find(text[:end]), tree.elided(text[:end])} {
			next := m.step(from, word)
			switch {
			case next.empty():
			case end < len(text):
				if found = m.joined(next, text[end:]); !found.empty() {
					return found
				}
			case from != root && m.shows(next):
				return next
			}
		}
	}
	return nodeRange{}
}

// hashtag is where the phrase leads that a hashtag is written of, with or without words that
// campaigns put around it: "#stopmines", "#savethereef".
func (m *Matcher) hashtag(text string) nodeRange {
	if found := m.joined(root, text); !found.empty() {
		return found
	}
	rest := text
	for _, list := range [...][]string{hashtagOpeners, hashtagOpeners} {
		for _, opener := range list {
			if after, ok := strings.CutPrefix(rest, opener); ok && len(after) >= shortestTag {
				rest = after
				break
			}
		}
	}
	for _, closer := range hashtagClosers {
		if before, ok := strings.CutSuffix(rest, closer); ok && len(before) >= shortestTag {
			rest = before
			break
		}
	}
	if rest == text {
		return nodeRange{}
	}
	if found := m.step(root, m.tree.words.Find(rest)); m.shows(found) {
		return found
	}
	return m.joined(root, rest)
}

// Words around the phrase of a hashtag. Without capitals they cannot be told by sight.
var (
	hashtagOpeners = []string{"stop", "save", "sauvons", "sauver", "non", "oui", "sos", "anti", "keep", "end", "ban", "no", "our", "the", "les", "des", "nos", "aux", "au", "la", "le", "l", "a"}
	hashtagClosers = []string{"biencommun", "forall", "pourtous", "now", "day", "week", "crisis", "justice", "france", "paris", "europe", "gate"}
)

// shortestTag is how many letters must be left of a hashtag.
const shortestTag = 4

// elided is the number of a word before an apostrophe.
func (t *tree) elided(word string) uint32 {
	if len(word) > len("qu") {
		return 0
	}
	return t.words.Find(word + "'")
}
