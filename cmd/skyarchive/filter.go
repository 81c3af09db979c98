package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"skyarchive/store"
	"skyarchive/store/search"
)

// A filter is the flags that mirror the fields of the query language, and the words of
// the command line.
type filter struct {
	fields map[string]*[]string
	oldest bool
	limit  int
	live   bool
}

// filterFields are the fields with their help, in the order of the help page.
var filterFields = []struct{ name, short, help string }{
	{"from", "a", "only of this `account`: handle, DID or label"},
	{"topic", "t", "only about this `topic`: slug or label (skyarchive topics lists them)"},
	{"layer", "", "only topics of this `layer`: direct, indirect or systemic"},
	{"kind", "", "only claims of this `kind`: statistic, forecast, causal, comparison, generalisation, event, legal, other"},
	{"lang", "", "only posts in this `language`: fr, en, ..."},
	{"since", "", "only posts from this `date` on: 2025, 2025-03, 2025-03-31"},
	{"until", "", "only posts up to this `date`, the whole day included"},
	{"has", "", "only posts with a `thing`: number, link, media or source"},
	{"source", "", "only claims that name or link this `source`: part of a name, or a host"},
	{"status", "", "only claims of this `status`: new, reviewed, dismissed, or edited since they were judged"},
	{"verdict", "", "only claims with this `verdict`: supported, refuted, mixed, misleading, outdated, unverifiable"},
	{"thread", "", "only posts of this `thread`: web address, at:// URI or id"},
}

// register adds the flags to a command, but for the fields whose name means something else
// there.
func (f *filter) register(cmd *cobra.Command, limit int, except ...string) {
	f.fields = map[string]*[]string{}
	flags := cmd.Flags()
	flags.SortFlags = false
	for _, field := range filterFields {
		if slices.Contains(except, field.name) {
			f.fields[field.name] = new([]string)
			continue
		}
		f.fields[field.name] = flags.StringArrayP(field.name, field.short, nil, field.help)
	}
	flags.BoolVar(&f.live, "live", false, "leave out deleted posts")
	flags.BoolVar(&f.oldest, "oldest", false, "oldest first")
	flags.IntVarP(&f.limit, "limit", "n", limit, "at most this many; 0 for all")
}

// query is what the words and flags select. Values of one flag are alternatives, different
// flags must all hold.
func (f *filter) query(a *app, words []string) (store.Query, []search.Hint, error) {
	if f.limit < 0 {
		return store.Query{}, nil, usagef("--limit %d: a number from 0 on", f.limit)
	}
	loc, err := a.location()
	if err != nil {
		return store.Query{}, nil, err
	}
	opts := search.Options{Location: loc, Now: a.now(), Topics: a.taxonomy()}
	typed := strings.Join(words, " ")
	expr, hints := search.Parse(typed, opts)
	if expr == nil && strings.TrimSpace(typed) != "" {
		expr = search.Word{Text: typed} // there is no word in it: nothing has it, not everything
	}
	var all search.And
	if expr != nil {
		all = append(all, expr)
	}
	for _, field := range filterFields {
		var any search.Or
		for _, value := range *f.fields[field.name] {
			e, err := search.NewField(field.name, value, opts)
			if err != nil {
				return store.Query{}, nil, usagef("--%s: %w", field.name, err)
			}
			any = append(any, e)
			if field.name == "from" {
				a.from = append(a.from, e)
			}
		}
		switch len(any) {
		case 0:
		case 1:
			all = append(all, any[0])
		default:
			all = append(all, any)
		}
	}
	q := store.Query{Oldest: f.oldest, Limit: f.limit, Live: f.live, Topics: a.ownTopics}
	switch len(all) {
	case 0:
	case 1:
		q.Where = all[0]
	default:
		q.Where = all
	}
	return q, hints, nil
}

// hintsOf says what of a query that selected nothing the archive does not know.
func (a *app) hintsOf(ctx context.Context, r store.Reader, q store.Query) error {
	hits, err := r.Search(ctx, store.Query{Where: q.Where, Limit: 1})
	for _, hint := range hits.Hints {
		a.say("note: %s", hint)
	}
	return err
}

// noneOf is hintsOf, and an error where the words are the name of something.
func (a *app) noneOf(ctx context.Context, r store.Reader, q store.Query, from wanted) error {
	if err := a.hintsOf(ctx, r, q); err != nil {
		return err
	}
	found, err := from.misread(ctx, a, r)
	if err == nil && found != nil {
		err = *found
	}
	return err
}

// hints says what of a query was understood in another way than it may have been meant.
func (a *app) hints(hints []search.Hint) {
	for _, h := range hints {
		a.say("note: %s", h.Text)
	}
}
