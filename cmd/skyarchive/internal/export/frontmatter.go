package export

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"skyarchive/analysis"
	"skyarchive/atproto"
)

// frontMatter is a flat YAML head: no value is a map, so that Obsidian shows each as a
// property.
type frontMatter struct{ b strings.Builder }

func (f *frontMatter) line(key, value string) { f.b.WriteString(key + ": " + value + "\n") }

// text adds a quoted string; "" adds nothing.
func (f *frontMatter) text(key, value string) {
	if value != "" {
		f.line(key, yamlText(value))
	}
}

// word adds a string that is safe as it stands.
func (f *frontMatter) word(key, value string) { f.line(key, value) }

func (f *frontMatter) number(key string, n int) { f.line(key, strconv.Itoa(n)) }

func (f *frontMatter) moment(key string, t time.Time) {
	if !t.IsZero() {
		f.text(key, t.Format(time.RFC3339))
	}
}

func (f *frontMatter) list(key string, values []string) {
	if len(values) == 0 {
		return
	}
	f.b.WriteString(key + ":\n")
	for _, v := range values {
		f.b.WriteString("  - " + yamlText(v) + "\n")
	}
}

func (f *frontMatter) numbers(key string, values []int) {
	if len(values) == 0 {
		return
	}
	f.b.WriteString(key + ":\n")
	for _, v := range values {
		fmt.Fprintf(&f.b, "  - %d\n", v)
	}
}

// String is the head between its fences.
func (f *frontMatter) String() string { return "---\n" + f.b.String() + "---\n" }

// yamlText is s as a double-quoted YAML scalar in one line.
func yamlText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == 0x200d || r == 0xfe0f || unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// frontMatter is the head of a thread's or post's note.
func (n *note) frontMatter() string {
	doc, acc, t := n.doc, n.doc.Account, n.doc.Thread
	var f frontMatter
	f.text("title", n.title())
	f.text("author", acc.Author())
	f.text("handle", acc.handle())
	if then := acc.HandleAt(t.Age); then != acc.handle() {
		f.text("handle_then", then)
	}
	f.text("did", string(acc.DID))
	f.text("uri", string(t.Root))
	f.text("url", atproto.WebURL(t.Root))
	posted := t.Dates.Shown()
	if !posted.IsZero() {
		f.word("date", n.in(posted).Format("2006-01-02"))
		f.moment("posted", n.in(posted))
	}
	if t.Dates.Apart() {
		f.moment("record_key_time", n.in(t.Dates.Key))
	}
	first, last := doc.seen()
	if end := doc.end(); end.After(posted) {
		f.moment("last_post", n.in(end))
	}
	f.word("signature", string(doc.signature()))
	f.list("tags", doc.topics())
	f.number("posts", len(t.Posts))
	if len(t.Posts) > 1 {
		f.word("complete", strconv.FormatBool(t.Complete))
	}
	absent := t.Absent()
	f.numbers("missing", absent.Missing)
	f.numbers("deleted", absent.Deleted)
	f.numbers("split_off", absent.Split)
	f.number("claims", doc.claimCount())
	for _, s := range []analysis.Status{analysis.New, analysis.Reviewed, analysis.Dismissed} {
		if k := doc.claimsWith(s); k > 0 {
			f.number("claims_"+string(s), k)
		}
	}
	f.moment("archived", n.in(first))
	if last.After(first) {
		f.moment("last_archived", n.in(last))
	}
	if acc.Status != "" && acc.Status != atproto.Active {
		f.word("account", string(acc.Status))
	}
	f.list("user_intents", intentWords(acc.Intents))
	f.word("audience", n.x.audience())
	return f.String()
}

// intentWords are what an account declares of reuse, in one word each and a verb.
func intentWords(intents []atproto.Intent) []string {
	var list []string
	for _, i := range intents {
		verb := "disallow"
		if i.Allow {
			verb = "allow"
		}
		list = append(list, verb+" "+i.Use)
	}
	return list
}

func (x *export) monthMatter(m *monthNote) string {
	acc := m.note.doc.Account
	var f frontMatter
	f.text("title", m.title)
	f.text("author", acc.Author())
	f.text("handle", acc.handle())
	f.text("did", string(acc.DID))
	f.list("tags", m.topics)
	f.number("posts", m.posts)
	f.number("claims", m.claims)
	f.list("user_intents", intentWords(acc.Intents))
	f.word("audience", x.audience())
	return f.String()
}
