package atproto_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"

	"skyarchive/atproto"
)

func TestCID(t *testing.T) {
	t.Parallel()
	block := []byte("\xa1\x64text\x61x")
	for _, tt := range []struct {
		name  string
		codec uint64
		got   atproto.CID
	}{
		{"block", cid.DagCBOR, atproto.CIDOf(block)},
		{"blob", cid.Raw, atproto.BlobCIDOf(block)},
		{"blob by its hash", cid.Raw, atproto.BlobCID(atproto.CIDOf(block).Hash())},
	} {
		want, err := cid.NewPrefixV1(tt.codec, multihash.SHA2_256).Sum(block)
		if err != nil {
			t.Fatal(err)
		}
		if tt.got.String() != want.String() || string(tt.got[:]) != string(want.Bytes()) {
			t.Errorf("%s: CID is %s, want %s", tt.name, tt.got, want)
		}
		if again, err := atproto.ParseCID(want.String()); err != nil || again != tt.got {
			t.Errorf("%s: ParseCID(%s) = %s, %v", tt.name, want, again, err)
		}
		if again, err := atproto.CIDFromBytes(want.Bytes()); err != nil || again != tt.got {
			t.Errorf("%s: CIDFromBytes = %s, %v", tt.name, again, err)
		}
		if tt.got.IsBlob() != (tt.codec == cid.Raw) || tt.got.IsZero() {
			t.Errorf("%s: IsBlob is %v, IsZero is %v", tt.name, tt.got.IsBlob(), tt.got.IsZero())
		}
	}
}

func TestCIDRefuses(t *testing.T) {
	t.Parallel()
	good := atproto.CIDOf(nil).String()
	for name, s := range map[string]string{
		"empty":          "",
		"version 0":      "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
		"upper case":     strings.ToUpper(good),
		"cut":            good[:58],
		"longer":         good + "a",
		"another hash":   "bafyrei" + strings.Repeat("1", 52),
		"stray bits":     good[:58] + "z",
		"another prefix": "z" + good[1:],
	} {
		if c, err := atproto.ParseCID(s); err == nil && c.String() != s {
			t.Errorf("%s: ParseCID(%q) = %s", name, s, c)
		} else if err != nil && !errors.Is(err, atproto.ErrCID) {
			t.Errorf("%s: error is %v, want %v", name, err, atproto.ErrCID)
		}
	}
	if _, err := atproto.CIDFromBytes(make([]byte, 36)); !errors.Is(err, atproto.ErrCID) {
		t.Errorf("zero bytes: error is %v, want %v", err, atproto.ErrCID)
	}
}

func TestCIDInJSON(t *testing.T) {
	t.Parallel()
	type doc struct{ A, B atproto.CID }
	in := doc{A: atproto.CIDOf([]byte("x"))}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"A":"` + in.A.String() + `","B":""}`; string(b) != want {
		t.Errorf("JSON is %s, want %s", b, want)
	}
	var out doc
	if err := json.Unmarshal(b, &out); err != nil || out != in {
		t.Errorf("read back: %v, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"A":"x"}`), &out); err == nil {
		t.Error("x is read as a CID")
	}
}

// The text of a CID of raw bytes is known by how it starts, and bytes by either CID of theirs.
func TestRawCID(t *testing.T) {
	for i := range 256 {
		b := []byte{0xa0, byte(i)}
		raw, record := atproto.BlobCIDOf(b), atproto.CIDOf(b)
		if !strings.HasPrefix(raw.String(), "bafkrei") || strings.HasPrefix(record.String(), "bafkrei") {
			t.Fatalf("%s and %s", raw, record)
		}
		if !raw.Names(b) || !record.Names(b) || raw.Names(b[:1]) {
			t.Fatalf("%s does not name what it should", raw)
		}
	}
}
