package topic

import (
	"cmp"
	"iter"
	"slices"
	"sort"

	"skyarchive/analysis/words"
)

// How sure a rule is by itself.
const (
	termScore  = 0.9
	frameScore = 0.8
	nearScore  = 0.7
)

// No term has more words than this, and no frame that is a part of another.
const (
	longestTerm  = 12
	longestFrame = 30
)

// A Tag says that a text is about a topic, and why.
type Tag struct {
	Topic    string
	Score    float64 // from 0 to 1
	Evidence []Evidence
}

// Evidence is the range of the original text that a rule found.
type Evidence struct {
	words.Span
	Rule string
}

// A Finding is one rule that found words of a text.
type Finding struct {
	Topic  int // in the order of [Taxonomy.Topics]
	Rule   string
	Score  float64
	Span   words.Span
	Second words.Span // the other half of a frame, where it has one
	First  int        // the first token of Span
	Last   int        // the last one, included
}

// A Matcher finds topics and uses its buffers again. It serves one goroutine at a time.
type Matcher struct {
	tree     *tree
	ids      []uint32
	nodes    []uint32 // that the words lead to, the root first
	met      []meeting
	outputs  []uint32 // of a meeting
	cover    [][]hit  // by group and token: the longest mask over it
	terms    []termHit
	near     []termHit
	sources  [][]hit // by set, then by frame
	found    []Finding
	keys     []key
	sorted   []Finding
	licensed []bool
}

// A meeting is the nodes of the tree that a range of tokens reached.
type meeting struct {
	nodes nodeRange
	langs language
	hit
}

// A nodeRange is some of a matcher's nodes.
type nodeRange struct{ from, to int32 }

// root is the root of the tree alone.
var root = nodeRange{0, 1}

func (r nodeRange) empty() bool { return r.from == r.to }

// A hit is a range of tokens, both ends included. A frame also names its two halves.
type hit struct{ first, last int32 }

type termHit struct {
	hit
	index uint16
	rule  uint32
}

// NewMatcher returns a matcher of the taxonomy. It also matches others in the same pass:
// their topics are numbered after those of t, and their masks concern only themselves.
func (t *Taxonomy) NewMatcher(others ...*Taxonomy) *Matcher {
	tree := t.compiled(others)
	return &Matcher{tree: tree, sources: make([][]hit, tree.sources), cover: make([][]hit, tree.groups)}
}

// Match returns the topics of the range of a text, in the order of [Taxonomy.Topics]. The
// language is "fr", "en", another code, or "" where it is not known.
func (t *Taxonomy) Match(text *words.Text, lang string, span words.Span) []Tag {
	m, ok := t.pool.Get().(*Matcher)
	if !ok {
		m = t.NewMatcher()
	}
	defer t.pool.Put(m)
	return m.Tags(m.Find(text, lang), span)
}

// Tags sums the findings inside a range up, by topic. A finding of two halves belongs to
// the range where the later one ends.
func (m *Matcher) Tags(found []Finding, span words.Span) []Tag {
	var tags []Tag
	for f := range Inside(found, span) {
		slug := m.tree.topics[f.Topic]
		if len(tags) == 0 || tags[len(tags)-1].Topic != slug {
			tags = append(tags, Tag{Topic: slug})
		}
		tag := &tags[len(tags)-1]
		tag.Score = 1 - (1-tag.Score)*(1-f.Score)
		if f.Second.End > 0 && f.Second.Start < f.Span.Start {
			tag.Evidence = append(tag.Evidence, Evidence{f.Second, f.Rule})
		}
		tag.Evidence = append(tag.Evidence, Evidence{f.Span, f.Rule})
	}
	for i := range tags {
		tags[i].Score = float64(int(min(tags[i].Score, 0.99)*100+0.5)) / 100
	}
	return tags
}

// Inside yields the findings that start in a range, out of what Find returned.
func Inside(found []Finding, span words.Span) iter.Seq[*Finding] {
	return func(yield func(*Finding) bool) {
		for len(found) > 0 {
			topic := found[0].Topic
			end := sort.Search(len(found), func(i int) bool { return found[i].Topic > topic })
			i := sort.Search(end, func(i int) bool { return found[i].Span.Start >= span.Start })
			for ; i < end && found[i].Span.Start < span.End; i++ {
				if !yield(&found[i]) {
					return
				}
			}
			found = found[end:]
		}
	}
}

// Find returns everything found in a text, by topic and then by place. The result is valid
// until the next call.
func (m *Matcher) Find(text *words.Text, lang string) []Finding {
	m.scan(text, languagesOf(lang))
	m.found = m.found[:0]
	for _, h := range m.terms {
		m.keep(text, int(h.index), h.rule, termScore, h.hit)
	}
	m.license()
	for i, h := range m.near {
		if m.licensed[i] {
			m.keep(text, m.tree.near[h.index].topic, h.rule, nearScore, h.hit)
		}
	}
	m.findFrames(text)
	return m.inOrder()
}

// inOrder sorts the findings, which are large, by small keys: the topic, the place, and the
// order in which they were found.
func (m *Matcher) inOrder() []Finding {
	m.keys, m.sorted = m.keys[:0], m.sorted[:0]
	for i, f := range m.found {
		m.keys = append(m.keys, key{uint64(f.Topic)<<48 | uint64(f.Span.Start), i})
	}
	slices.SortFunc(m.keys, func(a, b key) int {
		if c := cmp.Compare(a.place, b.place); c != 0 {
			return c
		}
		return a.index - b.index
	})
	for _, k := range m.keys {
		m.sorted = append(m.sorted, m.found[k.index])
	}
	return m.sorted
}

// A key orders a finding.
type key struct {
	place uint64
	index int
}

func (m *Matcher) keep(text *words.Text, topic int, rule uint32, score float64, h hit) {
	m.found = append(m.found, Finding{
		Topic: topic, Rule: m.tree.rules[rule], Score: score,
		Span: text.TokenSpan(int(h.first), int(h.last)), First: int(h.first), Last: int(h.last),
	})
}
