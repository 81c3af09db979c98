package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// microTime is the time of a column in microseconds since 1970.
func microTime(n int64) time.Time { return time.UnixMicro(n).UTC() }

const selectThread = `SELECT t.id, t.account, t.age, t.complete, t.numbered, t.total, t.missing, t.gaps, root.rkey,
	substr(r.bytes, root.created_start + 1, root.created_length), substr(r.bytes, root.text_start + 1, root.text_length),
	(SELECT count(*) FROM thread_post tp JOIN claim c ON c.post = tp.post WHERE tp.thread = t.id AND c.checkworthy),
	(SELECT json_group_array(name) FROM (SELECT topic.name AS name FROM thread_post tp
		JOIN topic_tag g ON g.post = tp.post JOIN topic ON topic.id = g.topic
		WHERE tp.thread = t.id GROUP BY g.topic ORDER BY count(*) DESC, topic.name))
	FROM thread t JOIN post root ON root.id = t.root LEFT JOIN record r ON r.id = root.record `

// eachThread yields the threads t that a clause selects.
func (r *reader) eachThread(ctx context.Context, clause string, args []any, yield func(store.Thread) error) error {
	if err := r.loadAccounts(ctx); err != nil {
		return err
	}
	return r.c.each(ctx, selectThread+clause, args, func(rows *sql.Rows) error {
		var t store.Thread
		var row threadRow
		var id, account, age int64
		var topics string
		var rkey any
		var created, text sql.RawBytes
		err := rows.Scan(&id, &account, &age, &row.complete, &row.numbered, &row.total, &row.missing, &row.gaps, &rkey, &created, &text, &t.Claims, &topics)
		if err != nil {
			return err
		}
		t.Thread, err = row.thread()
		a := r.accounts[account]
		t.DID, t.Handle, t.ID, t.Age = a.DID, a.Handle, rkeyText(rkey), microTime(age)
		t.Root = pathOf(atproto.CollectionPost, rkey).URI(a.DID)
		t.Dates = atproto.DatesOf(t.Root, string(created))
		t.FirstLine = firstLine(string(text))
		if err := errors.Join(err, json.Unmarshal([]byte(topics), &t.Topics)); err != nil {
			return fmt.Errorf("thread %s: %w", t.Root, err)
		}
		if err := r.threadPosts(ctx, id, a.DID, &t.Thread); err != nil {
			return err
		}
		return yield(t)
	})
}

// threadPosts reads the posts of a thread: the main line, then the branches.
func (r *reader) threadPosts(ctx context.Context, id int64, did syntax.DID, t *analysis.Thread) error {
	const query = `SELECT p.rkey, tp.branch, tp.number, w.joined_by, w.why FROM thread_post tp JOIN post p ON p.id = tp.post
		LEFT JOIN reason w ON w.id = tp.reason WHERE tp.thread = ? ORDER BY tp.branch, tp.position`
	return r.c.each(ctx, query, []any{id}, func(rows *sql.Rows) error {
		var part threadPart
		var by, why sql.NullString
		if err := rows.Scan(&part.rkey, &part.branch, &part.number, &by, &why); err != nil {
			return err
		}
		if by.Valid {
			part.join = &analysis.Join{By: analysis.JoinedBy(by.String), Why: why.String}
		}
		part.put(t, did)
		return nil
	})
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}

// Thread implements [store.Reader].
func (r *reader) Thread(ctx context.Context, uri syntax.ATURI) (thread store.Thread, err error) {
	if err := r.begin(ctx); err != nil {
		return thread, err
	}
	post, err := r.postID(ctx, uri)
	if err != nil {
		return thread, err
	}
	id, err := r.threadOf(ctx, post)
	if err != nil {
		return thread, err
	}
	err = r.eachThread(ctx, `WHERE t.id = ?`, []any{id}, func(t store.Thread) error {
		thread = t
		return nil
	})
	return thread, err
}

// threadOf is the row of the thread that a post is in, or that has a gap where it was, or
// ErrNotFound.
func (r *reader) threadOf(ctx context.Context, post int64) (id int64, err error) {
	err = r.c.row(ctx, `SELECT thread FROM thread_post WHERE post = ?`, []any{post}, &id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	var uri syntax.ATURI
	const gone = `SELECT account, rkey FROM post WHERE id = ? AND status <> 'live'`
	var account int64
	err = r.c.each(ctx, gone, []any{post}, func(rows *sql.Rows) error {
		var rkey any
		if err := rows.Scan(&account, &rkey); err != nil {
			return err
		}
		if err := r.loadAccounts(ctx); err != nil {
			return err
		}
		uri = pathOf(atproto.CollectionPost, rkey).URI(r.accounts[account].DID)
		return nil
	})
	if err != nil {
		return 0, err
	}
	const named = `SELECT id FROM thread WHERE account = ? AND instr(gaps, ?) > 0 ORDER BY age, root LIMIT 1`
	err = r.c.row(ctx, named, []any{account, `"uri":"` + string(uri) + `"`}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrNotFound
	}
	return id, err
}

// partsOf are the rows of the posts of a thread in reading order, branches last; those that
// are gone stand in their gaps. There are none if there is no such thread.
func (r *reader) partsOf(ctx context.Context, thread int64) (ids []int64, err error) {
	var account int64
	var raw string
	err = r.c.row(ctx, `SELECT account, gaps FROM thread WHERE id = ?`, []any{thread}, &account, &raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	var gaps []analysis.Gap
	if err := errors.Join(err, json.Unmarshal([]byte(raw), &gaps)); err != nil {
		return nil, err
	}
	behind := map[int64][]int64{} // the posts in the gaps behind a post; 0: at the start
	row := func(uri syntax.ATURI, of string) (id int64, err error) {
		err = r.c.row(ctx, `SELECT id FROM post WHERE account = ? AND rkey = ? AND `+of, []any{account, rkeyValue(atproto.KeyOf(uri))}, &id)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return id, err
	}
	for _, gap := range gaps {
		id, err := row(gap.URI, `status <> 'live'`)
		after, err2 := row(gap.After, `TRUE`)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		if id != 0 {
			behind[after] = append(behind[after], id)
		}
	}
	ids = behind[0]
	const parts = `SELECT post FROM thread_post WHERE thread = ? ORDER BY branch, position`
	err = r.c.each(ctx, parts, []any{thread}, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(append(ids, id), behind[id]...)
		return err
	})
	return ids, err
}

// inThread are the posts of the thread with a root, as partsOf gives them.
func (r *reader) inThread(ctx context.Context, root syntax.ATURI) ([]int64, error) {
	post, err := r.postID(ctx, root)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var id int64
	err = r.c.row(ctx, `SELECT id FROM thread WHERE root = ?`, []any{post}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r.partsOf(ctx, id)
}

// Threads implements [store.Reader].
func (r *reader) Threads(ctx context.Context, q store.Query) iter.Seq2[store.Thread, error] {
	return sequence(ctx, r, func(yield func(store.Thread) error) error {
		if q.Where != nil {
			return r.threads(ctx, q, yield)
		}
		where, args, err := r.where(ctx, q)
		if err != nil {
			return err
		}
		if where != "" {
			where = `WHERE t.id IN (SELECT tp.thread FROM thread_post tp JOIN post p ON p.id = tp.post ` + where + `)`
		}
		return r.eachThread(ctx, where+` ORDER BY `+newestFirst(q, "t.age", "t.root")+limit(q), args, yield)
	})
}

// PutThread implements [store.Writer].
func (w *writer) PutThread(ctx context.Context, did syntax.DID, t analysis.Thread, age time.Time) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	if err := w.flushPosts(ctx); err != nil {
		return w.fail(err)
	}
	if len(t.Posts) == 0 || t.Posts[0] != t.Root {
		return fmt.Errorf("keep thread %s: its root is not its first post", t.Root)
	}
	account, err := w.intern(ctx, did)
	if err != nil {
		return err
	}
	gaps, err := json.Marshal(t.Gaps)
	if err != nil {
		return err
	}
	numbering := analysis.Numbering{Missing: []int{}}
	if t.Numbering != nil {
		numbering = *t.Numbering
	}
	missing, err := json.Marshal(numbering.Missing)
	if err != nil {
		return err
	}
	root, err := w.threadPostID(ctx, did, t.Root)
	if err != nil {
		return fmt.Errorf("keep thread %s: %w", t.Root, err)
	}
	w.counted[account] = true
	if err := w.dropThread(ctx, root); err != nil {
		return err
	}
	id, err := w.c.insert(ctx, `INSERT INTO thread (account, root, age, complete, numbered, total, missing, gaps, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		account, root, age.UnixMicro(), flag(t.Complete), flag(t.Numbering != nil), numbering.Total, string(missing), string(gaps), digestOf(&t))
	if err != nil {
		return w.fail(err)
	}
	return w.fail(w.putThreadPosts(ctx, id, did, t, numbering))
}

func (w *writer) putThreadPosts(ctx context.Context, thread int64, did syntax.DID, t analysis.Thread, numbering analysis.Numbering) error {
	reasons := map[syntax.ATURI]int64{}
	for _, j := range t.Joins {
		id, err := w.reason(ctx, j)
		if err != nil {
			return err
		}
		reasons[j.URI] = id
	}
	rows := w.c.batch(`INSERT OR REPLACE INTO thread_post (post, thread, branch, position, number, reason)`, 6)
	placed := 0
	var lines [][]any
	for branch, line := range append([][]syntax.ATURI{t.Posts}, t.Branches...) {
		for i, uri := range line {
			post, err := w.threadPostID(ctx, did, uri)
			if err != nil {
				return fmt.Errorf("keep thread %s: post %s: %w", t.Root, uri, err)
			}
			var number, reason any
			if branch == 0 && i < len(numbering.Numbers) && numbering.Numbers[i] != nil {
				number = *numbering.Numbers[i]
			}
			if id, ok := reasons[uri]; ok {
				reason = id
				placed++
			}
			lines = append(lines, []any{post, thread, branch, i + 1, number, reason})
		}
	}
	if placed != len(t.Joins) {
		return fmt.Errorf("keep thread %s: %d joins for %d of its posts", t.Root, len(t.Joins), placed)
	}
	others, err := w.threadsOf(ctx, lines)
	if err != nil {
		return err
	}
	for _, line := range lines {
		rows.add(line...)
	}
	if err := rows.write(ctx); err != nil {
		return err
	}
	for _, other := range others {
		if err := w.dropHeadless(ctx, other); err != nil {
			return err
		}
	}
	return nil
}

// threadsOf are the threads that posts are in; each line starts with the post.
func (w *writer) threadsOf(ctx context.Context, lines [][]any) (threads []int64, err error) {
	for part := range slices.Chunk(lines, batchRows) {
		posts := make([]any, len(part))
		for i, line := range part {
			posts[i] = line[0]
		}
		query := `SELECT DISTINCT thread FROM thread_post WHERE post IN (` + marks(len(posts)) + `)`
		err := w.c.each(ctx, query, posts, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			threads = append(threads, id)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return threads, nil
}

// dropHeadless removes a thread if its first post has gone into another one. One that has
// only lost others is no longer what its digest says.
func (w *writer) dropHeadless(ctx context.Context, thread int64) error {
	var headless bool
	const query = `SELECT tp.thread IS NOT t.id FROM thread t LEFT JOIN thread_post tp ON tp.post = t.root WHERE t.id = ?`
	err := w.c.row(ctx, query, []any{thread}, &headless)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case !headless:
		return w.exec(ctx, `UPDATE thread SET digest = NULL WHERE id = ?`, thread)
	}
	if err := w.exec(ctx, `DELETE FROM thread_post WHERE thread = ?`, thread); err != nil {
		return err
	}
	return w.exec(ctx, `DELETE FROM thread WHERE id = ?`, thread)
}

// threadPostID is the row of a post of the thread's author.
func (w *writer) threadPostID(ctx context.Context, did syntax.DID, uri syntax.ATURI) (int64, error) {
	if atproto.AuthorOf(uri) != string(did) {
		return 0, fmt.Errorf("%s is not by %s", uri, did)
	}
	return w.postID(ctx, uri)
}

// reason is the row of why a post was joined: few sentences serve most posts.
func (w *writer) reason(ctx context.Context, j analysis.Join) (int64, error) {
	key := string(j.By) + "\n" + j.Why
	if id, ok := w.reasons[key]; ok {
		return id, nil
	}
	var id int64
	err := w.c.row(ctx, `SELECT id FROM reason WHERE joined_by = ? AND why = ?`, []any{string(j.By), j.Why}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		id, err = w.c.insert(ctx, `INSERT INTO reason (joined_by, why) VALUES (?, ?)`, string(j.By), j.Why)
	}
	if err != nil {
		return 0, err
	}
	w.reasons[key] = id
	return id, nil
}

// DropThread implements [store.Writer].
func (w *writer) DropThread(ctx context.Context, root syntax.ATURI) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	if err := w.flushPosts(ctx); err != nil {
		return w.fail(err)
	}
	id, err := w.postID(ctx, root)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	account, _, err := w.locate(ctx, root)
	if err != nil {
		return err
	}
	w.counted[account] = true
	return w.dropThread(ctx, id)
}

func (w *writer) dropThread(ctx context.Context, root int64) error {
	if err := w.exec(ctx, `DELETE FROM thread_post WHERE thread = (SELECT id FROM thread WHERE root = ?)`, root); err != nil {
		return err
	}
	return w.exec(ctx, `DELETE FROM thread WHERE root = ?`, root)
}
