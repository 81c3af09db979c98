package sqlite

import (
	"context"
	"errors"
	"strings"

	"skyarchive/store"
)

// where is the WHERE clause of a query without an expression. The post is p.
func (r *reader) where(ctx context.Context, q store.Query, more ...string) (string, []any, error) {
	var args []any
	conds := more
	if q.DID != "" {
		id, err := r.accountID(ctx, q.DID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", nil, err
		}
		conds, args = append(conds, "p.account = ?"), append(args, id) // 0 is nobody's
	}
	if q.Thread != "" {
		ids, err := r.inThread(ctx, q.Thread)
		if err != nil {
			return "", nil, err
		}
		conds, args = append(conds, "p.id "+among), append(args, jsonIDs(ids))
	}
	if q.Live {
		conds = append(conds, "p.status = 'live'")
	}
	if conds == nil {
		return "", nil, nil
	}
	return "WHERE " + strings.Join(conds, " AND "), args, nil
}
