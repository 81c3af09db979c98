package cbor_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/atdata"

	"skyarchive/atproto/cbor"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, hex string
		want      cbor.Kind
	}{
		{"zero", "00", cbor.Int},
		{"negative", "3903e7", cbor.Int},
		{"bytes", "43010203", cbor.Bytes},
		{"text", "6161", cbor.Text},
		{"list", "820102", cbor.List},
		{"map", "a1616101", cbor.Map},
		{"link", "d82a44000171aa", cbor.Link},
		{"link without its prefix", "d82a4101", cbor.Bytes},
		{"tag 42 around text", "d82a6161", cbor.Text},
		{"another tag", "c06161", cbor.Text},
		{"true", "f5", cbor.Bool},
		{"null", "f6", cbor.Null},
		{"undefined", "f7", cbor.Null},
		{"half float", "f93c00", cbor.Float},
		{"float", "fb3ff0000000000000", cbor.Float},
	} {
		it, err := cbor.Parse(unhex(t, tt.hex))
		if err != nil || it.Kind() != tt.want {
			t.Errorf("%s: kind is %v, %v, want %v", tt.name, it.Kind(), err, tt.want)
		}
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, hex string }{
		{"nothing", ""},
		{"two items", "0000"},
		{"text that ends", "6261"},
		{"a head that ends", "19ff"},
		{"an absurd length", "7bffffffffffffffff"},
		{"an absurd list", "9bffffffffffffffff00"},
		{"a list that ends", "8201"},
		{"a map key that is a number", "a10101"},
		{"a map without its value", "a16161"},
		{"indefinite length", "9f01ff"},
		{"reserved head", "1c"},
		{"break", "ff"},
		{"simple value", "f0"},
		{"too deep", strings.Repeat("81", cbor.MaxDepth+1) + "00"},
		{"tags too deep", strings.Repeat("c1", cbor.MaxDepth+1) + "00"},
	} {
		if it, err := cbor.Parse(unhex(t, tt.hex)); !errors.Is(err, cbor.ErrMalformed) {
			t.Errorf("%s: Parse = %v, %v, want %v", tt.name, it.Kind(), err, cbor.ErrMalformed)
		}
	}
	if _, err := cbor.Parse(unhex(t, strings.Repeat("81", cbor.MaxDepth)+"00")); err != nil {
		t.Errorf("%d deep: %v", cbor.MaxDepth, err)
	}
}

func TestInt(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, 23, 24, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64, -1, -24, -25, -257, math.MinInt64} {
		it, err := cbor.Parse(cbor.AppendInt(nil, n))
		if got, ok := it.Int(); err != nil || !ok || got != n {
			t.Errorf("%d is read as %d, %v, %v", n, got, ok, err)
		}
	}
	for _, s := range []string{"1b8000000000000000", "3b8000000000000000", "6161", "f5"} {
		it, err := cbor.Parse(unhex(t, s))
		if got, ok := it.Int(); err != nil || ok {
			t.Errorf("%s is read as the integer %d, %v", s, got, err)
		}
	}
}

// A field is found whatever the order of keys; of duplicate keys the first counts; text
// and its place in the document agree.
func TestFields(t *testing.T) {
	t.Parallel()
	doc := cbor.AppendMap(nil, 4)
	doc = cbor.AppendText(cbor.AppendText(doc, "text"), "l'été")
	doc = cbor.AppendInt(cbor.AppendText(doc, "a"), 7)
	doc = cbor.AppendText(cbor.AppendText(doc, "text"), "second")
	doc = cbor.AppendList(cbor.AppendText(doc, "list"), 2)
	doc = cbor.AppendBool(cbor.AppendNull(doc), true)
	it, err := cbor.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	text := it.Field("text")
	if start, end := text.TextRange(); text.Text() != "l'été" || string(doc[start:end]) != "l'été" {
		t.Errorf("text is %q at %d:%d", text.Text(), start, end)
	}
	if n, ok := it.Field("a").Int(); !ok || n != 7 {
		t.Errorf("a is %d, %v", n, ok)
	}
	var kinds []cbor.Kind
	for e := range it.Field("list").All() {
		kinds = append(kinds, e.Kind())
	}
	if !slices.Equal(kinds, []cbor.Kind{cbor.Null, cbor.Bool}) {
		t.Errorf("list holds %v", kinds)
	}
	if it.Count() != 4 || it.Field("list").Count() != 2 || text.Count() != 0 {
		t.Errorf("counts are %d, %d, %d", it.Count(), it.Field("list").Count(), text.Count())
	}
}

// An absent item can be read like any other.
func TestAbsent(t *testing.T) {
	t.Parallel()
	var it cbor.Item
	if it = it.Field("a").Field("b"); it.Kind() != cbor.Invalid || it.Text() != "" || it.Bytes() != nil || it.Bool() || it.Count() != 0 || it.Len() != 0 {
		t.Errorf("an absent item is %+v", it)
	}
	for range it.All() {
		t.Error("an absent item has elements")
	}
	for range it.Fields() {
		t.Error("an absent item has fields")
	}
	if _, ok := it.Int(); ok {
		t.Error("an absent item is a number")
	}
	if start, end := it.TextRange(); start != 0 || end != 0 {
		t.Error("an absent item has a place")
	}
}

// FromJSON writes the bytes that indigo writes for the same record.
func TestFromJSON(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		`{}`,
		`{"$type":"app.bsky.feed.post","text":"Du blé, 50 000 t","createdAt":"2024-01-01T00:00:00Z","langs":["fr"]}`,
		`{"bb":1,"a":-1,"ccc":null,"ab":true,"list":[1,[2,{"x":"y"}],false]}`,
		`{"ref":{"$link":"bafyreidfcktqnfmykz2ps3dbul35pepleq7kvv526g47xahuz3rqtptmky"},"raw":{"$bytes":"AQID"}}`,
		`{"n":9007199254740991,"small":-65537}`,
	} {
		data, err := atdata.UnmarshalJSON([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		want, err := atdata.MarshalCBOR(data)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cbor.FromJSON([]byte(doc)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s gives %x, %v, want %x", doc, got, err, want)
		}
	}
	for doc, want := range map[string]string{
		`1.5`:               "fb3ff8000000000000",
		`{"$link":"bafy"}`:  "a165246c696e6b6462616679",
		`{"$bytes":"AQ=="}`: "4101",
	} {
		if got, err := cbor.FromJSON([]byte(doc)); err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%s gives %x, %v, want %s", doc, got, err, want)
		}
	}
	for _, doc := range []string{"", "{", "{} {}", "1e999", strings.Repeat("[", 300) + strings.Repeat("]", 300)} {
		if got, err := cbor.FromJSON([]byte(doc)); err == nil {
			t.Errorf("%.20s gives %x, want an error", doc, got)
		}
	}
}

func TestWithout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, doc, want string }{
		{"one key", "a2616101637369674101", "a1616101"},
		{"keys in another order", "a363736967410162626202616101", "a261610162626202"},
		{"no such key", "a1616101", ""},
		{"the key twice", "a2637369674101637369674102", ""},
		{"another key twice", "a3616101616102637369674101", ""},
		{"no map", "80", ""},
		{"cut", "a2616101", ""},
	} {
		got, err := cbor.Without(unhex(t, tt.doc), "sig")
		if hex.EncodeToString(got) != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: got %x, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

// Every item of what Parse accepts lies inside the document, the items of a list or map
// follow one another, and none of its readings goes wrong.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"00", "a1616101", "d82a44000171aa", "8301f6fb3ff0000000000000", "c0c1d82a420001", "a2616180616282a0f5", "ff"} {
		doc, err := hex.DecodeString(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		it, err := cbor.Parse(doc)
		if err != nil {
			if prefix, err := cbor.Prefix(doc); err == nil && (prefix.Len() == 0 || prefix.Len() >= len(doc)) {
				t.Errorf("a prefix of %d bytes in %d", prefix.Len(), len(doc))
			}
			return
		}
		if !bytes.Equal(it.Raw(), doc) {
			t.Errorf("Raw is %x, want %x", it.Raw(), doc)
		}
		walk(t, doc, it)
	})
}

func walk(t *testing.T, doc []byte, it cbor.Item) {
	if it.Kind() == cbor.Invalid || it.Len() <= 0 {
		t.Fatalf("an item is %+v", it)
	}
	if start, end := it.TextRange(); string(doc[start:end]) != it.Text() {
		t.Errorf("text %q stands at %d:%d", it.Text(), start, end)
	}
	it.Int()
	it.Bytes()
	n, size := 0, 0
	for e := range it.All() {
		walk(t, doc, e)
		n, size = n+1, size+e.Len()
	}
	first := map[string]cbor.Item{}
	for key, value := range it.Fields() {
		walk(t, doc, value)
		n, size = n+1, size+len(key)+value.Len()
		if _, ok := first[string(key)]; !ok {
			first[string(key)] = value
		}
	}
	if n != it.Count() || size > it.Len() {
		t.Errorf("%d elements of %d bytes in %d of %d", n, size, it.Count(), it.Len())
	}
	for key, want := range first {
		if got := it.Field(key); !bytes.Equal(got.Raw(), want.Raw()) {
			t.Errorf("field %q is %x, want %x", key, got.Raw(), want.Raw())
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
