package pds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"skyarchive/atproto"
)

// What callers decide by.
var (
	// ErrGone says that the server does not give out the repository. The error is a
	// [*GoneError], which tells why.
	ErrGone = errors.New("the account is gone")

	// ErrUnavailable says that the server did not answer, broke off, or asked to come back
	// later.
	ErrUnavailable = errors.New("the server is unavailable")

	// ErrUnverified says that bytes are not those that their CID names.
	ErrUnverified = errors.New("the bytes do not match their CID")

	// ErrNotFound says that the server does not have a file or a record.
	ErrNotFound = errors.New("the server does not have it")

	// ErrTooLarge says that an answer is larger than was allowed.
	ErrTooLarge = errors.New("too large")
)

// An Error is a server's answer other than 200: {"error": Name, "message": Message}.
type Error struct {
	Host    string
	Status  int
	Name    string // "" if the answer was not of that form
	Message string
}

func (e *Error) Error() string {
	detail := e.Name
	if e.Message != "" && e.Message != e.Name {
		detail = strings.TrimPrefix(detail+": "+e.Message, ": ")
	}
	if detail == "" {
		detail = http.StatusText(e.Status)
	}
	return fmt.Sprintf("%s answers %d (%s)", e.Host, e.Status, detail)
}

// Is makes errors.Is tell unavailable servers and missing things from other answers.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrUnavailable:
		return e.Status == http.StatusTooManyRequests || e.Status >= 500 && e.Status != http.StatusNotImplemented
	case ErrNotFound:
		switch e.Name {
		case "RecordNotFound", "BlobNotFound", "BlockNotFound":
			return true
		}
		message := strings.ToLower(e.Message)
		return strings.Contains(message, "blob not found") || strings.HasPrefix(message, "could not find cids")
	}
	return false
}

// A GoneError says in which state the server holds the account.
type GoneError struct {
	DID    string
	Status atproto.Status
	Answer *Error
}

func (e *GoneError) Error() string {
	switch e.Status {
	case atproto.Deactivated:
		return fmt.Sprintf("%s was deactivated by its owner", e.DID)
	case atproto.TakenDown:
		return fmt.Sprintf("%s was taken down by %s", e.DID, e.Answer.Host)
	case atproto.Suspended:
		return fmt.Sprintf("%s is suspended by %s", e.DID, e.Answer.Host)
	case atproto.Deleted:
		return fmt.Sprintf("%s is no longer at %s", e.DID, e.Answer.Host)
	}
	return fmt.Sprintf("%s is not active at %s, which calls it %q", e.DID, e.Answer.Host, e.Status)
}

// Is makes a GoneError an [ErrGone].
func (e *GoneError) Is(target error) bool { return target == ErrGone }
func (e *GoneError) Unwrap() error        { return e.Answer }

// refused reads an answer other than 200.
func (c *Client) refused(resp *http.Response, did string) error {
	e := &Error{Host: c.host(), Status: resp.StatusCode}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxStatus))
	var answer struct {
		Error   string `json:"error"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &answer) == nil {
		e.Name, e.Message = printable(answer.Error), printable(answer.Message)
	}
	status := map[string]atproto.Status{
		"RepoDeactivated": atproto.Deactivated,
		"RepoTakendown":   atproto.TakenDown,
		"RepoSuspended":   atproto.Suspended,
		"RepoNotFound":    atproto.Deleted,
	}[e.Name]
	if status != "" {
		return &GoneError{DID: did, Status: status, Answer: e}
	}
	return e
}

// printable is a server's text made safe for a terminal and not too long.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 300 {
		s = string(runes[:300]) + "…"
	}
	return strings.TrimSpace(s)
}

// broken is an error on the way. What the caller ended, and what was never sent because of
// where it leads, stay what they are.
func (c *Client) broken(ctx context.Context, err error) error {
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
	return &unavailable{err}
}

// unavailable is an ErrUnavailable with the words of its cause.
type unavailable struct{ error }

func (e *unavailable) Is(target error) bool { return target == ErrUnavailable }
func (e *unavailable) Unwrap() error        { return e.error }
