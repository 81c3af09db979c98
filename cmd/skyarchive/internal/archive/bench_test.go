package archive

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"skyarchive/atproto/atprototest"
	"skyarchive/store/sqlite"
)

var million = flag.Bool("million", false, "also measure with a million posts")

// generate writes the repository of a generated account to a file.
func generate(tb testing.TB, name string, n int) {
	tb.Helper()
	file, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	_, err = atprototest.Generate(out, n, atprototest.Everyday)
	if err := errors.Join(err, out.Flush(), file.Close()); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkImport is the whole way of a file into a new archive: verify, keep, thread,
// tag, index. bytes/post are those of the archive, x CAR its size against the file's.
func BenchmarkImport(b *testing.B) {
	sizes := []int{1_000, 10_000, 100_000}
	if *million {
		sizes = append(sizes, 1_000_000)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			car := filepath.Join(b.TempDir(), "repo.car")
			generate(b, car, n)
			info, err := os.Stat(car)
			if err != nil {
				b.Fatal(err)
			}
			var size int64
			for b.Loop() {
				size = importOnce(b, car, n)
			}
			seconds := b.Elapsed().Seconds() / float64(b.N)
			b.ReportMetric(float64(n)/seconds, "posts/s")
			b.ReportMetric(float64(size)/float64(n), "bytes/post")
			b.ReportMetric(float64(size)/float64(info.Size()), "xCAR")
		})
	}
}

func importOnce(b *testing.B, car string, n int) (size int64) {
	b.Helper()
	db := filepath.Join(b.TempDir(), "archive.db")
	s, err := sqlite.Open(context.Background(), db)
	if err != nil {
		b.Fatal(err)
	}
	a := &Archiver{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	rep, err := a.Import(context.Background(), car, ImportOptions{})
	if err != nil {
		b.Fatal(err)
	}
	if rep.Posts != n {
		b.Fatalf("%d posts, want %d", rep.Posts, n)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(db)
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}

// BenchmarkTenNewPosts is what a later state with ten more posts costs besides reading its
// file, which is all of it here.
func BenchmarkTenNewPosts(b *testing.B) {
	const n = 100_000
	dir := b.TempDir()
	before, after := filepath.Join(dir, "before.car"), filepath.Join(dir, "after.car")
	generate(b, before, n)
	generate(b, after, n+10)
	for b.Loop() {
		b.StopTimer()
		s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "archive.db"))
		if err != nil {
			b.Fatal(err)
		}
		a := &Archiver{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
		if _, err := a.Import(b.Context(), before, ImportOptions{}); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		rep, err := a.Import(b.Context(), after, ImportOptions{})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if rep.New != 10 {
			b.Fatalf("%d new posts, want 10", rep.New)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
