package sqlite

import (
	"context"
	"slices"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/store/search"
)

// A claimRow is what decides whether a claim is selected.
type claimRow struct {
	claimKey
	kind, status, verdict string
	number, outdated      bool
	source                string
	topics                []string
	holds                 []bool // of the cursors over posts: whether they are at its post
}

// A claimTest says whether claims are selected, and by which posts at most: among is nil for
// all of them.
type claimTest struct {
	of    func(*claimRow) bool
	among cursor
	own   bool // it looks at the claim, not only at its post
}

// A claimTester makes tests of expressions. Topic, kind, status, verdict, source and has are
// the claim's own; words are looked for in the whole post, because a claim is read in it.
type claimTester struct {
	*evaluator
	posts []cursor // which posts tests ask for
}

func (t *claimTester) test(ctx context.Context, expr search.Expr) (claimTest, error) {
	if expr == nil {
		return claimTest{of: func(*claimRow) bool { return true }}, nil
	}
	if !looksAtClaims(expr) {
		c, err := t.eval(ctx, expr)
		at := len(t.posts)
		t.posts = append(t.posts, c)
		return claimTest{of: func(r *claimRow) bool { return r.holds[at] }, among: c}, err
	}
	switch expr := expr.(type) {
	case search.And:
		return t.all(ctx, expr)
	case search.Or:
		return t.any(ctx, expr)
	case search.Not:
		one, err := t.test(ctx, expr.Expr)
		return claimTest{of: func(r *claimRow) bool { return !one.of(r) }, among: t.others(expr.Expr), own: one.own}, err
	}
	f := expr.(search.Field)
	c, err := t.field(ctx, f)
	return claimTest{of: ownField(f, t.topics), among: c, own: true}, err
}

// split takes those parts of an expression together that look at the post alone.
func split(parts []search.Expr, join func(...search.Expr) search.Expr) []search.Expr {
	var list, ofPost []search.Expr
	for _, part := range parts {
		if looksAtClaims(part) {
			list = append(list, part)
		} else {
			ofPost = append(ofPost, part)
		}
	}
	if ofPost == nil {
		return list
	}
	return append(list, join(ofPost...))
}

// all is the test whether all parts hold.
func (t *claimTester) all(ctx context.Context, parts []search.Expr) (claimTest, error) {
	var tests []claimTest
	var among []cursor
	all := claimTest{of: func(r *claimRow) bool {
		return !slices.ContainsFunc(tests, func(one claimTest) bool { return !one.of(r) })
	}}
	for _, part := range split(parts, search.All) {
		one, err := t.test(ctx, part)
		if err != nil {
			return all, err
		}
		tests, all.own = append(tests, one), all.own || one.own
		if one.among != nil {
			among = append(among, one.among)
		}
	}
	if among != nil {
		all.among = newBoth(among, nil)
	}
	return all, nil
}

// any is the test whether some part holds.
func (t *claimTester) any(ctx context.Context, parts []search.Expr) (claimTest, error) {
	var tests []claimTest
	var among []cursor
	any := claimTest{of: func(r *claimRow) bool {
		return slices.ContainsFunc(tests, func(one claimTest) bool { return one.of(r) })
	}}
	everywhere := false
	for _, part := range split(parts, search.Any) {
		one, err := t.test(ctx, part)
		if err != nil {
			return any, err
		}
		tests, any.own = append(tests, one), any.own || one.own
		among, everywhere = append(among, one.among), everywhere || one.among == nil
	}
	if !everywhere {
		any.among = newEither(among, true)
	}
	return any, nil
}

// others is the posts in which a claim may stand that an expression does not select: nil for
// all of them. Where nearly all claims have something, the index knows those that have not.
func (t *claimTester) others(expr search.Expr) cursor {
	f, _ := expr.(search.Field)
	if f.Name == "has" {
		return t.r.property(without + f.Value)
	}
	var parts []cursor
	for _, other := range f.Others() {
		parts = append(parts, t.r.property(other.Name+":"+other.Value))
	}
	if parts == nil {
		return nil
	}
	return newEither(parts, true)
}

// looksAtClaims says whether there is a field in an expression that is the claim's own.
func looksAtClaims(e search.Expr) bool {
	switch e := e.(type) {
	case search.And:
		return slices.ContainsFunc(e, looksAtClaims)
	case search.Or:
		return slices.ContainsFunc(e, looksAtClaims)
	case search.Not:
		return looksAtClaims(e.Expr)
	case search.Field:
		return ownField(e, nil) != nil
	}
	return false
}

// ownField is the test of a field that is the claim's own, nil for any other.
func ownField(f search.Field, tax *topic.Taxonomy) func(*claimRow) bool {
	switch f.Name {
	case "topic":
		return func(r *claimRow) bool { return slices.Contains(r.topics, f.Value) }
	case "layer":
		topics := search.TopicsOf(f.Value, tax)
		return func(r *claimRow) bool {
			return slices.ContainsFunc(r.topics, func(t string) bool { return slices.Contains(topics, t) })
		}
	case "kind":
		return func(r *claimRow) bool { return r.kind == f.Value }
	case "status":
		if f.Value == search.Edited {
			return func(r *claimRow) bool { return r.outdated && r.status != string(analysis.New) }
		}
		return func(r *claimRow) bool { return r.status == f.Value }
	case "verdict":
		return func(r *claimRow) bool { return r.verdict == f.Value }
	case "has":
		switch f.Value {
		case "number":
			return func(r *claimRow) bool { return r.number }
		case "source":
			return func(r *claimRow) bool { return r.source != "" }
		}
	}
	return nil
}
