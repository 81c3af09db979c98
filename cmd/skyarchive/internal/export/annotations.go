package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
)

// An Annotation is a passage that a person marked as a claim in Label Studio.
type Annotation struct {
	Post   syntax.ATURI
	CID    string // of the version that was annotated
	Region string // id in Label Studio: of a prediction that was kept, the claim's id
	analysis.Span
	Text   string
	Topics []string
	Kind   analysis.Kind
	Stance analysis.Stance
	By     string    // "" if the file does not say
	At     time.Time // when they last changed it, zero if the file does not say
}

// ErrAnnotations says that a file is no export of annotated tasks.
var ErrAnnotations = errors.New("not what Label Studio exports as JSON (not JSON-MIN) of tasks from skyarchive")

// annotated is a task as Label Studio exports it.
type annotated struct {
	Data        taskData `json:"data"`
	Annotations []struct {
		By        json.RawMessage `json:"completed_by"`
		Created   time.Time       `json:"created_at"`
		Updated   time.Time       `json:"updated_at"`
		Cancelled bool            `json:"was_cancelled"`
		Result    []region        `json:"result"`
	} `json:"annotations"`
}

// ReadAnnotations reads the claims that people marked, in the order of the file. Each range
// is checked against the words that Label Studio kept with it.
func ReadAnnotations(r io.Reader) ([]Annotation, error) {
	var tasks []annotated
	if err := json.NewDecoder(r).Decode(&tasks); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAnnotations, err)
	}
	var list []Annotation
	for i, task := range tasks {
		if task.Data.URI == "" || task.Data.Text == "" {
			return nil, fmt.Errorf("%w: task %d has no uri or no text", ErrAnnotations, i+1)
		}
		for _, a := range task.Annotations {
			if a.Cancelled {
				continue
			}
			first, at := len(list), a.Created
			if a.Updated.After(at) {
				at = a.Updated
			}
			for i := range a.Result { // some versions put the annotation's id behind the region's
				a.Result[i].ID, _, _ = strings.Cut(a.Result[i].ID, "#")
			}
			for _, reg := range a.Result {
				if reg.Type != "labels" {
					continue
				}
				span, err := spanOf(task.Data.Text, reg.Val)
				if err != nil {
					return nil, fmt.Errorf("%w: task %d: %w", ErrAnnotations, i+1, err)
				}
				list = append(list, Annotation{
					Post: task.Data.URI, CID: task.Data.CID, Region: reg.ID, Span: span, Text: task.Data.Text[span.Start:span.End], By: annotator(a.By), At: at.UTC(),
				})
			}
			for _, reg := range a.Result {
				if k := slices.IndexFunc(list[first:], func(x Annotation) bool { return x.Region == reg.ID }); k >= 0 {
					list[first+k].choose(reg)
				}
			}
		}
	}
	return list, nil
}

func (a *Annotation) choose(r region) {
	if r.Type != "choices" || len(r.Val.Choices) == 0 {
		return
	}
	switch r.From {
	case "topics":
		a.Topics = r.Val.Choices
	case "kind":
		a.Kind = analysis.Kind(r.Val.Choices[0])
	case "stance":
		a.Stance = analysis.Stance(r.Val.Choices[0])
	}
}

// spanOf is a range of Label Studio in bytes. Its offsets are code points, but UTF-16 units
// in versions before 1.4: the words tell which. A browser counts CR LF as one, so in a text
// that has one, words that stand in it once say by themselves where they are.
func spanOf(text string, v regionValue) (analysis.Span, error) {
	runes := []rune(text)
	if 0 <= v.Start && v.Start < v.End && v.End <= len(runes) {
		start := len(string(runes[:v.Start]))
		words := string(runes[v.Start:v.End])
		if v.Text == "" || words == v.Text {
			return analysis.Span{Start: start, End: start + len(words)}, nil
		}
	}
	units := utf16.Encode(runes)
	if 0 <= v.Start && v.Start < v.End && v.End <= len(units) {
		start := len(string(utf16.Decode(units[:v.Start])))
		words := string(utf16.Decode(units[v.Start:v.End]))
		if words == v.Text {
			return analysis.Span{Start: start, End: start + len(words)}, nil
		}
	}
	start := strings.Index(text, v.Text)
	if strings.Contains(text, "\r\n") && v.Text != "" && start >= 0 && start == strings.LastIndex(text, v.Text) {
		return analysis.Span{Start: start, End: start + len(v.Text)}, nil
	}
	return analysis.Span{}, fmt.Errorf("%d to %d is not %q", v.Start, v.End, v.Text)
}

// annotator is who annotated: a number, or an account with its address.
func annotator(raw json.RawMessage) string {
	var account struct {
		Email string `json:"email"`
	}
	if json.Unmarshal(raw, &account) == nil && account.Email != "" {
		return account.Email
	}
	var id json.Number
	if json.Unmarshal(raw, &id) == nil && id != "" {
		return "labelstudio:" + id.String()
	}
	return ""
}
