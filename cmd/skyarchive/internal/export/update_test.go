package export

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
)

func TestNothingIsOverwritten(t *testing.T) {
	t.Parallel()
	m := sample(t)
	o := options("md")
	o.Out = filepath.Join(t.TempDir(), "a", "b")
	dir, _ := run(t, m, o)
	before := tree(t, dir)
	if _, err := Run(t.Context(), m, o); !errors.Is(err, ErrExists) {
		t.Errorf("a second export: %v, want ErrExists", err)
	}
	o.Force = true
	if _, err := Run(t.Context(), m, o); err != nil {
		t.Errorf("with Force: %v", err)
	}
	if after := tree(t, dir); !slices.Equal(names(before), names(after)) {
		t.Errorf("files now: %q", names(after))
	}
	o.Force, o.Out = false, filepath.Join(t.TempDir(), "one.md")
	if err := os.WriteFile(o.Out, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), m, o); !errors.Is(err, ErrExists) {
		t.Errorf("over a file: %v, want ErrExists", err)
	}
	if data, _ := os.ReadFile(o.Out); string(data) != "mine" {
		t.Errorf("the file now holds %q", data)
	}
}

func TestUpdateKeepsWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	m := sample(t)
	o := options("md")
	dir, first := run(t, m, o)
	o.Out, o.Update = dir, true
	if _, s := run(t, m, o); s.Files != 0 || s.Unchanged != first.Files {
		t.Errorf("nothing changed: %d files written, %d unchanged of %d", s.Files, s.Unchanged, first.Files)
	}
	note := filepath.Join(dir, "posts-2025-03.md")
	text, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "Bonjour", "Bonjour\n\nMa remarque dans le texte", 1) + "\nMa note\n---\n- [ ] à faire\n"
	if err := os.WriteFile(note, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	m.put(annDID, 31, "Un post de plus", nil)
	_, s := run(t, m, o)
	if s.Files != 3 { // the month, the index and about.json
		t.Errorf("%d files written, want 3", s.Files)
	}
	after := tree(t, dir)["posts-2025-03.md"]
	for _, want := range []string{"Un post de plus", "\nMa note\n---\n- [ ] à faire\n", "> Ma remarque dans le texte\n"} {
		if strings.Count(after, want) != 1 {
			t.Errorf("the note lacks %q:\n%s", want, after)
		}
	}
	if _, s := run(t, m, o); s.Files != 0 {
		t.Errorf("a further update wrote %d files", s.Files)
	}
}

// A thread that was joined to another leaves its note with its words, marked.
func TestUpdateMarksWhatIsGone(t *testing.T) {
	t.Parallel()
	m := sample(t)
	o := options("md")
	dir, _ := run(t, m, o)
	var old string
	for name := range tree(t, dir) {
		if strings.HasPrefix(name, "2025-") {
			old = name
		}
	}
	lead := m.put(annDID, -3, "Voici un fil", inThread(uriAt(annDID, -3)))
	th := &m.threadList[0]
	for i := range m.posts {
		if m.posts[i].Thread == th.Root {
			m.posts[i].Thread = lead
		}
	}
	th.Posts = append([]syntax.ATURI{lead}, th.Posts...)
	th.Root, th.Age, th.Numbering = lead, m.posts[len(m.posts)-1].Age(), nil
	th.Dates = m.posts[len(m.posts)-1].Dates()
	th.Joins = append(th.Joins, analysis.Join{URI: lead, By: analysis.ByLead})
	for i := range m.claims {
		if m.claims[i].Thread != "" {
			m.claims[i].Thread = lead
		}
	}
	o.Out, o.Update = dir, true
	run(t, m, o)
	after := tree(t, dir)
	if !strings.Contains(after[old], "no longer made from the archive") || !strings.Contains(after[old], "50 000 m³") {
		t.Errorf("the former note:\n%s", after[old])
	}
	if _, s := run(t, m, o); s.Files != 0 {
		t.Errorf("a further update wrote %d files", s.Files)
	}
}

// Nothing is left behind by an export that fails.
func TestFailedExportLeavesNoTemporaryFile(t *testing.T) {
	t.Parallel()
	m := sample(t)
	m.accounts = m.accounts[1:]
	o := options("md")
	o.Out = t.TempDir()
	if _, err := Run(t.Context(), m, o); err == nil {
		t.Fatal("an archive without its account was exported")
	}
	if left := names(tree(t, o.Out)); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}
