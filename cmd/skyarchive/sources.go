package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"net/url"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/export"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newSourcesCommand(a *app) *cobra.Command {
	var f filter
	var format string
	cmd := &cobra.Command{
		Use:     "sources [account]...",
		GroupID: groupReview,
		Short:   "List the links that posts give, with the claims that may rest on them",
		Long: `List every link of the posts, from the text and from link cards: its words, title and
host, and the claims that may rest on it. A link is a candidate source for the claims
of its post and of the thread that its post is in. Links through a shortener are
marked: they hide where they lead.
` + statusHelp,
		Example: "  skyarchive sources\n  skyarchive sources louwelgryn.bsky.social --format csv > sources.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "" && format != "csv" {
				return usagef("--format %s: only csv", format)
			}
			q, _, err := f.query(a, nil)
			if err != nil {
				return err
			}
			return sources(cmd.Context(), a, args, q, format == "csv")
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "csv for a table")
	f.register(cmd, 0)
	return cmd
}

// A sourceLine is one link with where it stands and what may rest on it.
type sourceLine struct {
	URL       string         `json:"url"`
	Host      string         `json:"host"`
	Text      string         `json:"text"`  // the words that carry it
	Title     string         `json:"title"` // of the card
	Shortener bool           `json:"shortener"`
	Posts     []syntax.ATURI `json:"posts"`
	Claims    []string       `json:"claims"` // ids
}

// shorteners are hosts whose links lead elsewhere.
var shorteners = []string{
	"bit.ly", "buff.ly", "dlvr.it", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy", "shorturl.at", "t.co", "t.ly", "tinyurl.com", "urlr.me", "trib.al", "cutt.ly", "v.gd",
}

func sources(ctx context.Context, a *app, names []string, q store.Query, table bool) error {
	return a.view(ctx, func(r store.Reader) error {
		dids, err := accountsNamed(ctx, r, names)
		if err != nil {
			return err
		}
		var list []*sourceLine
		limit := q.Limit
		q.Limit = 0 // it counts links, not the posts that give them
		for _, did := range dids {
			q.DID = did
			found, err := sourcesOf(ctx, r, q)
			if err != nil {
				return err
			}
			list = append(list, found...)
		}
		slices.SortStableFunc(list, func(x, y *sourceLine) int { // the most used first
			return cmp.Or(len(y.Posts)-len(x.Posts), cmp.Compare(x.Host, y.Host), cmp.Compare(x.URL, y.URL))
		})
		if len(list) == 0 {
			a.say("no links here")
		}
		if limit > 0 && limit < len(list) {
			list = list[:limit]
			a.say("showing %d; --limit 0 shows all", limit)
		}
		if table {
			return sourceTable(a, list)
		}
		for _, s := range list {
			if a.json {
				err = term.JSONLine(a.stdout, s)
			} else {
				err = a.writeSource(s)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// sourcesOf are the links of the posts of an account that a query selects, by URL.
func sourcesOf(ctx context.Context, r store.Reader, q store.Query) ([]*sourceLine, error) {
	posts, err := store.Collect(r.Posts(ctx, q))
	if err != nil {
		return nil, err
	}
	all := store.Query{DID: q.DID}
	claims, err := store.Collect(r.Claims(ctx, all))
	if err != nil {
		return nil, err
	}
	under := map[syntax.ATURI][]string{} // post, or root of a thread -> claims
	for _, c := range claims {
		at := c.Post
		if c.Thread != "" {
			at = c.Thread
		}
		under[at] = append(under[at], c.Passage.Claim.ID)
	}
	byURL := map[string]*sourceLine{}
	var list []*sourceLine
	for _, p := range posts {
		for _, link := range linksOf(p) {
			s := byURL[link.URL]
			if s == nil {
				s = &link
				byURL[link.URL] = s
				list = append(list, s)
			}
			s.Text, s.Title = cmp.Or(s.Text, link.Text), cmp.Or(s.Title, link.Title)
			if slices.Contains(s.Posts, p.URI) {
				continue
			}
			s.Posts = append(s.Posts, p.URI)
			at := p.URI
			if p.Thread != "" {
				at = p.Thread
			}
			for _, id := range under[at] {
				if !slices.Contains(s.Claims, id) {
					s.Claims = append(s.Claims, id)
				}
			}
		}
	}
	return list, nil
}

// linksOf are the links of a post's words and of its card.
func linksOf(p store.Post) []sourceLine {
	var list []sourceLine
	add := func(address, text, title string) {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			return
		}
		host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
		list = append(list, sourceLine{
			URL: address, Host: host, Text: text, Title: title, Shortener: slices.Contains(shorteners, host), Claims: []string{},
		})
	}
	for _, f := range p.ValidFacets() {
		if f.Kind == atproto.FacetLink {
			add(f.Value, p.Text[f.Start:f.End], "")
		}
	}
	if c := p.Embed.Card; c != nil {
		add(c.URL, "", c.Title)
	}
	return list
}

func (a *app) writeSource(s *sourceLine) error {
	head := s.Host
	if s.Shortener {
		head += " (shortener: where it leads is not known)"
	}
	head += " · " + count(len(s.Posts), "post") + " · " + count(len(s.Claims), "claim")
	if err := term.Indented(a.stdout, "", "", a.style().Bold(head), a.columns()); err != nil {
		return err
	}
	if title := cmp.Or(s.Title, s.Text); title != "" {
		if err := term.Indented(a.stdout, "    ", "    ", title, a.columns()); err != nil {
			return err
		}
	}
	lines := []string{s.URL}
	if len(s.Claims) > 0 {
		lines = append(lines, "claims: "+strings.Join(s.Claims, ", "))
	}
	for _, line := range lines {
		if err := term.Indented(a.stdout, "    ", "    ", line, a.columns()); err != nil {
			return err
		}
	}
	return nil
}

func sourceTable(a *app, list []*sourceLine) error {
	w := csv.NewWriter(a.stdout)
	w.UseCRLF = true
	rows := [][]string{{"url", "host", "text", "title", "shortener", "posts", "claims"}}
	for _, s := range list {
		posts := make([]string, len(s.Posts))
		for i, uri := range s.Posts {
			posts[i] = webURL(uri)
		}
		short := "no"
		if s.Shortener {
			short = "yes"
		}
		row := []string{s.URL, s.Host, s.Text, s.Title, short, strings.Join(posts, " "), strings.Join(s.Claims, " ")}
		for i, cell := range row {
			row[i] = export.Guard(cell)
		}
		rows = append(rows, row)
	}
	return w.WriteAll(rows)
}
