package atproto

import (
	"net/url"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// webPages says under which path of the web client a collection's records are shown.
var webPages = map[string]string{
	CollectionPost:            "/post/",
	CollectionProfile:         "",
	"app.bsky.feed.generator": "/feed/",
	"app.bsky.graph.list":     "/lists/",
}

// WebURL is where people can read what an at:// URI names, or "" if no page shows it. With
// the DID as its authority the address outlives a change of handle. [ParsePost] and
// [ParseAccount] are the way back.
func WebURL(uri syntax.ATURI) string {
	author := AuthorOf(uri)
	if author == "" {
		return ""
	}
	profile := "https://bsky.app/profile/" + url.PathEscape(author)
	path := PathOf(uri)
	if path == "" {
		if strings.TrimSuffix(string(uri), "/") == "at://"+author {
			return profile
		}
		return ""
	}
	page, ok := webPages[path.Collection()]
	switch {
	case !ok || path.Key() == "":
		return ""
	case page == "":
		return profile
	}
	return profile + page + url.PathEscape(path.Key())
}
