package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"skyarchive/analysis"
	"skyarchive/store"
)

// BenchmarkDecisions adds reviews in one transaction, ten to a claim: twice as many take
// twice as long.
func BenchmarkDecisions(b *testing.B) {
	for _, many := range []int{1_000, 2_000, 4_000, 8_000} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			c := newCorpus(b, many/10)
			for b.Loop() {
				b.StopTimer()
				db := open(b, filepath.Join(b.TempDir(), "archive.db"))
				if err := c.putAll(b.Context(), db, map[string]time.Duration{}); err != nil {
					b.Fatal(err)
				}
				var list []analysis.Decision
				for i := range many {
					at := i % len(c.posts)
					p := c.read[at].Passages[0]
					subject := "none"
					if p.Claim != nil {
						subject = p.Claim.ID
					}
					d, err := analysis.NewDecision(analysis.DecidedReview, c.did, subject, "ana", time.Unix(int64(i), 0), analysis.Review{
						Status: analysis.Reviewed, Verdict: analysis.Mixed, Post: c.posts[at].URI, CID: c.posts[at].CID, Span: p.Span, Text: p.Text})
					if err != nil {
						b.Fatal(err)
					}
					list = append(list, d)
				}
				b.StartTimer()
				err := db.Update(b.Context(), func(w store.Writer) error {
					for _, d := range list {
						if _, err := w.AddDecision(b.Context(), d); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*many), "µs/decision")
		})
	}
}
