package topic

import (
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
	isSet     // index: set
	isWithout // index: topic, whose terms do not count
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

// isLike says that two outputs of the same words are one.
func (o *output) isLike(p *output) bool {
	return o.what == p.what && o.index == p.index && o.langs == p.langs && o.group == p.group
}

// A tree holds every phrase of a taxonomy, word by word: each word as a family, which is one
// form or a word with its plurals. Node 0 is the root.
type tree struct {
	words      *words.Lexicon
	families   byWord   // that a word belongs to: to two if it is the plural of a term and a term itself
	beginnings byWord   // the nodes that a word leads to from the root
	number     uint32   // the family of any number
	spelled    []bool   // by word: whether it is a number
	first      []uint32 // by family: the node of phrases that start with it
	edges      edges    // from other nodes
	nodes      []node
	outputs    []output // numbered from 1
	rules      []string
	near       []nearCheck
	frames     []frameCheck
	sources    int // sets and frames
	topics     []string
	shown      []frameTopic
	groups     int
	without    bool // some terms do not count
}

// A node is where a phrase, or the beginning of one, ends.
type node struct {
	head uint32 // its first output, or 0
	kids uint32 // for each family with which a phrase goes on: a bit, by its last digits
}

// mayLead says that a phrase may go on with a family: without it, no edge need be looked for.
func (n node) mayLead(family uint32) bool { return n.kids>>(family%32)&1 > 0 }

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

// What a tree is made for. It only saves growing.
const (
	expectedPhrases = 100_000
	expectedRules   = 1 << 14
	expectedWords   = 1 << 15
	expectedText    = 1 << 18 // bytes of words, or of names of rules
)

// compile builds one tree of several sources, each a group whose masks do not concern the
// others. The sources have been checked.
func compile(sources ...*source) *tree {
	t := &tree{
		words: words.NewLexicon(), first: make([]uint32, 1, expectedWords), edges: newEdges(1 << 17),
		nodes: make([]node, 1, expectedPhrases), outputs: make([]output, 1, expectedPhrases), rules: make([]string, 0, expectedRules), groups: len(sources),
	}
	t.words.Grow(expectedWords)
	c := compiler{
		tree: t, fields: make(map[string][]uint32, expectedWords/2), texts: new(strings.Builder),
		exact: make([]uint32, 1, expectedWords), inflected: make([]uint32, 1, expectedWords), members: make([]member, 0, expectedWords),
	}
	for i, s := range sources {
		c.source, c.speller.endings, c.names, c.group = s, s.endings, map[string]int{}, uint8(i)
		c.compile()
	}
	t.number = c.exact[t.words.Find("#")]
	for number := range strings.FieldsSeq(spelledNumbers) {
		c.word(number)
	}
	t.spelled = make([]bool, t.words.Len()+1)
	for number := range strings.FieldsSeq(spelledNumbers) {
		t.spelled[t.words.Find(number)] = true
	}
	t.families = listByWord(t.words.Len(), c.members)
	beginnings := c.members[:0]
	for _, m := range c.members {
		if node := t.first[m.value]; node > 0 {
			beginnings = append(beginnings, member{m.word, node})
		}
	}
	t.beginnings = listByWord(t.words.Len(), beginnings)
	return t
}

// spelledNumbers are the words that any number stands for in a term.
const spelledNumbers = `deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante cent cents mille
	two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand`

func (c *compiler) compile() {
	s := c.source
	for _, t := range s.masks {
		c.add(t, output{what: isMask})
	}
	for _, set := range s.sets {
		c.names[set.name] = c.tree.sources
		for _, t := range set.terms {
			c.add(t, output{what: isSet, index: uint16(c.tree.sources)})
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
	source  *source
	speller speller
	tree    *tree
	folder  words.Folder
	names   map[string]int      // sets and frames
	fields  map[string][]uint32 // the families of a field of a term
	lists   []uint32            // all of them
	path    []uint32
	form    []byte
	texts   *strings.Builder
	group   uint8

	exact     []uint32 // by word: the family that it is alone in, or 0
	inflected []uint32 // by word: the family that it is with its plurals, or 0
	members   []member // of families
}

func (c *compiler) addTopic(i int, t topicRules) {
	for _, x := range t.without {
		c.tree.without = true
		x.lang = french | english | anyLanguage
		c.add(x, output{what: isWithout, index: uint16(i)})
	}
	for _, x := range t.terms {
		c.add(x, output{what: isTerm, index: uint16(i), rule: c.rule("term: ", x)})
	}
	for _, rule := range t.near {
		check := nearCheck{topic: i, within: int32(rule.within)}
		for _, name := range rule.with {
			check.with = append(check.with, c.names[name.name])
		}
		index := uint16(len(c.tree.near))
		c.tree.near = append(c.tree.near, check)
		for _, x := range rule.words {
			c.add(x, output{what: isNear, index: index, rule: c.rule("near: ", x)})
		}
	}
	for _, name := range t.frames {
		c.tree.rules = append(c.tree.rules, "frame: "+name.name)
		c.tree.shown = append(c.tree.shown, frameTopic{c.names[name.name], i, uint32(len(c.tree.rules) - 1)})
	}
}

// rule names a term for people.
func (c *compiler) rule(kind string, t term) uint32 {
	c.tree.rules = append(c.tree.rules, c.keep(kind, string(c.speller.name(t))))
	return uint32(len(c.tree.rules) - 1)
}

// keep copies texts, one after another, to where many are kept together.
func (c *compiler) keep(texts ...string) string {
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	if c.texts.Cap()-c.texts.Len() < size {
		c.texts = new(strings.Builder)
		c.texts.Grow(max(expectedText, size))
	}
	for _, text := range texts {
		c.texts.WriteString(text)
	}
	return c.texts.String()[c.texts.Len()-size:]
}

// add puts the phrases of a term into the tree.
func (c *compiler) add(t term, out output) {
	out.langs, out.group = t.lang, c.group
	for path := range c.paths(t) {
		c.tree.show(c.tree.insert(path), out)
	}
}

// insert is the node of a phrase, which is made where it is not there.
func (t *tree) insert(path []uint32) (at uint32) {
	for _, family := range path {
		next := t.next(at, family)
		if next == 0 {
			next = uint32(len(t.nodes))
			t.nodes = append(t.nodes, node{})
			if at == 0 {
				t.first[family] = next
			} else {
				t.edges.add(at, family, next)
				t.nodes[at].kids |= 1 << (family % 32)
			}
		}
		at = next
	}
	return at
}

// show adds an output to a node that does not have it yet.
func (t *tree) show(node uint32, out output) {
	last := &t.nodes[node].head
	for *last > 0 {
		have := &t.outputs[*last]
		if have.isLike(&out) {
			return
		}
		last = &have.next
	}
	*last = uint32(len(t.outputs))
	t.outputs = append(t.outputs, out)
}

// word is the number of a folded word.
func (c *compiler) word(word string) uint32 {
	id := c.tree.words.Find(word)
	if id == 0 {
		id = c.tree.words.Add(c.keep(word))
		c.exact, c.inflected = append(c.exact, 0), append(c.inflected, 0)
	}
	return id
}

// family is the family of a folded word alone, or with its plurals.
func (c *compiler) family(word string, withPlurals bool) uint32 {
	id := c.word(word)
	list, endings, cut := &c.exact, "", 0
	if withPlurals {
		if endings, cut = plurals(word); endings != "" {
			list = &c.inflected
		}
	}
	if family := (*list)[id]; family > 0 {
		return family
	}
	family := uint32(len(c.tree.first))
	c.tree.first = append(c.tree.first, 0)
	(*list)[id] = family
	c.members = append(c.members, member{id, family})
	for ending := range strings.FieldsSeq(endings) {
		c.form = append(append(c.form[:0], word[:len(word)-cut]...), ending...)
		c.members = append(c.members, member{c.word(string(c.form)), family})
	}
	return family
}

// next is the node after a word of a family, or 0.
func (t *tree) next(node, family uint32) uint32 {
	if node == 0 {
		return t.first[family]
	}
	return t.edges.next(node, family)
}
