package export

import (
	"bytes"
	"context"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/store"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// paris does not need the time zone database of the machine.
var paris = time.FixedZone("Paris", 2*60*60)

func options(format string) Options {
	return Options{Format: format, Zone: paris, Program: "1.0.0", Analysis: "1", Now: func() time.Time { return morning.AddDate(1, 0, 0) }}
}

// run exports into a folder of its own.
func run(t *testing.T, r store.Reader, o Options) (string, Summary) {
	t.Helper()
	if o.Out == "" {
		o.Out = filepath.Join(t.TempDir(), "out")
	}
	s, err := Run(t.Context(), r, o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Out, s
}

// tree is the files of a folder by name.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// golden compares a folder with the one kept in testdata.
func golden(t *testing.T, name, dir string) map[string]string {
	t.Helper()
	got := tree(t, dir)
	kept := filepath.Join("testdata", name)
	if *update {
		if err := os.RemoveAll(kept); err != nil {
			t.Fatal(err)
		}
		for file, text := range got {
			path := filepath.Join(kept, filepath.FromSlash(file))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := tree(t, kept)
	for file, text := range want {
		if got[file] != text {
			t.Errorf("%s/%s:\n got %s\nwant %s", name, file, got[file], text)
		}
	}
	for file := range got {
		if _, ok := want[file]; !ok {
			t.Errorf("%s: unexpected file %s", name, file)
		}
	}
	return got
}

func TestMarkdownGolden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		with func(*Options)
	}{
		{"md-en", func(*Options) {}},
		{"md-fr", func(o *Options) { o.Lang = "fr" }},
		{"md-public", func(o *Options) { o.Public = true }},
		{"md-media", func(o *Options) {
			o.Post = uriAt(annDID, 1)
			o.Media = func(cid string) (io.ReadCloser, error) {
				if cid != "bafkreigraph" {
					return nil, fs.ErrNotExist
				}
				return io.NopCloser(strings.NewReader("png")), nil
			}
		}},
	} {
		o := options("md")
		c.with(&o)
		dir, _ := run(t, sample(t), o)
		for file, text := range golden(t, c.name, dir) {
			if strings.HasSuffix(file, ".md") {
				checkNote(t, c.name+"/"+file, text)
			}
			if strings.Contains(text, "secret") {
				t.Errorf("%s/%s shows a private note", c.name, file)
			}
		}
	}
}

var tag = regexp.MustCompile(`<(/?)([a-z0-9]+)[ >]`)

// checkNote reads a note as Obsidian would: its head is flat YAML, its body holds no tags
// but those that notes are made of.
func checkNote(t *testing.T, name, text string) {
	t.Helper()
	rest, ok := strings.CutPrefix(text, "---\n")
	head, body, closed := strings.Cut(rest, "\n---\n")
	if !ok || !closed {
		t.Fatalf("%s: no front matter", name)
	}
	var fields map[string]any
	if err := yaml.Unmarshal([]byte(head), &fields); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for key, value := range fields {
		if _, nested := value.(map[string]any); nested {
			t.Errorf("%s: %s is not flat", name, key)
		}
	}
	var b bytes.Buffer
	if err := reader.Convert([]byte(body), &b); err != nil {
		t.Fatal(err)
	}
	allowed := []string{"h1", "h2", "h3", "p", "a", "em", "strong", "br", "blockquote", "ul", "li", "img", "sup", "div", "ol", "hr"}
	for _, m := range tag.FindAllStringSubmatch(b.String(), -1) {
		if !slices.Contains(allowed, m[2]) {
			t.Errorf("%s: unexpected <%s> in %s", name, m[2], b.String())
		}
	}
	if hash := regexp.MustCompile(`(^|\s)#[\pL]`).FindString(body); hash != "" {
		t.Errorf("%s: a hashtag got into the vault: %q", name, hash)
	}
}

// Every post's words are in the private copy, as a reader of Markdown sees them.
func TestMarkdownLosesNothing(t *testing.T) {
	t.Parallel()
	m := sample(t)
	for i, text := range hostileTexts {
		m.put(annDID, 100+i, text, nil)
	}
	dir, sum := run(t, m, options("md"))
	all := ""
	for name, text := range tree(t, dir) {
		if strings.HasSuffix(name, ".md") {
			_, body, _ := strings.Cut(text[4:], "\n---\n")
			all += shown(t, body)
		}
	}
	all = strings.NewReplacer("<blockquote>\n", "", "</blockquote>\n", "").Replace(all)
	for _, p := range m.posts {
		if want := posted(p.Text); strings.TrimSpace(want) != "" && !strings.Contains(all, want) {
			t.Errorf("the words %q are nowhere", want)
		}
	}
	if want := len(m.posts) - 1; sum.Posts != want { // all but the quoted one
		t.Errorf("%d posts written, want %d", sum.Posts, want)
	}
}

func TestMarkdownFileNames(t *testing.T) {
	t.Parallel()
	m := sample(t)
	before, _ := run(t, m, options("md"))
	edited := m.put(annDID, 500, "Autre chose", nil)
	p := m.posts[len(m.posts)-1]
	m.posts = m.posts[:len(m.posts)-1]
	root := m.posts[1]
	m.versions[string(root.URI)] = []store.Version{{CID: mustCID(t, root.CID), Seen: morning}, {CID: mustCID(t, p.CID), Seen: morning.AddDate(0, 0, 1)}}
	m.posts[1].Text, m.posts[1].CID, m.posts[1].Edited = p.Text, p.CID, 1
	m.posts[1].Facets = nil
	_ = edited
	o := options("md")
	o.Zone, o.Lang = time.UTC, "fr"
	after, _ := run(t, m, o)
	a, b := names(tree(t, before)), names(tree(t, after))
	if !slices.Equal(a, b) {
		t.Errorf("an edit, another zone and language changed the names: %q, %q", a, b)
	}
}

func names(files map[string]string) []string {
	var list []string
	for name := range files {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func TestNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"L'électricité & l'eau : 2 % !": "l-electricite-l-eau-2",
		"COM1":                          "com1",
		"🧵👉":                            "",
		"Ελληνικά γράμματα":             "ελληνικα-γραμματα",
		"日本語の文":                         "日本語の文",
		strings.Repeat("mot ", 40):      strings.TrimSuffix(strings.Repeat("mot-", 15), "-"),
	} {
		if got := slug(in); got != want {
			t.Errorf("slug(%q) is %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"con.example": "_con.example", "lpt1.example": "_lpt1.example", "comte.example": "comte.example", "nul": "_nul",
		"did:plc:abc": "did-plc-abc", "a/../b": "a-..-b", "..": "_", "x.": "x", "": "_", ".hidden": "_.hidden", `a\b|c?"*<>`: "a-b-c-----",
	} {
		if got := folderName(in); got != want {
			t.Errorf("folderName(%q) is %q, want %q", in, got, want)
		}
	}
	if a, b := fileKey("Self"), fileKey("self"); strings.EqualFold(a, b) {
		t.Errorf("keys that differ in case only are told apart by nothing: %q, %q", a, b)
	}
}

func TestMarkdownSingleFile(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	o := options("md")
	o.Writer = &b
	s, err := Run(context.Background(), sample(t), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# 🧵 L'eau des centres de données (1/5)", "audience: private", "## " + key(30), "## " + key(45)} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the file lacks %q", want)
		}
	}
	if s.Threads != 1 || s.Files != 0 || s.Claims != 4 {
		t.Errorf("summary: %+v", s)
	}
	b.Reset()
	o.Post = uriAt(annDID, 30)
	if _, err := Run(context.Background(), sample(t), o); err != nil {
		t.Fatal(err)
	}
	checkNote(t, "one post", b.String())
	if got := strings.Count(b.String(), "signature: valid"); got != 2 {
		t.Errorf("one post of one file, got\n%s", b.String())
	}
}

// A missing number that the thread has no gap for is shown in its place all the same.
func TestMarkdownMissingNumberWithoutGap(t *testing.T) {
	t.Parallel()
	m := sample(t)
	m.threadList[0].Gaps = nil
	var b bytes.Buffer
	o := options("md")
	o.Post, o.Writer = uriAt(annDID, 0), &b
	if _, err := Run(t.Context(), m, o); err != nil {
		t.Fatal(err)
	}
	second, third, fourth, last := strings.Index(b.String(), "2 % de"), strings.Index(b.String(), "Part 3 is missing"), strings.Index(b.String(), "Part 4 is missing"), strings.Index(b.String(), "5/5 Fin")
	if second < 0 || third < second || fourth < third || last < fourth {
		t.Errorf("parts 3 and 4 at %d and %d, between %d and %d", third, fourth, second, last)
	}
}

// An account of several has a folder of its own, named by its first handle.
func TestMarkdownSeveralAccounts(t *testing.T) {
	t.Parallel()
	m := sample(t)
	m.accounts[1].Posts, m.accounts[1].Handle = 1, "con.example"
	dir, _ := run(t, m, options("md"))
	got := names(tree(t, dir))
	for _, want := range []string{"_con.example/posts-2025-03.md", "first.example/posts-2025-03.md", "index.md"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s among %q", want, got)
		}
	}
}

// A quoted scalar is read back as it was written.
func FuzzYAMLText(f *testing.F) {
	for _, s := range hostileTexts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = string([]rune(s))
		var got map[string]string
		if err := yaml.Unmarshal([]byte("title: "+yamlText(s)+"\n"), &got); err != nil || got["title"] != s {
			t.Fatalf("%q is written as %s and read as %q: %v", s, yamlText(s), got["title"], err)
		}
	})
}

// A post whose bytes are missing has its place all the same, in a private copy.
func TestMarkdownMissingPost(t *testing.T) {
	t.Parallel()
	m := sample(t)
	m.put(annDID, 200, "", func(p *store.Post) { p.Status = store.Missing })
	dir, _ := run(t, m, options("md"))
	if got := tree(t, dir)["posts-2025-03.md"]; !strings.Contains(got, "## "+key(200)+"\n\n*The account's repository lists this post") {
		t.Errorf("the missing post is not in\n%s", got)
	}
}

// The former words of an edited post are in no public form, not even in a file name.
func TestPublicHidesFormerWords(t *testing.T) {
	t.Parallel()
	m := sample(t)
	root := m.posts[1]
	former, err := cbor.FromJSON([]byte(`{"$type":"app.bsky.feed.post","text":"Parole retirée","createdAt":"2025-03-31T07:30:00Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	m.records[atproto.CIDOf(former)] = former
	m.versions[string(root.URI)] = []store.Version{{CID: atproto.CIDOf(former), Seen: morning}, {CID: mustCID(t, root.CID), Seen: morning.AddDate(0, 0, 1)}}
	m.posts[1].Edited = 1
	for _, public := range []bool{false, true} {
		o := options("md")
		o.Public = public
		dir, _ := run(t, m, o)
		files := tree(t, dir)
		named := slices.ContainsFunc(names(files), func(name string) bool { return strings.Contains(name, "parole-retiree") })
		shown := false
		for _, text := range files {
			shown = shown || strings.Contains(text, "Parole retirée")
		}
		if named == public || shown == public {
			t.Errorf("public %t: in a name: %t, in a note: %t", public, named, shown)
		}
	}
}
