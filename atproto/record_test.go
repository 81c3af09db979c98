package atproto_test

import (
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

func TestURIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		uri               syntax.ATURI
		author, key, path string
		isPost            bool
	}{
		{"at://did:plc:a/app.bsky.feed.post/3k", "did:plc:a", "3k", "app.bsky.feed.post/3k", true},
		{"at://a.test/app.bsky.feed.like/3k", "a.test", "3k", "app.bsky.feed.like/3k", false},
		{"at://a.test/app.bsky.feed.post/", "a.test", "", "app.bsky.feed.post/", false},
		{"at://a.test/app.bsky.feed.post", "a.test", "", "", false},
		{"at://a.test", "a.test", "", "", false},
		{"at://a.test/app.bsky.feed.post/3k/x", "a.test", "", "", false},
		{"https://a.test/app.bsky.feed.post", "", "app.bsky.feed.post", "", false},
		{"", "", "", "", false},
	} {
		if got := atproto.AuthorOf(tt.uri); got != tt.author {
			t.Errorf("AuthorOf(%q) = %q, want %q", tt.uri, got, tt.author)
		}
		if got := atproto.PathOf(tt.uri); string(got) != tt.path {
			t.Errorf("PathOf(%q) = %q, want %q", tt.uri, got, tt.path)
		}
		if got := atproto.IsPostURI(tt.uri); got != tt.isPost {
			t.Errorf("IsPostURI(%q) = %v", tt.uri, got)
		}
		if tt.author != "" {
			if got := atproto.KeyOf(tt.uri); got != tt.key {
				t.Errorf("KeyOf(%q) = %q, want %q", tt.uri, got, tt.key)
			}
		}
	}
	p := atproto.Path("a.b.c/key")
	if p.Collection() != "a.b.c" || p.Key() != "key" || p.URI("did:plc:a") != "at://did:plc:a/a.b.c/key" {
		t.Errorf("parts of %s are %s, %s, %s", p, p.Collection(), p.Key(), p.URI("did:plc:a"))
	}
}

func TestTID(t *testing.T) {
	t.Parallel()
	when := time.Date(2024, 2, 29, 12, 30, 0, 123456000, time.UTC)
	tid := syntax.NewTIDFromTime(when, 17)
	if got, ok := atproto.TIDTime(tid.String()); !ok || !got.Equal(when) {
		t.Errorf("time of %s is %v, %v, want %v", tid, got, ok, when)
	}
	n, ok := atproto.TIDNumber(tid.String())
	if !ok || n != tid.Integer() || atproto.TID(n) != tid.String() {
		t.Errorf("number of %s is %d, %v, written %s", tid, n, ok, atproto.TID(n))
	}
	for _, key := range []string{"", "self", "3kaaaaaaaaa2", "3kaaaaaaaaa222", "kaaaaaaaaaaaa", "3kaaaaaaaaa21", "3KAAAAAAAAA22", "zzzzzzzzzzzzz"} {
		if got, ok := atproto.TIDTime(key); ok {
			t.Errorf("%q is read as the time %v", key, got)
		}
	}
}

// A key is a TID if indigo says so and its highest bit, which must not be set, is not; its
// number is written as the same key.
func FuzzTID(f *testing.F) {
	for _, s := range []string{"3kaaaaaaaaa22", "2222222222222", "jzzzzzzzzzzzz", "kaaaaaaaaaaaa", "self"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, key string) {
		n, ok := atproto.TIDNumber(key)
		_, err := syntax.ParseTID(key)
		if want := err == nil && key[0] <= 'b'; ok != want {
			t.Errorf("%q: %v, indigo says %v", key, ok, err)
		}
		if ok && atproto.TID(n) != key {
			t.Errorf("%q is written again as %q", key, atproto.TID(n))
		}
	})
}

func TestAccountName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		account atproto.Account
		want    string
	}{
		{atproto.Account{DID: "did:plc:a", Handle: "a.test"}, "a.test"},
		{atproto.Account{DID: "did:plc:a", Handle: "handle.invalid"}, "did:plc:a"},
		{atproto.Account{DID: "did:plc:a"}, "did:plc:a"},
	} {
		if got := tt.account.Name(); got != tt.want {
			t.Errorf("name of %v is %q, want %q", tt.account, got, tt.want)
		}
	}
	if !atproto.KeepsBytes(atproto.CollectionPost) || atproto.KeepsBytes("app.bsky.feed.like") {
		t.Error("likes are kept, or posts are not")
	}
}

func TestSplitPost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		uri, author, key string
		ok               bool
	}{
		{"at://did:plc:a/app.bsky.feed.post/3k", "did:plc:a", "3k", true},
		{"at://ana.test/app.bsky.feed.post/self", "ana.test", "self", true},
		{"at:///app.bsky.feed.post/k", "", "k", true},
		{"at://did:plc:a/app.bsky.feed.post/", "", "", false},
		{"at://did:plc:a/app.bsky.feed.post/a/b", "", "", false},
		{"at://did:plc:a/app.bsky.feed.postgate/k", "", "", false},
		{"at://did:plc:a/app.bsky.feed.post", "", "", false},
		{"at://did:plc:a", "", "", false},
		{"https://did:plc:a/app.bsky.feed.post/k", "", "", false},
		{"", "", "", false},
	} {
		author, key, ok := atproto.SplitPost(syntax.ATURI(tt.uri))
		if author != tt.author || key != tt.key || ok != tt.ok || atproto.IsPostURI(syntax.ATURI(tt.uri)) != ok {
			t.Errorf("%q: %q, %q, %v", tt.uri, author, key, ok)
		}
	}
}
