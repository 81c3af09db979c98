package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atdata"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/search"
	"skyarchive/store/sqlite"
)

// putTexts keeps one post a minute with each of the texts.
func putTexts(tb testing.TB, db *sqlite.DB, texts []string) {
	tb.Helper()
	const did = "did:plc:abcdefghijklmnopqrstuvwx"
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	err := db.Update(tb.Context(), func(w store.Writer) error {
		for i, text := range texts {
			record, err := atdata.MarshalCBOR(map[string]any{"$type": atproto.CollectionPost, "text": text, "createdAt": "2024-01-01T00:00:00.000Z"})
			if err != nil {
				return err
			}
			cid := atproto.CIDOf(record)
			key := atproto.TID(uint64(start.Add(time.Duration(i)*time.Minute).UnixMicro()) << 10)
			uri := atproto.Path(atproto.CollectionPost + "/" + key).URI(syntax.DID(did))
			p, err := atproto.DecodePost(atproto.Ref{URI: uri, CID: cid.String()}, record)
			if err != nil {
				return err
			}
			if err := w.PutRecord(tb.Context(), did, cid, record); err != nil {
				return err
			}
			if err := w.PutPost(tb.Context(), store.Post{Post: p, Status: store.Live}, analysis.PostAnalysis{URI: uri, Lang: "fr"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func find(tb testing.TB, db *sqlite.DB, q store.Query) (hits store.Hits) {
	tb.Helper()
	err := db.View(tb.Context(), func(r store.Reader) (err error) {
		hits, err = r.Search(tb.Context(), q)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return hits
}

// The posts that are found are counted and ranked up to a number; above it the newest are.
func TestManyHits(t *testing.T) {
	many := store.MostCounted + 50
	if testing.Short() {
		many = 300
	}
	first := "Lac, lac, lac profond"
	if many > store.MostCounted {
		first = "Lac, lac" // the other one is older
	}
	db := open(t, filepath.Join(t.TempDir(), "archive.db"))
	texts := make([]string, many)
	for i := range texts {
		texts[i] = fmt.Sprintf("Le lac vu du chemin numéro %d", i)
		if i%8 == 0 {
			texts[i] += " un soir"
		}
	}
	texts[0], texts[many-2] = "Lac, lac, lac profond", "Lac, lac"
	putTexts(t, db, texts)

	lac, soir := search.Word{Text: "lac"}, search.Word{Text: "soir"}
	hits := find(t, db, store.Query{Where: lac, Best: true, Limit: 1})
	if hits.Total != min(many, store.MostCounted) || hits.More != (many > store.MostCounted) || hits.Posts[0].Text != first {
		t.Errorf("of %d: total %d, more %v, first %q", many, hits.Total, hits.More, hits.Posts[0].Text)
	}
	hits = find(t, db, store.Query{Where: lac, Best: true})
	if hits.Total != many || hits.More || hits.Posts[0].Text != "Lac, lac, lac profond" {
		t.Errorf("all %d: total %d, more %v, first %q", many, hits.Total, hits.More, hits.Posts[0].Text)
	}
	hits = find(t, db, store.Query{Where: search.All(lac, search.Any(soir, search.Phrase{Text: "lac profond"})), Best: true})
	if hits.Total != len(hits.Posts) || hits.Posts[0].Text != "Lac, lac, lac profond" {
		t.Errorf("of few: total %d, %d posts, first %q", hits.Total, len(hits.Posts), hits.Posts[0].Text)
	}
	// Ids that tell the time are used to start late, and must not lose the first post.
	last := time.Date(2024, 1, 1, 0, many-10, 0, 0, time.UTC).Format(time.RFC3339)
	for _, text := range []string{"lac since:" + last, "since:" + last} {
		e, _ := search.Parse(text, search.Options{})
		if hits := find(t, db, store.Query{Where: e}); hits.Total != 10 {
			t.Errorf("%s: %d posts, want 10", text, hits.Total)
		}
	}
	if hits := find(t, db, store.Query{Where: lac, Oldest: true, Limit: 1}); hits.Posts[0].Text != "Lac, lac, lac profond" {
		t.Errorf("oldest: %q", hits.Posts[0].Text)
	}
}

// Whatever is typed is answered; what it finds is marked inside the text; and the posts that
// a word finds and those that it does not are all posts.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{`AND "`, "NEAR(", "*", "\x00", "eau OR", "-eau", "l'eau*", "(eau OR -métaux) 2 %", "topic:water since:7d", "source:% label:x", "thread:a.b", "^eau + {word}:x"} {
		f.Add(s)
	}
	db := open(f, filepath.Join(f.TempDir(), "archive.db"))
	texts := []string{"L'eau des métaux", "2 % d’électricité, député·es", "NEAR AND OR NOT", "", "💧"}
	putTexts(f, db, texts)
	f.Fuzz(func(t *testing.T, input string) {
		e, _ := search.Parse(input, search.Options{})
		yes := find(t, db, store.Query{Where: e, Best: true})
		for _, hit := range yes.Posts {
			for _, m := range hit.Matches {
				if m.Start < 0 || m.End <= m.Start || m.End > len(hit.Text) {
					t.Fatalf("%q marks %v in %q", input, m, hit.Text)
				}
			}
		}
		if e == nil {
			e = search.Phrase{}
			yes.Total = 0
		}
		no := find(t, db, store.Query{Where: search.Not{Expr: e}})
		if yes.Total+no.Total != len(texts) {
			t.Fatalf("%q finds %d posts and leaves %d of %d", input, yes.Total, no.Total, len(texts))
		}
	})
}
