package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// The index of records holds the first bytes of their hashes; the rest is compared.
const prefixLength = 8

func prefixOf(c atproto.CID) []byte { return c[4 : 4+prefixLength] }

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
	const query = `SELECT bytes FROM record WHERE substr(cid, 1, 8) = ? AND cid = ? AND account = ?`
	args := []any{prefixOf(cid), cidValue(cid), account}
	if bad := r.c.each(ctx, query, args, func(rows *sql.Rows) error {
		err = nil
		return rows.Scan(&record)
	}); bad != nil {
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
		const query = `SELECT 1 FROM record WHERE substr(cid, 1, 8) = ? AND cid = ? AND account = ?`
		return r.eachPath(ctx, account, h, len(h.states)-1, func(e store.Entry) error {
			if !atproto.KeepsBytes(e.Path.Collection()) {
				return nil
			}
			kept := false
			err := r.c.each(ctx, query, []any{prefixOf(e.CID), cidValue(e.CID), account}, func(*sql.Rows) error {
				kept = true
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
	w.records = append(w.records, pendingRecord{account, cid, append([]byte(nil), record...)})
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
	query := `SELECT account, cid FROM record WHERE substr(cid, 1, 8) IN (` + marks(len(prefixes)) + `)`
	err := w.c.each(ctx, query, prefixes, func(rows *sql.Rows) error {
		var key recordKey
		var cid sql.RawBytes
		err := rows.Scan(&key.account, &cid)
		if err != nil {
			return err
		}
		key.cid, err = cidOf(cid)
		known[key] = true
		return err
	})
	if err != nil {
		return err
	}
	rows := w.batch(`INSERT INTO record (account, cid, bytes) VALUES `, 3)
	for _, rec := range w.records {
		key := recordKey{rec.account, rec.cid}
		if known[key] {
			continue
		}
		known[key] = true
		if err := rows.add(ctx, rec.account, cidValue(rec.cid), rec.bytes); err != nil {
			return err
		}
	}
	clear(w.records)
	w.records = w.records[:0]
	return rows.write(ctx)
}
