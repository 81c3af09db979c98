package archive

import (
	"context"
	"fmt"
	"slices"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/plclog"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// keysOf are the keys with which an account may have signed, as far as the archive knows:
// those of the directory's newest log, which prove themselves, else those of DID documents.
func keysOf(ctx context.Context, r store.Reader, did syntax.DID) (keys []string, ofLog bool, err error) {
	logs, err := store.Collect(r.PLCLogs(ctx, did))
	if err != nil {
		return nil, false, err
	}
	if _, history := newestLog(did, logs); history != nil {
		return didKeys(history), true, nil
	}
	for seen, err := range r.Identities(ctx, did) {
		if err != nil {
			return nil, false, err
		}
		if id, err := identity.ParseDocument(did, seen.Document); err == nil && id.Key != "" {
			keys = append(keys, id.Key)
		}
	}
	return keys, false, nil
}

// knownKeys is keysOf for who reads nothing else.
func (a *Archiver) knownKeys(ctx context.Context, did syntax.DID) (keys []string, ofLog bool, err error) {
	err = a.Store.View(ctx, func(r store.Reader) error {
		keys, ofLog, err = keysOf(ctx, r, did)
		return err
	})
	return keys, ofLog, err
}

// givenLog reads a log that somebody gave with a file. One of which nothing verifies but its
// beginning, which everybody can have, is refused.
func givenLog(did syntax.DID, raw []byte, rep *Report) (plclog.History, error) {
	history, err := readLog(did, raw)
	if err != nil {
		return history, fmt.Errorf("%w: %w", ErrUnverified, err)
	}
	if n, all := history.Rejected(); all {
		return history, fmt.Errorf("%w: none of the %s behind the first one in the directory's log given for %s verifies; "+
			"take the log from the directory itself", ErrUnverified, number(n, "operation"), did)
	}
	rep.rejected(&history)
	return history, nil
}

// rejected notes the operations of a log that count for nothing.
func (r *Report) rejected(history *plclog.History) {
	n, _ := history.Rejected()
	note := number(n, "operation") + " of the directory's log given did not verify and count for nothing; the log is kept as it came"
	if n > 0 && !slices.Contains(r.Notes, note) {
		r.Notes = append(r.Notes, note)
	}
}

func didKeys(history *plclog.History) (keys []string) {
	for _, k := range history.Keys() {
		keys = append(keys, k.DIDKey)
	}
	return keys
}

func readLog(did syntax.DID, raw []byte) (plclog.History, error) {
	log, err := plclog.Parse(raw)
	if err != nil {
		return plclog.History{}, err
	}
	return log.Verify(did)
}

// newestLog is the newest of the logs that are kept, as it verifies; nil if none does.
func newestLog(did syntax.DID, logs []store.PLCLog) (store.PLCLog, *plclog.History) {
	raw := make([][]byte, len(logs))
	for i := range logs {
		raw[i] = logs[i].Raw
	}
	at, history, _ := plclog.Newest(did, raw...)
	if at < 0 {
		return store.PLCLog{}, nil
	}
	newest := logs[at]
	if newest.Host == "" { // a file does not say from when it is, but it is as old as its last operation
		newest.At = history.Entries[len(history.Entries)-1].CreatedAt
	}
	return newest, &history
}

// sign notes the first of the keys that signed a state's commit, and says whether one did.
func sign(s *store.State, c *repo.Commit, keys []string) bool {
	for _, k := range keys {
		if key, err := atcrypto.ParsePublicDIDKey(k); err == nil && c.Verify(key) == nil {
			s.Key, s.Signature = k, atproto.SignatureValid
			return true
		}
	}
	return false
}

// evidenceKeys reads the keys from the directory's newest log; from DID documents as they
// were seen for a did:web, and where there is no log or none that is as new as the document.
func evidenceKeys(ctx context.Context, r store.Reader, v *Verification) (*keyring, error) {
	ring := &keyring{}
	did := v.Account.DID
	logs, err := store.Collect(r.PLCLogs(ctx, did))
	if err != nil {
		return nil, err
	}
	for _, log := range logs {
		if _, err := readLog(did, log.Raw); err != nil {
			v.wrong("the directory's log of %s: %v", log.At.UTC().Format("2006-01-02 15:04 UTC"), err)
		}
	}
	newest, history := newestLog(did, logs)
	switch {
	case history != nil:
		v.Log = inWords(history)
		for _, k := range history.Keys() {
			ring.all = append(ring.all, KeyUse{Key: k.DIDKey, From: k.From, Until: k.Until, Operation: k.Operation.String()})
		}
		_, bare := history.Rejected()
		ring.log, ring.sure, ring.undone = !bare, !bare, history.Undone()
	case len(logs) > 0:
		return ring, nil // damaged: nothing that is left says whose keys they were
	default:
		v.Log = "no log of the directory is kept; keys are those of DID documents as they were seen"
	}
	ids, err := store.Collect(r.Identities(ctx, did))
	if err != nil {
		return nil, err
	}
	if history != nil { // of what the log leads to it knows better
		ids = slices.DeleteFunc(ids, func(id store.Identity) bool { return id.OfFile() || !id.Told.IsZero() || !id.At.After(newest.At) })
		if n := len(ids); n > 0 {
			doc, err := identity.ParseDocument(did, ids[n-1].Document)
			if err == nil && slices.Contains(didKeys(history), doc.Key) {
				ids = nil
			}
		}
	}
	for _, id := range ids {
		doc, err := identity.ParseDocument(did, id.Document)
		ring.sure = ring.sure || err == nil && doc.Key != "" && did.Method() != "plc" && !id.OfFile() && id.Told.IsZero()
		if err != nil || doc.Key == "" || slices.ContainsFunc(ring.all, func(k KeyUse) bool { return k.Key == doc.Key }) {
			continue
		}
		ring.all = append(ring.all, KeyUse{Key: doc.Key, From: id.At})
		if history != nil {
			v.Log += "; the DID document names a newer key, and the next fetch asks for the log again"
		}
	}
	if history == nil && len(ring.all) == 0 {
		v.Log = "neither a log of the directory nor a DID document with a key is kept"
	}
	return ring, nil
}

// signedBy is the first of the keys that signed a commit, nil if none did.
func signedBy(keys []plclog.Key, c *repo.Commit) *plclog.Key {
	for i := range keys {
		if key, err := atcrypto.ParsePublicDIDKey(keys[i].DIDKey); err == nil && c.Verify(key) == nil {
			return &keys[i]
		}
	}
	return nil
}

// undoneOf are the keys of operations in the newest log that were undone.
func undoneOf(ctx context.Context, r store.Reader, did syntax.DID) ([]plclog.Key, error) {
	logs, err := store.Collect(r.PLCLogs(ctx, did))
	if err != nil {
		return nil, err
	}
	if _, history := newestLog(did, logs); history != nil {
		return history.Undone(), nil
	}
	return nil, nil
}

// inWords is how the directory's log stands, in a sentence.
func inWords(history *plclog.History) string {
	good, odd := 0, 0
	for i := range history.Entries {
		if history.Entries[i].InForce() || history.Entries[i].State == plclog.Nullified {
			good++
		} else {
			odd++
		}
	}
	if odd > 0 {
		return fmt.Sprintf("the directory's log has %s that verify and %d that do not count", number(good, "operation"), odd)
	}
	return fmt.Sprintf("the directory's log has %s; the first one gives the DID, and all verify", number(good, "operation"))
}
