// Package topic tags texts with topics: which ones, in which words, by which rule.
//
// A [Taxonomy] is read from a YAML file; the one of the program is embedded, and its opening
// comment documents every field. A person's file adds topics and terms to it or switches
// some off ([Taxonomy.Extend]).
//
// A word alone is not enough: "au courant" is no electricity and "une mine d'or" no metal.
// So there are four kinds of rules. A term shows its topic wherever it stands. A near word
// does so only in company. A mask takes words out of the game, unless a longer term covers
// them. A frame is two lists of words that must meet, for what is described and not named:
// "more efficient ... so we use more of it".
//
// Reading a taxonomy checks it; what it names is known from then on. When something is
// matched for the first time its terms are spelled out into one tree, word by word, a word and
// its plurals being one family. Matching looks each word of the text up once and walks the
// tree from it, so its time depends on the text and not on how much the taxonomy knows.
package topic
