package archive

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/atproto/repo"
	"skyarchive/store"
	"skyarchive/store/sqlite"
)

// A commit counts to the key that signed it, of several times to the one it is dated in,
// and one that is dated in none is told.
func TestKeyring(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2025, 1, n, 12, 0, 0, 0, time.UTC) }
	first, names := signingKey(t)
	other, otherName := signingKey(t)
	never, _ := signingKey(t)
	ring := func() *keyring {
		return &keyring{all: []KeyUse{
			{Key: names, From: day(1), Until: day(10), Operation: "one"},
			{Key: otherName, From: day(10), Until: day(20), Operation: "two"},
			{Key: names, From: day(20), Operation: "three"},
		}}
	}
	for _, tt := range []struct {
		name    string
		key     atcrypto.PrivateKey
		at      time.Time
		use     int // -1: none
		outside int
	}{
		{"the first time", first, day(5), 0, 0},
		{"in between", other, day(15), 1, 0},
		{"the second time", first, day(25), 2, 0},
		{"a moment before the directory knew", first, day(1).Add(-time.Minute), 0, 0},
		{"long before the directory knew", first, day(1).AddDate(0, 0, -3), 2, 1},
		{"when the key was another", first, day(15), 2, 1},
		{"after the key was taken away", other, day(25), 1, 1},
		{"a key that never was the account's", never, day(5), -1, 0},
	} {
		commit, err := repo.SignCommit("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", syntax.TID(atproto.TID(uint64(tt.at.UnixMicro())<<10)), atproto.CIDOf(nil), tt.key)
		if err != nil {
			t.Fatal(err)
		}
		k := ring()
		if got := k.signed(&commit); got != (tt.use >= 0) {
			t.Errorf("%s: signed %v", tt.name, got)
		}
		for i, use := range k.all {
			states, outside := 0, 0
			if i == tt.use {
				states, outside = 1, tt.outside
			}
			if use.States != states || use.Outside != outside {
				t.Errorf("%s: key %d signed %d, %d of them outside; want %d, %d", tt.name, i, use.States, use.Outside, states, outside)
			}
		}
	}
}

func signingKey(tb testing.TB) (atcrypto.PrivateKey, string) {
	tb.Helper()
	key, err := atcrypto.GeneratePrivateKeyK256()
	if err != nil {
		tb.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		tb.Fatal(err)
	}
	return key, public.DIDKey()
}

// BenchmarkVerify checks 100,000 records: in one state, and with a year of daily states
// that make 100,000 further changes, half of them new posts, the others edits.
func BenchmarkVerify(b *testing.B) {
	for _, states := range []int{1, 366} {
		b.Run(fmt.Sprintf("states=%d", states), func(b *testing.B) {
			a, did := yearOfStates(b, 100_000, states-1, 274)
			b.ReportAllocs()
			for b.Loop() {
				err := a.Store.View(b.Context(), func(r store.Reader) error {
					v, err := a.Verify(b.Context(), r, did)
					if err == nil && (!v.Holds() || v.States != states || v.Signed != states || v.Records != 100_000+(states-1)*274) {
						b.Fatalf("%d states, %d records, %v", v.States, v.Records, v.Wrong)
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// yearOfStates is an archive of evidence only: a state of n records and a number of later
// ones, each with some changes. They are no posts, of which something would have to be shown.
func yearOfStates(b *testing.B, n, later, changes int) (*Archiver, syntax.DID) {
	b.Helper()
	const did = syntax.DID("did:web:annee.test")
	key, name := signingKey(b)
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "archive.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	r := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	path := func(i int) atproto.Path {
		return atproto.Path(atproto.CollectionThreadgate + "/" + atproto.TID(uint64(start.Add(time.Duration(i)*3*time.Minute).UnixMicro())<<10))
	}
	var tree repo.Tree
	state := func(ctx context.Context, w store.Writer, at time.Time, paths []atproto.Path) error {
		var entries []store.Entry
		for i, p := range paths {
			text := fmt.Sprintf("Le débit a baissé de %d %% en %d jours, dit le relevé de la station %d, et personne ne sait encore pourquoi.", r.IntN(90), r.IntN(90), r.Uint32())
			record, err := cbor.FromJSON(fmt.Appendf(nil, `{"$type":%q,"text":%q,"createdAt":"%s-%d","langs":["fr"]}`, atproto.CollectionPost, text, at.Format(time.RFC3339), i))
			if err != nil {
				return err
			}
			e := store.Entry{Path: p, CID: atproto.CIDOf(record)}
			if err := w.PutRecord(ctx, did, e.CID, record); err != nil {
				return err
			}
			if err := tree.Set(e); err != nil {
				return err
			}
			entries = append(entries, e)
		}
		commit, err := repo.SignCommit(did, syntax.TID(atproto.TID(uint64(at.UnixMicro())<<10)), tree.Root(), key)
		if err != nil {
			return err
		}
		changes := func(yield func(store.Entry, error) bool) {
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
		}
		return w.PutState(ctx, store.State{
			DID: did, Rev: string(commit.Rev), Commit: commit.CID, Data: commit.Data, Signed: commit.Bytes, Key: name,
			Signature: atproto.SignatureValid, Sightings: []store.Sighting{{At: at, From: "getRepo"}},
		}, changes)
	}
	err = s.Update(b.Context(), func(w store.Writer) error {
		ctx := b.Context()
		if err := w.PutAccount(ctx, store.Account{Account: atproto.Account{DID: did}}); err != nil {
			return err
		}
		document := fmt.Appendf(nil, `{"id":%q,"verificationMethod":[{"id":"%s#atproto","type":"Multikey","controller":%q,"publicKeyMultibase":%q}]}`, did, did, did, name[len("did:key:"):])
		if err := w.AddIdentity(ctx, store.Identity{DID: did, At: start, Document: document}); err != nil {
			return err
		}
		paths := make([]atproto.Path, n)
		for i := range paths {
			paths[i] = path(i)
		}
		end := start.Add(time.Duration(n) * 3 * time.Minute)
		if err := state(ctx, w, end, paths); err != nil {
			return err
		}
		next := n
		for day := range later {
			chosen := map[int]bool{}
			for len(chosen) < changes/2 {
				chosen[r.IntN(n)] = true
			}
			paths = paths[:0]
			for i := range chosen {
				paths = append(paths, path(i))
			}
			for len(paths) < changes {
				paths = append(paths, path(next))
				next++
			}
			if err := state(ctx, w, end.AddDate(0, 0, day+1), paths); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return &Archiver{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler)}, did
}
