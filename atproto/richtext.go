package atproto

import (
	"slices"
	"unicode/utf8"

	"skyarchive/atproto/cbor"
)

// FacetKind is what a facet marks.
type FacetKind uint8

// The kinds of facets.
const (
	FacetLink    FacetKind = iota // Value is a URL
	FacetMention                  // Value is a DID
	FacetTag                      // Value is a hashtag without #
)

// A Facet marks a range of a post's text, in bytes, as its author's app wrote it: ranges
// may overlap or lie outside the text. [Post.ValidFacets] gives those that can be used.
type Facet struct {
	Start, End int
	Kind       FacetKind
	Value      string
}

func decodeFacets(value cbor.Item) []Facet {
	var list []Facet
	for facet := range value.All() {
		index := facet.Field("index")
		start, ok1 := index.Field("byteStart").Int()
		end, ok2 := index.Field("byteEnd").Int()
		if !ok1 || !ok2 || start < 0 || end > 1<<30 || start > end {
			continue
		}
		for feature := range facet.Field("features").All() {
			f := Facet{Start: int(start), End: int(end)}
			switch kind := feature.Field("$type"); {
			case kind.Is("app.bsky.richtext.facet#link"):
				f.Kind, f.Value = FacetLink, feature.Field("uri").Text()
			case kind.Is("app.bsky.richtext.facet#mention"):
				f.Kind, f.Value = FacetMention, feature.Field("did").Text()
			case kind.Is("app.bsky.richtext.facet#tag"):
				f.Kind, f.Value = FacetTag, feature.Field("tag").Text()
			default:
				continue
			}
			if f.Value != "" {
				list = append(list, f)
			}
		}
	}
	return list
}

// ValidFacets are the facets that can be applied to the text, in order and without
// overlap: non-empty, inside the text, not cutting a character. Of overlapping ones the
// first that starts is kept.
func (p *Post) ValidFacets() []Facet {
	if len(p.Facets) == 0 {
		return nil
	}
	list := slices.Clone(p.Facets)
	slices.SortStableFunc(list, func(a, b Facet) int { return a.Start - b.Start })
	last := 0
	return slices.DeleteFunc(list, func(f Facet) bool {
		ok := f.Start >= last && f.Start < f.End && f.End <= len(p.Text) &&
			atRune(p.Text, f.Start) && atRune(p.Text, f.End)
		if ok {
			last = f.End
		}
		return !ok
	})
}

// atRune says whether a character starts, or the text ends, at byte i.
func atRune(s string, i int) bool { return i == len(s) || utf8.RuneStart(s[i]) }
