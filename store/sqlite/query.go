package sqlite

import (
	"context"
	"errors"
	"strings"

	"skyarchive/store"
)

// target is what a query selects.
type target int

const (
	ofPosts   target = iota // post p
	ofThreads               // thread t, of which some post p is selected
	ofClaims                // claim c of post p
)

// where is the WHERE clause of a query: what its words and fields select, then its other
// properties. The post is p; a claim is c.
func (r *reader) where(ctx context.Context, q store.Query, of target) (string, []any, error) {
	var conds []string
	var args []any
	add := func(cond string, values ...any) {
		conds = append(conds, cond)
		args = append(args, values...)
	}
	if q.Where != nil {
		cond, values, err := r.compile(ctx, q.Where, of)
		if err != nil {
			return "", nil, err
		}
		add("("+cond+")", values...)
	}
	if q.DID != "" {
		id, err := r.accountID(ctx, q.DID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", nil, err
		}
		add("p.account = ?", id) // 0 is nobody's
	}
	if q.Thread != "" {
		id, err := r.postID(ctx, q.Thread)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", nil, err
		}
		add("p.id IN (SELECT tp.post FROM thread_post tp JOIN thread t ON t.id = tp.thread WHERE t.root = ?)", id)
	}
	if q.Live {
		add("p.status = 'live'")
	}
	if of == ofClaims && !q.All {
		add("c.checkworthy")
	}
	if conds == nil {
		return "", nil, nil
	}
	return "WHERE " + strings.Join(conds, " AND "), args, nil
}
