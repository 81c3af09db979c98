// Package search is the query language of an archive: what a person types, parsed once,
// answered by every backend.
//
// # The language
//
//	eau refroidissement        both words, in any inflection, with and without accents
//	"empreinte carbone"        the words as they stand; « » and “ ” are quotes too
//	électri*                   words that start so
//	-avion                     not this word; -"a phrase", -topic:water and -(a b) too
//	eau OR métaux              either one, in capitals
//	topic:water has:number     properties; see [Fields]
//	(eau OR métaux) has:link   parentheses group
//
// OR binds closer than words side by side: eau OR métaux has:number asks for a number in
// both cases, because filters are typed behind the words that they narrow.
//
// Anything else is plain text and never an error: a quote that nobody closes, a parenthesis
// too many, AND, a colon in a time of day. What was understood in another way than it may
// have been meant is said in a [Hint]. In a flag the same mistake is an error ([NewField]),
// because a flag is not prose.
//
// # Words
//
// Texts and queries are cut into words by the same code, analysis/words, so "2 %" and "2%"
// or "50 000" and "50000" are one word, and l'eau is eau. A word of a query matches by its
// French or its English stem, or as it stands; prefixes and phrases match words as they
// stand. Words typed as one, such as effet-rebond or a web address, must stand close
// together.
//
// # What a query selects
//
// Of posts: those that meet it; its fields may be met by different claims of a post. Of
// threads: those of which one post meets it. Of claims: those whose own topic, kind, status,
// verdict, numbers and source meet it, in a post that has the words: a claim is read in
// its post, and often says "it".
package search
