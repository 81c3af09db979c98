package atproto

import (
	"slices"
	"testing"

	"skyarchive/atproto/cbor"
)

func TestIntents(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		json string
		want []Intent
	}{
		"allow, disallow, undefined": {
			`{"bulkDataset":{"allow":false},"publicAccessArchive":{"allow":true},"protocolBridging":{"updatedAt":"2025-01-01T00:00:00Z"}}`,
			[]Intent{{"publicAccessArchive", true}, {"bulkDataset", false}},
		},
		"no booleans":  {`{"bulkDataset":{"allow":"no"},"publicAccessArchive":{"allow":null},"syntheticContentGeneration":false}`, nil},
		"unknown uses": {`{"printing":{"allow":false}}`, nil},
	} {
		record, err := cbor.FromJSON([]byte(c.json))
		if err != nil {
			t.Fatal(err)
		}
		if got := Intents(record); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if got := Intents([]byte("no record")); got != nil {
		t.Errorf("no record: got %v", got)
	}
	for _, p := range IntentPaths {
		if !KeepsBytes(p.Collection()) {
			t.Errorf("the bytes of %s are not kept", p)
		}
	}
}
