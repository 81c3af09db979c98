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
	driven bool // the index of words yields the posts one by one: look each up, list none
	facts  bool // a condition looks at columns of p
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

// fact is a condition on a column of p.
func (c *compiler) fact(cond string, args ...any) string {
	c.facts = true
	return c.add(cond, args...)
}

// id is the id of the post that is looked at.
func (c *compiler) id() string {
	if c.driven {
		return "post_words.rowid"
	}
	return "p.id"
}

func (c *compiler) cond(ctx context.Context, e search.Expr) (string, error) {
	if m, ok := match(e); ok {
		return c.add(c.id()+" IN (SELECT rowid FROM post_words WHERE post_words MATCH ?)", m), nil
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
		cond, err := c.field(ctx, e)
		return "(" + cond + ")", err
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
		return c.claim(ctx, f.Name, f.Value)
	case "from":
		return c.from(ctx, f.Value)
	case "label":
		return c.accounts(ctx, f, `SELECT id FROM account WHERE label = ?1 COLLATE NOCASE`)
	case "lang":
		if f.Value == "und" {
			return c.fact("p.lang = ''"), nil
		}
		return c.fact("p.lang = ?", f.Value), nil
	case "since", "until":
		t, err := search.Moment(f.Value)
		if err != nil {
			return "", fmt.Errorf("%s: %w", f, err)
		}
		if f.Name == "since" {
			return c.since(ctx, t)
		}
		return c.until(ctx, t)
	case "has":
		return c.has(ctx, f.Value)
	case "source":
		return c.source(ctx, f.Value)
	case "thread":
		return c.thread(ctx, f.Value)
	}
	return nobody, nil
}

// shift is by how much the id of a post is greater than the second of its age: the others of
// that second push it on. An index knows the least and the greatest.
const shift = `id - max(age / 1000000 - 1577836800, 1)`

// bound is the condition on ids that follows from a bound on ages, so that not all posts with
// the words are looked at.
func (c *compiler) bound(ctx context.Context, than, extreme string, t time.Time) (string, error) {
	if c.of != ofPosts {
		return "1", nil
	}
	var most sql.NullInt64
	if err := c.r.c.row(ctx, `SELECT `+extreme+`(`+shift+`) FROM post`, nil, &most); err != nil {
		return "", err
	}
	return c.add(c.id()+" "+than+" ?", max(t.UnixMicro()/1_000_000-epoch, 1)+most.Int64), nil
}

// since is the condition that a post is of a time or newer.
func (c *compiler) since(ctx context.Context, t time.Time) (string, error) {
	bound, err := c.bound(ctx, ">=", "min", t)
	return bound + " AND " + c.fact("p.age >= ?", t.UnixMicro()), err
}

// until is the condition that a post is of a time or older. One without any time is not.
func (c *compiler) until(ctx context.Context, t time.Time) (string, error) {
	bound, err := c.bound(ctx, "<=", "max", t)
	return bound + " AND " + c.fact("p.age <= ? AND p.age > ?", t.UnixMicro(), time.Time{}.UnixMicro()), err
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
	in := "topic IN (" + strings.Join(ids, ", ") + ")"
	if c.of == ofClaims {
		return "(c.post, c.start_byte) IN (SELECT post, start_byte FROM topic_tag WHERE " + in + ")", nil
	}
	return c.among(ctx, "topic_tag", in)
}

// claim is a condition on a column of claims. What is not new is found by its index.
func (c *compiler) claim(ctx context.Context, column, value string) (string, error) {
	if c.of == ofClaims {
		return c.add("c."+column+" = ?", value), nil
	}
	cond := column + " = ?"
	if column == "verdict" || column == "status" && value != string(analysis.New) {
		cond += " AND status <> 'new'"
	}
	return c.among(ctx, "claim", cond, value)
}

// A list of more posts than this is not made: the index of words is better asked about few
// posts one by one, the table of posts about a good many.
const (
	fewForWords = 200
	fewForPosts = 20_000
)

// among is the condition that a post is in the rows of a table that meet a condition: in
// their list if they are few, else looked up for each post.
func (c *compiler) among(ctx context.Context, table, cond string, args ...any) (string, error) {
	list, few := "SELECT post FROM "+table+" WHERE "+cond, fewForPosts
	if c.driven {
		few = fewForWords
	}
	n, err := c.r.countOf(ctx, list, args, few+1)
	if err != nil {
		return "", err
	}
	if n > few {
		return c.add("EXISTS (SELECT 1 FROM "+table+" WHERE post = "+c.id()+" AND "+cond+")", args...), nil
	}
	return c.add(c.id()+" IN ("+list+")", args...), nil
}

func (c *compiler) has(ctx context.Context, value string) (string, error) {
	switch {
	case value == "number" && c.of == ofClaims:
		return "c.has_number", nil
	case value == "source" && c.of == ofClaims:
		return "c.source <> ''", nil
	case value == "source":
		return c.among(ctx, "claim", "source <> ''")
	}
	return c.fact("p.has_" + value), nil // number, link or media
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
			return c.fact("p.account IN (" + strings.Join(ids, ", ") + ")"), nil
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
	list := make([]any, len(found), len(found)+1)
	for i, host := range found {
		list[i] = host
	}
	const named = `source <> '' AND source LIKE ? ESCAPE '\'`
	linked := "SELECT post FROM link WHERE host IN (" + marks(len(list)) + ")"
	like := "%" + likeEscaper.Replace(words.Fold(name).Folded) + "%"
	if c.of == ofClaims {
		return c.add("(c.post IN ("+linked+") OR c."+named+")", append(list, like)...), nil
	}
	return c.add("+"+c.id()+" IN ("+linked+" UNION ALL SELECT post FROM claim WHERE "+named+")", append(list, like)...), nil
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
	return c.id() + " IN (SELECT id FROM post WHERE id IN (" + in + ") UNION ALL SELECT post FROM thread_post" +
		" WHERE thread IN (SELECT thread FROM thread_post WHERE post IN (" + in + ")))", nil
}

// account is the condition that a post is of an account; nothing meets it if the account is
// not in the archive.
func (c *compiler) account(ctx context.Context, did syntax.DID) (string, error) {
	id, err := c.r.accountID(ctx, did)
	if errors.Is(err, store.ErrNotFound) {
		return nobody, nil
	}
	return c.fact("p.account = ?", id), err
}
