package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// Paging shows every post once, in the order of one page with all, while other posts come
// in between the pages.
func testPages(t *testing.T, s store.Store) {
	const n = 23
	put := func(minute int, text string) {
		update(t, s, func(ctx context.Context, w store.Writer) error {
			r := newRecord(t, uri(alice, minute), text, nil)
			return r.put(ctx, t, w, analysis.PostAnalysis{URI: r.uri, Lang: "fr"})
		})
	}
	for i := range n {
		put(i, fmt.Sprintf("Le lac numéro %d%s", i, strings.Repeat(" lac", i%4)))
	}
	newcomer := 1000
	for name, q := range map[string]store.Query{
		"newest": {}, "oldest": {Oldest: true}, "best": {Best: true}, "newest without words": {Live: true},
	} {
		if !q.Live {
			q.Where = parse("lac")
		}
		var want store.Hits
		view(t, s, func(ctx context.Context, r store.Reader) (err error) {
			want, err = r.Search(ctx, q)
			return err
		})
		known := hitURIs(want)
		var got []syntax.ATURI
		for q.Limit = 4; ; {
			var page store.Hits
			view(t, s, func(ctx context.Context, r store.Reader) (err error) {
				page, err = r.Search(ctx, q)
				return err
			})
			if len(page.Posts) > q.Limit {
				t.Fatalf("%s: a page of %d", name, len(page.Posts))
			}
			for _, uri := range hitURIs(page) {
				if slices.Contains(known, uri) {
					got = append(got, uri)
				}
			}
			if q.Cursor = page.Cursor; q.Cursor == "" {
				break
			}
			put(newcomer, "Une ville et un lac")
			newcomer++
		}
		same(t, name, got, known)
	}
}

// Queries as large as the language allows are answered, by every way of asking.
func testLargeQueries(t *testing.T, s store.Store) {
	putSamples(t, s)
	numbered := func(n int, format, between string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(list, between)
	}
	nested := "eau"
	for i := range 40 {
		nested = fmt.Sprintf("(-(lac%d OR topic:water) OR (%s has:number))", i, nested)
	}
	for name, text := range map[string]string{
		"all":     numbered(300, "mot%d", " "),
		"any":     numbered(300, "mot%d", " OR "),
		"none":    numbered(300, "-mot%d", " "),
		"fields":  numbered(300, "topic:water", " OR "),
		"glued":   numbered(300, "mot%d", "-"),
		"phrase":  `"` + numbered(300, "mot%d", " ") + `"`,
		"prefix":  strings.Repeat("eau", 1000) + "*",
		"mixed":   numbered(100, "(mot%d OR -topic:water)", " "),
		"nested":  nested,
		"opening": strings.Repeat("(", 500) + "eau" + strings.Repeat(")", 500),
		"sources": numbered(100, "source:host%d.test", " OR "),
	} {
		view(t, s, func(ctx context.Context, r store.Reader) error {
			for _, best := range []bool{true, false} {
				if _, err := r.Search(ctx, store.Query{Where: parse(text), Best: best}); err != nil {
					t.Errorf("%s: search: %v", name, err)
				}
			}
			if _, err := r.Count(ctx, store.Query{Where: parse(text)}, 0); err != nil {
				t.Errorf("%s: count: %v", name, err)
			}
			return nil
		})
	}
}

// A search by time finds the same posts as looking at each: crowds in one second, posts
// from before the network was there, without any time, and whose time was changed.
func testTimes(t *testing.T, s store.Store) {
	put := func(key, created string) {
		update(t, s, func(ctx context.Context, w store.Writer) error {
			uri := atproto.Path(atproto.CollectionPost + "/" + key).URI(alice)
			r := newRecord(t, uri, "Le lac "+key, map[string]any{"createdAt": created})
			return r.put(ctx, t, w, analysis.PostAnalysis{URI: uri, Lang: "fr"})
		})
	}
	for i := range 40 {
		put(key(i/10), "")
		put(atproto.TID(uint64(at(1).Add(time.Duration(i)*time.Millisecond).UnixMicro())<<10), "")
	}
	for i, created := range []string{"2026-03-01T12:00:30Z", "2026-03-01T12:01:00Z", "1969-01-01T00:00:00Z", "2015-06-01T00:00:00Z", "never", "9999-01-01T00:00:00Z"} {
		put(fmt.Sprintf("own-key-%d", i), created)
	}
	put("own-key-0", "2026-03-01T12:02:30Z")
	put("own-key-1", "2015-01-01T00:00:00Z")
	put("own-key-4", "2026-03-01T11:59:00Z")
	put("own-key-5", "2026-03-01T12:01:00Z")
	view(t, s, func(ctx context.Context, r store.Reader) error {
		all := collect(t, r.Posts(ctx, store.Query{}))
		for _, moment := range []time.Time{at(-1), at(0), at(1), at(1).Add(17 * time.Millisecond), at(2), at(3), at(9), time.Date(2015, 2, 1, 0, 0, 0, 0, time.UTC)} {
			since, until := "since:"+moment.Format(time.RFC3339Nano), "until:"+moment.Format(time.RFC3339Nano)
			newer, older := 0, 0
			for _, p := range all {
				if !p.Age().Before(moment) {
					newer++
				}
				if age := p.Age(); !age.IsZero() && !age.After(moment) {
					older++
				}
			}
			for query, want := range map[string]int{since: newer, until: older, "lac " + since: newer, "lac " + until: older} {
				hits, err := r.Search(ctx, store.Query{Where: parse(query)})
				if err != nil || hits.Total != want {
					t.Errorf("%s: %d posts and %v, want %d of %d", query, hits.Total, err, want, len(all))
				}
			}
		}
		return nil
	})
}
