package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/analysis/words"
	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/sqlite"
)

// Words that nothing else in the archive has.
const forgottenText = "Xylophonie, quarantaines et wagonnets : 37 jacinthes violettes d'Ölmütz, selon Zwickau."

func forgottenWords() []string {
	var list []string
	for _, word := range []string{"Xylophonie", "quarantaine", "wagonnet", "jacinthe", "violette", "Ölmütz", "Zwickau", "ylophon", "uarantain", "agonnet", "acinthe", "iolett", "lmütz", "lmutz", "wickau"} {
		list = append(list, word)
		for _, t := range words.Terms(word) {
			french, english := words.Stems(t.Word)
			for _, w := range []string{t.Word, t.Stem, french, english} {
				if len(w) > 4 {
					list = append(list, w)
				}
			}
		}
	}
	return list
}

// rawBytes looks for words in every file of a folder, in upper and lower case.
func rawBytes(t *testing.T, dir string, list []string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		raw = bytes.ToLower(raw)
		for _, word := range list {
			if bytes.Contains(raw, bytes.ToLower([]byte(word))) {
				found = append(found, filepath.Base(name)+": "+word)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// After Forget and Overwrite no word of the post is in the raw bytes of the archive's
// folder, though it was written, edited, indexed again and reviewed before, among others.
func TestOverwrite(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("SQLITE_TMPDIR", dir)
	db := open(t, filepath.Join(dir, "archive.db"))
	texts := make([]string, 400)
	for i := range texts {
		texts[i] = fmt.Sprintf("Le lac numéro %d, vu du chemin des écoliers un soir de mai.", i)
	}
	texts[200] = forgottenText
	putTexts(t, db, texts)
	uri := uriOfText(t, db, "wagonnets")
	did := syntax.DID(atproto.AuthorOf(uri))
	if _, err := db.Reindex(t.Context()); err != nil {
		t.Fatal(err)
	}
	decide(t, db, did, uri)
	putTexts(t, db, texts) // all of them again
	list := forgottenWords()
	if found := rawBytes(t, dir, list); len(found) < len(list)/2 {
		t.Fatalf("only %d of %d words are there before: %s", len(found), len(list), found)
	}

	forget := func(fail error) error {
		return db.Update(t.Context(), func(w store.Writer) error {
			_, err := w.Forget(t.Context(), store.Forgetting{DID: did, URI: uri, By: "ana"})
			if fail != nil && err == nil {
				err = fail
			}
			return err
		})
	}
	if err := forget(context.Canceled); err != context.Canceled {
		t.Fatal(err)
	}
	if err := db.Overwrite(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := rawBytes(t, dir, list); len(found) < len(list)/2 {
		t.Fatalf("a forgetting that was undone took %d of %d words with it", len(list)-len(found), len(list))
	}

	if err := forget(nil); err != nil {
		t.Fatal(err)
	}
	checks(t, db, "forgotten words", 1)
	if err := db.Overwrite(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := rawBytes(t, dir, list); len(found) > 0 {
		t.Errorf("left in the raw bytes:\n%s", strings.Join(found, "\n"))
	}
	checks(t, db, "", 0)
}

// uriOfText is the post with a word.
func uriOfText(t *testing.T, db *sqlite.DB, word string) (uri syntax.ATURI) {
	t.Helper()
	err := db.View(t.Context(), func(r store.Reader) error {
		for p, err := range r.Posts(t.Context(), store.Query{}) {
			if err != nil {
				return err
			}
			if strings.Contains(p.Text, word) {
				uri = p.URI
			}
		}
		return nil
	})
	if err != nil || uri == "" {
		t.Fatalf("no post with %s: %v", word, err)
	}
	return uri
}

// decide adds a review and a note that repeat the words of a post.
func decide(t *testing.T, db *sqlite.DB, did syntax.DID, uri syntax.ATURI) {
	t.Helper()
	err := db.Update(t.Context(), func(w store.Writer) error {
		for _, body := range []any{
			analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Refuted, Post: uri, Text: forgottenText, Restated: forgottenText, Note: forgottenText},
			analysis.Marking{Post: uri, Text: forgottenText, Note: forgottenText},
		} {
			kind, subject := analysis.DecidedReview, "abcdefghij"
			if _, marks := body.(analysis.Marking); marks {
				kind, subject = analysis.DecidedAddClaim, string(uri)
			}
			d, err := analysis.NewDecision(kind, did, subject, "ana", time.Unix(1, 0), body)
			if err != nil {
				return err
			}
			if _, err := w.AddDecision(t.Context(), d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checks looks at the file as doctor does; only one check may find something.
func checks(t *testing.T, db *sqlite.DB, wrong string, count int) {
	t.Helper()
	list, err := db.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		want := 0
		if c.Name == wrong {
			want = count
		}
		if c.Count != want {
			t.Errorf("check %s: %d wrong, want %d: %v", c.Name, c.Count, want, c.Wrong)
		}
	}
}

// What people decided loses its words only when what it is about was forgotten, and never
// anything else.
func TestOnlyWordsAreForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive.db")
	db := open(t, path)
	putTexts(t, db, []string{forgottenText})
	uri := uriOfText(t, db, "wagonnets")
	decide(t, db, syntax.DID(atproto.AuthorOf(uri)), uri)
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	without := fmt.Sprintf(`'{"status":"reviewed","post":"%[1]s","forgotten":"%[1]s"}'`, uri)
	try := func(what, set string, allowed bool) {
		t.Helper()
		_, err := other.Exec("UPDATE decision SET " + set + " WHERE kind = 'review'")
		if allowed != (err == nil) {
			t.Errorf("%s: %v", what, err)
		}
	}
	try("words of what is not forgotten", "body = "+without, false)
	if _, err := other.Exec("INSERT INTO forgotten VALUES (?, '', '', '', '')", string(uri)); err != nil {
		t.Fatal(err)
	}
	for what, set := range map[string]string{
		"no body":              "body = ''",
		"nothing said":         `body = '{"status":"reviewed"}'`,
		"another status":       fmt.Sprintf(`body = '{"status":"dismissed","forgotten":"%s"}'`, uri),
		"something more":       fmt.Sprintf(`body = '{"verdict":"mixed","note":"x","forgotten":"%s"}'`, uri),
		"another author":       "author = 'bea', body = " + without,
		"another time":         "at = '2020', body = " + without,
		"another post's words": `body = '{"status":"reviewed","forgotten":"at://did:plc:x"}'`,
	} {
		try(what, set, false)
	}
	try("only words", "body = "+without, true)
	if _, err := other.Exec("DELETE FROM decision"); err == nil {
		t.Error("a decision was deleted")
	}
}
