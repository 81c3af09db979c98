package pds_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/pds"
	"skyarchive/atproto/polite"
	"skyarchive/atproto/repo"
)

// start runs commands on a new network and returns a client that does not retry.
func start(t *testing.T, commands string) (*atprototest.Network, *pds.Client) {
	t.Helper()
	n, err := atprototest.Load(strings.NewReader(commands))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(n.Err(), n.Close()); err != nil {
			t.Error(err)
		}
	})
	polite := &polite.Transport{AllowPrivate: true, Retries: -1}
	return n, &pds.Client{HTTP: polite.Client(), Host: n.URL}
}

const lou = `
account lou.test
post lou.test "L'eau." as=a1 image="une goutte"
post lou.test "Encore de l'eau." as=a2 reply=a1
many lou.test 50 batch=5
`

// download is what Repo writes to a file.
func download(t *testing.T, c *pds.Client, a *atprototest.Account, since string) (repo.Source, error) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "repo.car"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	n, err := c.Repo(t.Context(), a.DID(), since, f)
	stat, err2 := f.Stat()
	if err2 != nil || stat.Size() != n {
		t.Fatalf("Repo says %d bytes, the file has %v", n, stat)
	}
	return repo.Source{R: f, Size: n}, err
}

func TestRepo(t *testing.T) {
	n, c := start(t, lou)
	a := n.Find("lou.test")
	whole, err := download(t, c, a, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := repo.Open(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	a.Edit(n.Ref("a1"), "L'eau, corrigé.")
	newer, err := download(t, c, a, string(s.Commit.Rev))
	if err != nil {
		t.Fatal(err)
	}
	if newer.Size >= whole.Size {
		t.Errorf("since the first state: %d bytes of %d", newer.Size, whole.Size)
	}
	if s, err = repo.Open(t.Context(), newer, whole); err != nil || s.Commit.CID != a.Head().CID {
		t.Errorf("both together: %v", err)
	}
}

func TestStatus(t *testing.T) {
	n, c := start(t, lou)
	a := n.Find("lou.test")
	for _, want := range []atproto.Status{atproto.Active, atproto.Deactivated, atproto.TakenDown, atproto.Suspended, atproto.Deleted} {
		a.SetStatus(want)
		for _, old := range []string{"", "unknown-method", "not-found"} {
			a.Mend()
			if old != "" { // a server that lacks the method
				a.Break(old, "on=getRepoStatus")
			}
			got, rev, err := c.Status(t.Context(), a.DID())
			if got != want || err != nil {
				t.Errorf("%s %s: got %s, %v", want, old, got, err)
			}
			if want == atproto.Active && rev != a.Rev() || want != atproto.Active && rev != "" {
				t.Errorf("%s %s: revision %q", want, old, rev)
			}
		}
		if want == atproto.Active {
			continue
		}
		_, err := download(t, c, a, "")
		var gone *pds.GoneError
		if !errors.Is(err, pds.ErrGone) || !errors.As(err, &gone) || gone.Status != want {
			t.Errorf("Repo of an account that is %s: %v", want, err)
		}
		if errors.Is(err, pds.ErrUnavailable) {
			t.Errorf("%s: gone and unavailable at once", want)
		}
	}
}

// What a server does not say of an account is not made up.
func TestStatusUnsaid(t *testing.T) {
	for _, tt := range []struct {
		answer string
		want   atproto.Status
	}{
		{`{"did":"did:plc:louaaaaaaaaaaaaaaaaaaaaa","active":false}`, atproto.Inactive},
		{`{"active":false,"status":"desynchronized"}`, "desynchronized"},
		{`{"active":false,"status":"a\u001b[31mb"}`, "a [31mb"},
		{`{}`, ""},
		{`{"error":"maintenance"}`, ""},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tt.answer) }))
		got, rev, err := (&pds.Client{Host: server.URL}).Status(t.Context(), "did:plc:louaaaaaaaaaaaaaaaaaaaaa")
		server.Close()
		if got != tt.want || rev != "" || (err != nil) != (tt.want == "") {
			t.Errorf("%s: %q, %q, %v", tt.answer, got, rev, err)
		}
	}
}

// What does not come whole, and what nobody answers, is for trying again.
func TestUnavailable(t *testing.T) {
	n, c := start(t, lou)
	a := n.Find("lou.test")
	for _, kind := range []string{"unavailable", "500", "too-many", "cut-connection"} {
		a.Mend()
		a.Break(kind, "on=getRepo")
		if _, err := download(t, &pds.Client{HTTP: http.DefaultClient, Host: n.URL}, a, ""); !errors.Is(err, pds.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", kind, err)
		}
	}
	a.Mend()
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Log in") }))
	defer portal.Close()
	if _, _, err := (&pds.Client{Host: portal.URL}).Status(t.Context(), a.DID()); !errors.Is(err, pds.ErrUnavailable) {
		t.Errorf("a page in between: %v, want ErrUnavailable", err)
	}
	if _, err := download(t, &pds.Client{Host: n.URL + "/"}, a, ""); err != nil {
		t.Errorf("the zero client: %v", err)
	}
	if _, err := download(t, c, a, "not a TID"); err == nil || errors.Is(err, pds.ErrUnavailable) || !strings.Contains(err.Error(), "answers 400 (InvalidRequest") {
		t.Errorf("a wrong request: %v", err)
	}
	for _, host := range []string{"", "ftp://pds.example.com", "::"} {
		if _, err := download(t, &pds.Client{Host: host}, a, ""); err == nil || errors.Is(err, pds.ErrUnavailable) {
			t.Errorf("host %q: %v", host, err)
		}
	}
	// Where the transport does not go is no matter of trying again.
	guarded := &pds.Client{HTTP: (&polite.Transport{}).Client(), Host: n.URL}
	if _, _, err := guarded.Status(t.Context(), a.DID()); !errors.Is(err, polite.ErrRefused) || errors.Is(err, pds.ErrUnavailable) {
		t.Errorf("a private address: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := c.Status(ctx, a.DID()); !errors.Is(err, context.Canceled) || errors.Is(err, pds.ErrUnavailable) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNobodyThere(t *testing.T) {
	n, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	c := &pds.Client{HTTP: (&polite.Transport{AllowPrivate: true, Retries: -1}).Client(), Host: n.URL}
	_, _, err = c.Status(t.Context(), "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
	if !errors.Is(err, pds.ErrUnavailable) || !errors.Is(err, polite.ErrUnavailable) || !strings.Contains(err.Error(), "no answer from 127.0.0.1") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestBlocks(t *testing.T) {
	n, c := start(t, lou)
	a := n.Find("lou.test")
	var cids []atproto.CID
	for _, e := range a.Records() {
		cids = append(cids, e.CID)
	}
	nowhere := []atproto.CID{atproto.CIDOf([]byte("one")), atproto.CIDOf([]byte("two"))}
	asked := slices.Concat(cids[:20], nowhere[:1], cids[20:], nowhere[1:])
	blocks, err := c.Blocks(t.Context(), a.DID(), asked)
	if err != nil || len(blocks) != len(cids) {
		t.Errorf("%d blocks of %d, %v", len(blocks), len(cids), err)
	}
	for cid, block := range blocks {
		if atproto.CIDOf(block) != cid {
			t.Errorf("%s has other bytes", cid)
		}
	}
	a.SetStatus(atproto.Deactivated)
	if _, err := c.Blocks(t.Context(), a.DID(), cids); !errors.Is(err, pds.ErrGone) {
		t.Errorf("deactivated: %v", err)
	}
}

func TestRecord(t *testing.T) {
	n, c := start(t, lou)
	a := n.Find("lou.test")
	path := atproto.PathOf(n.Ref("a1").URI)
	car, err := c.Record(t.Context(), a.DID(), path)
	if err != nil {
		t.Fatal(err)
	}
	proved, err := repo.CheckProof(t.Context(), repo.Source{R: bytes.NewReader(car), Size: int64(len(car))}, a.DID(), nil, path)
	if err != nil || proved.CID.String() != n.Ref("a1").CID {
		t.Errorf("proof of %s, %v", proved.CID, err)
	}
}

func TestBlob(t *testing.T) {
	n, c := start(t, lou)
	a := n.Find("lou.test")
	s, err := download(t, c, a, "")
	if err != nil {
		t.Fatal(err)
	}
	snap, err := repo.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var want atproto.Blob
	for r, err := range snap.Records(t.Context(), atproto.KeepsBytes) {
		if err != nil {
			t.Fatal(err)
		}
		if p, err := atproto.DecodePost(atproto.Ref{URI: r.Path.URI(a.DID())}, r.Bytes); err == nil && len(p.Embed.Images) > 0 {
			want = p.Embed.Images[0].Blob
		}
	}
	cid, err := atproto.ParseCID(want.CID)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, limit := range []int64{0, want.Size, 1 << 20} {
		b.Reset()
		if size, err := c.Blob(t.Context(), a.DID(), cid, limit, &b); err != nil || size != want.Size || int64(b.Len()) != size {
			t.Errorf("limit %d: %d bytes of %d, %v", limit, size, want.Size, err)
		}
	}
	if _, err := c.Blob(t.Context(), a.DID(), cid, want.Size-1, io.Discard); !errors.Is(err, pds.ErrTooLarge) {
		t.Errorf("one byte too large: %v", err)
	}
	if _, err := c.Blob(t.Context(), a.DID(), atproto.BlobCIDOf([]byte("x")), 0, io.Discard); !errors.Is(err, pds.ErrNotFound) {
		t.Errorf("unknown file: %v", err)
	}
	if _, err := c.Blob(t.Context(), a.DID(), cid, 0, full{}); !errors.Is(err, errFull) || errors.Is(err, pds.ErrUnavailable) {
		t.Errorf("disk full: %v", err)
	}
	a.Break("wrong-bytes")
	if _, err := c.Blob(t.Context(), a.DID(), cid, 0, io.Discard); !errors.Is(err, pds.ErrUnverified) {
		t.Errorf("other bytes: %v", err)
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// A server's words reach a terminal: without escape sequences, and not without end.
func TestHostileMessages(t *testing.T) {
	srv := roundTripper(func(*http.Request) (*http.Response, error) {
		body := `{"error":"Bad\u001b[31m","message":"` + strings.Repeat("long ", 1000) + `\u0007"}`
		return &http.Response{StatusCode: 400, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	})
	c := &pds.Client{HTTP: &http.Client{Transport: srv}, Host: "https://pds.example.com"}
	_, _, err := c.Status(t.Context(), "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")
	if err == nil || strings.ContainsAny(err.Error(), "\x1b\x07") || len(err.Error()) > 600 {
		t.Errorf("message: %.700q", err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
