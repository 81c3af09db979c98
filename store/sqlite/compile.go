package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/analysis/words"
	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/search"
)

// A compiler makes SQL of an expression: conditions on post p, and on its claim c if claims
// are selected. Words are looked for in the whole post then too, because a claim is read in
// its post; topic, kind, status, verdict and has are the claim's own. For posts and threads
// each field may be met by another claim of the post; for a thread one post must meet all.
type compiler struct {
	r      *reader
	of     target
	driven bool // something else yields the posts one by one: look each up, list none
	args   []any
	hints  []string
}

// compile makes SQL of an expression.
func (r *reader) compile(ctx context.Context, e search.Expr, of target) (string, []any, error) {
	c := compiler{r: r, of: of}
	cond, err := c.cond(ctx, e)
	return cond, c.args, err
}

// nobody is the condition that nothing meets.
const nobody = "0"

func (c *compiler) add(cond string, args ...any) string {
	c.args = append(c.args, args...)
	return cond
}

func (c *compiler) cond(ctx context.Context, e search.Expr) (string, error) {
	if m, ok := match(e); ok {
		return c.add("p.id IN (SELECT rowid FROM post_words WHERE post_words MATCH ?)", m), nil
	}
	switch e := e.(type) {
	case nil:
		return "1", nil
	case search.And:
		words, rest := splitWords(e)
		if words != nil {
			rest = append(search.And{words}, rest...)
		}
		return c.conds(ctx, rest, " AND ")
	case search.Or:
		return c.conds(ctx, e, " OR ")
	case search.Not:
		cond, err := c.cond(ctx, e.Expr)
		return "NOT " + cond, err
	case search.Field:
		return c.field(ctx, e)
	}
	return nobody, nil
}

func (c *compiler) conds(ctx context.Context, list []search.Expr, between string) (string, error) {
	var conds []string
	for _, e := range list {
		cond, err := c.cond(ctx, e)
		if err != nil {
			return "", err
		}
		conds = append(conds, cond)
	}
	return "(" + strings.Join(conds, between) + ")", nil
}

// splitWords takes what FTS5 can answer by itself out of a list of conditions that must all
// hold.
func splitWords(list search.And) (words search.Expr, rest search.And) {
	var yes, no search.And
	for _, e := range list {
		if not, ok := e.(search.Not); ok {
			if _, ok := match(not.Expr); ok {
				no = append(no, e)
				continue
			}
		}
		if _, ok := match(e); ok {
			yes = append(yes, e)
			continue
		}
		rest = append(rest, e)
	}
	if yes == nil {
		return nil, list
	}
	return search.All(append(yes, no...)...), rest
}

func (c *compiler) field(ctx context.Context, f search.Field) (string, error) {
	switch f.Name {
	case "topic":
		return c.topics(ctx, []string{f.Value})
	case "layer":
		return c.topics(ctx, search.TopicsOf(f.Value, nil))
	case "kind", "status", "verdict":
		return c.claim(f.Name, f.Value), nil
	case "from":
		return c.from(ctx, f.Value)
	case "label":
		return c.accounts(ctx, f, `SELECT id FROM account WHERE label = ?1 COLLATE NOCASE`)
	case "lang":
		if f.Value == "und" {
			return "p.lang = ''", nil
		}
		return c.add("p.lang = ?", f.Value), nil
	case "since", "until":
		t, err := search.Moment(f.Value)
		if err != nil {
			return "", fmt.Errorf("%s: %w", f, err)
		}
		if f.Name == "since" {
			return c.add("p.age >= ?", t.UnixMicro()), nil
		}
		// A post without any time is not from before.
		return c.add("(p.age <= ? AND p.age > ?)", t.UnixMicro(), time.Time{}.UnixMicro()), nil
	case "has":
		return c.has(f.Value), nil
	case "source":
		return c.source(ctx, f.Value)
	case "thread":
		return c.thread(ctx, f.Value)
	}
	return nobody, nil
}

func (c *compiler) topics(ctx context.Context, slugs []string) (string, error) {
	var ids []string
	err := c.r.c.each(ctx, `SELECT id, name FROM topic`, nil, func(rows *sql.Rows) error {
		var id, name string
		err := rows.Scan(&id, &name)
		if slices.Contains(slugs, name) {
			ids = append(ids, id)
		}
		return err
	})
	if err != nil || ids == nil {
		return nobody, err
	}
	in := "IN (" + strings.Join(ids, ", ") + ")"
	switch {
	case c.of == ofClaims:
		return "(c.post, c.start_byte) IN (SELECT post, start_byte FROM topic_tag WHERE topic " + in + ")", nil
	case c.driven:
		return "EXISTS (SELECT 1 FROM topic_tag g WHERE g.post = p.id AND g.topic " + in + ")", nil
	}
	return "p.id IN (SELECT post FROM topic_tag WHERE topic " + in + ")", nil
}

// claim is a condition on a column of claims. What is not new is found by its index.
func (c *compiler) claim(column, value string) string {
	if c.of == ofClaims {
		return c.add("c."+column+" = ?", value)
	}
	cond := "k." + column + " = ?"
	if column == "verdict" || column == "status" && value != string(analysis.New) {
		cond += " AND k.status <> 'new'"
	}
	if c.driven {
		return c.add("EXISTS (SELECT 1 FROM claim k WHERE k.post = p.id AND "+cond+")", value)
	}
	return c.add("p.id IN (SELECT k.post FROM claim k WHERE "+cond+")", value)
}

func (c *compiler) has(value string) string {
	switch {
	case value == "number" && c.of == ofClaims:
		return "c.has_number"
	case value == "source" && c.of == ofClaims:
		return "c.source <> ''"
	case value == "source":
		return "EXISTS (SELECT 1 FROM claim k WHERE k.post = p.id AND k.source <> '')"
	}
	return "p.has_" + value // number, link or media
}

// from is a condition on the account: by DID, by handle now or once, by label, or by the
// first part of its handle.
func (c *compiler) from(ctx context.Context, name string) (string, error) {
	f := search.Field{Name: "from", Value: name}
	return c.accounts(ctx, f,
		`SELECT id FROM account a WHERE did = ?1 OR handle = ?1 COLLATE NOCASE OR label = ?1 COLLATE NOCASE`,
		`SELECT account FROM identity WHERE handle = ?1 COLLATE NOCASE`,
		`SELECT id FROM account WHERE substr(handle, 1, instr(handle, '.') - 1) = ?1 COLLATE NOCASE`)
}

// accounts is the condition that the first of the queries with a result makes.
func (c *compiler) accounts(ctx context.Context, f search.Field, queries ...string) (string, error) {
	for _, query := range queries {
		var ids []string
		err := c.r.c.each(ctx, query, []any{f.Value}, func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil {
			return "", err
		}
		if ids != nil {
			return "p.account IN (" + strings.Join(ids, ", ") + ")", nil
		}
	}
	c.hints = append(c.hints, fmt.Sprintf("the archive has no account for %s", f))
	return nobody, nil
}

// hosts reads every host that posts link to, skipping from one to the next.
const hosts = `WITH RECURSIVE next (host) AS (SELECT min(host) FROM link
	UNION ALL SELECT (SELECT min(host) FROM link WHERE host > next.host) FROM next WHERE host IS NOT NULL)
	SELECT host FROM next WHERE host IS NOT NULL`

// source is the condition that a post links to a host or one under it, or that a claim
// names the source.
func (c *compiler) source(ctx context.Context, name string) (string, error) {
	name = strings.ToLower(name)
	var found []string
	err := c.r.c.each(ctx, hosts, nil, func(rows *sql.Rows) error {
		var host string
		err := rows.Scan(&host)
		if strings.Contains("."+host+".", "."+name+".") {
			found = append(found, host)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	named := c.add("k.source LIKE ? ESCAPE '\\'", "%"+likeEscaper.Replace(words.Fold(name).Folded)+"%")
	list := make([]any, len(found))
	for i, host := range found {
		list[i] = host
	}
	linked := c.add("SELECT post FROM link WHERE host IN ("+marks(len(list))+")", list...)
	if c.of == ofClaims {
		return "(" + strings.Replace(named, "k.", "c.", 1) + " OR c.post IN (" + linked + "))", nil
	}
	return "(EXISTS (SELECT 1 FROM claim k WHERE k.post = p.id AND " + named + ") OR p.id IN (" + linked + "))", nil
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// thread is the condition that a post is in the thread of the post with this URI or record
// key, or is that post.
func (c *compiler) thread(ctx context.Context, value string) (string, error) {
	uri := syntax.ATURI(value)
	author, key := atproto.AuthorOf(uri), atproto.KeyOf(uri)
	if author == "" {
		author, key = "*", value
	}
	const post = `SELECT p.id FROM account a JOIN post p ON p.account = a.id AND p.rkey = ?2
		WHERE ?1 IN ('*', a.did) OR a.handle = ?1 COLLATE NOCASE
			OR EXISTS (SELECT 1 FROM identity i WHERE i.account = a.id AND i.handle = ?1 COLLATE NOCASE)`
	var ids []string
	err := c.r.c.each(ctx, post, []any{author, rkeyValue(key)}, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return "", err
	}
	if ids == nil {
		c.hints = append(c.hints, fmt.Sprintf("the archive has no post for %s", search.Field{Name: "thread", Value: value}))
		return nobody, nil
	}
	in := strings.Join(ids, ", ")
	return "(p.id IN (" + in + ") OR p.id IN (SELECT post FROM thread_post WHERE thread IN (SELECT thread FROM thread_post WHERE post IN (" + in + "))))", nil
}

// account is the condition that a post is of an account; nothing meets it if the account is
// not in the archive.
func (c *compiler) account(ctx context.Context, did syntax.DID) (string, error) {
	id, err := c.r.accountID(ctx, did)
	if errors.Is(err, store.ErrNotFound) {
		return nobody, nil
	}
	return c.add("p.account = ?", id), err
}
