package words

import (
	"hash/maphash"
	"math/bits"
	"slices"
)

// A Lexicon numbers words, from 1 in the order in which they are added. Looking a token of a
// [Text] up uses the hash that was taken of its word once, so a text can be looked up in many.
// A lexicon that is not added to any more may be used by several goroutines.
type Lexicon struct {
	slots []slot   // a hash table with open addresses, at most half full
	words []string // by number less one
}

type slot struct{ hash, number uint32 }

// The seed is another in every run: it decides where a word stands in a table, and nothing
// that can be seen.
var seed = maphash.MakeSeed()

func hash(word string) uint32 { return uint32(maphash.String(seed, word)) }

// NewLexicon returns a lexicon of words.
func NewLexicon(words ...string) *Lexicon {
	l := &Lexicon{}
	for _, w := range words {
		l.Add(w)
	}
	return l
}

// Grow makes room for so many words more.
func (l *Lexicon) Grow(words int) {
	l.words = slices.Grow(l.words, words)
	if size := 1 << bits.Len(uint(2*(len(l.words)+words)-1)); size > len(l.slots) {
		l.rehash(size)
	}
}

// Len is how many words there are, which is the greatest number.
func (l *Lexicon) Len() int { return len(l.words) }

// Add returns the number of a folded word, a new one if it has none yet.
func (l *Lexicon) Add(word string) uint32 {
	h := hash(word)
	if n := l.find(h, word); n > 0 {
		return n
	}
	l.words = append(l.words, word)
	if 2*len(l.words) > len(l.slots) {
		l.rehash(max(16, 2*len(l.slots)))
	} else {
		l.put(h, uint32(len(l.words)))
	}
	return uint32(len(l.words))
}

// rehash gives the table a size, a power of two.
func (l *Lexicon) rehash(size int) {
	l.slots = make([]slot, size)
	for i, w := range l.words {
		l.put(hash(w), uint32(i+1))
	}
}

func (l *Lexicon) put(h, number uint32) {
	mask := uint32(len(l.slots) - 1)
	i := h & mask
	for l.slots[i].number > 0 {
		i = (i + 1) & mask
	}
	l.slots[i] = slot{h, number}
}

// Find returns the number of a folded word, or 0.
func (l *Lexicon) Find(word string) uint32 { return l.find(hash(word), word) }

// Of returns the number of the word of token i, or 0.
func (l *Lexicon) Of(t *Text, i int) uint32 {
	return l.find(t.Tokens[i].hash, t.Word(i))
}

func (l *Lexicon) find(h uint32, word string) uint32 {
	mask := uint32(len(l.slots) - 1)
	for i := h & mask; len(l.slots) > 0; i = (i + 1) & mask {
		s := l.slots[i]
		if s.number == 0 {
			break
		}
		if s.hash == h && l.words[s.number-1] == word {
			return s.number
		}
	}
	return 0
}
