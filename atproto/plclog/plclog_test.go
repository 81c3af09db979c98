package plclog

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"

	"skyarchive/atproto"
)

func TestChain(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	first := a.add(a.draft(atproto.CID{}, "a.test"), a.server, 0)
	second := a.add(a.draft(first.CID, "b.test"), a.server, 5)
	a.signing = didKey(t, newKey(t))
	a.add(a.draft(second.CID, "c.test"), a.owner, 100)
	h := a.history()
	wantStates(t, h, Valid, Valid, Valid)
	if got := h.Entries[1]; got.Handles[0] != "b.test" || got.PDS != "https://pds.test" || got.Signer != didKey(t, a.server) {
		t.Errorf("second operation is %+v", got)
	}
	keys := h.Keys()
	if len(keys) != 2 || keys[0].Current || !keys[1].Current || keys[0].Until != keys[1].From || keys[1].DIDKey != a.signing || keys[0].Operation != first.CID {
		t.Errorf("keys are %+v", keys)
	}
	for _, tt := range []struct {
		hours int
		want  string
	}{{-1, ""}, {0, keys[0].DIDKey}, {104, keys[0].DIDKey}, {105, keys[1].DIDKey}, {9999, keys[1].DIDKey}} {
		k, ok := h.KeyAt(h.Entries[0].CreatedAt.Add(time.Duration(tt.hours) * time.Hour))
		if k.DIDKey != tt.want || ok != (tt.want != "") {
			t.Errorf("key after %d hours is %q, want %q", tt.hours, k.DIDKey, tt.want)
		}
	}
	if last := h.Last(); last == nil || last.Handles[0] != "c.test" {
		t.Errorf("last operation is %+v", last)
	}
}

// The key that signed is found, the one before a change too, and none that was never in
// force.
func TestSigner(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	before, after := newKey(t), newKey(t)
	a.signing = didKey(t, before)
	first := a.add(a.draft(atproto.CID{}, "a.test"), a.server, 0)
	a.signing = didKey(t, after)
	a.add(a.draft(first.CID, "a.test"), a.server, 1)
	h := a.history()
	for _, tt := range []struct {
		name string
		key  atcrypto.PrivateKey
		want bool
	}{{"before", before, true}, {"after", after, true}, {"a stranger's", newKey(t), false}, {"a rotation key", a.server, false}} {
		sig, err := tt.key.HashAndSign([]byte("state"))
		if err != nil {
			t.Fatal(err)
		}
		k, ok := h.Signer(func(key atcrypto.PublicKey) error { return key.HashAndVerify([]byte("state"), sig) })
		if ok != tt.want || ok && k.DIDKey != didKey(t, tt.key) {
			t.Errorf("%s: found %v %s, want %v", tt.name, ok, k.DIDKey, tt.want)
		}
	}
}

func TestForks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		takeover, fix func(*account) atcrypto.PrivateKey
		hours         int
		want          []State
	}{
		{"the owner undoes the server's", server, owner, 71, []State{Valid, Nullified, Nullified, Valid}},
		{"after 72 hours", server, owner, 73, []State{Valid, Valid, Valid, Invalid}},
		{"a key of the same rank", server, server, 1, []State{Valid, Valid, Valid, Invalid}},
		{"a key of lower rank", owner, server, 1, []State{Valid, Valid, Valid, Invalid}},
		{"the owner's own", owner, owner, 1, []State{Valid, Valid, Valid, Invalid}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t)
			first := a.add(a.draft(atproto.CID{}, "a.test"), a.server, 0)
			stolen := a.draft(first.CID, "stolen.test")
			stolen.SigningKey = didKey(t, newKey(t))
			second := a.add(stolen, tt.takeover(a), 1)
			stolen.Prev = second.CID
			a.add(stolen, tt.takeover(a), 0)
			a.add(a.draft(first.CID, "back.test"), tt.fix(a), tt.hours)
			h := a.history()
			wantStates(t, h, tt.want...)
			for _, k := range h.Keys() {
				if tt.want[1] == Nullified && k.DIDKey == stolen.SigningKey {
					t.Error("the key of a nullified operation counts")
				}
			}
		})
	}
}

func owner(a *account) atcrypto.PrivateKey  { return a.owner }
func server(a *account) atcrypto.PrivateKey { return a.server }

// TestNewest: what does not verify makes no log newer, and what is said to be undone does not
// either.
func TestNewest(t *testing.T) {
	a := newAccount(t)
	first := a.add(a.draft(atproto.CID{}, "lou.test"), a.server, 0)
	begun := a.raw()
	second := a.draft(first.CID, "lou.test")
	second.SigningKey = didKey(t, newKey(t))
	a.add(second, a.server, 24)
	whole := a.raw()
	a.envelopes[1]["nullified"] = true
	undone := a.raw()
	a.envelopes = a.envelopes[:1]
	for range 5 {
		a.add(a.draft(a.operations[len(a.operations)-1].CID, "lou.test"), newKey(t), 1)
	}
	junk := a.raw()
	for _, tt := range []struct {
		name string
		logs [][]byte
		want int
	}{
		{"a longer one is newer", [][]byte{begun, whole}, 1},
		{"in any order", [][]byte{whole, begun}, 0},
		{"the same again", [][]byte{whole, whole}, 1},
		{"operations that nobody could sign", [][]byte{whole, junk}, 0},
		{"said to be undone", [][]byte{whole, undone}, 0},
	} {
		at, history, err := Newest(first.DID(), tt.logs...)
		if at != tt.want || err != nil || len(history.Keys()) != 2 {
			t.Errorf("%s: log %d with %d keys, %v; want log %d", tt.name, at, len(history.Keys()), err, tt.want)
		}
	}
	log, err := Parse(junk)
	if err != nil {
		t.Fatal(err)
	}
	history, err := log.Verify(first.DID())
	if n, all := history.Rejected(); n != 5 || !all || err != nil {
		t.Errorf("junk: %d rejected, all: %t, %v", n, all, err)
	}
}

// Operations that do not hold are named and change nothing for the others.
func TestInvalid(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	first := a.add(a.draft(atproto.CID{}, "a.test"), a.server, 0)
	a.add(a.draft(first.CID, "stranger.test"), newKey(t), 1)
	a.add(a.draft(atproto.CIDOf([]byte("x")), "nowhere.test"), a.owner, 1)
	a.add(a.draft(atproto.CID{}, "again.test"), a.owner, 1)
	second := a.add(a.draft(first.CID, "b.test"), a.server, 1)
	a.log(Operation{JSON: json.RawMessage(`{"type":"plc_surprise","prev":null,"sig":"x"}`)}, 1)
	a.log(Operation{JSON: json.RawMessage(`{"type":"plc_operation","prev":null}`)}, 1)
	third := a.add(Draft{Prev: second.CID, Tombstone: true}, a.owner, 1)
	a.add(a.draft(third.CID, "risen.test"), a.owner, 1)
	h := a.history()
	wantStates(t, h, Valid, Invalid, Invalid, Invalid, Valid, Invalid, Invalid, Valid, Invalid)
	keys := h.Keys()
	if len(keys) != 1 || keys[0].Current || keys[0].Until != h.Entries[7].CreatedAt {
		t.Errorf("keys after the account's end are %+v", keys)
	}
	if _, ok := h.KeyAt(a.now); ok {
		t.Error("an account that ended has a key")
	}
}

// Signatures in a form that is not allowed count, and are told.
func TestIrregular(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(sig []byte) string
		want   State
	}{
		{"as it must be", func(sig []byte) string { return base64.RawURLEncoding.EncodeToString(sig) }, Valid},
		{"padding", func(sig []byte) string { return base64.URLEncoding.EncodeToString(sig) }, Irregular},
		{"not for URLs", func(sig []byte) string { return base64.StdEncoding.EncodeToString(sig) }, Irregular},
		{"a line break", func(sig []byte) string { return base64.RawURLEncoding.EncodeToString(sig) + "\n" }, Irregular},
		{"high S", func(sig []byte) string { return base64.RawURLEncoding.EncodeToString(highS(sig)) }, Irregular},
		{"cut", func(sig []byte) string { return base64.RawURLEncoding.EncodeToString(sig[:60]) }, Invalid},
		{"a byte more", func(sig []byte) string { return base64.RawURLEncoding.EncodeToString(append(sig, 0)) }, Invalid},
		{"none", func([]byte) string { return "" }, Invalid},
	} {
		a := newAccount(t)
		first := a.add(a.draft(atproto.CID{}, "a.test"), a.server, 0)
		op, err := a.draft(first.CID, "b.test").Sign(a.server)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(op.JSON, &fields); err != nil {
			t.Fatal(err)
		}
		sig, err := base64.RawURLEncoding.DecodeString(op.sig)
		if err != nil {
			t.Fatal(err)
		}
		fields["sig"] = tt.change(sig)
		doc, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		if op, err = ParseOperation(doc); err != nil {
			t.Fatal(err)
		}
		a.log(op, 1)
		after := Valid
		if tt.want == Invalid {
			after = Invalid
		}
		a.add(a.draft(op.CID, "c.test"), a.server, 1)
		t.Run(tt.name, func(t *testing.T) { wantStates(t, a.history(), Valid, tt.want, after) })
	}
}

// highS gives the other signature that the same key and message allow.
func highS(sig []byte) []byte {
	order, _ := new(big.Int).SetString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16)
	s := new(big.Int).Sub(order, new(big.Int).SetBytes(sig[32:]))
	return append(bytes.Clone(sig[:32]), s.FillBytes(make([]byte, 32))...)
}

func TestCreate(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	signing := newKey(t)
	first, err := signFields(map[string]any{
		"type": TypeCreate, "prev": nil, "handle": "old.test", "service": "pds.test",
		"signingKey": didKey(t, signing), "recoveryKey": didKey(t, a.owner),
	}, signing)
	if err != nil {
		t.Fatal(err)
	}
	a.log(first, 0)
	a.add(a.draft(first.CID, "new.test"), a.owner, 1)
	h := a.history()
	wantStates(t, h, Valid, Valid)
	if e := h.Entries[0]; e.Handles[0] != "old.test" || e.PDS != "https://pds.test" || e.SigningKey != didKey(t, signing) {
		t.Errorf("the old form is read as %+v", e)
	}
}

// What the directory says beside the operations is only believed where it takes
// something away.
func TestEnvelope(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	first := a.add(a.draft(atproto.CID{}, "a.test"), a.server, 0)
	second := a.add(a.draft(first.CID, "b.test"), a.server, 1)
	a.add(a.draft(second.CID, "c.test"), a.server, 1)
	a.envelopes[1]["cid"] = first.CID.String()
	a.envelopes[2]["nullified"] = true
	wantStates(t, a.history(), Valid, Irregular, Nullified)
}

func TestNotThisDID(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	first := a.add(a.draft(atproto.CID{}, "a.test"), a.server, 0)
	second := a.add(a.draft(first.CID, "b.test"), a.server, 1)
	for name, doc := range map[string]string{
		"another account": string(first.JSON),
		"no beginning":    string(second.JSON),
	} {
		log, err := Parse([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.Verify("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"); !errors.Is(err, ErrNotThisDID) {
			t.Errorf("%s: error is %v, want %v", name, err, ErrNotThisDID)
		}
	}
}

// The same operations are read from each form in which logs are handed around.
func TestParse(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	first := a.add(a.draft(atproto.CID{}, "a.test"), a.server, 0)
	second := a.add(a.draft(first.CID, "b.test"), a.server, 1)
	audit, err := json.Marshal(a.envelopes)
	if err != nil {
		t.Fatal(err)
	}
	backwards, err := json.Marshal([]any{a.envelopes[1], a.envelopes[0]})
	if err != nil {
		t.Fatal(err)
	}
	for name, doc := range map[string]string{
		"audit":           string(audit),
		"audit backwards": string(backwards),
		"array":           fmt.Sprintf("[%s,%s]", first.JSON, second.JSON),
		"lines":           fmt.Sprintf("%s\n%s\n", first.JSON, second.JSON),
		"one by one":      fmt.Sprintf("%s%s", first.JSON, second.JSON),
	} {
		log, err := Parse([]byte(doc))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		h, err := log.Verify(first.DID())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		wantStates(t, h, Valid, Valid)
		if named := strings.HasPrefix(name, "audit"); h.Entries[0].CreatedAt.IsZero() == named {
			t.Errorf("%s: the time is %v", name, h.Entries[0].CreatedAt)
		}
	}
	for _, doc := range []string{"", "[]", "{}", "1", "[1]", `"x"`, "null", "[null]", "<html>", `[{"operation":`} {
		if log, err := Parse([]byte(doc)); !errors.Is(err, ErrNotLog) {
			t.Errorf("Parse(%q) = %d operations, %v, want %v", doc, log.Len(), err, ErrNotLog)
		}
	}
}
