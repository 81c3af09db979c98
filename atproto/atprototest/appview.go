package atprototest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// counts are what an AppView says of a post; no repository proves them.
type counts struct{ likes, reposts int }

// Popular sets the counts of likes and reposts that the AppView shows.
func (n *Network) Popular(ref atproto.Ref, likes, reposts int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.counts[ref.URI] = counts{likes, reposts}
}

// shown is a post that the AppView shows, as the account and path it has.
func (n *Network) shown(uri string) (*Account, atproto.Path) {
	at := syntax.ATURI(uri)
	a := n.find(atproto.AuthorOf(at))
	path := atproto.PathOf(at)
	if a == nil || a.status != atproto.Active || path.Collection() != atproto.CollectionPost {
		return nil, ""
	}
	if r, ok := a.repo.records[path]; !ok || r.json == nil {
		return nil, ""
	}
	return a, path
}

func (a *Account) basic() map[string]any {
	view := map[string]any{"did": a.did, "handle": a.handle, "labels": []any{}}
	var profile struct {
		DisplayName string `json:"displayName"`
		Labels      struct {
			Values []struct {
				Val string `json:"val"`
			} `json:"values"`
		} `json:"labels"`
	}
	r := a.repo.records[atproto.CollectionProfile+"/self"]
	if r.json == nil || json.Unmarshal(r.json, &profile) != nil {
		return view
	}
	view["displayName"] = profile.DisplayName
	var labels []any
	for _, label := range profile.Labels.Values {
		labels = append(labels, map[string]any{"src": a.did, "uri": atproto.Path(atproto.CollectionProfile + "/self").URI(a.did), "val": label.Val, "cts": "2025-01-01T00:00:00.000Z"})
	}
	if labels != nil {
		view["labels"] = labels
	}
	return view
}

// answers are the posts that answer others, by what they answer, the oldest first.
func (n *Network) answers() map[string][]string {
	found := map[string][]string{}
	for _, a := range n.accounts {
		if a.status != atproto.Active {
			continue
		}
		for _, e := range a.repo.entries {
			if parent := parentOf(a.repo.records[e.Path].json); parent != "" {
				found[parent] = append(found[parent], string(e.Path.URI(a.did)))
			}
		}
	}
	for _, list := range found {
		slices.SortFunc(list, func(x, y string) int {
			return strings.Compare(atproto.KeyOf(syntax.ATURI(x))+x, atproto.KeyOf(syntax.ATURI(y))+y)
		})
	}
	return found
}

func parentOf(doc []byte) string {
	var post struct {
		Reply struct {
			Parent struct {
				URI string `json:"uri"`
			} `json:"parent"`
		} `json:"reply"`
	}
	if doc == nil || json.Unmarshal(doc, &post) != nil {
		return ""
	}
	return post.Reply.Parent.URI
}

func (n *Network) postView(a *Account, path atproto.Path, answers map[string][]string) map[string]any {
	r := a.repo.records[path]
	uri := path.URI(a.did)
	at, _ := atproto.TIDTime(path.Key())
	return map[string]any{
		"uri": uri, "cid": r.cid, "author": a.basic(), "record": json.RawMessage(r.json),
		"replyCount": len(answers[string(uri)]), "likeCount": n.counts[uri].likes, "repostCount": n.counts[uri].reposts,
		"quoteCount": 0, "bookmarkCount": 0, "indexedAt": at.Format(timeLayout), "labels": []any{},
	}
}

// getPosts leaves out what it does not show, in silence.
func (n *Network) getPosts(q url.Values) response {
	uris := q["uris"]
	if len(uris) == 0 || len(uris) > 25 {
		return invalid(fmt.Sprintf("Invalid app.bsky.feed.getPosts params: array too big (maximum 25, got %d)", len(uris)))
	}
	answers, posts := n.answers(), []any{}
	for _, uri := range uris {
		if a, path := n.shown(uri); a != nil {
			posts = append(posts, n.postView(a, path, answers))
		}
	}
	return jsonResponse(http.StatusOK, map[string]any{"posts": posts})
}

func (n *Network) getPostThread(q url.Values) response {
	depth, err := strconv.Atoi(or(q.Get("depth"), "6"))
	height, err2 := strconv.Atoi(or(q.Get("parentHeight"), "80"))
	if err != nil || err2 != nil || depth < 0 || depth > 1000 || height < 0 || height > 1000 {
		return invalid("Invalid app.bsky.feed.getPostThread params: integer too big (maximum 1000)")
	}
	uri := q.Get("uri")
	a, path := n.shown(uri)
	if a == nil {
		return refuse(http.StatusBadRequest, "NotFound", "Post not found: "+uri)
	}
	answers := n.answers()
	thread := n.below(a, path, depth, answers)
	n.above(thread, a.repo.records[path].json, height, answers)
	return jsonResponse(http.StatusOK, map[string]any{"thread": thread})
}

func (n *Network) below(a *Account, path atproto.Path, depth int, answers map[string][]string) map[string]any {
	view := map[string]any{"$type": "app.bsky.feed.defs#threadViewPost", "post": n.postView(a, path, answers)}
	if depth == 0 {
		return view
	}
	replies := []any{}
	for _, uri := range answers[string(path.URI(a.did))] {
		if other, p := n.shown(uri); other != nil {
			replies = append(replies, n.below(other, p, depth-1, answers))
		}
	}
	view["replies"] = replies
	return view
}

// above puts the parents over a post, up to one that is not there.
func (n *Network) above(view map[string]any, doc []byte, height int, answers map[string][]string) {
	parent := parentOf(doc)
	if parent == "" || height == 0 {
		return
	}
	a, path := n.shown(parent)
	if a == nil {
		view["parent"] = map[string]any{"$type": "app.bsky.feed.defs#notFoundPost", "uri": parent, "notFound": true}
		return
	}
	up := map[string]any{"$type": "app.bsky.feed.defs#threadViewPost", "post": n.postView(a, path, answers)}
	n.above(up, a.repo.records[path].json, height-1, answers)
	view["parent"] = up
}

func (n *Network) getProfile(q url.Values) response {
	a := n.find(q.Get("actor"))
	switch {
	case a == nil || a.status == atproto.Deleted:
		return invalid("Profile not found")
	case a.status == atproto.Deactivated:
		return refuse(http.StatusBadRequest, "AccountDeactivated", "Account is deactivated")
	case a.status != atproto.Active:
		return refuse(http.StatusBadRequest, "AccountTakedown", "Account has been suspended")
	}
	view := a.basic()
	posts := 0
	for _, e := range a.repo.entries {
		if e.Path.Collection() == atproto.CollectionPost {
			posts++
		}
	}
	view["followersCount"], view["followsCount"], view["postsCount"] = 0, 0, posts
	return jsonResponse(http.StatusOK, view)
}
