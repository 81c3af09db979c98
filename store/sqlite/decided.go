package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// decided is what people decided about one account, by the post that it is about. An entry
// that comes later finds its place by itself, so that many can be added one by one.
type decided struct {
	byPost map[syntax.ATURI][]analysis.Decision // oldest first
	post   map[string]syntax.ATURI              // of claims and decisions
	lost   map[string][]analysis.Decision       // of whose subject the post is not known, by subject
}

// decided reads what people decided about an account.
func (r *reader) decided(ctx context.Context, did syntax.DID) (*decided, error) {
	if d := r.decisions[did]; d != nil {
		return d, nil
	}
	d := &decided{map[syntax.ATURI][]analysis.Decision{}, map[string]syntax.ATURI{}, map[string][]analysis.Decision{}}
	var all []analysis.Decision
	err := r.c.each(ctx, selectDecision+`WHERE did = ? ORDER BY at, id`, []any{string(did)}, func(rows *sql.Rows) error {
		one, err := scanDecision(rows)
		all = append(all, one)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		d.add(one)
	}
	for claim := range d.lost {
		uri, err := r.postOfClaim(ctx, did, claim)
		if err != nil {
			return nil, err
		}
		if uri != "" {
			d.found(claim, uri)
		}
	}
	r.decisions[did] = d
	return d, nil
}

// add puts an entry to its post: it says so itself, or another one on the same claim does;
// an undo is about the post of what it undoes. It returns "" if none of that is known.
func (d *decided) add(one analysis.Decision) syntax.ATURI {
	uri := one.About().Post
	if uri == "" {
		uri = one.Forgotten()
	}
	uri = cmp.Or(uri, d.post[one.Subject])
	if uri == "" {
		d.lost[one.Subject] = append(d.lost[one.Subject], one)
		return ""
	}
	list := d.byPost[uri]
	at, _ := slices.BinarySearchFunc(list, one, func(a, b analysis.Decision) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	d.byPost[uri] = slices.Insert(list, at, one)
	d.found(one.ID, uri)
	if one.OnClaim() {
		d.found(one.Subject, uri)
	}
	return uri
}

// found says what post a claim or a decision is about, and puts there what waited for it.
func (d *decided) found(subject string, uri syntax.ATURI) {
	if d.post[subject] == "" {
		d.post[subject] = uri
	}
	waiting := d.lost[subject]
	delete(d.lost, subject)
	for _, one := range waiting {
		d.add(one)
	}
}

// A reader that is asked for the decisions on more posts of an account than this reads all
// of the account's at once, as a writer always does.
const fewPosts = 200

// decidedOn is what people decided about a post and its claims, oldest first.
func (r *reader) decidedOn(ctx context.Context, uri syntax.ATURI) ([]analysis.Decision, error) {
	did := syntax.DID(atproto.AuthorOf(uri))
	if r.decisions[did] == nil && r.flush == nil && r.asked[did] < fewPosts {
		r.asked[did]++
		return r.decidedOnOne(ctx, did, uri)
	}
	d, err := r.decided(ctx, did)
	if err != nil {
		return nil, err
	}
	return d.byPost[uri], nil
}

// decidedOnOne looks up what decided sorts out: what names the post or one of its claims, now
// or formerly, and from there what is about the same claim or the same entry.
func (r *reader) decidedOnOne(ctx context.Context, did syntax.DID, uri syntax.ATURI) (list []analysis.Decision, err error) {
	const query = `WITH RECURSIVE
		subject (id) AS (SELECT ?2
			UNION SELECT c.id FROM post p JOIN claim c ON c.post = p.id WHERE p.account = ?3 AND p.rkey = ?4
			UNION SELECT f.id FROM post p JOIN former_claim f ON f.post = p.id WHERE p.account = ?3 AND p.rkey = ?4),
		found (id, subject) AS (SELECT id, subject FROM decision WHERE body ->> 'post' = ?2
			UNION SELECT d.id, d.subject FROM subject s CROSS JOIN decision d ON d.subject = s.id
			UNION SELECT d.id, d.subject FROM found f CROSS JOIN decision d ON d.subject IN (f.id, f.subject))
		` + selectDecision + `WHERE id IN (SELECT id FROM found) AND did = ?1 AND coalesce(nullif(body ->> 'post', ''), ?2) = ?2 ORDER BY at, id`
	account, rkey, err := r.locate(ctx, uri)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	err = r.c.each(ctx, query, []any{string(did), string(uri), account, rkey}, func(rows *sql.Rows) error {
		d, err := scanDecision(rows)
		list = append(list, d)
		return err
	})
	return list, err
}

// postOfClaim is the post of a claim id, former ones and those of forgotten posts too, and
// "" if it is not known.
func (r *reader) postOfClaim(ctx context.Context, did syntax.DID, claim string) (uri syntax.ATURI, err error) {
	const query = `SELECT p.rkey FROM post p JOIN account a ON a.id = p.account WHERE a.did = ?1 AND p.id IN
		(SELECT post FROM claim WHERE id = ?2 UNION SELECT post FROM former_claim WHERE id = ?2) LIMIT 1`
	err = r.c.each(ctx, query, []any{string(did), claim}, func(rows *sql.Rows) error {
		var rkey any
		err := rows.Scan(&rkey)
		uri = pathOf(atproto.CollectionPost, rkey).URI(did)
		return err
	})
	if err != nil || uri != "" {
		return uri, err
	}
	err = r.c.each(ctx, `SELECT uri FROM forgotten_claim WHERE id = ?`, []any{claim}, func(rows *sql.Rows) error {
		var of string
		err := rows.Scan(&of)
		if atproto.AuthorOf(syntax.ATURI(of)) == string(did) {
			uri = syntax.ATURI(of)
		}
		return err
	})
	return uri, err
}
