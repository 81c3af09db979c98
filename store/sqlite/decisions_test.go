package sqlite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/store"
)

// What was decided on one post is the same whether it is looked up or sorted out of all that
// was decided on the account.
func TestDecidedOn(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const did = syntax.DID("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
	random := rand.New(rand.NewPCG(1, 2))
	var uris []syntax.ATURI
	var subjects []string
	err = db.Update(t.Context(), func(w store.Writer) error {
		for i := range 6 {
			uri := syntax.ATURI(fmt.Sprintf("at://%s/app.bsky.feed.post/%s", did, atproto.TID(uint64(1_700_000_000_000_000+i)<<10)))
			for version := range 2 { // so that there are former claims
				text := fmt.Sprintf("Les %d lacs ont perdu %d %% de leur eau.", i+2, 10+version)
				record, err := cbor.FromJSON(fmt.Appendf(nil, `{"$type":"app.bsky.feed.post","text":%q}`, text))
				if err != nil {
					return err
				}
				cid := atproto.CIDOf(record)
				p, err := atproto.DecodePost(atproto.Ref{URI: uri, CID: cid.String()}, record)
				if err != nil {
					return err
				}
				passage := analysis.Passage{Span: analysis.Span{End: len(text)}, Text: text}
				passage.Claim = &analysis.Claim{ID: analysis.ClaimID(uri, cid.String(), passage.Span), CheckWorthy: true, Kind: analysis.Statistic, Stance: analysis.Asserts}
				if err := w.PutRecord(t.Context(), did, cid, record); err != nil {
					return err
				}
				if err := w.PutPost(t.Context(), store.Post{Post: p, Status: store.Live}, analysis.PostAnalysis{URI: uri, Lang: "fr", Passages: []analysis.Passage{passage}}); err != nil {
					return err
				}
				subjects = append(subjects, passage.Claim.ID)
			}
			uris = append(uris, uri)
		}
		subjects = append(subjects, "unknownone", "unknowntwo")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(t.Context(), func(w store.Writer) error {
		for i := range 120 {
			at := time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC)
			kind, subject := analysis.DecidedReview, subjects[random.IntN(len(subjects))]
			var body any = analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Refuted, Text: "lacs"}
			switch random.IntN(6) {
			case 0, 1:
				kind, body = analysis.DecidedAgree, map[string]string{}
			case 2:
				kind, body, subject = analysis.DecidedUndo, map[string]string{}, subjects[len(subjects)-1]
			case 3: // says which post it is about
				i := random.IntN(len(uris))
				subject = subjects[2*i]
				if random.IntN(3) == 0 {
					subject = fmt.Sprintf("lost%d", i)
				}
				body = analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Refuted, Text: "lacs", Post: uris[i]}
			case 4:
				kind, subject, body = analysis.DecidedSplit, string(uris[random.IntN(len(uris))]), map[string]string{}
			}
			d, err := analysis.NewDecision(kind, did, subject, "ana", at, body)
			if err != nil {
				return err
			}
			if _, err := w.AddDecision(t.Context(), d); err != nil {
				return err
			}
			subjects = append(subjects, d.ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(t.Context(), func(read store.Reader) error {
		r, found := read.(*reader), 0
		for _, uri := range uris {
			one, err := r.decidedOnOne(context.WithoutCancel(t.Context()), did, uri)
			if err != nil {
				return err
			}
			all, err := r.decided(t.Context(), did)
			if err != nil {
				return err
			}
			if want := all.byPost[uri]; len(one)+len(want) > 0 && !reflect.DeepEqual(one, want) {
				t.Errorf("%s: %d decisions looked up, %d sorted out:\n%v\n%v", uri, len(one), len(want), one, want)
			}
			found += len(one)
		}
		if found < 60 {
			t.Errorf("only %d decisions are about a post", found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
