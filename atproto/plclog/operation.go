package plclog

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

// The types of operations.
const (
	TypeOperation = "plc_operation"
	TypeTombstone = "plc_tombstone" // the end of the account
	TypeCreate    = "create"        // how accounts began until 2023
)

// An Operation is one signed step in the life of an account. It says the whole state from
// there on, not a change. Its fields were read, not believed: see [Entry].
type Operation struct {
	Type         string
	CID          atproto.CID // of the signed operation
	Prev         string      // CID of the operation before as text, "" for the first one
	RotationKeys []string    // did:key, highest rank first
	SigningKey   string      // did:key that signs the repository, "" if there is none
	Handles      []string
	PDS          string
	JSON         json.RawMessage // as received

	sig      string
	signed   []byte
	unsigned []byte
}

// Limits of one operation, well above those of the directory: what is checked against
// each key must be small, and the keys few.
const (
	maxSize         = 64 << 10
	maxRotationKeys = 16
)

// ParseOperation reads one operation from JSON. Its fields are taken from the bytes that
// were signed.
func ParseOperation(doc json.RawMessage) (Operation, error) {
	if len(doc) > maxSize {
		return Operation{}, fmt.Errorf("read an operation: %d bytes are too many", len(doc))
	}
	op := Operation{JSON: doc}
	var err error
	if op.signed, err = cbor.FromJSON(doc); err != nil {
		return Operation{}, err
	}
	if op.unsigned, err = cbor.Without(op.signed, "sig"); err != nil {
		return Operation{}, fmt.Errorf("read an operation: it is not signed: %w", err)
	}
	fields, err := cbor.Parse(op.signed)
	if err != nil {
		return Operation{}, fmt.Errorf("read an operation: %w", err)
	}
	op.CID = atproto.CIDOf(op.signed)
	op.Type, op.Prev, op.sig = fields.Field("type").Text(), fields.Field("prev").Text(), fields.Field("sig").Text()
	if fields.Field("prev").Kind() != cbor.Null && op.Prev == "" {
		return Operation{}, fmt.Errorf("read an operation: it does not say what it follows")
	}
	switch op.Type {
	case TypeOperation:
		op.readOperation(fields)
	case TypeCreate:
		op.readCreate(fields)
	case TypeTombstone:
	default:
		return Operation{}, fmt.Errorf("read an operation: unknown type %q", op.Type)
	}
	if len(op.RotationKeys) > maxRotationKeys {
		return Operation{}, fmt.Errorf("read an operation: %d rotation keys are too many", len(op.RotationKeys))
	}
	return op, nil
}

func (op *Operation) readOperation(fields cbor.Item) {
	for key := range fields.Field("rotationKeys").All() {
		op.RotationKeys = append(op.RotationKeys, key.Text())
	}
	op.SigningKey = fields.Field("verificationMethods").Field("atproto").Text()
	for name := range fields.Field("alsoKnownAs").All() {
		if handle, ok := strings.CutPrefix(name.Text(), "at://"); ok {
			op.Handles = append(op.Handles, handle)
		}
	}
	op.PDS = fields.Field("services").Field("atproto_pds").Field("endpoint").Text()
}

// readCreate reads the old form, in which two keys had fixed roles.
func (op *Operation) readCreate(fields cbor.Item) {
	op.SigningKey = fields.Field("signingKey").Text()
	op.RotationKeys = []string{fields.Field("recoveryKey").Text(), op.SigningKey}
	op.Handles = []string{strings.TrimPrefix(fields.Field("handle").Text(), "at://")}
	op.PDS = fields.Field("service").Text()
	if !strings.Contains(op.PDS, "://") {
		op.PDS = "https://" + op.PDS
	}
}

// DID is the account that begins with this operation.
func (op *Operation) DID() syntax.DID {
	hash := sha256.Sum256(op.signed)
	return syntax.DID("did:plc:" + strings.ToLower(base32.StdEncoding.EncodeToString(hash[:15])))
}

// signature is what a check of a signature found.
type signature uint8

const (
	notSigned signature = iota // by none of the keys
	laxSigned                  // by a key, in a form that the rules do not allow
	signed
)

// signer finds which of the keys signed the operation, and its rank in the list.
func (op *Operation) signer(keys []string) (rank int, how signature) {
	sig, strict := decodeSignature(op.sig)
	for rank, name := range keys {
		key, err := atcrypto.ParsePublicDIDKey(name)
		if err != nil {
			continue // a kind of key that cannot sign operations
		}
		if key.HashAndVerify(op.unsigned, sig) == nil {
			if strict {
				return rank, signed
			}
			return rank, laxSigned
		}
		if key.HashAndVerifyLenient(op.unsigned, sig) == nil {
			return rank, laxSigned
		}
	}
	return 0, notSigned
}

// decodeSignature reads base64url, and says whether it was written in the one allowed way:
// no padding, no stray bits, 64 bytes.
func decodeSignature(s string) (sig []byte, strict bool) {
	if sig, err := base64.RawURLEncoding.Strict().DecodeString(s); err == nil && !strings.ContainsAny(s, "\r\n") {
		return sig, len(sig) == 64
	}
	s = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(s, "="))
	sig, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, false
	}
	return sig, false
}

// Draft is what an operation is to say.
type Draft struct {
	Prev         atproto.CID // zero for the first one
	RotationKeys []string
	SigningKey   string
	Handle       string
	PDS          string
	Tombstone    bool // the account ends; only Prev counts
}

// Sign makes an operation, signed with a rotation key.
func (d Draft) Sign(key atcrypto.PrivateKey) (Operation, error) {
	fields := map[string]any{"prev": nil}
	if !d.Prev.IsZero() {
		fields["prev"] = d.Prev.String()
	}
	if d.Tombstone {
		fields["type"] = TypeTombstone
	} else {
		fields["type"] = TypeOperation
		fields["rotationKeys"] = d.RotationKeys
		fields["verificationMethods"] = map[string]string{"atproto": d.SigningKey}
		fields["alsoKnownAs"] = []string{"at://" + d.Handle}
		fields["services"] = map[string]any{
			"atproto_pds": map[string]string{"type": "AtprotoPersonalDataServer", "endpoint": d.PDS},
		}
	}
	return signFields(fields, key)
}

func signFields(fields map[string]any, key atcrypto.PrivateKey) (Operation, error) {
	doc, err := json.Marshal(fields)
	if err != nil {
		return Operation{}, err
	}
	unsigned, err := cbor.FromJSON(doc)
	if err != nil {
		return Operation{}, err
	}
	sig, err := key.HashAndSign(unsigned)
	if err != nil {
		return Operation{}, errors.Join(errors.New("sign an operation"), err)
	}
	fields["sig"] = base64.RawURLEncoding.EncodeToString(sig)
	if doc, err = json.Marshal(fields); err != nil {
		return Operation{}, err
	}
	return ParseOperation(doc)
}
