package topic

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// language is a bit for each language whose terms are kept apart.
type language uint8

const (
	french language = 1 << iota
	english
	anyLanguage // terms of every language
)

// A source is what the YAML files say, before it is compiled.
type source struct {
	version string
	endings map[string][]string
	layers  []Layer
	masks   []term
	sets    []termSet
	frames  []frame
	topics  []topicRules
}

type termSet struct {
	name  string
	terms []term
}

type frame struct {
	name    string
	parts   [2]string // sets, or earlier frames
	within  int
	ordered bool
	line    int
}

type topicRules struct {
	Topic
	terms   []term
	near    []nearRule
	frames  []reference
	without []term
}

type nearRule struct {
	words  []term
	with   []reference
	within int
}

// A reference is a name used at a line.
type reference struct {
	name string
	line int
}

// A term is a word or phrase as written, in the notation of the file.
type term struct {
	text string
	lang language
	line int32
}

func (s *source) clone() *source {
	c := *s
	c.endings = maps.Clone(s.endings)
	if c.endings == nil {
		c.endings = map[string][]string{}
	}
	c.layers, c.masks, c.sets = slices.Clone(s.layers), slices.Clone(s.masks), slices.Clone(s.sets)
	c.frames, c.topics = slices.Clone(s.frames), slices.Clone(s.topics)
	return &c
}

// read adds a file to the source, and checks what it says.
func (s *source) read(data []byte) error {
	if err := s.parse(data); err != nil {
		return err
	}
	return s.checkAll()
}

// parse adds a file to the source.
func (s *source) parse(data []byte) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return fmt.Errorf("taxonomy: %w", err)
	}
	if len(doc.Content) == 0 {
		return errors.New("taxonomy: the file is empty")
	}
	var off []reference
	var topics *yaml.Node
	version := ""
	err := fields(doc.Content[0], "the taxonomy", func(key string, v *yaml.Node) (err error) {
		switch key {
		case "version":
			version, err = scalar(v)
		case "endings":
			err = fields(v, "endings", func(name string, v *yaml.Node) error {
				list, err := scalar(v)
				s.endings[name] = strings.Split(list, "|")
				return err
			})
		case "layers":
			err = s.readLayers(v)
		case "masks":
			s.masks, err = readTerms(s.masks, v)
		case "sets":
			err = fields(v, "sets", func(name string, v *yaml.Node) (err error) {
				i := slices.IndexFunc(s.sets, func(x termSet) bool { return x.name == name })
				if i < 0 {
					i = len(s.sets)
					s.sets = append(s.sets, termSet{name: name})
				}
				s.sets[i].terms, err = readTerms(slices.Clip(s.sets[i].terms), v)
				return err
			})
		case "frames":
			err = s.readFrames(v)
		case "topics":
			topics = v
		case "off":
			off, err = readNames(v)
		default:
			err = errUnknown
		}
		return err
	})
	if err != nil {
		return err
	}
	if topics != nil {
		if err := each(topics, "topics", s.readTopic); err != nil {
			return err
		}
	}
	for _, name := range off {
		i := slices.IndexFunc(s.topics, func(x topicRules) bool { return x.Slug == name.name })
		if i < 0 {
			return atLine(name.line, "there is no topic %q to switch off", name.name)
		}
		s.topics = slices.Delete(s.topics, i, i+1)
	}
	switch {
	case s.version == "" && version == "":
		return atLine(1, "the version is missing")
	case s.version == "":
		s.version = version
	default:
		sum := sha256.Sum256(append([]byte(s.version), data...))
		s.version = fmt.Sprintf("%s+%x", s.version, sum[:4])
	}
	return nil
}

// checkAll checks the terms, and that every name stands for something.
func (s *source) checkAll() error {
	spell := speller{endings: s.endings}
	for t := range s.terms() {
		if err := spell.check(t); err != nil {
			return err
		}
	}
	known := map[string]bool{}
	resolve := func(names ...reference) error {
		for _, name := range names {
			if !known[name.name] {
				return atLine(name.line, "there is no set or earlier frame %q", name.name)
			}
		}
		return nil
	}
	for _, set := range s.sets {
		known[set.name] = true
	}
	for _, f := range s.frames {
		if err := resolve(reference{f.parts[0], f.line}, reference{f.parts[1], f.line}); err != nil {
			return err
		}
		known[f.name] = true
	}
	for _, t := range s.topics {
		for _, rule := range t.near {
			if err := resolve(rule.with...); err != nil {
				return err
			}
		}
		if err := resolve(t.frames...); err != nil {
			return err
		}
	}
	return nil
}

// terms yields every term.
func (s *source) terms() iter.Seq[term] {
	return func(yield func(term) bool) {
		lists := [][]term{s.masks}
		for _, set := range s.sets {
			lists = append(lists, set.terms)
		}
		for _, t := range s.topics {
			lists = append(lists, t.terms, t.without)
			for _, rule := range t.near {
				lists = append(lists, rule.words)
			}
		}
		for _, list := range lists {
			for _, t := range list {
				if !yield(t) {
					return
				}
			}
		}
	}
}

func (s *source) readLayers(list *yaml.Node) error {
	return each(list, "layers", func(n *yaml.Node) error {
		var l Layer
		err := fields(n, "a layer", func(key string, v *yaml.Node) (err error) {
			switch key {
			case "slug":
				l.Slug, err = scalar(v)
			case "label":
				err = readLabel(&l.Label, v)
			default:
				err = errUnknown
			}
			return err
		})
		s.layers = append(s.layers, l)
		return err
	})
}

func (s *source) readFrames(list *yaml.Node) error {
	return each(list, "frames", func(n *yaml.Node) error {
		f := frame{within: 12, line: n.Line}
		err := fields(n, "a frame", func(key string, v *yaml.Node) (err error) {
			switch key {
			case "name":
				f.name, err = scalar(v)
			case "all":
				var parts []reference
				if parts, err = readNames(v); err == nil && len(parts) != len(f.parts) {
					err = atLine(v.Line, "a frame joins two sets, not %d", len(parts))
				}
				for i := range min(len(parts), len(f.parts)) {
					f.parts[i] = parts[i].name
				}
			case "within":
				f.within, err = readInt(v)
			case "ordered":
				f.ordered = v.Value == "true"
			default:
				err = errUnknown
			}
			return err
		})
		s.frames = append(s.frames, f)
		return err
	})
}

// readTopic adds a topic, or adds to the one of the same slug.
func (s *source) readTopic(n *yaml.Node) error {
	slug := ""
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "slug" {
			slug = n.Content[i+1].Value
		}
	}
	if slug == "" {
		return atLine(n.Line, "a topic needs a slug")
	}
	t := topicRules{Topic: Topic{Slug: slug, Label: Label{slug, slug}}}
	i := slices.IndexFunc(s.topics, func(x topicRules) bool { return x.Slug == slug })
	if i >= 0 {
		t = s.topics[i]
	}
	err := fields(n, "a topic", func(key string, v *yaml.Node) (err error) {
		switch key {
		case "slug":
		case "layer":
			if t.Layer, err = scalar(v); err == nil && !slices.ContainsFunc(s.layers, func(l Layer) bool { return l.Slug == t.Layer }) {
				err = atLine(v.Line, "there is no layer %q", t.Layer)
			}
		case "label":
			err = readLabel(&t.Label, v)
		case "description":
			err = readLabel(&t.Description, v)
		case "terms":
			t.terms, err = readTerms(slices.Clip(t.terms), v)
		case "without":
			t.without, err = readTerms(slices.Clip(t.without), v)
		case "near":
			t.near = slices.Clip(t.near)
			err = each(v, "near", func(n *yaml.Node) error {
				rule, err := readNear(n)
				t.near = append(t.near, rule)
				return err
			})
		case "frames":
			var names []reference
			names, err = readNames(v)
			t.frames = append(slices.Clip(t.frames), names...)
		default:
			err = errUnknown
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case t.Layer == "":
		return atLine(n.Line, "topic %q needs a layer", slug)
	case i >= 0:
		s.topics[i] = t
	default:
		s.topics = append(s.topics, t)
	}
	return nil
}
