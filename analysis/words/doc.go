// Package words makes texts comparable: it folds case, accents, apostrophes and spaces,
// splits words, and stems them for search, always with a way back to the bytes of the
// original.
//
// Everything that matches words in a post works on a [Text]: the topics, the quantities and
// the index. A Text is made once for a post and shared by them, and so is the hash of each of
// its words, by which a [Lexicon] finds it.
package words

// Version names the words this package makes. It changes whenever the words or stems of
// some text change, so that an index knows that it is stale.
const Version = "3"
