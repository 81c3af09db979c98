package analysis

import (
	"skyarchive/analysis/topic"
	"skyarchive/analysis/words"
	"skyarchive/atproto"
)

// Version names the rules of this package and of those it stands on. It changes whenever
// some post could be analysed differently.
const Version = "1"

// An Analyzer reads topics, claims and quantities out of posts. It uses its buffers again
// and serves one goroutine at a time.
type Analyzer struct {
	taxonomy *topic.Taxonomy
	topics   []topic.Topic
	matcher  *topic.Matcher
	folder   words.Folder
}

// NewAnalyzer returns an analyzer that tags by a taxonomy.
func NewAnalyzer(taxonomy *topic.Taxonomy) *Analyzer {
	return &Analyzer{taxonomy: taxonomy, topics: taxonomy.Topics(), matcher: taxonomy.NewMatcher()}
}

// Posts analyses the posts of one thread, in reading order: a source named in one post
// speaks in the next too where a quotation goes on. A post outside threads is a thread of
// its own.
func (a *Analyzer) Posts(posts ...*atproto.Post) []PostAnalysis {
	list := make([]PostAnalysis, 0, len(posts))
	for _, p := range posts {
		list = append(list, a.post(p))
	}
	return list
}

func (a *Analyzer) post(p *atproto.Post) PostAnalysis {
	text := a.folder.Fold(p.Text)
	lang := text.Language(p.Langs)
	found := a.matcher.Find(text, lang)
	result := PostAnalysis{URI: p.URI, Lang: lang, Passages: []Passage{}}
	for _, s := range Segments(text) {
		passage := Passage{Span: s.Span, Text: p.Text[s.Start:s.End], Topics: []TopicTag{}, Quantities: []Quantity{}}
		for _, t := range a.matcher.Tags(found, words.Span(s.Span)) {
			tag := TopicTag{Topic: t.Topic, Score: t.Score}
			for _, e := range t.Evidence {
				tag.Evidence = append(tag.Evidence, Evidence{Span: Span(e.Span), Rule: e.Rule})
			}
			passage.Topics = append(passage.Topics, tag)
		}
		result.Passages = append(result.Passages, passage)
	}
	return result
}
