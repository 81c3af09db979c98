package polite_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"skyarchive/atproto/polite"
)

func TestRefusesPrivateTargets(t *testing.T) {
	tests := []struct {
		url     string
		refused bool
	}{
		{"http://127.0.0.1/", true},
		{"http://[::1]:8080/", true},
		{"http://[::ffff:127.0.0.1]/", true},
		{"http://10.1.2.3/", true},
		{"http://169.254.169.254/latest/meta-data", true},
		{"http://100.64.0.1/", true},
		{"http://[64:ff9b::10.0.0.1]/", true},
		{"http://[2002:c0a8:101::1]/", true},
		{"http://[fe80::1%25eth0]/", true},
		{"http://0.0.0.0/", true},
		{"http://2130706433/", true},
		{"http://127.1/", true},
		{"http://0x7f.1/", true},
		{"http://localhost/", true},
		{"http://LOCALHOST./", true},
		{"http://printer.local/", true},
		{"http://metadata.google.internal/", true},
		{"http://router/", true},
		{"http://lou.test/", true},
		{"file:///etc/passwd", true},
		{"https://bsky.social/", false},
		{"https://8.8.8.8/", false},
		{"https://[2606:4700::1111]/", false},
		{"https://local.example.com/", false},
	}
	for _, test := range tests {
		b := &base{server: func(*http.Request, int) (*http.Response, error) { return answer(200, ""), nil }}
		_, err := get(t, &polite.Transport{Base: b}, test.url)
		if errors.Is(err, polite.ErrRefused) != test.refused {
			t.Errorf("%s: %v, want refused=%v", test.url, err, test.refused)
		}
		if test.refused && len(b.requests) != 0 {
			t.Errorf("%s: refused and sent nevertheless", test.url)
		}
	}
}

// A connection of our own is refused at the address that is dialled, whatever name led
// there; one to a proxy is not.
func TestRefusesDialledAddress(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	address := strings.TrimPrefix(srv.URL, "http://")
	guarded, open := &polite.Transport{}, &polite.Transport{AllowPrivate: true}
	if err := polite.DialDirect(t.Context(), guarded, address); !errors.Is(err, polite.ErrRefused) {
		t.Errorf("direct: %v, want ErrRefused", err)
	}
	for name, err := range map[string]error{
		"to a proxy":        polite.DialProxy(t.Context(), guarded, address),
		"with AllowPrivate": polite.DialDirect(t.Context(), open, address),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Through a proxy on loopback public names are asked for, and private ones are not.
func TestProxy(t *testing.T) {
	var arrived []string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived = append(arrived, r.URL.String()) }))
	defer srv.Close()
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	tr := &polite.Transport{Proxy: func(*http.Request) (*url.URL, error) { return u, nil }}
	resp, err := get(t, tr, "http://pds.example.com/x")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for _, target := range []string{srv.URL, "http://localhost:" + u.Port(), "http://10.0.0.1/"} {
		if _, err := get(t, tr, target); !errors.Is(err, polite.ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", target, err)
		}
	}
	if len(arrived) != 1 || arrived[0] != "http://pds.example.com/x" {
		t.Errorf("the proxy was asked for %q", arrived)
	}
}

func TestRedirects(t *testing.T) {
	tests := []struct {
		name    string
		to      func(n int) string
		refused string
		sent    int
	}{
		{"four are followed", func(n int) string {
			if n > 4 {
				return ""
			}
			return "https://b.example.com/" + strings.Repeat("x", n)
		}, "", 5},
		{"endless", func(n int) string { return "https://b.example.com/" + strings.Repeat("x", n) }, "more than 5 redirects", 6},
		{"to a private address", func(int) string { return "https://192.168.0.1/admin" }, "private address", 1},
		{"to no encryption", func(int) string { return "http://b.example.com/" }, "without encryption", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := &base{server: func(req *http.Request, n int) (*http.Response, error) {
				resp := answer(200, "")
				if to := test.to(n); to != "" {
					resp = answer(302, "", "Location", to)
				}
				resp.Request = req
				return resp, nil
			}}
			resp, err := (&polite.Transport{Base: b}).Client().Get("https://a.example.com/")
			if len(b.requests) != test.sent {
				t.Errorf("%d requests, want %d", len(b.requests), test.sent)
			}
			if test.refused == "" {
				if err != nil || resp.StatusCode != 200 {
					t.Errorf("got %v, %v", resp, err)
				}
			} else if !errors.Is(err, polite.ErrRefused) || !strings.Contains(err.Error(), test.refused) {
				t.Errorf("got %v, want a refusal: %s", err, test.refused)
			}
		})
	}
}

func TestGzip(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("did not ask for gzip")
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		_, _ = z.Write([]byte("unpacked"))
	}))
	defer srv.Close()
	resp, err := get(t, &polite.Transport{AllowPrivate: true, Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }}, srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); string(body) != "unpacked" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
}
