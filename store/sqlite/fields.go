package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis/words"
	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/search"
)

// field is the posts that have what a field asks for.
func (e *evaluator) field(ctx context.Context, f search.Field) (cursor, error) {
	if f.Name == "status" && f.Value == search.Edited {
		ids, err := e.ids(ctx, `SELECT post FROM claim WHERE outdated AND status <> 'new'`)
		return &ids, err
	}
	switch f.Name {
	case "topic", "kind", "status", "verdict", "lang", "has":
		return e.r.property(f.Name + ":" + f.Value), nil
	case "layer":
		var parts []cursor
		for _, topic := range search.TopicsOf(f.Value, e.topics) {
			parts = append(parts, e.r.property("topic:"+topic))
		}
		return newEither(parts, true), nil
	case "from":
		// By DID, by handle now or once, by label, or by the first part of its handle.
		return e.accounts(ctx, f,
			`SELECT id FROM account a WHERE did = ?1 OR handle = ?1 COLLATE NOCASE OR label = ?1 COLLATE NOCASE`,
			`SELECT account FROM identity WHERE handle = ?1 COLLATE NOCASE`,
			`SELECT id FROM account WHERE substr(handle, 1, instr(handle, '.') - 1) = ?1 COLLATE NOCASE`)
	case "label":
		return e.accounts(ctx, f, `SELECT id FROM account WHERE label = ?1 COLLATE NOCASE`)
	case "since", "until":
		return e.and(ctx, search.And{f})
	case "source":
		return e.source(ctx, f.Value)
	case "thread":
		return e.thread(ctx, f)
	}
	return new(idList), nil
}

// accounts is the posts of the accounts that the first of the queries with a result finds.
func (e *evaluator) accounts(ctx context.Context, f search.Field, queries ...string) (cursor, error) {
	for _, query := range queries {
		ids, err := e.ids(ctx, query, f.Value)
		if err != nil {
			return nil, err
		}
		var parts []cursor
		for _, id := range ids {
			parts = append(parts, e.r.property(ofAccount(id)))
		}
		if parts != nil {
			return newEither(parts, true), nil
		}
	}
	e.hints = append(e.hints, fmt.Sprintf("the archive has no account for %s", f))
	return new(idList), nil
}

// ids are the ids that a query finds, in their order, each once.
func (e *evaluator) ids(ctx context.Context, query string, args ...any) (ids idList, err error) {
	err = e.r.c.each(ctx, query, args, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// source is the posts that link to a host or one under it, or with a claim that names the
// source.
func (e *evaluator) source(ctx context.Context, name string) (cursor, error) {
	named, err := e.ids(ctx, `SELECT post FROM claim WHERE source <> '' AND source LIKE ? ESCAPE '\'`, sourcePattern(name))
	return newEither([]cursor{e.r.property("host:" + strings.ToLower(name)), &named}, true), err
}

// sourcePattern is what LIKE is asked for to find a name in the sources of claims.
func sourcePattern(name string) string {
	return "%" + likeEscaper.Replace(words.Fold(strings.ToLower(name)).Folded) + "%"
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// thread is the posts in the thread of the post with this URI or record key, with that post.
func (e *evaluator) thread(ctx context.Context, f search.Field) (cursor, error) {
	uri := syntax.ATURI(f.Value)
	author, key := atproto.AuthorOf(uri), atproto.KeyOf(uri)
	if author == "" {
		author, key = "*", f.Value
	}
	const posts = `SELECT p.id FROM account a JOIN post p ON p.account = a.id AND p.rkey = ?2
		WHERE ?1 IN ('*', a.did) OR a.handle = ?1 COLLATE NOCASE
			OR EXISTS (SELECT 1 FROM identity i WHERE i.account = a.id AND i.handle = ?1 COLLATE NOCASE)`
	ids, err := e.ids(ctx, posts, author, rkeyValue(key))
	if err != nil {
		return nil, err
	}
	if ids == nil {
		e.hints = append(e.hints, fmt.Sprintf("the archive has no post for %s", f))
	}
	for _, id := range ids {
		thread, err := e.r.threadOf(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		others, err2 := e.r.partsOf(ctx, thread)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		ids = append(ids, others...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return &ids, nil
}
