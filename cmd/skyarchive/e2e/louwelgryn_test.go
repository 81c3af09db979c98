//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const lou = "louwelgryn.bsky.social"

// outcome is what fetch --json says of an account.
type outcome struct {
	Outcome                       string
	DID, Signature                string
	Posts, Threads, Claims        int
	New, Edited, Deleted, Missing int
}

// claim is what claims --json says of a claim.
type claim struct {
	ID         string
	Text, Post string
	Topics     []struct{ Topic string }
	Review     struct{ Status, Verdict string }
}

func (c claim) about(topic string) bool {
	return slices.ContainsFunc(c.Topics, func(t struct{ Topic string }) bool { return t.Topic == topic })
}

// The page that the project starts from: fetched, fetched again, after a new post, after
// a deletion; its threads, claims, a verdict, search and export.
func TestSeedPage(t *testing.T) {
	db := filepath.Join(t.TempDir(), "archive.db")

	first := lines[outcome](t, skyarchive(t, db, "fetch", "--json", lou).want(t, 0))
	if len(first) != 1 || first[0].Outcome != "new" || first[0].Signature != "valid" {
		t.Fatalf("first fetch: %+v", first)
	}
	if got, want := first[0].Posts, 34+2; got != want {
		t.Errorf("%d posts, want %d: every live one of the repository", got, want)
	}
	seedTexts(t, db)

	t.Run("unchanged", func(t *testing.T) {
		before := len(net.requests(t))
		again := lines[outcome](t, skyarchive(t, db, "fetch", "--json", lou).want(t, 0))
		if again[0].Outcome != "unchanged" || again[0].Deleted != 0 {
			t.Errorf("second fetch: %+v", again)
		}
		pds := 0
		for _, r := range net.requests(t)[before:] {
			if r.Host == "devpds.host.bsky.network" {
				pds++
			}
		}
		if pds > 2 {
			t.Errorf("an unchanged account took %d requests to its server, want 2 at most", pds)
		}
	})

	t.Run("threads", func(t *testing.T) { seedThreads(t, db) })
	t.Run("claims", func(t *testing.T) { seedClaims(t, db) })

	t.Run("new post", func(t *testing.T) {
		net.mutate(t, "post", lou, "Un post de plus : 40 litres d'eau par jour.")
		got := lines[outcome](t, skyarchive(t, db, "fetch", "--json", lou).want(t, 0))
		if got[0].New != 1 || got[0].Deleted != 0 || got[0].Edited != 0 {
			t.Errorf("after a new post: %+v", got)
		}
		skyarchive(t, db, "search", "40 litres d'eau").want(t, 0, "Un post de plus")
	})

	t.Run("deletion", func(t *testing.T) {
		uri := net.uri(t, "zucman", 0)
		net.mutate(t, "delete", uri)
		got := lines[outcome](t, skyarchive(t, db, "fetch", "--json", lou).want(t, 0))
		if got[0].Deleted != 1 || got[0].New != 0 {
			t.Errorf("after a deletion: %+v", got)
		}
		skyarchive(t, db, "thread", uri).want(t, 0, "20 février", "deleted, found")
	})
}

// seedTexts checks that every text of the seed page is in the archive as posted.
func seedTexts(t *testing.T, db string) {
	t.Helper()
	raw, err := os.ReadFile("seed-posts.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, line := range lines[map[string]any](t, skyarchive(t, db, "search", "--json", "--limit", "0", "from:"+lou).want(t, 0)) {
		if text, ok := line["text"].(string); ok {
			found[text] = true
		}
	}
	for i, text := range texts {
		if !found[text] {
			t.Errorf("text %d of the page is not in the archive: %s", i, text)
		}
	}
	if len(texts) != 23 {
		t.Errorf("the page has %d texts, want 23", len(texts))
	}
}

func seedThreads(t *testing.T, db string) {
	type thread struct {
		Root      string
		Posts     []string
		Numbering *struct {
			Total   *int
			Numbers []*int
			Missing []int
		}
		Complete bool
	}
	byRoot := map[string]thread{}
	for _, th := range lines[thread](t, skyarchive(t, db, "threads", "--json", "--limit", "0").want(t, 0)) {
		byRoot[th.Root] = th
	}
	pls := byRoot[net.uri(t, "threadB", 0)]
	if len(pls.Posts) != 4 || pls.Numbering == nil || pls.Numbering.Total == nil || *pls.Numbering.Total != 3 || !pls.Complete {
		t.Fatalf("the thread 1/3 to 3/3 under its introduction: %+v", pls)
	}
	for i, want := range []int{0, 1, 2, 3} {
		if n := pls.Numbering.Numbers[i]; (n == nil) != (want == 0) || n != nil && *n != want {
			t.Errorf("post %d of it carries number %v, want %d", i, n, want)
		}
	}
	cut := byRoot[net.uri(t, "threadD_amputated", 0)]
	if cut.Complete || cut.Numbering == nil || !slices.Equal(cut.Numbering.Missing, []int{3}) {
		t.Errorf("the thread whose 3/4 was deleted: %+v", cut)
	}
	skyarchive(t, db, "thread", cut.Root).want(t, 0, "1/4", "4/4", "part 3 is missing")
	for _, th := range byRoot {
		if th.Numbering == nil {
			continue
		}
		for i, uri := range th.Posts {
			if uri == net.uri(t, "late", 0) && th.Numbering.Numbers[i] != nil {
				t.Errorf("« 1/3 de charge » was read as a thread's number")
			}
		}
	}
}

func seedClaims(t *testing.T, db string) {
	all := lines[claim](t, skyarchive(t, db, "claims", "--json", "--all", "--limit", "0").want(t, 0))
	tagged := func(topic, words string) claim {
		for _, c := range all {
			if strings.Contains(c.Text, words) && c.about(topic) {
				return c
			}
		}
		t.Errorf("no claim with « %s » is tagged %s", words, topic)
		return claim{}
	}
	electricity := tagged("electricity", "2% de l'électricité")
	tagged("water", "refroidissement des Data centers")
	tagged("metals", "tungstène, cobalt")
	tagged("fossil-fuels", "50 000 barils")
	tagged("rebound-effects", "augmenter la production")

	skyarchive(t, db, "claims", "review", electricity.ID, "--verdict", "supported",
		"--source", "https://www.iea.org/reports/electricity-2024", "--note", "note privée", "--summary", "L'AIE donne ce chiffre pour 2022.").want(t, 0, "supported")
	reviewed := lines[claim](t, skyarchive(t, db, "claims", "--json", "--status", "reviewed").want(t, 0))
	if len(reviewed) != 1 || reviewed[0].ID != electricity.ID || reviewed[0].Review.Verdict != "supported" {
		t.Errorf("reviewed claims: %+v", reviewed)
	}
	skyarchive(t, db, "search", "consommation électrique", "--verdict", "supported").want(t, 0, electricity.ID, "supported")

	out := filepath.Join(t.TempDir(), "notes")
	skyarchive(t, db, "export", lou, "-o", out).want(t, 0)
	text := folder(t, out)
	for _, want := range []string{"2% de l'électricité", "L'AIE donne ce chiffre pour 2022.", "https://www.iea.org/reports/electricity-2024", "1/3 des ventes"} {
		if !strings.Contains(text, want) {
			t.Errorf("the Markdown lacks « %s »", want)
		}
	}
	if strings.Contains(text, "note privée") {
		t.Errorf("the private note is in the export")
	}
}

// folder is the text of all files of a folder.
func folder(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		b.Write(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
