package plclog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/bluesky-social/indigo/atproto/atcrypto"

	"skyarchive/atproto"
)

// fixedKey is the same in every process, so that seeds fit the account that is fuzzed.
func fixedKey(f *testing.F, n byte) atcrypto.PrivateKey {
	f.Helper()
	key, err := atcrypto.ParsePrivateBytesK256(bytes.Repeat([]byte{n}, 32))
	if err != nil {
		f.Fatal(err)
	}
	return key
}

// Whatever is read as a log, an operation in force was signed by a rotation key of one
// before it in force, and the chain begins with the hash that is the DID.
func FuzzVerify(f *testing.F) {
	a := newAccount(&testing.T{})
	a.owner, a.server, a.signing = fixedKey(f, 1), fixedKey(f, 2), "did:key:none"
	first := a.add(a.draft(atproto.CID{}, "a.test"), a.server, 0)
	second := a.add(a.draft(first.CID, "b.test"), a.server, 1)
	a.add(a.draft(first.CID, "c.test"), a.owner, 1)
	a.add(Draft{Prev: second.CID, Tombstone: true}, a.owner, 1)
	audit, err := json.Marshal(a.envelopes)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(audit)
	f.Add(fmt.Appendf(nil, "%s\n%s", first.JSON, second.JSON))
	f.Add([]byte(`[{"type":"create","prev":null,"sig":"","signingKey":"did:key:z","handle":1}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		log, err := Parse(raw)
		if err != nil {
			return
		}
		h, err := log.Verify(first.DID())
		if err != nil {
			return
		}
		byCID := map[string]*Entry{}
		for i := range h.Entries {
			e := &h.Entries[i]
			if e.State == "" || (e.State == Valid) != (e.Reason == "") {
				t.Errorf("operation %d is %q (%q)", i, e.State, e.Reason)
			}
			if e.State == Invalid {
				continue
			}
			keys := e.RotationKeys
			if e.CID != first.CID {
				before := byCID[e.Prev]
				if before == nil || before.Type == TypeTombstone {
					t.Fatalf("operation %d follows nothing", i)
				}
				keys = before.RotationKeys
			}
			if rank, how := e.signer(keys); how == notSigned || keys[rank] != e.Signer {
				t.Errorf("operation %d is not signed", i)
			}
			byCID[e.CID.String()] = e
		}
		if len(h.Keys()) > 0 && h.Last() == nil {
			t.Error("keys, and nothing in force")
		}
	})
}
