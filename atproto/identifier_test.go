package atproto_test

import (
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

func TestParseAccount(t *testing.T) {
	t.Parallel()
	const did = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
	for _, tt := range []struct{ name, s, want string }{
		{"handle", "alice.example.org", "alice.example.org"},
		{"with @", "@alice.example.org", "alice.example.org"},
		{"wide @", "＠alice.example.org", "alice.example.org"},
		{"capitals", "Alice.Example.ORG", "alice.example.org"},
		{"spaces", "  alice.example.org\n", "alice.example.org"},
		{"bidi marks", "\u2066@alice.example.org\u2069", "alice.example.org"},
		{"mark behind the @", "@\u200ealice.example.org\u202c", "alice.example.org"},
		{"zero width", "\ufeffalice.example.org\u200b", "alice.example.org"},
		{"DID", did, did},
		{"did:web", "did:web:example.org", "did:web:example.org"},
		{"at URI", "at://" + did, did},
		{"at URI of a post", "at://alice.example.org/app.bsky.feed.post/3kaaaaaaaaa22", "alice.example.org"},
		{"profile", "https://bsky.app/profile/alice.example.org", "alice.example.org"},
		{"profile by DID", "https://bsky.app/profile/" + did + "/", did},
		{"escaped", "https://bsky.app/profile/did%3Aplc%3Aewvi7nxzyoun6zhxrhs64oiz", did},
		{"post", "https://bsky.app/profile/alice.example.org/post/3kaaaaaaaaa22?ref=x#top", "alice.example.org"},
		{"other client", "https://deer.social/profile/alice.example.org/lists", "alice.example.org"},
		{"no scheme", "bsky.app/profile/alice.example.org", "alice.example.org"},
	} {
		got, err := atproto.ParseAccount(tt.s)
		if err != nil || got.String() != tt.want {
			t.Errorf("%s: ParseAccount(%q) = %q, %v, want %q", tt.name, tt.s, got, err, tt.want)
		}
	}
	for _, tt := range []struct{ name, s, hint string }{
		{"empty", "", "looks like alice.bsky.social"},
		{"no dot", "@alice", "did you mean alice.bsky.social?"},
		{"half a DID", "did:plc", "a DID looks like"},
		{"web page", "https://example.org/about", "looks like alice.bsky.social"},
		{"words", "some words. here", "looks like alice.bsky.social"},
		{"underscore", "al_ice.example.org", "looks like"},
		{"no confirmed handle", "handle.invalid", "looks like"},
		{"profile of nobody", "https://bsky.app/profile/", "looks like"},
	} {
		got, err := atproto.ParseAccount(tt.s)
		if err == nil || !strings.Contains(err.Error(), tt.hint) {
			t.Errorf("%s: ParseAccount(%q) = %q, %v, want an error with %q", tt.name, tt.s, got, err, tt.hint)
		}
	}
	if list, err := atproto.ParseAccounts([]string{"@a.test", did}); err != nil || len(list) != 2 || list[1] != did {
		t.Errorf("ParseAccounts gives %v, %v", list, err)
	}
	if _, err := atproto.ParseAccounts([]string{"a.test", "b"}); err == nil {
		t.Error("ParseAccounts accepts b")
	}
}

func TestParsePost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, s, want string }{
		{"at URI", "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3kaaaaaaaaa22", "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3kaaaaaaaaa22"},
		{"by handle", " at://Alice.test/app.bsky.feed.post/3kaaaaaaaaa22", "at://alice.test/app.bsky.feed.post/3kaaaaaaaaa22"},
		{"web", "https://bsky.app/profile/alice.test/post/3kaaaaaaaaa22", "at://alice.test/app.bsky.feed.post/3kaaaaaaaaa22"},
		{"more behind it", "https://bsky.app/profile/alice.test/post/3kaaaaaaaaa22/liked-by?x=1", "at://alice.test/app.bsky.feed.post/3kaaaaaaaaa22"},
		{"odd key", "https://bsky.app/profile/alice.test/post/my~post", "at://alice.test/app.bsky.feed.post/my~post"},
	} {
		got, err := atproto.ParsePost(tt.s)
		if err != nil || got.String() != tt.want {
			t.Errorf("%s: ParsePost(%q) = %q, %v, want %q", tt.name, tt.s, got, err, tt.want)
		}
	}
	for _, s := range []string{
		"", "alice.test", "at://alice.test", "at://alice.test/app.bsky.feed.like/3kaaaaaaaaa22", "at://alice.test/app.bsky.feed.post/",
		"https://bsky.app/profile/alice.test", "https://bsky.app/profile/alice/post/3kaaaaaaaaa22", "at://alice.test/app.bsky.feed.post/a/b",
		"https://bsky.app/profile/alice.test/post/a%20b", "at://alice.test/app.bsky.feed.post/..",
	} {
		if got, err := atproto.ParsePost(s); err == nil {
			t.Errorf("ParsePost(%q) = %q, want an error", s, got)
		}
	}
}

func TestWebURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		uri  syntax.ATURI
		want string
	}{
		{"at://did:plc:a/app.bsky.feed.post/3kaaaaaaaaa22", "https://bsky.app/profile/did:plc:a/post/3kaaaaaaaaa22"},
		{"at://did:web:a.test%3A8080/app.bsky.feed.post/k", "https://bsky.app/profile/did:web:a.test%253A8080/post/k"},
		{"at://did:plc:a", "https://bsky.app/profile/did:plc:a"},
		{"at://did:plc:a/app.bsky.actor.profile/self", "https://bsky.app/profile/did:plc:a"},
		{"at://did:plc:a/app.bsky.graph.list/k", "https://bsky.app/profile/did:plc:a/lists/k"},
		{"at://did:plc:a/com.example.thing/k", ""},
		{"at://did:plc:a/app.bsky.feed.post", ""},
		{"https://example.org", ""},
		{"", ""},
	} {
		if got := atproto.WebURL(tt.uri); got != tt.want {
			t.Errorf("WebURL(%q) = %q, want %q", tt.uri, got, tt.want)
		}
	}
}

// What is accepted as a post has a web address that is read as the same post.
func FuzzParsePost(f *testing.F) {
	for _, s := range []string{
		"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3kaaaaaaaaa22",
		"https://bsky.app/profile/alice.test/post/3kaaaaaaaaa22?a#b", "\u2066@alice.test\u2069", "did:web:a.test%3A80",
		"bsky.app/profile/did%3Aweb%3Aa.test%253A80/post/a:b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if uri, err := atproto.ParsePost(s); err == nil {
			again, err := atproto.ParsePost(atproto.WebURL(uri))
			if err != nil || again != uri {
				t.Errorf("%q: %s leads to %s, which is read as %s, %v", s, uri, atproto.WebURL(uri), again, err)
			}
			if _, err := syntax.ParseATURI(uri.String()); err != nil {
				t.Errorf("%q: %s is no AT URI: %v", s, uri, err)
			}
		}
		if id, err := atproto.ParseAccount(s); err == nil {
			if again, err := atproto.ParseAccount("https://bsky.app/profile/" + id.String()); id.IsHandle() && (err != nil || again != id) {
				t.Errorf("%q: %s is read as %s, %v", s, id, again, err)
			}
		}
	})
}

// ParseURI takes what indigo takes.
func FuzzParseURI(f *testing.F) {
	const post = "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/"
	for _, s := range []string{
		"", post, post + "3lhqvzzzzzz22", post + "self", post + "a/b", post + "a.b", post + "é", post + strings.Repeat("k", 512), post + strings.Repeat("k", 513),
		"at://did:plc:EWVI7nxzyoun6zhxrhs64oi@/app.bsky.feed.post/k", "at://did:plc:ewvi7nxzyoun6zhxrhs64oiza/app.bsky.feed.post/k",
		"at://did:plc:short/app.bsky.feed.post/k", "at://did:web:a.test/app.bsky.feed.post/k", "at://a.test/app.bsky.feed.like/k", "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := atproto.ParseURI(s)
		want, wantErr := syntax.ParseATURI(s)
		if got != want || (err == nil) != (wantErr == nil) {
			t.Errorf("%q: %q, %v, want %q, %v", s, got, err, want, wantErr)
		}
	})
}
