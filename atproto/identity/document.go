package identity

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/mr-tron/base58"
)

// A document is what is read of a DID document. Its lists hold whatever other systems have
// use for (https://www.w3.org/TR/did-1.0/#core-properties): an entry of another form than
// asked for is passed over.
type document struct {
	ID      syntax.DID        `json:"id"`
	Names   []json.RawMessage `json:"alsoKnownAs"`
	Methods []json.RawMessage `json:"verificationMethod"`
	Servers []json.RawMessage `json:"service"`
}

// ParseDocument reads a DID document as received. The handle that it names is not
// confirmed, and DocumentHost is empty.
func ParseDocument(did syntax.DID, raw []byte) (Identity, error) {
	var doc document
	if err := json.Unmarshal(raw, &doc); err != nil {
		return Identity{}, fmt.Errorf("the DID document of %s cannot be read: %w", did, err)
	}
	if doc.ID != did {
		return Identity{}, fmt.Errorf("the DID document of %s names %q", did, doc.ID)
	}
	id := Identity{Document: raw, Declared: doc.handle(), Key: doc.key()}
	id.DID, id.Handle = did, syntax.HandleInvalid
	id.PDS = doc.server()
	return id, nil
}

// handle is the first handle among the other names, "" if there is none.
func (d *document) handle() syntax.Handle {
	for _, raw := range d.Names {
		var name string
		if json.Unmarshal(raw, &name) != nil {
			continue
		}
		if name, ok := strings.CutPrefix(name, "at://"); ok {
			if handle, err := syntax.ParseHandle(name); err == nil {
				return handle.Normalize()
			}
		}
	}
	return ""
}

// key is the account's signing key as a did:key, "" if there is none that can be read. The
// first of that name that the account controls counts.
func (d *document) key() string {
	for _, raw := range d.Methods {
		var method struct{ ID, Type, Controller, PublicKeyMultibase string }
		if json.Unmarshal(raw, &method) != nil || fragment(method.ID) != "atproto" || method.Controller != string(d.ID) {
			continue
		}
		key, err := parseKey(method.Type, method.PublicKeyMultibase)
		if err != nil {
			return ""
		}
		return key.DIDKey()
	}
	return ""
}

// parseKey reads a key in the form of today, or in one of those before it: uncompressed, and
// without the curve in front.
func parseKey(form, text string) (atcrypto.PublicKey, error) {
	if form == "Multikey" {
		return atcrypto.ParsePublicMultibase(text)
	}
	digits, ok := strings.CutPrefix(text, "z")
	if !ok {
		return nil, fmt.Errorf("a key of the form %q is not in base58", form)
	}
	point, err := base58.Decode(digits)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	switch form {
	case "EcdsaSecp256k1VerificationKey2019":
		return atcrypto.ParsePublicUncompressedBytesK256(point)
	case "EcdsaSecp256r1VerificationKey2019":
		return atcrypto.ParsePublicUncompressedBytesP256(point)
	}
	return nil, fmt.Errorf("unknown form of a key %q", form)
}

// server is the base URL of the account's server, "" if there is none that can be used. The
// first of that name counts.
func (d *document) server() string {
	for _, raw := range d.Servers {
		var service struct{ ID, ServiceEndpoint string }
		if json.Unmarshal(raw, &service) == nil && fragment(service.ID) == "atproto_pds" {
			return baseURL(service.ServiceEndpoint)
		}
	}
	return ""
}

// baseURL is an address to which paths can be added, "" if it is of no use.
func baseURL(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return ""
	}
	u.RawQuery, u.Fragment = "", ""
	return strings.TrimSuffix(u.String(), "/")
}

// fragment is what follows the # of an identifier in a document.
func fragment(id string) string {
	_, name, _ := strings.Cut(id, "#")
	return name
}
