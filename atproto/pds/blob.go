package pds

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// Blob writes a file that the account's records refer to, and returns the number of bytes
// written. More than limit bytes are [ErrTooLarge] (0: no limit); bytes other than the CID
// names are [ErrUnverified]. What was written before an error must be thrown away.
func (c *Client) Blob(ctx context.Context, did syntax.DID, cid atproto.CID, limit int64, w io.Writer) (n int64, err error) {
	resp, err := c.call(ctx, "com.atproto.sync.getBlob", url.Values{"did": {string(did)}, "cid": {cid.String()}}, "*/*")
	if err != nil {
		return 0, fmt.Errorf("download file %s of %s: %w", cid, did, err)
	}
	defer resp.Body.Close()
	if limit > 0 && resp.ContentLength > limit {
		return 0, fmt.Errorf("file %s of %s has %d bytes, more than %d: %w", cid, did, resp.ContentLength, limit, ErrTooLarge)
	}
	hash := sha256.New()
	body := &reader{Reader: resp.Body}
	from := io.Reader(body)
	if limit > 0 {
		from = io.LimitReader(body, limit+1)
	}
	n, err = io.Copy(io.MultiWriter(w, hash), from)
	switch {
	case body.err != nil:
		return n, fmt.Errorf("download file %s of %s: %w", cid, did, c.broken(ctx, body.err))
	case err != nil:
		return n, fmt.Errorf("write file %s of %s: %w", cid, did, err)
	case limit > 0 && n > limit:
		return n, fmt.Errorf("file %s of %s has more than %d bytes: %w", cid, did, limit, ErrTooLarge)
	case [sha256.Size]byte(hash.Sum(nil)) != cid.Hash():
		return n, fmt.Errorf("file %s of %s: %w", cid, did, ErrUnverified)
	}
	return n, nil
}
