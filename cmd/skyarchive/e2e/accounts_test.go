//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// Accounts in odd states: each is named, nothing that was archived is touched.
func TestAccountStates(t *testing.T) {
	db := filepath.Join(t.TempDir(), "archive.db")
	skyarchive(t, db, "fetch", "personne-de-ce-nom.bsky.social").want(t, 3, "no account named personne-de-ce-nom.bsky.social")
	// Only the AppView can resolve the name of a deactivated account, and it does not always.
	named := skyarchive(t, db, "fetch", "desactive.bsky.social")
	if status := statusOf(t, net.AppView+"/xrpc/com.atproto.identity.resolveHandle?handle=desactive.bsky.social"); status == http.StatusOK {
		named.want(t, 6, "deactivated")
	} else {
		named.want(t, 3, "no account named desactive.bsky.social")
	}
	skyarchive(t, db, "fetch", net.DIDs["desactive.bsky.social"]).want(t, 6, "deactivated")
	skyarchive(t, db, "fetch", net.DIDs["retire.bsky.social"]).want(t, 6, "taken down")
	skyarchive(t, db, "fetch", net.DIDs["efface.bsky.social"]).want(t, 6)
	skyarchive(t, db, "fetch", "vide.bsky.social").want(t, 0, "0 posts")

	t.Run("renamed", func(t *testing.T) {
		skyarchive(t, db, "fetch", "nouveau.bsky.social").want(t, 0, "1 post")
		net.mutate(t, "handle", "nouveau.bsky.social", "encore.bsky.social")
		skyarchive(t, db, "fetch", "nouveau.bsky.social").want(t, 0, "@nouveau.bsky.social is now @encore.bsky.social")
	})
	t.Run("reused", func(t *testing.T) {
		// Somebody else takes the name that the archive knows.
		net.mutate(t, "handle", "theo.bsky.social", "nouveau.bsky.social")
		skyarchive(t, db, "fetch", "nouveau.bsky.social").want(t, 1, "belongs to another account", net.DIDs["theo.bsky.social"])
		net.mutate(t, "handle", "nouveau.bsky.social", "theo.bsky.social")
	})
	t.Run("deactivated later", func(t *testing.T) {
		skyarchive(t, db, "fetch", "vivremoinscon.bsky.social").want(t, 0)
		skyarchive(t, db, "fetch", "darbysaxbe.bsky.social").want(t, 0)
		net.mutate(t, "deactivate", "darbysaxbe.bsky.social")
		skyarchive(t, db, "fetch", net.DIDs["darbysaxbe.bsky.social"]).want(t, 6, "deactivated")
		skyarchive(t, db, "accounts").want(t, 0, "deactivated by its owner; what was archived is kept")
		net.mutate(t, "activate", "darbysaxbe.bsky.social")
	})
}

func statusOf(t *testing.T, url string) int {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	t.Logf("%s: %s", url, resp.Status)
	return resp.StatusCode
}

// The account of 3,000 posts (-load): under three seconds besides the server's time, and two
// requests at most when nothing is new.
func TestLargeAccount(t *testing.T) {
	db := filepath.Join(t.TempDir(), "archive.db")
	first := skyarchive(t, db, "fetch", "charge.bsky.social").want(t, 0, fmt.Sprintf("%d posts", *load))
	again := skyarchive(t, db, "fetch", "charge.bsky.social").want(t, 0, "nothing new")
	t.Logf("%d posts: first fetch %s, again %s", *load, first.took.Round(time.Millisecond), again.took.Round(time.Millisecond))
}
