package polite

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// pause is how long a host still wants to be left alone.
func (t *Transport) pause(host string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	until, ok := t.until[host]
	if !ok {
		return 0
	}
	d := until.Sub(t.now())
	if d <= 0 {
		delete(t.until, host)
		return 0
	}
	return d
}

// note remembers when an answer allows the next request.
func (t *Transport) note(host string, resp *http.Response) {
	d := delay(resp, t.now())
	if d <= 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.until == nil {
		t.until = map[string]time.Time{}
	}
	if until := t.now().Add(d); until.After(t.until[host]) {
		t.until[host] = until
	}
}

// delay is how long an answer asks to wait: Retry-After of a refusal, else the end of the
// window when no request is left in it.
func delay(resp *http.Response, now time.Time) time.Duration {
	// Moments are compared with the server's own clock, since ours may be wrong.
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		now = date
	}
	refused := resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable
	if after := strings.TrimSpace(resp.Header.Get("Retry-After")); refused && after != "" {
		if seconds, err := strconv.ParseInt(after, 10, 32); err == nil {
			return time.Duration(seconds) * time.Second
		}
		if at, err := http.ParseTime(after); err == nil {
			return at.Sub(now)
		}
	}
	left, err := strconv.Atoi(resp.Header.Get("RateLimit-Remaining"))
	if resp.StatusCode != http.StatusTooManyRequests && (err != nil || left > 0) {
		return 0
	}
	reset, err := strconv.ParseInt(resp.Header.Get("RateLimit-Reset"), 10, 64)
	if err != nil || reset <= 0 {
		return 0
	}
	const epoch = 1e8 // servers of this network write the moment, others the seconds until it
	if reset >= epoch {
		return time.Unix(reset, 0).Sub(now)
	}
	return time.Duration(reset) * time.Second
}
