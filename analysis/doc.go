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
// measure it. Of a post, a seventh goes into folding and splitting it, a fifth into topics, a
// fifth into quantities and times, and no function has more than a tenth of its own: what is
// left is spread thin. Worth it were one hash a word for every list it is looked up in
// ([words.Lexicon]), buffers kept in the [Analyzer], appending JSON by hand where
// encoding/json took longer than the analysis, and a look at the first letter before a word
// is cut out and compared. Not worth it were: sharing the folded text with its buffer, which
// saves one allocation and would let results change behind their reader's back; one automaton
// for all lists, since a switch over short words costs a few nanoseconds; and a second
// goroutine inside the analysis, which has no state to share between threads: whoever has
// more than one core takes one Analyzer each.
package analysis
