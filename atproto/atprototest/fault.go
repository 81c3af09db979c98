package atprototest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
)

// A fault is a way to misbehave, for some requests to one method.
type fault struct {
	account *Account
	kind    string
	on      string // the method, by its last word; "document", "log" for the directory
	after   int    // requests that go well before
	times   int    // requests that go wrong; 0: all
	wait    time.Duration
	other   *Account
	path    atproto.Path
}

// faultKinds are the ways to misbehave, with the method that they are about if none is
// named.
var faultKinds = map[string]string{
	"cut-between-blocks": "getRepo", // ends in the middle, as if that were all
	"cut-inside-block":   "getRepo", // ends inside a block, as if that were all
	"cut-connection":     "getRepo", // the connection is lost in the middle
	"flip-bit":           "getRepo", // one bit of a record is wrong
	"wrong-signature":    "getRepo", // signed with a key that nobody knows
	"other-account":      "getRepo", // the repository of another account: who=HANDLE
	"missing-record":     "getRepo", // the block of a record is not there: record=ALIAS, else the newest post
	"busy":               "getRepo", // a commit during the download leaves holes in the tree
	"header-only":        "getRepo", // names the commit and holds nothing
	"not-a-car":          "getRepo", // a web page
	"slow":               "getRepo", // wait=DURATION before each block
	"hang":               "getRepo", // half of it, and then silence
	"silent":             "",        // no answer at all
	"too-many":           "",        // 429 with Retry-After: wait=DURATION
	"unavailable":        "",        // 503
	"500":                "",        // 500
	"unknown-method":     "getRepoStatus",
	"wrong-bytes":        "getBlob",
	"garbage":            "document", // 200 with something that is not JSON
	"not-found":          "",         // 404
}

// Break makes the services misbehave about this account: kind is one of those in
// [Network.Do], options are on=METHOD, times=N, after=N, wait=DURATION, who=HANDLE,
// record=ALIAS.
func (a *Account) Break(kind string, options ...string) {
	a.do("break", func() error {
		on, ok := faultKinds[kind]
		if !ok {
			return fmt.Errorf("%q is no known way to misbehave", kind)
		}
		f := &fault{account: a, kind: kind, on: or(on, "getRepo"), wait: time.Second}
		for _, option := range options {
			name, value, _ := strings.Cut(option, "=")
			if err := f.set(name, value); err != nil {
				return fmt.Errorf("%s: %w", option, err)
			}
		}
		a.faults = append(a.faults, f)
		return nil
	})
}

func (f *fault) set(name, value string) (err error) {
	n := f.account.network
	switch name {
	case "on":
		f.on = value
	case "times":
		f.times, err = strconv.Atoi(value)
	case "after":
		f.after, err = strconv.Atoi(value)
	case "wait":
		f.wait, err = time.ParseDuration(value)
	case "who":
		if f.other = n.find(value); f.other == nil {
			err = fmt.Errorf("no such account")
		}
	case "record":
		if ref, ok := n.names[value]; ok {
			f.path = atproto.PathOf(ref.URI)
		} else if f.path = atproto.Path(value); !strings.Contains(value, "/") {
			err = fmt.Errorf("no such record")
		}
	default:
		err = fmt.Errorf("unknown option")
	}
	return err
}

// Mend ends all misbehaviour about this account.
func (a *Account) Mend() {
	a.do("mend", func() error {
		a.faults = nil
		return nil
	})
}

// fault is the one that this request meets, nil if there is none.
func (n *Network) fault(method string, r *http.Request) *fault {
	name := method[strings.LastIndexByte(method, '.')+1:]
	q := r.URL.Query()
	id := q.Get("did") + q.Get("repo") + q.Get("handle") + q.Get("actor")
	if did, ok := strings.CutPrefix(r.URL.Path, "/did:"); ok {
		did, rest, _ := strings.Cut(did, "/")
		id, name = "did:"+did, "document"
		if rest != "" {
			name = "log"
		}
	}
	a := n.find(id)
	if a == nil {
		return nil
	}
	for i, f := range a.faults {
		if f.on != name {
			continue
		}
		if f.after > 0 {
			f.after--
			continue
		}
		if f.times > 0 {
			if f.times--; f.times == 0 {
				a.faults = slices.Delete(slices.Clone(a.faults), i, i+1)
			}
		}
		return f
	}
	return nil
}

// spoil makes of an answer what the fault makes of it. The lock is held.
func (n *Network) spoil(f *fault, resp response) response {
	a := f.account
	switch f.kind {
	case "too-many":
		return refuse(http.StatusTooManyRequests, "RateLimitExceeded", "Rate Limit Exceeded")
	case "unavailable":
		return refuse(http.StatusServiceUnavailable, "ServiceUnavailable", "The server is resting")
	case "500":
		return refuse(http.StatusInternalServerError, "InternalServerError", "Internal Server Error")
	case "unknown-method":
		return refuse(http.StatusNotImplemented, "MethodNotImplemented", "Method Not Implemented")
	case "not-found":
		return response{status: http.StatusNotFound, kind: "text/plain", body: []byte("Not Found")}
	case "garbage":
		resp.body = []byte("<!doctype html><title>Maintenance</title>")
	case "wrong-bytes":
		resp.body = append([]byte("x"), resp.body...)
	case "not-a-car":
		return response{status: http.StatusOK, kind: "text/html", body: []byte("<!doctype html><title>Please log in to the hotel's network</title>")}
	case "header-only":
		resp.blocks = nil
	case "other-account":
		for _, other := range n.accounts {
			if f.other == nil && other != a {
				f.other = other
			}
		}
		if f.other != nil {
			return carResponse(f.other.repo.head.CID, f.other.repo.since(""))
		}
	case "wrong-signature":
		return a.missigned(resp)
	case "missing-record":
		return a.without(f.path, resp)
	case "flip-bit":
		return a.flipped(resp)
	case "busy":
		return a.disturbed(resp)
	}
	return resp
}

// missigned signs the commit with another key.
func (a *Account) missigned(resp response) response {
	k, err := newKey("k256", "nobody "+a.seed)
	if err != nil {
		return resp
	}
	head, err := repo.SignCommit(a.did, a.repo.head.Rev, a.repo.head.Data, k)
	if err != nil {
		return resp
	}
	blocks := slices.Clone(resp.blocks)
	for i, b := range blocks {
		if b.cid == a.repo.head.CID {
			blocks[i] = block{head.CID, head.Bytes, b.rev}
		}
	}
	return carResponse(head.CID, blocks)
}

// without leaves out a record, or the newest post.
func (a *Account) without(path atproto.Path, resp response) response {
	if path == "" {
		for _, e := range a.repo.entries {
			if e.Path.Collection() == atproto.CollectionPost {
				path = e.Path
			}
		}
	}
	c := a.repo.records[path].cid
	resp.blocks = slices.DeleteFunc(slices.Clone(resp.blocks), func(b block) bool { return b.cid == c })
	return resp
}

// flipped changes a bit in the last record, or else in the last block.
func (a *Account) flipped(resp response) response {
	blocks := slices.Clone(resp.blocks)
	at := len(blocks) - 1
	for i, b := range blocks {
		if !a.repo.nodes[b.cid] && b.cid != a.repo.head.CID {
			at = i
		}
	}
	if at >= 0 {
		data := slices.Clone(blocks[at].data)
		data[len(data)-1] ^= 1
		blocks[at].data = data
	}
	return carResponse(resp.root, blocks)
}

// disturbed is what a download sees while the account writes: the server reads its blocks
// page by page, the newest first, and a commit in between removes nodes that were still to
// come. The account gets likes until that has happened.
func (a *Account) disturbed(resp response) response {
	sent := 0
	for sent < len(resp.blocks) && resp.blocks[sent].rev == resp.blocks[0].rev {
		sent++
	}
	first, rest := resp.blocks[:sent], resp.blocks[sent:]
	root := a.repo.head.Data
	for try := range 8 {
		doc := fmt.Sprintf(`{"$type":"app.bsky.feed.like","subject":{"uri":"at://%s/app.bsky.feed.post/x","cid":"%s"},"createdAt":"2025-01-01T00:00:00Z"}`, a.did, resp.root)
		r, err := recordOf([]byte(doc))
		if err != nil {
			break
		}
		// Keys on either side of the posts, so that other nodes than the newest change.
		collection := []string{"app.bsky.feed.like/", "app.bsky.graph.like/"}[try%2]
		if err := a.commit([]change{{atproto.Path(collection + a.network.tid(a.network.now)), r}}); err != nil {
			break
		}
		left := slices.DeleteFunc(slices.Clone(rest), func(b block) bool {
			_, ok := a.repo.blocks[b.cid]
			return !ok
		})
		if len(left) < len(rest) {
			return carResponse(resp.root, slices.Concat(first, left))
		}
	}
	// A small tree was sent whole before the first of these commits. Then it was the root
	// that came too late.
	first = slices.DeleteFunc(slices.Clone(first), func(b block) bool { return b.cid == root })
	return carResponse(resp.root, slices.Concat(first, rest))
}

// header writes the headers of the fault, and says whether that is all that ever comes.
func (f *fault) header(head http.Header) bool {
	if f.kind == "too-many" {
		head.Set("Retry-After", strconv.Itoa(int(f.wait.Round(time.Second)/time.Second)))
		head.Set("RateLimit-Remaining", "0")
		head.Set("RateLimit-Reset", strconv.FormatInt(time.Now().Add(f.wait).Unix(), 10))
	}
	return f.kind == "silent"
}

// act is what happens behind a piece of an answer.
type act int

const (
	proceed act = iota
	stop        // end as if that were all
	abort       // lose the connection
	pause
	hang
)

// piece is what to send of a piece of an answer, and what to do then.
func (f *fault) piece(piece []byte, i, of int) ([]byte, act) {
	if f == nil {
		return piece, proceed
	}
	middle := i == of/2
	switch {
	case f.kind == "slow":
		return piece, pause
	case !middle:
		return piece, proceed
	}
	switch f.kind {
	case "cut-between-blocks":
		return piece, stop
	case "cut-inside-block":
		return piece[:len(piece)/2], stop
	case "cut-connection":
		return piece[:len(piece)/2], abort
	case "hang":
		return piece[:len(piece)/2], hang
	}
	return piece, proceed
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
