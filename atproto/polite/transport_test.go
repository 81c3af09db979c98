package polite_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"skyarchive/atproto/polite"
)

// server answers requests in process, so that the time of a synctest bubble can pass.
type server func(req *http.Request, n int) (*http.Response, error)

type base struct {
	server
	requests []time.Time
}

func (b *base) RoundTrip(req *http.Request) (*http.Response, error) {
	b.requests = append(b.requests, time.Now())
	return b.server(req, len(b.requests))
}

func answer(status int, body string, headers ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Status: strconv.Itoa(status) + " " + http.StatusText(status), Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i+1 < len(headers); i += 2 {
		resp.Header.Set(headers[i], headers[i+1])
	}
	return resp
}

func get(t *testing.T, tr *polite.Transport, url string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tr.RoundTrip(req)
}

const page = "https://pds.example.com/xrpc/x"

func TestTriesAgain(t *testing.T) {
	tests := []struct {
		name     string
		failures int
		fail     func() (*http.Response, error)
		status   int // of the last answer, 0: none
		requests int
	}{
		{"once unavailable", 1, func() (*http.Response, error) { return answer(503, ""), nil }, 200, 2},
		{"three times broken", 3, func() (*http.Response, error) { return answer(500, ""), nil }, 200, 4},
		{"for ever broken", 99, func() (*http.Response, error) { return answer(502, "why"), nil }, 502, 4},
		{"connection lost once", 1, func() (*http.Response, error) { return nil, errors.New("reset by peer") }, 200, 2},
		{"never connected", 99, func() (*http.Response, error) { return nil, errors.New("refused by peer") }, 0, 4},
		{"a wrong request stays wrong", 99, func() (*http.Response, error) { return answer(400, ""), nil }, 400, 1},
		{"not implemented stays so", 99, func() (*http.Response, error) { return answer(501, ""), nil }, 501, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &base{server: func(_ *http.Request, n int) (*http.Response, error) {
					if n <= test.failures {
						return test.fail()
					}
					return answer(200, "done"), nil
				}}
				resp, err := get(t, &polite.Transport{Base: b}, page)
				if len(b.requests) != test.requests {
					t.Errorf("%d requests, want %d", len(b.requests), test.requests)
				}
				if test.status == 0 {
					if !errors.Is(err, polite.ErrUnavailable) || !strings.HasPrefix(err.Error(), "no answer from pds.example.com: ") {
						t.Fatalf("got %v, want ErrUnavailable that names the host", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if resp.StatusCode != test.status {
					t.Errorf("status %d, want %d", resp.StatusCode, test.status)
				}
				for i := 1; i < len(b.requests); i++ {
					if d := b.requests[i].Sub(b.requests[i-1]); d < 250*time.Millisecond || d > 4*time.Second {
						t.Errorf("try %d came after %v", i+1, d)
					}
				}
			})
		})
	}
}

// A request that changes something is sent once.
func TestDoesNotRepeatPost(t *testing.T) {
	b := &base{server: func(*http.Request, int) (*http.Response, error) { return answer(503, ""), nil }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, page, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&polite.Transport{Base: b}).RoundTrip(req)
	if err != nil || resp.StatusCode != 503 || len(b.requests) != 1 {
		t.Errorf("got %v, %v after %d requests; want 503 after one", resp, err, len(b.requests))
	}
}

func TestWaitsAsAsked(t *testing.T) {
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when a bubble begins
	tests := []struct {
		name    string
		first   *http.Response
		wait    time.Duration
		retried bool // else the second request is one of its own
	}{
		{"seconds", answer(429, "", "Retry-After", "20"), 20 * time.Second, true},
		{"a date", answer(503, "", "Retry-After", start.Add(40*time.Second).Format(http.TimeFormat)), 40 * time.Second, true},
		{"a date, by a clock of yesterday", answer(503, "",
			"Date", start.Add(-24*time.Hour).Format(http.TimeFormat),
			"Retry-After", start.Add(-24*time.Hour+30*time.Second).Format(http.TimeFormat)), 30 * time.Second, true},
		{"refused until the window ends", answer(429, "", "RateLimit-Reset", strconv.FormatInt(start.Add(time.Minute).Unix(), 10)), time.Minute, true},
		{"last of the window", answer(200, "", "RateLimit-Remaining", "0",
			"RateLimit-Reset", strconv.FormatInt(start.Add(90*time.Second).Unix(), 10)), 90 * time.Second, false},
		{"last of the window, in seconds", answer(200, "", "RateLimit-Remaining", "0", "RateLimit-Reset", "15"), 15 * time.Second, false},
		{"some left", answer(200, "", "RateLimit-Remaining", "7", "RateLimit-Reset", "15"), 0, false},
		{"Retry-After of a success says nothing", answer(200, "", "Retry-After", "20"), 0, false},
		{"a time that is past", answer(200, "", "RateLimit-Remaining", "0", "RateLimit-Reset", strconv.FormatInt(start.Unix()-5, 10)), 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &base{server: func(_ *http.Request, n int) (*http.Response, error) {
					if n == 1 {
						return test.first, nil
					}
					return answer(200, ""), nil
				}}
				tr := &polite.Transport{Base: b}
				if _, err := get(t, tr, page); err != nil {
					t.Fatal(err)
				}
				if !test.retried {
					if _, err := get(t, tr, "https://elsewhere.example.com/"); err != nil {
						t.Fatal(err)
					}
					if d := b.requests[1].Sub(b.requests[0]); d != 0 {
						t.Errorf("another host had to wait %v", d)
					}
					if _, err := get(t, tr, page); err != nil {
						t.Fatal(err)
					}
				}
				got := b.requests[len(b.requests)-1].Sub(b.requests[0])
				if test.retried && (got < test.wait || got > test.wait+2*time.Second) || !test.retried && got != test.wait {
					t.Errorf("waited %v, want %v", got, test.wait)
				}
			})
		})
	}
}

// A server that asks for more patience than allowed has the last word, and nothing is sent
// to it until then.
func TestDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &base{server: func(*http.Request, int) (*http.Response, error) {
			return answer(429, "come back tomorrow", "Retry-After", "86400"), nil
		}}
		tr := &polite.Transport{Base: b}
		resp, err := get(t, tr, page)
		if err != nil || resp.StatusCode != 429 {
			t.Fatalf("got %v, %v; want the 429", resp, err)
		}
		if body, _ := io.ReadAll(resp.Body); string(body) != "come back tomorrow" {
			t.Errorf("the reason is gone: %q", body)
		}
		_, err = get(t, tr, page)
		if !errors.Is(err, polite.ErrUnavailable) || len(b.requests) != 1 {
			t.Errorf("second request: %v after %d requests, want ErrUnavailable after 1", err, len(b.requests))
		}
	})
}

// Time and patience can be given, for those who cannot wait.
func TestOwnClock(t *testing.T) {
	now := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	var slept []time.Duration
	b := &base{server: func(_ *http.Request, n int) (*http.Response, error) {
		if n == 1 {
			return answer(429, "", "Retry-After", now.Add(42*time.Second).Format(http.TimeFormat)), nil
		}
		return answer(200, ""), nil
	}}
	tr := &polite.Transport{
		Base: b,
		Now:  func() time.Time { return now },
		Sleep: func(_ context.Context, d time.Duration) error {
			slept, now = append(slept, d), now.Add(d)
			return nil
		},
	}
	if resp, err := get(t, tr, page); err != nil || resp.StatusCode != 200 || len(slept) != 1 || slept[0] != 42*time.Second {
		t.Errorf("%v, %v after sleeping %v, want 200 after 42s", resp, err, slept)
	}
}

func TestGivesUpOnSilence(t *testing.T) {
	hang := func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, context.Cause(req.Context())
	}
	t.Run("no answer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &base{server: func(req *http.Request, n int) (*http.Response, error) { return hang(req) }}
			start := time.Now()
			_, err := get(t, &polite.Transport{Base: b, Retries: -1}, page)
			if !errors.Is(err, polite.ErrUnavailable) || time.Since(start) != polite.DefaultAnswerTimeout {
				t.Errorf("%v after %v, want ErrUnavailable after %v", err, time.Since(start), polite.DefaultAnswerTimeout)
			}
		})
	})
	t.Run("slow but steady", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			resp := answer(200, "")
			resp.Body = io.NopCloser(&dripping{left: 100, every: 50 * time.Second})
			b := &base{server: func(*http.Request, int) (*http.Response, error) { return resp, nil }}
			resp, err := get(t, &polite.Transport{Base: b}, page)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, resp.Body); n != 100 || err != nil {
				t.Errorf("%d bytes, %v; want all 100: a download may take any time", n, err)
			}
		})
	})
	t.Run("stops in the middle", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &base{server: func(req *http.Request, _ int) (*http.Response, error) {
				resp := answer(200, "")
				resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("half"), stopped{req.Context()}))
				return resp, nil
			}}
			resp, err := get(t, &polite.Transport{Base: b}, page)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			n, err := io.Copy(io.Discard, resp.Body)
			if n != 4 || !errors.Is(err, polite.ErrUnavailable) || time.Since(start) != polite.DefaultIdleTimeout {
				t.Errorf("%d bytes, %v after %v; want 4, ErrUnavailable after %v", n, err, time.Since(start), polite.DefaultIdleTimeout)
			}
		})
	})
	t.Run("a slow reader is not the server's fault", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &base{server: func(*http.Request, int) (*http.Response, error) { return answer(200, "all of it"), nil }}
			resp, err := get(t, &polite.Transport{Base: b}, page)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			if body, err := io.ReadAll(resp.Body); string(body) != "all of it" || err != nil {
				t.Errorf("%q, %v", body, err)
			}
		})
	})
}

// What the caller ends is not the server's fault, and is not tried again.
func TestCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &base{server: func(*http.Request, int) (*http.Response, error) { return answer(429, "", "Retry-After", "200"), nil }}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = (&polite.Transport{Base: b}).RoundTrip(req)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, polite.ErrUnavailable) || len(b.requests) != 1 {
			t.Errorf("%v after %d requests, want the caller's deadline after 1", err, len(b.requests))
		}
	})
}

func TestLargeJSON(t *testing.T) {
	for _, test := range []struct {
		kind string
		fits bool
	}{
		{"application/json; charset=utf-8", false},
		{"application/did+ld+json", false},
		{"application/vnd.ipld.car", true},
		{"", true},
	} {
		b := &base{server: func(*http.Request, int) (*http.Response, error) {
			return answer(200, strings.Repeat("x", 1001), "Content-Type", test.kind), nil
		}}
		resp, err := get(t, &polite.Transport{Base: b, MaxJSON: 1000}, page)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(resp.Body)
		if errors.Is(err, polite.ErrTooLarge) == test.fits {
			t.Errorf("%q: %v, want fits=%v", test.kind, err, test.fits)
		}
	}
}

func TestUserAgent(t *testing.T) {
	for _, test := range []struct{ agent, want string }{{"", "skyarchive"}, {"skyarchive/1.2 (+me@example.org)", "skyarchive/1.2 (+me@example.org)"}} {
		got := ""
		b := &base{server: func(req *http.Request, _ int) (*http.Response, error) {
			got = req.UserAgent()
			return answer(200, ""), nil
		}}
		if _, err := get(t, &polite.Transport{Base: b, UserAgent: test.agent}, page); err != nil {
			t.Fatal(err)
		}
		if got != test.want {
			t.Errorf("sent %q, want %q", got, test.want)
		}
	}
}

// dripping gives a byte now and then.
type dripping struct {
	left  int
	every time.Duration
}

func (d *dripping) Read(p []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(d.every)
	d.left--
	p[0] = 'x'
	return 1, nil
}

// stopped never gives a byte.
type stopped struct{ ctx context.Context }

func (s stopped) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}
