package atprototest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// Options of a network. The zero value is what most tests want.
type Options struct {
	Addr  string        // "": a free port on 127.0.0.1
	Seed  string        // other seeds give other keys and DIDs
	Start time.Time     // when the first thing happens; zero: 1 February 2025, 9:00 UTC
	Step  time.Duration // how much later each following thing happens; 0: a minute

	// OldDocuments writes keys in DID documents as older directories do.
	OldDocuments bool
}

// A Network is a directory, a server of repositories and an AppView on one port. It may be
// used by several goroutines.
type Network struct {
	// URL is the base address of every service: http://127.0.0.1:PORT.
	URL string

	options Options
	server  *http.Server
	served  chan error
	close   sync.Once
	closing chan struct{} // closed when the network ends, so that nothing hangs longer

	mu       sync.Mutex
	err      error
	now      time.Time
	lastTID  uint64
	accounts []*Account
	byDID    map[syntax.DID]*Account
	handles  map[syntax.Handle]*Account
	names    map[string]atproto.Ref // aliases of records in commands
	roots    map[syntax.ATURI]atproto.Ref
	counts   map[syntax.ATURI]counts
	requests []Request
}

// A Request is one that the network was sent.
type Request struct {
	Method, Host, Path, Query string
	UserAgent                 string
}

// String is the request as a line: GET 127.0.0.1:4000/xrpc/…?did=…
func (r Request) String() string {
	return strings.TrimSuffix(r.Method+" "+r.Host+r.Path+"?"+r.Query, "?")
}

// Start makes an empty network and serves it until Close.
func Start(o Options) (*Network, error) {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2025, 2, 1, 9, 0, 0, 0, time.UTC)
	}
	if o.Step == 0 {
		o.Step = time.Minute
	}
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("start a network: %w", err)
	}
	n := &Network{
		URL:     "http://" + listener.Addr().String(),
		options: o,
		served:  make(chan error, 1),
		closing: make(chan struct{}),
		now:     o.Start.UTC(),
		byDID:   map[syntax.DID]*Account{},
		handles: map[syntax.Handle]*Account{},
		names:   map[string]atproto.Ref{},
		roots:   map[syntax.ATURI]atproto.Ref{},
		counts:  map[syntax.ATURI]counts{},
	}
	n.server = &http.Server{Handler: http.HandlerFunc(n.serve), ReadHeaderTimeout: 10 * time.Second}
	go func() { n.served <- n.server.Serve(listener) }()
	return n, nil
}

// Close ends the network, and what hangs on it. Closing it again does nothing.
func (n *Network) Close() error {
	var err error
	n.close.Do(func() {
		close(n.closing)
		err = n.server.Close()
		if served := <-n.served; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
	})
	return err
}

// Err is the first error of a method that returns none, like [Account.Post].
func (n *Network) Err() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.err
}

// fail keeps the first error. The lock is held.
func (n *Network) fail(err error) {
	if n.err == nil {
		n.err = err
	}
}

// Account is the account that has this handle now; if there is none it is made.
func (n *Network) Account(handle string, options ...AccountOption) *Account {
	n.mu.Lock()
	defer n.mu.Unlock()
	if a := n.handles[syntax.Handle(handle)]; a != nil {
		return a
	}
	a, err := n.newAccount(handle, options)
	if err != nil {
		n.fail(fmt.Errorf("make account %s: %w", handle, err))
	}
	return a
}

// Find is the account with this handle or DID, nil if there is none.
func (n *Network) Find(id string) *Account {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.find(id)
}

func (n *Network) find(id string) *Account {
	if a := n.byDID[syntax.DID(id)]; a != nil {
		return a
	}
	return n.handles[syntax.Handle(strings.ToLower(id))]
}

// Names are the aliases of records with their URIs, and the handles with their DIDs: what
// a script has to know of a network.
func (n *Network) Names() map[string]string {
	n.mu.Lock()
	defer n.mu.Unlock()
	names := map[string]string{}
	for alias, ref := range n.names {
		names[alias] = string(ref.URI)
	}
	for handle, a := range n.handles {
		names[string(handle)] = string(a.did)
	}
	return names
}

// Ref is the record with this alias, zero if there is none.
func (n *Network) Ref(alias string) atproto.Ref {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.names[alias]
}

// Requests are those sent since the start or the last call of Forget, in order.
func (n *Network) Requests() []Request {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.requests)
}

// Forget empties the list of requests.
func (n *Network) Forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests = nil
}

// Now is the network's time, which passes only when something is written.
func (n *Network) Now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

// tick lets time pass before something is written at this time or, if it is zero, next.
func (n *Network) tick(at time.Time) time.Time {
	n.now = n.now.Add(n.options.Step)
	if at.After(n.now) {
		n.now = at.UTC()
	}
	return n.now
}

// tid is a timestamp identifier for this time, later than any that was given out.
func (n *Network) tid(at time.Time) string {
	n.lastTID = max(n.lastTID+1, uint64(at.UnixMicro())<<10)
	return atproto.TID(n.lastTID)
}
