package atprototest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/atproto/repo"
)

// A Mix says what kind of account Generate makes.
type Mix int

const (
	// Everyday writes what it thinks in some ten thousands of words, few of them often and
	// most of them once, and claims something in about half of its posts.
	Everyday Mix = iota
	// ClaimDense makes more than one claim a post, in few words: the worst case for everything
	// that is kept of claims.
	ClaimDense
)

// Generate writes the signed repository of an account with so many posts, for measuring: a
// mix of languages, claims and chat, answers, links, quotes, and threads of which some are numbered,
// some 570 bytes a post with its part of the tree. The blocks stand in the order in which a
// server writes them, newest first; document is the account's DID document. The same number
// and mix give the same posts, and fewer posts are an earlier state of the same account.
func Generate(w io.Writer, posts int, mix Mix) (document []byte, err error) {
	g := generator{cids: make([]atproto.CID, posts), mix: mix}
	var nodes []generatedNode
	last := 0
	entries := func(yield func(repo.Entry, error) bool) {
		for i := range posts {
			record, err := g.record(i)
			g.cids[i] = atproto.CIDOf(record)
			last = i
			if !yield(repo.Entry{Path: g.path(i), CID: g.cids[i]}, err) {
				return
			}
		}
	}
	// A node was last written with the last post under it.
	data, err := repo.Nodes(iter.Seq2[repo.Entry, error](entries), func(c atproto.CID, block []byte) error {
		nodes = append(nodes, generatedNode{last, c, bytes.Clone(block)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(nodes, func(a, b generatedNode) int { return cmp.Or(b.post-a.post, bytes.Compare(b.cid[:], a.cid[:])) })
	key, err := atcrypto.GeneratePrivateKeyK256()
	if err != nil {
		return nil, err
	}
	commit, err := repo.SignCommit(generatedDID, syntax.TID(g.tid(posts)), data, key)
	if err != nil {
		return nil, err
	}
	out, err := repo.NewWriter(w, commit.CID)
	if err != nil {
		return nil, err
	}
	if err := out.Put(commit.CID, commit.Bytes); err != nil {
		return nil, err
	}
	for i := posts - 1; i >= -1; i-- {
		for len(nodes) > 0 && (nodes[0].post >= i || i < 0) {
			if err := out.Put(nodes[0].cid, nodes[0].block); err != nil {
				return nil, err
			}
			nodes = nodes[1:]
		}
		if i < 0 {
			break
		}
		record, err := g.record(i)
		if err != nil {
			return nil, err
		}
		if err := out.Put(g.cids[i], record); err != nil {
			return nil, err
		}
	}
	return documentOf(key)
}

// documentOf is a DID document of the generated account with this key.
func documentOf(key *atcrypto.PrivateKeyK256) ([]byte, error) {
	public, err := key.PublicKey()
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"id":%q,"verificationMethod":[{"id":"%[1]s#atproto","type":"Multikey","controller":%[1]q,"publicKeyMultibase":%[2]q}],
"service":[{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","serviceEndpoint":"https://pds.test"}]}`, generatedDID, public.Multibase()), nil
}

const generatedDID = syntax.DID("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")

type generatedNode struct {
	post  int
	cid   atproto.CID
	block []byte
}

// A generator makes the same post for the same number, given the CIDs of those before it.
type generator struct {
	cids []atproto.CID
	mix  Mix
}

func (g *generator) time(i int) time.Time {
	return time.Date(2023, 5, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 97 * time.Second)
}

func (g *generator) tid(i int) string { return atproto.TID(uint64(g.time(i).UnixMicro()) << 10) }

func (g *generator) path(i int) atproto.Path {
	return atproto.Path(atproto.CollectionPost + "/" + g.tid(i))
}

func (g *generator) ref(i int) map[string]any {
	return map[string]any{"uri": string(g.path(i).URI(generatedDID)), "cid": g.cids[i].String()}
}

// record is post i. Of each forty posts the first seven are a thread, numbered in every
// third of them; the others stand alone or answer somebody.
func (g *generator) record(i int) ([]byte, error) {
	r := rand.New(rand.NewPCG(7, uint64(i)))
	const cycle, length = 40, 7
	place := i % cycle
	french := (i/cycle)%5 < 3
	text := g.text(r, french)
	value := map[string]any{"$type": atproto.CollectionPost, "createdAt": g.time(i).Format("2006-01-02T15:04:05.000Z")}
	value["langs"] = []string{map[bool]string{true: "fr", false: "en"}[french]}
	if place < length && (i/cycle)%3 == 0 {
		text = fmt.Sprintf("%d/%d %s", place+1, length, text)
	}
	switch {
	case place > 0 && place < length:
		value["reply"] = map[string]any{"root": g.ref(i - place), "parent": g.ref(i - 1)}
	case place >= length && r.IntN(10) < 6:
		other := map[string]any{
			"uri": fmt.Sprintf("at://did:plc:%024d/%s/%s", 2+r.IntN(400), atproto.CollectionPost, g.tid(i-place)),
			"cid": atproto.CIDOf([]byte{byte(i), byte(i >> 8), byte(i >> 16)}).String(),
		}
		value["reply"] = map[string]any{"root": other, "parent": other}
	}
	switch {
	case g.mix == Everyday && i > 0 && r.IntN(12) == 0:
		quoted := g.ref(r.IntN(i))
		if r.IntN(3) > 0 {
			quoted["uri"] = fmt.Sprintf("at://did:plc:%024d/%s/%s", 2+r.IntN(400), atproto.CollectionPost, g.tid(r.IntN(i)))
		}
		value["embed"] = map[string]any{"$type": "app.bsky.embed.record", "record": quoted}
	case r.IntN(8) == 0:
		link := fmt.Sprintf("https://%s/%d/%s", pick(r, generatedHosts), 2019+r.IntN(7), strings.ToLower(pick(r, generatedPlaces)))
		value["embed"] = map[string]any{"$type": "app.bsky.embed.external", "external": map[string]any{
			"uri": link, "title": generatedSentence(r, french), "description": "",
		}}
	}
	value["text"] = text
	doc, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return cbor.FromJSON(doc)
}

func (g *generator) text(r *rand.Rand, french bool) string {
	sentence := func(*rand.Rand, bool) string { return generatedSentence(r, french) }
	if g.mix == Everyday {
		sentence = everydaySentences(r)
	}
	text := sentence(r, french)
	for len(text) < 120 && r.IntN(5) > 0 {
		text += map[bool]string{true: " ", false: "\n"}[r.IntN(4) > 0] + sentence(r, french)
	}
	if r.IntN(12) == 0 {
		text += " #" + pick(r, generatedPlaces)
	}
	return text
}
