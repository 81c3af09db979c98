package export

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/store"
)

// An Account is who wrote something: what the archive knows of it now and knew of it then.
type Account struct {
	store.Account
	DisplayName string // in the newest archived profile, "" for none
	Intents     []atproto.Intent
	handles     []handleSince
	wishUnknown bool // HideGuest is set because nobody could be asked
}

// A handleSince is a handle with the time from which it was the account's: as the
// directory's log says, else as the archive saw it.
type handleSince struct {
	at     time.Time
	handle string
}

// Author is the name that people know the account by.
func (a *Account) Author() string {
	if a.DisplayName != "" {
		return a.DisplayName
	}
	return a.Name()
}

// HandleAt is the handle that the account had at a time, and "" if that is not known.
func (a *Account) HandleAt(t time.Time) string {
	handle := ""
	for _, h := range a.handles {
		if h.at.After(t) {
			break
		}
		handle = h.handle
	}
	return handle
}

// FirstHandle is the oldest handle known, else the DID: it never changes.
func (a *Account) FirstHandle() string {
	for _, h := range a.handles {
		return h.handle
	}
	return a.Name()
}

// account reads an account once.
func (s *source) account(ctx context.Context, did syntax.DID) (*Account, error) {
	if acc, ok := s.accounts[did]; ok {
		if acc == nil {
			return nil, store.ErrNotFound
		}
		return acc, nil
	}
	known, err := s.r.Account(ctx, did)
	if errors.Is(err, store.ErrNotFound) {
		s.accounts[did] = nil
	}
	if err != nil {
		return nil, err
	}
	acc := &Account{Account: known}
	if err := s.readHandles(ctx, acc); err != nil {
		return nil, err
	}
	if err := s.readProfile(ctx, acc); err != nil {
		return nil, err
	}
	if acc.Intents, err = Intents(ctx, s.r, did); err != nil {
		return nil, err
	}
	s.accounts[did] = acc
	return acc, nil
}

func (s *source) readHandles(ctx context.Context, acc *Account) error {
	logs, err := store.Collect(s.r.PLCLogs(ctx, acc.DID))
	if err != nil {
		return err
	}
	if len(logs) > 0 {
		acc.handles = handlesInLog(logs[len(logs)-1].Raw)
	}
	identities, err := store.Collect(s.r.Identities(ctx, acc.DID))
	if err != nil {
		return err
	}
	for _, id := range identities {
		if id.Handle != "" && !id.Handle.IsInvalidHandle() {
			acc.handles = append(acc.handles, handleSince{id.At, string(id.Handle)})
		}
	}
	slices.SortStableFunc(acc.handles, func(a, b handleSince) int { return a.at.Compare(b.at) })
	return nil
}

// handlesInLog reads the handles out of a directory's audit log; one that cannot be read
// names none.
func handlesInLog(raw []byte) []handleSince {
	var log []struct {
		Operation struct {
			AlsoKnownAs []string `json:"alsoKnownAs"`
			Handle      string   `json:"handle"` // of the first form of operations
		} `json:"operation"`
		Nullified bool      `json:"nullified"`
		CreatedAt time.Time `json:"createdAt"`
	}
	if json.Unmarshal(raw, &log) != nil {
		return nil
	}
	var list []handleSince
	for _, entry := range log {
		handle := entry.Operation.Handle
		if len(entry.Operation.AlsoKnownAs) > 0 {
			handle = strings.TrimPrefix(entry.Operation.AlsoKnownAs[0], "at://")
		}
		if handle != "" && !entry.Nullified {
			list = append(list, handleSince{entry.CreatedAt, handle})
		}
	}
	return list
}

func (s *source) readProfile(ctx context.Context, acc *Account) error {
	versions, err := s.r.Versions(ctx, acc.DID, atproto.CollectionProfile+"/self")
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	for _, v := range slices.Backward(versions) {
		if v.CID.IsZero() {
			continue
		}
		record, err := s.r.Record(ctx, acc.DID, v.CID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if profile, err := cbor.Parse(record); err == nil {
			acc.DisplayName = strings.TrimSpace(oneLine(profile.Field("displayName").Text()))
		}
		return nil
	}
	return nil
}

// FetchedTold is whether it is another archive that tells when an account was fetched.
func FetchedTold(ctx context.Context, r store.Reader, acc store.Account) (bool, error) {
	here, _, err := asked(ctx, r, acc)
	return !acc.Fetched.IsZero() && !here, err
}

// asked is whether this archive, and whether any, asked the network for an account: of one that
// nobody did, a file says all that is known.
func asked(ctx context.Context, r store.Reader, acc store.Account) (here, anywhere bool, err error) {
	anywhere = !acc.Fetched.IsZero()
	for id, err := range r.Identities(ctx, acc.DID) {
		if err != nil {
			return false, false, err
		}
		here, anywhere = here || id.Ours(), anywhere || !id.OfFile()
	}
	return here, anywhere, nil
}

// Intents is what an account declares now of the reuse of its data, nil if nothing.
func Intents(ctx context.Context, r store.Reader, did syntax.DID) ([]atproto.Intent, error) {
	for _, path := range atproto.IntentPaths {
		versions, err := r.Versions(ctx, did, path)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if len(versions) == 0 || versions[len(versions)-1].CID.IsZero() {
			continue
		}
		record, err := r.Record(ctx, did, versions[len(versions)-1].CID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if list := atproto.Intents(record); list != nil {
			return list, nil
		}
	}
	return nil, nil
}
