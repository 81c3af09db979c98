package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// The services that are asked unless others are named.
const (
	DefaultPLC            = "https://plc.directory"
	DefaultHandleResolver = "https://public.api.bsky.app"
)

// An Identity is an account as its DID document describes it now.
type Identity struct {
	atproto.Account

	// Declared is the handle that the document names, confirmed or not; "" if it names none.
	Declared syntax.Handle

	// Unconfirmed says why Account.Handle is handle.invalid; nil if it is confirmed. An
	// [ErrUnavailable] means that nobody could be asked, so that nothing is known.
	Unconfirmed error

	// Key is the signing key as a did:key; "" if the document has none that can be read.
	Key string

	Document     []byte // as received, JSON
	DocumentHost string // who gave it
}

// A Resolver looks accounts up. It may be used by several goroutines.
type Resolver struct {
	HTTP           *http.Client // nil: http.DefaultClient
	PLC            string       // base URL of the directory; "": DefaultPLC
	HandleResolver string       // base URL of a server with resolveHandle; "": DefaultHandleResolver

	// LookupTXT asks DNS. Nil: the system's resolver, for three seconds at most.
	LookupTXT func(ctx context.Context, name string) ([]string, error)
}

// Resolve finds the account with a handle or a DID. With a handle the identity is
// confirmed: the handle leads to the DID, and its document names that handle. With a DID
// the account exists, and its handle is handle.invalid unless it is confirmed too.
//
// [ErrNoAccount] and [ErrTombstoned] are answers; [ErrUnavailable] is the lack of one.
func (r *Resolver) Resolve(ctx context.Context, id syntax.AtIdentifier) (Identity, error) {
	if did, err := id.AsDID(); err == nil {
		return r.byDID(ctx, did)
	}
	handle, err := id.AsHandle()
	if err != nil || handle.IsInvalidHandle() {
		return Identity{}, &NoAccountError{Name: string(id)}
	}
	return r.byHandle(ctx, handle.Normalize())
}

// byHandle asks each place until one leads to a document that names the handle.
func (r *Resolver) byHandle(ctx context.Context, handle syntax.Handle) (Identity, error) {
	var (
		none  = &NoAccountError{Name: string(handle)}
		tried = map[syntax.DID]bool{}
		gone  error
	)
	for did, err := range r.places(ctx, handle) {
		if err != nil {
			return Identity{}, fmt.Errorf("look up %s: %w", handle, err)
		}
		if tried[did] {
			continue
		}
		tried[did] = true
		id, err := r.document(ctx, did)
		switch {
		case final(err):
			gone = err
		case err != nil:
			return Identity{}, fmt.Errorf("look up %s: %w", handle, err)
		case id.Declared == handle:
			id.Handle, id.Unconfirmed = handle, nil
			return id, nil
		default:
			none.DID, none.Handle = did, id.Declared
		}
	}
	if none.DID == "" && gone != nil {
		return Identity{}, fmt.Errorf("look up %s: %w", handle, gone)
	}
	return Identity{}, none
}

// byDID reads the document, and confirms the handle in it.
func (r *Resolver) byDID(ctx context.Context, did syntax.DID) (Identity, error) {
	id, err := r.document(ctx, did)
	if err != nil {
		return Identity{}, err
	}
	if id.Declared == "" {
		id.Unconfirmed = fmt.Errorf("the document of %s names no handle", did)
		return id, nil
	}
	id.Unconfirmed = &NoAccountError{Name: string(id.Declared)}
	for other, err := range r.places(ctx, id.Declared) {
		switch {
		case ctx.Err() != nil:
			return Identity{}, context.Cause(ctx)
		case err != nil:
			id.Unconfirmed = err
		case other == did:
			id.Handle, id.Unconfirmed = id.Declared, nil
			return id, nil
		default:
			id.Unconfirmed = fmt.Errorf("%s belongs to %s", id.Declared, other)
		}
	}
	return id, nil
}

// document reads a DID document. The handle in it is not confirmed.
func (r *Resolver) document(ctx context.Context, did syntax.DID) (Identity, error) {
	address, err := r.documentURL(did)
	if err != nil {
		return Identity{}, err
	}
	raw, host, err := r.get(ctx, address, maxDocument)
	if errors.Is(notFound(err, string(did)), ErrNoAccount) {
		return Identity{}, &NoAccountError{Name: string(did)}
	}
	if err != nil {
		return Identity{}, fmt.Errorf("identity of %s: %w", did, notFound(err, string(did)))
	}
	if !json.Valid(raw) {
		return Identity{}, fmt.Errorf("identity of %s: %w", did, notJSON(host))
	}
	id, err := ParseDocument(did, raw)
	if err != nil {
		return Identity{}, fmt.Errorf("from %s: %w", host, err)
	}
	id.DocumentHost = host
	return id, nil
}

// documentURL is where the document of a DID is.
func (r *Resolver) documentURL(did syntax.DID) (string, error) {
	name := did.Identifier()
	switch did.Method() {
	case "plc":
		return r.plc() + "/" + string(did), nil
	case "web":
		host, err := url.PathUnescape(name)
		if err != nil || strings.ContainsAny(host, "/?#@\\ ") || host == "" || strings.Contains(name, ":") {
			return "", fmt.Errorf("%s names no web server: %w", did, ErrUnsupported)
		}
		if hostname, _, port := strings.Cut(host, ":"); port && hostname != "localhost" {
			return "", fmt.Errorf("%s has a port: %w", did, ErrUnsupported)
		} else if port {
			return "http://" + host + "/.well-known/did.json", nil // as the specification allows for development
		}
		return "https://" + host + "/.well-known/did.json", nil
	}
	return "", fmt.Errorf("%s: %w", did, ErrUnsupported)
}

// AuditLog is the directory's log of an account as received: every operation, also those
// that were nullified. Accounts that are not in the directory (did:web) have none: nil.
func (r *Resolver) AuditLog(ctx context.Context, did syntax.DID) (raw []byte, host string, err error) {
	if did.Method() != "plc" {
		return nil, "", nil
	}
	raw, host, err = r.get(ctx, r.plc()+"/"+string(did)+"/log/audit", maxAuditLog)
	if err != nil {
		return nil, "", fmt.Errorf("audit log of %s: %w", did, notFound(err, string(did)))
	}
	if !json.Valid(raw) {
		return nil, "", fmt.Errorf("audit log of %s: %w", did, notJSON(host))
	}
	return raw, host, nil
}

func (r *Resolver) plc() string { return base(r.PLC, DefaultPLC) }

func base(set, fallback string) string {
	if set == "" {
		set = fallback
	}
	return strings.TrimSuffix(set, "/")
}
