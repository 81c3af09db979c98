package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"maps"
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
	uris := map[syntax.ATURI][]analysis.Decision{"": slices.Concat(slices.Collect(maps.Values(all.lost))...)}
	maps.Copy(uris, all.byPost)
	for uri, ds := range uris {
		ds = slices.DeleteFunc(slices.Clone(ds), func(d analysis.Decision) bool { return d.Forgotten() != "" })
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

// AddDecision implements [store.Writer]. The post's claims are brought up to date with the
// next reading, so that many decisions on one post are worked off together.
func (w *writer) AddDecision(ctx context.Context, d analysis.Decision) (added bool, err error) {
	if err := w.begin(ctx); err != nil {
		return false, err
	}
	if d.ID == "" || d.Kind == "" || d.DID == "" {
		return false, fmt.Errorf("add decision %q: id, kind and account are needed", d.ID)
	}
	var known bool
	if err := w.c.row(ctx, `SELECT EXISTS (SELECT 1 FROM decision WHERE id = ?)`, []any{d.ID}, &known); err != nil || known {
		return false, err
	}
	all, err := w.decided(ctx, d.DID)
	if err != nil {
		return false, w.fail(err)
	}
	uri := all.add(d)
	if uri == "" && d.OnClaim() { // the claim may be of a post that is held back
		if err := w.flushPosts(ctx); err != nil {
			return false, w.fail(err)
		}
		if uri, err = w.postOfClaim(ctx, d.DID, d.Subject); err != nil {
			return false, w.fail(err)
		}
		if uri != "" {
			all.found(d.Subject, uri)
		}
	}
	if d, err = w.withoutForgotten(ctx, d, uri); err != nil {
		return false, w.fail(err)
	}
	err = w.exec(ctx, `INSERT INTO decision (id, kind, did, subject, author, at, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		d.ID, string(d.Kind), string(d.DID), d.Subject, d.By, timeText(d.At), string(d.Body))
	if err != nil {
		return false, err
	}
	if uri != "" {
		w.decidedNow[uri] = true
	}
	return true, nil
}

// deriveDecided brings the claims of the posts up to date that were decided about.
func (w *writer) deriveDecided(ctx context.Context) error {
	uris := slices.Sorted(maps.Keys(w.decidedNow))
	clear(w.decidedNow)
	for _, uri := range uris {
		if err := w.derive(ctx, uri); err != nil {
			return err
		}
	}
	return nil
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
	err = w.index.do(func(g *gathered) { g.changeProperties(p.id, before.properties(), now.properties()) })
	if err != nil {
		return err
	}
	if err := w.rows.writePosts(ctx); err != nil {
		return err
	}
	return w.exec(ctx, `UPDATE post SET has_number = ? WHERE id = ?`, flag(now.number), p.id)
}
