package topic

import (
	"iter"
	"slices"
	"strings"

	"skyarchive/analysis/words"
)

// what an output of the tree stands for.
type what uint8

const (
	isTerm what = iota // index: topic
	isNear             // index: near rule
	isMask
	isSet // index: set
)

// An output says what a phrase of the tree stands for.
type output struct {
	what  what
	langs language
	group uint8 // which taxonomy
	index uint16
	rule  uint32 // in tree.rules
	next  uint32 // the next output of the node, or 0
}

// A tree holds every phrase of a taxonomy, word by word. Node 0 is the root.
type tree struct {
	words   *words.Lexicon
	number  uint32   // the word for any number
	spelled []bool   // by word: whether it is a number
	first   []uint32 // by word: the node of phrases that start with it
	edges   edges    // from other nodes
	heads   []uint32 // by node: its first output, or 0
	outputs []output // numbered from 1
	rules   []string
	near    []nearCheck
	frames  []frameCheck
	sources int // sets and frames
	topics  []string
	shown   []frameTopic
	groups  int
}

// A nearCheck is a near rule with its sets resolved.
type nearCheck struct {
	topic  int
	with   []int // sources
	within int32
}

// A frameCheck joins two sources into a third.
type frameCheck struct {
	parts   [2]int
	into    int  // the source it makes
	inside  bool // a part is a frame, and the other part may stand between its two
	within  int32
	ordered bool
}

// A frameTopic is a frame that shows a topic.
type frameTopic struct {
	source, topic int
	rule          uint32
}

// How many phrases and words a tree is made for. It only saves growing.
const (
	expectedPhrases = 1 << 17
	expectedWords   = 1 << 15
)

// compile builds one tree of several sources, each a group whose masks do not concern the
// others. The sources have been checked.
func compile(sources ...*source) *tree {
	t := &tree{
		words: words.NewLexicon(), first: make([]uint32, 1, expectedWords), edges: newEdges(2 * expectedPhrases),
		heads: make([]uint32, 1, expectedPhrases), outputs: make([]output, 1, expectedPhrases), groups: len(sources),
	}
	t.words.Grow(expectedWords)
	c := compiler{tree: t, fields: make(map[string][][]uint32, expectedWords/2)}
	for i, s := range sources {
		c.source, c.names, c.group = s, map[string]int{}, uint8(i)
		c.compile()
	}
	t.number = t.words.Find("#")
	for number := range strings.FieldsSeq(spelledNumbers) {
		t.word(number)
	}
	t.spelled = make([]bool, len(t.first))
	for number := range strings.FieldsSeq(spelledNumbers) {
		t.spelled[t.words.Find(number)] = true
	}
	return t
}

// spelledNumbers are the words that any number stands for in a term.
const spelledNumbers = `deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante cent cents mille
	two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand`

func (c *compiler) compile() {
	s := c.source
	for _, t := range s.masks {
		c.add(t, output{what: isMask}, nil)
	}
	for _, set := range s.sets {
		c.names[set.name] = c.tree.sources
		for _, t := range set.terms {
			c.add(t, output{what: isSet, index: uint16(c.tree.sources)}, nil)
		}
		c.tree.sources++
	}
	for _, f := range s.frames {
		check := frameCheck{into: c.tree.sources, within: int32(f.within), ordered: f.ordered}
		for p, name := range f.parts {
			check.parts[p] = c.names[name]
			check.inside = check.inside || slices.ContainsFunc(s.frames, func(x frame) bool { return x.name == name })
		}
		c.tree.frames = append(c.tree.frames, check)
		c.names[f.name] = c.tree.sources
		c.tree.sources++
	}
	for _, t := range s.topics {
		c.tree.topics = append(c.tree.topics, t.Slug)
		c.addTopic(len(c.tree.topics)-1, t)
	}
}

type compiler struct {
	source *source
	tree   *tree
	folder words.Folder
	names  map[string]int        // sets and frames
	fields map[string][][]uint32 // the words of a field of a term, each in its forms
	path   [][]uint32
	group  uint8
}

func (c *compiler) addTopic(i int, t topicRules) {
	without := map[uint32]bool{}
	for _, x := range t.without {
		for path := range c.paths(x) {
			c.tree.insert(0, path, func(node uint32) { without[node] = true })
		}
	}
	for _, x := range t.terms {
		c.add(x, output{what: isTerm, index: uint16(i), rule: c.rule("term: ", x)}, without)
	}
	for _, rule := range t.near {
		check := nearCheck{topic: i, within: int32(rule.within)}
		for _, name := range rule.with {
			check.with = append(check.with, c.names[name.name])
		}
		index := uint16(len(c.tree.near))
		c.tree.near = append(c.tree.near, check)
		for _, x := range rule.words {
			c.add(x, output{what: isNear, index: index, rule: c.rule("near: ", x)}, without)
		}
	}
	for _, name := range t.frames {
		c.tree.rules = append(c.tree.rules, "frame: "+name.name)
		c.tree.shown = append(c.tree.shown, frameTopic{c.names[name.name], i, uint32(len(c.tree.rules) - 1)})
	}
}

// rule names a term for people: one spelling of it, with dots for a long choice of words.
func (c *compiler) rule(kind string, t term) uint32 {
	name := t.text
	for {
		before, rest, found := strings.Cut(name, "(")
		if !found {
			break
		}
		choice, after, _ := strings.Cut(rest, ")")
		first, others, _ := strings.Cut(choice, "|")
		if strings.Contains(others, "|") {
			first = "…"
		}
		name = before + first + after
	}
	texts, _ := c.source.expand(term{text: name})
	name = strings.Join(strings.Fields(strings.ReplaceAll(texts[0], "=", "")), " ")
	c.tree.rules = append(c.tree.rules, kind+name)
	return uint32(len(c.tree.rules) - 1)
}

// add puts the phrases of a term into the tree, but for those that end at a node without it.
func (c *compiler) add(t term, out output, without map[uint32]bool) {
	out.langs, out.group = t.lang, c.group
	for path := range c.paths(t) {
		c.tree.insert(0, path, func(node uint32) {
			if !without[node] {
				c.tree.show(node, out)
			}
		})
	}
}

// insert calls end with the node of every phrase that a path of words in several forms
// stands for.
func (t *tree) insert(node uint32, path [][]uint32, end func(node uint32)) {
	if len(path) == 0 {
		end(node)
		return
	}
	for _, word := range path[0] {
		next := t.next(node, word)
		if next == 0 {
			next = uint32(len(t.heads))
			t.heads = append(t.heads, 0)
			if node == 0 {
				t.first[word] = next
			} else {
				t.edges.add(node, word, next)
			}
		}
		t.insert(next, path[1:], end)
	}
}

// show adds an output to a node that does not have it yet.
func (t *tree) show(node uint32, out output) {
	last := &t.heads[node]
	for *last > 0 {
		have := &t.outputs[*last]
		if have.what == out.what && have.index == out.index && have.langs == out.langs && have.group == out.group {
			return
		}
		last = &have.next
	}
	*last = uint32(len(t.outputs))
	t.outputs = append(t.outputs, out)
}

// word is the number of a folded word.
func (t *tree) word(word string) uint32 {
	id := t.words.Find(word)
	if id == 0 {
		id = t.words.Add(strings.Clone(word))
		t.first = append(t.first, 0)
	}
	return id
}

// next is the node after a word, or 0.
func (t *tree) next(node, word uint32) uint32 {
	if node == 0 {
		return t.first[word]
	}
	return t.edges.next(node, word)
}

// each yields the outputs of a node.
func (t *tree) each(node uint32) iter.Seq[*output] {
	return func(yield func(*output) bool) {
		for i := t.heads[node]; i > 0; i = t.outputs[i].next {
			if !yield(&t.outputs[i]) {
				return
			}
		}
	}
}

// joined is the node of a phrase of several words that is written as one, as in hashtags,
// or 0. Elided words have lost their apostrophe.
func (t *tree) joined(node uint32, text string) uint32 {
	for end := 1; end <= len(text); end++ {
		for _, word := range [...]uint32{t.words.Find(text[:end]), t.elided(text[:end])} {
			if word == 0 {
				continue
			}
			next := t.next(node, word)
			switch {
			case next == 0:
			case end < len(text):
				if found := t.joined(next, text[end:]); found > 0 {
					return found
				}
			case node > 0 && t.heads[next] > 0:
				return next
			}
		}
	}
	return 0
}

// hashtag is the node of a phrase that a hashtag is written of, with or without words that
// campaigns put around it: "#stopmines", "#savethereef". It is 0 where there is none.
func (t *tree) hashtag(text string) uint32 {
	if found := t.joined(0, text); found > 0 {
		return found
	}
	rest := text
	for _, list := range [...][]string{hashtagOpeners, hashtagOpeners} {
		for _, opener := range list {
			if after, ok := strings.CutPrefix(rest, opener); ok && len(after) >= shortestTag {
				rest = after
				break
			}
		}
	}
	for _, closer := range hashtagClosers {
		if before, ok := strings.CutSuffix(rest, closer); ok && len(before) >= shortestTag {
			rest = before
			break
		}
	}
	if rest == text {
		return 0
	}
	if word := t.words.Find(rest); word > 0 && t.first[word] > 0 && t.heads[t.first[word]] > 0 {
		return t.first[word]
	}
	return t.joined(0, rest)
}

// Words around the phrase of a hashtag. Without capitals they cannot be told by sight.
var (
	hashtagOpeners = []string{"stop", "save", "sauvons", "sauver", "non", "oui", "sos", "anti", "keep", "end", "ban", "no", "our", "the", "les", "des", "nos", "aux", "au", "la", "le", "l", "a"}
	hashtagClosers = []string{"biencommun", "forall", "pourtous", "now", "day", "week", "crisis", "justice", "france", "paris", "europe", "gate"}
)

// shortestTag is how many letters must be left of a hashtag.
const shortestTag = 4

// elided is the number of a word before an apostrophe.
func (t *tree) elided(word string) uint32 {
	if len(word) > len("qu") {
		return 0
	}
	return t.words.Find(word + "'")
}
