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

// stemFrench stems a folded French word. The algorithm expects accents, so the endings that
// it knows by their accent get it back.
func stemFrench(word string) string {
	if stem, ok := fixed(word); ok {
		return stem
	}
	for _, r := range frenchEndings {
		if base, ok := strings.CutSuffix(word, r[0]); ok && len(base) > 2 {
			word = base + r[1]
			break
		}
	}
	env := snowballstem.NewEnv(word)
	french.Stem(env)
	return meet(Fold(env.Current()).Folded)
}

// frenchEndings prepares endings for the stemmer: accents it needs, plurals of verbs that it
// takes for adverbs, and agents that stay apart from what they do.
var frenchEndings = [...][2]string{
	{"ee", "ée"}, {"ees", "ées"}, {"ite", "ité"}, {"ites", "ités"},
	{"omment", "omme"}, {"rment", "rme"}, {"tent", "te"}, {"sent", "se"}, {"lisent", "lise"}, {"guent", "gue"}, {"quent", "que"}, {"erent", "ere"},
	{"cteur", "ct"}, {"cteurs", "ct"}, {"ctrice", "ct"}, {"ctrices", "ct"},
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
	if len(word) == 4 && (word[3] == 's' && word[2] != 's' || word[3] == 'x') {
		return meet(word[:3]), true // lois, eaux, jobs
	}
	if base, ok := strings.CutPrefix(word, "data"); ok && isCenter(base) {
		return dataCenter, true
	}
	switch {
	case strings.HasPrefix(word, "environnement"):
		return "environnement", true // not environ
	case strings.HasPrefix(word, "minier"):
		return "min", true
	}
	return "", false
}

// meet maps the stems of one family to one stem.
func meet(stem string) string {
	if same, ok := families[stem]; ok {
		return same
	}
	for _, r := range stemEndings {
		if base, ok := strings.CutSuffix(stem, r[0]); ok && len(base) > 1 {
			stem = base + r[1]
			break
		}
	}
	if same, ok := families[stem]; ok {
		return same
	}
	return stem
}

// stemEndings bring the Latin families together: production, produire, produced.
var stemEndings = [...][2]string{
	{"oduct", "odui"}, {"oduir", "odui"}, {"oduit", "odui"}, {"oduc", "odui"},
	{"duct", "dui"}, {"duir", "dui"}, {"duit", "dui"}, {"reduc", "redui"},
	{"truct", "trui"}, {"truir", "trui"}, {"truit", "trui"},
	{"sumpt", "sum"},
}

// families are stems that belong together and share no ending. The first of each line is
// the stem of all.
var families = func() map[string]string {
	table := map[string]string{"reduct": "redui", "reduc": "redui", "reduir": "redui", "reduit": "redui"}
	for line := range strings.Lines(`electr electric electrif electrifi electricit electriqu
		energ energet energi energetiqu
		metal metall metalliqu metaux
		extract extrair extrait extractiv extractif
		emiss emettr emet emis emit emi
		pollu pollut pollue polluant polluer
		consomm consom consommateur consomme
		consum consumer
		travail travaill travailleur travailleus traval travaux
		recycl recyclag
		chauff chauffag
		stock stockag
		industr industriel industri
		destrui detrui
		croissanc croitr croiss
		min mine minerai
		`) {
		stems := strings.Fields(line)
		for _, stem := range stems {
			table[stem] = stems[0]
		}
	}
	return table
}()
