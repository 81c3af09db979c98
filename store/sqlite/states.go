package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

const selectState = `SELECT s.id, a.did, s.rev, s.cid, s.data, s.signed, s.key, s.signature
	FROM state s JOIN account a ON a.id = s.account `

// eachState yields states with their sightings. Only tail and args are the caller's.
func (r *reader) eachState(ctx context.Context, tail string, args []any, fn func(store.State) error) error {
	return r.c.each(ctx, selectState+tail, args, func(rows *sql.Rows) error {
		var s store.State
		var id int64
		var cid, data sql.RawBytes
		err := rows.Scan(&id, &s.DID, &s.Rev, &cid, &data, &s.Signed, &s.Key, &s.Signature)
		if err != nil {
			return err
		}
		var bad1, bad2 error
		s.Commit, bad1 = cidOf(cid)
		s.Data, bad2 = cidOf(data)
		if err := errors.Join(bad1, bad2); err != nil {
			return err
		}
		const sightings = `SELECT at, host, source, placed_at, told_by, told_at FROM sighting WHERE state = ? ORDER BY at, host, source`
		err = r.c.each(ctx, sightings, []any{id}, func(rows *sql.Rows) error {
			var at, placed, told timeValue
			var seen store.Sighting
			err := rows.Scan(&at, &seen.Host, &seen.From, &placed, &seen.Told.By, &told)
			seen.At, seen.Placed, seen.Told.At = at.Time, placed.Time, told.Time
			s.Sightings = append(s.Sightings, seen)
			return err
		})
		if err != nil {
			return err
		}
		return fn(s)
	})
}

// States implements [store.Reader].
func (r *reader) States(ctx context.Context, did syntax.DID) iter.Seq2[store.State, error] {
	return sequence(ctx, r, func(yield func(store.State) error) error {
		return r.eachState(ctx, `WHERE a.did = ? AND s.signature <> 'invalid' ORDER BY s.position`, []any{string(did)}, yield)
	})
}

// InvalidStates implements [store.Reader].
func (r *reader) InvalidStates(ctx context.Context, did syntax.DID) iter.Seq2[store.State, error] {
	return sequence(ctx, r, func(yield func(store.State) error) error {
		return r.eachState(ctx, `WHERE a.did = ? AND s.signature = 'invalid' ORDER BY s.rev, s.cid`, []any{string(did)}, yield)
	})
}

// State implements [store.Reader].
func (r *reader) State(ctx context.Context, did syntax.DID, commit atproto.CID) (store.State, error) {
	return r.oneState(ctx, `WHERE a.did = ? AND s.cid = ? ORDER BY s.position DESC LIMIT 1`, string(did), cidValue(commit))
}

// Head implements [store.Reader].
func (r *reader) Head(ctx context.Context, did syntax.DID) (store.State, error) {
	return r.oneState(ctx, `WHERE a.did = ? AND s.signature <> 'invalid' ORDER BY s.position DESC LIMIT 1`, string(did))
}

func (r *reader) oneState(ctx context.Context, tail string, args ...any) (state store.State, err error) {
	if err := r.begin(ctx); err != nil {
		return state, err
	}
	err = store.ErrNotFound
	if bad := r.eachState(ctx, tail, args, func(s store.State) error {
		state, err = s, nil
		return nil
	}); bad != nil {
		return state, bad
	}
	return state, err
}

// PutState implements [store.Writer].
func (w *writer) PutState(ctx context.Context, s store.State, changes iter.Seq2[store.Entry, error]) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	if len(s.Sightings) == 0 || s.Commit.IsZero() || s.Rev == "" {
		return errors.New("a state needs a commit, a rev and a sighting")
	}
	account, err := w.intern(ctx, s.DID)
	if err != nil {
		return err
	}
	delete(w.forgotten, s.DID) // its changes may name more versions of what was forgotten
	chain := chainOf(account, s.Signature)
	h, err := w.history(ctx, chain)
	if err != nil {
		return err
	}
	at, known := h.find(s.Rev, s.Commit)
	if known {
		return w.seeAgain(ctx, chain, h, at, s)
	}
	others, err := w.history(ctx, -chain)
	if err != nil {
		return err
	}
	if at, known := others.find(s.Rev, s.Commit); known {
		return w.seeAgain(ctx, -chain, others, at, s)
	}
	w.histories = map[int64]*history{}
	position, err := w.makeRoom(ctx, chain, at)
	if err != nil {
		return err
	}
	id, err := w.c.insert(ctx, `INSERT INTO state (account, position, rev, cid, data, signed, key, signature, seen_at, seen_by_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '')`,
		account, position, s.Rev, cidValue(s.Commit), cidValue(s.Data), notNil(s.Signed), s.Key, string(s.Signature))
	if err != nil {
		return w.fail(err)
	}
	if err := w.see(ctx, account, id, s.Sightings); err != nil {
		return err
	}
	return w.fail(w.putChanges(ctx, h, chain, id, at, changes))
}

// seeAgain adds the sightings of a state that is known. A key that has been found since
// is kept too: the first copy may have come without one.
func (w *writer) seeAgain(ctx context.Context, chain int64, h *history, at int, s store.State) error {
	known := h.states[at]
	if s.Signature == atproto.SignatureValid && known.signature != s.Signature {
		if err := w.judge(ctx, chain, h, at, s.Key, s.Signature); err != nil {
			return err
		}
	}
	w.histories = map[int64]*history{}
	return w.see(ctx, max(chain, -chain), known.id, s.Sightings)
}

// see adds sightings and brings up to date what is derived from them: when a state was
// first seen, and when it or any later one was. What we saw ourselves counts before whatever
// another archive tells, so a time is compared with a mark before it.
func (w *writer) see(ctx context.Context, account, state int64, list []store.Sighting) error {
	for _, seen := range list {
		err := w.exec(ctx, `INSERT INTO sighting (state, at, host, source, placed_at, told_by, told_at) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET told_by = '', told_at = NULL WHERE excluded.told_by = ''`,
			state, timeText(seen.At), seen.Host, seen.From, nullTime(seen.Placed), seen.Told.By, nullTime(seen.Told.At))
		if err != nil {
			return err
		}
	}
	err := w.exec(ctx, `UPDATE state SET (seen_told, seen_at) =
		(SELECT told_by <> '', at FROM sighting WHERE state = id ORDER BY told_by <> '', at LIMIT 1) WHERE id = ?`, state)
	if err != nil {
		return err
	}
	return w.exec(ctx, `UPDATE state SET seen_by_told = CAST(substr(later.at, 1, 1) AS INTEGER), seen_by_at = substr(later.at, 2)
		FROM (SELECT id, min(seen_told || seen_at) OVER (PARTITION BY signature = 'invalid' ORDER BY position DESC) AS at
			FROM state WHERE account = ?1) AS later
		WHERE state.id = later.id AND state.seen_by_told || state.seen_by_at <> later.at`, account)
}

// A history is the states of a chain in their order: of those of an account, or of those that
// somebody else signed, whose chain has the negative number of the account.
type history struct {
	states []stateRow
	index  map[int64]int // of a state's row id in states
}

type stateRow struct {
	id        int64
	rev       string
	cid       atproto.CID
	signature atproto.Signature
	seen      seenTime // first
	seenBy    seenTime // first of this and all later ones
}

// A seenTime is when we saw something, or, as another archive tells, that one did.
type seenTime struct {
	timeValue
	told bool
}

// before is [store.Sighting.Before].
func (s seenTime) before(o seenTime) bool {
	if s.told != o.told {
		return o.told
	}
	return s.Before(o.Time)
}

func chainOf(account int64, s atproto.Signature) int64 {
	if s == atproto.SignatureInvalid {
		return -account
	}
	return account
}

func (r *reader) history(ctx context.Context, chain int64) (*history, error) {
	if h := r.histories[chain]; h != nil {
		return h, nil
	}
	h := &history{index: map[int64]int{}}
	const query = `SELECT id, rev, cid, signature, seen_at, seen_told, seen_by_at, seen_by_told FROM state
		WHERE account = ? AND (signature = 'invalid') = ? ORDER BY position, rev, cid`
	err := r.c.each(ctx, query, []any{max(chain, -chain), flag(chain < 0)}, func(rows *sql.Rows) error {
		var s stateRow
		var cid sql.RawBytes
		err := rows.Scan(&s.id, &s.rev, &cid, &s.signature, &s.seen.timeValue, &s.seen.told, &s.seenBy.timeValue, &s.seenBy.told)
		if err != nil {
			return err
		}
		s.cid, err = cidOf(cid)
		h.index[s.id] = len(h.states)
		h.states = append(h.states, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	r.histories[chain] = h
	return h, nil
}

// find says where a state is, or where it would have to be put.
func (h *history) find(rev string, commit atproto.CID) (at int, known bool) {
	return slices.BinarySearchFunc(h.states, stateRow{rev: rev, cid: commit}, compareStates)
}

// at is the index of a commit, or ErrNotFound.
func (h *history) at(commit atproto.CID) (int, error) {
	for i := len(h.states) - 1; i >= 0; i-- {
		if h.states[i].cid == commit {
			return i, nil
		}
	}
	return 0, store.ErrNotFound
}

func compareStates(a, b stateRow) int {
	if a.rev != b.rev {
		if a.rev < b.rev {
			return -1
		}
		return 1
	}
	return slices.Compare(a.cid[:], b.cid[:])
}
