package identity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// What callers decide by.
var (
	// ErrNoAccount says that there is no such account. The error may be a [*NoAccountError].
	ErrNoAccount = errors.New("no such account")

	// ErrTombstoned says that an account's DID was given up for good.
	ErrTombstoned = errors.New("the account's identity was deleted")

	// ErrUnavailable says that who could tell did not answer.
	ErrUnavailable = errors.New("cannot be looked up now")

	// ErrUnsupported says that a DID is of a kind that this network does not use.
	ErrUnsupported = errors.New("only did:plc and did:web are in use")
)

// A NoAccountError says which name leads to no account. If it does lead to a DID whose
// document does not name it, DID is that, and Handle is what the document names instead.
type NoAccountError struct {
	Name   string
	DID    syntax.DID
	Handle syntax.Handle
}

func (e *NoAccountError) Error() string {
	switch {
	case e.DID == "":
		return fmt.Sprintf("no account named %s", e.Name)
	case e.Handle == "":
		return fmt.Sprintf("no account named %s: it leads to %s, which names no handle", e.Name, e.DID)
	}
	return fmt.Sprintf("no account named %s: it leads to %s, which is now @%s", e.Name, e.DID, e.Handle)
}

// Is makes a NoAccountError an [ErrNoAccount].
func (e *NoAccountError) Is(target error) bool { return target == ErrNoAccount }

// final says whether an error is an answer.
func final(err error) bool { return errors.Is(err, ErrNoAccount) || errors.Is(err, ErrTombstoned) }

// unavailableError is an ErrUnavailable with the words of its cause.
type unavailableError struct{ error }

func (e *unavailableError) Is(target error) bool { return target == ErrUnavailable }
func (e *unavailableError) Unwrap() error        { return e.error }

// notJSON says that what a host answers is no answer of its own: so do pages for logging in
// to a network.
func notJSON(host string) error {
	return &unavailableError{fmt.Errorf("%s answers with something that is not JSON, as a page for logging in to a network does", host)}
}

// answerError is an answer other than 200.
type answerError struct {
	host   string
	status int
}

func (e *answerError) Error() string {
	return fmt.Sprintf("%s answers %d (%s)", e.host, e.status, http.StatusText(e.status))
}

func (e *answerError) Is(target error) bool {
	return target == ErrUnavailable && (e.status == http.StatusTooManyRequests || e.status >= 500)
}

// notFound makes an answer that says so the error that callers know.
func notFound(err error, name string) error {
	var answer *answerError
	if errors.As(err, &answer) {
		switch answer.status {
		case http.StatusNotFound:
			return &NoAccountError{Name: name}
		case http.StatusGone:
			return ErrTombstoned
		}
	}
	return err
}

const (
	maxDocument = 1 << 20
	maxAuditLog = 16 << 20
)

// get reads a small answer and says which host gave it.
func (r *Resolver) get(ctx context.Context, address string, limit int64) (raw []byte, host string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, "", err
	}
	host = req.URL.Host
	client := r.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, host, broken(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, host, &answerError{host, resp.StatusCode}
	}
	raw, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, host, broken(ctx, err)
	}
	if int64(len(raw)) > limit {
		return nil, host, fmt.Errorf("the answer of %s has more than %d bytes", host, limit)
	}
	return raw, host, nil
}

// broken is an error on the way. What the caller ended, and what was never sent because of
// where it leads, stay what they are.
func broken(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var way *url.Error
	if errors.As(err, &way) {
		err = way.Err
	}
	var refusal interface{ Refused() bool }
	if errors.As(err, &refusal) && refusal.Refused() {
		return err
	}
	return &unavailableError{err}
}
