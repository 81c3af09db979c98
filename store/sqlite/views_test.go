package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// The queries that people are told to start from are understood.
func TestReadyQueries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive.db")
	if err := newCorpus(t, 10).putAll(t.Context(), open(t, path), map[string]time.Duration{}); err != nil {
		t.Fatal(err)
	}
	file, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, form := range map[string]*regexp.Regexp{
		"doc.go":          regexp.MustCompile(`(?m)^//\t(SELECT (?:.|\n//\t)*?);$`),
		"../../README.md": regexp.MustCompile(`(?m)^    sqlite3 .*? "(SELECT .*?)"`),
	} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		queries := form.FindAllStringSubmatch(string(text), -1)
		if len(queries) < 4 {
			t.Errorf("%s has %d queries", name, len(queries))
		}
		for _, q := range queries {
			rows, err := file.Query(strings.ReplaceAll(q[1], "\n//\t", " "))
			if err != nil {
				t.Errorf("%s: %s: %v", name, q[1], err)
				continue
			}
			for rows.Next() {
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				t.Errorf("%s: %s: %v", name, q[1], err)
			}
		}
	}
}

// TestViews: what people read with other tools is what the program reads.
func TestViews(t *testing.T) {
	c := newCorpus(t, 60)
	path := filepath.Join(t.TempDir(), "archive.db")
	db := open(t, path)
	if err := c.putAll(t.Context(), db, map[string]time.Duration{}); err != nil {
		t.Fatal(err)
	}
	later := c.state()
	later.Rev, later.Commit, later.Signature = "3k3", atproto.CIDOf([]byte("later")), atproto.SignatureUnchecked
	later.Sightings = []store.Sighting{{At: time.Date(2026, 2, 2, 3, 4, 5, 0, time.UTC), Told: store.Told{By: "import other.ndjson"}}}
	gone := c.posts[5].URI
	review, err := analysis.NewDecision(analysis.DecidedReview, c.did, c.read[10].Passages[0].Claim.ID, "anne", time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC),
		analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Refuted, Post: c.posts[10].URI, CID: c.posts[10].CID,
			Span: c.read[10].Passages[0].Span, Text: c.read[10].Passages[0].Text, Summary: "Non."})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(t.Context(), func(w store.Writer) error {
		_, err := w.AddDecision(t.Context(), review)
		return errors.Join(err,
			w.PutAccount(t.Context(), store.Account{Account: atproto.Account{DID: c.did, Handle: "lac.test"}, Fetched: later.Sightings[0].At}),
			w.PutState(t.Context(), later, func(yield func(store.Entry, error) bool) { yield(store.Entry{Path: atproto.PathOf(gone)}, nil) }),
			w.SetPostStatus(t.Context(), gone, store.Gone))
	})
	if err != nil {
		t.Fatal(err)
	}

	file, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	short := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.Format("2006-01-02T15:04:05Z")
	}
	err = db.View(t.Context(), func(r store.Reader) error {
		for _, p := range c.posts {
			want, err := r.Post(t.Context(), p.URI)
			if err != nil {
				return err
			}
			var got struct{ text, created, key, seen, gone, status, signature, thread, answers, lang string }
			row := file.QueryRow(`SELECT text, created_at, record_key_time, first_seen_at, coalesce(gone_found_at, ''), status, signature,
				coalesce(thread_uri, ''), coalesce(answers_uri, ''), lang FROM posts WHERE uri = ?`, p.URI)
			err = row.Scan(&got.text, &got.created, &got.key, &got.seen, &got.gone, &got.status, &got.signature, &got.thread, &got.answers, &got.lang)
			if err != nil {
				return err
			}
			answers := ""
			if want.Reply != nil {
				answers = string(want.Reply.Parent.URI)
			}
			expected := got
			expected.text, expected.created, expected.key, expected.seen = want.Text, want.CreatedAt, short(want.Age()), short(want.FirstSeen)
			expected.gone, expected.status, expected.signature = short(want.GoneFound), string(want.Status), string(want.Signature)
			expected.thread, expected.answers, expected.lang = string(want.Thread), answers, want.Lang
			if got != expected {
				t.Errorf("view of %s:\n got %+v\nwant %+v", p.URI, got, expected)
			}
		}
		claims, err := store.Collect(r.Claims(t.Context(), store.Query{All: true}))
		for _, claim := range claims {
			var text, status, verdict string
			var uri syntax.ATURI
			err := file.QueryRow(`SELECT uri, text, status, verdict FROM claims WHERE id = ?`, claim.Claim.ID).Scan(&uri, &text, &status, &verdict)
			if err != nil || uri != claim.Post || text != claim.Text || status != string(claim.Review.Status) || verdict != string(claim.Review.Verdict) {
				t.Errorf("view of claim %s: %s %q %s %s, %v; want %+v", claim.Claim.ID, uri, text, status, verdict, err, claim)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{
		`SELECT count(*) FROM accounts WHERE handle = 'lac.test' AND posts = 59 AND threads = 3 AND claims = 11 AND fetched_at = '2026-02-02T03:04:05Z'`: 1,
		`SELECT count(*) FROM posts WHERE thread_uri IS NOT NULL AND position > 0`:                                                                       33,
		`SELECT count(*) FROM threads WHERE posts = 11 AND complete AND json_valid(topics)`:                                                              3,
		`SELECT count(*) FROM claims`: 24,
		`SELECT count(*) FROM posts WHERE gone_found_told = 1 AND NOT first_seen_told`:                            1,
		`SELECT count(*) FROM posts WHERE first_seen_told = 0`:                                                    60,
		`SELECT count(*) FROM changes WHERE seen_told`:                                                            1,
		`SELECT count(*) FROM claims WHERE status = 'reviewed' AND verdict = 'refuted' AND reviewer = 'anne'`:     1,
		`SELECT count(*) FROM quantities WHERE value = 2 AND unit = 'percent' AND length(CAST(text AS BLOB)) = 3`: 24,
		`SELECT count(*) FROM reviews WHERE verdict = 'refuted' AND summary = 'Non.' AND NOT undone`:              1,
		`SELECT count(*) FROM changes WHERE change = 'new' AND length(sha256) = 64`:                               60,
		`SELECT count(*) FROM changes WHERE change = 'deleted' AND uri = '` + string(gone) + `'`:                  1,
	} {
		var got int
		if err := file.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", query, got, err, want)
		}
	}
}
