// Package analysis reads posts: which of them make a thread, which passages are about what,
// what they claim, and who says so. It knows no network and no database; the same posts, code
// and taxonomy always give the same result.
//
// # Threads
//
// [Thread] and [Join] name what is assembled from replies, thread numbers and quotes, and why.
//
// # Passages
//
// [Segments] cuts a text into sentences and bullets. An [Analyzer] tags each with topics and
// quantities: what a bullet names first is the topic of all its sentences.
//
// # Claims
//
// A claim is an assertion that somebody could check. No model decides that, but a sum that
// people can read: cues.yaml names the words of features (a source, a trend, a wish, a joke),
// claim.go says what each is worth, and the claim lists the features it was taken for. A
// sentence with a finite verb starts above the threshold and is argued down; a headline
// without one starts at nothing and has to report an event or a number. Verbs are known by
// lists, endings and neighbours, so that capitals or missing accents change nothing.
//
// # Who says so
//
// A [Stance] tells what the author asserts from what somebody else says, what is quoted to
// be contradicted, and what is asked. A pronoun speaks for the last source of the post; a
// quotation that goes on in the next post of the thread belongs to the source that began it,
// and its claim names the one it continues. An [Attribution] carries the account or the page
// only where the post itself marks one.
//
// # Speed
//
// BenchmarkPosts, BenchmarkThreads and, for the whole pipe, BenchmarkAnalyze in cmd/skyarchive
// measure it. Of a post a seventh goes into folding and splitting it, a fifth into quantities
// and times, an eighth into topics; the rest is spread over segments, features, sources and
// the result. Worth it were one hash a word for every list in which it is looked up
// ([words.Lexicon]), JSON appended by hand where encoding/json took longer than the analysis,
// the URI of a post checked without expressions, and a look at the first letter before a word
// is cut out and compared. Left alone: the folded text shares no memory with its buffer, which
// would save one allocation a post and let dates read from it change later; and an Analyzer
// starts no goroutine: whoever has more than one core takes one Analyzer for each.
package analysis
