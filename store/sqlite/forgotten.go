package sqlite

import (
	"context"
	"database/sql"
	"iter"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// accountURI stands for a whole account where posts are named by their URIs.
func accountURI(did syntax.DID) syntax.ATURI { return syntax.ATURI("at://" + string(did)) }

// forgotten is what of an account was forgotten. Nil for nothing.
type forgotten struct {
	account *store.Forgetting // the whole account
	posts   map[syntax.ATURI]store.Forgetting
	cids    map[atproto.CID]bool // that ever stood at the paths of posts
}

// forgottenOf reads what of an account was forgotten, once.
func (r *reader) forgottenOf(ctx context.Context, did syntax.DID) (*forgotten, error) {
	f, known := r.forgotten[did]
	if known {
		return f, nil
	}
	list, err := r.forgettings(ctx, did)
	if err != nil {
		return nil, err
	}
	if len(list) > 0 {
		f = &forgotten{posts: map[syntax.ATURI]store.Forgetting{}, cids: map[atproto.CID]bool{}}
	}
	for _, one := range list {
		if one.URI == "" {
			f.account = &one
			continue
		}
		f.posts[one.URI] = one
		for _, cid := range one.CIDs {
			f.cids[cid] = true
		}
	}
	r.forgotten[did] = f
	return f, nil
}

// of is the forgetting of a post, by itself or with its whole account.
func (f *forgotten) of(uri syntax.ATURI) (store.Forgetting, bool) {
	switch {
	case f == nil:
		return store.Forgetting{}, false
	case f.account != nil:
		return *f.account, true
	}
	one, ok := f.posts[uri]
	return one, ok
}

// forgettings reads what of an account was forgotten, of all accounts if did is "".
func (r *reader) forgettings(ctx context.Context, did syntax.DID) (list []store.Forgetting, err error) {
	from, to := "at://", "at:/0" // the byte behind "/"
	if did != "" {
		from, to = string(accountURI(did)), string(accountURI(did))+"0"
	}
	const query = `SELECT uri, at, decided_by, answers, root FROM forgotten WHERE uri >= ? AND uri < ? ORDER BY uri`
	err = r.c.each(ctx, query, []any{from, to}, func(rows *sql.Rows) error {
		var f store.Forgetting
		var at timeValue
		var answers, root syntax.ATURI
		if err := rows.Scan(&f.URI, &at, &f.By, &answers, &root); err != nil {
			return err
		}
		f.DID, f.At = syntax.DID(atproto.AuthorOf(f.URI)), at.Time
		if answers != "" || root != "" {
			f.Reply = &atproto.Reply{Parent: atproto.Ref{URI: answers}, Root: atproto.Ref{URI: root}}
		}
		if f.URI == accountURI(f.DID) {
			f.URI = ""
		}
		if did == "" || f.DID == did { // not one whose DID goes on behind this one
			list = append(list, f)
		}
		return nil
	})
	for i := range list {
		if err == nil && list[i].URI != "" {
			list[i].CIDs, err = r.cidsAt(ctx, list[i].URI)
		}
	}
	return list, err
}

// cidsAt are the CIDs that ever stood at the path of a post.
func (r *reader) cidsAt(ctx context.Context, uri syntax.ATURI) (cids []atproto.CID, err error) {
	path := atproto.PathOf(uri)
	const query = `SELECT DISTINCT m.cid FROM account a JOIN collection c JOIN manifest m ON m.account IN (a.id, -a.id) AND m.collection = c.id
		WHERE a.did = ? AND c.name = ? AND m.rkey = ? AND m.cid IS NOT NULL`
	err = r.c.each(ctx, query, []any{atproto.AuthorOf(uri), path.Collection(), rkeyValue(path.Key())}, func(rows *sql.Rows) error {
		var b sql.RawBytes
		if err := rows.Scan(&b); err != nil {
			return err
		}
		cid, err := cidOf(b)
		cids = append(cids, cid)
		return err
	})
	return cids, err
}

// Forgettings implements [store.Reader].
func (r *reader) Forgettings(ctx context.Context, did syntax.DID) iter.Seq2[store.Forgetting, error] {
	return sequence(ctx, r, func(yield func(store.Forgetting) error) error {
		list, err := r.forgettings(ctx, did)
		if err != nil {
			return err
		}
		for _, f := range list {
			if err := yield(f); err != nil {
				return err
			}
		}
		return nil
	})
}

// absence is why a post is not here: ErrNotFound, or that it was forgotten.
func (r *reader) absence(ctx context.Context, uri syntax.ATURI) error {
	f, err := r.forgottenOf(ctx, syntax.DID(atproto.AuthorOf(uri)))
	if err != nil {
		return err
	}
	if one, ok := f.of(uri); ok {
		return &store.ForgottenError{Forgetting: one}
	}
	return store.ErrNotFound
}

// isForgotten says whether nothing of a post may be kept.
func (r *reader) isForgotten(ctx context.Context, uri syntax.ATURI) (bool, error) {
	f, err := r.forgottenOf(ctx, syntax.DID(atproto.AuthorOf(uri)))
	_, ok := f.of(uri)
	return ok, err
}

// recordForgotten says whether nothing but forgotten posts have a record's bytes.
func (r *reader) recordForgotten(ctx context.Context, did syntax.DID, cid atproto.CID) (bool, error) {
	f, err := r.forgottenOf(ctx, did)
	switch {
	case err != nil || f == nil:
		return false, err
	case f.account != nil:
		return true, nil
	case !f.cids[cid]:
		return false, nil
	}
	others, err := r.othersWith(ctx, did, cid)
	return len(others) == 0, err
}

// othersWith are the posts and other records that ever had the bytes of a CID and are not forgotten.
func (r *reader) othersWith(ctx context.Context, did syntax.DID, cid atproto.CID) (uris []syntax.ATURI, err error) {
	f, err := r.forgottenOf(ctx, did)
	if err != nil {
		return nil, err
	}
	const query = `SELECT DISTINCT c.name, m.rkey FROM account a JOIN manifest m ON m.account IN (a.id, -a.id) JOIN collection c ON c.id = m.collection
		WHERE a.did = ? AND m.cid IN (?, ?)`
	args := []any{string(did), cidValue(atproto.RecordCID(cid.Hash())), cidValue(atproto.BlobCID(cid.Hash()))}
	err = r.c.each(ctx, query, args, func(rows *sql.Rows) error {
		var collection string
		var rkey any
		if err := rows.Scan(&collection, &rkey); err != nil {
			return err
		}
		uri := pathOf(collection, rkey).URI(did)
		if _, ok := f.of(uri); !ok {
			uris = append(uris, uri)
		}
		return nil
	})
	return uris, err
}

// withoutForgotten is a decision as it is kept: without words if what it is about was
// forgotten. uri is the post that it is about, if that is known.
func (w *writer) withoutForgotten(ctx context.Context, d analysis.Decision, uri syntax.ATURI) (analysis.Decision, error) {
	f, err := w.forgottenOf(ctx, d.DID)
	if err != nil {
		return d, err
	}
	one, ok := f.of(uri)
	if !ok {
		return d, nil
	}
	delete(w.decisions, d.DID) // it may hold the words
	what := one.URI
	if what == "" {
		what = accountURI(d.DID)
	}
	return d.Forget(what)
}
