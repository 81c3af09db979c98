package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// More that tries to break out of a form; hostileTexts are what tries Markdown.
var breakouts = append([]string{
	`</script><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `--> <!-- skyarchive:notes 0123456789abcdef -->`,
	"---\ntags: [faux]\n---\n# titre", "\n<!-- skyarchive:notes 0123456789abcdef -->\nà moi", "a\",\"b\n\"c\"\r\nd;e\tf",
	"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1+1)", "\t=1+1", "\r=1", " =1", "＝1", "'=1", "''", "|x", "%x",
	`{"type":"end"}` + "\n" + `{"type":"decision"}`, "]]>", "\u2028\u2029", "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", strings.Repeat("👩‍🚒", 300),
}, hostileTexts...)

// hostile is an archive in which everything that people write is hostile: words, names,
// descriptions, cards, claims, summaries. It says which claims judge which words.
func hostile(t *testing.T) (*memory, map[string]string) {
	m := sample(t)
	words := map[string]string{}
	for i, text := range breakouts {
		uri := m.put(annDID, 100+i, text, func(p *store.Post) {
			p.Embed.Images = []atproto.Image{{Alt: text}}
			p.Embed.Card = &atproto.Card{URL: "https://card.example/" + strings.ToValidUTF8(text, ""), Title: text, Description: text}
			p.Tags, p.Labels = []string{text}, []string{text}
		})
		if strings.TrimSpace(text) == "" {
			continue
		}
		id := fmt.Sprintf("hostile%03d", i)
		words[id] = text
		m.claim(id, uri, text, []string{"water"}, func(c *store.Claim) {
			c.Passage.Claim.Attribution = &analysis.Attribution{Text: text}
			reviewed(c, "marie", analysis.Review{
				Status: analysis.Reviewed, Verdict: analysis.Mixed, Summary: text, Note: text, Restated: text, PublishedURL: "https://verif.example/" + id,
				Sources: []analysis.Source{{URL: "https://source.example/?" + strings.ToValidUTF8(text, ""), Title: text, Quote: text}},
			})
		})
	}
	return m, words
}

func exported(t *testing.T, m *memory, o Options) string {
	t.Helper()
	var b bytes.Buffer
	o.Writer = &b
	if _, err := Run(t.Context(), m, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Whatever people write, every note is a note: its head is flat YAML, its words are read as
// posted, and only the last line is the mark.
func TestHostileNotes(t *testing.T) {
	t.Parallel()
	m, _ := hostile(t)
	dir, _ := run(t, m, options("md"))
	mark := regexp.MustCompile(`(?m)^<!-- skyarchive:notes`)
	var all strings.Builder
	for name, text := range tree(t, dir) {
		if !strings.HasSuffix(name, ".md") {
			continue
		}
		checkNote(t, name, text)
		if n := len(mark.FindAllString(text, -1)); n != 1 {
			t.Errorf("%s has %d marks", name, n)
		}
		_, body, _ := strings.Cut(text[4:], "\n---\n")
		all.WriteString(shown(t, body))
	}
	for _, text := range breakouts {
		if want := posted(text); strings.TrimSpace(want) != "" && !strings.Contains(all.String(), want) {
			t.Errorf("the words %q are nowhere", want)
		}
	}
	// Each post is a file of its own and a title too.
	for _, p := range m.posts {
		if p.Author() != annDID {
			continue
		}
		o := options("md")
		o.Post, o.Out = p.URI, filepath.Join(t.TempDir(), "one.md")
		file, _ := run(t, m, o)
		for _, text := range tree(t, filepath.Dir(file)) {
			checkNote(t, string(p.URI), text)
		}
	}
}

// Tables read back cell by cell, and no cell starts a formula.
func TestHostileTables(t *testing.T) {
	t.Parallel()
	m, words := hostile(t)
	for _, c := range []struct {
		name, key, words string
		with             func(*Options)
	}{
		{"posts", "id", "text", func(*Options) {}},
		{"claims", "id", "text", func(o *Options) { o.Claims = true }},
		{"review", "claim_id", "words", func(o *Options) { o.ForReview = true }},
	} {
		o := options("csv")
		c.with(&o)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(exported(t, m, o), "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		key, text := slices.Index(rows[0], c.key), slices.Index(rows[0], c.words)
		read := map[string]string{}
		for _, row := range rows[1:] {
			read[row[key]] = Unguard(row[text])
			for i, cell := range row {
				if strings.ContainsAny(strings.TrimLeft(cell, " ")[:min(1, len(strings.TrimLeft(cell, " ")))], "=+-@\t\r\n") && !regexp.MustCompile(`^-?[0-9.]+$`).MatchString(cell) {
					t.Errorf("%s, column %s: %q runs as a formula", c.name, rows[0][i], cell)
				}
			}
		}
		if c.name == "posts" {
			for _, p := range m.posts {
				want := strings.ReplaceAll(strings.ToValidUTF8(p.Text, "\ufffd"), "\r\n", "\n") // as encoding/csv reads it
				if got, ok := read[atproto.KeyOf(p.URI)]; ok && got != want {
					t.Errorf("post %q reads back as %q", want, got)
				}
			}
			continue
		}
		for id, want := range words {
			want = strings.ReplaceAll(strings.ToValidUTF8(want, "\ufffd"), "\r\n", "\n")
			if got, ok := read[id]; !ok || got != want {
				t.Errorf("%s: claim %q reads back as %q", c.name, want, got)
			}
		}
	}
}

// Lines and documents of JSON hold the words, and can stand inside a page.
func TestHostileJSON(t *testing.T) {
	t.Parallel()
	m, words := hostile(t)
	valid := func(s string) string { return string([]rune(s)) }

	lines := exported(t, m, options("ndjson"))
	texts := map[string]bool{}
	for line := range strings.Lines(lines) {
		var v struct{ Type, Text string }
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("ndjson: %v: %s", err, line)
		}
		texts[v.Type+" "+v.Text] = true
	}
	for _, text := range breakouts {
		if !texts["post "+valid(text)] {
			t.Errorf("ndjson: the words %q are nowhere", text)
		}
	}

	var tasks []task
	if err := json.Unmarshal([]byte(exported(t, m, options("labelstudio"))), &tasks); err != nil {
		t.Fatal(err)
	}
	marked := map[string]string{}
	for _, task := range tasks {
		for _, p := range task.Predictions {
			for _, r := range p.Result {
				marked[r.ID] = string([]rune(task.Data.Text)[r.Val.Start:r.Val.End])
			}
		}
	}

	o := options("claimreview")
	o.Publisher = Publisher{"Vérif", "https://verif.example"}
	feed := exported(t, m, o)
	var reviews dataFeed
	if err := json.Unmarshal([]byte(feed), &reviews); err != nil {
		t.Fatal(err)
	}
	web := exported(t, m, options("webannotation"))
	var notes struct {
		First struct{ Items []webAnnotation }
	}
	if err := json.Unmarshal([]byte(web), &notes); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"claimreview": feed, "webannotation": web} {
		if strings.Contains(text, "</script") || strings.ContainsAny(text, "\u2028\u2029") {
			t.Errorf("%s breaks out of a page that it stands in", name)
		}
	}
	published, quoted := map[string]string{}, map[string]string{}
	for _, e := range reviews.Elements {
		published[strings.TrimPrefix(e.URL, "https://verif.example/")] = e.Item[0].Claim
	}
	for _, a := range notes.First.Items {
		_, id, _ := strings.Cut(a.ID, "#claim-")
		quoted[id] = a.Target.Selector[0].Exact
	}
	for id, text := range words {
		for form, got := range map[string]string{"labelstudio": marked[id], "webannotation": quoted[id]} {
			if got != valid(text) {
				t.Errorf("%s: %q reads back as %q", form, text, got)
			}
		}
		if got := published[id]; got != valid(text) {
			t.Errorf("claimreview: %q reads back as %q", text, got)
		}
	}
}

// The page has no tag, attribute or script that people wrote.
func TestHostilePage(t *testing.T) {
	t.Parallel()
	m, _ := hostile(t)
	text := exported(t, m, options("html"))
	if n := strings.Count(text, "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
	known := regexp.MustCompile(`^</?(!doctype|html|head|meta|title|style|body|a|header|h1|h2|h3|p|search|form|label|input|select|option|button|main|section|div|figure|figcaption|svg|rect|text|details|summary|table|caption|thead|tbody|tr|th|td|article|time|ul|ol|li|mark|b|bdi|q|br|em|blockquote|footer|span|script)[ >]`)
	head, script, _ := strings.Cut(text, "<script>")
	_, foot, _ := strings.Cut(script, "</script>")
	head = regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(head, "")
	for _, tag := range regexp.MustCompile(`<[^>]*>?`).FindAllString(head+foot, -1) {
		if !known.MatchString(tag) || regexp.MustCompile(`\son[a-z]+=|javascript:`).MatchString(tag) {
			t.Errorf("unexpected %.80s", tag)
		}
	}
}
