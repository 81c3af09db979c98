package atproto_test

import (
	"slices"
	"testing"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

func TestSelfLabels(t *testing.T) {
	for doc, want := range map[string][]string{
		`{"$type":"app.bsky.actor.profile","labels":{"values":[{"val":"!no-unauthenticated"},{"val":"bot"}]}}`: {"!no-unauthenticated", "bot"},
		`{"labels":{"values":[{"val":3},"x"]}}`: nil,
		`{"labels":"x"}`:                        nil,
		`{}`:                                    nil,
	} {
		record, err := cbor.FromJSON([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		if got := atproto.SelfLabels(record); !slices.Equal(got, want) {
			t.Errorf("labels of %s: %q, want %q", doc, got, want)
		}
	}
	if got := atproto.SelfLabels([]byte("\xff")); got != nil {
		t.Errorf("labels of nothing readable: %q", got)
	}
}
