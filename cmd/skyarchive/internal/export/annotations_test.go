package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"skyarchive/analysis"
)

// What skyarchive gives to Label Studio comes back in bytes, in either way of counting.
func TestAnnotationsComeBack(t *testing.T) {
	t.Parallel()
	m := sample(t)
	text := "👉 e\u0301té : 40 % de l'eau, « fin »"
	uri := m.put(annDID, 90, text, nil)
	m.claim("claimggggg", uri, "40 % de l'eau", []string{"water", "electricity"}, nil)
	var b bytes.Buffer
	o := options("labelstudio")
	o.Post, o.Writer = uri, &b
	if _, err := Run(t.Context(), m, o); err != nil {
		t.Fatal(err)
	}
	var tasks []map[string]any
	if err := json.Unmarshal(b.Bytes(), &tasks); err != nil {
		t.Fatal(err)
	}
	predictions := tasks[0]["predictions"].([]any)
	annotation := predictions[0].(map[string]any)
	annotation["created_at"] = "2025-04-01T10:00:00.5Z"
	tasks[0]["annotations"] = []any{annotation, map[string]any{"was_cancelled": true, "result": annotation["result"]}}
	start := strings.Index(text, "40 %")
	want := []Annotation{{
		Post: uri, CID: m.posts[len(m.posts)-1].CID, Region: "claimggggg", Span: analysis.Span{Start: start, End: start + len("40 % de l'eau")},
		Text: "40 % de l'eau", Topics: []string{"water", "electricity"}, Kind: analysis.Statistic, Stance: analysis.Asserts,
	}}
	for by, who := range map[string]any{"labelstudio:7": 7, "ann@example.org": map[string]any{"email": "ann@example.org"}, "": nil} {
		annotation["completed_by"] = who
		for _, units := range []bool{false, true} {
			for _, r := range annotation["result"].([]any) {
				value := r.(map[string]any)["value"].(map[string]any)
				from := len([]rune(text[:start]))
				if units {
					from = len(utf16.Encode([]rune(text[:start])))
				}
				value["start"], value["end"] = from, from+len("40 % de l'eau")
			}
			file, err := json.Marshal(tasks)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ReadAnnotations(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			want[0].By, want[0].At = by, got[0].At
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		}
	}
	list, err := ReadAnnotations(strings.NewReader(`[{"data":{"uri":"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3kabcdefghijk","text":"un\r\ndeux trois"},"annotations":[{"result":[{"id":"1","type":"labels","value":{"start":8,"end":13,"text":"trois"}}]}]}]`))
	if err != nil || len(list) != 1 || list[0].Text != "trois" || list[0].Start != 9 {
		t.Errorf("behind CR LF: %+v, %v", list, err)
	}
	for name, text := range map[string]string{
		"no JSON":        "x",
		"other tasks":    `[{"data":{"text":"a"}}]`,
		"other words":    `[{"data":{"uri":"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3kabcdefghijk","text":"abc"},"annotations":[{"result":[{"id":"1","type":"labels","value":{"start":0,"end":2,"text":"bc"}}]}]}]`,
		"words twice":    `[{"data":{"uri":"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3kabcdefghijk","text":"a\r\nb b"},"annotations":[{"result":[{"id":"1","type":"labels","value":{"start":2,"end":3,"text":"b"}}]}]}]`,
		"outside":        `[{"data":{"uri":"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3kabcdefghijk","text":"abc"},"annotations":[{"result":[{"id":"1","type":"labels","value":{"start":2,"end":9}}]}]}]`,
		"negative range": `[{"data":{"uri":"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3kabcdefghijk","text":"abc"},"annotations":[{"result":[{"id":"1","type":"labels","value":{"start":-1,"end":2}}]}]}]`,
	} {
		if list, err := ReadAnnotations(strings.NewReader(text)); !errors.Is(err, ErrAnnotations) {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
}
