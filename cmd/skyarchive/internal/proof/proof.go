// Package proof writes what anybody needs to check, without the archive and years later,
// that a post's bytes were signed with its account's key; and checks it.
package proof

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/plclog"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// Names of the files in a folder that Write makes.
const (
	postFile  = "post.car"      // commit, path through the tree, record
	goneFile  = "gone.car"      // for a deleted post: that a later signed state does not hold it
	didFile   = "did.json"      // DID document as it was seen
	goneDID   = "gone-did.json" // the same for gone.car, where another key signed it and no log tells of both
	logFile   = "plc-log.json"  // the directory's audit log as received
	proofFile = "proof.json"    // which post, which state, when seen
	pageFile  = "post.html"     // the same for people
	howFile   = "HOW-TO-CHECK.txt"
	sumsFile  = "SHA256SUMS"
)

// A Statement says what a folder proves. It is proof.json.
type Statement struct {
	URI       syntax.ATURI  `json:"uri"`
	DID       syntax.DID    `json:"did"`
	Handle    syntax.Handle `json:"handle"` // when last seen; not signed
	CID       atproto.CID   `json:"cid"`
	Rev       string        `json:"rev"`
	Commit    atproto.CID   `json:"commit"`
	Key       string        `json:"key"`                     // did:key that the signature holds with, "" for none known
	Operation string        `json:"key_operation,omitempty"` // of the directory's log, that named the key
	Claimed   string        `json:"claimed_created_at"`
	KeyTime   *time.Time    `json:"record_key_time"`
	RevTime   *time.Time    `json:"rev_time"`
	FirstSeen time.Time     `json:"first_seen_at"`
	SeenFrom  string        `json:"first_seen_from"`
	FirstTold *Told         `json:"first_seen_told,omitempty"`       // else by our own clock
	Early     bool          `json:"first_seen_before_rev,omitempty"` // before the time of the state itself: a clock was wrong
	LastSeen  time.Time     `json:"last_seen_at,omitzero"`           // of a post that is still there
	LastTold  *Told         `json:"last_seen_told,omitempty"`
	Gone      *Gone         `json:"gone,omitempty"`
	Edited    bool          `json:"edited_later"`
	Program   string        `json:"program"`
	Made      time.Time     `json:"made_at"`
	Text      string        `json:"text"`
}

// Gone is the later state that no longer holds the post, or holds another version of it.
type Gone struct {
	Rev    string      `json:"rev"`
	Commit atproto.CID `json:"commit"`
	Found  time.Time   `json:"found_at"`
	Told   *Told       `json:"found_told,omitempty"`
}

// Told says that a time is the word of another archive, and how that reached ours.
type Told struct {
	By string    `json:"by"` // "import NAME"
	At time.Time `json:"at"` // our clock
}

func toldOf(seen store.Sighting) *Told {
	if seen.Told.IsZero() {
		return nil
	}
	return &Told{seen.Told.By, seen.Told.At.UTC()}
}

// ErrUnproved says that a proof does not hold.
var ErrUnproved = errors.New("the proof does not hold")

// ErrExists says that the folder for a proof is not empty.
var ErrExists = errors.New("is already there and not empty; choose another folder")

// Write makes a folder with the proof of an archived post, deleted and edited ones too: of
// the version with this CID, or of the last one there was if cid is zero.
func Write(ctx context.Context, r store.Reader, uri syntax.ATURI, cid atproto.CID, dir, program string, now time.Time) (Statement, error) {
	did, path := syntax.DID(atproto.AuthorOf(uri)), atproto.PathOf(uri)
	versions, err := r.Versions(ctx, did, path)
	if err != nil {
		return Statement{}, err
	}
	at := -1
	for i, v := range versions {
		if !v.CID.IsZero() && (cid.IsZero() || v.CID == cid) {
			at = i
		}
	}
	if at < 0 {
		return Statement{}, fmt.Errorf("%s: %w", uri, store.ErrNotFound)
	}
	f := folder{files: map[string][]byte{}}
	s, err := f.statement(ctx, r, uri, versions, at)
	if err != nil {
		return s, err
	}
	s.Program, s.Made = program, now.UTC()
	if err := f.evidence(ctx, r, &s); err != nil {
		return s, err
	}
	if f.files[proofFile], err = json.MarshalIndent(s, "", "  "); err != nil {
		return s, err
	}
	if f.files[pageFile], err = page(s, f.post); err != nil {
		return s, err
	}
	f.files[howFile] = []byte(howToCheck(s))
	return s, f.write(dir)
}

// A folder is the files of a proof before they are written.
type folder struct {
	files map[string][]byte
	post  atproto.Post // what the record says
	gone  *store.State // that no longer holds the post
}

// statement proves the version at index at of a path's versions.
func (f *folder) statement(ctx context.Context, r store.Reader, uri syntax.ATURI, versions []store.Version, at int) (Statement, error) {
	did, path, v := syntax.DID(atproto.AuthorOf(uri)), atproto.PathOf(uri), versions[at]
	record, err := r.Record(ctx, did, v.CID)
	if errors.Is(err, store.ErrNotFound) {
		for gone, err := range r.Forgettings(ctx, did) {
			if err != nil {
				return Statement{}, err
			}
			if gone.URI == uri || gone.URI == "" {
				return Statement{}, &store.ForgottenError{Forgetting: gone}
			}
		}
		return Statement{}, fmt.Errorf("the bytes of %s are not in the archive as they were signed: never to be had, or damaged since: %w", uri, err)
	}
	if err != nil {
		return Statement{}, err
	}
	state, err := r.State(ctx, did, v.Commit)
	if err != nil {
		return Statement{}, err
	}
	if f.files[postFile], err = prove(ctx, r, state, path, record); err != nil {
		return Statement{}, err
	}
	acc, err := r.Account(ctx, did)
	if err != nil {
		return Statement{}, err
	}
	s := Statement{URI: uri, DID: did, Handle: acc.Handle, CID: v.CID, Rev: state.Rev, Commit: state.Commit, Key: state.Key}
	var first store.Sighting
	for i := range versions[:at+1] {
		if versions[i].CID != v.CID {
			continue // else it stood there before, was gone, and came back
		}
		seen, rev, err := firstSighting(ctx, r, did, versions, i)
		if err != nil {
			return s, err
		}
		if first.At.IsZero() || seen.Before(first) {
			signed, ok := atproto.TIDTime(rev)
			first, s.Early = seen, ok && seen.At.Before(signed)
		}
	}
	s.FirstSeen, s.SeenFrom, s.FirstTold = first.At, cmp.Or(first.Host, first.From), toldOf(first)
	s.dates()
	f.post = s.read(record)
	if at+1 == len(versions) {
		head, err := r.Head(ctx, did)
		if err != nil {
			return s, err
		}
		last := head.Last()
		s.LastSeen, s.LastTold = last.At, toldOf(last)
	} else {
		next := versions[at+1]
		s.Edited = !next.CID.IsZero()
		found, _, err := firstSighting(ctx, r, did, versions, at+1)
		if err != nil {
			return s, err
		}
		s.Gone = &Gone{next.Rev, next.Commit, found.At, toldOf(found)}
		if next.CID.IsZero() {
			later, err := r.State(ctx, did, next.Commit)
			if err != nil {
				return s, err
			}
			if f.files[goneFile], err = prove(ctx, r, later, path, nil); err != nil {
				return s, err
			}
			f.gone = &later
		}
	}
	return s, nil
}

// firstSighting is the first time that we saw one of the states in which the version at an
// index stood, and the revision of that one. Older states may have come later than newer ones.
func firstSighting(ctx context.Context, r store.Reader, did syntax.DID, versions []store.Version, at int) (first store.Sighting, rev string, err error) {
	from, until := versions[at].Commit, atproto.CID{}
	if at+1 < len(versions) {
		until = versions[at+1].Commit
	}
	reached := false
	for s, err := range r.States(ctx, did) {
		if err != nil {
			return first, "", err
		}
		if reached = reached || s.Commit == from; !reached || len(s.Sightings) == 0 {
			continue
		}
		if s.Commit == until {
			break
		}
		if seen := s.First(); first.At.IsZero() || seen.Before(first) {
			first, rev = seen, s.Rev
		}
	}
	return first, rev, nil
}

// prove is the CAR that shows what a state held at a path.
func prove(ctx context.Context, r store.Reader, state store.State, path atproto.Path, record []byte) ([]byte, error) {
	commit, err := repo.ParseCommit(state.Signed)
	if err != nil {
		return nil, err
	}
	manifest, err := repo.NewManifest(r.Manifest(ctx, state.DID, state.Commit))
	if err != nil {
		return nil, err
	}
	var car bytes.Buffer
	if err := repo.WriteProof(&car, &commit, manifest, path, record); err != nil {
		return nil, err
	}
	return car.Bytes(), nil
}

// dates reads the times in the record key and in the revision.
func (s *Statement) dates() {
	s.KeyTime, s.RevTime = nil, nil
	if t, ok := atproto.TIDTime(atproto.PathOf(s.URI).Key()); ok {
		s.KeyTime = &t
	}
	if t, ok := atproto.TIDTime(s.Rev); ok {
		s.RevTime = &t
	}
}

// read takes from a record what it says: nothing of that is believed from elsewhere.
func (s *Statement) read(record []byte) (post atproto.Post) {
	post, err := atproto.DecodePost(atproto.Ref{URI: s.URI, CID: s.CID.String()}, record)
	if err != nil {
		return atproto.Post{} // bytes that are no post
	}
	s.Claimed, s.Text = post.CreatedAt, post.Text
	return post
}

// evidence adds the newest log of the directory if it names the keys, and the newest DID
// document, or rather the newest one that names the key. Which operation named it is stated.
func (f *folder) evidence(ctx context.Context, r store.Reader, s *Statement) error {
	ids, err := store.Collect(r.Identities(ctx, s.DID))
	if err != nil {
		return err
	}
	f.document(didFile, ids, s.DID, s.Key)
	logged, err := f.log(ctx, r, s)
	if err == nil && !logged && f.gone != nil && f.gone.Key != s.Key {
		f.document(goneDID, ids, s.DID, f.gone.Key)
	}
	return err
}

// document adds the newest DID document that names a key, else the newest.
func (f *folder) document(name string, ids []store.Identity, did syntax.DID, key string) {
	named := false
	for _, id := range ids {
		doc, err := identity.ParseDocument(did, id.Document)
		fits := err == nil && doc.Key == key
		if len(id.Document) > 0 && (fits || !named) {
			f.files[name], named = id.Document, fits
		}
	}
}

// log adds the newest log of the directory. One that is older than a key, which a document
// names then, is left out.
func (f *folder) log(ctx context.Context, r store.Reader, s *Statement) (added bool, err error) {
	logs, err := store.Collect(r.PLCLogs(ctx, s.DID))
	if err != nil {
		return false, err
	}
	raw := make([][]byte, len(logs))
	for i := range logs {
		raw[i] = logs[i].Raw
	}
	newest, history, _ := plclog.Newest(s.DID, raw...)
	if newest < 0 {
		return false, nil
	}
	state, err := r.State(ctx, s.DID, s.Commit)
	if err != nil {
		return false, err
	}
	commit, err := repo.ParseCommit(state.Signed)
	if err != nil {
		return false, err
	}
	key, ok := history.Signer(commit.Verify)
	if ok && f.gone != nil {
		gone, err := repo.ParseCommit(f.gone.Signed)
		if err != nil {
			return false, err
		}
		_, ok = history.Signer(gone.Verify)
	}
	if ok {
		s.Key, s.Operation, f.files[logFile] = key.DIDKey, key.Operation.String(), raw[newest]
	}
	return ok, nil
}

func (f *folder) write(dir string) error {
	if old, err := os.ReadDir(dir); err == nil && len(old) > 0 {
		return fmt.Errorf("%s %w", dir, ErrExists)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, name := range []string{howFile, didFile, goneDID, goneFile, logFile, postFile, pageFile, proofFile} {
		content, ok := f.files[name]
		if !ok {
			continue
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), name)
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, sumsFile), sums.Bytes(), 0o644)
}

// plain is a text as JSON and HTML can hold it.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0 {
			return utf8.RuneError
		}
		return r // what is no UTF-8 comes as RuneError
	}, s)
}
