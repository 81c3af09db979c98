package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"iter"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/store"
)

const selectAccount = `SELECT did, handle, pds, label, status, fetched_at, posts, threads, claims, analysis, hide_guest, whole, complete FROM account a `

func scanAccount(row interface{ Scan(...any) error }) (a store.Account, err error) {
	var fetched timeValue
	err = row.Scan(&a.DID, &a.Handle, &a.PDS, &a.Label, &a.Status, &fetched,
		&a.Posts, &a.Threads, &a.Claims, &a.Analysis, &a.HideGuest, &a.Whole, &a.Complete)
	a.Fetched = fetched.Time
	return a, err
}

// Accounts implements [store.Reader].
func (r *reader) Accounts(ctx context.Context) iter.Seq2[store.Account, error] {
	return sequence(ctx, r, func(yield func(store.Account) error) error {
		const order = `ORDER BY iif(label <> '', label, handle) COLLATE NOCASE, did`
		return r.c.each(ctx, selectAccount+order, nil, func(rows *sql.Rows) error {
			a, err := scanAccount(rows)
			if err != nil {
				return err
			}
			return yield(a)
		})
	})
}

// Account implements [store.Reader].
func (r *reader) Account(ctx context.Context, did syntax.DID) (a store.Account, err error) {
	if err := r.begin(ctx); err != nil {
		return a, err
	}
	found := false
	err = r.c.each(ctx, selectAccount+`WHERE did = ?`, []any{string(did)}, func(rows *sql.Rows) (err error) {
		found = true
		a, err = scanAccount(rows)
		return err
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return a, err
}

// AccountsNamed implements [store.Reader].
func (r *reader) AccountsNamed(ctx context.Context, name string) (list []store.Account, err error) {
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	if name == "" { // no label is no name
		return nil, nil
	}
	const named = `WHERE handle = ?1 COLLATE NOCASE OR label = ?1 COLLATE NOCASE
		OR EXISTS (SELECT 1 FROM identity i WHERE i.account = a.id AND i.handle = ?1 COLLATE NOCASE)
		ORDER BY handle = ?1 COLLATE NOCASE DESC, label = ?1 COLLATE NOCASE DESC, did`
	err = r.c.each(ctx, selectAccount+named, []any{name}, func(rows *sql.Rows) error {
		a, err := scanAccount(rows)
		list = append(list, a)
		return err
	})
	return list, err
}

// Identities implements [store.Reader].
func (r *reader) Identities(ctx context.Context, did syntax.DID) iter.Seq2[store.Identity, error] {
	return sequence(ctx, r, func(yield func(store.Identity) error) error {
		const query = `SELECT i.at, i.handle, i.pds, i.status, i.host, i.document, i.placed_at, i.told_by, i.told_at
			FROM identity i JOIN account a ON a.id = i.account WHERE a.did = ? ORDER BY coalesce(i.placed_at, i.at), i.id`
		return r.c.each(ctx, query, []any{string(did)}, func(rows *sql.Rows) error {
			id := store.Identity{DID: did}
			var at, placed, told timeValue
			if err := rows.Scan(&at, &id.Handle, &id.PDS, &id.Status, &id.Host, &id.Document, &placed, &id.Told.By, &told); err != nil {
				return err
			}
			id.At, id.Placed, id.Told.At = at.Time, placed.Time, told.Time
			return yield(id)
		})
	})
}

// PLCLogs implements [store.Reader].
func (r *reader) PLCLogs(ctx context.Context, did syntax.DID) iter.Seq2[store.PLCLog, error] {
	return sequence(ctx, r, func(yield func(store.PLCLog) error) error {
		const query = `SELECT l.at, l.host, l.raw
			FROM plc_log l JOIN account a ON a.id = l.account WHERE a.did = ? ORDER BY l.at, l.id`
		return r.c.each(ctx, query, []any{string(did)}, func(rows *sql.Rows) error {
			log := store.PLCLog{DID: did}
			var at timeValue
			if err := rows.Scan(&at, &log.Host, &log.Raw); err != nil {
				return err
			}
			log.At = at.Time
			return yield(log)
		})
	})
}

// PutAccount implements [store.Writer].
func (w *writer) PutAccount(ctx context.Context, a store.Account) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	id, err := w.intern(ctx, a.DID)
	if err != nil {
		return err
	}
	w.accounts[id] = a.Account
	return w.exec(ctx, `UPDATE account SET handle = ?, pds = ?, label = ?, status = ?, fetched_at = ?,
		analysis = ?, hide_guest = ?, whole = ?, complete = ? WHERE id = ?`,
		string(a.Handle), a.PDS, a.Label, string(a.Status), nullTime(a.Fetched), a.Analysis, a.HideGuest, a.Whole, a.Complete, id)
}

// AddIdentity implements [store.Writer].
func (w *writer) AddIdentity(ctx context.Context, id store.Identity) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	account, err := w.intern(ctx, id.DID)
	if err != nil {
		return err
	}
	if !id.Told.IsZero() {
		return w.exec(ctx, `INSERT INTO identity (account, at, handle, pds, status, host, document, told_by, told_at, placed_at)
			SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE NOT EXISTS (SELECT 1 FROM identity
				WHERE account = ?1 AND at = ?2 AND handle = ?3 AND pds = ?4 AND status = ?5 AND host = ?6 AND document IS ?7)`,
			account, timeText(id.At), string(id.Handle), id.PDS, string(id.Status), id.Host, id.Document, id.Told.By, nullTime(id.Told.At), nullTime(id.Placed))
	}
	var last store.Identity
	const newest = `SELECT handle, pds, status, host, document FROM identity WHERE account = ? AND told_by = ''
		ORDER BY coalesce(placed_at, at) DESC, id DESC LIMIT 1`
	err = w.c.row(ctx, newest, []any{account}, &last.Handle, &last.PDS, &last.Status, &last.Host, &last.Document)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return err
	case last.Handle == id.Handle && last.PDS == id.PDS && last.Status == id.Status && last.Host == id.Host &&
		bytes.Equal(last.Document, id.Document):
		return nil
	}
	return w.exec(ctx, `INSERT INTO identity (account, at, handle, pds, status, host, document, placed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		account, timeText(id.At), string(id.Handle), id.PDS, string(id.Status), id.Host, id.Document, nullTime(id.Placed))
}

// AddPLCLog implements [store.Writer].
func (w *writer) AddPLCLog(ctx context.Context, log store.PLCLog) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	account, err := w.intern(ctx, log.DID)
	if err != nil {
		return err
	}
	return w.exec(ctx, `INSERT INTO plc_log (account, at, host, raw) SELECT ?1, ?2, ?3, ?4
		WHERE NOT EXISTS (SELECT 1 FROM plc_log WHERE account = ?1 AND raw = ?4)`,
		account, timeText(log.At), log.Host, notNil(log.Raw))
}

// notNil keeps empty bytes from becoming NULL.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
