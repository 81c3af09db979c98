package archive

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/atproto/repo"
	"skyarchive/store/sqlite"
)

var million = flag.Bool("million", false, "also measure with a million posts")

// words and sentences of the generated posts, in French and English.
var sentences = []string{
	"L'eau des centres de données vient souvent de nappes qui ne se rechargent plus.",
	"Selon l'Agence internationale de l'énergie, la consommation électrique a atteint %d TWh en 2024.",
	"Le cuivre manque déjà, et l'extraction d'une tonne déplace %d tonnes de roche.",
	"Data centers used %d%% of the region's electricity last year, the operator reports.",
	"Plus un calcul est bon marché, plus on en fait : c'est l'effet rebond.",
	"We walked along the river for %d hours and saw nothing but fences.",
	"Merci à toutes et tous pour vos réponses !",
	"The moratorium would stop %d projects until a public debate is held.",
	"Vous en pensez quoi, de cette loi de simplification ?",
	"Les émissions ont augmenté de %d %% depuis 2019, malgré les promesses.",
}

// generate writes a signed repository of n posts to a file: a fifth of them in threads of
// five, a tenth of those numbered, blocks in the order of keys.
func generate(tb testing.TB, name string, n int) {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	const did = syntax.DID("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
	start := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	m := &repo.Manifest{}
	var records [][]byte
	var cids []atproto.CID
	var root, parent map[string]any
	for i := range n {
		at := start.Add(time.Duration(i) * 3 * time.Minute)
		key := atproto.TID(uint64(at.UnixMicro()) << 10)
		text := sentences[r.IntN(len(sentences))]
		if r.IntN(3) > 0 {
			text += " " + sentences[r.IntN(len(sentences))]
		}
		text = numbersIn(text, r)
		value := map[string]any{"$type": atproto.CollectionPost, "text": text, "langs": []string{"fr"}, "createdAt": at.Format("2006-01-02T15:04:05.000Z")}
		uri := string(atproto.Path(atproto.CollectionPost + "/" + key).URI(did))
		if k := i % 25; k > 0 && k < 5 {
			value["reply"] = map[string]any{"root": root, "parent": parent}
		}
		doc, err := json.Marshal(value)
		if err != nil {
			tb.Fatal(err)
		}
		record, err := cbor.FromJSON(doc)
		if err != nil {
			tb.Fatal(err)
		}
		cid := atproto.CIDOf(record)
		parent = map[string]any{"uri": uri, "cid": cid.String()}
		if i%25 == 0 {
			root = parent
		}
		if err := m.Add(repo.Entry{Path: atproto.Path(atproto.CollectionPost + "/" + key), CID: cid}); err != nil {
			tb.Fatal(err)
		}
		records, cids = append(records, record), append(cids, cid)
	}
	// A repository of more posts is a later state of one of fewer.
	rev := syntax.TID(atproto.TID(uint64(start.Add(time.Duration(n)*3*time.Minute).UnixMicro()) << 10))
	write(tb, name, did, rev, m, cids, records)
}

func numbersIn(text string, r *rand.Rand) string {
	out := make([]byte, 0, len(text)+8)
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '%' && i+1 < len(text) && text[i+1] == 'd':
			out = fmt.Appendf(out, "%d", 1+r.IntN(900))
			i++
		case text[i] == '%' && i+1 < len(text) && text[i+1] == '%':
			out = append(out, '%')
			i++
		default:
			out = append(out, text[i])
		}
	}
	return string(out)
}

func write(tb testing.TB, name string, did syntax.DID, rev syntax.TID, m *repo.Manifest, cids []atproto.CID, records [][]byte) {
	tb.Helper()
	key, err := atcrypto.GeneratePrivateKeyK256()
	if err != nil {
		tb.Fatal(err)
	}
	type block struct {
		cid   atproto.CID
		bytes []byte
	}
	var nodes []block
	data, err := repo.Nodes(m.All(), func(c atproto.CID, b []byte) error {
		nodes = append(nodes, block{c, append([]byte(nil), b...)})
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	commit, err := repo.SignCommit(did, rev, data, key)
	if err != nil {
		tb.Fatal(err)
	}
	file, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	w, err := repo.NewWriter(file, commit.CID)
	if err != nil {
		tb.Fatal(err)
	}
	for _, b := range append(nodes, block{commit.CID, commit.Bytes}) {
		if err := w.Put(b.cid, b.bytes); err != nil {
			tb.Fatal(err)
		}
	}
	for i, record := range records {
		if err := w.Put(cids[i], record); err != nil {
			tb.Fatal(err)
		}
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
