package export

import (
	"fmt"
	"net/url"
	"strings"

	"skyarchive/atproto"
)

// plainMarkdown is a line of words as Markdown.
func plainMarkdown(s string) string { return markdownText(oneLine(s), nil, nil) }

// facetURL is where a facet leads to; "" if nobody should be led there.
func facetURL(f atproto.Facet) string {
	switch f.Kind {
	case atproto.FacetLink:
		if isWebURL(f.Value) {
			return f.Value
		}
	case atproto.FacetMention:
		if strings.HasPrefix(f.Value, "did:") {
			return "https://bsky.app/profile/" + url.PathEscape(f.Value)
		}
	case atproto.FacetTag:
		return "https://bsky.app/hashtag/" + url.PathEscape(strings.TrimPrefix(f.Value, "#"))
	}
	return ""
}

func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (strings.EqualFold(u.Scheme, "https") || strings.EqualFold(u.Scheme, "http")) && u.Host != ""
}

// destination is a URL as the target of a Markdown link.
func destination(s string) string {
	var b strings.Builder
	brackets := strings.ContainsAny(s, "()")
	if brackets {
		b.WriteByte('<')
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ', c == 0x7f, strings.IndexByte("<>\\\"`|", c) >= 0:
			fmt.Fprintf(&b, "%%%02X", c)
		case c == '&' && entityAt(s, i):
			b.WriteString(`\&`)
		default:
			b.WriteByte(c)
		}
	}
	if brackets {
		b.WriteByte('>')
	}
	return strings.ToValidUTF8(b.String(), "%EF%BF%BD")
}

// linked is a Markdown link with these words, or the words where there is no address.
func linked(words, dest string) string {
	words = plainMarkdown(words)
	if words == "" || !isWebURL(dest) {
		return words
	}
	return "[" + words + "](" + destination(dest) + ")"
}
