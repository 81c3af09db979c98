package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"iter"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// An analysedPost is what is needed of a post to read its passages.
type analysedPost struct {
	id, account int64
	cid, text   string
	labels      []string
	analysis    analysis.PostAnalysis // of the machine; URI "" if the post was never analysed
}

const analysedColumns = `p.id, p.account, p.rkey, p.lang, g.passages, r.bytes,
	substr(r.bytes, p.text_start + 1, p.text_length)`

const joinReading = `LEFT JOIN reading g ON g.post = p.id `

// scanAnalysed reads a row of analysedColumns, and the columns behind them into more.
func (r *reader) scanAnalysed(ctx context.Context, rows *sql.Rows, more ...any) (p analysedPost, err error) {
	if err := r.loadAccounts(ctx); err != nil {
		return p, err
	}
	var rkey any
	var lang string
	var packed sql.NullString
	var record, text sql.RawBytes
	if err := rows.Scan(append([]any{&p.id, &p.account, &rkey, &lang, &packed, &record, &text}, more...)...); err != nil {
		return p, err
	}
	p.cid, p.text = cidOfRecord(record).String(), string(text)
	if bytes.Contains(record, []byte("selfLabels")) { // few have any
		p.labels = atproto.SelfLabels(record)
	}
	if !packed.Valid {
		return p, nil
	}
	uri := pathOf(atproto.CollectionPost, rkey).URI(r.accounts[p.account].DID)
	p.analysis, err = unpack(uri, p.cid, lang, packed.String, p.text, func(n int64) (string, error) { return r.phrase(ctx, n) })
	return p, err
}

// phrase is what the number of a phrase stands for.
func (r *reader) phrase(ctx context.Context, n int64) (string, error) {
	if s, ok := r.phrases[n]; ok {
		return s, nil
	}
	r.phrases = map[int64]string{}
	err := r.c.each(ctx, `SELECT id, name FROM phrase`, nil, func(rows *sql.Rows) error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		r.phrases[id] = name
		return err
	})
	if err != nil {
		return "", err
	}
	s, ok := r.phrases[n]
	if !ok {
		return "", fmt.Errorf("%w: no phrase has the number %d", store.ErrDamaged, n)
	}
	return s, nil
}

// analysed is what the machine read in a post, or ErrNotFound if there is no such post.
func (r *reader) analysed(ctx context.Context, uri syntax.ATURI) (p analysedPost, err error) {
	account, rkey, err := r.locate(ctx, uri)
	if err != nil {
		return p, err
	}
	err = store.ErrNotFound
	query := `SELECT ` + analysedColumns + fromPost + joinReading + `WHERE p.account = ? AND p.rkey = ?`
	if bad := r.c.each(ctx, query, []any{account, rkey}, func(rows *sql.Rows) error {
		p, err = r.scanAnalysed(ctx, rows)
		return err
	}); bad != nil {
		return p, bad
	}
	return p, err
}

// Analysis implements [store.Reader].
func (r *reader) Analysis(ctx context.Context, uri syntax.ATURI) (analysis.PostAnalysis, error) {
	if err := r.begin(ctx); err != nil {
		return analysis.PostAnalysis{}, err
	}
	p, err := r.analysed(ctx, uri)
	if err != nil || p.analysis.URI == "" {
		return analysis.PostAnalysis{URI: uri}, err
	}
	ds, err := r.decidedOn(ctx, uri)
	return analysis.Corrected(p.analysis, p.cid, p.text, ds), err
}

// Claims implements [store.Reader].
func (r *reader) Claims(ctx context.Context, q store.Query) iter.Seq2[store.Claim, error] {
	return sequence(ctx, r, func(yield func(store.Claim) error) error {
		if q.Where != nil {
			return r.claims(ctx, q, yield)
		}
		var worthy []string
		if !q.All {
			worthy = []string{"c.checkworthy"}
		}
		where, args, err := r.where(ctx, q, worthy...)
		if err != nil {
			return err
		}
		order := newestFirst(q, "p.age", "p.id") + ", c.start_byte"
		return r.eachClaim(ctx, where+` ORDER BY `+order+limit(q), args, yield)
	})
}

// eachClaim yields the claims c of posts p that a clause selects.
func (r *reader) eachClaim(ctx context.Context, clause string, args []any, yield func(store.Claim) error) error {
	query := `SELECT ` + analysedColumns + `, c.id, p.age, substr(r.bytes, p.created_start + 1, p.created_length), p.status,
		(SELECT root.rkey FROM thread_post tp JOIN thread t ON t.id = tp.thread JOIN post root ON root.id = t.root WHERE tp.post = p.id)
		FROM claim c JOIN post p ON p.id = c.post LEFT JOIN record r ON r.id = p.record ` + joinReading + clause
	var last readPost // the claims of one post come together as a rule
	return r.c.each(ctx, query, args, func(rows *sql.Rows) error {
		var c store.Claim
		var id, status string
		var age int64
		var created sql.RawBytes
		var root any
		p, err := r.scanAnalysed(ctx, rows, &id, &age, &created, &status, &root)
		if err != nil {
			return err
		}
		dates := atproto.DatesOf(p.analysis.URI, string(created))
		if last.id != p.id {
			if last, err = r.judge(ctx, p); err != nil {
				return err
			}
		}
		passage, ok := last.claims[id]
		if !ok {
			return fmt.Errorf("%w: claim %s is not in the passages of %s", store.ErrDamaged, id, p.analysis.URI)
		}
		c.Passage, c.Post, c.CID, c.Author = passage, p.analysis.URI, p.cid, r.accounts[p.account]
		c.Labels = p.labels
		c.Age, c.Dates, c.Status = microTime(age), dates, store.PostStatus(status)
		if root != nil {
			c.Thread = pathOf(atproto.CollectionPost, root).URI(c.Author.DID)
		}
		judged := last.judged[id]
		c.Review, c.Reviews, c.Outdated = judged.State, judged.Decisions, judged.Outdated
		if c.Review.Status == "" {
			c.Review.Status = analysis.New
		}
		return yield(c)
	})
}

// A readPost is a post's claims, with what people decided about them.
type readPost struct {
	id     int64
	claims map[string]analysis.Passage
	judged map[string]analysis.Judged
}

func (r *reader) judge(ctx context.Context, p analysedPost) (readPost, error) {
	read := readPost{id: p.id, claims: map[string]analysis.Passage{}}
	ds, err := r.decidedOn(ctx, p.analysis.URI)
	if err != nil {
		return read, err
	}
	corrected := analysis.Corrected(p.analysis, p.cid, p.text, ds)
	if len(ds) > 0 {
		former, err := r.former(ctx, p.id)
		if err != nil {
			return read, err
		}
		read.judged, _ = analysis.Judge(corrected, p.cid, ds, former)
	}
	for _, passage := range corrected.Passages {
		if passage.Claim != nil {
			read.claims[passage.Claim.ID] = passage
		}
	}
	return read, nil
}

// Claim implements [store.Reader].
func (r *reader) Claim(ctx context.Context, prefix string) (claim store.Claim, err error) {
	if err := r.begin(ctx); err != nil {
		return claim, err
	}
	id, post, err := r.resolveClaim(ctx, prefix)
	if err != nil {
		return claim, err
	}
	err = store.ErrNotFound
	if bad := r.eachClaim(ctx, `WHERE c.id = ? AND c.post = ?`, []any{id, post}, func(c store.Claim) error {
		claim, err = c, nil
		return nil
	}); bad != nil {
		return claim, bad
	}
	return claim, err
}

// resolveClaim finds the one claim whose id, or one of whose former ids, starts so.
func (r *reader) resolveClaim(ctx context.Context, prefix string) (id string, post int64, err error) {
	if prefix == "" {
		return "", 0, store.ErrNotFound
	}
	const query = `SELECT DISTINCT c.id, c.post, c.id = ?1 OR f.id IS ?1 FROM claim c
		JOIN (SELECT id, id AS now FROM claim WHERE id >= ?1 AND id < ?2
			UNION SELECT id, claim FROM former_claim WHERE id >= ?1 AND id < ?2 AND claim IS NOT NULL) f ON c.id = f.now
		ORDER BY 3 DESC LIMIT 2`
	found, exact := 0, 0
	err = r.c.each(ctx, query, []any{prefix, prefix + "\U0010ffff"}, func(rows *sql.Rows) error {
		var oneID string
		var onePost int64
		var whole bool
		if err := rows.Scan(&oneID, &onePost, &whole); err != nil {
			return err
		}
		if found++; whole {
			exact++
		}
		if found == 1 {
			id, post = oneID, onePost
		}
		return nil
	})
	switch {
	case err != nil:
		return "", 0, err
	case found == 0:
		return "", 0, store.ErrNotFound
	case found > 1 && exact != 1:
		return "", 0, store.ErrAmbiguous
	}
	return id, post, nil
}
