package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"math"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// Outlines implements [store.Reader]. It cuts what it needs out of the records, and asks
// for no history, so that an account of 100,000 posts is read in a fraction of a second.
func (r *reader) Outlines(ctx context.Context, did syntax.DID) iter.Seq2[store.Outline, error] {
	return sequence(ctx, r, func(yield func(store.Outline) error) error {
		account, err := r.accountID(ctx, did)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		// Two numbers in one: each column of each row has its price.
		const query = `SELECT p.rkey, p.status, r.bytes, p.text_start << 32 | p.text_length, p.root_start << 32 | p.root_length,
			p.parent_start << 32 | p.parent_length, p.quote_start << 32 | p.quote_length` + fromPost + `WHERE p.account = ?`
		err = r.c.each(ctx, query, []any{account}, func(rows *sql.Rows) error {
			var rkey any
			var status string
			var record sql.RawBytes
			var text, root, parent, quote packedExtent
			err := rows.Scan(&rkey, &status, &record, &text.NullInt64, &root.NullInt64, &parent.NullInt64, &quote.NullInt64)
			if err != nil {
				return err
			}
			o := store.Outline{Status: store.PostStatus(status)}
			o.URI = pathOf(atproto.CollectionPost, rkey).URI(did)
			o.CID = cidOfRecord(record).String()
			o.Text = text.of(record)
			o.Embed.Quote.URI = syntax.ATURI(quote.of(record))
			if root.Valid || parent.Valid {
				o.Reply = &atproto.Reply{
					Root:   atproto.Ref{URI: syntax.ATURI(root.of(record))},
					Parent: atproto.Ref{URI: syntax.ATURI(parent.of(record))},
				}
			}
			return yield(o)
		})
		if err != nil {
			return err
		}
		gone, err := r.forgottenOf(ctx, did)
		if err != nil || gone == nil {
			return err
		}
		for _, f := range gone.posts {
			o := store.Outline{Post: atproto.Post{Ref: atproto.Ref{URI: f.URI}, Reply: f.Reply}, Status: store.Forgotten}
			if len(f.CIDs) > 0 {
				o.CID = f.CIDs[len(f.CIDs)-1].String()
			}
			if err := yield(o); err != nil {
				return err
			}
		}
		return nil
	})
}

// A packedExtent is an extent in one number.
type packedExtent struct{ sql.NullInt64 }

func (w packedExtent) of(record []byte) string {
	start, end := w.Int64>>32, w.Int64>>32+w.Int64&math.MaxUint32
	if !w.Valid || end > int64(len(record)) {
		return ""
	}
	return string(record[start:end])
}

// An extent is where a text stands in a record, if it does.
type extent struct{ start, length sql.NullInt64 }

func (e extent) of(record []byte) string {
	if !e.start.Valid || e.start.Int64+e.length.Int64 > int64(len(record)) {
		return ""
	}
	return string(record[e.start.Int64 : e.start.Int64+e.length.Int64])
}
