package sqlite_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"skyarchive/analysis"
	"skyarchive/store"
	"skyarchive/store/search"
	"skyarchive/store/sqlite"
)

// The archive that BenchmarkSearch asks. A million posts of 40 accounts take some minutes
// to write, so they can be kept:
//
//	go test ./store/sqlite -run '^$' -bench Search$ -benchtime 1x -search.posts 1000000 -search.archive million.db
var (
	searchPosts    = flag.Int("search.posts", 100_000, "posts in the archive that BenchmarkSearch asks")
	searchArchive  = flag.String("search.archive", "", "keep the archive of BenchmarkSearch in this file, and take it from there the next time")
	searchSlowest  = flag.Int("search.slowest", 12, "how many of the slowest queries BenchmarkSearch shows")
	searchKind     = flag.String("search.kind", "", "the only kind of queries that BenchmarkSearch asks")
	searchAccounts = 40
)

// largeArchive opens the archive, and writes it first if it is not there.
func largeArchive(b *testing.B) *sqlite.DB {
	b.Helper()
	path := cmp.Or(*searchArchive, filepath.Join(b.TempDir(), "archive.db"))
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return open(b, path)
	}
	part := path + ".part"
	db, err := sqlite.Open(b.Context(), part)
	if err != nil {
		b.Fatal(err)
	}
	for account := range searchAccounts {
		c := newAccount(b, account, *searchPosts/searchAccounts)
		if err := errors.Join(c.putAll(b.Context(), db, map[string]time.Duration{}), c.review(b.Context(), db)); err != nil {
			b.Fatal(err)
		}
	}
	if err := errors.Join(db.Close(), os.Rename(part, path)); err != nil {
		b.Fatal(err)
	}
	return open(b, path)
}

// review judges a few claims.
func (c *corpus) review(ctx context.Context, db *sqlite.DB) error {
	verdicts := []analysis.Verdict{analysis.Refuted, analysis.Supported, analysis.Misleading}
	return db.Update(ctx, func(w store.Writer) error {
		for i := 0; i < len(c.posts) && i < 500; i += 10 {
			p, passage := c.posts[i], c.read[i].Passages[0]
			review := analysis.Review{Status: analysis.Reviewed, Verdict: verdicts[i/10%3], Post: p.URI, CID: p.CID, Span: passage.Span, Text: passage.Text}
			d, err := analysis.NewDecision(analysis.DecidedReview, c.did, passage.Claim.ID, "ana", time.Date(2026, 1, 2, 3, 4, i, 0, time.UTC), review)
			if err != nil {
				return err
			}
			if _, err := w.AddDecision(ctx, d); err != nil {
				return err
			}
		}
		return nil
	})
}

type benchQuery struct{ kind, text string }

// benchQueries are what people may ask of the corpus: words of every frequency, alone,
// together, as phrases and beginnings, with and without fields.
func benchQueries(tb testing.TB) (list []benchQuery) {
	c := newAccount(tb, 0, 300)
	word := func(i int) string { return c.vocabulary[i%len(c.vocabulary)] }
	add := func(kind string, texts ...string) {
		for _, text := range texts {
			if *searchKind == "" || *searchKind == kind {
				list = append(list, benchQuery{kind, text})
			}
		}
	}
	for i, n := range []int{0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000} {
		a, b, d := word(n), word(n+7+3*i), word(2*n+11)
		text := strings.Fields(c.posts[n%97*3+i].Text)
		begin := []rune(word(n/2 + 8000))
		if n <= 50 {
			add("common word", a)
		} else {
			add("rare word", a)
		}
		add("several words", a+" "+b, a+" "+b+" "+d)
		add("glued words", a+"-"+b)
		add("OR", a+" OR "+b, a+" OR "+b+" OR "+d)
		add("phrase", `"`+text[1]+" "+text[2]+`"`, `"`+text[2]+" "+text[3]+" "+text[4]+`" `+text[6])
		add("prefix", string(begin[:min(4, len(begin))])+"*", string(begin[:min(3, len(begin))])+"* "+d)
		add("word and field", a+" topic:water", a+" has:number", a+" lang:en", d+" kind:statistic", a+" source:news7.test",
			a+" from:"+string(c.did), b+" status:reviewed", a+" topic:water has:link")
		add("word and dates", a+" since:2024-09-09", b+" until:2023-09", b+" since:2023-12 until:2023-12")
		add("word and negative", a+" -"+b, "("+a+" OR "+d+") -topic:metals", d+" -has:number")
	}
	add("fields", "topic:water", "topic:metals topic:jobs", "topic:licornes", "has:number", "has:link", "has:media", "kind:statistic", "kind:legal",
		"layer:direct", "status:reviewed", "status:new", "verdict:refuted", "source:news7.test", "lang:en", "lang:fr", "from:nobody.test", "has:source",
		"from:"+string(c.did), "source:"+word(3), "topic:water OR has:media")
	add("dates", "since:2024-09-09", "until:2023-09", "since:2023-12 until:2023-12", "topic:water since:2024", "topic:water until:2023-12")
	add("negative only", "-"+word(0), "-"+word(500), "-has:number", "-topic:water -topic:metals", "-("+word(3)+" "+word(4)+")", `-"`+word(0)+" "+word(1)+`"`)
	return list
}

// A timing is how long a query took, and how much of the processors.
type timing struct {
	benchQuery
	wall, cpu time.Duration
	found     int
}

// BenchmarkSearch asks the queries, each for the best and for the newest twenty posts, for
// the first claims and the first threads, and reports how long the middle one and the
// slowest of a hundred take.
func BenchmarkSearch(b *testing.B) {
	db := largeArchive(b)
	queries := benchQueries(b)
	ways := []struct {
		name string
		ask  func(r store.Reader, e search.Expr) (int, error)
	}{
		{"best", func(r store.Reader, e search.Expr) (int, error) {
			hits, err := r.Search(b.Context(), store.Query{Where: e, Best: true, Limit: 20})
			return hits.Total, err
		}},
		{"newest", func(r store.Reader, e search.Expr) (int, error) {
			hits, err := r.Search(b.Context(), store.Query{Where: e, Limit: 20})
			return hits.Total, err
		}},
		{"claims", func(r store.Reader, e search.Expr) (int, error) {
			return count(r.Claims(b.Context(), store.Query{Where: e, Limit: 50}))
		}},
		{"threads", func(r store.Reader, e search.Expr) (int, error) {
			return count(r.Threads(b.Context(), store.Query{Where: e, Limit: 50}))
		}},
	}
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			var timings []timing
			for b.Loop() {
				timings = timings[:0]
				for _, q := range queries {
					e, _ := search.Parse(q.text, search.Options{})
					t := timing{benchQuery: q}
					start, used := time.Now(), cpuTime()
					err := db.View(b.Context(), func(r store.Reader) (err error) {
						t.found, err = way.ask(r, e)
						return err
					})
					if err != nil {
						b.Fatalf("%s: %v", q.text, err)
					}
					t.wall, t.cpu = time.Since(start), cpuTime()-used
					timings = append(timings, t)
				}
			}
			report(b, timings)
		})
	}
}

// report writes a table by kind of query, and the slowest.
func report(b *testing.B, timings []timing) {
	part := func(list []timing, percent int, of func(timing) time.Duration) float64 {
		all := make([]time.Duration, len(list))
		for i, t := range list {
			all[i] = of(t)
		}
		slices.Sort(all)
		return float64(all[min(len(all)*percent/100, len(all)-1)].Microseconds()) / 1000
	}
	wall, cpu := func(t timing) time.Duration { return t.wall }, func(t timing) time.Duration { return t.cpu }
	b.ReportMetric(float64(len(timings)), "queries")
	for _, percent := range []int{50, 90, 99} {
		b.ReportMetric(part(timings, percent, wall), fmt.Sprintf("p%d-ms", percent))
		b.ReportMetric(part(timings, percent, cpu), fmt.Sprintf("p%d-cpu-ms", percent))
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "kind\tqueries\tp50 ms\tp99 ms\tp50 CPU\tp99 CPU")
	kinds := map[string][]timing{}
	var names []string
	for _, t := range timings {
		if kinds[t.kind] == nil {
			names = append(names, t.kind)
		}
		kinds[t.kind] = append(kinds[t.kind], t)
	}
	for _, name := range names {
		list := kinds[name]
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%.1f\t%.1f\t%.1f\n", name, len(list), part(list, 50, wall), part(list, 99, wall), part(list, 50, cpu), part(list, 99, cpu))
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	slices.SortFunc(timings, func(a, b timing) int { return cmp.Compare(b.cpu, a.cpu) })
	for _, t := range timings[:min(*searchSlowest, len(timings))] {
		fmt.Fprintf(&table, "%v CPU, %v, found %d: %s\n", t.cpu.Round(10*time.Microsecond), t.wall.Round(10*time.Microsecond), t.found, t.text)
	}
	fmt.Fprintf(os.Stderr, "%s, peak memory %d MB\n%s", b.Name(), peakMemory()>>20, table.String()) // a log of a benchmark is cut
}

// BenchmarkFirstSearch opens the archive, asks one query, and closes it. What the system has
// of the file in its memory is not under its control.
func BenchmarkFirstSearch(b *testing.B) {
	if *searchArchive == "" {
		b.Skip("the archive must be kept for it: -search.archive")
	}
	if err := largeArchive(b).Close(); err != nil {
		b.Fatal(err)
	}
	c := newAccount(b, 0, 300)
	e, _ := search.Parse(c.vocabulary[5]+" topic:water", search.Options{})
	for b.Loop() {
		db := open(b, *searchArchive)
		if hits := find(b, db, store.Query{Where: e, Best: true, Limit: 20}); hits.Total == 0 {
			b.Fatal("nothing found")
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCount counts what a common word and what the lack of a rare one select.
func BenchmarkCount(b *testing.B) {
	db := largeArchive(b)
	c := newAccount(b, 0, 300)
	for name, text := range map[string]string{"common": c.vocabulary[0], "all but few": "-" + c.vocabulary[2000], "common or common": c.vocabulary[0] + " OR " + c.vocabulary[1] + " OR " + c.vocabulary[2]} {
		b.Run(name, func(b *testing.B) {
			e, _ := search.Parse(text, search.Options{})
			for b.Loop() {
				err := db.View(b.Context(), func(r store.Reader) error {
					n, err := r.Count(b.Context(), store.Query{Where: e}, 0)
					b.ReportMetric(float64(n.Posts), "posts")
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
