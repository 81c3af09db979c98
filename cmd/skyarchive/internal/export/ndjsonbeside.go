package export

import (
	"context"
	"fmt"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/store"
)

// contextLines write the posts by others that the exported accounts answer or quote, each
// as it was seen last. They stand behind the lines of all accounts.
func (x *export) contextLines(ctx context.Context, l *lines) error {
	named := map[syntax.ATURI]bool{}
	for p, err := range x.source.r.Posts(ctx, store.Query{DID: x.Query.DID}) {
		if err != nil {
			return err
		}
		for _, uri := range p.Others() {
			named[uri] = true
		}
	}
	for c, err := range x.source.r.Contexts(ctx) {
		if err != nil {
			return err
		}
		if !named[c.URI] {
			continue
		}
		if err := l.put(newContextLine(c)); err != nil {
			return err
		}
	}
	return nil
}

func newContextLine(c store.Context) contextLine {
	line := contextLine{
		Type: "context", URI: c.URI, Handle: c.Handle, CID: c.CID, Record: c.Record, Proof: c.Proof, Key: c.Key, Signature: c.Signature,
		From: c.From, Seen: timeOf(c.Seen), State: c.State, At: c.At.UTC(), Host: c.Host, Why: c.Why, HideGuest: c.HideGuest,
	}
	if n := c.Counts; n != nil {
		line.Counts = &countsLine{n.Likes, n.Reposts, n.Replies, n.Quotes, n.At.UTC()}
	}
	return line
}

// fileLines write which files are kept. A folder export has their bytes too.
func (x *export) fileLines(ctx context.Context, l *lines) error {
	accounts, err := store.Collect(x.source.r.Accounts(ctx))
	if err != nil {
		return err
	}
	beside := 0
	copied := map[string]string{} // by CID: the name
	for _, acc := range accounts {
		if !x.source.ownedBy(acc.DID) {
			continue
		}
		files, err := store.Collect(x.source.r.Blobs(ctx, acc.DID))
		if err != nil {
			return err
		}
		for _, b := range files {
			if b.State != store.BlobKept {
				continue
			}
			name, ok := copied[b.CID]
			if !ok && x.inFolder() && x.Media != nil {
				if name, err = x.copyBlob(b.Blob); err != nil {
					return err
				}
				copied[b.CID] = name
			}
			if name == "" {
				beside++
			}
			if err := l.put(fileLine{"file", acc.DID, b.CID, b.Type, b.Size, b.At.UTC(), b.Host, name}); err != nil {
				return err
			}
		}
	}
	if beside > 0 {
		x.summary.Skipped = append(x.summary.Skipped, fmt.Sprintf("the bytes of %d media files: a single file does not hold them; -o FOLDER/ writes them beside it", beside))
	}
	return nil
}
