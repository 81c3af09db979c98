package polite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// The defaults of a [Transport].
const (
	DefaultUserAgent     = "skyarchive"
	DefaultRetries       = 3
	DefaultMaxWait       = 310 * time.Second // servers count requests in windows of five minutes
	DefaultAnswerTimeout = 30 * time.Second
	DefaultIdleTimeout   = 60 * time.Second
	DefaultMaxJSON       = 16 << 20
)

const (
	firstBackoff = 500 * time.Millisecond
	maxRedirects = 5
)

// A Transport is an http.RoundTripper that behaves as the package says. Its zero value is
// ready; it may be used by several goroutines, and must not be copied or changed after the
// first request.
type Transport struct {
	UserAgent    string // sent with every request that names none
	AllowPrivate bool   // loopback, private networks and reserved names are allowed

	Retries       int           // after the first try, for GET and HEAD; negative: none
	MaxWait       time.Duration // the longest that a server may ask one request to wait
	AnswerTimeout time.Duration // from the request to the head of the answer
	IdleTimeout   time.Duration // without a byte of the body; the whole may take any time
	MaxJSON       int64         // bytes of an answer that is JSON

	Proxy func(*http.Request) (*url.URL, error) // nil: from the environment
	Base  http.RoundTripper                     // nil: the network; addresses are not checked on another

	Now   func() time.Time                                 // nil: time.Now
	Sleep func(ctx context.Context, d time.Duration) error // nil: wait, or until ctx ends
	Log   *slog.Logger                                     // nil: silent

	once    sync.Once
	direct  *http.Transport
	proxied *http.Transport

	mu    sync.Mutex
	until map[string]time.Time // when a host wants to be asked again
}

// Client is an http.Client that uses t.
func (t *Transport) Client() *http.Client { return &http.Client{Transport: t} }

// RoundTrip sends a request. An error that says that no answer came is an
// [ErrUnavailable]; one that says that the request was not sent because of where it leads
// is an [ErrRefused].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.once.Do(t.dialers)
	if err := t.check(req); err != nil {
		return nil, err
	}
	if req.Header.Get("User-Agent") == "" {
		req = req.Clone(req.Context())
		req.Header.Set("User-Agent", or(t.UserAgent, DefaultUserAgent))
	}
	ctx, host := req.Context(), req.URL.Host
	waited := time.Duration(0)
	for try := 0; ; try++ {
		pause := t.pause(host)
		if waited += pause; waited > or(t.MaxWait, DefaultMaxWait) {
			return nil, unavailable("%s allows no more requests for %s", host, pause.Round(time.Second))
		}
		if err := t.wait(ctx, host, pause); err != nil {
			return nil, err
		}
		resp, err := t.attempt(req)
		if ctx.Err() != nil {
			return resp, err
		}
		if err == nil {
			t.note(host, resp)
		}
		if !repeatable(req) || !worthwhile(resp, err) || try >= t.retries() {
			return resp, err
		}
		backoff := max(t.pause(host), jitter(firstBackoff<<try))
		if waited+backoff > or(t.MaxWait, DefaultMaxWait) {
			return resp, err // it says itself how long it wants to be left alone
		}
		t.log().Info("try again", "host", host, "in", backoff.Round(time.Millisecond), "why", reason(resp, err))
		if resp != nil {
			drain(resp.Body)
		}
		waited += backoff
		if err := t.wait(ctx, host, backoff); err != nil {
			return nil, err
		}
	}
}

// attempt sends a request once, with the two timeouts.
func (t *Transport) attempt(req *http.Request) (*http.Response, error) {
	host := req.URL.Host
	ctx, cancel := context.WithCancelCause(req.Context())
	silence := time.AfterFunc(or(t.AnswerTimeout, DefaultAnswerTimeout), func() {
		cancel(unavailable("no answer from %s within %s", host, or(t.AnswerTimeout, DefaultAnswerTimeout)))
	})
	start := t.now()
	resp, err := t.send(req.WithContext(ctx))
	silence.Stop()
	if err != nil {
		err = explain(ctx, host, err)
		cancel(err)
		t.log().Debug("request", "method", req.Method, "url", req.URL.Redacted(), "err", err, "took", t.now().Sub(start))
		return nil, err
	}
	t.log().Debug("request", "method", req.Method, "url", req.URL.Redacted(), "status", resp.StatusCode, "took", t.now().Sub(start))
	resp.Body = newBody(ctx, cancel, resp, host, or(t.IdleTimeout, DefaultIdleTimeout), or(t.MaxJSON, DefaultMaxJSON))
	return resp, nil
}

// repeatable says whether a request may be sent twice.
func repeatable(req *http.Request) bool {
	return (req.Method == "" || req.Method == http.MethodGet || req.Method == http.MethodHead) &&
		(req.Body == nil || req.Body == http.NoBody)
}

// worthwhile says whether another try may go better.
func worthwhile(resp *http.Response, err error) bool {
	if err != nil {
		var gone *UnavailableError
		return errors.As(err, &gone) && !gone.final
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func reason(resp *http.Response, err error) string {
	if err != nil {
		return err.Error()
	}
	return resp.Status
}

// drain reads the rest of a short answer, so that the connection can be used again.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10)
	_ = body.Close()
}

// jitter is d, more or less, so that many clients do not come back together.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// wait waits, and says so when it takes long enough to be noticed.
func (t *Transport) wait(ctx context.Context, host string, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	if d > 5*time.Second {
		t.log().Warn("waiting: the server asks to", "host", host, "for", d.Round(time.Second))
	}
	if t.Sleep != nil {
		return t.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

func (t *Transport) retries() int {
	if t.Retries < 0 {
		return 0
	}
	return or(t.Retries, DefaultRetries)
}

func (t *Transport) now() time.Time {
	if t.Now != nil {
		return t.Now()
	}
	return time.Now()
}

func (t *Transport) log() *slog.Logger {
	if t.Log != nil {
		return t.Log
	}
	return slog.New(slog.DiscardHandler)
}

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// ErrUnavailable says that no answer came: trying later may help. The error is an
// [*UnavailableError].
var ErrUnavailable = errors.New("no answer")

// An UnavailableError tells which host did not answer, and why.
type UnavailableError struct {
	err   error
	final bool // trying again at once is of no use
}

func (e *UnavailableError) Error() string        { return e.err.Error() }
func (e *UnavailableError) Unwrap() error        { return e.err }
func (e *UnavailableError) Is(target error) bool { return target == ErrUnavailable }

func unavailable(format string, args ...any) error {
	return &UnavailableError{err: fmt.Errorf(format, args...)}
}
