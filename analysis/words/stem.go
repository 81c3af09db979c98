package words

import (
	"strings"
	"sync"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
)

// dataCenter is the stem of "data center" however it is written.
const dataCenter = "datacent"

// A stemmed word has a French and an English stem.
type stemmed struct{ french, english string }

// cache remembers stems: the words of a language are few, its posts many.
var cache struct {
	sync.RWMutex
	stems map[string]stemmed
}

// cacheSize bounds the cache, so that a stream of nonsense cannot fill the memory.
const cacheSize = 1 << 16

// Stems returns the French and the English stem of a folded word.
func Stems(word string) (fr, en string) {
	cache.RLock()
	s, ok := cache.stems[word]
	cache.RUnlock()
	if ok {
		return s.french, s.english
	}
	s = stemmed{stemFrench(word), stemEnglish(word)}
	cache.Lock()
	if cache.stems == nil || len(cache.stems) >= cacheSize {
		cache.stems = make(map[string]stemmed, 1024)
	}
	cache.stems[strings.Clone(word)] = s
	cache.Unlock()
	return s.french, s.english
}

// stemsFor returns the stems of a word in a language, or both where it is neither French
// nor English; the second is "" where it adds nothing.
func stemsFor(word, lang string) (string, string) {
	fr, en := Stems(word)
	switch {
	case lang == "fr" || fr == en:
		return fr, ""
	case lang == "en":
		return en, ""
	}
	return fr, en
}

// stemFrench stems a folded French word. The algorithm expects accents, so the endings that
// it knows by their accent get it back.
func stemFrench(word string) string {
	if stem, ok := fixed(word); ok {
		return stem
	}
	for _, r := range [...][2]string{{"ee", "ée"}, {"ees", "ées"}, {"ite", "ité"}, {"ites", "ités"}} {
		if base, ok := strings.CutSuffix(word, r[0]); ok && len(base) > 2 {
			word = base + r[1]
			break
		}
	}
	env := snowballstem.NewEnv(word)
	french.Stem(env)
	return meet(Fold(env.Current()).Folded)
}

// stemEnglish stems a folded English word.
func stemEnglish(word string) string {
	if stem, ok := fixed(word); ok {
		return stem
	}
	env := snowballstem.NewEnv(word)
	english.Stem(env)
	return meet(env.Current())
}

// fixed returns the stem of words that are not stemmed: numbers, short words, and words
// with a stem of their own.
func fixed(word string) (string, bool) {
	if len(word) < 4 || classes[word[0]] == digit {
		return word, true
	}
	if base, ok := strings.CutPrefix(word, "data"); ok && isCenter(base) {
		return dataCenter, true
	}
	return "", false
}

// meet maps the stems of one family to one stem.
func meet(stem string) string {
	return stem
}
