package sqlite

import (
	"context"
	"database/sql"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// JudgeState implements [store.Writer].
func (w *writer) JudgeState(ctx context.Context, did syntax.DID, commit atproto.CID, key string, s atproto.Signature) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	chain, h, at, err := w.findState(ctx, did, commit)
	if err != nil {
		return err
	}
	return w.fail(w.judge(ctx, chain, h, at, key, s))
}

// judge keeps who signed the state at an index of a chain. One that becomes invalid, or is
// invalid no more, goes to the other chain of its account.
func (w *writer) judge(ctx context.Context, chain int64, h *history, at int, key string, s atproto.Signature) error {
	account, state := max(chain, -chain), h.states[at]
	to := chainOf(account, s)
	if to == chain {
		w.histories = map[int64]*history{}
		return w.exec(ctx, `UPDATE state SET key = ?, signature = ? WHERE id = ?`, key, string(s), state.id)
	}
	other, err := w.history(ctx, to)
	if err != nil {
		return err
	}
	place, _ := other.find(state.rev, state.cid)
	changes, err := w.changesFor(ctx, chain, h, at, to, other, place)
	if err != nil {
		return err
	}
	if err := w.takeOut(ctx, chain, h, at); err != nil {
		return err
	}
	position, err := w.makeRoom(ctx, to, place)
	if err != nil {
		return err
	}
	if err := w.exec(ctx, `UPDATE state SET key = ?, signature = ?, position = ? WHERE id = ?`, key, string(s), position, state.id); err != nil {
		return err
	}
	w.histories = map[int64]*history{}
	if err := w.putChanges(ctx, other, to, state.id, place, each(changes)); err != nil {
		return err
	}
	return w.see(ctx, account, state.id, nil)
}

// makeRoom is the position of a state that is to stand at an index of a chain. Those that are
// invalid all have the position 0, before those that count.
func (w *writer) makeRoom(ctx context.Context, chain int64, at int) (position int, err error) {
	if chain < 0 {
		return 0, nil
	}
	return at + 1, w.exec(ctx, `UPDATE state SET position = position + 1 WHERE account = ? AND position > ?`, chain, at)
}

// changesFor is what a state of one chain changes against what stands before its place in
// another.
func (w *writer) changesFor(ctx context.Context, chain int64, h *history, at int, to int64, other *history, place int) (list []store.Entry, err error) {
	held := map[atproto.Path]bool{}
	err = w.eachPath(ctx, chain, h, at, func(e store.Entry) error {
		held[e.Path] = true
		list = append(list, e)
		return nil
	})
	if err != nil || place == 0 {
		return list, err
	}
	err = w.eachPath(ctx, to, other, place-1, func(e store.Entry) error {
		if !held[e.Path] {
			list = append(list, store.Entry{Path: e.Path})
		}
		return nil
	})
	return list, err
}

// takeOut takes a state's changes out of a chain: its follower's are then told against the one
// before it.
func (w *writer) takeOut(ctx context.Context, chain int64, h *history, at int) error {
	state := h.states[at].id
	if at+1 < len(h.states) {
		if err := w.handOn(ctx, chain, h, at); err != nil {
			return err
		}
	}
	if err := w.exec(ctx, `DELETE FROM manifest WHERE state = ?`, state); err != nil || chain < 0 {
		return err
	}
	return w.exec(ctx, `UPDATE state SET position = position - 1 WHERE account = ? AND position > ?`, chain, at+1)
}

// handOn makes the changes of a state those of its follower, where that says nothing else.
func (w *writer) handOn(ctx context.Context, chain int64, h *history, at int) error {
	type row struct {
		collection int64
		key        any
		cid        atproto.CID
	}
	var list []row
	const query = `SELECT collection, rkey, cid FROM manifest WHERE state = ?`
	err := w.c.each(ctx, query, []any{h.states[at].id}, func(rows *sql.Rows) error {
		var one row
		var cid sql.RawBytes
		err := rows.Scan(&one.collection, &one.key, &cid)
		if err != nil {
			return err
		}
		one.cid, err = cidOf(cid)
		list = append(list, one)
		return err
	})
	if err != nil {
		return err
	}
	follower := h.states[at+1].id
	rows := w.c.batch(insertChange, 5)
	for _, one := range list {
		old, next, said, err := w.around(ctx, h, chain, one.collection, one.key, at, follower)
		switch {
		case err != nil:
		case !said: // the follower has it as this state does
			rows.add(chain, one.collection, one.key, follower, cidValue(one.cid))
		case next == old:
			err = w.exec(ctx, deleteChange, chain, one.collection, one.key, follower)
		}
		if err != nil {
			return err
		}
	}
	return rows.write(ctx)
}

func each(list []store.Entry) func(func(store.Entry, error) bool) {
	return func(yield func(store.Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}
