package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/store"
)

// What is known of a file is replaced as a whole, by account.
func testBlobs(t *testing.T, s store.Store) {
	blob := func(text string, state store.BlobState, why string) store.Blob {
		return store.Blob{
			Blob:  atproto.Blob{CID: atproto.BlobCIDOf([]byte(text)).String(), Type: "image/png", Size: int64(len(text))},
			State: state, At: at(1), Host: "https://pds.test", Why: why,
		}
	}
	gone, kept := blob("un", store.BlobGone, "not here"), blob("deux", store.BlobKept, "")
	update(t, s, func(ctx context.Context, w store.Writer) error {
		return errors.Join(w.PutBlob(ctx, alice, gone), w.PutBlob(ctx, alice, kept), w.PutBlob(ctx, bruno, gone))
	})
	found := blob("un", store.BlobKept, "")
	found.At = at(9)
	update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutBlob(ctx, alice, found) })
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := store.Collect(r.Blobs(ctx, alice))
		want := []store.Blob{found, kept}
		slices.SortFunc(want, func(a, b store.Blob) int { return strings.Compare(a.CID, b.CID) })
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("files of alice: %+v, %v\nwant %+v", got, err, want)
		}
		got, err = store.Collect(r.Blobs(ctx, bruno))
		if err != nil || !reflect.DeepEqual(got, []store.Blob{gone}) {
			t.Errorf("files of bruno: %+v, %v", got, err)
		}
		return nil
	})
}

// A post by somebody else stays as it was seen, whatever becomes of it.
func testContext(t *testing.T, s store.Store) {
	where := uri(bruno, 0)
	version := func(text string, minutes int) store.Context {
		record, err := cbor.FromJSON(fmt.Appendf(nil, `{"$type":"app.bsky.feed.post","text":%q,"createdAt":"2026-03-01T12:00:00Z"}`, text))
		if err != nil {
			t.Fatal(err)
		}
		post, err := atproto.DecodePost(atproto.Ref{URI: where, CID: atproto.CIDOf(record).String()}, record)
		if err != nil {
			t.Fatal(err)
		}
		return store.Context{
			Post: post, Handle: "bruno.test", Record: record, Signature: atproto.SignatureUnchecked, From: "https://appview.test", Seen: at(minutes),
			State: store.ContextFound, At: at(minutes), Host: "https://appview.test",
		}
	}
	check := func(what string, want store.Context) {
		t.Helper()
		view(t, s, func(ctx context.Context, r store.Reader) error {
			got, err := r.Context(ctx, where)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v, %v\nwant %+v", what, got, err, want)
			}
			return nil
		})
	}
	put := func(c store.Context) {
		t.Helper()
		update(t, s, func(ctx context.Context, w store.Writer) error { return w.PutContext(ctx, c) })
	}
	view(t, s, func(ctx context.Context, r store.Reader) error {
		if _, err := r.Context(ctx, where); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a post that was never asked for: %v", err)
		}
		return nil
	})

	silent := store.Context{State: store.ContextUnavailable, At: at(1), Why: "no answer", HideGuest: true}
	silent.URI = where
	put(silent)
	check("no answer", silent)

	first := version("Le premier.", 2)
	first.Counts = &store.ContextCounts{Likes: 3, Reposts: 2, Replies: 1, Quotes: 4, At: at(2)}
	put(first)
	check("found", first)

	proved := version("Le premier.", 3)
	proved.Signature, proved.Proof, proved.Key, proved.From = atproto.SignatureValid, []byte("proof"), "did:key:z1", "https://pds.test"
	put(proved)
	proved.Counts = first.Counts
	check("proved, without new counts", proved)

	again := version("Le premier.", 4)
	put(again)
	proved.At, proved.Host = again.At, again.Host
	check("unproved after it was proved", proved)

	edited := version("Le premier, corrigé.", 5)
	put(edited)
	proved.At, proved.Host = edited.At, edited.Host
	check("another version, unproved", proved)

	corrected := version("Le premier, corrigé.", 6)
	corrected.Signature, corrected.Proof, corrected.Key, corrected.From = atproto.SignatureValid, []byte("proof 2"), "did:key:z1", "https://pds.test"
	put(corrected)
	corrected.Counts = first.Counts
	check("edited", corrected)

	told := version("Inventé.", 7)
	told.From = "import evil.ndjson"
	put(told)
	corrected.At, corrected.Host = told.At, told.Host
	check("an unproved one that another archive told", corrected)
	edited = corrected

	unproved, later := version("De l'AppView.", 1), version("Inventé.", 7)
	unproved.URI, later.URI, later.From = uri(alice, 1), uri(alice, 1), told.From
	put(unproved)
	put(later)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := r.Context(ctx, unproved.URI)
		if err != nil || got.Text != unproved.Text || !got.At.Equal(later.At) {
			t.Errorf("what a server showed, and another archive later: %+v, %v", got, err)
		}
		unproved = got
		return nil
	})

	gone := store.Context{State: store.ContextDeleted, At: at(8), Host: "https://pds.test", Why: "its author's repository does not hold it"}
	gone.URI = where
	put(gone)
	edited.State, edited.At, edited.Host, edited.Why = gone.State, gone.At, gone.Host, gone.Why
	check("deleted", edited)

	other := silent
	other.URI = uri(alice, 0)
	put(other)
	view(t, s, func(ctx context.Context, r store.Reader) error {
		got, err := store.Collect(r.Contexts(ctx))
		if want := []store.Context{other, unproved, edited}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("all: %+v, %v\nwant %+v", got, err, want)
		}
		return nil
	})
}
