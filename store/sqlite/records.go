package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"iter"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// prefixOf is what a record is found by: the first bytes of its hash. The rest is not kept,
// for the hash can be had from the bytes.
func prefixOf(c atproto.CID) []byte { return c[4:12] }

// eachRecord calls fn for the records that have one of some prefixes.
func (r *reader) eachRecord(ctx context.Context, prefixes []any, fn func(id int64, key recordKey, record []byte) error) error {
	query := `SELECT id, account, bytes FROM record WHERE prefix IN (` + marks(len(prefixes)) + `)`
	return r.c.each(ctx, query, prefixes, func(rows *sql.Rows) error {
		var id int64
		var key recordKey
		var record sql.RawBytes
		if err := rows.Scan(&id, &key.account, &record); err != nil {
			return err
		}
		key.cid = atproto.CIDOf(record)
		return fn(id, key, record)
	})
}

// cidOfRecord is the CID of a record's bytes, zero for none.
func cidOfRecord(record []byte) atproto.CID {
	if len(record) == 0 {
		return atproto.CID{}
	}
	return atproto.CIDOf(record)
}

// Record implements [store.Reader].
func (r *reader) Record(ctx context.Context, did syntax.DID, cid atproto.CID) (record []byte, err error) {
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	account, err := r.accountID(ctx, did)
	if err != nil {
		return nil, err
	}
	err = store.ErrNotFound
	bad := r.eachRecord(ctx, []any{prefixOf(cid)}, func(_ int64, key recordKey, b []byte) error {
		if key == (recordKey{account, cid}) {
			record, err = bytes.Clone(b), nil
		}
		return nil
	})
	if bad != nil {
		return nil, bad
	}
	return record, err
}

// Missing implements [store.Reader].
func (r *reader) Missing(ctx context.Context, did syntax.DID) iter.Seq2[store.Entry, error] {
	return sequence(ctx, r, func(yield func(store.Entry) error) error {
		account, err := r.accountID(ctx, did)
		if err != nil {
			return err
		}
		h, err := r.history(ctx, account)
		if err != nil || len(h.states) == 0 {
			return err
		}
		return r.eachPath(ctx, account, h, len(h.states)-1, func(e store.Entry) error {
			if !atproto.KeepsBytes(e.Path.Collection()) {
				return nil
			}
			kept := false
			err := r.eachRecord(ctx, []any{prefixOf(e.CID)}, func(_ int64, key recordKey, _ []byte) error {
				kept = kept || key == recordKey{account, e.CID}
				return nil
			})
			if err != nil || kept {
				return err
			}
			return yield(e)
		})
	})
}

type pendingRecord struct {
	account int64
	cid     atproto.CID
	bytes   []byte
}

// PutRecord implements [store.Writer].
func (w *writer) PutRecord(ctx context.Context, did syntax.DID, cid atproto.CID, record []byte) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	if atproto.CIDOf(record) != cid {
		return fmt.Errorf("keep record %s of %s: its bytes have another hash", cid, did)
	}
	account, err := w.intern(ctx, did)
	if err != nil {
		return err
	}
	w.records = append(w.records, pendingRecord{account, cid, bytes.Clone(record)})
	if len(w.records) < batchRows {
		return nil
	}
	return w.fail(w.flushRecords(ctx))
}

type recordKey struct {
	account int64
	cid     atproto.CID
}

// flushRecords writes the records that are held back and not kept already.
func (w *writer) flushRecords(ctx context.Context) error {
	if len(w.records) == 0 {
		return nil
	}
	known := map[recordKey]bool{}
	prefixes := make([]any, len(w.records))
	for i, rec := range w.records {
		prefixes[i] = prefixOf(rec.cid)
	}
	err := w.eachRecord(ctx, prefixes, func(_ int64, key recordKey, _ []byte) error {
		known[key] = true
		return nil
	})
	if err != nil {
		return err
	}
	rows := w.batch(`INSERT INTO record (account, prefix, bytes) VALUES `, 3)
	for _, rec := range w.records {
		key := recordKey{rec.account, rec.cid}
		if known[key] {
			continue
		}
		known[key] = true
		if err := rows.add(ctx, rec.account, prefixOf(rec.cid), rec.bytes); err != nil {
			return err
		}
	}
	clear(w.records)
	w.records = w.records[:0]
	return rows.write(ctx)
}
