package atprototest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"math/big"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"gitlab.com/yawning/secp256k1-voi/secec"
)

// A key is a signing key that is derived from a seed and signs the same bytes always in the
// same way (RFC 6979). Indigo's keys draw a random number for each signature, and a DID is
// the hash of a signed operation.
type key struct {
	atcrypto.PrivateKeyExportable
	k256 *secec.PrivateKey
	p256 *ecdsa.PrivateKey
}

// newKey makes a key on one of the two curves in use: "k256" or "p256".
func newKey(curve, seed string) (*key, error) {
	// A hash that is no valid scalar is about as likely as a collision, but it is an error.
	secret := sha256.Sum256([]byte(curve + " " + seed))
	k := &key{}
	var err error
	switch curve {
	case "k256":
		if k.PrivateKeyExportable, err = atcrypto.ParsePrivateBytesK256(secret[:]); err == nil {
			k.k256, err = secec.NewPrivateKey(secret[:])
		}
	case "p256":
		if k.PrivateKeyExportable, err = atcrypto.ParsePrivateBytesP256(secret[:]); err == nil {
			k.p256, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), secret[:])
		}
	default:
		err = fmt.Errorf("unknown curve %q: k256 or p256", curve)
	}
	return k, err
}

// HashAndSign signs with the lesser of the two possible s, as the protocol wants it.
func (k *key) HashAndSign(content []byte) ([]byte, error) {
	hash := sha256.Sum256(content)
	if k.k256 != nil {
		return k.k256.Sign(secec.RFC6979SHA256(), hash[:], &secec.ECDSAOptions{Hash: crypto.SHA256, Encoding: secec.EncodingCompact})
	}
	der, err := k.p256.Sign(nil, hash[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var rs struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &rs); err != nil {
		return nil, err
	}
	order := elliptic.P256().Params().N
	if other := new(big.Int).Sub(order, rs.S); other.Cmp(rs.S) < 0 {
		rs.S = other
	}
	sig := make([]byte, 64)
	rs.R.FillBytes(sig[:32])
	rs.S.FillBytes(sig[32:])
	return sig, nil
}

// multibase is the public key as a DID document has it; did adds the prefix of a did:key.
func (k *key) multibase() string {
	public, err := k.PublicKey()
	if err != nil {
		return ""
	}
	return public.Multibase()
}

func (k *key) did() string { return "did:key:" + k.multibase() }
