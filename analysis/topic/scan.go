package topic

import (
	"slices"

	"skyarchive/analysis/words"
)

// languagesOf are the lists that count in a text: those of its language, or of both where
// it is not known.
func languagesOf(lang string) language {
	switch lang {
	case "fr":
		return french | anyLanguage
	case "en":
		return english | anyLanguage
	case "":
		return french | english | anyLanguage
	}
	return anyLanguage
}

// scan walks the tree from each word and sorts out what it meets.
func (m *Matcher) scan(text *words.Text, langs language) {
	tree := m.tree
	n := len(text.Tokens)
	m.ids = m.ids[:0]
	for i := range n {
		m.ids = append(m.ids, tree.words.Of(text, i))
	}
	m.terms, m.near = m.terms[:0], m.near[:0]
	for i := range m.sources {
		m.sources[i] = m.sources[i][:0]
	}
	for i := range m.cover {
		m.cover[i] = slices.Grow(m.cover[i][:0], n)[:n]
		clear(m.cover[i])
	}
	m.walk(text, langs)
	for _, x := range m.met {
		m.mask(x)
	}
	for _, x := range m.met {
		m.collect(x)
	}
}

// walk notes every node that the words of a text lead to.
func (m *Matcher) walk(text *words.Text, langs language) {
	tree := m.tree
	m.met, m.nodes = m.met[:0], append(m.nodes[:0], 0)
	for i := range m.ids {
		allowed := langs
		if text.Tokens[i].Is(words.Hashtag) {
			// Hashtags are in any language, and often written in one word.
			allowed = french | english | anyLanguage
			if nodes := m.hashtag(text.Word(i)); !nodes.empty() {
				m.met = append(m.met, meeting{nodes, allowed, hit{int32(i), int32(i)}})
			}
		}
		nodes := root
		for j := i; j < len(m.ids); j++ {
			next := m.step(nodes, m.ids[j])
			if next.empty() {
				if other := text.Other(j); other != "" {
					next = m.step(nodes, tree.words.Find(other))
				}
			}
			if next.empty() && (text.Tokens[j].Kind == words.Number || tree.spelled[m.ids[j]]) {
				next = m.stepNumber(nodes)
			}
			if next.empty() {
				break
			}
			nodes = next
			if m.shows(nodes) {
				m.met = append(m.met, meeting{nodes, allowed, hit{int32(i), int32(j)}})
			}
		}
	}
}

// step is where a word leads from some nodes: nowhere, mostly.
func (m *Matcher) step(from nodeRange, word uint32) nodeRange {
	tree, start := m.tree, int32(len(m.nodes))
	if from == root {
		m.nodes = append(m.nodes, tree.beginnings.of(word)...)
		return nodeRange{start, int32(len(m.nodes))}
	}
	for i := from.from; i < from.to; i++ {
		at := m.nodes[i]
		node := tree.nodes[at]
		for _, family := range tree.families.of(word) {
			if node.mayLead(family) {
				if next := tree.edges.next(at, family); next > 0 {
					m.nodes = append(m.nodes, next)
				}
			}
		}
	}
	return nodeRange{start, int32(len(m.nodes))}
}

// stepNumber is where any number leads from some nodes.
func (m *Matcher) stepNumber(from nodeRange) nodeRange {
	start := int32(len(m.nodes))
	for i := from.from; i < from.to; i++ {
		if next := m.tree.next(m.nodes[i], m.tree.number); next > 0 {
			m.nodes = append(m.nodes, next)
		}
	}
	return nodeRange{start, int32(len(m.nodes))}
}

// shows says that a phrase ends at one of the nodes.
func (m *Matcher) shows(nodes nodeRange) bool {
	for _, node := range m.nodes[nodes.from:nodes.to] {
		if m.tree.nodes[node].head > 0 {
			return true
		}
	}
	return false
}

// find collects what a meeting stands for beside masks, by the order of the file, each once.
func (m *Matcher) find(x meeting) {
	tree := m.tree
	m.outputs = m.outputs[:0]
	for _, node := range m.nodes[x.nodes.from:x.nodes.to] {
		for i := tree.nodes[node].head; i > 0; i = tree.outputs[i].next {
			if out := &tree.outputs[i]; out.what != isMask && out.langs&x.langs != 0 {
				m.outputs = append(m.outputs, i)
			}
		}
	}
	if len(m.outputs) > 1 && x.nodes.to-x.nodes.from > 1 {
		slices.Sort(m.outputs)
		once := m.outputs[:0]
		for _, i := range m.outputs {
			if !slices.ContainsFunc(once, func(k uint32) bool { return tree.outputs[k].isLike(&tree.outputs[i]) }) {
				once = append(once, i)
			}
		}
		m.outputs = once
	}
}

// mask notes the masks of a meeting, the longest for each token.
func (m *Matcher) mask(x meeting) {
	for _, node := range m.nodes[x.nodes.from:x.nodes.to] {
		for i := m.tree.nodes[node].head; i > 0; i = m.tree.outputs[i].next {
			out := &m.tree.outputs[i]
			if out.what != isMask || out.langs&x.langs == 0 {
				continue
			}
			cover := m.cover[out.group]
			for k := x.first; k <= x.last; k++ {
				if x.last-x.first >= cover[k].last-cover[k].first {
					cover[k] = hit{x.first, x.last + 1} // one more, so that zero is no mask
				}
			}
		}
	}
}

// collect keeps what a meeting stands for, unless a mask covers it or goes on after it. A
// mask of the very same words does not.
func (m *Matcher) collect(x meeting) {
	tree := m.tree
	if x.nodes.to-x.nodes.from > 1 || tree.without {
		m.find(x)
		for _, i := range m.outputs {
			if out := &tree.outputs[i]; !tree.without || !m.isWithout(out) {
				m.take(out, x)
			}
		}
		return
	}
	for i := tree.nodes[m.nodes[x.nodes.from]].head; i > 0; i = tree.outputs[i].next {
		if out := &tree.outputs[i]; out.langs&x.langs != 0 {
			m.take(out, x)
		}
	}
}

// take keeps one of the things that a meeting stands for.
func (m *Matcher) take(out *output, x meeting) {
	if out.what == isMask {
		return
	}
	cover := m.cover[out.group]
	if c := cover[x.first]; c.last > x.last && c != (hit{x.first, x.last + 1}) || cover[x.last].last > x.last+1 {
		return
	}
	switch out.what {
	case isTerm:
		m.terms = append(m.terms, termHit{x.hit, out.index, out.rule})
	case isNear:
		m.near = append(m.near, termHit{x.hit, out.index, out.rule})
	case isSet:
		m.sources[out.index] = append(m.sources[out.index], x.hit)
	}
}

// isWithout says that an output of the meeting at hand is of a topic for which these words do
// not count.
func (m *Matcher) isWithout(out *output) bool {
	topic := int(out.index)
	switch out.what {
	case isNear:
		topic = m.tree.near[out.index].topic
	case isTerm:
	default:
		return false
	}
	return slices.ContainsFunc(m.outputs, func(i uint32) bool {
		other := &m.tree.outputs[i]
		return other.what == isWithout && int(other.index) == topic
	})
}

// license decides which near words stand close to a set of their rule or to a term of their
// topic. The lists are in order, so only their close parts are looked at.
func (m *Matcher) license() {
	m.licensed = slices.Grow(m.licensed[:0], len(m.near))[:len(m.near)]
	clear(m.licensed)
	for i, h := range m.near {
		rule := &m.tree.near[h.index]
		for _, source := range rule.with {
			if m.licensed[i] = m.closeTo(m.sources[source], h.hit, rule.within); m.licensed[i] {
				break
			}
		}
		if m.licensed[i] {
			continue
		}
		from, _ := slices.BinarySearchFunc(m.terms, h.first-rule.within-longestTerm, func(x termHit, first int32) int { return int(x.first - first) })
		for _, t := range m.terms[from:] {
			if t.first > h.last+rule.within {
				break
			}
			if d := apart(t.hit, h.hit); int(t.index) == rule.topic && d > 0 && d <= rule.within {
				m.licensed[i] = true
				break
			}
		}
	}
}

// closeTo reports whether a hit of the list stands within so many words of h, is not part of
// it and says something else: a word is no company for itself. The list is in order.
func (m *Matcher) closeTo(list []hit, h hit, within int32) bool {
	i, _ := slices.BinarySearchFunc(list, h.first-within-longestTerm, func(x hit, first int32) int { return int(x.first - first) })
	for ; i < len(list) && list[i].first <= h.last+within; i++ {
		if d := apart(list[i], h); d > 0 && d <= within && !slices.Equal(m.ids[list[i].first:list[i].last+1], m.ids[h.first:h.last+1]) {
			return true
		}
	}
	return false
}

// apart is the distance of two hits in words: 1 for neighbours, 0 or less if they overlap.
func apart(a, b hit) int32 {
	if a.first > b.last {
		return a.first - b.last
	}
	return b.first - a.last
}

// findFrames joins the sets of each frame, the closest ones first.
func (m *Matcher) findFrames(text *words.Text) {
	tree := m.tree
	for f := range tree.frames {
		check := &tree.frames[f]
		a, b := m.sources[check.parts[0]], m.sources[check.parts[1]]
		if len(a) == 0 || len(b) == 0 {
			continue
		}
		list := m.sources[check.into]
		shown := slices.IndexFunc(tree.shown, func(s frameTopic) bool { return s.source == check.into })
		until := int32(-1) // where the last one that was kept ends
		for _, x := range a {
			y, ok := closest(b, x, check)
			if !ok {
				continue
			}
			list = append(list, hit{min(x.first, y.first), max(x.last, y.last)})
			if shown < 0 || min(x.first, y.first) <= until {
				continue
			}
			until = max(x.last, y.last)
			if y.first < x.first {
				x, y = y, x
			}
			m.found = append(m.found, Finding{
				Topic: tree.shown[shown].topic, Rule: tree.rules[tree.shown[shown].rule], Score: frameScore,
				Span:   text.TokenSpan(int(y.first), int(y.last)),
				Second: text.TokenSpan(int(x.first), int(x.last)),
				First:  int(y.first), Last: int(y.last),
			})
		}
		m.sources[check.into] = list
	}
}

// closest returns the hit of the list that is closest to x, apart from it and close enough.
// Where one of the two is a frame, the other may stand between its parts.
func closest(list []hit, x hit, check *frameCheck) (best hit, found bool) {
	from := x.first - check.within - longestFrame
	if check.ordered {
		from = x.last
	}
	i, _ := slices.BinarySearchFunc(list, from, func(y hit, first int32) int { return int(y.first - first) })
	distance := check.within + 1
	for ; i < len(list) && list[i].first <= x.last+check.within; i++ {
		d := apart(list[i], x)
		if check.inside && (between(list[i], x) || between(x, list[i])) {
			d = 1
		}
		if d > 0 && d < distance {
			best, found, distance = list[i], true, d
		}
	}
	return best, found
}

// between reports whether a stands between the first and the last word of b.
func between(a, b hit) bool { return a.first > b.first && a.last < b.last }
