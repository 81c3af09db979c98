package export

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// indexed is a file as the index lists it.
type indexed struct {
	path, title, handle string
	age                 time.Time
	posts, claims       int
	topics              []string
	complete            bool
}

// index writes index.md: the threads by date and by topic, and the files of posts.
func (n *notes) index() error {
	w := n.x.words
	var p page
	var names []string
	for _, f := range slices.Concat(n.threads, n.months) {
		if !slices.Contains(names, f.handle) {
			names = append(names, f.handle)
		}
	}
	slices.Sort(names)
	title := titleFor(names)
	p.block("# " + plainMarkdown(title))
	p.block(strings.TrimSpace(n.x.audienceText() + " " + n.x.leftOut()))
	newest := func(a, b indexed) int {
		return cmp.Or(b.age.Compare(a.age), strings.Compare(a.path, b.path))
	}
	slices.SortFunc(n.threads, newest)
	slices.SortFunc(n.months, newest)
	if len(n.threads) > 0 {
		p.block("## " + w.byDate)
		n.listByMonth(&p)
		p.block("## " + w.byTopic)
		n.listByTopic(&p)
	}
	if len(n.months) > 0 {
		p.block("## " + w.postsOutside)
		p.block(n.list(n.months))
	}
	head := frontMatter{}
	head.text("title", title)
	head.word("audience", n.x.audience())
	head.number("threads", len(n.threads))
	head.number("left_out", n.x.summary.LeftOut.Total())
	return n.save("index.md", head.String(), p.b.String())
}

func (n *notes) listByMonth(p *page) {
	for start := 0; start < len(n.threads); {
		end := start
		month := n.x.words.month(n.threads[start].age.UTC())
		for end < len(n.threads) && n.x.words.month(n.threads[end].age.UTC()) == month {
			end++
		}
		p.block("### " + month)
		p.block(n.list(n.threads[start:end]))
		start = end
	}
}

func (n *notes) listByTopic(p *page) {
	byTopic := map[string][]indexed{}
	var none []indexed
	for _, t := range n.threads {
		for _, topic := range t.topics {
			byTopic[topic] = append(byTopic[topic], t)
		}
		if len(t.topics) == 0 {
			none = append(none, t)
		}
	}
	slugs := make([]string, 0, len(byTopic))
	for slug := range byTopic {
		slugs = append(slugs, slug)
	}
	slices.SortFunc(slugs, func(a, b string) int {
		return cmp.Or(len(byTopic[b])-len(byTopic[a]), strings.Compare(a, b))
	})
	for _, slug := range slugs {
		p.block("### " + plainMarkdown(n.x.topicLabel(slug)))
		p.block(n.list(byTopic[slug]))
	}
	if len(none) > 0 && len(slugs) > 0 {
		p.block("### " + n.x.words.noTopic)
		p.block(n.list(none))
	}
}

func (n *notes) list(files []indexed) string {
	w := n.x.words
	var lines []string
	for _, f := range files {
		line := "- " + w.dayUTC(f.age) + " [" + plainMarkdown(f.title) + "](" + destination(f.path) + ")"
		if n.folders != nil {
			line += " · " + plainMarkdown(f.handle)
		}
		line += " · " + w.count(f.posts, w.posts)
		if f.claims > 0 {
			line += " · " + w.count(f.claims, w.claims)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
