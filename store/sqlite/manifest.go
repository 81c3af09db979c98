package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// Manifest implements [store.Reader].
func (r *reader) Manifest(ctx context.Context, did syntax.DID, commit atproto.CID) iter.Seq2[store.Entry, error] {
	return sequence(ctx, r, func(yield func(store.Entry) error) error {
		chain, h, at, err := r.findState(ctx, did, commit)
		if err != nil {
			return err
		}
		return r.eachPath(ctx, chain, h, at, yield)
	})
}

// Changes implements [store.Reader].
func (r *reader) Changes(ctx context.Context, did syntax.DID, commit atproto.CID) iter.Seq2[store.Entry, error] {
	return sequence(ctx, r, func(yield func(store.Entry) error) error {
		_, h, at, err := r.findState(ctx, did, commit)
		if err != nil {
			return err
		}
		const query = `SELECT rkey, cid FROM manifest WHERE state = ? AND collection = ? AND typeof(rkey) %s ORDER BY rkey`
		return r.eachCollection(ctx, func(id int64, name string) error {
			run := func(kind string, fn func(store.Entry) error) error {
				return r.c.each(ctx, fmt.Sprintf(query, kind), []any{h.states[at].id, id}, func(rows *sql.Rows) error {
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
					return fn(e)
				})
			}
			return inKeyOrder(run, yield)
		})
	})
}

func (r *reader) findState(ctx context.Context, did syntax.DID, commit atproto.CID) (chain int64, h *history, at int, err error) {
	account, err := r.accountID(ctx, did)
	if err != nil {
		return
	}
	for _, chain = range []int64{account, -account} {
		if h, err = r.history(ctx, chain); err != nil {
			return
		}
		if at, err = h.at(commit); err == nil {
			return
		}
	}
	return
}

func pathOf(collection string, rkey any) atproto.Path {
	return atproto.Path(collection + "/" + rkeyText(rkey))
}

// loadCollections reads the names of the collections.
func (r *reader) loadCollections(ctx context.Context) error {
	if r.collections != nil {
		return nil
	}
	names := map[int64]string{}
	err := r.c.each(ctx, `SELECT id, name FROM collection`, nil, func(rows *sql.Rows) error {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		names[id] = name
		return nil
	})
	if err == nil {
		r.collections = names
	}
	return err
}

// eachCollection calls fn in the order of the tree, where "/" ends a collection's name:
// "a.post/" stands behind "a.post-it/".
func (r *reader) eachCollection(ctx context.Context, fn func(id int64, name string) error) error {
	if err := r.loadCollections(ctx); err != nil {
		return err
	}
	type collection struct {
		id   int64
		name string
	}
	var list []collection
	for id, name := range r.collections {
		list = append(list, collection{id, name})
	}
	slices.SortFunc(list, func(a, b collection) int { return cmp.Compare(a.name+"/", b.name+"/") })
	for _, c := range list {
		if err := fn(c.id, c.name); err != nil {
			return err
		}
	}
	return nil
}

// inKeyOrder yields entries in the order of their keys as text, of which SQLite keeps some
// as numbers. run yields the entries of one sort; the texts, few as a rule, wait.
func inKeyOrder(run func(kind string, fn func(store.Entry) error) error, yield func(store.Entry) error) error {
	var texts []store.Entry
	err := run("<> 'integer'", func(e store.Entry) error {
		texts = append(texts, e)
		return nil
	})
	if err != nil {
		return err
	}
	err = run("= 'integer'", func(e store.Entry) error {
		for len(texts) > 0 && texts[0].Path < e.Path {
			if err := yield(texts[0]); err != nil {
				return err
			}
			texts = texts[1:]
		}
		return yield(e)
	})
	if err != nil {
		return err
	}
	for _, e := range texts {
		if err := yield(e); err != nil {
			return err
		}
	}
	return nil
}

// eachPath yields what stood at every path in the state at index at. The versions of a path
// come one after another; of those up to at the last counts.
func (r *reader) eachPath(ctx context.Context, chain int64, h *history, at int, yield func(store.Entry) error) error {
	const query = `SELECT rkey, state, cid FROM manifest WHERE account = ? AND collection = ? AND typeof(rkey) %s ORDER BY rkey`
	return r.eachCollection(ctx, func(id int64, name string) error {
		run := func(kind string, fn func(store.Entry) error) error {
			var last any
			var entry store.Entry
			newest := -1
			emit := func() error {
				if newest < 0 || entry.CID.IsZero() {
					return nil
				}
				entry.Path = pathOf(name, last)
				return fn(entry)
			}
			err := r.c.each(ctx, fmt.Sprintf(query, kind), []any{chain, id}, func(rows *sql.Rows) error {
				var rkey any
				var state int64
				var cid sql.RawBytes
				if err := rows.Scan(&rkey, &state, &cid); err != nil {
					return err
				}
				if rkey != last {
					if err := emit(); err != nil {
						return err
					}
					last, newest = rkey, -1
				}
				i := h.index[state]
				if i > at || i < newest {
					return nil
				}
				newest = i
				var err error
				entry.CID, err = cidOf(cid)
				return err
			})
			if err != nil {
				return err
			}
			return emit()
		}
		return inKeyOrder(run, yield)
	})
}

// Versions implements [store.Reader].
func (r *reader) Versions(ctx context.Context, did syntax.DID, path atproto.Path) (list []store.Version, err error) {
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	const query = `SELECT s.rev, s.cid, s.seen_at, s.seen_told, s.signature, m.cid
		FROM account a JOIN collection c JOIN manifest m ON m.account = a.id AND m.collection = c.id JOIN state s ON s.id = m.state
		WHERE a.did = ? AND c.name = ? AND m.rkey = ? ORDER BY s.position`
	args := []any{string(did), path.Collection(), rkeyValue(path.Key())}
	err = r.c.each(ctx, query, args, func(rows *sql.Rows) error {
		var v store.Version
		var commit, cid sql.RawBytes
		var seen timeValue
		err := rows.Scan(&v.Rev, &commit, &seen, &v.Told, &v.Signature, &cid)
		if err != nil {
			return err
		}
		v.Seen = seen.Time
		if v.Commit, err = cidOf(commit); err != nil {
			return err
		}
		v.CID, err = cidOf(cid)
		list = append(list, v)
		return err
	})
	return list, err
}

const insertChange = `INSERT OR FAIL INTO manifest (account, collection, rkey, state, cid)`

// putChanges keeps the changes of a new state that stands behind the first at states.
func (w *writer) putChanges(ctx context.Context, h *history, chain, state int64, at int, changes iter.Seq2[store.Entry, error]) error {
	rows := w.c.batch(insertChange, 5)
	if at == 0 && len(h.states) == 0 {
		// Nothing to compare with: a whole repository goes straight through.
		for e, err := range changes {
			if err != nil {
				return err
			}
			if e.CID.IsZero() {
				continue
			}
			collection, err := w.collection(ctx, e.Path)
			if err != nil {
				return err
			}
			rows.add(chain, collection, rkeyValue(e.Path.Key()), state, cidValue(e.CID))
			if len(rows.values) >= 5*1024 {
				if err := rows.write(ctx); err != nil {
					return err
				}
			}
		}
		return rows.write(ctx)
	}

	list, err := collectChanges(changes)
	if err != nil {
		return err
	}
	var follower int64
	if at < len(h.states) {
		follower = h.states[at].id
	}
	for _, e := range list {
		collection, err := w.collection(ctx, e.Path)
		if err != nil {
			return err
		}
		key := rkeyValue(e.Path.Key())
		old, next, said, err := w.around(ctx, h, chain, collection, key, at, follower)
		if err != nil {
			return err
		}
		if e.CID == old {
			continue
		}
		rows.add(chain, collection, key, state, cidValue(e.CID))
		switch {
		case follower == 0:
		case !said: // the follower had it as it was before
			rows.add(chain, collection, key, follower, cidValue(old))
		case next == e.CID:
			err = w.exec(ctx, deleteChange, chain, collection, key, follower)
		}
		if err != nil {
			return err
		}
	}
	return rows.write(ctx)
}

const deleteChange = `DELETE FROM manifest WHERE account = ? AND collection = ? AND rkey = ? AND state = ?`

// around is what stood at a path before the state at index at, and what its follower (0: there is
// none) says of the path, if it does.
func (w *writer) around(ctx context.Context, h *history, chain, collection int64, key any, at int, follower int64) (old, next atproto.CID, said bool, err error) {
	const query = `SELECT state, cid FROM manifest WHERE account = ? AND collection = ? AND rkey = ?`
	newest := -1
	err = w.c.each(ctx, query, []any{chain, collection, key}, func(rows *sql.Rows) error {
		var id int64
		var cid sql.RawBytes
		if err := rows.Scan(&id, &cid); err != nil {
			return err
		}
		c, err := cidOf(cid)
		if i := h.index[id]; id == follower {
			next, said = c, true
		} else if i < at && i > newest {
			newest, old = i, c
		}
		return err
	})
	return old, next, said, err
}

// collectChanges sorts changes by path; the same path twice is an error.
func collectChanges(changes iter.Seq2[store.Entry, error]) ([]store.Entry, error) {
	list, err := store.Collect(changes)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b store.Entry) int { return cmp.Compare(a.Path, b.Path) })
	for i := 1; i < len(list); i++ {
		if list[i].Path == list[i-1].Path {
			return nil, fmt.Errorf("%s is changed twice by one state", list[i].Path)
		}
	}
	return list, nil
}

func (w *writer) collection(ctx context.Context, path atproto.Path) (int64, error) {
	if !strings.Contains(string(path), "/") {
		return 0, fmt.Errorf("%q is no path of a record", path)
	}
	return w.name(ctx, "collection", path.Collection())
}
