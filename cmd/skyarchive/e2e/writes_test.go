//go:build e2e

package e2e

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// A writer changes an account's repository all the time and remembers what the server says
// it did.
type writer struct {
	base, did, token string

	mu   sync.Mutex
	done []write
}

// A write is one commit: what became of a post.
type write struct {
	rev, uri string
	gone     bool
}

// call asks a method of the account's server.
func (w *writer) call(method string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, w.base+"/xrpc/"+method, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if w.token != "" {
		req.Header.Set("Authorization", "Bearer "+w.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", method, resp.Status, raw)
	}
	return json.Unmarshal(raw, out)
}

func login(t *testing.T, did string) *writer {
	t.Helper()
	w := &writer{base: net.PDS, did: did}
	var session struct{ AccessJwt string }
	if err := w.call("com.atproto.server.createSession", map[string]string{"identifier": w.did, "password": net.Password}, &session); err != nil {
		t.Fatal(err)
	}
	w.token = session.AccessJwt
	return w
}

// write makes the n-th commit: of four, two create a post, one edits one and one deletes
// one. Posts that were there before are deleted too.
func (w *writer) write(n int, posts *[]string) error {
	const collection = "app.bsky.feed.post"
	record := map[string]any{"$type": collection, "text": fmt.Sprintf("Écrit pendant le téléchargement, %d.", n),
		"langs": []string{"fr"}, "createdAt": time.Now().UTC().Format(time.RFC3339Nano)}
	in := map[string]any{"repo": w.did, "collection": collection}
	var out struct {
		URI    string
		Commit struct{ Rev string }
	}
	method, done := "com.atproto.repo.createRecord", write{}
	switch n % 4 {
	case 0, 1:
		in["record"] = record
	case 2:
		method, done.uri = "com.atproto.repo.putRecord", (*posts)[len(*posts)-1]
		in["rkey"], in["record"] = done.uri[len(done.uri)-13:], record
	case 3:
		at := n * 7919 % len(*posts)
		method, done.uri, done.gone = "com.atproto.repo.deleteRecord", (*posts)[at], true
		in["rkey"] = done.uri[len(done.uri)-13:]
		(*posts)[at] = (*posts)[0]
		*posts = (*posts)[1:]
	}
	if err := w.call(method, in, &out); err != nil {
		return err
	}
	if done.uri == "" {
		done.uri = out.URI
		*posts = append(*posts, done.uri)
	}
	done.rev = out.Commit.Rev
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done = append(w.done, done)
	return nil
}

// at is what was there at a revision, given what was there before the first write.
func (w *writer) at(rev string, before map[string]bool) map[string]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	posts := maps.Clone(before)
	for _, d := range w.done {
		if d.rev > rev {
			break
		}
		if d.gone {
			delete(posts, d.uri)
		} else {
			posts[d.uri] = true
		}
	}
	return posts
}

// held is the archive's newest revision, and its posts with whether they are live.
func held(t *testing.T, db, did string) (rev string, posts map[string]bool) {
	t.Helper()
	file, err := sql.Open("sqlite", "file:"+db+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.QueryRow(`SELECT s.rev FROM state s JOIN account a ON a.id = s.account WHERE a.did = ? ORDER BY s.position DESC LIMIT 1`, did).Scan(&rev); err != nil {
		t.Fatal(err)
	}
	rows, err := file.Query(`SELECT u.uri, p.status = 'live' FROM post p JOIN post_uri u ON u.post = p.id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	posts = map[string]bool{}
	for rows.Next() {
		var uri string
		var live bool
		if err := rows.Scan(&uri, &live); err != nil {
			t.Fatal(err)
		}
		posts[uri] = live
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	return rev, posts
}

// An account is written to five times a second while it is fetched, whole and what is new
// by turns. Each fetch is complete, or refused and changes nothing; none says of a post that
// it was deleted that was there at the revision fetched.
func TestWrittenToMeanwhile(t *testing.T) {
	account := net.DIDs["charge.bsky.social"]
	db := filepath.Join(t.TempDir(), "archive.db")
	skyarchive(t, db, "fetch", account).want(t, 0, fmt.Sprintf("%d posts", *load))
	w := login(t, account)
	_, before := held(t, db, w.did)
	var list []string
	for uri := range before {
		list = append(list, uri)
	}

	stop, stopped := make(chan struct{}), make(chan error, 1)
	start := time.Now()
	go func() {
		tick := time.NewTicker(time.Second / 5)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-stop:
				stopped <- nil
				return
			case <-tick.C:
				if err := w.write(n, &list); err != nil {
					stopped <- err
					return
				}
			}
		}
	}()
	check := func(i int, r result, db string) {
		rev, posts := held(t, db, w.did)
		switch r.status {
		case 0, 5:
		default:
			t.Errorf("fetch %d: status %d\n%s%s", i, r.status, r.out, r.err)
		}
		there := w.at(rev, before)
		missing, dead, ghosts := 0, 0, 0
		for uri := range there {
			live, known := posts[uri]
			switch {
			case !known:
				missing++
			case !live:
				dead++
			}
		}
		for uri, live := range posts {
			if live && !there[uri] {
				ghosts++
			}
		}
		if missing+dead+ghosts > 0 {
			t.Errorf("fetch %d: at %s, of %d posts %d are missing, %d falsely deleted; %d are live that were gone", i, rev, len(there), missing, dead, ghosts)
		}
	}
	complete, repaired := 0, 0
	for i := range *fetches {
		was, _ := held(t, db, w.did)
		args := []string{"-v", "fetch", account}
		if i%2 == 0 {
			args = append(args, "--whole")
		}
		r := skyarchive(t, db, args...)
		check(i, r, db)
		now, _ := held(t, db, w.did)
		switch {
		case r.status == 0:
			complete++
		case now != was:
			t.Errorf("fetch %d was refused and changed the archive", i)
		}
		if bytes.Contains([]byte(r.err), []byte("changed during its download")) {
			repaired++
		}
		t.Logf("fetch %d: status %d, %s", i, r.status, r.took.Round(time.Millisecond))
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	t.Logf("%d posts, %d commits, %.1f a second: of %d fetches %d were complete, %d of them repaired",
		*load, len(w.done), float64(len(w.done))/took.Seconds(), *fetches, complete, repaired)
	if complete == 0 {
		t.Error("no fetch was complete")
	}
	r := skyarchive(t, db, "fetch", account).want(t, 0)
	check(*fetches, r, db)
	skyarchive(t, db, "verify").want(t, 0, "holds")
}
