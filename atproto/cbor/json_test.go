package cbor_test

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"skyarchive/atproto/cbor"
)

// treeFromJSON is FromJSON by a tree of encoding/json: slow and plain.
func treeFromJSON(doc []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one value")
	}
	return appendTree(nil, value, 0)
}

func appendTree(b []byte, value any, depth int) ([]byte, error) {
	if depth > cbor.MaxDepth {
		return nil, errors.New("too deep")
	}
	var err error
	switch v := value.(type) {
	case bool:
		return cbor.AppendBool(b, v), nil
	case string:
		return cbor.AppendText(b, v), nil
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return cbor.AppendInt(b, n), nil
		}
		f, err := v.Float64()
		if err != nil {
			return nil, err
		}
		return cbor.AppendFloat(b, f), nil
	case []any:
		b = cbor.AppendList(b, len(v))
		for _, element := range v {
			if b, err = appendTree(b, element, depth+1); err != nil {
				return nil, err
			}
		}
		return b, nil
	case map[string]any:
		if link, ok := v["$link"].(string); ok && len(v) == 1 && len(link) == 59 && link[0] == 'b' {
			lower := base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
			if cid, err := lower.DecodeString(link[1:]); err == nil && len(cid) == 36 && lower.EncodeToString(cid) == link[1:] {
				return cbor.AppendLink(b, [36]byte(cid)), nil
			}
		}
		if text, ok := v["$bytes"].(string); ok && len(v) == 1 {
			if raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "=")); err == nil {
				return cbor.AppendBytes(b, raw), nil
			}
		}
		b = cbor.AppendMap(b, len(v))
		for _, key := range slices.SortedFunc(maps.Keys(v), cbor.CompareKeys) {
			if b, err = appendTree(cbor.AppendText(b, key), v[key], depth+1); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	return cbor.AppendNull(b), nil
}

var jsonSeeds = []string{
	`{"a":1,"b":[null,true,"x",{"$link":"b"}],"$bytes":"AA"}`, `-1.5e3`, `"\ud800"`, `{"aa":{},"b":{}}`,
	` {"b" : [ ] , "a" : { } } `, "{\"a\":\"b\xff\xc3\",\"\xe2\x82\":\"\"}", `"\u00e9\ud83d\ude00\ud83d\ud83d\ude00\udc00\u12"`, `"\uD83D\n\/\"\\\b\f\r\t"`, `"\'"`,
	`{"a":1,"a":{"b":2},"a":3}`, `{"a":1e999,"a":1}`, `{"a":1,"a":1e999}`, `{"b":1,"a":2,"b":[3]}`,
	`-0`, `00`, `1.`, `.5`, `1e`, `1e+2`, `9223372036854775808`, `-9223372036854775808`, `18446744073709551616e0`, `-`, `01`,
	`{"$link":"bafyreidfcktqnfmykz2ps3dbul35pepleq7kvv526g47xahuz3rqtptmky"}`, `{"$link":"bafyreidfcktqnfmykz2ps3dbul35pepleq7kvv526g47xahuz3rqtptmkz"}`,
	`{"$link":1}`, `{"$bytes":"AQ=="}`, `{"$bytes":"A\nQ"}`, `{"$bytes":"*"}`, `{"$bytes":[]}`, `{"$bytes":"AA","$bytes":"AQ"}`,
	`[1,]`, `{"a":1,}`, `{1:2}`, `{"a" 1}`, `[1 2]`, `truee`, `nul`, `"`, `"\`, `"\u`, "\"\n\"", `[`, `{`, `{"a"`, `{"a":`, ``, ` `, `1 2`, "\ufeff1", "[1]\x00",
	`["` + strings.Repeat("x", 23) + `","` + strings.Repeat("é", 12) + `","` + strings.Repeat(`\n`, 256) + `"]`,
	`[` + strings.Repeat("0,", 300) + `{"z":` + strings.Repeat("[", 120) + strings.Repeat("]", 120) + `}]`,
	`{"a":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `,"a":1}`,
	strings.Repeat("[", 129) + strings.Repeat("]", 129), strings.Repeat("[", 130) + strings.Repeat("]", 130),
	`{"a":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `,"a":1}`,
	`{"a":` + strings.Repeat("[", 9999) + strings.Repeat("]", 9999) + `,"a":1}`,
	`{` + manyKeys(30) + `}`,
}

// manyKeys are pairs in no order, some twice.
func manyKeys(n int) string {
	var pairs []string
	for i := range n {
		pairs = append(pairs, `"`+strings.Repeat("k", i*7%5)+string(rune('a'+i*11%26))+`":`+strings.Repeat("1", 1+i%3))
	}
	return strings.Join(pairs, ", ")
}

// FromJSON reads what encoding/json reads, and writes the bytes that its tree gives.
func TestFromJSONLikeTree(t *testing.T) {
	t.Parallel()
	for _, doc := range jsonSeeds {
		likeTree(t, []byte(doc))
	}
}

func likeTree(t *testing.T, doc []byte) {
	t.Helper()
	got, err := cbor.FromJSON(doc)
	want, wantErr := treeFromJSON(doc)
	if !bytes.Equal(got, want) || (err == nil) != (wantErr == nil) {
		t.Errorf("%.200q gives %x, %v, want %x, %v", doc, got, err, want, wantErr)
	}
}

// What is behind the bytes that a buffer holds does not depend on them.
func TestAppendJSON(t *testing.T) {
	t.Parallel()
	for _, doc := range jsonSeeds {
		want, wantErr := cbor.FromJSON([]byte(doc))
		got, err := cbor.AppendJSON([]byte("before"), []byte(doc))
		if wantErr != nil && err != nil {
			continue
		}
		if after, ok := bytes.CutPrefix(got, []byte("before")); !ok || !bytes.Equal(after, want) {
			t.Errorf("%.200q gives %x, %v, want %x, %v", doc, got, err, want, wantErr)
		}
	}
}

// FromJSON and the tree of encoding/json agree, and what is written is one well-formed item,
// and canonical: keys in order, once each.
func FuzzFromJSON(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		likeTree(t, doc)
		b, err := cbor.FromJSON(doc)
		if err != nil {
			return
		}
		it, err := cbor.Parse(b)
		if err != nil {
			t.Fatalf("%q gives %x: %v", doc, b, err)
		}
		var ordered func(cbor.Item)
		ordered = func(it cbor.Item) {
			last, n := "", 0
			for key, value := range it.Fields() {
				if n++; n > 1 && cbor.CompareKeys(last, string(key)) >= 0 {
					t.Errorf("%q: key %q stands after %q", doc, key, last)
				}
				last = string(key)
				ordered(value)
			}
			for e := range it.All() {
				ordered(e)
			}
		}
		ordered(it)
	})
}

func BenchmarkFromJSON(b *testing.B) {
	doc := []byte(`{"$type":"app.bsky.feed.post","createdAt":"2025-02-03T17:20:31.000Z","langs":["fr"],"text":"La centrale a produit 12 TWh l'an dernier,\nun dixième de moins qu'en 2023 : https://example.org/rapport","facets":[{"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://example.org/rapport"}],"index":{"byteStart":78,"byteEnd":105}}],"reply":{"root":{"cid":"bafyreidfcktqnfmykz2ps3dbul35pepleq7kvv526g47xahuz3rqtptmky","uri":"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3lhqvzzzzzz22"},"parent":{"cid":"bafyreidfcktqnfmykz2ps3dbul35pepleq7kvv526g47xahuz3rqtptmky","uri":"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3lhqvzzzzzz22"}}}`)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	var buf []byte
	for b.Loop() {
		buf, _ = cbor.AppendJSON(buf[:0], doc)
	}
}
