package sqlite

import (
	"context"
	"database/sql"
	"iter"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/store"
)

// Blobs implements [store.Reader].
func (r *reader) Blobs(ctx context.Context, did syntax.DID) iter.Seq2[store.Blob, error] {
	return sequence(ctx, r, func(yield func(store.Blob) error) error { return r.eachBlob(ctx, did, yield) })
}

func (r *reader) eachBlob(ctx context.Context, did syntax.DID, yield func(store.Blob) error) error {
	const query = `SELECT b.cid, b.type, b.size, b.state, b.at, b.host, b.why
		FROM blob b JOIN account a ON a.id = b.account WHERE a.did = ? ORDER BY b.cid`
	return r.c.each(ctx, query, []any{string(did)}, func(rows *sql.Rows) error {
		var b store.Blob
		var at timeValue
		if err := rows.Scan(&b.CID, &b.Type, &b.Size, &b.State, &at, &b.Host, &b.Why); err != nil {
			return err
		}
		b.At = at.Time
		return yield(b)
	})
}

// PutBlob implements [store.Writer].
func (w *writer) PutBlob(ctx context.Context, did syntax.DID, b store.Blob) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	account, err := w.intern(ctx, did)
	if err != nil {
		return err
	}
	return w.exec(ctx, `INSERT OR REPLACE INTO blob (account, cid, type, size, state, at, host, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		account, b.CID, b.Type, b.Size, string(b.State), timeText(b.At), b.Host, b.Why)
}
