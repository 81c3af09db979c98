package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// Outlines say of every post what Posts says of it, and topics are counted as queries count
// them.
func testOutlines(t *testing.T, s store.Store) {
	first := newRecord(t, uri(alice, 1), "1/2 L'eau manque.", nil)
	second := newRecord(t, uri(alice, 2), "2/2 Les métaux aussi.", map[string]any{
		"reply": map[string]any{"root": ref(first), "parent": ref(first)},
		"embed": map[string]any{"$type": "app.bsky.embed.record", "record": ref(first)}})
	gone := newRecord(t, uri(alice, 3), "Effacé.", nil)
	lost := store.Post{Post: atproto.Post{Ref: atproto.Ref{URI: uri(alice, 4)}}, Status: store.Missing}
	tagged := func(r record, topics ...string) analysis.PostAnalysis {
		text := r.post(t).Text
		p := analysis.Passage{Span: analysis.Span{End: len(text)}, Text: text}
		for _, topic := range topics {
			p.Topics = append(p.Topics, analysis.TopicTag{Topic: topic, Score: 1})
		}
		p.Claim = &analysis.Claim{ID: analysis.ClaimID(r.uri, r.cid.String(), p.Span), CheckWorthy: true, Kind: analysis.OtherKind, Stance: analysis.Asserts}
		return analysis.PostAnalysis{URI: r.uri, Lang: "fr", Passages: []analysis.Passage{p}}
	}
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(
			w.PutAccount(ctx, store.Account{Account: atproto.Account{DID: alice, Handle: "alice.test"}}),
			w.PutState(ctx, newState(alice, "3k2", at(10)), entries(first.entry(), second.entry(), gone.entry())),
			first.put(ctx, t, w, tagged(first, "water")),
			second.put(ctx, t, w, tagged(second, "metals", "water")),
			gone.put(ctx, t, w, tagged(gone, "water")),
			w.SetPostStatus(ctx, gone.uri, store.Gone),
			w.PutPost(ctx, lost, analysis.PostAnalysis{}))
	})
	view(t, s, func(ctx context.Context, r store.Reader) error {
		posts := map[syntax.ATURI]store.Post{}
		for _, p := range collect(t, r.Posts(ctx, store.Query{DID: alice})) {
			posts[p.URI] = p
		}
		outlines := collect(t, r.Outlines(ctx, alice))
		same(t, "number of outlines", len(outlines), len(posts))
		for _, o := range outlines {
			p := posts[o.URI]
			same(t, "status", o.Status, p.Status)
			same(t, "text", o.Text, p.Text)
			same(t, "cid", o.CID, p.CID)
			same(t, "quote", o.Embed.Quote.URI, p.Embed.Quote.URI)
			same(t, "is an answer", o.Reply != nil, p.Reply != nil)
			if o.Reply != nil && p.Reply != nil {
				same(t, "root", o.Reply.Root.URI, p.Reply.Root.URI)
				same(t, "parent", o.Reply.Parent.URI, p.Reply.Parent.URI)
			}
		}
		same(t, "outlines of nobody", len(collect(t, r.Outlines(ctx, bruno))), 0)
		return nil
	})
}
