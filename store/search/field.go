package search

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/analysis/words"
	"skyarchive/atproto"
)

// A FieldDoc describes a field of the language for people.
type FieldDoc struct {
	Name, Means, Example string
}

// Fields are the fields of the language, in the order to show them.
func Fields() []FieldDoc {
	list := make([]FieldDoc, len(fields))
	for i, f := range fields {
		list[i] = f.FieldDoc
	}
	return list
}

// A field checks values: it returns the one form in which a value is kept, or an error that
// says what is allowed.
type field struct {
	FieldDoc
	check func(value string, opts Options) (string, error)
}

var fields = [...]field{
	{FieldDoc{"topic", "about a topic: its slug, or its label in French or English", "topic:water"}, checkTopic},
	{FieldDoc{"layer", "about a topic of a layer", "layer:direct"}, checkLayer},
	{FieldDoc{"kind", "with a claim of a kind", "kind:statistic"}, checkKind},
	{FieldDoc{"from", "of an account: handle, DID, label or web address", "from:alice.bsky.social"}, checkFrom},
	{FieldDoc{"label", "of an account with this label", "label:ngo"}, checkText},
	{FieldDoc{"lang", "in a language", "lang:fr"}, checkLanguage},
	{FieldDoc{"since", "from a time on", "since:2025-03"}, checkSince},
	{FieldDoc{"until", "up to a time, a whole day included", "until:2025-03-31"}, checkUntil},
	{FieldDoc{"has", "with a number, link, media or source", "has:number"}, checkHas},
	{FieldDoc{"source", "that links to a host, or with a claim that names a source", "source:iea.org"}, checkSource},
	{FieldDoc{"status", "with a claim of a status", "status:reviewed"}, checkStatus},
	{FieldDoc{"verdict", "with a claim of a verdict", "verdict:refuted"}, checkVerdict},
	{FieldDoc{"thread", "in the thread of a post: web address, at:// URI or id", "thread:3kabcdefghijk"}, checkThread},
}

func fieldNamed(name string) *field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}

func fieldNames() []string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return names
}

// NewField is the field of a flag. The error says what is allowed.
func NewField(name, value string, opts Options) (Field, error) {
	f := fieldNamed(strings.ToLower(name))
	if f == nil {
		return Field{}, fmt.Errorf("there is no field %q%s; fields are %s", name, didYouMean(closest(name, fieldNames())), strings.Join(fieldNames(), ", "))
	}
	// What String could not write in quotes is no part of any value.
	plain := strings.Join(strings.FieldsFunc(value, func(r rune) bool { return isBlank(r) || isQuote(r) }), " ")
	if plain == "" {
		return Field{}, fmt.Errorf("%s needs a value, like %s", f.Name, f.Example)
	}
	kept, err := f.check(plain, opts)
	if err != nil {
		return Field{}, err
	}
	return Field{f.Name, kept}, nil
}

func checkText(value string, _ Options) (string, error) { return value, nil }

func checkTopic(value string, opts Options) (string, error) {
	tax := opts.topics()
	var slugs, labels []string
	for _, t := range tax.Topics() {
		if sameName(value, t.Slug, t.Label.French, t.Label.English) {
			return t.Slug, nil
		}
		slugs = append(slugs, t.Slug)
		labels = append(labels, t.Slug, t.Label.French, t.Label.English)
	}
	return "", fmt.Errorf("%q is no topic%s; topics are %s", value, didYouMean(closest(value, labels)), strings.Join(slugs, ", "))
}

func (o Options) topics() *topic.Taxonomy {
	if o.Topics == nil {
		return topic.Default()
	}
	return o.Topics
}

func checkLayer(value string, opts Options) (string, error) {
	var slugs []string
	labels := maps.Clone(inFrench)
	for _, l := range opts.topics().Layers() {
		slugs = append(slugs, l.Slug)
		labels[l.Label.French], labels[l.Label.English] = l.Slug, l.Slug
	}
	return pick(value, "layer", slugs, labels)
}

// TopicsOf are the slugs of the topics of a layer.
func TopicsOf(layer string, tax *topic.Taxonomy) []string {
	var slugs []string
	for _, t := range (Options{Topics: tax}).topics().Topics() {
		if t.Layer == layer {
			slugs = append(slugs, t.Slug)
		}
	}
	return slugs
}

// sameName compares names as people type them: without case, accents, spaces and hyphens.
func sameName(value string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return bare(name) == bare(value) })
}

func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, words.Fold(s).Folded)
}

// pick is the one of the choices that a value names, by itself or by another name.
func pick(value, what string, choices []string, also map[string]string) (string, error) {
	for _, c := range choices {
		if sameName(value, c) {
			return c, nil
		}
	}
	for name, c := range also {
		if sameName(value, name) && slices.Contains(choices, c) {
			return c, nil
		}
	}
	return "", fmt.Errorf("%q is no %s%s; write %s", value, what, didYouMean(closest(value, choices)), strings.Join(choices, ", "))
}

var kinds = []string{string(analysis.Statistic), string(analysis.Forecast), string(analysis.Causal), string(analysis.Comparison),
	string(analysis.Generalisation), string(analysis.Event), string(analysis.Legal), string(analysis.OtherKind)}

// Others are the fields of which a claim has one if it has not f. nil: that cannot be said.
func (f Field) Others() (list []Field) {
	if f.Value == Edited {
		return nil
	}
	for _, value := range map[string][]string{"kind": kinds, "status": statuses}[f.Name] {
		if value != f.Value {
			list = append(list, Field{f.Name, value})
		}
	}
	return list
}

func checkKind(value string, _ Options) (string, error) {
	return pick(value, "kind of claim", kinds, inFrench)
}

// inFrench are French words for kinds and statuses, as exports in French have them, and for
// layers in one word.
var inFrench = map[string]string{
	"statistique": string(analysis.Statistic), "prévision": string(analysis.Forecast), "cause": string(analysis.Causal),
	"comparaison": string(analysis.Comparison), "généralisation": string(analysis.Generalisation), "événement": string(analysis.Event),
	"droit": string(analysis.Legal), "law": string(analysis.Legal), "autre": string(analysis.OtherKind),
	"non vérifiée": string(analysis.New), "nouvelle": string(analysis.New), "vérifiée": string(analysis.Reviewed),
	"écartée": string(analysis.Dismissed), "modifiée": Edited,
	"directe": "direct", "indirecte": "indirect", "systémique": "systemic",
}

var statuses = []string{string(analysis.New), string(analysis.Reviewed), string(analysis.Dismissed)}

// Edited is the status of claims that were judged in other words than they have now. They
// are reviewed or dismissed as well.
const Edited = "edited"

func checkStatus(value string, _ Options) (string, error) {
	kept, err := pick(value, "status", append(slices.Clone(statuses), Edited), inFrench)
	if err != nil && slices.Contains([]string{"deleted", "gone"}, strings.ToLower(value)) {
		err = fmt.Errorf("%w; it is of claims, and skyarchive changes --only deleted lists posts", err)
	}
	return kept, err
}

func checkVerdict(value string, _ Options) (string, error) {
	var verdicts []string
	labels := map[string]string{}
	for _, v := range analysis.Verdicts() {
		verdicts = append(verdicts, string(v.Verdict))
		labels[v.En], labels[v.Fr] = string(v.Verdict), string(v.Verdict)
	}
	return pick(value, "verdict", verdicts, labels)
}

func checkHas(value string, _ Options) (string, error) {
	return pick(value, "thing to have", []string{"number", "link", "media", "source"}, map[string]string{
		"numbers": "number", "chiffre": "number", "chiffres": "number", "nombre": "number", "links": "link", "lien": "link", "liens": "link",
		"image": "media", "images": "media", "video": "media", "sources": "source",
	})
}

func checkLanguage(value string, _ Options) (string, error) {
	if sameName(value, "french", "français") {
		return "fr", nil
	}
	if sameName(value, "english", "anglais") {
		return "en", nil
	}
	code, _, _ := strings.Cut(strings.ToLower(value), "-")
	if len(code) < 2 || len(code) > 3 || strings.ContainsFunc(code, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return "", fmt.Errorf("%q is no language; write a code like fr or en, or und where it cannot be told", value)
	}
	return code, nil
}

// checkFrom keeps a DID or handle; what is neither may be a label.
func checkFrom(value string, _ Options) (string, error) {
	if id, err := atproto.ParseAccount(value); err == nil {
		return id.String(), nil
	}
	name := strings.TrimLeft(value, "@")
	if bare(name) == "" {
		return "", fmt.Errorf("%q is no account; write a handle, DID or label", value)
	}
	return name, nil
}

// checkSource keeps the host of a web address in lower case; what is none is part of a name.
func checkSource(value string, _ Options) (string, error) {
	if strings.ContainsRune(value, '.') && !strings.ContainsFunc(value, isBlank) {
		address := value
		if !strings.Contains(address, "://") {
			address = "//" + address
		}
		if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
			value = strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
		}
	}
	if bare(value) == "" {
		return "", fmt.Errorf("%q is no source; write a host like iea.org, or part of a name", value)
	}
	return value, nil
}

// checkThread keeps the URI of a post, or its record key.
func checkThread(value string, _ Options) (string, error) {
	if uri, err := atproto.ParsePost(value); err == nil {
		return string(uri), nil
	}
	if _, ok := atproto.TIDNumber(value); !ok {
		return "", fmt.Errorf("%q is no thread; write the web address or at:// URI of one of its posts, or the id that skyarchive threads shows", value)
	}
	return value, nil
}
