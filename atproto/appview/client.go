package appview

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// DefaultHost is the AppView that is asked unless another is named.
const DefaultHost = "https://public.api.bsky.app"

const maxAnswer = 16 << 20

// ErrUnavailable says that the AppView did not answer, broke off, or asked to come back
// later.
var ErrUnavailable = errors.New("the AppView is unavailable")

// A Client asks one AppView, without logging in.
type Client struct {
	HTTP *http.Client // nil: http.DefaultClient
	Host string       // base URL; "": DefaultHost
}

// An Error is an answer other than 200.
type Error struct {
	Host    string
	Status  int
	Name    string // "" if the answer had none
	Message string
}

func (e *Error) Error() string {
	detail := strings.TrimPrefix(e.Name+": "+e.Message, ": ")
	if e.Name+e.Message == "" {
		detail = http.StatusText(e.Status)
	}
	return fmt.Sprintf("%s answers %d (%s)", e.Host, e.Status, detail)
}

// Is tells answers that may be others later from those that will not.
func (e *Error) Is(target error) bool {
	return target == ErrUnavailable && (e.Status == http.StatusTooManyRequests || e.Status >= 500)
}

// Base is the base URL of the AppView.
func (c *Client) Base() string {
	if c.Host == "" {
		return DefaultHost
	}
	return strings.TrimSuffix(c.Host, "/")
}

// call calls a method and reads its answer as JSON.
func (c *Client) call(ctx context.Context, method string, params url.Values, to any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Base()+"/xrpc/"+method+"?"+params.Encode(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return broken(ctx, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return broken(ctx, err)
	case len(body) > maxAnswer:
		return fmt.Errorf("the answer of %s has more than %d bytes", req.URL.Host, maxAnswer)
	case resp.StatusCode != http.StatusOK:
		e := &Error{Host: req.URL.Host, Status: resp.StatusCode}
		var answer struct{ Error, Message string }
		if json.Unmarshal(body, &answer) == nil {
			e.Name, e.Message = printable(answer.Error), printable(answer.Message)
		}
		return e
	}
	if err := json.Unmarshal(body, to); err != nil {
		return fmt.Errorf("%s answers %s with something that is not the JSON expected: %w", req.URL.Host, method, err)
	}
	return nil
}

// printable is a server's text made safe for a terminal and not too long.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 300 {
		s = string(runes[:300]) + "…"
	}
	return strings.TrimSpace(s)
}

// broken is an error on the way. What the caller ended stays what it is.
func broken(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var way *url.Error
	if errors.As(err, &way) {
		err = way.Err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
