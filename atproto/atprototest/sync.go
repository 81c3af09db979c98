package atprototest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

// synced is the account of a sync method, or the answer that it is not to be had.
func (n *Network) synced(method string, q url.Values) (*Account, *response) {
	did := q.Get("did")
	refusal := func(name, message string) (*Account, *response) {
		resp := refuse(http.StatusBadRequest, name, message+did)
		return nil, &resp
	}
	if _, err := syntax.ParseDID(did); err != nil {
		resp := badParam("com.atproto.sync."+method, "Invalid DID", did)
		return nil, &resp
	}
	a := n.byDID[syntax.DID(did)]
	if a == nil {
		return refusal("RepoNotFound", "Could not find repo for DID: ")
	}
	switch a.status {
	case atproto.Deactivated:
		return refusal("RepoDeactivated", "Repo has been deactivated: ")
	case atproto.TakenDown:
		return refusal("RepoTakendown", "Repo has been takendown: ")
	case atproto.Suspended:
		return refusal("RepoSuspended", "Repo has been suspended: ")
	case atproto.Deleted:
		return refusal("RepoNotFound", "Could not find repo for DID: ")
	}
	return a, nil
}

func (n *Network) getRepo(q url.Values) response {
	since := q.Get("since")
	if since != "" {
		if _, err := syntax.ParseTID(since); err != nil {
			return badParam("com.atproto.sync.getRepo", "Invalid TID string", since)
		}
	}
	a, refusal := n.synced("getRepo", q)
	if refusal != nil {
		return *refusal
	}
	return carResponse(a.repo.head.CID, a.repo.since(since))
}

func (n *Network) getRepoStatus(q url.Values) response {
	a, refusal := n.synced("getRepoStatus", q)
	if a != nil {
		return jsonResponse(http.StatusOK, map[string]any{"did": a.did, "active": true, "rev": a.repo.head.Rev})
	}
	if a = n.byDID[syntax.DID(q.Get("did"))]; a == nil || a.status == atproto.Deleted {
		return *refusal
	}
	return jsonResponse(http.StatusOK, map[string]any{"did": a.did, "active": false, "status": a.status})
}

func (n *Network) getLatestCommit(q url.Values) response {
	a, refusal := n.synced("getLatestCommit", q)
	if refusal != nil {
		return *refusal
	}
	return jsonResponse(http.StatusOK, map[string]any{"cid": a.repo.head.CID, "rev": a.repo.head.Rev})
}

func (n *Network) getBlocks(q url.Values) response {
	a, refusal := n.synced("getBlocks", q)
	if refusal != nil {
		return *refusal
	}
	var found []block
	var missing []string
	for _, text := range q["cids"] {
		c, err := atproto.ParseCID(text)
		if err != nil {
			return badParam("com.atproto.sync.getBlocks", "Invalid CID string", text)
		}
		if b, ok := a.repo.blocks[c]; ok {
			found = append(found, b)
		} else {
			missing = append(missing, text)
		}
	}
	if len(missing) > 0 {
		return invalid("Could not find cids: " + strings.Join(missing, ","))
	}
	return carResponse(a.repo.head.CID, found)
}

// getProof is com.atproto.sync.getRecord: the commit, the path through the tree, and the
// record if there is one.
func (n *Network) getProof(q url.Values) response {
	a, refusal := n.synced("getRecord", q)
	if refusal != nil {
		return *refusal
	}
	blocks := []block{a.repo.blocks[a.repo.head.CID]}
	key := []byte(q.Get("collection") + "/" + q.Get("rkey"))
	for c := a.repo.head.Data; !c.IsZero(); {
		node, ok := a.repo.blocks[c]
		if !ok {
			break
		}
		blocks = append(blocks, node)
		value, below, err := lookup(node.data, key)
		if err != nil {
			return refuse(http.StatusInternalServerError, "InternalServerError", err.Error())
		}
		if r, ok := a.repo.blocks[value]; ok {
			blocks = append(blocks, r)
		}
		c = below
	}
	return carResponse(a.repo.head.CID, blocks)
}

// lookup finds a key in a node of the tree, or the node where it would have to be.
func lookup(node, key []byte) (value, below atproto.CID, err error) {
	doc, err := cbor.Parse(node)
	if err != nil {
		return value, below, fmt.Errorf("tree node: %w", err)
	}
	link := func(it cbor.Item) atproto.CID {
		c, err := atproto.CIDFromBytes(it.Bytes())
		if err != nil {
			return atproto.CID{} // null: nothing there
		}
		return c
	}
	below = link(doc.Field("l"))
	var entry []byte
	for e := range doc.Field("e").All() {
		shared, _ := e.Field("p").Int()
		entry = slices.Concat(entry[:min(int(shared), len(entry))], e.Field("k").Bytes())
		switch bytes.Compare(entry, key) {
		case 0:
			return link(e.Field("v")), atproto.CID{}, nil
		case 1:
			return value, below, nil
		}
		below = link(e.Field("t"))
	}
	return value, below, nil
}

func (n *Network) getBlob(q url.Values) response {
	a, refusal := n.synced("getBlob", q)
	if refusal != nil {
		return *refusal
	}
	c, err := atproto.ParseCID(q.Get("cid"))
	if err != nil {
		return badParam("com.atproto.sync.getBlob", "Invalid CID string", q.Get("cid"))
	}
	b, ok := a.blobs[c]
	if !ok {
		return invalid("Blob not found")
	}
	return response{status: http.StatusOK, kind: b.kind, body: b.data}
}

func (n *Network) listBlobs(q url.Values) response {
	a, refusal := n.synced("listBlobs", q)
	if refusal != nil {
		return *refusal
	}
	list := []string{}
	for c := range a.blobs {
		if c.String() > q.Get("cursor") {
			list = append(list, c.String())
		}
	}
	slices.Sort(list)
	answer := map[string]any{"cids": list}
	if len(list) > 0 {
		answer["cursor"] = list[len(list)-1]
	}
	return jsonResponse(http.StatusOK, answer)
}

// resolveHandle answers as the AppView does, which knows deactivated accounts too, but not
// those that were taken down.
func (n *Network) resolveHandle(q url.Values) response {
	handle, err := syntax.ParseHandle(q.Get("handle"))
	if err != nil {
		return badParam("com.atproto.identity.resolveHandle", "Invalid handle", q.Get("handle"))
	}
	a := n.handles[handle.Normalize()]
	if a == nil || a.status != atproto.Active && a.status != atproto.Deactivated {
		return invalid("Unable to resolve handle")
	}
	return jsonResponse(http.StatusOK, map[string]any{"did": a.did})
}
