// Package storetest checks the promises of package store on any backend.
package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atdata"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// Run checks every promise. open makes an empty archive that lives as long as the test.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s store.Store)
	}{
		{"accounts", testAccounts},
		{"identities", testIdentities},
		{"transactions", testTransactions},
		{"filling", testFilling},
		{"nested calls", testNested},
		{"states", testStates},
		{"random histories", testHistories},
		{"invalid states", testInvalid},
		{"order of the tree", testOrder},
		{"records", testRecords},
		{"records named as raw bytes", testRaw},
		{"posts", testPosts},
		{"outlines", testOutlines},
		{"versions of a post", testVersions},
		{"analysis", testAnalysis},
		{"claims", testClaims},
		{"threads", testThreads},
		{"decisions", testDecisions},
		{"former claims", testFormerClaims},
		{"corrections", testCorrections},
		{"readers during a writer", testConcurrency},
		{"search", testSearch},
		{"random queries", testModel},
		{"hits", testHits},
		{"words of quoted posts", testQuoted},
		{"pages", testPages},
		{"large queries", testLargeQueries},
		{"searches by time", testTimes},
		{"files", testBlobs},
		{"posts by others", testContext},
		{"forget", testForget},
		{"forget one of two equal posts", testForgetShared},
		{"forget an account", testForgetAccount},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

const (
	alice = syntax.DID("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
	bruno = syntax.DID("did:plc:bbbbbbbbbbbbbbbbbbbbbbbb")
	carla = syntax.DID("did:plc:cccccccccccccccccccccccc")
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// at is a moment some minutes after noon.
func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// key is a record key whose time is at(minutes).
func key(minutes int) string { return atproto.TID(uint64(at(minutes).UnixMicro()) << 10) }

func uri(did syntax.DID, minutes int) syntax.ATURI {
	return syntax.ATURI(fmt.Sprintf("at://%s/%s/%s", did, atproto.CollectionPost, key(minutes)))
}

func update(t *testing.T, s store.Store, fn func(ctx context.Context, w store.Writer) error) {
	t.Helper()
	if err := s.Update(t.Context(), func(w store.Writer) error { return fn(t.Context(), w) }); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, s store.Store, fn func(ctx context.Context, r store.Reader) error) {
	t.Helper()
	if err := s.View(t.Context(), func(r store.Reader) error { return fn(t.Context(), r) }); err != nil {
		t.Fatal(err)
	}
}

// A record is the bytes of a post with its path.
type record struct {
	uri   syntax.ATURI
	cid   atproto.CID
	bytes []byte
}

// created is the date that all posts claim, whatever their keys say.
var created = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newRecord(t testing.TB, uri syntax.ATURI, text string, more map[string]any) record {
	t.Helper()
	value := map[string]any{"$type": atproto.CollectionPost, "text": text, "createdAt": created.Format(time.RFC3339)}
	maps.Copy(value, more)
	b, err := atdata.MarshalCBOR(value)
	if err != nil {
		t.Fatal(err)
	}
	return record{uri, atproto.CIDOf(b), b}
}

func (r record) path() atproto.Path { return atproto.PathOf(r.uri) }

func (r record) entry() store.Entry { return store.Entry{Path: r.path(), CID: r.cid} }

func (r record) post(t testing.TB) store.Post {
	t.Helper()
	p, err := atproto.DecodePost(atproto.Ref{URI: r.uri, CID: r.cid.String()}, r.bytes)
	if err != nil {
		t.Fatal(err)
	}
	return store.Post{Post: p, Status: store.Live}
}

// put keeps a record with its post and analysis.
func (r record) put(ctx context.Context, t testing.TB, w store.Writer, a analysis.PostAnalysis) error {
	t.Helper()
	p := r.post(t)
	if err := w.PutRecord(ctx, p.Author(), r.cid, r.bytes); err != nil {
		return err
	}
	return w.PutPost(ctx, p, a)
}

// newState is a state of an account, seen at a time.
func newState(did syntax.DID, rev string, seen time.Time) store.State {
	signed := []byte(string(did) + rev)
	return store.State{DID: did, Rev: rev, Commit: atproto.CIDOf(signed), Data: atproto.CIDOf([]byte("data" + rev)), Signed: signed,
		Key: "did:key:zAlice", Signature: atproto.SignatureValid,
		Sightings: []store.Sighting{{At: seen, Host: "https://pds.test", From: "getRepo"}}}
}

// entries is a sequence of entries without errors.
func entries(list ...store.Entry) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func collect[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	list, err := store.Collect(seq)
	if err != nil {
		t.Fatal(err)
	}
	return append([]T{}, list...)
}

// same compares by JSON, in which no value that is kept is left out.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	g, err1 := json.MarshalIndent(got, "", " ")
	w, err2 := json.MarshalIndent(want, "", " ")
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if string(g) != string(w) {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}
