package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
	"skyarchive/store/search"
)

func htmlPage(t *testing.T, m *memory, o Options) string {
	t.Helper()
	var b bytes.Buffer
	o.Format, o.Writer = "html", &b
	if _, err := Run(t.Context(), m, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHTMLGolden(t *testing.T) {
	t.Parallel()
	for name, lang := range map[string]string{"html-en": "en", "html-fr": "fr"} {
		o := options("html")
		o.Lang, o.Out = lang, t.TempDir()
		dir, _ := run(t, sample(t), o)
		golden(t, name, dir)
	}
}

// The page runs only its own script and style, and asks the network for nothing.
func TestHTMLStandsAlone(t *testing.T) {
	t.Parallel()
	text := htmlPage(t, sample(t), options("html"))
	csp := html.UnescapeString(regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(text)[1])
	for _, tag := range []string{"script", "style"} {
		parts := regexp.MustCompile(`(?s)<`+tag+`[^>]*>(.*?)</`+tag+`>`).FindAllStringSubmatch(text, -1)
		if len(parts) != 1 {
			t.Fatalf("%d elements %s, want 1", len(parts), tag)
		}
		sum := sha256.Sum256([]byte(parts[0][1]))
		if want := tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(csp, want) {
			t.Errorf("policy %q does not allow %s", csp, want)
		}
	}
	for _, bad := range []string{" src=", "@import", "url(", " style=", "<link", "<iframe", "<img", " onclick"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}

// The title names the account; a DID is not for readers, who see the rest of the selection.
func TestHTMLNamesTheAccount(t *testing.T) {
	t.Parallel()
	head := regexp.MustCompile(`(?s)<h1>(.*?)</h1>.*?<p>(.*?)</p>`)
	o := options("html")
	o.Query.DID = annDID
	if got := head.FindStringSubmatch(htmlPage(t, sample(t), o)); got[1] != "@ann.example · skyarchive" || strings.Contains(got[2], "Selection") {
		t.Errorf("title %q, summary %q", got[1], got[2])
	}
	o.Query.Where, _ = search.Parse("eau", search.Options{})
	if got := head.FindStringSubmatch(htmlPage(t, sample(t), o)); !strings.HasSuffix(got[2], "Selection: from:@ann.example eau") {
		t.Errorf("summary %q", got[2])
	}
}

func TestHTMLShowsTheWords(t *testing.T) {
	t.Parallel()
	m := sample(t)
	for i, text := range hostileTexts {
		m.put(annDID, 100+i, text, func(p *store.Post) {
			p.Facets = []atproto.Facet{{Start: 0, End: 1, Kind: atproto.FacetLink, Value: "javascript:alert(1)"}}
		})
	}
	text := htmlPage(t, m, options("html"))
	body := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, "")
	body = html.UnescapeString(body)
	for _, p := range m.posts {
		want := string([]rune(p.Text))
		if p.Author() != annDID || strings.TrimSpace(want) == "" {
			continue
		}
		// A NUL cannot stand in a page.
		want = strings.ReplaceAll(want, "\x00", "\ufffd")
		if got := strings.Contains(strings.ReplaceAll(body, "\x00", "\ufffd"), want); got != (p.Status == "live") {
			t.Errorf("the words %q (%s) shown: %t", want, p.Status, got)
		}
	}
	for _, bad := range []string{`href="javascript`, "<script>alert", "secret", "marie"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}

func TestHTMLPublic(t *testing.T) {
	t.Parallel()
	m := sample(t)
	text := htmlPage(t, m, options("html"))
	for _, want := range []string{"A post is left out here: it was deleted.", "Left out: 2 deleted posts.", "3 claims"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	o := options("html")
	o.Include.Deleted = true
	if text := htmlPage(t, m, o); !strings.Contains(text, "Ce post a été supprimé") || strings.Contains(text, "not for everybody is left out") ||
		!strings.Contains(text, "holds on request what one leaves out: deleted posts.") {
		t.Error("a deleted post that is to be included is not there, or the page does not say so")
	}
	m.accounts[1].HideGuest = true // the quoted author
	if text := htmlPage(t, m, options("html")); strings.Contains(text, "Un rapport utile") {
		t.Error("the words of an author who asks for login are shown")
	}
	m.accounts[0].Status = atproto.Deactivated
	text = htmlPage(t, m, options("html"))
	if strings.Contains(text, "<article") || !strings.Contains(text, "posts whose account is gone") {
		t.Error("a deactivated account is shown")
	}
}

// What is left out is told in a sentence for one and for many.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		lang string
		left LeftOut
		want string
	}{
		{"en", LeftOut{}, ""},
		{"en", LeftOut{Deleted: 1}, "Left out: 1 deleted post."},
		{"en", LeftOut{Deleted: 2, Gone: 1, Hidden: 3}, "Left out: 2 deleted posts, 1 post whose account is gone, 3 posts whose author asks not to be shown without login, or of whom that is not known."},
		{"fr", LeftOut{Deleted: 1, Gone: 2}, "Omis\u00a0: 1 post supprimé, 2 posts dont le compte est désactivé, suspendu ou supprimé."},
		{"fr", LeftOut{Hidden: 1}, "Omis\u00a0: 1 post dont l'auteur demande à ne pas être montré sans connexion, ou pour qui on ne le sait pas."},
	} {
		x := export{words: wordsIn(tt.lang), summary: Summary{LeftOut: tt.left}}
		if got := x.leftOut(); got != tt.want {
			t.Errorf("%s %+v: %q, want %q", tt.lang, tt.left, got, tt.want)
		}
	}
}

func TestHTMLManyClaims(t *testing.T) {
	t.Parallel()
	m := sample(t)
	words := "plus de 40 % de l'eau"
	for i := range 200 {
		uri := m.put(annDID, 1000+i*600, "Encore "+words, nil)
		m.claim("many"+strings.Repeat("a", i%7), uri, words, []string{"water"}, func(c *store.Claim) {
			c.Passage.Claim.Kind = analysis.Statistic
		})
	}
	text := htmlPage(t, m, options("html"))
	if got := strings.Count(text, `<li id="claim-`); got != 203 {
		t.Errorf("%d claims, want 203", got)
	}
	if !strings.Contains(text, `<td>201</td>`) {
		t.Error("the table of topics does not count 201")
	}
}

// Whatever the words, links and claims, the page shows the words posted.
func FuzzHTMLText(f *testing.F) {
	for i, s := range hostileTexts {
		f.Add(s, uint16(i), uint16(2*i+3))
	}
	tags := regexp.MustCompile(`</?(a|mark)( rel="nofollow" href="[^"<>]*"| data-n="[0-9,]+")?>`)
	f.Fuzz(func(t *testing.T, text string, start, end uint16) {
		p := atproto.Post{Text: text, Facets: []atproto.Facet{{Start: int(start), End: int(end), Kind: atproto.FacetLink, Value: `https://x.test/"><script>`}}}
		var claims []store.Claim
		if int(start)+1 < int(end) && int(end) < len(text) && utf8.RuneStart(text[start+1]) && utf8.RuneStart(text[end]) {
			c := store.Claim{}
			c.Start, c.End = int(start)+1, int(end)
			claims = append(claims, c)
		}
		shown := tags.ReplaceAllString(string(htmlText(p, claims)), "")
		if strings.ContainsAny(shown, "<>") {
			t.Fatalf("%q leaves a tag: %q", text, shown)
		}
		if !utf8.ValidString(text) {
			return
		}
		if got, want := html.UnescapeString(shown), strings.ReplaceAll(text, "\x00", "\ufffd"); got != want {
			t.Fatalf("%q shows %q", want, got)
		}
	})
}
