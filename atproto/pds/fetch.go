package pds

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// acceptCAR is the type of a repository file.
const acceptCAR = "application/vnd.ipld.car"

// Repo writes the account's repository to a file, as the server sends it, and returns the
// number of bytes written. With a revision in since, the server leaves out what was there
// already then; "" is everything.
//
// That it ends without an error does not mean that it is whole: a server may send a tree
// with holes, and a connection may end between two blocks. Package repo finds out. More than
// MaxRepo bytes are [ErrTooLarge].
func (c *Client) Repo(ctx context.Context, did syntax.DID, since string, to *os.File) (n int64, err error) {
	params := url.Values{"did": {string(did)}}
	if since != "" {
		params.Set("since", since)
	}
	resp, err := c.call(ctx, "com.atproto.sync.getRepo", params, acceptCAR)
	if err != nil {
		return 0, fmt.Errorf("download the repository of %s: %w", did, err)
	}
	defer resp.Body.Close()
	body := &reader{Reader: resp.Body}
	from := io.Reader(body)
	if c.MaxRepo > 0 {
		from = io.LimitReader(body, c.MaxRepo+1)
	}
	n, err = io.Copy(to, from)
	if c.MaxRepo > 0 && n > c.MaxRepo {
		return n, fmt.Errorf("download the repository of %s: it has more than %d bytes: %w", did, c.MaxRepo, ErrTooLarge)
	}
	if body.err != nil {
		return n, fmt.Errorf("download the repository of %s, after %d bytes: %w", did, n, c.broken(ctx, body.err))
	}
	if err != nil {
		return n, fmt.Errorf("write the repository of %s: %w", did, err)
	}
	return n, nil
}

// reader keeps the error of reading, to tell it from one of writing.
type reader struct {
	io.Reader
	err error
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// Blocks asks for single blocks by their CIDs. Blocks that the server does not have are
// absent from the result; those in it match their CIDs.
func (c *Client) Blocks(ctx context.Context, did syntax.DID, cids []atproto.CID) (map[atproto.CID][]byte, error) {
	const batch = 64
	found := make(map[atproto.CID][]byte, len(cids))
	for len(cids) > 0 {
		n := min(batch, len(cids))
		if err := c.blocks(ctx, did, cids[:n], found); err != nil {
			return found, fmt.Errorf("ask for %d blocks of %s: %w", n, did, err)
		}
		cids = cids[n:]
	}
	return found, nil
}

// blocks asks for some blocks. A server that lacks one gives none of them, so a batch is
// halved until the missing ones are known.
func (c *Client) blocks(ctx context.Context, did syntax.DID, cids []atproto.CID, found map[atproto.CID][]byte) error {
	params := url.Values{"did": {string(did)}}
	for _, cid := range cids {
		params.Add("cids", cid.String())
	}
	b, err := c.bytes(ctx, "com.atproto.sync.getBlocks", params, acceptCAR, maxProof)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrTooLarge) {
		if len(cids) == 1 {
			return nil
		}
		half := len(cids) / 2
		if err := c.blocks(ctx, did, cids[:half], found); err != nil {
			return err
		}
		return c.blocks(ctx, did, cids[half:], found)
	}
	if err != nil {
		return err
	}
	wanted := make(map[atproto.CID]bool, len(cids))
	for _, cid := range cids {
		wanted[cid] = true
	}
	return eachBlock(b, func(cid atproto.CID, block []byte) {
		if wanted[cid] {
			found[cid] = block
		}
	})
}

// eachBlock yields the blocks of a small CAR in memory, each checked against its CID.
func eachBlock(car []byte, yield func(atproto.CID, []byte)) error {
	for first := true; len(car) > 0; first = false {
		size, width := binary.Uvarint(car)
		if width <= 0 || size > uint64(len(car)-width) {
			return &unavailable{io.ErrUnexpectedEOF}
		}
		section := car[width : width+int(size)]
		car = car[width+int(size):]
		if first {
			continue // the head names a root that nobody asked for
		}
		if len(section) < len(atproto.CID{}) {
			return fmt.Errorf("a block without a name: %w", ErrUnverified)
		}
		cid, err := atproto.CIDFromBytes(section[:len(atproto.CID{})])
		block := section[len(atproto.CID{}):]
		if err != nil || sha256.Sum256(block) != cid.Hash() {
			return fmt.Errorf("block %s: %w", cid, ErrUnverified)
		}
		yield(cid, block)
	}
	return nil
}

// Record asks for a record with its proof: a CAR with the commit, the path through the tree
// and the record, or without the record if the signed tree does not have it. Nothing in it
// has been checked.
func (c *Client) Record(ctx context.Context, did syntax.DID, path atproto.Path) (car []byte, err error) {
	params := url.Values{"did": {string(did)}, "collection": {path.Collection()}, "rkey": {path.Key()}}
	car, err = c.bytes(ctx, "com.atproto.sync.getRecord", params, acceptCAR, maxProof)
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", path.URI(did), err)
	}
	return car, nil
}
