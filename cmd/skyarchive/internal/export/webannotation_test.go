package export

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"skyarchive/analysis"
	"skyarchive/store"
)

func TestWebAnnotationGolden(t *testing.T) {
	t.Parallel()
	o := options("webannotation")
	o.Out = t.TempDir()
	dir, sum := run(t, sample(t), o)
	text := golden(t, "webannotation", dir)["claims.jsonld"]
	var collection struct {
		Context string `json:"@context"`
		Type    string
		Total   int
		First   struct {
			Type  string
			Items []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(text), &collection); err != nil {
		t.Fatal(err)
	}
	if collection.Context != webContext || collection.Type != "AnnotationCollection" || collection.First.Type != "AnnotationPage" {
		t.Errorf("the collection is %+v", collection)
	}
	if collection.Total != len(collection.First.Items) || collection.Total != sum.Claims || sum.Claims != 4 {
		t.Errorf("total %d, %d items, %d claims; want 4 of each", collection.Total, len(collection.First.Items), sum.Claims)
	}
	for _, item := range collection.First.Items {
		for _, field := range []string{"id", "type", "motivation", "target", "generator"} {
			if item[field] == nil {
				t.Errorf("%v lacks %s", item["id"], field)
			}
		}
	}
	if strings.Contains(text, "secret") {
		t.Error("a private note is written")
	}
}

func TestWebAnnotationPublic(t *testing.T) {
	t.Parallel()
	m := sample(t)
	var b bytes.Buffer
	o := options("webannotation")
	o.Public, o.Writer = true, &b
	if _, err := Run(t.Context(), m, o); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"marie", "paul", "secret", "a été supprimé"} {
		if strings.Contains(b.String(), words) {
			t.Errorf("a public form says %q", words)
		}
	}
}

// Positions count code points, and the words around a claim tell which of two it is.
func TestWebAnnotationSelectors(t *testing.T) {
	t.Parallel()
	text := "👉 e\u0301té 👨‍👩‍👧 : 40 % de l'eau. Puis 40 % de l'eau encore."
	words := "40 % de l'eau"
	for _, start := range []int{strings.Index(text, words), strings.LastIndex(text, words)} {
		list := selectors(text, analysis.Span{Start: start, End: start + len(words)})
		quote, place := list[0], list[1]
		points := []rune(text)
		if got := string(points[*place.Start:*place.End]); got != words || quote.Exact != words {
			t.Errorf("selects %q and %q, want %q", got, quote.Exact, words)
		}
		if !strings.HasSuffix(text[:start], quote.Prefix) || !strings.HasPrefix(text[start+len(words):], quote.Suffix) || quote.Prefix == "" {
			t.Errorf("around it: %q and %q", quote.Prefix, quote.Suffix)
		}
		if at := strings.Index(text, quote.Prefix+quote.Exact+quote.Suffix) + len(quote.Prefix); at != start {
			t.Errorf("the quotation is found at %d, want %d", at, start)
		}
	}
	c := store.Claim{}
	c.End = len(text)
	if got := *selectors(text, c.Span)[1].End; got != len([]rune(text)) {
		t.Errorf("ends at %d", got)
	}
}
