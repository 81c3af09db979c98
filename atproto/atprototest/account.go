package atprototest

import (
	"fmt"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// An Account is one of a network, with its repository. Methods that write have no error
// to return; [Network.Err] tells.
type Account struct {
	network  *Network
	did      syntax.DID
	handle   syntax.Handle
	seed     string
	curve    string
	keys     int // signing keys so far
	key      *key
	recovery *key // may undo what rotation did
	rotation *key
	log      []*operation
	status   atproto.Status
	repo     repository
	blobs    map[atproto.CID]blob
	faults   []*fault
	pending  []change // of an open batch
	batching bool
}

// An AccountOption says something of a new account.
type AccountOption func(*Account)

// Curve chooses the curve of the signing key: "k256", the default, or "p256".
func Curve(name string) AccountOption { return func(a *Account) { a.curve = name } }

// Web makes the account a did:web of the network's own address, of which there can be one.
// Its DID changes with the port.
func Web() AccountOption {
	return func(a *Account) {
		a.did = syntax.DID("did:web:" + strings.Replace(strings.Replace(strings.TrimPrefix(a.network.URL, "http://"), "127.0.0.1", "localhost", 1), ":", "%3A", 1))
	}
}

func (n *Network) newAccount(handle string, options []AccountOption) (*Account, error) {
	a := &Account{network: n, status: atproto.Active, curve: "k256", blobs: map[atproto.CID]blob{}}
	name, err := syntax.ParseHandle(handle)
	if err != nil {
		return a, err
	}
	name = name.Normalize()
	// The number keeps apart accounts that had one handle after another.
	a.seed = fmt.Sprintf("%s %s %d", n.options.Seed, name, len(n.accounts))
	for _, option := range options {
		option(a)
	}
	if a.recovery, err = newKey("k256", "recovery "+a.seed); err != nil {
		return a, err
	}
	if a.rotation, err = newKey("k256", "rotation "+a.seed); err != nil {
		return a, err
	}
	if err := a.newSigningKey(); err != nil {
		return a, err
	}
	a.handle = name
	if a.did == "" {
		if err := a.register(name); err != nil {
			return a, err
		}
	}
	n.accounts = append(n.accounts, a)
	n.byDID[a.did], n.handles[name] = a, a
	return a, a.commit(nil)
}

func (a *Account) newSigningKey() (err error) {
	a.keys++
	a.key, err = newKey(a.curve, fmt.Sprintf("signing %s %d", a.seed, a.keys))
	return err
}

// DID is the account's DID.
func (a *Account) DID() syntax.DID { return a.did }

// Handle is the account's handle now.
func (a *Account) Handle() syntax.Handle {
	a.network.mu.Lock()
	defer a.network.mu.Unlock()
	return a.handle
}

// Key is the public signing key now, as a did:key.
func (a *Account) Key() string {
	a.network.mu.Lock()
	defer a.network.mu.Unlock()
	return a.key.did()
}

// do runs something that may fail under the network's lock.
func (a *Account) do(what string, fn func() error) {
	a.network.mu.Lock()
	defer a.network.mu.Unlock()
	if a.key == nil {
		return // making it has failed, and the network knows
	}
	if err := fn(); err != nil {
		a.network.fail(fmt.Errorf("%s %s: %w", what, a.handle, err))
	}
}

// SetStatus changes what the server says of the account. Its entry in the directory stays.
func (a *Account) SetStatus(s atproto.Status) {
	a.do("set status of", func() error {
		switch s {
		case atproto.Active, atproto.Deactivated, atproto.TakenDown, atproto.Suspended, atproto.Deleted:
			a.status = s
			return nil
		}
		return fmt.Errorf("unknown status %q", s)
	})
}

// Rename gives the account another handle. The old one is free for others.
func (a *Account) Rename(handle string) {
	a.do("rename", func() error {
		name, err := syntax.ParseHandle(handle)
		if err != nil {
			return err
		}
		if err := a.takeHandle(name.Normalize()); err != nil {
			return err
		}
		if a.log == nil {
			return nil
		}
		return a.update()
	})
}

func (a *Account) takeHandle(name syntax.Handle) error {
	if other := a.network.handles[name]; other != nil && other != a {
		return fmt.Errorf("%s is taken", name)
	}
	if a.network.handles[a.handle] == a {
		delete(a.network.handles, a.handle)
	}
	a.handle, a.network.handles[name] = name, a
	return nil
}

// RotateKey gives the account another signing key. What was signed stays as it is: the
// newest commit verifies only with the former key until something is written.
func (a *Account) RotateKey() {
	a.do("rotate key of", func() error {
		if err := a.newSigningKey(); err != nil {
			return err
		}
		if a.log == nil {
			return nil
		}
		return a.update()
	})
}

// Recover undoes the newest operation in the directory, as the owner of the recovery key
// may within three days: it stays in the log, nullified, and another one follows the
// operation before it.
func (a *Account) Recover() {
	a.do("recover", func() error {
		if len(a.log) < 2 {
			return fmt.Errorf("there is nothing to undo")
		}
		a.last().nullified = true
		before := a.last()
		if err := a.takeHandle(before.handle); err != nil {
			return err
		}
		a.key = before.key
		fields := a.plcFields(a.handle, a.network.URL, before.cid)
		keep := a.rotation
		a.rotation = a.recovery // signs this one operation
		defer func() { a.rotation = keep }()
		return a.operate(fields)
	})
}

// Tombstone gives the account's DID up for good.
func (a *Account) Tombstone() {
	a.do("tombstone", func() error {
		if a.log == nil {
			return fmt.Errorf("it is not in the directory")
		}
		return a.operate(map[string]any{"type": "plc_tombstone", "prev": a.last().cid})
	})
}
