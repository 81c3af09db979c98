package atprototest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"skyarchive/atproto"
)

// of is the account of a repo method, or the answer that there is none.
func (n *Network) of(q url.Values) (*Account, *response) {
	a := n.find(q.Get("repo"))
	if a == nil || a.status != atproto.Active {
		resp := invalid("Could not find repo: " + q.Get("repo"))
		return nil, &resp
	}
	return a, nil
}

func (n *Network) describeRepo(q url.Values) response {
	a, refusal := n.of(q)
	if refusal != nil {
		return *refusal
	}
	var collections []string
	for _, e := range a.repo.entries {
		collections = append(collections, e.Path.Collection())
	}
	slices.Sort(collections)
	return jsonResponse(http.StatusOK, map[string]any{
		"handle": a.handle, "did": a.did, "didDoc": a.document(), "handleIsCorrect": true,
		"collections": slices.Compact(collections),
	})
}

// recordView is a record as the server shows it.
type recordView struct {
	URI   string          `json:"uri"`
	CID   string          `json:"cid"`
	Value json.RawMessage `json:"value"`
}

func (a *Account) view(path atproto.Path) recordView {
	r := a.repo.records[path]
	return recordView{string(path.URI(a.did)), r.cid.String(), r.json}
}

// listRecords gives the greatest keys first. Every page that is not empty has a cursor.
func (n *Network) listRecords(q url.Values) response {
	a, refusal := n.of(q)
	if refusal != nil {
		return *refusal
	}
	limit := 50
	if text := q.Get("limit"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > 100 {
			return invalid("Invalid com.atproto.repo.listRecords params: integer too big (maximum 100, got " + text + ")")
		}
	}
	forward, cursor := q.Get("reverse") == "true", q.Get("cursor")
	views := []recordView{}
	entries := slices.Clone(a.repo.entries)
	if !forward {
		slices.Reverse(entries)
	}
	last := ""
	for _, e := range entries {
		key := e.Path.Key()
		past := cursor == "" || forward && key > cursor || !forward && key < cursor
		if e.Path.Collection() != q.Get("collection") || !past || len(views) == limit {
			continue
		}
		views, last = append(views, a.view(e.Path)), key
	}
	answer := map[string]any{"records": views}
	if last != "" {
		answer["cursor"] = last
	}
	return jsonResponse(http.StatusOK, answer)
}

func (n *Network) getRecord(q url.Values) response {
	a, refusal := n.of(q)
	if refusal != nil {
		return *refusal
	}
	path := atproto.Path(q.Get("collection") + "/" + q.Get("rkey"))
	if _, ok := a.repo.records[path]; !ok {
		return refuse(http.StatusBadRequest, "RecordNotFound", "Could not locate record: "+string(path.URI(a.did)))
	}
	return jsonResponse(http.StatusOK, a.view(path))
}
