package polite

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// ErrTooLarge says that an answer is larger than it has any reason to be.
var ErrTooLarge = errors.New("answer is too large")

// body reads an answer and gives up when nothing comes for a while.
type body struct {
	io.ReadCloser
	ctx     context.Context
	cancel  context.CancelCauseFunc
	host    string
	idle    time.Duration
	silence *time.Timer
	left    int64 // bytes that may still come; negative: any number
	limit   int64
	close   sync.Once
}

func newBody(ctx context.Context, cancel context.CancelCauseFunc, resp *http.Response, host string, idle time.Duration, maxJSON int64) *body {
	b := &body{ReadCloser: resp.Body, ctx: ctx, cancel: cancel, host: host, idle: idle, left: -1}
	if isJSON(resp.Header.Get("Content-Type")) {
		b.left, b.limit = maxJSON, maxJSON
	}
	b.silence = time.AfterFunc(idle, func() {
		cancel(unavailable("%s stopped sending: nothing for %s", host, idle))
	})
	b.silence.Stop()
	return b
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// Read counts the silence only while somebody waits for bytes: a slow reader is not the
// server's fault.
func (b *body) Read(p []byte) (int, error) {
	b.silence.Reset(b.idle)
	n, err := b.ReadCloser.Read(p)
	b.silence.Stop()
	if err != nil && err != io.EOF {
		return n, explainBody(b.ctx, b.host, err)
	}
	if b.left >= 0 {
		if b.left -= int64(n); b.left < 0 {
			return 0, fmt.Errorf("%w: more than %d bytes of JSON from %s", ErrTooLarge, b.limit, b.host)
		}
	}
	return n, err
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.close.Do(func() {
		b.silence.Stop()
		b.cancel(context.Canceled)
	})
	return err
}

// explain makes a sentence of an error of the network, and keeps apart what the caller
// did: a cancelled context stays what it is.
func explain(ctx context.Context, host string, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var (
		refused refusal
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
	)
	if errors.As(err, &refused) {
		return refused
	}
	final := errors.As(err, &cert) || errors.As(err, &dns) && dns.IsNotFound
	return &UnavailableError{err: fmt.Errorf("no answer from %s: %w", host, err), final: final}
}

func explainBody(ctx context.Context, host string, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return unavailable("%s broke off its answer: %w", host, err)
}
