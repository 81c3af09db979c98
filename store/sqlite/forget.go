package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// forgetOne and forgetAll select the posts of a forgetting.
const (
	forgetOne = `SELECT id FROM post WHERE account = ?1 AND rkey = ?2`
	forgetAll = `SELECT id FROM post WHERE account = ?1`
	dropSome  = `SELECT id FROM post WHERE account = ?1 AND rkey IN (SELECT value FROM json_each(?2))`
)

// A forget is a post or an account on its way out of the archive.
type forget struct {
	*writer
	store.Forgetting
	what    syntax.ATURI        // as the table forgotten names it
	account int64               // 0: only known by its context and decisions
	posts   string              // query of the rows of its posts
	args    []any               // of posts
	quoters map[int64]*document // posts that stay and are found by words that they quote of it
	removed store.Removed
}

// Forget implements [store.Writer].
func (w *writer) Forget(ctx context.Context, f store.Forgetting) (store.Removed, error) {
	if err := w.reader.begin(ctx); err != nil {
		return store.Removed{}, err
	}
	x := forget{writer: w, Forgetting: f, what: f.URI, posts: forgetOne}
	if f.URI == "" {
		x.what, x.posts = accountURI(f.DID), forgetAll
	} else if !atproto.IsPostURI(f.URI) || atproto.AuthorOf(f.URI) != string(f.DID) {
		return store.Removed{}, fmt.Errorf("forget %s: not the URI of a post by %s", f.URI, f.DID)
	}
	var err error
	if x.account, err = w.accountID(ctx, f.DID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Removed{}, err
	}
	x.args = []any{x.account}
	if f.URI != "" {
		x.args = append(x.args, rkeyValue(atproto.KeyOf(f.URI)))
	}
	known, err := x.known(ctx)
	if err != nil || !known {
		return store.Removed{}, errors.Join(err, store.ErrNotFound)
	}
	for _, step := range []func(context.Context) error{
		x.mark, x.decided, x.words, x.records, x.derived, x.contexts, x.finish,
	} {
		if err := step(ctx); err != nil {
			return store.Removed{}, w.fail(fmt.Errorf("forget %s: %w", x.what, err))
		}
	}
	return x.removed, nil
}

// known says whether the archive has, or had, anything of what is to be forgotten.
func (x *forget) known(ctx context.Context) (known bool, err error) {
	if x.URI == "" && x.account != 0 {
		return true, nil
	}
	from, to := x.span()
	const query = `SELECT EXISTS (SELECT 1 FROM other_post WHERE uri >= ?1 AND uri < ?2)
		OR EXISTS (SELECT 1 FROM decision WHERE did = ?3 AND ?4) OR EXISTS (SELECT 1 FROM forgotten WHERE uri = ?5)`
	if err := x.c.row(ctx, query, []any{from, to, string(x.DID), x.URI == "", string(x.what)}, &known); err != nil || known || x.account == 0 {
		return known, err
	}
	cids, err := x.cidsAt(ctx, x.URI)
	if err != nil || len(cids) > 0 {
		return true, err
	}
	err = x.c.row(ctx, `SELECT EXISTS (`+x.posts+`)`, x.args, &known)
	return known, err
}

// span is where the URIs of what is forgotten are among others, from and up to.
func (x *forget) span() (from, to string) {
	if x.URI != "" {
		return string(x.URI), string(x.URI) + "\x00"
	}
	return string(x.what) + "/", string(x.what) + "0"
}

// mark writes down that it is forgotten, with what it answered: the place of a post in its
// thread is no word of it.
func (x *forget) mark(ctx context.Context) error {
	var answers, root string
	if x.Reply != nil {
		answers, root = x.own(string(x.Reply.Parent.URI)), x.own(string(x.Reply.Root.URI))
	}
	if x.URI != "" {
		query := `SELECT p.parent_start, p.parent_length, p.root_start, p.root_length, r.bytes` + fromPost + `WHERE p.id IN (` + x.posts + `)`
		err := x.c.each(ctx, query, x.args, func(rows *sql.Rows) error {
			var parent, first extent
			var record sql.RawBytes
			err := rows.Scan(&parent.start, &parent.length, &first.start, &first.length, &record)
			answers, root = x.own(parent.of(record)), x.own(first.of(record))
			return err
		})
		if err != nil {
			return err
		}
		const claims = `INSERT OR IGNORE INTO forgotten_claim (id, uri)
			SELECT id, ?3 FROM claim WHERE post IN (%[1]s) UNION SELECT id, ?3 FROM former_claim WHERE post IN (%[1]s)`
		if err := x.exec(ctx, fmt.Sprintf(claims, x.posts), append(slices.Clone(x.args), string(x.URI))...); err != nil {
			return err
		}
	}
	clear(x.forgotten)
	err := x.exec(ctx, `INSERT INTO forgotten (uri, at, decided_by, answers, root) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		string(x.what), timeText(x.At), x.By, answers, root)
	if err != nil {
		return err
	}
	return x.exec(ctx, `INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)`, toOverwrite, timeText(x.At))
}

// own is a URI if it is by the same account, else "".
func (x *forget) own(uri string) string {
	if atproto.AuthorOf(syntax.ATURI(uri)) != string(x.DID) {
		return ""
	}
	return uri
}

// decided takes the words out of what people decided.
func (x *forget) decided(ctx context.Context) error {
	all, err := x.reader.decided(ctx, x.DID)
	if err != nil {
		return err
	}
	list := all.byPost[x.URI]
	if x.URI == "" {
		for _, ds := range all.byPost {
			list = append(list, ds...)
		}
		for _, ds := range all.lost {
			list = append(list, ds...)
		}
	}
	for _, d := range list {
		without, err := d.Forget(x.what)
		if err != nil {
			return err
		}
		if bytes.Equal(d.Body, without.Body) {
			continue
		}
		x.removed.Decisions++
		if !slices.Contains(x.removed.Deciders, d.By) {
			x.removed.Deciders = append(x.removed.Deciders, d.By)
		}
		if err := x.exec(ctx, `UPDATE decision SET body = ? WHERE id = ?`, string(without.Body), d.ID); err != nil {
			return err
		}
	}
	slices.Sort(x.removed.Deciders)
	delete(x.decisions, x.DID)
	return nil
}

// words takes the posts out of the index, while what they are found by can still be read, and
// looks who quotes them.
func (x *forget) words(ctx context.Context) (err error) {
	var ids []int64
	uris := []syntax.ATURI{}
	err = x.c.each(ctx, `SELECT id, rkey FROM post WHERE id IN (`+x.posts+`)`, x.args, func(rows *sql.Rows) error {
		var id int64
		var rkey any
		err := rows.Scan(&id, &rkey)
		ids = append(ids, id)
		uris = append(uris, pathOf(atproto.CollectionPost, rkey).URI(x.DID))
		return err
	})
	if err != nil {
		return err
	}
	from, to := x.span()
	err = x.c.each(ctx, `SELECT uri FROM other_post WHERE uri >= ? AND uri < ?`, []any{from, to}, func(rows *sql.Rows) error {
		var uri syntax.ATURI
		err := rows.Scan(&uri)
		uris = append(uris, uri)
		return err
	})
	if err != nil {
		return err
	}
	if x.quoters, err = x.writer.quoters(ctx, uris...); err != nil {
		return err
	}
	for _, id := range ids {
		delete(x.quoters, id)
		d, err := x.document(ctx, id)
		if err != nil {
			return err
		}
		if err := x.index.change(&d, nil); err != nil {
			return err
		}
	}
	return nil
}

// records removes the bytes of records, and what is known of files that nothing else
// refers to.
func (x *forget) records(ctx context.Context) error {
	if x.account == 0 {
		return nil
	}
	var known []store.Blob
	err := x.eachBlob(ctx, x.DID, func(b store.Blob) error {
		known = append(known, b)
		return nil
	})
	if err != nil {
		return err
	}
	if x.URI == "" {
		const sum = `SELECT count(*), coalesce(sum(length(bytes)), 0) FROM record WHERE account = ?`
		if err := x.c.row(ctx, sum, x.args, &x.removed.Records, &x.removed.Bytes); err != nil {
			return err
		}
		if err := x.exec(ctx, `DELETE FROM record WHERE account = ?`, x.account); err != nil {
			return err
		}
		return x.files(ctx, known)
	}

	cids, err := x.versions(ctx)
	if err != nil {
		return err
	}
	refers := map[string]bool{}
	for _, cid := range cids {
		others, err := x.othersWith(ctx, x.DID, cid)
		if err != nil {
			return err
		}
		if len(others) > 0 {
			x.removed.Shared = append(x.removed.Shared, others...)
			continue
		}
		var rows []int64
		err = x.eachRecord(ctx, prefixOf(cid), func(id int64, key recordKey, b []byte) error {
			if key != keyOf(x.account, cid) {
				return nil
			}
			rows = append(rows, id)
			x.removed.Bytes += int64(len(b))
			post, err := atproto.DecodePost(atproto.Ref{URI: x.URI}, b)
			if err != nil {
				return nil // it is no post and shows no files
			}
			for _, blob := range post.Embed.Blobs() {
				refers[blob.CID] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, id := range rows {
			x.removed.Records++
			if err := x.exec(ctx, `DELETE FROM record WHERE id = ?`, id); err != nil {
				return err
			}
		}
	}
	var files []store.Blob
	for _, b := range known {
		if !refers[b.CID] {
			continue
		}
		used, err := x.refersTo(ctx, b.CID)
		if err != nil {
			return err
		}
		if !used {
			files = append(files, b)
		}
	}
	return x.files(ctx, files)
}

// versions are the CIDs of all versions of a post.
func (x *forget) versions(ctx context.Context) ([]atproto.CID, error) {
	cids, err := x.cidsAt(ctx, x.URI)
	if err != nil {
		return nil, err
	}
	query := `SELECT r.bytes` + fromPost + `WHERE r.id IS NOT NULL AND p.id IN (` + x.posts + `)`
	err = x.c.each(ctx, query, x.args, func(rows *sql.Rows) error {
		var record sql.RawBytes
		if err := rows.Scan(&record); err != nil {
			return err
		}
		if cid := atproto.CIDOf(record); !slices.Contains(cids, cid) {
			cids = append(cids, cid)
		}
		return nil
	})
	return cids, err
}

// refersTo says whether a record of the account names a file, as a link or as text.
func (x *forget) refersTo(ctx context.Context, file string) (used bool, err error) {
	cid, err := atproto.ParseCID(file)
	if err != nil {
		return false, nil
	}
	const query = `SELECT EXISTS (SELECT 1 FROM record WHERE account = ? AND (instr(bytes, ?) > 0 OR instr(bytes, CAST(? AS BLOB)) > 0))`
	err = x.c.row(ctx, query, []any{x.account, cid[:], file}, &used)
	return used, err
}

// files drops what is known of files, and lists those that no other account shows.
func (x *forget) files(ctx context.Context, files []store.Blob) error {
	for _, b := range files {
		if err := x.exec(ctx, `DELETE FROM blob WHERE account = ? AND cid = ?`, x.account, b.CID); err != nil {
			return err
		}
		var shown bool
		if err := x.c.row(ctx, `SELECT EXISTS (SELECT 1 FROM blob WHERE cid = ? AND state = 'kept')`, []any{b.CID}, &shown); err != nil {
			return err
		}
		if b.State == store.BlobKept && !shown {
			x.removed.Files = append(x.removed.Files, b)
		}
	}
	return nil
}

// derived removes the rows of posts with everything that hangs on them.
func (x *forget) derived(ctx context.Context) error {
	if x.account == 0 {
		return nil
	}
	count := func(query string, into *int) error {
		return x.c.row(ctx, strings.ReplaceAll(query, "{posts}", x.posts), x.args, into)
	}
	if err := errors.Join(
		count(`SELECT count(*) FROM post WHERE id IN ({posts})`, &x.removed.Posts),
		count(`SELECT count(*) FROM claim WHERE post IN ({posts})`, &x.removed.Claims),
	); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM reading WHERE post IN ({posts})`,
		`DELETE FROM topic_tag WHERE post IN ({posts})`,
		`DELETE FROM claim WHERE post IN ({posts})`,
		`DELETE FROM former_claim WHERE post IN ({posts})`,
		`DELETE FROM thread WHERE id IN (SELECT thread FROM thread_post WHERE post IN ({posts}))`,
		`DELETE FROM thread_post WHERE NOT EXISTS (SELECT 1 FROM thread WHERE id = thread_post.thread)`,
		`DELETE FROM post WHERE id IN ({posts})`,
	} {
		query, args := strings.ReplaceAll(query, "{posts}", x.posts), x.args
		if !strings.Contains(query, "?") {
			args = nil
		}
		if err := x.exec(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

// contexts removes copies that were kept since others answer or quote them, with proofs.
func (x *forget) contexts(ctx context.Context) error {
	from, to := x.span()
	if err := x.c.row(ctx, `SELECT count(*) FROM other_version WHERE uri >= ? AND uri < ?`, []any{from, to}, &x.removed.Contexts); err != nil {
		return err
	}
	if err := x.exec(ctx, `DELETE FROM other_version WHERE uri >= ? AND uri < ?`, from, to); err != nil {
		return err
	}
	return x.exec(ctx, `DELETE FROM other_post WHERE uri >= ? AND uri < ?`, from, to)
}

// finish drops what nothing refers to any more, and what was held in memory of it.
func (x *forget) finish(ctx context.Context) error {
	if err := x.indexPosts(ctx, x.quoters, nil); err != nil {
		return err
	}
	if err := x.index.flush(ctx); err != nil {
		return err
	}
	err := x.exec(ctx, `DELETE FROM reason WHERE id NOT IN (SELECT reason FROM thread_post WHERE reason IS NOT NULL)`)
	clear(x.reasons)
	clear(x.recent)
	clear(x.forgotten)
	if err == nil && x.posts == forgetAll {
		err = x.exec(ctx, `UPDATE account SET analysis = '' WHERE id = ?`, x.account)
	}
	if x.account != 0 {
		x.counted[x.account] = true
	}
	return err
}

// DropPosts implements [store.Writer].
func (w *writer) DropPosts(ctx context.Context, did syntax.DID, uris []syntax.ATURI) error {
	if err := w.reader.begin(ctx); err != nil || len(uris) == 0 {
		return err
	}
	account, err := w.accountID(ctx, did)
	if err != nil {
		return err
	}
	keys := make([]any, len(uris))
	for i, uri := range uris {
		keys[i] = rkeyValue(atproto.KeyOf(uri))
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	x := forget{writer: w, account: account, posts: dropSome, args: []any{account, string(list)}}
	x.DID = did
	for _, step := range []func(context.Context) error{x.words, x.derived, x.finish} {
		if err := step(ctx); err != nil {
			return w.fail(fmt.Errorf("drop posts of %s: %w", did, err))
		}
	}
	return nil
}

// Recall implements [store.Writer].
func (w *writer) Recall(ctx context.Context, did syntax.DID, uri syntax.ATURI) error {
	if err := w.reader.begin(ctx); err != nil {
		return err
	}
	clear(w.forgotten)
	if err := w.exec(ctx, `UPDATE account SET whole = 0, complete = 0 WHERE did = ?`, string(did)); err != nil {
		return err
	}
	if uri != "" {
		return w.exec(ctx, `DELETE FROM forgotten WHERE uri = ?`, string(uri))
	}
	what := string(accountURI(did))
	return w.exec(ctx, `DELETE FROM forgotten WHERE uri = ?1 OR uri > ?1 || '/' AND uri < ?1 || '0'`, what)
}
