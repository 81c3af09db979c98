package atproto_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

const someCID = "bafyreidfcktqnfmykz2ps3dbul35pepleq7kvv526g47xahuz3rqtptmky"

func decode(t *testing.T, record string) atproto.Post {
	t.Helper()
	b, err := cbor.FromJSON([]byte(record))
	if err != nil {
		t.Fatal(err)
	}
	p, err := atproto.DecodePost(atproto.Ref{URI: "at://did:plc:a/app.bsky.feed.post/3kaaaaaaaaa22"}, b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDecodePost(t *testing.T) {
	t.Parallel()
	p := decode(t, `{"$type":"app.bsky.feed.post","text":"L'eau, d'abord","createdAt":"2024-05-01T10:00:00+02:00",
		"langs":["fr","en"],"tags":["eau"],"unknown":{"x":[1,2]},
		"labels":{"$type":"com.atproto.label.defs#selfLabels","values":[{"val":"graphic-media"},{"val":""}]},
		"reply":{"root":{"uri":"at://did:plc:a/app.bsky.feed.post/1","cid":"x"},"parent":{"uri":"at://did:plc:a/app.bsky.feed.post/2"}}}`)
	if p.Text != "L'eau, d'abord" || !reflect.DeepEqual(p.Langs, []string{"fr", "en"}) || !reflect.DeepEqual(p.Tags, []string{"eau"}) ||
		!reflect.DeepEqual(p.Labels, []string{"graphic-media"}) {
		t.Errorf("post is %+v", p)
	}
	if p.Reply == nil || p.Reply.Root != (atproto.Ref{URI: "at://did:plc:a/app.bsky.feed.post/1", CID: "x"}) || p.Reply.Parent.URI != "at://did:plc:a/app.bsky.feed.post/2" {
		t.Errorf("reply is %+v", p.Reply)
	}
	if got, ok := p.Created(); !ok || !got.Equal(time.Date(2024, 5, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("created is %v, %v", got, ok)
	}
	if p.Author() != "did:plc:a" {
		t.Errorf("author is %s", p.Author())
	}
	if key, _ := atproto.TIDTime("3kaaaaaaaaa22"); !p.Age().Equal(key) {
		t.Errorf("age is %v, want that of the key, %v", p.Age(), key)
	}
	p.URI = "at://did:plc:a/app.bsky.feed.post/my-key"
	if created, _ := p.Created(); !p.Age().Equal(created) {
		t.Errorf("age is %v, want createdAt, %v", p.Age(), created)
	}
}

// Odd fields are passed over, and the others are read.
func TestDecodePostLeniently(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, fields string
		want         atproto.Post
	}{
		{"langs is a string", `"langs":"fr"`, atproto.Post{Langs: []string{"fr"}}},
		{"langs with a number", `"langs":[1,"fr"]`, atproto.Post{Langs: []string{"fr"}}},
		{"reply is text", `"reply":"x"`, atproto.Post{}},
		{"reply is empty", `"reply":{}`, atproto.Post{}},
		{"reply with a root only", `"reply":{"root":{"uri":"at://x/y/z"}}`, atproto.Post{Reply: &atproto.Reply{Root: atproto.Ref{URI: "at://x/y/z"}}}},
		{"facets is a map", `"facets":{}`, atproto.Post{}},
		{"labels is a list", `"labels":[1]`, atproto.Post{}},
		{"embed is text", `"embed":"x"`, atproto.Post{}},
		{"unknown embed", `"embed":{"$type":"com.example.embed"}`, atproto.Post{Embed: atproto.Embed{Other: "com.example.embed"}}},
		{"createdAt is a number", `"createdAt":5`, atproto.Post{}},
		{"no type", `"$type":null`, atproto.Post{}},
	} {
		p := decode(t, `{"text":"mots",`+tt.fields+`}`)
		if p.Text != "mots" {
			t.Errorf("%s: text is %q", tt.name, p.Text)
		}
		p.Ref, p.Text, p.TextStart = atproto.Ref{}, "", 0
		if !reflect.DeepEqual(p, tt.want) {
			t.Errorf("%s: post is %+v, want %+v", tt.name, p, tt.want)
		}
	}
	// A map with the same keys twice, which no JSON decoder would give.
	once, err := cbor.FromJSON([]byte(`{"text":"dit","createdAt":"2025"}`))
	if err != nil {
		t.Fatal(err)
	}
	other, err := cbor.FromJSON([]byte(`{"text":"non","createdAt":"2015"}`))
	if err != nil {
		t.Fatal(err)
	}
	twice := append(append([]byte{once[0] + 2}, once[1:]...), other[1:]...)
	if p, err := atproto.DecodePost(atproto.Ref{}, twice); err != nil || p.Text != "dit" || p.CreatedAt != "2025" || string(twice[p.TextStart:][:3]) != "dit" {
		t.Errorf("of keys that are there twice: %+v, %v", p, err)
	}
	for name, record := range map[string]string{"a list": `[]`, "text": `"x"`, "a like": `{"$type":"app.bsky.feed.like","text":"x"}`} {
		b, err := cbor.FromJSON([]byte(record))
		if err != nil {
			t.Fatal(err)
		}
		if p, err := atproto.DecodePost(atproto.Ref{}, b); !errors.Is(err, atproto.ErrNotAPost) {
			t.Errorf("%s is read as %+v, %v", name, p, err)
		}
	}
	if _, err := atproto.DecodePost(atproto.Ref{}, []byte("\xff")); !errors.Is(err, cbor.ErrMalformed) {
		t.Errorf("bytes that are no CBOR: error is %v", err)
	}
}

func TestDecodeEmbed(t *testing.T) {
	t.Parallel()
	blob := `{"$type":"blob","ref":{"$link":"` + someCID + `"},"mimeType":"image/jpeg","size":12}`
	want := atproto.Blob{CID: someCID, Type: "image/jpeg", Size: 12}
	quote := atproto.Ref{URI: "at://did:plc:b/app.bsky.feed.post/q", CID: "c"}
	record := `{"uri":"at://did:plc:b/app.bsky.feed.post/q","cid":"c"}`
	for _, tt := range []struct {
		name, embed string
		want        atproto.Embed
		blobs       int
	}{
		{"images", `{"$type":"app.bsky.embed.images","images":[{"alt":"une carte","image":` + blob + `},{"alt":"","image":{"cid":"old","mimeType":"image/png"}}]}`,
			atproto.Embed{Images: []atproto.Image{{Alt: "une carte", Blob: want}, {Blob: atproto.Blob{CID: "old", Type: "image/png"}}}}, 2},
		{"image that is none", `{"$type":"app.bsky.embed.images","images":[{"alt":"x"}]}`, atproto.Embed{Images: []atproto.Image{{Alt: "x"}}}, 0},
		{"video", `{"$type":"app.bsky.embed.video","alt":"film","video":` + blob + `,"captions":[{"lang":"fr","file":` + blob + `}]}`,
			atproto.Embed{Video: &atproto.Video{Alt: "film", Blob: want, Captions: map[string]atproto.Blob{"fr": want}}}, 2},
		{"card", `{"$type":"app.bsky.embed.external","external":{"uri":"https://a.test/x","title":"T","description":"D","thumb":` + blob + `}}`,
			atproto.Embed{Card: &atproto.Card{URL: "https://a.test/x", Title: "T", Description: "D", Thumb: want}}, 1},
		{"card without picture", `{"$type":"app.bsky.embed.external","external":{"uri":"https://a.test/x"}}`, atproto.Embed{Card: &atproto.Card{URL: "https://a.test/x"}}, 0},
		{"quote", `{"$type":"app.bsky.embed.record","record":` + record + `}`, atproto.Embed{Quote: quote}, 0},
		{"quote with an image", `{"$type":"app.bsky.embed.recordWithMedia","record":{"record":` + record + `},"media":{"$type":"app.bsky.embed.images","images":[{"alt":"a","image":` + blob + `}]}}`,
			atproto.Embed{Quote: quote, Images: []atproto.Image{{Alt: "a", Blob: want}}}, 1},
		{"quote in a quote", `{"$type":"app.bsky.embed.recordWithMedia","record":{"record":` + record + `},"media":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"at://x/y/z"}}}}`,
			atproto.Embed{Quote: quote}, 0},
	} {
		p := decode(t, `{"text":"","embed":`+tt.embed+`}`)
		if !reflect.DeepEqual(p.Embed, tt.want) {
			t.Errorf("%s: embed is %+v, want %+v", tt.name, p.Embed, tt.want)
		}
		if got := len(p.Embed.Blobs()); got != tt.blobs {
			t.Errorf("%s: %d blobs, want %d", tt.name, got, tt.blobs)
		}
	}
}

func TestFacets(t *testing.T) {
	t.Parallel()
	facet := func(start, end, feature string) string {
		return `{"index":{"byteStart":` + start + `,"byteEnd":` + end + `},"features":[` + feature + `]}`
	}
	link := `{"$type":"app.bsky.richtext.facet#link","uri":"https://a.test"}`
	p := decode(t, `{"text":"été à Lyon #eau @b.test","facets":[`+strings.Join([]string{
		facet("14", "18", `{"$type":"app.bsky.richtext.facet#tag","tag":"eau"}`),
		facet("0", "5", link),
		facet("19", "26", `{"$type":"app.bsky.richtext.facet#mention","did":"did:plc:b"}`),
		facet("3", "9", link),                          // overlaps the first
		facet("10", "11", `{"$type":"com.example#x"}`), // unknown
		facet("12", "11", link),                        // backwards
		facet("11", "11", link),                        // empty
		facet("-1", "2", link),                         // before the text
		facet("20", "99", link),                        // behind the text
		facet("6", "7", link),                          // cuts à
		facet("8", "12", `{"$type":"app.bsky.richtext.facet#link","uri":""}`),
		`{"index":{},"features":[]}`, `5`,
	}, ",")+`]}`)
	want := []atproto.Facet{
		{Start: 0, End: 5, Kind: atproto.FacetLink, Value: "https://a.test"},
		{Start: 14, End: 18, Kind: atproto.FacetTag, Value: "eau"},
		{Start: 19, End: 26, Kind: atproto.FacetMention, Value: "did:plc:b"},
	}
	if got := p.ValidFacets(); !reflect.DeepEqual(got, want) {
		t.Errorf("facets are %+v, want %+v", got, want)
	}
	if len(p.Facets) <= len(want) || p.Facets[0].Value != "eau" {
		t.Errorf("ValidFacets changed the facets as written: %+v", p.Facets)
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2024, 5, 1, 8, 0, 0, 0, time.UTC)
	for _, s := range []string{"2024-05-01T08:00:00Z", "2024-05-01T10:00:00.000+02:00", " 2024-05-01 08:00:00 ", "2024-05-01T08:00:00", "2024-05-01 08:00:00Z"} {
		if got, ok := atproto.ParseTime(s); !ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("ParseTime(%q) = %v, %v, want %v", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "hier", "2024", "1714550400", "2024-13-01T00:00:00Z"} {
		if got, ok := atproto.ParseTime(s); ok {
			t.Errorf("ParseTime(%q) = %v", s, got)
		}
	}
}

// Whatever the bytes, reading them ends well: the text is found where it is said to stand,
// and valid facets lie inside it, in order, without overlap.
func FuzzDecodePost(f *testing.F) {
	for _, s := range []string{
		`{"$type":"app.bsky.feed.post","text":"été #eau","facets":[{"index":{"byteStart":6,"byteEnd":10},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":"eau"}]}]}`,
		`{"text":"x","langs":"fr","reply":{"root":1},"embed":{"$type":"app.bsky.embed.recordWithMedia","media":{"$type":"app.bsky.embed.images","images":[1]}}}`,
	} {
		b, err := cbor.FromJSON([]byte(s))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		p, err := atproto.DecodePost(atproto.Ref{}, record)
		if err != nil {
			return
		}
		if string(record[p.TextStart:p.TextStart+len(p.Text)]) != p.Text {
			t.Errorf("text %q does not stand at %d", p.Text, p.TextStart)
		}
		last := 0
		for _, facet := range p.ValidFacets() {
			if facet.Start < last || facet.End <= facet.Start || facet.End > len(p.Text) {
				t.Errorf("facet %+v behind %d in %q", facet, last, p.Text)
			}
			last = facet.End
		}
		p.Embed.Blobs()
		p.Age()
	})
}
