package appview

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// batch is how many posts one request may name.
const batch = 25

// A Post is a post as an AppView shows it.
type Post struct {
	atproto.Ref
	Author                          atproto.Account // without its server
	HideGuest                       bool            // the author asks not to be shown to people who are not logged in
	Record                          []byte          // JSON
	Likes, Reposts, Replies, Quotes int
}

// Posts asks for posts. Those that the AppView does not show are absent from the result;
// so are those that it shows in a way that cannot be read.
func (c *Client) Posts(ctx context.Context, uris []syntax.ATURI) (map[syntax.ATURI]Post, error) {
	found := make(map[syntax.ATURI]Post, len(uris))
	for len(uris) > 0 {
		n := min(batch, len(uris))
		params := url.Values{}
		for _, uri := range uris[:n] {
			params.Add("uris", string(uri))
		}
		uris = uris[n:]
		var answer struct {
			Posts []json.RawMessage `json:"posts"`
		}
		if err := c.call(ctx, "app.bsky.feed.getPosts", params, &answer); err != nil {
			return found, fmt.Errorf("ask for %d posts: %w", n, err)
		}
		for _, raw := range answer.Posts {
			// One odd post must not cost the others.
			if p, err := readPost(raw); err == nil {
				found[p.URI] = p
			}
		}
	}
	return found, nil
}

func readPost(raw []byte) (Post, error) {
	var view struct {
		URI    syntax.ATURI `json:"uri"`
		CID    string       `json:"cid"`
		Author struct {
			DID    syntax.DID    `json:"did"`
			Handle syntax.Handle `json:"handle"`
			Labels []struct {
				Src string `json:"src"`
				Val string `json:"val"`
				Neg bool   `json:"neg"`
			} `json:"labels"`
		} `json:"author"`
		Record  json.RawMessage `json:"record"`
		Likes   int             `json:"likeCount"`
		Reposts int             `json:"repostCount"`
		Replies int             `json:"replyCount"`
		Quotes  int             `json:"quoteCount"`
	}
	if err := json.Unmarshal(raw, &view); err != nil {
		return Post{}, err
	}
	if atproto.AuthorOf(view.URI) != string(view.Author.DID) || !atproto.IsPostURI(view.URI) {
		return Post{}, fmt.Errorf("%q is no post of %q", view.URI, view.Author.DID)
	}
	p := Post{
		Ref: atproto.Ref{URI: view.URI, CID: view.CID}, Author: atproto.Account{DID: view.Author.DID, Handle: view.Author.Handle},
		Record: view.Record, Likes: view.Likes, Reposts: view.Reposts, Replies: view.Replies, Quotes: view.Quotes,
	}
	for _, label := range view.Author.Labels {
		p.HideGuest = p.HideGuest || label.Val == "!no-unauthenticated" && !label.Neg
	}
	return p, nil
}

// Absence is why an AppView does not show a post.
type Absence string

// The reasons. An AppView gives one and the same for what was deleted, what never was and
// what it does not show to anybody.
const (
	NotAbsent Absence = ""
	NotFound  Absence = "not found"
	Blocked   Absence = "blocked"
)

// Absence asks why a post is not shown.
func (c *Client) Absence(ctx context.Context, uri syntax.ATURI) (Absence, error) {
	var answer struct {
		Thread struct {
			Type string `json:"$type"`
		} `json:"thread"`
	}
	err := c.call(ctx, "app.bsky.feed.getPostThread", url.Values{"uri": {string(uri)}, "depth": {"0"}, "parentHeight": {"0"}}, &answer)
	var e *Error
	switch {
	case errors.As(err, &e) && e.Name == "NotFound":
		return NotFound, nil
	case err != nil:
		return "", fmt.Errorf("ask for %s: %w", uri, err)
	}
	switch answer.Thread.Type {
	case "app.bsky.feed.defs#blockedPost":
		return Blocked, nil
	case "app.bsky.feed.defs#notFoundPost":
		return NotFound, nil
	}
	return NotAbsent, nil
}
