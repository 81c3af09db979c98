package plclog

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"

	"skyarchive/atproto"
)

// account makes operations like a directory's customer, with three rotation keys: of the
// owner, of the server, and a signing key.
type account struct {
	t          *testing.T
	owner      atcrypto.PrivateKey
	server     atcrypto.PrivateKey
	signing    string
	envelopes  []map[string]any
	operations []Operation
	now        time.Time
}

func newAccount(t *testing.T) *account {
	t.Helper()
	a := &account{t: t, now: time.Date(2025, 1, 1, 12, 0, 0, 0, time.UTC)}
	var err error
	if a.owner, err = atcrypto.GeneratePrivateKeyP256(); err != nil {
		t.Fatal(err)
	}
	a.server = newKey(t)
	a.signing = didKey(t, newKey(t))
	return a
}

func newKey(t *testing.T) atcrypto.PrivateKey {
	t.Helper()
	key, err := atcrypto.GeneratePrivateKeyK256()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func didKey(t *testing.T, key atcrypto.PrivateKey) string {
	t.Helper()
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return public.DIDKey()
}

func (a *account) draft(prev atproto.CID, handle string) Draft {
	return Draft{
		Prev: prev, RotationKeys: []string{didKey(a.t, a.owner), didKey(a.t, a.server)},
		SigningKey: a.signing, Handle: handle, PDS: "https://pds.test",
	}
}

// add signs a draft and puts it into the log, some hours after the one before.
func (a *account) add(d Draft, key atcrypto.PrivateKey, hours int) Operation {
	a.t.Helper()
	op, err := d.Sign(key)
	if err != nil {
		a.t.Fatal(err)
	}
	a.log(op, hours)
	return op
}

func (a *account) log(op Operation, hours int) {
	a.now = a.now.Add(time.Duration(hours) * time.Hour)
	a.operations = append(a.operations, op)
	a.envelopes = append(a.envelopes, map[string]any{
		"did": a.operations[0].DID(), "operation": op.JSON, "cid": op.CID.String(), "nullified": false, "createdAt": a.now.Format(time.RFC3339Nano),
	})
}

// raw is the log as the directory would send it.
func (a *account) raw() []byte {
	a.t.Helper()
	raw, err := json.Marshal(a.envelopes)
	if err != nil {
		a.t.Fatal(err)
	}
	return raw
}

func (a *account) history() History {
	a.t.Helper()
	log, err := Parse(a.raw())
	if err != nil {
		a.t.Fatal(err)
	}
	h, err := log.Verify(a.operations[0].DID())
	if err != nil {
		a.t.Fatal(err)
	}
	return h
}

func wantStates(t *testing.T, h History, want ...State) {
	t.Helper()
	if len(h.Entries) != len(want) {
		t.Fatalf("%d entries, want %d", len(h.Entries), len(want))
	}
	for i, e := range h.Entries {
		if e.State != want[i] || (e.Reason == "") != (want[i] == Valid) {
			t.Errorf("operation %d is %s (%q), want %s", i, e.State, e.Reason, want[i])
		}
	}
}
