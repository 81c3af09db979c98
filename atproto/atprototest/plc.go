package atprototest

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/mr-tron/base58"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

// An operation is one of an account's log in the directory, as it is signed.
type operation struct {
	body      map[string]any // with sig
	cid       string
	createdAt time.Time
	nullified bool
	handle    syntax.Handle // what it says
	key       *key
}

// sign makes an operation of its fields without sig.
func sign(fields map[string]any, k *key, at time.Time) (*operation, []byte, error) {
	unsigned, err := encode(fields)
	if err != nil {
		return nil, nil, err
	}
	sig, err := k.HashAndSign(unsigned)
	if err != nil {
		return nil, nil, err
	}
	fields["sig"] = base64.RawURLEncoding.EncodeToString(sig)
	signed, err := encode(fields)
	if err != nil {
		return nil, nil, err
	}
	return &operation{body: fields, cid: atproto.CIDOf(signed).String(), createdAt: at}, signed, nil
}

// encode writes a value as DAG-CBOR.
func encode(value any) ([]byte, error) {
	doc, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return cbor.FromJSON(doc)
}

// plcFields are what an operation says: who may sign the next one, the keys, the names and
// the server.
func (a *Account) plcFields(handle syntax.Handle, server string, prev any) map[string]any {
	return map[string]any{
		"type":                "plc_operation",
		"rotationKeys":        []string{a.recovery.did(), a.rotation.did()},
		"verificationMethods": map[string]string{"atproto": a.key.did()},
		"alsoKnownAs":         []string{"at://" + string(handle)},
		"services": map[string]any{"atproto_pds": map[string]string{
			"type": "AtprotoPersonalDataServer", "endpoint": server,
		}},
		"prev": prev,
	}
}

// register writes the first operation, whose hash is the DID, and the second one. The
// first names a server that is nowhere, because a port that changes from run to run would
// change the DID; the second moves the account to where it really is.
func (a *Account) register(handle syntax.Handle) error {
	op, signed, err := sign(a.plcFields(handle, "https://pds.test", nil), a.rotation, a.network.tick(time.Time{}))
	if err != nil {
		return err
	}
	hash := sha256.Sum256(signed)
	a.did = syntax.DID("did:plc:" + strings.ToLower(base32.StdEncoding.EncodeToString(hash[:]))[:24])
	a.handle = handle
	op.handle, op.key = handle, a.key
	a.log = []*operation{op}
	return a.operate(a.plcFields(handle, a.network.URL, op.cid))
}

// operate appends an operation to the log.
func (a *Account) operate(fields map[string]any) error {
	op, _, err := sign(fields, a.rotation, a.network.tick(time.Time{}))
	if err != nil {
		return fmt.Errorf("sign an operation of %s: %w", a.did, err)
	}
	op.handle, op.key = a.handle, a.key
	a.log = append(a.log, op)
	return nil
}

// update appends an operation that says how the account is now.
func (a *Account) update() error {
	return a.operate(a.plcFields(a.handle, a.network.URL, a.last().cid))
}

// last is the newest operation in force.
func (a *Account) last() *operation {
	for i := len(a.log) - 1; i >= 0; i-- {
		if !a.log[i].nullified {
			return a.log[i]
		}
	}
	return nil
}

// directory answers /DID and /DID/log/audit.
func (n *Network) directory(path string) response {
	did, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	a := n.byDID[syntax.DID(did)]
	if a == nil || a.log == nil {
		return jsonResponse(http.StatusNotFound, map[string]string{"message": "DID not registered: " + did})
	}
	switch rest {
	case "":
		if a.tombstoned() {
			return jsonResponse(http.StatusGone, map[string]string{"message": "DID not available: " + did})
		}
		resp := jsonResponse(http.StatusOK, a.document())
		resp.kind = "application/did+ld+json; charset=utf-8"
		return resp
	case "log/audit":
		entries := []map[string]any{}
		for _, op := range a.log {
			entries = append(entries, map[string]any{
				"did": a.did, "operation": op.body, "cid": op.cid, "nullified": op.nullified,
				"createdAt": op.createdAt.Format(timeLayout),
			})
		}
		return jsonResponse(http.StatusOK, entries)
	case "log":
		entries := []map[string]any{}
		for _, op := range a.log {
			if !op.nullified {
				entries = append(entries, op.body)
			}
		}
		return jsonResponse(http.StatusOK, entries)
	}
	return jsonResponse(http.StatusNotFound, map[string]string{"message": "Not Found"})
}

func (a *Account) tombstoned() bool {
	last := a.last()
	return last != nil && last.body["type"] == "plc_tombstone"
}

// document is the DID document.
func (a *Account) document() map[string]any {
	did := string(a.did)
	method := map[string]string{"id": did + "#atproto", "type": "Multikey", "controller": did, "publicKeyMultibase": a.key.multibase()}
	if a.network.options.OldDocuments {
		method["id"], method["type"] = "#atproto", "EcdsaSecp256k1VerificationKey2019"
		if a.key.p256 != nil {
			method["type"] = "EcdsaSecp256r1VerificationKey2019"
		}
		if public, err := a.key.PublicKey(); err == nil {
			method["publicKeyMultibase"] = "z" + base58.Encode(public.UncompressedBytes())
		}
	}
	return map[string]any{
		"@context": []string{
			"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1",
			"https://w3id.org/security/suites/secp256k1-2019/v1",
		},
		"id":                 did,
		"alsoKnownAs":        []string{"at://" + string(a.handle)},
		"verificationMethod": []any{method},
		"service": []any{map[string]string{
			"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": a.network.URL,
		}},
	}
}
