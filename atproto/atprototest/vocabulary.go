package atprototest

import (
	"math"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words as people use them: the nth word of a language is about 1/n times as frequent as
// the first (Zipf's law). Here the first are the small words that hold sentences together;
// those behind them are made of syllables and endings, so that there are as many as in what
// an account writes in years, and so that they inflect.

// vocabularySize is how many words a language has.
const vocabularySize = 40_000

var (
	smallFrench  = strings.Fields("de la le et les des en un une du que est pour qui dans sur pas plus ne au avec ce il se sont par mais nous vous on cette ou aux leur bien si tout comme même sans je y fait être ont ces elle son très où encore aussi")
	smallEnglish = strings.Fields("the to of and a in is that for it on you with this be are as have not but at they we or from an so by all just what if about more their has can out one up when like who no there will was my how do your them")

	onsets       = strings.Fields("b c d f g l m n p r s t v br ch cl cr dr fl gr pl pr tr st qu j")
	vowels       = strings.Fields("a e i o u a e i o ou ai é")
	codas        = []string{"", "", "", "n", "r", "l", "s", "t"}
	endFrench    = []string{"", "e", "es", "s", "er", "ent", "ement", "ation", "ations", "ique", "iques", "eur", "eurs", "able", "ité", "ée", "ées"}
	endEnglish   = []string{"", "s", "ed", "ing", "er", "ers", "ly", "ness", "ation", "ations", "able", "ment", "al", "ous", "y", "ies"}
	closeFrench  = []string{".", ".", ".", " !", " ?", "…", " :", ""}
	closeEnglish = []string{".", ".", ".", "!", "?", "...", ":", ""}
)

// everydaySentences makes the sentences of one post: all plain, or one with a claim among
// them.
func everydaySentences(r *rand.Rand) func(*rand.Rand, bool) string {
	claims := r.IntN(2) == 0
	return func(r *rand.Rand, french bool) string {
		if claims {
			claims = false
			return generatedSentence(r, french)
		}
		return plainSentence(r, french)
	}
}

// plainSentence is some words, of which most often every second is a small one.
func plainSentence(r *rand.Rand, french bool) string {
	var b strings.Builder
	for i := range 5 + r.IntN(14) {
		word := vocabularyWord(zipf(r), french)
		if i > 0 {
			b.WriteByte(' ')
			b.WriteString(word)
			continue
		}
		first, size := utf8.DecodeRuneInString(word)
		b.WriteRune(unicode.ToUpper(first))
		b.WriteString(word[size:])
	}
	ends := closeEnglish
	if french {
		ends = closeFrench
	}
	b.WriteString(pick(r, ends))
	return b.String()
}

// zipf is the rank of a word, from 0 on. The logarithm of a rank is spread evenly: so the
// chance of a rank falls as the rank grows.
func zipf(r *rand.Rand) int {
	return int(math.Exp(r.Float64()*math.Log(vocabularySize+1))) - 1
}

// vocabularyWord is the word of a rank.
func vocabularyWord(rank int, french bool) string {
	small, ends, seed := smallEnglish, endEnglish, uint64(1)
	if french {
		small, ends, seed = smallFrench, endFrench, 2
	}
	if rank < len(small) {
		return small[rank]
	}
	// Words of one family have one stem, and follow each other.
	stem := rand.New(rand.NewPCG(seed, uint64(rank/3)))
	var b strings.Builder
	for range stem.IntN(3) {
		b.WriteString(pick(stem, onsets))
		b.WriteString(pick(stem, vowels))
	}
	b.WriteString(pick(stem, onsets))
	b.WriteString(pick(stem, vowels))
	b.WriteString(pick(stem, codas))
	return b.String() + ends[(stem.IntN(len(ends))+rank%3*5)%len(ends)]
}
