package analysis_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/analysis/quantity"
	"skyarchive/analysis/topic"
)

// fill gives every field a value that is not zero.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[syntax.ATURI]() {
			v.SetString(fmt.Sprintf("at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/%d", *n))
			return
		}
		v.SetString("<é> & \"" + string(rune('a'+*n%26)))
	case reflect.Int:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 8)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" {
				fill(v.Field(i), n)
			}
		}
	default:
		panic(v.Kind().String())
	}
}

// Every field of an analysis comes back from its JSON.
func TestAppendJSON(t *testing.T) {
	t.Parallel()
	var p, back analysis.PostAnalysis
	n := 0
	fill(reflect.ValueOf(&p).Elem(), &n)
	p.Passages = append(p.Passages, analysis.Passage{Claim: &analysis.Claim{}, Quantities: []quantity.Quantity{{}}}, analysis.Passage{})
	doc := p.AppendJSON([]byte("{"))
	if err := json.Unmarshal(append(doc, '}'), &back); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	if !reflect.DeepEqual(p, back) {
		t.Errorf("%s\n gives back %+v\nwant %+v", doc, back, p)
	}
}

// A thread is written as encoding/json writes it.
func TestThreadAppendJSON(t *testing.T) {
	t.Parallel()
	var full analysis.Thread
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	full.Gaps = append(full.Gaps, analysis.Gap{Kind: analysis.GapDeleted})
	full.Numbering.Numbers[0] = nil
	for _, thread := range []analysis.Thread{{}, full, {Numbering: &analysis.Numbering{}}} {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(thread); err != nil {
			t.Fatal(err)
		}
		got := append(thread.AppendJSON([]byte("{")), "}\n"...)
		if string(got) != want.String() {
			t.Errorf("%s\nwant %s", got, &want)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	a := analysis.NewAnalyzer(topic.Default())
	var read []analysis.PostAnalysis
	for _, p := range dailyPosts {
		read = append(read, a.Posts(post(p.text, p.lang))...)
	}
	var buf []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		buf = read[i%len(read)].AppendJSON(buf[:0])
	}
}
