package export

import (
	"bufio"
	"context"
	"encoding/json"
	"encoding/xml"
	"strings"
	"unicode/utf8"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// A task is a post for annotators, https://labelstud.io/guide/task_format. Its data names
// the version of the post, so that annotations find back to its bytes.
type (
	task struct {
		Data        taskData     `json:"data"`
		Predictions []prediction `json:"predictions,omitempty"`
	}
	taskData struct {
		Text   string            `json:"text"`
		URI    syntax.ATURI      `json:"uri"`
		CID    string            `json:"cid"`
		URL    string            `json:"url"`
		Author string            `json:"author"`
		DID    syntax.DID        `json:"did"`
		Date   string            `json:"date"`
		Thread syntax.ATURI      `json:"thread,omitempty"`
		Status store.PostStatus  `json:"status"`
		Signed atproto.Signature `json:"signature"`
	}
	prediction struct {
		Version string   `json:"model_version"`
		Score   float64  `json:"score"`
		Result  []region `json:"result"`
	}
	region struct {
		ID   string      `json:"id"`
		From string      `json:"from_name"`
		To   string      `json:"to_name"`
		Type string      `json:"type"`
		Val  regionValue `json:"value"`
	}
	regionValue struct {
		Start   int      `json:"start"` // in code points, as Label Studio counts
		End     int      `json:"end"`
		Text    string   `json:"text"`
		Labels  []string `json:"labels,omitempty"`
		Choices []string `json:"choices,omitempty"`
	}
)

// writeLabelStudio writes the tasks, and into a folder the labelling configuration too.
func writeLabelStudio(ctx context.Context, x *export) error {
	if err := x.source.loadAccounts(ctx); err != nil {
		return err
	}
	claims := map[syntax.ATURI][]store.Claim{}
	for c, err := range x.source.claims(ctx, true) {
		if err != nil {
			return err
		}
		claims[c.Post] = append(claims[c.Post], c)
	}
	out, err := x.target.create("tasks.json")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 64<<10)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	separator := "[\n"
	for p, err := range x.source.posts(ctx) {
		if err != nil {
			return err
		}
		if strings.TrimSpace(p.Text) == "" {
			continue
		}
		w.WriteString(separator) // its error shows at the flush
		separator = ","
		if err := enc.Encode(x.task(p, claims[p.URI])); err != nil {
			return err
		}
	}
	if separator == "[\n" {
		w.WriteString("[")
	}
	w.WriteString("]\n")
	if err := w.Flush(); err != nil {
		return err
	}
	if err := out.Close(); err != nil || !x.inFolder() {
		return err
	}
	if err := x.write("labelling.xml", x.labelling()); err != nil {
		return err
	}
	if err := x.writeCodebook(); err != nil {
		return err
	}
	return x.writeAbout(ctx)
}

func (x *export) task(p store.Post, claims []store.Claim) task {
	t := task{Data: taskData{
		Text: string([]rune(p.Text)), URI: p.URI, CID: p.CID, URL: atproto.WebURL(p.URI), Author: x.source.accounts[p.Author()].handle(), DID: p.Author(),
		Date: utc(p.Dates().Shown()), Thread: p.Thread, Status: p.Status, Signed: p.Signature,
	}}
	pre := prediction{Version: "skyarchive " + x.Analysis}
	for _, c := range claims {
		if c.Start < 0 || c.End > len(p.Text) || c.Start >= c.End {
			continue
		}
		pre.Score = max(pre.Score, c.Passage.Claim.Score)
		pre.Result = append(pre.Result, regions(p.Text, c)...)
	}
	if len(pre.Result) > 0 {
		t.Predictions = []prediction{pre}
	}
	return t
}

// regions are a claim as Label Studio shows it: a marked range, and for that range its
// topics, kind and stance.
func regions(text string, c store.Claim) []region {
	start := utf8.RuneCountInString(text[:c.Start])
	at := regionValue{Start: start, End: start + utf8.RuneCountInString(text[c.Start:c.End]), Text: string([]rune(text[c.Start:c.End]))}
	id := c.Passage.Claim.ID
	marked := at
	marked.Labels = []string{"claim"}
	list := []region{{id, "label", "text", "labels", marked}}
	choose := func(name string, values ...string) {
		if len(values) > 0 && values[0] != "" {
			chosen := at
			chosen.Choices = values
			list = append(list, region{id, name, "text", "choices", chosen})
		}
	}
	choose("topics", topicSlugs(c.Passage)...)
	choose("kind", string(c.Passage.Claim.Kind))
	choose("stance", string(c.Passage.Claim.Stance))
	return list
}

// Kinds are the kinds of claims that annotators choose from.
func Kinds() []analysis.Kind {
	return []analysis.Kind{
		analysis.Statistic, analysis.Forecast, analysis.Causal, analysis.Comparison, analysis.Generalisation, analysis.Event, analysis.Legal,
		analysis.OtherKind,
	}
}

// Stances are the stances that annotators choose from.
func Stances() []analysis.Stance {
	return []analysis.Stance{analysis.Asserts, analysis.Reports, analysis.Denies, analysis.Asks}
}

// labelling is the configuration of the Label Studio project. White space is shown as it
// is: every character counts in the offsets.
func (x *export) labelling() []byte {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	choices := func(name, label, mode string, values [][2]string) {
		line(`  <Header value="` + attribute(label) + `"/>`)
		line(`  <Choices name="` + name + `" toName="text" perRegion="true" choice="` + mode + `" visibleWhen="region-selected">`)
		for _, v := range values {
			line(`    <Choice value="` + attribute(v[0]) + `" hint="` + attribute(v[1]) + `"/>`)
		}
		line(`  </Choices>`)
	}
	page := x.words.page()
	line(`<View>`)
	line(`  <Style>.htx-text{white-space:pre-wrap}</Style>`)
	line(`  <Labels name="label" toName="text"><Label value="claim" hint="` + attribute(page.Claim) + `"/></Labels>`)
	line(`  <Text name="text" value="$text" granularity="symbol"/>`)
	var topics, kinds, stances [][2]string
	for _, t := range x.Taxonomy.Topics() {
		topics = append(topics, [2]string{t.Slug, t.Label.In(x.words.lang)})
	}
	for _, k := range Kinds() {
		kinds = append(kinds, [2]string{string(k), x.words.kinds[k]})
	}
	for _, s := range Stances() {
		stances = append(stances, [2]string{string(s), x.words.stances[s]})
	}
	choices("topics", page.Topics, "multiple", topics)
	choices("kind", x.words.kindOf, "single", kinds)
	choices("stance", x.words.stance, "single", stances)
	line(`</View>`)
	return []byte(b.String())
}

func attribute(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder never fails
	return b.String()
}

var taskFields = []fieldNote{
	{"tasks.json", "data.text", "text", "The words as posted", "Le texte publié"},
	{"tasks.json", "data.uri, data.cid", "id", "The post and its version", "Le post et sa version"},
	{"tasks.json", "predictions", "list", "Claims as skyarchive reads them", "Les affirmations telles que skyarchive les lit"},
	{"tasks.json", "value.start, value.end", "number", "Range in the text, in Unicode code points", "Intervalle dans le texte, en points de code Unicode"},
	{"labelling.xml", "", "text", "Configuration to paste into a Label Studio project", "Configuration à coller dans un projet Label Studio"},
}
