package export

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"skyarchive/atproto"
)

// handle is the confirmed handle, "" for none.
func (a *Account) handle() string {
	if a == nil || a.Handle.IsInvalidHandle() {
		return ""
	}
	return string(a.Handle)
}

// analysis is the version that the account's stored results come from.
func (a *Account) analysis() string {
	if a == nil {
		return ""
	}
	return a.Analysis
}

func (a *Account) display() string {
	if a == nil {
		return ""
	}
	return a.DisplayName
}

func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func onlyTrue(b bool) string {
	if b {
		return "true"
	}
	return ""
}

func float(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// linksOf are the addresses of a post's links and card, each once.
func linksOf(p atproto.Post) []string {
	list := appendNew(nil, facetValues(p, atproto.FacetLink)...)
	if p.Embed.Card != nil && p.Embed.Card.URL != "" {
		list = appendNew(list, p.Embed.Card.URL)
	}
	return list
}

func hosts(links []string) []string {
	var list []string
	for _, link := range links {
		if u, err := url.Parse(link); err == nil && u.Host != "" {
			list = appendNew(list, strings.ToLower(u.Hostname()))
		}
	}
	return list
}

func hashtags(p atproto.Post) []string {
	var list []string
	for _, tag := range append(facetValues(p, atproto.FacetTag), p.Tags...) {
		list = appendNew(list, strings.ToLower(strings.TrimPrefix(tag, "#")))
	}
	return list
}

func facetValues(p atproto.Post, kind atproto.FacetKind) []string {
	var list []string
	for _, f := range p.Facets {
		if f.Kind == kind {
			list = append(list, f.Value)
		}
	}
	return list
}

func mediaOf(p atproto.Post) (types, alts []string) {
	for _, img := range p.Embed.Images {
		types, alts = append(types, "photo"), append(alts, img.Alt)
	}
	if v := p.Embed.Video; v != nil {
		types, alts = append(types, "video"), append(alts, v.Alt)
	}
	return types, alts
}

// appendNew appends the values that a list does not have.
func appendNew[T comparable](list []T, values ...T) []T {
	for _, v := range values {
		if !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}
