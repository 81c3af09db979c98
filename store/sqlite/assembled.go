package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// Assembled implements [store.Reader]. It reads all threads with one query.
func (r *reader) Assembled(ctx context.Context, did syntax.DID, posts ...syntax.ATURI) iter.Seq2[analysis.Thread, error] {
	return sequence(ctx, r, func(yield func(analysis.Thread) error) error {
		account, err := r.accountID(ctx, did)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		query := `SELECT t.id, t.complete, t.numbered, t.total, t.missing, t.gaps, p.rkey, tp.branch, tp.number, tp.reason
			FROM thread t CROSS JOIN thread_post tp ON tp.thread = t.id CROSS JOIN post p ON p.id = tp.post
			WHERE t.account = ?`
		args := []any{account}
		if posts != nil {
			threads, err := r.threadsWith(ctx, posts)
			if err != nil {
				return err
			}
			query += ` AND t.id IN (SELECT value FROM json_each(?))`
			args = append(args, threads)
		}
		query += ` ORDER BY t.id, tp.branch, tp.position`
		reasons, err := r.reasons(ctx)
		if err != nil {
			return err
		}
		var t analysis.Thread
		var last int64
		err = r.c.each(ctx, query, args, func(rows *sql.Rows) error {
			var id int64
			var row threadRow
			var part threadPart
			var reason sql.NullInt64
			err := rows.Scan(&id, &row.complete, &row.numbered, &row.total, &row.missing, &row.gaps,
				&part.rkey, &part.branch, &part.number, &reason)
			if err != nil {
				return err
			}
			if id != last {
				if last != 0 {
					if err := yield(t); err != nil {
						return err
					}
				}
				if t, err = row.thread(); err != nil {
					return fmt.Errorf("thread %d: %w", id, err)
				}
				t.Root, last = pathOf(atproto.CollectionPost, part.rkey).URI(did), id
			}
			if join, ok := reasons[reason.Int64]; ok && reason.Valid {
				part.join = &join
			}
			part.put(&t, did)
			return nil
		})
		if err == nil && last != 0 {
			err = yield(t)
		}
		return err
	})
}

// threadsWith are the ids of the threads that posts are in, as a JSON array.
func (r *reader) threadsWith(ctx context.Context, posts []syntax.ATURI) (string, error) {
	ids := []int64{}
	for _, uri := range posts {
		post, err := r.postID(ctx, uri)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return "", err
		}
		err = r.c.each(ctx, `SELECT thread FROM thread_post WHERE post = ?`, []any{post}, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	list, err := json.Marshal(ids)
	return string(list), err
}

// Unlike implements [store.Reader].
func (r *reader) Unlike(ctx context.Context, did syntax.DID, threads []analysis.Thread) (changed []int, gone []syntax.ATURI, err error) {
	account, err := r.accountID(ctx, did)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, nil, err
	}
	put := map[syntax.ATURI]sql.NullInt64{}
	const query = `SELECT p.rkey, t.digest FROM thread t JOIN post p ON p.id = t.root WHERE t.account = ?`
	err = r.c.each(ctx, query, []any{account}, func(rows *sql.Rows) error {
		var rkey any
		var digest sql.NullInt64
		err := rows.Scan(&rkey, &digest)
		put[pathOf(atproto.CollectionPost, rkey).URI(did)] = digest
		return err
	})
	for i := range threads {
		if digest, ok := put[threads[i].Root]; !ok || !digest.Valid || digest.Int64 != digestOf(&threads[i]) {
			changed = append(changed, i)
		}
		delete(put, threads[i].Root)
	}
	return changed, slices.Sorted(maps.Keys(put)), err
}

// A threadRow is what the row of a thread says.
type threadRow struct {
	complete, numbered bool
	total              *int
	missing, gaps      string
}

func (row *threadRow) thread() (t analysis.Thread, err error) {
	t.Complete, t.Branches, t.Joins = row.complete, [][]syntax.ATURI{}, []analysis.Join{}
	if row.numbered {
		t.Numbering = &analysis.Numbering{Total: row.total, Missing: []int{}}
		if row.missing != "[]" {
			err = json.Unmarshal([]byte(row.missing), &t.Numbering.Missing)
		}
	}
	if row.gaps != "null" {
		err = errors.Join(err, json.Unmarshal([]byte(row.gaps), &t.Gaps))
	}
	return t, err
}

// A threadPart is a post in a thread, with why it is there unless it is the first.
type threadPart struct {
	rkey   any
	branch int
	number *int
	join   *analysis.Join
}

// put adds the next post to a thread: to its main line, then to its branches.
func (part *threadPart) put(t *analysis.Thread, did syntax.DID) {
	uri := pathOf(atproto.CollectionPost, part.rkey).URI(did)
	if part.branch == 0 {
		t.Posts = append(t.Posts, uri)
		if t.Numbering != nil {
			t.Numbering.Numbers = append(t.Numbering.Numbers, part.number)
		}
	} else {
		for len(t.Branches) < part.branch {
			t.Branches = append(t.Branches, nil)
		}
		t.Branches[part.branch-1] = append(t.Branches[part.branch-1], uri)
	}
	if part.join != nil {
		t.Joins = append(t.Joins, analysis.Join{URI: uri, By: part.join.By, Why: part.join.Why})
	}
}

// reasons reads why posts can be joined: few sentences serve most posts.
func (r *reader) reasons(ctx context.Context) (map[int64]analysis.Join, error) {
	all := map[int64]analysis.Join{}
	return all, r.c.each(ctx, `SELECT id, joined_by, why FROM reason`, nil, func(rows *sql.Rows) error {
		var id int64
		var j analysis.Join
		err := rows.Scan(&id, &j.By, &j.Why)
		all[id] = j
		return err
	})
}
