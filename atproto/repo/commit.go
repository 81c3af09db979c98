package repo

import (
	"fmt"
	"slices"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

// Version is the one version of repositories that is read.
const Version = 3

// A Commit is the signed head of a repository: it says that the tree under Data was the
// repository of DID at revision Rev.
type Commit struct {
	CID   atproto.CID // of Bytes
	DID   syntax.DID
	Rev   syntax.TID
	Data  atproto.CID // root of the tree
	Sig   []byte
	Bytes []byte // as signed, with the signature
}

// ParseCommit reads a commit's block. It does not check the signature: see [Commit.Verify].
func ParseCommit(block []byte) (Commit, error) {
	doc, err := cbor.Parse(block)
	if err != nil || doc.Kind() != cbor.Map {
		return Commit{}, corrupt("the block that should be the signed commit is none")
	}
	version, ok := doc.Field("version").Int()
	if !ok {
		return Commit{}, corrupt("the block that should be the signed commit has no version")
	}
	if version != Version {
		return Commit{}, fmt.Errorf("%w; this one has version %d", ErrVersion, version)
	}
	c := Commit{CID: atproto.CIDOf(block), Bytes: slices.Clone(block), Sig: slices.Clone(doc.Field("sig").Bytes())}
	if c.DID, err = syntax.ParseDID(doc.Field("did").Text()); err != nil {
		return Commit{}, corrupt("the commit names no account: %v", err)
	}
	if c.Rev, err = syntax.ParseTID(doc.Field("rev").Text()); err != nil {
		return Commit{}, corrupt("the commit has no revision: %v", err)
	}
	data := doc.Field("data")
	if data.Kind() != cbor.Link {
		return Commit{}, corrupt("the commit names no tree")
	}
	if c.Data, err = atproto.CIDFromBytes(data.Bytes()); err != nil {
		return Commit{}, corrupt("the commit's tree: %v", err)
	}
	if len(c.Sig) == 0 {
		return Commit{}, corrupt("the commit is not signed")
	}
	if _, err := c.unsigned(); err != nil {
		return Commit{}, err
	}
	return c, nil
}

// Verify checks the commit's signature, and returns [ErrSignature] if it was made with
// another key.
func (c *Commit) Verify(key atcrypto.PublicKey) error {
	unsigned, err := c.unsigned()
	if err != nil {
		return err
	}
	if err := key.HashAndVerify(unsigned, c.Sig); err != nil {
		return fmt.Errorf("commit %s of %s: %w", c.Rev, c.DID, ErrSignature)
	}
	return nil
}

// unsigned is what was signed: the commit without the field sig. Fields that are not known
// here stay, since they were signed too.
func (c *Commit) unsigned() ([]byte, error) {
	b, err := cbor.Without(c.Bytes, "sig")
	if err != nil {
		return nil, corrupt("the commit: %v", err)
	}
	return b, nil
}

// SignCommit makes and signs the commit of a tree.
func SignCommit(did syntax.DID, rev syntax.TID, data atproto.CID, key atcrypto.PrivateKey) (Commit, error) {
	sig, err := key.HashAndSign(appendCommit(nil, did, rev, data, nil))
	if err != nil {
		return Commit{}, fmt.Errorf("sign commit %s of %s: %w", rev, did, err)
	}
	return ParseCommit(appendCommit(nil, did, rev, data, sig))
}

// appendCommit writes a commit's fields in canonical order, without sig if it is nil. The
// field prev is a relic of version 2: always there, always null.
func appendCommit(b []byte, did syntax.DID, rev syntax.TID, data atproto.CID, sig []byte) []byte {
	fields := 5
	if sig != nil {
		fields++
	}
	b = cbor.AppendMap(b, fields)
	b = cbor.AppendText(cbor.AppendText(b, "did"), string(did))
	b = cbor.AppendText(cbor.AppendText(b, "rev"), string(rev))
	if sig != nil {
		b = cbor.AppendBytes(cbor.AppendText(b, "sig"), sig)
	}
	b = cbor.AppendLink(cbor.AppendText(b, "data"), data)
	b = cbor.AppendNull(cbor.AppendText(b, "prev"))
	return cbor.AppendInt(cbor.AppendText(b, "version"), Version)
}
