package atproto_test

import (
	"testing"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

// BenchmarkDecodePost reads a post that answers another, names a page and an account, and
// carries a card.
func BenchmarkDecodePost(b *testing.B) {
	record, err := cbor.FromJSON([]byte(`{"$type":"app.bsky.feed.post","createdAt":"2025-02-03T17:20:31.000Z","langs":["fr"],
		"text":"@ana.test La centrale a produit 12 TWh l'an dernier, un dixième de moins qu'en 2023 : example.org/rapport",
		"facets":[{"index":{"byteStart":0,"byteEnd":9},"features":[{"$type":"app.bsky.richtext.facet#mention","did":"did:plc:ewvi7nxzyoun6zhxrhs64oiz"}]},
			{"index":{"byteStart":88,"byteEnd":107},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://example.org/rapport"}]}],
		"reply":{"root":{"uri":"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3lhqvzzzzzz22","cid":"bafyreidfcktqnfmykz2ps3dbul35pepleq7kvv526g47xahuz3rqtptmky"},
			"parent":{"uri":"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3lhqvzzzzzz22","cid":"bafyreidfcktqnfmykz2ps3dbul35pepleq7kvv526g47xahuz3rqtptmky"}},
		"embed":{"$type":"app.bsky.embed.external","external":{"uri":"https://example.org/rapport","title":"Rapport","description":"Ce que la centrale a produit."}}}`))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := atproto.DecodePost(atproto.Ref{}, record); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}
