package atprototest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/atcrypto"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/plclog"
	"skyarchive/atproto/repo"
)

// start runs commands, one a line, on a new network.
func start(t *testing.T, commands string) *atprototest.Network {
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
	return n
}

// get asks the network and returns status and body.
func get(t *testing.T, n *atprototest.Network, path string) (int, []byte) {
	t.Helper()
	resp, err := http.Get(n.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

func export(t *testing.T, n *atprototest.Network, a *atprototest.Account, since string) []byte {
	t.Helper()
	status, body := get(t, n, "/xrpc/com.atproto.sync.getRepo?did="+string(a.DID())+"&since="+since)
	if status != http.StatusOK {
		t.Fatalf("getRepo answers %d: %s", status, body)
	}
	return body
}

func source(b []byte) repo.Source { return repo.Source{R: bytes.NewReader(b), Size: int64(len(b))} }

func manifest(t *testing.T, s *repo.Snapshot) []repo.Entry {
	t.Helper()
	var list []repo.Entry
	for e, err := range s.Manifest(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

const thread = `
account lou.test name="Lou Martin" bio="Je compte les litres."
account max.test curve=p256
post lou.test "1/3 Un centre de données boit.\nhttps://example.org/eau #eau" as=a1 at=2025-02-03T10:00:00Z
post lou.test "2/3 Il boit la nuit aussi. @max.test" as=a2 reply=a1 image="un robinet"
post max.test "Source ?" as=b1 reply=a2
post lou.test "3/3 Voilà." as=a3 reply=a2 quote=b1
`

func TestIsTheSameEveryTime(t *testing.T) {
	one, two := start(t, thread), start(t, thread)
	for _, handle := range []string{"lou.test", "max.test"} {
		a, b := one.Find(handle), two.Find(handle)
		if a.DID() != b.DID() || a.Head().CID != b.Head().CID {
			t.Errorf("%s: %s %s in one run, %s %s in another", handle, a.DID(), a.Head().CID, b.DID(), b.Head().CID)
		}
	}
	if one.Find("lou.test").DID() == one.Find("max.test").DID() {
		t.Error("two accounts have one DID")
	}
}

func TestStatus(t *testing.T) {
	n := start(t, thread)
	a := n.Find("lou.test")
	did := url.QueryEscape(string(a.DID()))
	tests := []struct {
		status     atproto.Status
		repoStatus string // parts of the answers
		repo       string
		profile    string
		resolves   bool
	}{
		{atproto.Active, `"active":true`, "", "Lou Martin", true},
		{atproto.Deactivated, `"status":"deactivated"`, "RepoDeactivated", "AccountDeactivated", true},
		{atproto.TakenDown, `"status":"takendown"`, "RepoTakendown", "AccountTakedown", false},
		{atproto.Suspended, `"status":"suspended"`, "RepoSuspended", "AccountTakedown", false},
		{atproto.Deleted, "RepoNotFound", "RepoNotFound", "Profile not found", false},
	}
	for _, test := range tests {
		a.SetStatus(test.status)
		for path, want := range map[string]string{
			"/xrpc/com.atproto.sync.getRepoStatus?did=" + did:                                test.repoStatus,
			"/xrpc/com.atproto.sync.getRepo?did=" + did:                                      test.repo,
			"/xrpc/com.atproto.sync.getLatestCommit?did=" + did:                              test.repo,
			"/xrpc/app.bsky.actor.getProfile?actor=lou.test":                                 test.profile,
			"/" + string(a.DID()):                                                            `"at://lou.test"`,
			"/xrpc/com.atproto.repo.listRecords?repo=lou.test&collection=app.bsky.feed.post": map[bool]string{true: "2/3 Il boit", false: "Could not find repo"}[test.status == atproto.Active],
		} {
			if status, body := get(t, n, path); !strings.Contains(string(body), want) {
				t.Errorf("%s: %s answers %d %s, want %q in it", test.status, path, status, body, want)
			}
		}
		status, _ := get(t, n, "/xrpc/com.atproto.identity.resolveHandle?handle=lou.test")
		if (status == 200) != test.resolves {
			t.Errorf("%s: resolveHandle answers %d", test.status, status)
		}
	}
}

// The directory's log is one that verifies, through renamings, other keys, and a recovery.
func TestDirectory(t *testing.T) {
	n := start(t, thread)
	a := n.Find("lou.test")
	first := a.Key()
	for _, command := range []string{"rename lou.test lou2.test", "rotate lou2.test", "rotate lou2.test", "recover lou2.test", "account lou.test"} {
		if err := n.Do(command); err != nil {
			t.Fatal(err)
		}
	}
	if n.Find("lou.test") == a || n.Find("lou.test").DID() == a.DID() {
		t.Error("the old name leads to the old account")
	}
	_, raw := get(t, n, "/"+string(a.DID())+"/log/audit")
	log, err := plclog.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	history, err := log.Verify(a.DID())
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, e := range history.Entries {
		states = append(states, fmt.Sprint(e.State))
	}
	if got, want := strings.Join(states, " "), "valid valid valid valid nullified valid"; got != want {
		t.Errorf("operations are %s, want %s", got, want)
	}
	if keys := history.Keys(); len(keys) != 2 || keys[0].DIDKey != first || keys[1].DIDKey != a.Key() {
		t.Errorf("keys %+v, want %s then %s", keys, first, a.Key())
	}
	if err := n.Do("tombstone lou2.test"); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, n, "/"+string(a.DID())); status != http.StatusGone {
		t.Errorf("a tombstoned DID answers %d", status)
	}
	if status, _ := get(t, n, "/did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"); status != http.StatusNotFound {
		t.Errorf("an unknown DID answers %d", status)
	}
}

// Another key signs only what is written after it was made.
func TestRotatedKey(t *testing.T) {
	n := start(t, thread)
	a := n.Find("lou.test")
	verifies := func() bool {
		key, err := atcrypto.ParsePublicDIDKey(a.Key())
		if err != nil {
			t.Fatal(err)
		}
		head := a.Head()
		return head.Verify(key) == nil
	}
	if !verifies() {
		t.Error("the first commit does not verify")
	}
	a.RotateKey()
	if verifies() {
		t.Error("the old commit verifies with the new key")
	}
	a.Post("après")
	if !verifies() {
		t.Error("the new commit does not verify with the new key")
	}
}

func TestListRecords(t *testing.T) {
	n := start(t, "account lou.test\nmany lou.test 250\nput lou.test com.example.note/x \"{}\"")
	seen, cursor, pages := 0, "", 0
	for {
		_, body := get(t, n, "/xrpc/com.atproto.repo.listRecords?repo=lou.test&collection=app.bsky.feed.post&limit=100&cursor="+cursor)
		var page struct {
			Cursor  string
			Records []struct{ URI string }
		}
		if err := json.Unmarshal(body, &page); err != nil {
			t.Fatal(err)
		}
		pages++
		if len(page.Records) == 0 {
			break
		}
		seen, cursor = seen+len(page.Records), page.Cursor
	}
	if seen != 250 || pages != 4 {
		t.Errorf("%d records on %d pages, want 250 on 4, the last empty", seen, pages)
	}
	if status, _ := get(t, n, "/xrpc/com.atproto.repo.listRecords?repo=lou.test&collection=x.y.z&limit=101"); status != 400 {
		t.Errorf("limit=101 answers %d", status)
	}
}

func TestAppView(t *testing.T) {
	n := start(t, thread+"delete lou.test a2\n")
	_, body := get(t, n, "/xrpc/app.bsky.feed.getPosts?uris="+url.QueryEscape(string(n.Ref("a1").URI))+"&uris="+url.QueryEscape(string(n.Ref("a2").URI)))
	var posts struct {
		Posts []struct{ URI, CID string }
	}
	if err := json.Unmarshal(body, &posts); err != nil || len(posts.Posts) != 1 || posts.Posts[0].CID != n.Ref("a1").CID {
		t.Errorf("getPosts of a live and a deleted post: %s, %v", body, err)
	}
	_, body = get(t, n, "/xrpc/app.bsky.feed.getPostThread?uri="+url.QueryEscape(string(n.Ref("b1").URI)))
	if !strings.Contains(string(body), "notFoundPost") || !strings.Contains(string(body), "Source ?") {
		t.Errorf("thread of an answer to a deleted post: %s", body)
	}
	if status, body := get(t, n, "/xrpc/app.bsky.feed.getPostThread?uri="+url.QueryEscape(string(n.Ref("a2").URI))); status != 400 || !strings.Contains(string(body), "NotFound") {
		t.Errorf("thread of a deleted post: %d %s", status, body)
	}
}

func TestCommandsThatFail(t *testing.T) {
	n := start(t, thread)
	for _, command := range []string{
		"frobnicate lou.test",
		"frobnicate lou.test x",
		"post",
		"post nobody.test \"x\"",
		"post lou.test \"x",
		"post lou.test \"x\" reply=nothing",
		"post lou.test \"x\" colour=red",
		"post lou.test \"x\" at=noon",
		"delete lou.test app.bsky.feed.post/nothing",
		"rename lou.test max.test",
		"rename lou.test no_handle",
		"status lou.test asleep",
		"break lou.test badly",
		"break lou.test slow wait=long",
		"rollback lou.test 99",
		"account x",
		"put lou.test a/b \"{\"",
	} {
		if err := n.Do(command); err == nil || !strings.HasPrefix(err.Error(), command+": ") {
			t.Errorf("%s: %v, want an error that begins with the command", command, err)
		}
	}
	if err := n.Load(strings.NewReader("# a comment\n\nstatus lou.test asleep\n")); err == nil || !strings.HasPrefix(err.Error(), "line 3: ") {
		t.Errorf("error in the third line: %v", err)
	}
}

func TestRequestLog(t *testing.T) {
	n := start(t, thread)
	get(t, n, "/xrpc/com.atproto.sync.getRepoStatus?did=x")
	if r := n.Requests(); len(r) != 1 || r[0].Method != "GET" || r[0].Path != "/xrpc/com.atproto.sync.getRepoStatus" || r[0].Query != "did=x" {
		t.Errorf("requests: %+v", r)
	}
	n.Forget()
	if r := n.Requests(); len(r) != 0 {
		t.Errorf("after Forget: %+v", r)
	}
}
