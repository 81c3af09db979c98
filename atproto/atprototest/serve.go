package atprototest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
)

// A response is what a service answers: bytes, or a CAR of blocks.
type response struct {
	status int
	kind   string
	body   []byte
	root   atproto.CID
	blocks []block
	isCAR  bool
}

func jsonResponse(status int, value any) response {
	body, err := json.Marshal(value)
	if err != nil {
		return response{status: http.StatusInternalServerError, kind: "text/plain", body: []byte(err.Error())}
	}
	return response{status: status, kind: "application/json; charset=utf-8", body: body}
}

func carResponse(root atproto.CID, blocks []block) response {
	return response{status: http.StatusOK, kind: "application/vnd.ipld.car", root: root, blocks: blocks, isCAR: true}
}

// refuse is an error as the servers of this network write it.
func refuse(status int, name, message string) response {
	return jsonResponse(status, map[string]string{"error": name, "message": message})
}

func invalid(message string) response {
	return refuse(http.StatusBadRequest, "InvalidRequest", message)
}

func badParam(method, what, got string) response {
	return invalid("Invalid " + method + " params: " + what + " (got " + strconv.Quote(got) + ")")
}

// serve answers every request to every service.
func (n *Network) serve(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	n.requests = append(n.requests, Request{r.Method, r.Host, r.URL.Path, r.URL.RawQuery, r.UserAgent()})
	method, isXRPC := strings.CutPrefix(r.URL.Path, "/xrpc/")
	f := n.fault(method, r)
	var resp response
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		resp = refuse(http.StatusMethodNotAllowed, "InvalidRequest", "Incorrect HTTP method ("+r.Method+") expected GET")
	} else if isXRPC {
		resp = n.xrpc(method, r.URL.Query())
	} else {
		resp = n.page(r)
	}
	if f != nil {
		resp = n.spoil(f, resp)
	}
	n.mu.Unlock()

	head := w.Header()
	if strings.HasPrefix(method, "com.atproto.") {
		limit := 3000
		if method == "com.atproto.sync.getRepo" {
			limit = 6000
		}
		head.Set("RateLimit-Limit", strconv.Itoa(limit))
		head.Set("RateLimit-Remaining", strconv.Itoa(limit-1))
		head.Set("RateLimit-Reset", strconv.FormatInt(time.Now().Unix()+300, 10))
		head.Set("RateLimit-Policy", strconv.Itoa(limit)+";w=300")
	}
	head.Set("Content-Type", resp.kind)
	n.send(w, r, resp, f)
}

// send writes an answer, and does to it what the fault says.
func (n *Network) send(w http.ResponseWriter, r *http.Request, resp response, f *fault) {
	if f != nil && f.header(w.Header()) {
		n.hang(r)
		return
	}
	var out io.Writer = w
	flush, end := http.NewResponseController(w).Flush, func() error { return nil }
	if resp.isCAR && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		end = z.Close
		flush = func() error { return errors.Join(z.Flush(), http.NewResponseController(w).Flush()) }
		out = z
	}
	w.WriteHeader(resp.status)
	if r.Method == http.MethodHead {
		return
	}
	pieces := resp.pieces()
	for i, piece := range pieces {
		piece, act := f.piece(piece, i, len(pieces))
		if _, err := out.Write(piece); err != nil {
			return
		}
		switch act {
		case stop:
			_ = end()
			return
		case abort:
			_ = flush()
			n.abort(w)
			return
		case pause:
			_ = flush()
			select {
			case <-time.After(f.wait):
			case <-n.closing:
				return
			case <-r.Context().Done():
				return
			}
		case hang:
			_ = flush()
			n.hang(r)
			return
		}
	}
	_ = end()
}

// abort closes the connection in the middle of an answer.
func (n *Network) abort(w http.ResponseWriter) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = c.Close()
	}
}

// hang waits until the client gives up or the network ends.
func (n *Network) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-n.closing:
	}
}

// pieces are the bytes of an answer; those of a CAR are its head and its blocks.
func (resp *response) pieces() [][]byte {
	if !resp.isCAR {
		return [][]byte{resp.body}
	}
	var b bytes.Buffer
	var list [][]byte
	take := func() {
		list = append(list, bytes.Clone(b.Bytes()))
		b.Reset()
	}
	car, err := repo.NewWriter(&b, resp.root)
	take()
	for _, block := range resp.blocks {
		if err == nil {
			err = car.Put(block.cid, block.data)
		}
		take()
	}
	return list
}

// page answers everything that is not XRPC.
func (n *Network) page(r *http.Request) response {
	switch {
	case strings.HasPrefix(r.URL.Path, "/did:"):
		return n.directory(r.URL.Path)
	case r.URL.Path == "/.well-known/atproto-did":
		host, _, _ := strings.Cut(r.Host, ":")
		if a := n.handles[syntax.Handle(strings.ToLower(host))]; a != nil && a.status == atproto.Active {
			return response{status: http.StatusOK, kind: "text/plain", body: []byte(a.did)}
		}
		return response{status: http.StatusNotFound, kind: "text/plain", body: []byte("User not found")}
	case r.URL.Path == "/.well-known/did.json":
		for _, a := range n.accounts {
			if a.did.Method() == "web" {
				return jsonResponse(http.StatusOK, a.document())
			}
		}
	}
	return response{status: http.StatusNotFound, kind: "text/plain", body: []byte("Not Found")}
}

// xrpc answers a method.
func (n *Network) xrpc(method string, q url.Values) response {
	switch method {
	case "com.atproto.sync.getRepo":
		return n.getRepo(q)
	case "com.atproto.sync.getRepoStatus":
		return n.getRepoStatus(q)
	case "com.atproto.sync.getLatestCommit":
		return n.getLatestCommit(q)
	case "com.atproto.sync.getBlocks":
		return n.getBlocks(q)
	case "com.atproto.sync.getRecord":
		return n.getProof(q)
	case "com.atproto.sync.getBlob":
		return n.getBlob(q)
	case "com.atproto.sync.listBlobs":
		return n.listBlobs(q)
	case "com.atproto.identity.resolveHandle":
		return n.resolveHandle(q)
	case "com.atproto.server.describeServer":
		return jsonResponse(http.StatusOK, map[string]any{"did": "did:web:localhost", "availableUserDomains": []string{".test"}, "inviteCodeRequired": false})
	case "com.atproto.repo.describeRepo":
		return n.describeRepo(q)
	case "com.atproto.repo.listRecords":
		return n.listRecords(q)
	case "com.atproto.repo.getRecord":
		return n.getRecord(q)
	case "app.bsky.feed.getPosts":
		return n.getPosts(q)
	case "app.bsky.feed.getPostThread":
		return n.getPostThread(q)
	case "app.bsky.actor.getProfile":
		return n.getProfile(q)
	}
	return refuse(http.StatusUnauthorized, "AuthMissing", "Authentication Required")
}
