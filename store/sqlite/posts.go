package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// postColumns is what scanPost reads, from post p LEFT JOIN record r. Versions are the
// states that changed the path, negative where it went.
const postColumns = `p.id, p.account, p.rkey, p.status, p.lang, r.prefix, r.bytes,
	(SELECT group_concat(iif(m.cid IS NULL, -m.state, m.state)) FROM manifest m WHERE m.account = p.account
		AND m.collection = (SELECT id FROM collection WHERE name = '` + atproto.CollectionPost + `') AND m.rkey = p.rkey),
	(SELECT root.rkey FROM thread_post tp JOIN thread t ON t.id = tp.thread JOIN post root ON root.id = t.root
		WHERE tp.post = p.id)`

const fromPost = ` FROM post p LEFT JOIN record r ON r.id = p.record `

// A postRow is a post with the row it was read from.
type postRow struct {
	store.Post
	id, account int64
}

// scanPost reads a row of postColumns, and the columns behind them into more.
func (r *reader) scanPost(ctx context.Context, rows *sql.Rows, more ...any) (p postRow, err error) {
	var rkey, root any
	var status, lang string
	var prefix, record sql.RawBytes
	var versions sql.NullString
	into := append([]any{&p.id, &p.account, &rkey, &status, &lang, &prefix, &record, &versions, &root}, more...)
	if err := rows.Scan(into...); err != nil {
		return p, err
	}
	if err := r.loadAccounts(ctx); err != nil {
		return p, err
	}
	did := r.accounts[p.account].DID
	uri := pathOf(atproto.CollectionPost, rkey).URI(did)
	cid := cidOfRecord(record)
	damaged := len(record) > 0 && !bytes.Equal(prefix, prefixOf(cid))
	if len(record) > 0 {
		if p.Post.Post, err = atproto.DecodePost(atproto.Ref{URI: uri, CID: cid.String()}, record); err != nil && !damaged {
			return p, err
		}
	}
	if damaged {
		p.CID = "" // nobody signed these bytes
	}
	p.URI, p.Status, p.Lang = uri, store.PostStatus(status), lang
	if root != nil {
		p.Thread = pathOf(atproto.CollectionPost, root).URI(did)
	}
	err = r.place(ctx, &p, versions.String)
	if damaged {
		p.Signature = atproto.SignatureInvalid
	}
	return p, err
}

// A change is a state of a history that changed a path.
type change struct {
	at   int
	gone bool
}

// place fills in what the states say of a post.
func (r *reader) place(ctx context.Context, p *postRow, versions string) error {
	p.Signature = atproto.SignatureUnchecked
	if versions == "" {
		return nil
	}
	h, err := r.history(ctx, p.account)
	if err != nil {
		return err
	}
	var changes []change
	for text := range strings.SplitSeq(versions, ",") {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("versions of %s: %w", p.URI, err)
		}
		at, known := h.index[max(id, -id)]
		if !known {
			return fmt.Errorf("%w: %s has a version of no state", store.ErrDamaged, p.URI)
		}
		changes = append(changes, change{at, id < 0})
	}
	slices.SortFunc(changes, func(a, b change) int { return a.at - b.at })

	var kept []seenTime // when each version was first seen
	first := seenTime{}
	for i, c := range changes {
		end := len(h.states)
		if i+1 < len(changes) {
			end = changes[i+1].at
		}
		if c.gone {
			found := h.firstSeen(c.at, end)
			p.GoneFound, p.GoneTold = found.Time, found.told
			continue
		}
		p.GoneFound, p.GoneTold = time.Time{}, false
		seen := h.firstSeen(c.at, end)
		kept = append(kept, seen)
		if first = earlier(first, seen); first == seen {
			p.FirstSeen, p.FirstTold = seen.Time, seen.told
		}
		p.WordsSeen, p.WordsTold = seen.Time, seen.told
		p.Rev, p.Signature = h.states[c.at].rev, h.signature(c.at, end)
	}
	if len(kept) > 1 || p.CID == "" {
		return r.placeVersions(ctx, p, kept)
	}
	return nil
}

// earlier is the earlier of two times, of which the first may be zero.
func earlier(a, b seenTime) seenTime {
	if a.IsZero() || b.before(a) {
		return b
	}
	return a
}

// placeVersions looks at the CIDs of a path, for the few posts that had several or whose
// record is not kept. kept says when each version was first seen.
func (r *reader) placeVersions(ctx context.Context, p *postRow, kept []seenTime) error {
	const query = `SELECT m.cid FROM manifest m JOIN collection c ON c.id = m.collection JOIN state s ON s.id = m.state
		WHERE m.account = ? AND c.name = ? AND m.rkey = ? AND m.cid IS NOT NULL ORDER BY s.position`
	seen := map[atproto.CID]seenTime{}
	var last atproto.CID
	at := 0
	path := atproto.PathOf(p.URI)
	err := r.c.each(ctx, query, []any{p.account, path.Collection(), rkeyValue(path.Key())}, func(rows *sql.Rows) error {
		var cid sql.RawBytes
		err := rows.Scan(&cid)
		if err != nil {
			return err
		}
		if last, err = cidOf(cid); err != nil {
			return err
		}
		if at < len(kept) {
			seen[last] = earlier(seen[last], kept[at])
		}
		at++
		return nil
	})
	if p.CID == "" {
		p.CID = last.String()
	}
	p.WordsSeen, p.WordsTold, p.Edited = seen[last].Time, seen[last].told, max(len(seen)-1, 0)
	return err
}

// firstSeen is when we first saw one of the states from index start up to end.
func (h *history) firstSeen(start, end int) seenTime {
	if end == len(h.states) {
		return h.states[start].seenBy
	}
	first := h.states[start].seen
	for _, s := range h.states[start+1 : end] {
		if s.seen.before(first) {
			first = s.seen
		}
	}
	return first
}

// signature is the best word on the states from index start up to end: they hold the same
// bytes.
func (h *history) signature(start, end int) atproto.Signature {
	best := atproto.SignatureInvalid
	for _, s := range h.states[start:end] {
		switch s.signature {
		case atproto.SignatureValid:
			return s.signature
		case atproto.SignatureUnchecked:
			best = s.signature
		}
	}
	return best
}

// Post implements [store.Reader].
func (r *reader) Post(ctx context.Context, uri syntax.ATURI) (p store.Post, err error) {
	if err := r.begin(ctx); err != nil {
		return p, err
	}
	account, rkey, err := r.locate(ctx, uri)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return p, err
	}
	found := false
	err = r.c.each(ctx, `SELECT `+postColumns+fromPost+`WHERE p.account = ? AND p.rkey = ?`, []any{account, rkey},
		func(rows *sql.Rows) error {
			row, err := r.scanPost(ctx, rows)
			p, found = row.Post, true
			return err
		})
	if err == nil && !found {
		err = r.absence(ctx, uri)
	}
	return p, err
}

// locate is where the row of a post would be, or ErrNotFound.
func (r *reader) locate(ctx context.Context, uri syntax.ATURI) (account int64, rkey any, err error) {
	if !atproto.IsPostURI(uri) {
		return 0, nil, store.ErrNotFound
	}
	account, err = r.accountID(ctx, syntax.DID(atproto.AuthorOf(uri)))
	return account, rkeyValue(atproto.KeyOf(uri)), err
}

// postID is the row of a post, or ErrNotFound.
func (r *reader) postID(ctx context.Context, uri syntax.ATURI) (id int64, err error) {
	account, rkey, err := r.locate(ctx, uri)
	if err != nil {
		return 0, err
	}
	err = r.c.row(ctx, `SELECT id FROM post WHERE account = ? AND rkey = ?`, []any{account, rkey}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrNotFound
	}
	return id, err
}

// Posts implements [store.Reader].
func (r *reader) Posts(ctx context.Context, q store.Query) iter.Seq2[store.Post, error] {
	return sequence(ctx, r, func(yield func(store.Post) error) error {
		switch {
		case q.Thread != "":
			return r.postsInThread(ctx, q, yield)
		case q.Where != nil:
			return r.selectPosts(ctx, q, yield)
		}
		where, args, err := r.where(ctx, q)
		if err != nil {
			return err
		}
		return r.eachPost(ctx, where+` ORDER BY `+newestFirst(q, "p.age", "p.id")+limit(q), args, yield)
	})
}

// postsInThread yields the posts that a query selects of a thread, in reading order.
func (r *reader) postsInThread(ctx context.Context, q store.Query, yield func(store.Post) error) error {
	parts, err := r.inThread(ctx, q.Thread)
	if err != nil {
		return err
	}
	ids := parts
	if q.Where != nil {
		c, err := r.selected(ctx, q)
		if err != nil {
			return err
		}
		if ids, err = next(ctx, c, newest, math.MaxInt); err != nil {
			return err
		}
	}
	found := make(map[int64]store.Post, len(ids))
	err = r.c.each(ctx, `SELECT `+postColumns+fromPost+`WHERE p.id `+among, []any{jsonIDs(ids)}, func(rows *sql.Rows) error {
		p, err := r.scanPost(ctx, rows)
		if q.DID == "" || p.Author() == q.DID {
			found[p.id] = p.Post
		}
		return err
	})
	if err != nil {
		return err
	}
	yielded := 0
	for _, id := range parts {
		p, ok := found[id]
		if !ok || q.Live && p.Status != store.Live {
			continue
		}
		if err := yield(p); err != nil {
			return err
		}
		if yielded++; yielded == q.Limit {
			return nil
		}
	}
	return nil
}

// eachPost yields the posts p that a clause selects.
func (r *reader) eachPost(ctx context.Context, clause string, args []any, yield func(store.Post) error) error {
	return r.c.each(ctx, `SELECT `+postColumns+fromPost+clause, args, func(rows *sql.Rows) error {
		p, err := r.scanPost(ctx, rows)
		if err != nil {
			return err
		}
		return yield(p.Post)
	})
}

// newest is the order of a query by the time of posts.
func newestFirst(q store.Query, columns ...string) string {
	direction := " DESC"
	if q.Oldest {
		direction = ""
	}
	return strings.Join(columns, direction+", ") + direction
}

func limit(q store.Query) string {
	if q.Limit <= 0 {
		return ""
	}
	return " LIMIT " + strconv.Itoa(q.Limit)
}

// SetPostStatus implements [store.Writer].
func (w *writer) SetPostStatus(ctx context.Context, uri syntax.ATURI, s store.PostStatus) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	if err := w.flushPosts(ctx); err != nil {
		return w.fail(err)
	}
	id, err := w.postID(ctx, uri)
	if err != nil {
		return err
	}
	account, _, err := w.locate(ctx, uri)
	if err != nil {
		return err
	}
	w.counted[account] = true
	if err := w.index.do(func(g *gathered) { g.note(notLive, posting{id: id}, s == store.Live) }); err != nil {
		return err
	}
	return w.exec(ctx, `UPDATE post SET status = ? WHERE id = ?`, string(s), id)
}
