package atproto

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
)

// A CID names bytes by their SHA-256 hash: version 1, codec DAG-CBOR (records, tree
// nodes, commits) or raw (blobs), in binary form. It is the only shape that repositories
// use. The zero CID is no CID. CIDs are comparable.
type CID [36]byte

// ErrCID says that something is not a CID of the one supported shape.
var ErrCID = errors.New("not a CIDv1 with SHA-256")

const (
	codecRaw     = 0x55
	codecDAGCBOR = 0x71
)

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// CIDOf is the CID of a DAG-CBOR block.
func CIDOf(block []byte) CID { return newCID(codecDAGCBOR, sha256.Sum256(block)) }

// RecordCID is the CID of a DAG-CBOR block with this SHA-256 hash.
func RecordCID(hash [32]byte) CID { return newCID(codecDAGCBOR, hash) }

// BlobCIDOf is the CID of a blob's bytes.
func BlobCIDOf(blob []byte) CID { return newCID(codecRaw, sha256.Sum256(blob)) }

// BlobCID is the CID of a blob whose bytes have this SHA-256 hash.
func BlobCID(hash [32]byte) CID { return newCID(codecRaw, hash) }

func newCID(codec byte, hash [32]byte) CID {
	c := CID{1, codec, 0x12, 0x20}
	copy(c[4:], hash[:])
	return c
}

// CIDFromBytes reads a binary CID, without the 0x00 prefix of a link.
func CIDFromBytes(b []byte) (CID, error) {
	var c CID
	if len(b) != len(c) || b[0] != 1 || b[1] != codecDAGCBOR && b[1] != codecRaw || !bytes.Equal(b[2:4], []byte{0x12, 0x20}) {
		return CID{}, ErrCID
	}
	copy(c[:], b)
	return c, nil
}

// ParseCID reads the text form, base32 with the prefix b.
func ParseCID(s string) (CID, error) {
	if len(s) != textSize || s[0] != 'b' {
		return CID{}, fmt.Errorf("%q: %w", s, ErrCID)
	}
	var text [textSize]byte
	copy(text[:], s)
	var b [len(CID{})]byte
	if _, err := base32Lower.Decode(b[:], text[1:]); err != nil {
		return CID{}, fmt.Errorf("%q: %w", s, ErrCID)
	}
	c, err := CIDFromBytes(b[:])
	if err != nil {
		return CID{}, fmt.Errorf("%q: %w", s, err)
	}
	if c.text() != text { // the last character has bits to spare
		return CID{}, fmt.Errorf("%q: %w", s, ErrCID)
	}
	return c, nil
}

// textSize is how long the text form is.
const textSize = 59

func (c CID) text() (text [textSize]byte) {
	text[0] = 'b'
	base32Lower.Encode(text[1:], c[:])
	return text
}

// rawText is what the text form of a CID of raw bytes starts with.
const rawText = "bafkrei"

// String is the text form, and "" for the zero CID.
func (c CID) String() string {
	if c.IsZero() {
		return ""
	}
	text := c.text()
	return string(text[:])
}

// IsZero says whether c is no CID.
func (c CID) IsZero() bool { return c == CID{} }

// Hash is the SHA-256 hash in the CID.
func (c CID) Hash() [32]byte { return [32]byte(c[4:]) }

// Names says whether these are the bytes that c names.
func (c CID) Names(b []byte) bool { return c.Hash() == sha256.Sum256(b) }

// IsBlob says whether c names raw bytes and not a DAG-CBOR block.
func (c CID) IsBlob() bool { return c[1] == codecRaw }

// MarshalText is String, for JSON.
func (c CID) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText is ParseCID; empty text is the zero CID.
func (c *CID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = CID{}
		return nil
	}
	parsed, err := ParseCID(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
