package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/cbor"
	"skyarchive/atproto/repo"
	"skyarchive/store"
	"skyarchive/store/storetest"
)

// A forger writes states of any account, signed with a key of their own.
type forger struct {
	t   *testing.T
	did syntax.DID
	key atcrypto.PrivateKey
	raw map[atproto.Path]bool // what its trees name as raw bytes
}

func (f *forger) cid(path atproto.Path, record []byte) atproto.CID {
	if f.raw[path] {
		return atproto.BlobCIDOf(record)
	}
	return atproto.CIDOf(record)
}

func newForger(t *testing.T, did syntax.DID) *forger {
	key, err := atcrypto.GeneratePrivateKeyK256()
	if err != nil {
		t.Fatal(err)
	}
	return &forger{t: t, did: did, key: key}
}

// car is a file of a state with these records, by their paths.
func (f *forger) car(rev string, records map[atproto.Path][]byte) string {
	f.t.Helper()
	commit, blocks := f.sign(rev, records)
	for path, b := range records {
		blocks = append(blocks, carBlock{f.cid(path, b), b})
	}
	name := filepath.Join(f.t.TempDir(), rev+".car")
	if err := os.WriteFile(name, carOf(f.t, commit.CID, blocks), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return name
}

// export is an export of an archive in which the same state is the account's, as a DID document
// says that a directory gave at a time.
func (f *forger) export(rev string, records map[atproto.Path][]byte, at time.Time) string {
	f.t.Helper()
	commit, _ := f.sign(rev, records)
	lines := []map[string]any{
		{"type": "about", "whole": true},
		{"type": "account", "did": f.did, "handle": "lou.test", "status": "active"},
		{"type": "identity", "did": f.did, "at": at, "handle": "lou.test", "status": "active", "host": "https://plc.directory", "document": f.document()},
		{"type": "state", "did": f.did, "commit": commit.CID, "signed": commit.Bytes,
			"sightings": []map[string]any{{"at": at, "host": "https://pds.example", "from": "getRepo"}}},
	}
	for path, b := range records {
		lines = append(lines, map[string]any{"type": "change", "did": f.did, "commit": commit.CID, "path": path, "cid": atproto.CIDOf(b)})
	}
	for _, b := range records {
		lines = append(lines, map[string]any{"type": "record", "did": f.did, "cid": atproto.CIDOf(b), "bytes": b})
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for _, line := range append(lines, map[string]any{"type": "end"}) {
		if err := enc.Encode(line); err != nil {
			f.t.Fatal(err)
		}
	}
	name := filepath.Join(f.t.TempDir(), rev+".ndjson")
	if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return name
}

// sign is the signed commit of a state, with the nodes of its tree.
func (f *forger) sign(rev string, records map[atproto.Path][]byte) (repo.Commit, []carBlock) {
	f.t.Helper()
	entries := func(yield func(repo.Entry, error) bool) {
		for _, path := range slices.Sorted(maps.Keys(records)) {
			if !yield(repo.Entry{Path: path, CID: f.cid(path, records[path])}, nil) {
				return
			}
		}
	}
	var blocks []carBlock
	root, err := repo.Nodes(entries, func(c atproto.CID, b []byte) error {
		blocks = append(blocks, carBlock{c, bytes.Clone(b)})
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	commit, err := repo.SignCommit(f.did, syntax.TID(rev), root, f.key)
	if err != nil {
		f.t.Fatal(err)
	}
	return commit, append(blocks, carBlock{commit.CID, commit.Bytes})
}

// document is a DID document that names the forger's key.
func (f *forger) document() []byte {
	f.t.Helper()
	public, err := f.key.PublicKey()
	if err != nil {
		f.t.Fatal(err)
	}
	return fmt.Appendf(nil, `{"id":%q,"alsoKnownAs":["at://lou.test"],"verificationMethod":[{"id":"%[1]s#atproto","type":"Multikey","controller":%[1]q,"publicKeyMultibase":%q}],
		"service":[{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","serviceEndpoint":"https://pds.example"}]}`, f.did, public.Multibase())
}

func postRecord(t *testing.T, text string) []byte {
	t.Helper()
	doc, err := json.Marshal(map[string]string{"$type": atproto.CollectionPost, "text": text, "createdAt": "2025-01-01T00:00:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := cbor.FromJSON(doc)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// recordsOf are the records in a file of an account.
func recordsOf(t *testing.T, name string) map[atproto.Path][]byte {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := repo.Open(t.Context(), repo.Source{R: file, Size: info.Size()})
	if err != nil {
		t.Fatal(err)
	}
	records := map[atproto.Path][]byte{}
	for rec, err := range snapshot.Records(t.Context(), func(string) bool { return true }) {
		if err != nil {
			t.Fatal(err)
		}
		records[rec.Path] = bytes.Clone(rec.Bytes)
	}
	return records
}

// shown is what an archive holds and shows, but for states that somebody else signed, of which
// there must be so many, and for documents of files.
func shown(t *testing.T, a *Archiver, did syntax.DID, invalid int) string {
	t.Helper()
	var dump bytes.Buffer
	err := a.Store.View(t.Context(), func(r store.Reader) error {
		v, err := a.Verify(t.Context(), r, did)
		if err != nil {
			return err
		}
		if !v.Holds() || len(v.Invalid) != invalid {
			t.Errorf("%d invalid states, want %d; wrong: %v", len(v.Invalid), invalid, v.Wrong)
		}
		events, err := History(t.Context(), r, did, time.Time{})
		var lines []string
		for _, e := range events { // their order is that in which the files came
			if e.Kind == KeyChanged || e.Kind == ServerChanged { // what an export says of documents is kept
				continue
			}
			lines = append(lines, fmt.Sprintln(e.Kind, e.URI, e.Before, e.After))
		}
		slices.Sort(lines)
		dump.WriteString(strings.Join(lines, ""))
		return errors.Join(err, storetest.Dump(t.Context(), r, &dump))
	})
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	foreign := false
	for line := range strings.Lines(dump.String()) {
		if !strings.HasPrefix(line, "\t\t") {
			foreign = strings.Contains(line, "signature invalid")
		}
		if !foreign && !strings.HasPrefix(line, "\tidentity ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// TestForgedState: what somebody else signed is not shown as the account's once its key is
// known, whatever came first and however it came.
func TestForgedState(t *testing.T) {
	t.Parallel()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	lou := net.Account("lou.test")
	first := lou.Post("1/2 Vraiment écrit : 40 litres.")
	lou.Post("2/2 Aussi écrit.", atprototest.ReplyTo(first))
	lou.Profile("Lou", "hydrologue")
	one := exportRepo(t, net, lou)
	lou.Edit(first, "1/2 Vraiment écrit : 41 litres.")
	lou.Post("Encore.")
	two := exportRepo(t, net, lou)
	if err := net.Err(); err != nil {
		t.Fatal(err)
	}
	log := get(t, net.URL+"/"+string(lou.DID())+"/log/audit")
	invented := postRecord(t, "Jamais écrit : 50 000 barils par jour.")
	f := newForger(t, lou.DID())
	const path = atproto.CollectionPost + "/3kaaaaaaaaac2"
	last := f.car("3zzzaaaaaaaa2", map[atproto.Path][]byte{path: invented})
	// Between the two, with all that the second one has: what that changed is the forged one's.
	records := recordsOf(t, two)
	records[path], records["app.bsky.feed.post/zzz"] = invented, invented
	between := f.car(afterRev(t, one), records)

	fetch := func(a *Archiver) (Report, error) {
		return a.Fetch(t.Context(), syntax.AtIdentifier(lou.DID()), FetchOptions{})
	}
	give := func(name string, opts ImportOptions) func(a *Archiver) (Report, error) {
		return func(a *Archiver) (Report, error) { return a.Import(t.Context(), name, opts) }
	}
	type step = func(a *Archiver) (Report, error)
	merge := func(name string) step {
		return func(a *Archiver) (Report, error) {
			done, err := a.Merge(t.Context(), name, ImportOptions{})
			if err != nil {
				return Report{}, err
			}
			return done.Accounts[0], nil
		}
	}
	hour := f.export("3zzzaaaaaaaa2", map[atproto.Path][]byte{path: invented}, time.Now().Add(-time.Hour))
	century := f.export("3zzzaaaaaaaa2", map[atproto.Path][]byte{path: invented}, time.Now().Add(100*365*24*time.Hour))
	refused := func(do step) step {
		return func(a *Archiver) (Report, error) {
			rep, err := do(a)
			if !errors.Is(err, ErrUnverified) {
				t.Errorf("taken, or refused otherwise: %v", err)
			}
			return rep, nil
		}
	}
	unchecked, vouched, keyed := ImportOptions{}, ImportOptions{Document: f.document()}, ImportOptions{PLCLog: log}
	var want string
	for _, tt := range []struct {
		name    string
		invalid int
		steps   []step
	}{
		{"without it", 0, []step{give(one, unchecked), fetch}},
		{"refused", 0, []step{give(one, unchecked), fetch, refused(give(last, unchecked))}},
		{"refused with a document", 0, []step{give(one, unchecked), fetch, refused(give(last, vouched))}},
		{"before the fetch", 1, []step{give(last, unchecked), give(one, unchecked), fetch}},
		{"and then refused", 1, []step{give(last, unchecked), give(one, unchecked), fetch, refused(give(last, vouched))}},
		{"between two", 1, []step{give(between, unchecked), give(two, unchecked), give(one, unchecked), fetch}},
		{"both", 2, []step{give(one, unchecked), give(between, unchecked), give(last, unchecked), fetch}},
		{"with a document of its own", 2, []step{give(last, vouched), give(between, vouched), give(one, keyed), fetch}},
		{"in an export", 1, []step{merge(hour), give(one, keyed), fetch}},
		{"in an export from the future, refused", 0, []step{refused(merge(century)), give(one, keyed), fetch}},
		{"in an export, refused", 0, []step{give(one, unchecked), fetch, refused(merge(hour)), refused(merge(century))}},
		{"a log beside a file", 1, []step{give(between, unchecked), give(one, keyed), give(two, unchecked), fetch}},
	} {
		a := newArchiver(t, net)
		var notes strings.Builder
		for i, do := range tt.steps {
			rep, err := do(a)
			if err != nil {
				t.Fatalf("%s, step %d: %v", tt.name, i+1, err)
			}
			notes.WriteString(strings.Join(rep.Notes, "\n"))
		}
		if n := strings.Count(notes.String(), "was not signed by the account's key"); n != tt.invalid {
			t.Errorf("%s: %d notes of states that somebody else signed, want %d", tt.name, n, tt.invalid)
		}
		got := shown(t, a, lou.DID(), tt.invalid)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s: %s", tt.name, difference([]byte(want), []byte(got)))
		}
	}
}

// afterRev is a revision soon behind that of a file.
func afterRev(t *testing.T, name string) string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := repo.Open(t.Context(), repo.Source{R: file, Size: info.Size()})
	if err != nil {
		t.Fatal(err)
	}
	number, _ := atproto.TIDNumber(string(snapshot.Commit.Rev))
	return atproto.TID(number + 1)
}
