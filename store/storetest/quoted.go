package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// A post is found by the words of the post that it quotes, as that one is known at the time:
// whichever of the two comes first, and also after an edit.
func testQuoted(t *testing.T, s store.Store) {
	find := func(what, query string, want ...syntax.ATURI) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			hits, err := r.Search(ctx, store.Query{Where: parse(query), Best: true})
			if got := hitURIs(hits); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %q finds %v and %v, want %v", what, query, got, err, want)
			}
			return nil
		})
	}
	quote := func(minute int, of syntax.ATURI, text string) record {
		return newRecord(t, uri(alice, minute), text, map[string]any{"embed": map[string]any{"$type": "app.bsky.embed.record",
			"record": map[string]any{"uri": string(of), "cid": "bafyreib"}}})
	}
	put := func(list ...record) {
		t.Helper()
		update(t, s, func(ctx context.Context, w store.Writer) error {
			var errs []error
			for _, r := range list {
				errs = append(errs, r.put(ctx, t, w, analysis.PostAnalysis{URI: r.uri, Lang: "fr"}))
			}
			return errors.Join(errs...)
		})
	}
	seen := func(of syntax.ATURI, text string, minute int) {
		t.Helper()
		r := newRecord(t, of, text, nil)
		c := store.Context{Post: r.post(t).Post, Record: r.bytes, Signature: atproto.SignatureUnchecked, Seen: at(minute), State: store.ContextFound, At: at(minute)}
		update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutContext(ctx, c) })
	}

	// Somebody else's post.
	theirs := uri(bruno, 0)
	first, second := quote(1, theirs, "À lire"), quote(2, theirs, "Encore")
	put(first)
	find("nothing is known", "glacier")
	seen(theirs, "Le glacier recule", 3)
	put(second)
	find("seen", "glacier", second.uri, first.uri)
	find("both texts", "encore glaciers", second.uri)
	find("a phrase over both", `"lire glacier"`)
	seen(theirs, "La moraine avance", 4)
	find("the former words", "glacier")
	find("the later words", "moraine", second.uri, first.uri)

	// The same post once its account is archived, and edited.
	put(newRecord(t, theirs, "Une moraine avance", nil))
	find("archived", "moraine", theirs, second.uri, first.uri)
	put(newRecord(t, theirs, "Un torrent avance", nil))
	find("archived and edited", "moraine")
	find("archived and edited", "torrent", theirs, second.uri, first.uri)
	seen(theirs, "La moraine avance", 5)
	find("the archive knows better", "moraine")

	// Posts of one account that come together, the quoted one last too.
	own := uri(alice, 20)
	put(quote(21, own, "Je répète"), newRecord(t, own, "Une avalanche", nil))
	find("together", "avalanche", own, uri(alice, 21))
	put(newRecord(t, own, "Une congère", nil), quote(21, own, "Je répète encore"))
	find("together, edited", "avalanche")
	find("together, edited", "congère répète", uri(alice, 21))
	put(newRecord(t, uri(alice, 21), "Rien à citer", nil))
	find("no longer quoted", "congère", own)

	view(t, s, func(ctx context.Context, r store.Reader) error {
		hits, err := r.Search(ctx, store.Query{Where: parse("torrents")})
		if err != nil || len(hits.Posts) != 3 {
			t.Fatalf("%d hits, %v", len(hits.Posts), err)
		}
		b := hits.Posts[0].Beside
		if b == nil || b.What != "quoted post" || len(b.Matches) != 1 || b.Text[b.Matches[0].Start:b.Matches[0].End] != "torrent" {
			t.Errorf("beside the text: %+v", b)
		}
		if own := hits.Posts[2]; own.Beside != nil || len(own.Matches) != 1 {
			t.Errorf("in the text: %+v", own)
		}
		return nil
	})
}
