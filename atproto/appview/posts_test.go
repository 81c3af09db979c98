package appview_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto/appview"
)

// serve answers each method with what the function says.
func serve(t *testing.T, answer func(method string, q url.Values) (int, string)) *appview.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := answer(strings.TrimPrefix(r.URL.Path, "/xrpc/"), r.URL.Query())
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return &appview.Client{Host: server.URL + "/"}
}

func uris(n int) (list []syntax.ATURI) {
	for i := range n {
		list = append(list, syntax.ATURI(fmt.Sprintf("at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/p%d", i)))
	}
	return list
}

const view = `{"uri":%q,"cid":"bafy","author":{"did":"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa","handle":"ann.test"%s},"record":{"text":"Oui"},"likeCount":3,"repostCount":2,"replyCount":1,"quoteCount":4}`

// TestPosts: requests name few posts, and one that is odd does not cost the others.
func TestPosts(t *testing.T) {
	requests := 0
	c := serve(t, func(method string, q url.Values) (int, string) {
		requests++
		if len(q["uris"]) > 25 {
			return 400, `{"error":"InvalidRequest"}`
		}
		var posts []string
		for i, uri := range q["uris"] {
			switch {
			case strings.HasSuffix(uri, "/p0"):
				posts = append(posts, fmt.Sprintf(view, uri, `,"labels":[{"val":"!no-unauthenticated"}]`))
			case strings.HasSuffix(uri, "/p1"):
				posts = append(posts, fmt.Sprintf(view, uri, `,"labels":[{"val":"!no-unauthenticated","neg":true}]`))
			case strings.HasSuffix(uri, "/p2"):
				posts = append(posts, `{"uri":7}`)
			case strings.HasSuffix(uri, "/p3"):
				posts = append(posts, fmt.Sprintf(view, "at://did:plc:bbbbbbbbbbbbbbbbbbbbbbbb/app.bsky.feed.post/p3", ""))
			case i%2 == 0:
				posts = append(posts, fmt.Sprintf(view, uri, ""))
			}
		}
		return 200, `{"posts":[` + strings.Join(posts, ",") + `]}`
	})
	list := uris(60)
	got, err := c.Posts(t.Context(), list)
	if err != nil || requests != 3 || len(got) != 31 {
		t.Fatalf("%d posts in %d requests, %v", len(got), requests, err)
	}
	p := got[list[0]]
	if p.Author.Handle != "ann.test" || !p.HideGuest || p.Likes != 3 || p.Reposts != 2 || p.Replies != 1 || p.Quotes != 4 || string(p.Record) != `{"text":"Oui"}` {
		t.Errorf("first: %+v", p)
	}
	if got[list[1]].HideGuest || got[list[4]].HideGuest {
		t.Error("a label that was taken back, or is not there, hides its author")
	}
	for _, i := range []int{2, 3, 5} {
		if _, ok := got[list[i]]; ok {
			t.Errorf("post %d is there", i)
		}
	}
}

// TestAbsence: what is blocked and what is not found are told apart, and neither from an
// AppView that does not answer.
func TestAbsence(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		want   appview.Absence
		err    error
	}{
		{200, `{"thread":{"$type":"app.bsky.feed.defs#blockedPost"}}`, appview.Blocked, nil},
		{200, `{"thread":{"$type":"app.bsky.feed.defs#notFoundPost"}}`, appview.NotFound, nil},
		{400, `{"error":"NotFound","message":"Post not found"}`, appview.NotFound, nil},
		{200, `{"thread":{"$type":"app.bsky.feed.defs#threadViewPost"}}`, appview.NotAbsent, nil},
		{503, `resting`, "", appview.ErrUnavailable},
		{429, `{"error":"RateLimitExceeded"}`, "", appview.ErrUnavailable},
	} {
		c := serve(t, func(string, url.Values) (int, string) { return test.status, test.body })
		got, err := c.Absence(t.Context(), uris(1)[0])
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%d %s: %q, %v; want %q, %v", test.status, test.body, got, err, test.want, test.err)
		}
	}
	c := &appview.Client{Host: "http://127.0.0.1:1"}
	if _, err := c.Absence(t.Context(), uris(1)[0]); !errors.Is(err, appview.ErrUnavailable) {
		t.Errorf("nobody there: %v", err)
	}
}
