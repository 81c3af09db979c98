package sqlite_test

import (
	"cmp"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"skyarchive/store"
	"skyarchive/store/search"
)

var searchPosts = flag.Int("search.posts", 100_000, "posts in the archive that BenchmarkSearch asks")

// queries are what people may ask of a corpus: words of every frequency, alone, together,
// as phrases and beginnings, with and without fields.
func (c *corpus) queries() []string {
	count := map[string]int{}
	for _, p := range c.posts[:min(len(c.posts), 50_000)] {
		for w := range strings.FieldsSeq(strings.ReplaceAll(p.Text, ".", " ")) {
			count[w]++
		}
	}
	var words []string
	for w := range count {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(count[b]-count[a], strings.Compare(a, b)) })
	word := func(i int) string { return words[i%len(words)] }
	since := c.posts[len(c.posts)*9/10].Age().Format("2006-01-02")
	until := c.posts[len(c.posts)/10].Age().Format("2006-01-02")
	month := c.posts[len(c.posts)/2].Age().Format("2006-01")
	var list []string
	for i, rank := range []int{0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000} {
		a, b, d := word(rank), word(rank+7+3*i), word(2*rank+11)
		runes := []rune(word(rank/2 + 300))
		text := strings.Fields(c.posts[rank*3+i].Text)
		list = append(list, a, a+" "+b, a+" "+b+" "+d, a+" OR "+b, a+" -"+b, a+"-"+b,
			`"`+text[3]+" "+text[4]+`"`, `"`+text[5]+" "+text[6]+" "+text[7]+`" `+text[8], string(runes[:min(4, len(runes))])+"*", string(runes[:min(3, len(runes))])+"* "+d,
			a+" topic:water", a+" has:number", a+" since:"+since, b+" until:"+until, b+" since:"+month+" until:"+month, a+" lang:en",
			d+" kind:statistic", a+" source:news7.test", "("+a+" OR "+d+") -topic:metals")
	}
	return append(list, "topic:water", "topic:metals topic:water", "topic:licornes", "has:number", "has:link", "has:media", "kind:statistic",
		"kind:legal", "layer:direct", "status:reviewed", "verdict:refuted", "source:news7.test", "since:"+since, "until:"+until, "since:"+month+" until:"+month,
		"-"+word(0), "-"+word(500), "-has:number", "-topic:water -topic:metals", "lang:en", "lang:fr", "from:nobody.test", word(0)+" OR topic:water",
		"has:source", "topic:water since:"+since, "topic:water until:"+until)
}

// BenchmarkSearch asks the queries, for the best and for the newest twenty posts, and
// reports how long the middle one and the slowest of a hundred take.
func BenchmarkSearch(b *testing.B) {
	c := newCorpus(b, *searchPosts)
	queries := c.queries()
	db := open(b, filepath.Join(b.TempDir(), "archive.db"))
	if err := c.putAll(b.Context(), db, map[string]time.Duration{}); err != nil {
		b.Fatal(err)
	}
	type run struct {
		name string
		took time.Duration
		hits int
	}
	var runs []run
	for b.Loop() {
		runs = runs[:0]
		for _, text := range queries {
			e, _ := search.Parse(text, search.Options{})
			for _, best := range []bool{true, false} {
				start := time.Now()
				var hits store.Hits
				err := db.View(b.Context(), func(r store.Reader) (err error) {
					hits, err = r.Search(b.Context(), store.Query{Where: e, Best: best, Limit: 20})
					return err
				})
				if err != nil {
					b.Fatalf("%s: %v", text, err)
				}
				runs = append(runs, run{fmt.Sprintf("%s (best %v)", text, best), time.Since(start), hits.Total})
			}
		}
	}
	slices.SortFunc(runs, func(a, b run) int { return cmp.Compare(a.took, b.took) })
	milliseconds := func(part int) float64 { return float64(runs[len(runs)*part/100].took.Microseconds()) / 1000 }
	b.ReportMetric(float64(len(runs)), "queries")
	b.ReportMetric(milliseconds(50), "p50-ms")
	b.ReportMetric(milliseconds(90), "p90-ms")
	b.ReportMetric(milliseconds(99), "p99-ms")
	for _, r := range runs[len(runs)-12:] {
		b.Logf("%v, %d hits: %s", r.took.Round(10*time.Microsecond), r.hits, r.name)
	}
}
