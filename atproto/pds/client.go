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

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

const (
	maxStatus = 64 << 10
	maxProof  = 16 << 20 // a record of at most 1 MB and the path to it
)

// A Client asks one server. HTTP decides how: who asks, how often, for how long.
type Client struct {
	HTTP *http.Client // nil: http.DefaultClient
	Host string       // base URL of the server, as [atproto.Account] has it

	MaxRepo int64 // bytes of a repository, uncompressed; 0: any
}

// Status says whether the server has the account's repository, and the revision of its
// newest commit if the account is active. An account that the server does not know is
// [atproto.Deleted]; a state that is not known here is passed on as the server wrote it.
func (c *Client) Status(ctx context.Context, did syntax.DID) (status atproto.Status, rev string, err error) {
	var answer struct {
		Active *bool  `json:"active"`
		Status string `json:"status"`
		Rev    string `json:"rev"`
	}
	err = c.json(ctx, "com.atproto.sync.getRepoStatus", url.Values{"did": {string(did)}}, &answer)
	var gone *GoneError
	switch {
	case errors.As(err, &gone):
		return gone.Status, "", nil
	case unknownMethod(err):
		return c.latest(ctx, did)
	case err != nil:
		return "", "", fmt.Errorf("ask for the state of %s: %w", did, err)
	case answer.Active == nil:
		return "", "", fmt.Errorf("ask for the state of %s: %s does not say whether it is active", did, c.host())
	case *answer.Active:
		return atproto.Active, answer.Rev, nil
	case answer.Status == "":
		return atproto.Inactive, "", nil
	}
	return atproto.Status(printable(answer.Status)), "", nil
}

// latest is Status for servers that lack getRepoStatus.
func (c *Client) latest(ctx context.Context, did syntax.DID) (atproto.Status, string, error) {
	var answer struct {
		Rev string `json:"rev"`
	}
	err := c.json(ctx, "com.atproto.sync.getLatestCommit", url.Values{"did": {string(did)}}, &answer)
	var gone *GoneError
	if errors.As(err, &gone) {
		return gone.Status, "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("ask for the newest commit of %s: %w", did, err)
	}
	return atproto.Active, answer.Rev, nil
}

// unknownMethod says whether a server does not have the method. Some ask for a login
// instead of saying so.
func unknownMethod(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Name == "MethodNotImplemented" || e.Status == http.StatusNotImplemented ||
		e.Status == http.StatusNotFound || e.Status == http.StatusUnauthorized
}

// json calls a method that answers with JSON.
func (c *Client) json(ctx context.Context, method string, params url.Values, to any) error {
	b, err := c.bytes(ctx, method, params, "application/json", maxStatus)
	if err != nil {
		return err
	}
	if !json.Valid(b) {
		return fmt.Errorf("%s answers %s with something that is not JSON, as a page for logging in to a network does: %w", c.host(), method, ErrUnavailable)
	}
	if err := json.Unmarshal(b, to); err != nil {
		return fmt.Errorf("%s answers %s with something that is not the JSON expected: %w", c.host(), method, err)
	}
	return nil
}

// bytes calls a method and returns its answer, of limit bytes at most.
func (c *Client) bytes(ctx context.Context, method string, params url.Values, accept string, limit int64) ([]byte, error) {
	resp, err := c.call(ctx, method, params, accept)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, c.broken(ctx, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("the answer of %s to %s: %w (more than %d bytes)", c.host(), method, ErrTooLarge, limit)
	}
	return b, nil
}

// call calls a method. The answer has status 200, and its body must be closed.
func (c *Client) call(ctx context.Context, method string, params url.Values, accept string) (*http.Response, error) {
	base, err := url.Parse(c.Host)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%q is no address of a server", c.Host)
	}
	address := strings.TrimSuffix(base.String(), "/") + "/xrpc/" + method + "?" + params.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, c.broken(ctx, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, c.refused(resp, params.Get("did"))
}

// host is the server's name, for messages.
func (c *Client) host() string {
	if u, err := url.Parse(c.Host); err == nil && u.Host != "" {
		return u.Host
	}
	return c.Host
}
