package archive

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/appview"
	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/polite"
	"skyarchive/store"
	"skyarchive/store/sqlite"
)

// TestContext: what is written down of a post by somebody else, by what its author's
// server and the AppView say.
func TestContext(t *testing.T) {
	t.Parallel()
	const silent = "silent"
	for _, test := range []struct {
		name    string
		fault   []string // of the author's server
		view    string   // what the AppView answers to getPostThread; silent: nothing at all
		want    store.ContextState
		signed  bool
		counted bool
		why     string
	}{
		{"both give it", nil, "shown", store.ContextFound, true, true, ""},
		{"no AppView", nil, silent, store.ContextFound, true, false, ""},
		{"blocked", []string{"not-found", "on=getRecord"}, `{"thread":{"$type":"app.bsky.feed.defs#blockedPost"}}`, store.ContextBlocked, false, false, "answers 404"},
		{"not found", []string{"not-found", "on=getRecord"}, `{"thread":{"$type":"app.bsky.feed.defs#notFoundPost"}}`, store.ContextNotFound, false, false, "answers 404"},
		{"neither answers", []string{"not-found", "on=getRecord"}, silent, store.ContextUnavailable, false, false, "answers 404"},
		{"a proof of another key", []string{"wrong-signature", "on=getRecord"}, silent, store.ContextUnavailable, false, false, "proof of its author's server does not hold"},
		{"a web page", []string{"not-a-car", "on=getRecord"}, silent, store.ContextUnavailable, false, false, "proof of its author's server does not hold"},
		{"a bit is wrong", []string{"flip-bit", "on=getRecord"}, silent, store.ContextUnavailable, false, false, "proof of its author's server does not hold"},
		{"another account's proof", []string{"other-account", "on=getRecord", "who=lou.test"}, silent, store.ContextUnavailable, false, false, "proof of its author's server does not hold"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			net, err := atprototest.Start(atprototest.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer net.Close()
			quoted := net.Account("agence.test").Post("Notre bilan.")
			lou := net.Account("lou.test")
			lou.Post("À lire.", atprototest.Quote(quoted))
			view := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case test.view == silent:
					w.WriteHeader(http.StatusBadRequest)
				case strings.HasSuffix(r.URL.Path, "getPosts") && test.view == "shown":
					fmt.Fprintf(w, `{"posts":[{"uri":%q,"cid":%q,"author":{"did":%q,"handle":"agence.test"},"record":{"text":"?"},"likeCount":7}]}`,
						quoted.URI, quoted.CID, atproto.AuthorOf(quoted.URI))
				case strings.HasSuffix(r.URL.Path, "getPosts"):
					fmt.Fprint(w, `{"posts":[]}`)
				default:
					fmt.Fprint(w, test.view)
				}
			}))
			defer view.Close()

			s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			client := (&polite.Transport{AllowPrivate: true}).Client()
			a := &Archiver{
				Store: s, HTTP: client, Identities: &identity.Resolver{HTTP: client, PLC: net.URL, HandleResolver: net.URL},
				TempDir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
			}
			if _, err := a.Fetch(t.Context(), syntax.AtIdentifier(lou.DID()), FetchOptions{}); err != nil {
				t.Fatal(err)
			}
			if test.fault != nil {
				net.Account("agence.test").Break(test.fault[0], test.fault[1:]...)
			}
			if _, err := a.FetchContext(t.Context(), lou.DID(), &appview.Client{HTTP: client, Host: view.URL}, ContextOptions{Refresh: false}); err != nil {
				t.Fatal(err)
			}
			c := contextOf(t, s, quoted.URI)
			if c.State != test.want || !strings.Contains(c.Why, test.why) {
				t.Errorf("%s (%s), want %s (%s)", c.State, c.Why, test.want, test.why)
			}
			if signed := c.Signature == atproto.SignatureValid && c.Text == "Notre bilan." && len(c.Proof) > 0; signed != test.signed {
				t.Errorf("signature %q of %q, want signed %v", c.Signature, c.Text, test.signed)
			}
			if counted := c.Counts != nil && c.Counts.Likes == 7; counted != test.counted || c.HideGuest == test.counted {
				t.Errorf("counts %+v, hidden from guests %v; want counted %v", c.Counts, c.HideGuest, test.counted)
			}
		})
	}
}

func contextOf(t *testing.T, s store.Store, uri syntax.ATURI) (c store.Context) {
	t.Helper()
	err := s.View(t.Context(), func(r store.Reader) (err error) {
		c, err = r.Context(t.Context(), uri)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestDue: when a post that is known is asked for again.
func TestDue(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	known := func(state store.ContextState, days int, asked time.Duration) store.Context {
		c := store.Context{State: state, Signature: atproto.SignatureValid, Counts: &store.ContextCounts{}, At: now.Add(-asked)}
		c.URI = syntax.ATURI("at://did:plc:a/app.bsky.feed.post/" + atproto.TID(uint64(now.AddDate(0, 0, -days).UnixMicro())<<10))
		return c
	}
	unsigned, uncounted := known(store.ContextFound, 400, time.Minute), known(store.ContextFound, 400, time.Minute)
	unsigned.Signature = atproto.SignatureUnchecked
	uncounted.Counts = nil
	for _, tt := range []struct {
		name string
		c    store.Context
		want bool
	}{
		{"young, asked this morning", known(store.ContextFound, 3, 6*time.Hour), false},
		{"young, asked yesterday", known(store.ContextFound, 3, 25*time.Hour), true},
		{"old, asked long ago", known(store.ContextFound, 31, 25*24*time.Hour), false},
		{"old, unsigned", unsigned, true},
		{"old, not counted", uncounted, true},
		{"deleted", known(store.ContextDeleted, 3, 100*time.Hour), false},
		{"no answer", known(store.ContextUnavailable, 400, time.Minute), true},
		{"blocked this morning", known(store.ContextBlocked, 400, time.Hour), false},
		{"blocked yesterday", known(store.ContextBlocked, 400, 25*time.Hour), true},
		{"account gone yesterday", known(store.ContextAccountGone, 400, 25*time.Hour), true},
	} {
		if got := due(tt.c, now); got != tt.want {
			t.Errorf("%s: due %v, want %v", tt.name, got, tt.want)
		}
	}
}
