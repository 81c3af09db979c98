package topic

import (
	"bytes"
	_ "embed"
	"io"
	"slices"
	"sync"
)

//go:embed taxonomy.yaml
var embedded []byte

// A Label is a text in French and in English.
type Label struct {
	French  string `json:"fr"`
	English string `json:"en"`
}

// In returns the label in a language: French for "fr", else English.
func (l Label) In(lang string) string {
	if lang == "fr" {
		return l.French
	}
	return l.English
}

// A Layer is a distance at which a technology acts on the world.
type Layer struct {
	Slug  string `json:"slug"`
	Label Label  `json:"label"`
}

// A Topic is something that a text can be about.
type Topic struct {
	Slug        string `json:"slug"`
	Layer       string `json:"layer"` // the slug of a [Layer]
	Label       Label  `json:"label"`
	Description Label  `json:"description"`
}

// A Taxonomy is a set of topics with the rules that find them. It does not change and may
// be used by several goroutines. It is compiled when something is matched for the first time;
// that of the program is not even read before somebody asks for more than its version.
type Taxonomy struct {
	version string
	source  func() *source
	pool    sync.Pool // of *Matcher, for Match

	compiling sync.Mutex
	trees     []companyTree
}

// A companyTree is the tree of a taxonomy and others.
type companyTree struct {
	others []*Taxonomy
	tree   *tree
}

// compiled is the tree of the taxonomy and others, compiled once for matchers alike.
func (t *Taxonomy) compiled(others []*Taxonomy) *tree {
	t.compiling.Lock()
	defer t.compiling.Unlock()
	for _, known := range t.trees {
		if slices.Equal(known.others, others) {
			return known.tree
		}
	}
	sources := []*source{t.source()}
	for _, o := range others {
		sources = append(sources, o.source())
	}
	tree := compile(sources...)
	t.trees = append(t.trees, companyTree{slices.Clone(others), tree})
	return tree
}

// Default returns the taxonomy of the program.
func Default() *Taxonomy { return embeddedTaxonomy }

var embeddedTaxonomy = &Taxonomy{version: versionLine(embedded), source: sync.OnceValue(func() *source {
	s := new(source).clone()
	if err := s.parse(embedded); err != nil { // a test checks it
		panic("embedded taxonomy: " + err.Error())
	}
	return s
})}

// versionLine finds the version of a taxonomy without reading the rest: the line that a file
// of the program has it on.
func versionLine(file []byte) string {
	_, line, _ := bytes.Cut(file, []byte("\nversion: "))
	line, _, _ = bytes.Cut(line, []byte("\n"))
	return string(bytes.Trim(line, `"`))
}

// Load reads a whole taxonomy. Errors name the line.
func Load(r io.Reader) (*Taxonomy, error) {
	return new(source).extend(r)
}

// Extend returns a taxonomy that also has what a file of the same form says: new topics, and
// more terms, masks and frames for known ones. Two fields exist only there: "off", a list of
// topics to switch off, and "without" in a topic, terms to take out of it. Errors name the
// line. The version of the result tells it from t.
func (t *Taxonomy) Extend(r io.Reader) (*Taxonomy, error) {
	return t.source().extend(r)
}

func (s *source) extend(r io.Reader) (*Taxonomy, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	next := s.clone()
	if err := next.read(data); err != nil {
		return nil, err
	}
	return &Taxonomy{version: next.version, source: func() *source { return next }}, nil
}

// Version names the rules: it changes when a text could be tagged differently.
func (t *Taxonomy) Version() string { return t.version }

// Topics returns the topics in the order of the file.
func (t *Taxonomy) Topics() []Topic {
	var list []Topic
	for _, x := range t.source().topics {
		list = append(list, x.Topic)
	}
	return list
}

// Layers returns the layers in the order of the file.
func (t *Taxonomy) Layers() []Layer { return slices.Clone(t.source().layers) }

// Topic returns the topic with a slug.
func (t *Taxonomy) Topic(slug string) (Topic, bool) {
	for _, x := range t.source().topics {
		if x.Slug == slug {
			return x.Topic, true
		}
	}
	return Topic{}, false
}
