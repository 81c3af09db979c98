package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// prefixOf is what a record is found by: the first bytes of its hash. The rest is not kept,
// for the hash can be had from the bytes.
func prefixOf(c atproto.CID) []byte { return c[4:12] }

// keyOf is what the record of a CID is told from others by. A tree may name a record as raw bytes:
// they are kept like any other's.
func keyOf(account int64, c atproto.CID) recordKey {
	return recordKey{account, atproto.RecordCID(c.Hash())}
}

// eachRecord calls fn for the records that have a prefix.
func (r *reader) eachRecord(ctx context.Context, prefix []byte, fn func(id int64, key recordKey, record []byte) error) error {
	const query = `SELECT id, account, bytes FROM record WHERE prefix = ?`
	return r.c.each(ctx, query, []any{prefix}, func(rows *sql.Rows) error { return scanRecord(rows, fn) })
}

func scanRecord(rows *sql.Rows, fn func(id int64, key recordKey, record []byte) error) error {
	var id int64
	var key recordKey
	var record sql.RawBytes
	if err := rows.Scan(&id, &key.account, &record); err != nil {
		return err
	}
	key.cid = atproto.CIDOf(record)
	return fn(id, key, record)
}

// eachKept calls fn for the records that have one of some CIDs, for any account.
func (w *writer) eachKept(ctx context.Context, cids []atproto.CID, fn func(id int64, key recordKey, record []byte) error) error {
	if w.prefixes != nil {
		return w.eachKnown(ctx, cids, fn)
	}
	prefixes := w.c.batch("", 1)
	for _, cid := range cids {
		prefixes.add(prefixOf(cid))
	}
	const query = `SELECT r.id, r.account, r.bytes FROM temp.feed f CROSS JOIN record r ON r.prefix = f.c0`
	return prefixes.each(ctx, query, func(rows *sql.Rows) error { return scanRecord(rows, fn) })
}

// prefixes find records by the first 8 bytes of their hashes. Half of that tells nearly all
// apart, and takes a third of the room.
type prefixes struct {
	most   map[uint32]uint32
	others map[uint64]int64 // whose first half was taken
}

func (p *prefixes) add(prefix uint64, id int64) {
	half := uint32(prefix >> 32)
	if _, taken := p.most[half]; taken || id > math.MaxUint32 {
		p.others[prefix] = id
	} else {
		p.most[half] = uint32(id)
	}
}

// find returns the ids of the records that may have a prefix, 0 for none.
func (p *prefixes) find(prefix uint64) [2]int64 {
	return [2]int64{int64(p.most[uint32(prefix>>32)]), p.others[prefix]}
}

// eachKnown is eachKept while there is no index. Two records with one prefix, which nobody
// has seen yet, are two rows.
func (w *writer) eachKnown(ctx context.Context, cids []atproto.CID, fn func(id int64, key recordKey, record []byte) error) error {
	const query = `SELECT id, account, bytes FROM record WHERE id = ?`
	for _, cid := range cids {
		for _, id := range w.prefixes.find(prefixNumber(cid)) {
			if id == 0 {
				continue
			}
			if err := w.c.each(ctx, query, []any{id}, func(rows *sql.Rows) error { return scanRecord(rows, fn) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func prefixNumber(c atproto.CID) uint64 { return binary.BigEndian.Uint64(prefixOf(c)) }

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
	return r.record(ctx, did, cid)
}

// Record implements [store.Reader]. Posts that are held back need not be written for it.
func (w *writer) Record(ctx context.Context, did syntax.DID, cid atproto.CID) ([]byte, error) {
	if err := w.begin(ctx); err != nil {
		return nil, err
	}
	if err := w.flushRecords(ctx); err != nil {
		return nil, w.fail(err)
	}
	return w.record(ctx, did, cid)
}

func (r *reader) record(ctx context.Context, did syntax.DID, cid atproto.CID) (record []byte, err error) {
	account, err := r.accountID(ctx, did)
	if err != nil {
		return nil, err
	}
	err = store.ErrNotFound
	bad := r.eachRecord(ctx, prefixOf(cid), func(_ int64, key recordKey, b []byte) error {
		if key == keyOf(account, cid) {
			record, err = bytes.Clone(b), nil
		}
		return nil
	})
	if bad != nil {
		return nil, bad
	}
	return record, err
}

// Records implements [store.Reader].
func (r *reader) Records(ctx context.Context, did syntax.DID, cids []atproto.CID) iter.Seq2[store.Kept, error] {
	return sequence(ctx, r, func(yield func(store.Kept) error) error {
		account, err := r.accountID(ctx, did)
		if err != nil {
			return err
		}
		for part := range slices.Chunk(cids, batchRows) {
			wanted := make(map[string][]atproto.CID, len(part))
			prefixes := make([]any, len(part))
			for i, c := range part {
				prefix := string(prefixOf(c))
				prefixes[i], wanted[prefix] = prefixOf(c), append(wanted[prefix], c)
			}
			query := `SELECT prefix, bytes FROM record WHERE account = ? AND prefix IN (` + marks(len(part)) + `)`
			err := r.c.each(ctx, query, append([]any{account}, prefixes...), func(rows *sql.Rows) error {
				var prefix, record sql.RawBytes
				if err := rows.Scan(&prefix, &record); err != nil {
					return err
				}
				is := atproto.CIDOf(record)
				damaged := !bytes.Equal(prefix, prefixOf(is))
				for _, c := range wanted[string(prefix)] {
					if !damaged && c.Hash() != is.Hash() {
						continue
					}
					if err := yield(store.Kept{CID: c, Bytes: record}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Missing implements [store.Reader].
func (r *reader) Missing(ctx context.Context, did syntax.DID) iter.Seq2[store.Entry, error] {
	return r.absent(ctx, did, func(account int64, yield func(store.Entry) error) error {
		h, err := r.history(ctx, account)
		if err != nil || len(h.states) == 0 {
			return err
		}
		return r.eachPath(ctx, account, h, len(h.states)-1, yield)
	})
}

// Lost implements [store.Reader].
func (r *reader) Lost(ctx context.Context, did syntax.DID) iter.Seq2[store.Entry, error] {
	return r.absent(ctx, did, func(account int64, yield func(store.Entry) error) error {
		const query = `SELECT DISTINCT rkey, cid FROM manifest WHERE account = ? AND collection = ? AND cid IS NOT NULL ORDER BY rkey`
		return r.eachCollection(ctx, func(id int64, name string) error {
			if !atproto.KeepsBytes(name) {
				return nil
			}
			return r.c.each(ctx, query, []any{account, id}, func(rows *sql.Rows) error {
				var rkey any
				var cid sql.RawBytes
				err := rows.Scan(&rkey, &cid)
				if err != nil {
					return err
				}
				e := store.Entry{Path: pathOf(name, rkey)}
				if e.CID, err = cidOf(cid); err != nil {
					return err
				}
				return yield(e)
			})
		})
	})
}

// absent yields those of an account's entries whose bytes should be kept and are not there, but
// for what was forgotten.
func (r *reader) absent(ctx context.Context, did syntax.DID, each func(int64, func(store.Entry) error) error) iter.Seq2[store.Entry, error] {
	return sequence(ctx, r, func(yield func(store.Entry) error) error {
		account, err := r.accountID(ctx, did)
		if err != nil {
			return err
		}
		forgotten, err := r.forgottenOf(ctx, did)
		if err != nil {
			return err
		}
		return each(account, func(e store.Entry) error {
			if !atproto.KeepsBytes(e.Path.Collection()) {
				return nil
			}
			kept := false
			err := r.eachRecord(ctx, prefixOf(e.CID), func(_ int64, key recordKey, _ []byte) error {
				kept = kept || key == keyOf(account, e.CID)
				return nil
			})
			if err != nil || kept {
				return err
			}
			if _, gone := forgotten.of(e.Path.URI(did)); gone {
				return nil
			}
			return yield(e)
		})
	})
}

type pendingRecord struct {
	key   recordKey
	bytes []byte
}

type recordKey struct {
	account int64
	cid     atproto.CID
}

// PutRecord implements [store.Writer].
func (w *writer) PutRecord(ctx context.Context, did syntax.DID, cid atproto.CID, record []byte) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	if !cid.Names(record) {
		return fmt.Errorf("keep record %s of %s: its bytes have another hash", cid, did)
	}
	if forgotten, err := w.recordForgotten(ctx, did, cid); err != nil || forgotten {
		return err
	}
	account, err := w.intern(ctx, did)
	if err != nil {
		return err
	}
	w.records = append(w.records, pendingRecord{keyOf(account, cid), bytes.Clone(record)})
	if len(w.records) < batchRows {
		return nil
	}
	return w.fail(w.flushRecords(ctx))
}

// flushRecords writes the records that are held back and not kept already.
func (w *writer) flushRecords(ctx context.Context) error {
	if len(w.records) == 0 {
		return nil
	}
	if w.lastRecord < 0 {
		if err := w.c.row(ctx, `SELECT coalesce(max(id), 0) FROM record`, nil, &w.lastRecord); err != nil {
			return err
		}
	}
	if len(w.recent) > 16*batchRows {
		clear(w.recent)
	}
	cids := make([]atproto.CID, len(w.records))
	for i, rec := range w.records {
		cids[i] = rec.key.cid
	}
	known := make(map[recordKey]bool, len(w.records))
	err := w.eachKept(ctx, cids, func(id int64, key recordKey, record []byte) error {
		known[key] = true
		if w.prefixes != nil { // nobody else could find it
			w.recent[key] = keptRecord{id, bytes.Clone(record)}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, rec := range w.records {
		if known[rec.key] {
			continue
		}
		known[rec.key] = true
		w.lastRecord++
		w.recent[rec.key] = keptRecord{w.lastRecord, rec.bytes}
		if w.prefixes != nil {
			w.prefixes.add(prefixNumber(rec.key.cid), w.lastRecord)
		}
		w.rows.records.add(w.lastRecord, rec.key.account, prefixOf(rec.key.cid), rec.bytes)
	}
	clear(w.records)
	w.records = w.records[:0]
	return w.rows.records.write(ctx)
}
