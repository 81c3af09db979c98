package export

import (
	"context"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// large is an archive of many threads that are made up when they are asked for.
type large struct {
	memory
	n, parts int
}

func (l *large) thread(i int) store.Thread {
	t := store.Thread{DID: annDID, Handle: "ann.example", ID: key(i * 100), Age: morning.Add(time.Duration(i*100) * time.Minute), FirstLine: "Un fil", Claims: 1, Topics: []string{"water"}}
	for j := range l.parts {
		uri := uriAt(annDID, i*100+j)
		t.Posts = append(t.Posts, uri)
		t.Joins = append(t.Joins, analysis.Join{URI: uri, By: analysis.ByReply})
	}
	t.Root, t.Complete = t.Posts[0], true
	return t
}

func (l *large) post(i, j int) store.Post {
	text := fmt.Sprintf("%d/%d Les centres de données ont consommé 2 %% de l'électricité en 2024.\n👉 et 50 000 m³ d'eau par jour, selon l'agence. https://agence.example/rapport", j+1, l.parts)
	p := store.Post{Status: store.Live, Signature: atproto.SignatureValid, FirstSeen: morning, WordsSeen: morning, Thread: uriAt(annDID, i*100)}
	p.Post = atproto.Post{Ref: atproto.Ref{URI: uriAt(annDID, i*100+j), CID: "bafy"}, Text: text, CreatedAt: "2025-03-31T07:30:00Z"}
	if j > 0 {
		p.Reply = &atproto.Reply{Root: atproto.Ref{URI: p.Thread}, Parent: atproto.Ref{URI: uriAt(annDID, i*100+j-1)}}
	}
	return p
}

func (l *large) index(uri syntax.ATURI) int {
	t, _ := atproto.TIDTime(atproto.KeyOf(uri))
	return int(t.Sub(morning)/time.Minute) / 100
}

func (l *large) Threads(context.Context, store.Query) iter.Seq2[store.Thread, error] {
	return func(yield func(store.Thread, error) bool) {
		for i := range l.n {
			if !yield(l.thread(i), nil) {
				return
			}
		}
	}
}

func (l *large) Posts(_ context.Context, q store.Query) iter.Seq2[store.Post, error] {
	return func(yield func(store.Post, error) bool) {
		from, to := 0, l.n
		if q.Thread != "" {
			from = l.index(q.Thread)
			to = from + 1
		}
		for i := from; i < to; i++ {
			for j := range l.parts {
				if !yield(l.post(i, j), nil) {
					return
				}
			}
		}
	}
}

func (l *large) Claims(_ context.Context, q store.Query) iter.Seq2[store.Claim, error] {
	return func(yield func(store.Claim, error) bool) {
		from, to := 0, l.n
		if q.Thread != "" {
			from = l.index(q.Thread)
			to = from + 1
		}
		for i := from; i < to; i++ {
			p := l.post(i, 1)
			c := store.Claim{Post: p.URI, Thread: p.Thread, Age: p.Age(), Status: store.Live, Author: atproto.Account{DID: annDID, Handle: "ann.example"}}
			c.Span, c.Text = analysis.Span{Start: 4, End: 60}, p.Text[4:60]
			c.Topics = []analysis.TopicTag{{Topic: "water", Score: 1}}
			c.Passage.Claim = &analysis.Claim{ID: fmt.Sprintf("claim%05d", i), CheckWorthy: true, Stance: analysis.Asserts}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// BenchmarkExport writes 10,000 threads of 8 posts with 10,000 claims.
func BenchmarkExport(b *testing.B) {
	l := &large{n: 10_000, parts: 8}
	l.accounts = []store.Account{{Account: atproto.Account{DID: annDID, Handle: "ann.example"}, Status: atproto.Active, Posts: 1}}
	for _, format := range Formats() {
		b.Run(format.Name, func(b *testing.B) {
			for i := range b.N {
				o := options(format.Name)
				o.Publisher = Publisher{"Vérif", "https://verif.example"}
				if o.Writer = io.Discard; format.Folder {
					o.Out = filepath.Join(b.TempDir(), fmt.Sprint(i))
				}
				if _, err := Run(b.Context(), l, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
