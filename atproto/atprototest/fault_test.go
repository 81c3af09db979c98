package atprototest_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/atcrypto"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/repo"
)

// Each way to misbehave is noticed for what it is, once, and then the network is well.
func TestBrokenExports(t *testing.T) {
	tests := []struct {
		command string
		want    error // of reading the export; nil: see check
		check   func(t *testing.T, n *atprototest.Network, s *repo.Snapshot)
	}{
		{"cut-between-blocks", repo.ErrIncomplete, nil},
		{"cut-inside-block", repo.ErrTruncated, nil},
		{"cut-connection", io.ErrUnexpectedEOF, nil},
		{"flip-bit", repo.ErrCorrupt, nil},
		{"busy", repo.ErrIncomplete, nil},
		{"header-only", repo.ErrNothingNew, nil},
		{"not-a-car", repo.ErrNotCAR, nil},
		{"missing-record record=a2", nil, func(t *testing.T, n *atprototest.Network, s *repo.Snapshot) {
			for r, err := range s.Records(t.Context(), atproto.KeepsBytes) {
				if err != nil {
					t.Fatal(err)
				}
				if missing := r.CID.String() == n.Ref("a2").CID; missing != (r.Bytes == nil) {
					t.Errorf("%s: %d bytes", r.Path, len(r.Bytes))
				}
			}
		}},
		{"wrong-signature", nil, func(t *testing.T, n *atprototest.Network, s *repo.Snapshot) {
			key, err := atcrypto.ParsePublicDIDKey(n.Find("lou.test").Key())
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Commit.Verify(key); !errors.Is(err, repo.ErrSignature) {
				t.Errorf("signature: %v", err)
			}
		}},
		{"other-account who=max.test", nil, func(t *testing.T, n *atprototest.Network, s *repo.Snapshot) {
			if s.Commit.DID != n.Find("max.test").DID() {
				t.Errorf("the repository is that of %s", s.Commit.DID)
			}
		}},
		{"slow wait=1ms", nil, func(*testing.T, *atprototest.Network, *repo.Snapshot) {}},
	}
	for _, test := range tests {
		t.Run(test.command, func(t *testing.T) {
			n := start(t, thread+"many lou.test 100 batch=10\nbreak lou.test "+test.command+" times=1\n")
			a := n.Find("lou.test")
			read := func() (*repo.Snapshot, error) {
				resp, err := http.Get(n.URL + "/xrpc/com.atproto.sync.getRepo?did=" + string(a.DID()))
				if err != nil {
					return nil, err
				}
				defer resp.Body.Close()
				car, err := io.ReadAll(resp.Body)
				if err != nil {
					return nil, err
				}
				return repo.Open(t.Context(), source(car))
			}
			s, err := read()
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if test.check != nil {
				if err != nil {
					t.Fatal(err)
				}
				test.check(t, n, s)
			}
			if _, err := read(); err != nil {
				t.Errorf("the second time: %v", err)
			}
		})
	}
}

// A download that met a commit is repaired by what came since its own revision, on large
// accounts and on small ones.
func TestBusyIsRepaired(t *testing.T) {
	for _, commands := range []string{"account lou.test\nmany lou.test 500 batch=20", "account lou.test\npost lou.test \"un\""} {
		n := start(t, commands+"\nbreak lou.test busy times=1\n")
		a := n.Find("lou.test")
		broken := export(t, n, a, "")
		_, err := repo.Open(t.Context(), source(broken))
		var incomplete *repo.IncompleteError
		if !errors.As(err, &incomplete) {
			t.Fatalf("got %v, want an IncompleteError", err)
		}
		newer := export(t, n, a, string(incomplete.Commit.Rev))
		if _, err := repo.Open(t.Context(), source(newer), source(broken)); err != nil {
			t.Errorf("repaired: %v", err)
		}
	}
}

func TestRefusals(t *testing.T) {
	n := start(t, thread+`
break lou.test too-many wait=7s on=getRepoStatus times=2 after=1
break lou.test unavailable on=getRepo
break lou.test 500 on=document times=1
`)
	did := string(n.Find("lou.test").DID())
	for i, want := range []int{200, 429, 429, 200} {
		resp, err := http.Get(n.URL + "/xrpc/com.atproto.sync.getRepoStatus?did=" + did)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want || want == 429 && resp.Header.Get("Retry-After") != "7" || resp.Header.Get("RateLimit-Limit") != "3000" {
			t.Errorf("request %d: status %d %v, want %d", i+1, resp.StatusCode, resp.Header, want)
		}
	}
	for range 3 {
		if status, _ := get(t, n, "/xrpc/com.atproto.sync.getRepo?did="+did); status != 503 {
			t.Errorf("getRepo answers %d", status)
		}
	}
	for _, want := range []int{500, 200} {
		if status, _ := get(t, n, "/"+did); status != want {
			t.Errorf("document answers %d, want %d", status, want)
		}
	}
	n.Find("lou.test").Mend()
	if status, _ := get(t, n, "/xrpc/com.atproto.sync.getRepo?did="+did); status != 200 {
		t.Errorf("mended, and getRepo answers %d", status)
	}
}

// Half of an answer comes before a hang, and closing the network ends it.
func TestHang(t *testing.T) {
	n, err := atprototest.Load(strings.NewReader(thread + "break lou.test hang"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(n.URL + "/xrpc/com.atproto.sync.getRepo?did=" + string(n.Find("lou.test").DID()))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	half := make([]byte, 200)
	if _, err := io.ReadFull(resp.Body, half); err != nil || !bytes.Contains(half, []byte("roots")) {
		t.Fatalf("%v, %q", err, half)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, resp.Body)
		ended <- err
	}()
	select {
	case err := <-ended:
		t.Fatalf("it did not hang: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("the answer ended as if it were whole")
	}
}
