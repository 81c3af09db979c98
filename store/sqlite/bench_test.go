package sqlite_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atdata"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/sqlite"
)

// A corpus is an account as large as asked for: texts of some 200 bytes with the word
// frequencies of a language, half of the posts in threads, claims in four of ten.
type corpus struct {
	vocabulary []string // the most frequent word first
	did        syntax.DID
	posts      []store.Post
	records    [][]byte
	read       []analysis.PostAnalysis
	car        int64 // about what the repository would take as a file
}

func newCorpus(tb testing.TB, n int) *corpus { return newAccount(tb, 0, n) }

// newAccount is one of many accounts, which speak of the same things at the same time.
func newAccount(tb testing.TB, account, n int) *corpus {
	tb.Helper()
	c := &corpus{vocabulary: newVocabulary(), did: syntax.DID(fmt.Sprintf("did:plc:abcdefghijklmnopqrst%s", atproto.TID(uint64(account))[9:]))}
	random := rand.New(rand.NewPCG(7, uint64(account)))
	vocabulary := c.vocabulary
	zipf := rand.NewZipf(random, 1.1, 4, uint64(len(vocabulary)-1))
	topics := []string{"water", "energy", "metals", "rebound", "data-centers"}
	langs := []string{"fr", "fr", "fr", "en", ""}
	kinds := []analysis.Kind{analysis.Statistic, analysis.Causal, analysis.Statistic, analysis.Forecast, analysis.Comparison, analysis.Legal}
	start := time.Date(2023, 5, 1, 8, account%60, account/60, 0, time.UTC)
	var root, parent map[string]any
	for i := range n {
		at := start.Add(time.Duration(i) * time.Duration(17+20*(account%3)) * time.Minute)
		uri := syntax.ATURI(fmt.Sprintf("at://%s/%s/%s", c.did, atproto.CollectionPost, atproto.TID(uint64(at.UnixMicro())<<10|uint64(i%1000))))
		a := analysis.PostAnalysis{URI: uri, Lang: langs[random.IntN(len(langs))]}
		var text strings.Builder
		for range 2 + random.IntN(2) {
			p := analysis.Passage{Span: analysis.Span{Start: text.Len()}}
			for w := range 10 + random.IntN(8) {
				if w > 0 {
					text.WriteByte(' ')
				}
				text.WriteString(vocabulary[zipf.Uint64()])
			}
			text.WriteByte('.')
			p.End = text.Len()
			p.Text = text.String()[p.Start:p.End]
			a.Passages = append(a.Passages, p)
			text.WriteByte(' ')
		}
		body := strings.TrimSpace(text.String())
		value := map[string]any{"$type": atproto.CollectionPost, "text": body, "langs": []any{"fr"}, "createdAt": at.Format("2006-01-02T15:04:05.000Z")}
		if i%20 >= 10 {
			value["reply"] = map[string]any{"root": root, "parent": parent}
		}
		if i%5 == 0 {
			value["embed"] = map[string]any{"$type": "app.bsky.embed.external", "external": map[string]any{
				"uri": fmt.Sprintf("https://news%d.test/article/%d", random.IntN(300), i), "title": body[:40], "description": body[:60]}}
		}
		if i%9 == 1 {
			value["embed"] = map[string]any{"$type": "app.bsky.embed.images", "images": []any{map[string]any{"alt": body[20:70], "image": map[string]any{
				"$type": "blob", "mimeType": "image/png", "size": int64(1), "ref": map[string]any{"$link": "bafkreib"}}}}}
		}
		record, err := atdata.MarshalCBOR(value)
		if err != nil {
			tb.Fatal(err)
		}
		cid := atproto.CIDOf(record)
		here := map[string]any{"uri": string(uri), "cid": cid.String()}
		if parent = here; i%20 == 9 {
			root = here
		}
		if i%5 < 2 {
			p := &a.Passages[0]
			tag := analysis.TopicTag{Topic: topics[random.IntN(len(topics))], Score: 0.9, Evidence: []analysis.Evidence{{Span: analysis.Span{Start: 3, End: 9}, Rule: "électricité"}}}
			base := 0.02
			p.Topics = append(p.Topics, tag)
			if i%30 == 0 {
				p.Topics = append(p.Topics, analysis.TopicTag{Topic: "jobs", Score: 0.5, Evidence: tag.Evidence})
			}
			p.Quantities = append(p.Quantities, analysis.Quantity{Span: analysis.Span{Start: 10, End: 13}, Raw: body[10:13], Value: 2, Unit: "percent", BaseValue: &base, BaseUnit: "ratio"})
			p.Claim = &analysis.Claim{ID: analysis.ClaimID(uri, cid.String(), p.Span), CheckWorthy: i%5 == 0, Score: 0.83, Kind: kinds[random.IntN(len(kinds))],
				Stance: analysis.Asserts, Why: []string{"quantity", "percentage", "topic"}}
			if i%50 == 0 {
				name := vocabulary[zipf.Uint64()] + " " + vocabulary[zipf.Uint64()]
				p.Claim.Attribution = &analysis.Attribution{URI: uri, Text: name}
			}
		}
		decoded, err := atproto.DecodePost(atproto.Ref{URI: uri, CID: cid.String()}, record)
		if err != nil {
			tb.Fatal(err)
		}
		c.posts = append(c.posts, store.Post{Post: decoded, Status: store.Live})
		c.records = append(c.records, record)
		c.read = append(c.read, a)
		c.car += int64(len(record)) + 38 + 78
	}
	return c
}

// newVocabulary is the words that all accounts use.
func newVocabulary() []string {
	random := rand.New(rand.NewPCG(7, 11))
	vocabulary := make([]string, 30_000)
	for i := range vocabulary {
		var b strings.Builder
		for range 1 + random.IntN(2) + i/8000 {
			b.WriteByte("bcdfglmnprstv"[random.IntN(13)])
			b.WriteString([]string{"a", "e", "i", "o", "u", "é", "ou", "an", "er"}[random.IntN(9)])
		}
		vocabulary[i] = b.String()
	}
	return vocabulary
}

func (c *corpus) entries() iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		for _, p := range c.posts {
			cid, err := atproto.ParseCID(p.CID)
			if !yield(store.Entry{Path: atproto.PathOf(p.URI), CID: cid}, err) {
				return
			}
		}
	}
}

func (c *corpus) state() store.State {
	return store.State{DID: c.did, Rev: "3k2", Commit: atproto.CIDOf([]byte("commit")), Data: atproto.CIDOf([]byte("data")), Signed: []byte("commit"),
		Signature: atproto.SignatureValid, Sightings: []store.Sighting{{At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Host: "https://pds.test", From: "getRepo"}}}
}

// putAll is what an import does, and reports how long each part took.
func (c *corpus) putAll(ctx context.Context, db *sqlite.DB, took map[string]time.Duration) error {
	lap := time.Now()
	done := func(part string) {
		took[part] += time.Since(lap)
		lap = time.Now()
	}
	err := db.Fill(ctx, func(w store.Writer) error {
		if err := w.PutState(ctx, c.state(), c.entries()); err != nil {
			return err
		}
		done("manifest")
		for _, record := range c.records {
			if err := w.PutRecord(ctx, c.did, atproto.CIDOf(record), record); err != nil {
				return err
			}
		}
		done("records")
		for i, p := range c.posts {
			if err := w.PutPost(ctx, p, c.read[i]); err != nil {
				return err
			}
		}
		done("posts")
		for i := 9; i+10 < len(c.posts); i += 20 {
			t := analysis.Thread{Root: c.posts[i].URI, Complete: true}
			for _, p := range c.posts[i : i+11] {
				t.Posts = append(t.Posts, p.URI)
				if len(t.Posts) > 1 {
					t.Joins = append(t.Joins, analysis.Join{URI: p.URI, By: analysis.ByReply, Why: "it answers the post before it"})
				}
			}
			if err := w.PutThread(ctx, c.did, t, c.posts[i].Age()); err != nil {
				return err
			}
		}
		done("threads")
		return nil
	})
	done("commit")
	return err
}

// BenchmarkImport writes an account of 100,000 posts.
func BenchmarkImport(b *testing.B) {
	const n = 100_000
	c := newCorpus(b, n)
	took := map[string]time.Duration{}
	for b.Loop() {
		path := filepath.Join(b.TempDir(), "archive.db")
		db, err := sqlite.Open(b.Context(), path)
		if err != nil {
			b.Fatal(err)
		}
		if err := c.putAll(b.Context(), db, took); err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/n, "bytes/post")
		b.ReportMetric(float64(info.Size())/float64(c.car), "archive/CAR")
		b.ReportMetric(float64(c.car)/n, "CAR-bytes/post")
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "posts/s")
	for part, d := range took {
		b.ReportMetric(d.Seconds()/float64(b.N), "s-"+part)
	}
}

// BenchmarkRead reads an account of 100,000 posts: its manifest, its posts, its claims, its threads.
func BenchmarkRead(b *testing.B) {
	c := newCorpus(b, 100_000)
	db := open(b, filepath.Join(b.TempDir(), "archive.db"))
	if err := c.putAll(b.Context(), db, map[string]time.Duration{}); err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	for name, read := range map[string]func(store.Reader) (int, error){
		"manifest": func(r store.Reader) (int, error) { return count(r.Manifest(ctx, c.did, c.state().Commit)) },
		"posts":    func(r store.Reader) (int, error) { return count(r.Posts(ctx, store.Query{})) },
		"claims":   func(r store.Reader) (int, error) { return count(r.Claims(ctx, store.Query{})) },
		"threads":  func(r store.Reader) (int, error) { return count(r.Threads(ctx, store.Query{})) },
	} {
		b.Run(name, func(b *testing.B) {
			rows := 0
			for b.Loop() {
				err := db.View(ctx, func(r store.Reader) (err error) {
					rows, err = read(r)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows), "rows")
		})
	}
}

func count[T any](seq iter.Seq2[T, error]) (n int, err error) {
	for _, err := range seq {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
