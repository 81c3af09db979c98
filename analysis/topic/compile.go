package topic

import (
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
}

// A tree holds every phrase of a taxonomy, word by word. Node 0 is the root.
type tree struct {
	words   map[string]uint32 // numbered from 1
	number  uint32            // the word for any number
	first   []uint32          // by word: the node of phrases that start with it
	edges   map[uint64]uint32 // node and word: the next node
	outputs [][]output        // by node
	joined  map[string]uint32 // phrases written as one word, as in hashtags: their node
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
	into    int // the source it makes
	within  int32
	ordered bool
}

// A frameTopic is a frame that shows a topic.
type frameTopic struct {
	source, topic int
	rule          uint32
}

// compile builds one tree of several sources, each a group whose masks do not concern the
// others.
func compile(sources ...*source) (*tree, error) {
	t := &tree{
		words: map[string]uint32{}, first: []uint32{0}, edges: map[uint64]uint32{}, outputs: [][]output{nil},
		joined: map[string]uint32{}, groups: len(sources),
	}
	for i, s := range sources {
		c := compiler{source: s, names: map[string]int{}, tree: t, group: uint8(i)}
		if err := c.compile(); err != nil {
			return nil, err
		}
	}
	t.number = t.words["#"]
	return t, nil
}

func (c *compiler) compile() error {
	s := c.source
	for _, t := range s.masks {
		if err := c.add(t, output{what: isMask}, "mask", nil); err != nil {
			return err
		}
	}
	for _, set := range s.sets {
		c.names[set.name] = c.tree.sources
		for _, t := range set.terms {
			if err := c.add(t, output{what: isSet, index: uint16(c.tree.sources)}, "set", nil); err != nil {
				return err
			}
		}
		c.tree.sources++
	}
	for _, f := range s.frames {
		check := frameCheck{into: c.tree.sources, within: int32(f.within), ordered: f.ordered}
		for p, name := range f.parts {
			var err error
			if check.parts[p], err = c.resolve(reference{name, f.line}); err != nil {
				return err
			}
		}
		c.tree.frames = append(c.tree.frames, check)
		c.names[f.name] = c.tree.sources
		c.tree.sources++
	}
	for _, t := range s.topics {
		c.tree.topics = append(c.tree.topics, t.Slug)
		if err := c.addTopic(len(c.tree.topics)-1, t); err != nil {
			return err
		}
	}
	return nil
}

type compiler struct {
	source *source
	tree   *tree
	folder words.Folder
	names  map[string]int // sets and frames
	group  uint8
}

func (c *compiler) addTopic(i int, t topicRules) error {
	without := map[string]bool{}
	for _, x := range t.without {
		phrases, err := c.source.spellings(x, &c.folder)
		if err != nil {
			return err
		}
		for _, p := range phrases {
			without[strings.Join(p, " ")] = true
		}
	}
	for _, x := range t.terms {
		if err := c.add(x, output{what: isTerm, index: uint16(i)}, "term", without); err != nil {
			return err
		}
	}
	for _, rule := range t.near {
		check := nearCheck{topic: i, within: int32(rule.within)}
		for _, name := range rule.with {
			set, err := c.resolve(name)
			if err != nil {
				return err
			}
			check.with = append(check.with, set)
		}
		index := uint16(len(c.tree.near))
		c.tree.near = append(c.tree.near, check)
		for _, x := range rule.words {
			if err := c.add(x, output{what: isNear, index: index}, "near", without); err != nil {
				return err
			}
		}
	}
	for _, name := range t.frames {
		set, err := c.resolve(name)
		if err != nil {
			return err
		}
		c.tree.rules = append(c.tree.rules, "frame: "+name.name)
		c.tree.shown = append(c.tree.shown, frameTopic{set, i, uint32(len(c.tree.rules) - 1)})
	}
	return nil
}

func (c *compiler) resolve(name reference) (int, error) {
	i, ok := c.names[name.name]
	if !ok {
		return 0, atLine(name.line, "there is no set or earlier frame %q", name.name)
	}
	return i, nil
}

// add puts the phrases of a term into the tree.
func (c *compiler) add(t term, out output, kind string, without map[string]bool) error {
	phrases, err := c.source.spellings(t, &c.folder)
	if err != nil {
		return err
	}
	if kind == "term" || kind == "near" {
		c.tree.rules = append(c.tree.rules, kind+": "+t.text)
		out.rule = uint32(len(c.tree.rules) - 1)
	}
	out.langs, out.group = t.lang, c.group
	for _, phrase := range phrases {
		if len(without) > 0 && without[strings.Join(phrase, " ")] {
			continue
		}
		c.tree.insert(phrase, out)
	}
	return nil
}

func (t *tree) insert(phrase []string, out output) {
	node := uint32(0)
	for _, word := range phrase {
		id, ok := t.words[word]
		if !ok {
			id = uint32(len(t.first))
			t.words[word] = id
			t.first = append(t.first, 0)
		}
		next := t.next(node, id)
		if next == 0 {
			next = uint32(len(t.outputs))
			t.outputs = append(t.outputs, nil)
			if node == 0 {
				t.first[id] = next
			} else {
				t.edges[uint64(node)<<32|uint64(id)] = next
			}
		}
		node = next
	}
	for _, have := range t.outputs[node] {
		if have.what == out.what && have.index == out.index && have.langs == out.langs && have.group == out.group {
			return
		}
	}
	t.outputs[node] = append(t.outputs[node], out)
	if len(phrase) > 1 {
		t.joined[strings.ReplaceAll(strings.Join(phrase, ""), "'", "")] = node
	}
}

// next is the node after a word, or 0.
func (t *tree) next(node, word uint32) uint32 {
	if node == 0 {
		return t.first[word]
	}
	return t.edges[uint64(node)<<32|uint64(word)]
}
