package plclog

import (
	"errors"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// A History is a log that was checked.
type History struct {
	DID     syntax.DID
	Entries []Entry // all of the log, in its order
}

// A Key is a key that was in force to sign an account's repository. The times are what
// the directory says.
type Key struct {
	DIDKey    string
	From      time.Time   // zero if the log does not say
	Until     time.Time   // zero if the key is still in force, or the log does not say
	Current   bool        // no later operation in force took it away
	Operation atproto.CID // the operation that brought it
}

// Newest finds, among several logs of an account as received, the newest that verifies: the
// one with the most operations that do, since the directory only adds, whatever order the logs
// came in; of those the one with the most in force. What does not verify anybody could have
// added. It is the index of that log, -1 if there is none. The error tells of those that do not
// verify.
func Newest(did syntax.DID, logs ...[]byte) (at int, newest History, err error) {
	at = -1
	most, mostInForce := 0, 0
	for i, raw := range logs {
		log, bad := Parse(raw)
		if bad == nil {
			var h History
			if h, bad = log.Verify(did); bad == nil {
				n, inForce := h.count()
				if n > most || n == most && inForce >= mostInForce {
					at, newest, most, mostInForce = i, h, n, inForce
				}
			}
		}
		err = errors.Join(err, bad)
	}
	return at, newest, err
}

// count is how many operations verify, undone ones too, and how many of them are in force.
func (h *History) count() (verified, inForce int) {
	for i := range h.Entries {
		if h.Entries[i].State != Invalid {
			verified++
		}
		if h.Entries[i].InForce() {
			inForce++
		}
	}
	return verified, inForce
}

// Rejected is how many operations do not verify, and all says that so it is with every one
// behind the first: then the rest is no log of the account.
func (h *History) Rejected() (n int, all bool) {
	verified, _ := h.count()
	return len(h.Entries) - verified, verified == 1 && len(h.Entries) > 1
}

// Keys are the signing keys that were ever in force, in order. A key that came back later
// is there twice. Keys of nullified and invalid operations are not among them.
func (h *History) Keys() []Key {
	var keys []Key
	for i := range h.Entries {
		e := &h.Entries[i]
		if !e.InForce() {
			continue
		}
		if n := len(keys); n > 0 && keys[n-1].Current {
			if keys[n-1].DIDKey == e.SigningKey {
				continue
			}
			keys[n-1].Until, keys[n-1].Current = e.CreatedAt, false
		}
		if e.SigningKey != "" {
			keys = append(keys, Key{DIDKey: e.SigningKey, From: e.CreatedAt, Current: true, Operation: e.CID})
		}
	}
	return keys
}

// Undone are the operations with a signing key that a key of higher rank undid: as long as they
// stood, that key signed.
func (h *History) Undone() (list []Key) {
	for i := range h.Entries {
		if e := &h.Entries[i]; e.State == Nullified && e.SigningKey != "" {
			list = append(list, Key{DIDKey: e.SigningKey, From: e.CreatedAt, Operation: e.CID})
		}
	}
	return list
}

// KeyAt is the signing key that was in force at a time, and false if there was none or
// the log does not say when.
func (h *History) KeyAt(t time.Time) (Key, bool) {
	for _, k := range h.Keys() {
		if !k.From.IsZero() && !t.Before(k.From) && (k.Current || t.Before(k.Until)) {
			return k, true
		}
	}
	return Key{}, false
}

// Signer is the key, of those ever in force, with which verify is content, and false if
// there is none. The newest key is tried first; what was signed before a change of keys
// is found with the earlier one.
//
//	key, ok := history.Signer(snapshot.Commit.Verify)
func (h *History) Signer(verify func(atcrypto.PublicKey) error) (Key, bool) {
	keys := h.Keys()
	for i := len(keys) - 1; i >= 0; i-- {
		key, err := atcrypto.ParsePublicDIDKey(keys[i].DIDKey)
		if err == nil && verify(key) == nil {
			return keys[i], true
		}
	}
	return Key{}, false
}

// Last is the operation in force now, and nil if there is none.
func (h *History) Last() *Entry {
	for i := len(h.Entries) - 1; i >= 0; i-- {
		if e := &h.Entries[i]; e.InForce() {
			return e
		}
	}
	return nil
}
