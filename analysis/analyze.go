package analysis

import (
	"strings"

	"skyarchive/analysis/quantity"
	"skyarchive/analysis/topic"
	"skyarchive/analysis/words"
	"skyarchive/atproto"
)

// Version names the rules of this package and of those it stands on. It changes whenever
// some post could be analysed differently.
const Version = "8"

// An Analyzer reads topics, claims and quantities out of posts. It uses its buffers again
// and serves one goroutine at a time.
type Analyzer struct {
	taxonomy *topic.Taxonomy
	matcher  *topic.Matcher // of the taxonomy and the cues
	topics   int            // how many the taxonomy has; those of the cues follow
	folder   words.Folder
	masks    []words.Span
	features []features
	text     reading
}

// NewAnalyzer returns an analyzer that tags by a taxonomy.
func NewAnalyzer(taxonomy *topic.Taxonomy) *Analyzer {
	return &Analyzer{taxonomy: taxonomy, matcher: taxonomy.NewMatcher(cues()), topics: len(taxonomy.Topics())}
}

// A memory is what the posts of a thread have said before the one that is read.
type memory struct {
	source *Attribution // the last one named
	quote  bool         // the post before ends inside a quotation
	claim  string       // its last claim
}

// Posts analyses the posts of one thread, in reading order: a source named in one post
// speaks in the next too where a quotation goes on. A post outside threads is a thread of
// its own.
func (a *Analyzer) Posts(posts ...*atproto.Post) []PostAnalysis {
	list := make([]PostAnalysis, 0, len(posts))
	var m memory
	for _, p := range posts {
		list = append(list, a.post(p, &m))
	}
	return list
}

func (a *Analyzer) post(p *atproto.Post, m *memory) PostAnalysis {
	a.masks = a.masks[:0]
	for _, f := range p.Facets {
		if f.Kind != atproto.FacetTag {
			a.masks = append(a.masks, words.Span{Start: f.Start, End: f.End})
		}
	}
	text := a.folder.Fold(p.Text, a.masks...)
	lang := text.Language(p.Langs)
	segments := Segments(text)
	result := PostAnalysis{URI: p.URI, Lang: lang, Passages: make([]Passage, len(segments))}
	numbers := quantity.Find(text, lang)
	found := a.matcher.Find(text, lang)
	split := 0
	for split < len(found) && found[split].Topic < a.topics {
		split++
	}
	found, cued := found[:split], found[split:]
	for i, s := range segments {
		passage := &result.Passages[i]
		*passage = Passage{Span: s.Span, Text: p.Text[s.Start:s.End], Topics: []TopicTag{}, Quantities: []Quantity{}}
		for len(numbers) > 0 && numbers[0].Start < s.End {
			passage.Quantities = append(passage.Quantities, numbers[0])
			numbers = numbers[1:]
		}
		passage.addTopics(a.matcher.Tags(found, s.Span))
		if s.Bullet && s.Head.Start < s.Head.End && s.Head.End <= s.Start {
			// The head of a bullet speaks for its later sentences too.
			passage.addTopics(a.matcher.Tags(found, s.Head))
		}
	}
	a.text.read(text, lang)
	a.claims(p, cued, segments, result.Passages, m)
	return result
}

// addTopics adds tags that the passage does not have yet.
func (p *Passage) addTopics(tags []topic.Tag) {
	for _, t := range tags {
		if p.hasTopic(t.Topic) {
			continue
		}
		tag := TopicTag{Topic: t.Topic, Score: t.Score, Evidence: make([]Evidence, len(t.Evidence))}
		for i, e := range t.Evidence {
			tag.Evidence[i] = Evidence{Span: e.Span, Rule: e.Rule}
		}
		p.Topics = append(p.Topics, tag)
	}
}

func (p *Passage) hasTopic(slug string) bool {
	for _, t := range p.Topics {
		if t.Topic == slug {
			return true
		}
	}
	return false
}

// topicOfItsOwn reports whether the passage itself shows a topic, and not only the head of
// its bullet: a pointer in front of a text makes nothing in it a claim.
func (p *Passage) topicOfItsOwn() bool {
	for _, t := range p.Topics {
		for _, e := range t.Evidence {
			if e.End > p.Start {
				return true
			}
		}
	}
	return false
}

// claims fills the claims of the passages in.
func (a *Analyzer) claims(p *atproto.Post, cued []topic.Finding, segments []Segment, passages []Passage, m *memory) {
	t := &a.text
	a.features = a.features[:0]
	times := quantity.Times(t.Text, t.lang)
	rest := times
	for i, s := range segments {
		var when []quantity.Time
		when, rest = cutTimes(rest, s.End)
		f := readFeatures(t, s, cued, a.topics, len(passages[i].Quantities), len(when))
		switch {
		case passages[i].topicOfItsOwn():
			f.add(hasTopic)
		case t.lang != "en" && f&anchors == 0:
			f.add(isUnanchored)
		}
		a.features = append(a.features, f)
	}
	name := namer{post: p, text: t, cued: cued, cues: a.topics}
	quoted := m.quote
	last, opening := "", 0
	if len(segments) > 1 && segments[0].Number {
		opening = 1
	}
	for i, s := range segments {
		f := a.features[i]
		source, pronoun := name.find(s)
		continued := quoted && i == opening
		if source == nil && m.source != nil && (pronoun || continued || i == opening && startsQuoted(t, s)) {
			source = m.source
		} else if source != nil {
			m.source = source
		}
		if source != nil && !name.byCase {
			f.add(sourceNamed)
		}
		var when []quantity.Time
		when, times = cutTimes(times, s.End)
		if s.Hashtags || contradicts(t, s, f) && i > opening {
			continue
		}
		score := f.score()
		if score < threshold-1e-9 { // sums of decimals are not exact
			continue
		}
		contradicted := i+1 < len(segments) && contradicts(t, segments[i+1], a.features[i+1])
		claim := &Claim{
			ID: ClaimID(p.URI, p.CID, s.Span), Score: round(min(score, certainScore)), Kind: kindOf(f),
			Stance: stanceOf(f, contradicted, source), When: newWhen(when), Why: f.why(),
		}
		claim.CheckWorthy = claim.Stance != Asks
		if source != nil {
			claim.Attribution = source
		}
		if continued && m.claim != "" {
			claim.Continues = m.claim
		}
		passages[i].Claim = claim
		last = claim.ID
	}
	m.claim = last
	m.quote = openQuote(p.Text) || strings.HasSuffix(strings.TrimSpace(p.Text), "…") && quoted
}

// cutTimes splits a list at the end of a segment.
func cutTimes(list []quantity.Time, end int) (inside, after []quantity.Time) {
	i := 0
	for i < len(list) && list[i].Start < end {
		i++
	}
	return list[:i], list[i:]
}

func newWhen(times []quantity.Time) []When {
	list := make([]When, len(times))
	for i, t := range times {
		list[i] = When{Span: t.Span, Raw: t.Raw}
		if t.From != "" {
			list[i].From = &times[i].From
		}
		if t.To != "" {
			list[i].To = &times[i].To
		}
	}
	return list
}

// round keeps two decimals, so that a score prints the same everywhere.
func round(x float64) float64 { return float64(int(x*100+0.5)) / 100 }
