package archive

import (
	"reflect"
	"slices"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
)

// A spool gives back the threads that it took, nil lists and empty ones too.
func TestSpool(t *testing.T) {
	const did = syntax.DID("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
	own := func(key string) syntax.ATURI { return atproto.Path(atproto.CollectionPost + "/" + key).URI(did) }
	other := atproto.Path(atproto.CollectionPost + "/3lk3pc6o32222").URI("did:web:aaa.test")
	one, three := 1, 3
	first, odd := own("3lk3pc6o32222"), own("3lk3pc6o3222z-été")
	want := []analysis.Thread{
		{
			Root: first, Posts: []syntax.ATURI{first, own("7zzzzzzzzzzzz"), odd},
			Numbering: &analysis.Numbering{Total: &three, Numbers: []*int{&one, nil, &three}, Missing: []int{2}},
			Complete:  true,
			Branches:  [][]syntax.ATURI{{own("3lk3pc6o3222b")}, {}},
			Joins:     []analysis.Join{{URI: odd, By: analysis.ByReply, Why: "it answers « 1/3 »"}, {URI: other, By: analysis.ByPerson, Why: "it answers « 1/3 »"}},
			Gaps:      []analysis.Gap{{Kind: analysis.GapUnseen, After: first, URI: other}, {Kind: analysis.GapNumber, Number: 2}},
		},
		{Root: other, Posts: []syntax.ATURI{other, "not a URI", ""}, Branches: [][]syntax.ATURI{}, Joins: []analysis.Join{}},
		{Root: odd, Posts: []syntax.ATURI{odd}, Numbering: &analysis.Numbering{Missing: []int{}, Numbers: []*int{nil}}, Gaps: []analysis.Gap{}},
	}
	s := newSpool(did)
	for _, thread := range want {
		if err := s.add(thread); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if got := slices.Collect(s.all()); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
