package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

const selectDecision = `SELECT id, kind, did, subject, author, at, body FROM decision `

func scanDecision(rows *sql.Rows) (d analysis.Decision, err error) {
	var at timeValue
	var body string
	err = rows.Scan(&d.ID, &d.Kind, &d.DID, &d.Subject, &d.By, &at, &body)
	d.At, d.Body = at.Time, []byte(body)
	return d, err
}

// Decisions implements [store.Reader].
func (r *reader) Decisions(ctx context.Context, q store.DecisionQuery) iter.Seq2[analysis.Decision, error] {
	return sequence(ctx, r, func(yield func(analysis.Decision) error) error {
		var conds []string
		var args []any
		add := func(cond string, values ...any) {
			conds = append(conds, cond)
			args = append(args, values...)
		}
		if q.DID != "" {
			add("did = ?", string(q.DID))
		}
		if len(q.Kinds) > 0 {
			kinds := make([]any, len(q.Kinds))
			for i, k := range q.Kinds {
				kinds[i] = string(k)
			}
			add("kind IN ("+marks(len(kinds))+")", kinds...)
		}
		if q.Subject != "" {
			ids, err := r.aliases(ctx, q.Subject)
			if err != nil {
				return err
			}
			add("subject IN ("+marks(len(ids))+")", ids...)
		}
		if q.By != "" {
			add("author = ?", q.By)
		}
		where := ""
		if conds != nil {
			where = "WHERE " + strings.Join(conds, " AND ")
		}
		return r.c.each(ctx, selectDecision+where+` ORDER BY at, id`, args, func(rows *sql.Rows) error {
			d, err := scanDecision(rows)
			if err != nil {
				return err
			}
			return yield(d)
		})
	})
}

// aliases are a subject and, if it is a claim, every other id that the claim has or had.
func (r *reader) aliases(ctx context.Context, subject string) ([]any, error) {
	ids := []any{subject}
	const query = `WITH now (id) AS (SELECT ?1 UNION SELECT claim FROM former_claim WHERE id = ?1 AND claim IS NOT NULL)
		SELECT id FROM now UNION
		SELECT f.id FROM now JOIN claim c ON c.id = now.id JOIN former_claim f ON f.post = c.post AND f.claim = now.id`
	err := r.c.each(ctx, query, []any{subject}, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		if id != subject {
			ids = append(ids, id)
		}
		return err
	})
	return ids, err
}

// Detached implements [store.Reader].
func (r *reader) Detached(ctx context.Context, did syntax.DID) (list []analysis.Decision, err error) {
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	all, err := r.decided(ctx, did)
	if err != nil {
		return nil, err
	}
	for uri, ds := range all.byPost {
		detached, err := r.detachedFrom(ctx, uri, ds)
		if err != nil {
			return nil, err
		}
		list = append(list, detached...)
	}
	analysis.SortDecisions(list)
	return list, nil
}

func (r *reader) detachedFrom(ctx context.Context, uri syntax.ATURI, ds []analysis.Decision) ([]analysis.Decision, error) {
	p, err := r.analysed(ctx, uri)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	former, err := r.former(ctx, p.id)
	if err != nil {
		return nil, err
	}
	_, detached := analysis.Judge(analysis.Corrected(p.analysis, p.cid, p.text, ds), p.cid, ds, former)
	return detached, nil
}

// decided is what people decided about an account, by the post that it is about.
func (r *reader) decided(ctx context.Context, did syntax.DID) (*decided, error) {
	if d := r.decisions[did]; d != nil {
		return d, nil
	}
	d := &decided{byPost: map[syntax.ATURI][]analysis.Decision{}}
	err := r.c.each(ctx, selectDecision+`WHERE did = ? ORDER BY at, id`, []any{string(did)}, func(rows *sql.Rows) error {
		one, err := scanDecision(rows)
		d.all = append(d.all, one)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := d.sort(func(claim string) (syntax.ATURI, error) { return r.postOfClaim(ctx, did, claim) }); err != nil {
		return nil, err
	}
	r.decisions[did] = d
	return d, nil
}

// sort finds the post of each decision: it says so itself, or another one on the same claim
// does, or the claim is known; an undo is about the post of what it undoes.
func (d *decided) sort(postOfClaim func(string) (syntax.ATURI, error)) error {
	post := map[string]syntax.ATURI{} // by claim and by decision
	for _, one := range d.all {
		if about := one.About(); about.Post != "" {
			post[one.ID] = about.Post
			if one.OnClaim() {
				post[one.Subject] = about.Post
			}
		}
	}
	for {
		grown := false
		for _, one := range d.all {
			if post[one.ID] != "" {
				continue
			}
			uri := post[one.Subject]
			if uri == "" && one.OnClaim() {
				var err error
				if uri, err = postOfClaim(one.Subject); err != nil {
					return err
				}
			}
			if uri != "" {
				post[one.ID], grown = uri, true
			}
		}
		if !grown {
			break
		}
	}
	for _, one := range d.all {
		d.byPost[post[one.ID]] = append(d.byPost[post[one.ID]], one)
	}
	return nil
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

// postOfClaim is the post of a claim id, former ones too, and "" if it is not known.
func (r *reader) postOfClaim(ctx context.Context, did syntax.DID, claim string) (uri syntax.ATURI, err error) {
	const query = `SELECT p.rkey FROM post p JOIN account a ON a.id = p.account WHERE a.did = ?1 AND p.id IN
		(SELECT post FROM claim WHERE id = ?2 UNION SELECT post FROM former_claim WHERE id = ?2) LIMIT 1`
	err = r.c.each(ctx, query, []any{string(did), claim}, func(rows *sql.Rows) error {
		var rkey any
		err := rows.Scan(&rkey)
		uri = pathOf(atproto.CollectionPost, rkey).URI(did)
		return err
	})
	return uri, err
}

// AddDecision implements [store.Writer].
func (w *writer) AddDecision(ctx context.Context, d analysis.Decision) (added bool, err error) {
	if err := w.begin(ctx); err != nil {
		return false, err
	}
	if d.ID == "" || d.Kind == "" || d.DID == "" {
		return false, fmt.Errorf("add decision %q: id, kind and account are needed", d.ID)
	}
	if err := w.flushPosts(ctx); err != nil {
		return false, w.fail(err)
	}
	var known bool
	if err := w.c.row(ctx, `SELECT EXISTS (SELECT 1 FROM decision WHERE id = ?)`, []any{d.ID}, &known); err != nil || known {
		return false, err
	}
	err = w.exec(ctx, `INSERT INTO decision (id, kind, did, subject, author, at, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		d.ID, string(d.Kind), string(d.DID), d.Subject, d.By, timeText(d.At), string(d.Body))
	if err != nil {
		return false, err
	}
	delete(w.decisions, d.DID)
	all, err := w.decided(ctx, d.DID)
	if err != nil {
		return false, w.fail(err)
	}
	for uri, list := range all.byPost {
		if slices.ContainsFunc(list, func(one analysis.Decision) bool { return one.ID == d.ID }) {
			return true, w.fail(w.derive(ctx, uri))
		}
	}
	return true, nil
}

// derive writes the topics and claims of a post again, after a person's word on it.
func (w *writer) derive(ctx context.Context, uri syntax.ATURI) error {
	p, err := w.analysed(ctx, uri)
	if errors.Is(err, store.ErrNotFound) || err == nil && p.analysis.URI == "" {
		return nil
	}
	if err != nil {
		return err
	}
	corrected, err := w.corrected(ctx, p.analysis, uri, p.cid, p.text)
	if err != nil {
		return err
	}
	w.counted[p.account] = true
	cid, err := atproto.ParseCID(p.cid)
	if err != nil {
		return err
	}
	before, err := w.document(ctx, p.id)
	if err != nil {
		return err
	}
	now := before
	if now.read, err = w.addDerived(ctx, derivedPost{p.id, uri, p.cid, corrected, &oldPost{id: p.id, cid: cid, text: p.text}}); err != nil {
		return err
	}
	now.number = hasNumber(corrected)
	w.index.changeProperties(p.id, before.properties(), now.properties())
	if err := w.rows.writePosts(ctx); err != nil {
		return err
	}
	return w.exec(ctx, `UPDATE post SET has_number = ? WHERE id = ?`, flag(now.number), p.id)
}
