package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
	"skyarchive/store/search"
)

// searchOptions are the flags of search besides those of the query language.
type searchOptions struct {
	filter
	sort   string
	cursor string
	count  bool
}

func newSearchCommand(a *app) *cobra.Command {
	var opts searchOptions
	cmd := &cobra.Command{
		Use:     "search <words>...",
		GroupID: groupRead,
		Short:   "Find posts by their words, and the claims in them",
		Long: `Find posts whose text, alt texts, link cards or quoted texts hold the words.
Accents, case and inflection do not matter: consommée finds consommation.

  eau refroidissement         both words (de, la, what only if a post has them too)
  "empreinte carbone"         the words as they stand
  -avion                      not this word; behind -- where it is an argument of its own
  eau OR métaux               either
  électri*                    words that start so
  topic:water has:number      fields: topic layer kind from label lang since until
  since:2025-03 from:lou      has source status verdict thread; flags do the same

since, until and the order go by the time in the record key, else the claimed date. Shown
is the claimed date, and the record key's beside it where it is another.
` + statusHelp,
		Example: "  skyarchive search \"électricité data centers\" --has number\n  skyarchive search '\"empreinte carbone\" -avion' --since 2025",
		RunE: func(cmd *cobra.Command, args []string) error {
			q, hints, err := opts.query(a, args)
			if err != nil {
				return err
			}
			if q.Where == nil {
				return usagef("what should be searched? Give words, or a flag such as --topic water")
			}
			if q.Oldest && !cmd.Flags().Changed("sort") {
				opts.sort = "oldest"
			}
			switch opts.sort {
			case "best", "newest", "oldest":
				if q.Oldest && opts.sort != "oldest" {
					return usagef("--oldest and --sort %s: give one of them", opts.sort)
				}
				q.Best, q.Oldest = opts.sort == "best", opts.sort == "oldest"
			default:
				return usagef("--sort %s: write best, newest or oldest", opts.sort)
			}
			q.Cursor = opts.cursor
			a.hints(hints)
			return searchPosts(cmd.Context(), a, q, opts.count, wanted{cmd, args})
		},
	}
	opts.register(cmd, 20)
	cmd.Flags().StringVar(&opts.sort, "sort", "best", "best, newest or oldest first")
	cmd.Flags().StringVar(&opts.cursor, "cursor", "", "go on behind this place, as a search before said")
	cmd.Flags().BoolVar(&opts.count, "count", false, "only say how many there are")
	return cmd
}

// hitLine is what --json prints of a hit.
type hitLine struct {
	pagePost
	Handle  string       `json:"handle,omitempty"`
	Thread  string       `json:"thread,omitempty"`
	Rank    float64      `json:"rank"`
	Matches any          `json:"matches"` // byte ranges of text
	Snippet string       `json:"snippet"` // matching words in «»
	Beside  *besideBrief `json:"beside,omitempty"`
	Claims  []claimBrief `json:"claims"`
}

// besideBrief is where the words stand if not in the text.
type besideBrief struct {
	In      string `json:"in"`
	Text    string `json:"text"`
	Matches any    `json:"matches"`
	Snippet string `json:"snippet"`
}

type claimBrief struct {
	ID      string `json:"id"`
	Review  string `json:"review"`
	Verdict string `json:"verdict,omitempty"`
	// What people found who disagree.
	Others []analysis.Finding `json:"others,omitempty"`
}

func searchPosts(ctx context.Context, a *app, q store.Query, countOnly bool, from wanted) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	return a.view(ctx, func(r store.Reader) error {
		if err := a.noteStale(ctx, r); err != nil {
			return err
		}
		if countOnly {
			return countHits(ctx, a, r, q)
		}
		hits, err := r.Search(ctx, q)
		if err != nil {
			return err
		}
		if hits.Total == 0 {
			hits, err = searchLess(ctx, a, r, q, hits)
			if err != nil {
				return err
			}
		}
		for _, hint := range hits.Hints {
			a.say("note: %s", hint)
		}
		for _, hit := range hits.Posts {
			if hit.Thread == "" && hit.Status != store.Live { // it may have left a gap in one
				if t, err := r.Thread(ctx, hit.URI); err == nil {
					hit.Thread = t.Root
				}
			}
			if a.json {
				err = term.JSONLine(a.stdout, newHitLine(hit))
			} else {
				err = writeHit(ctx, a, r, hit, loc)
			}
			if err != nil {
				return err
			}
		}
		switch {
		case hits.Total == 0:
			found, err := from.misread(ctx, a, r)
			if err != nil {
				return err
			}
			if found != nil {
				a.say("note: %v; %s", found, found.hint)
			}
			a.say("nothing found")
		case hits.More && q.Best:
			a.say("%d of more than %d shown; only the newest %d were ranked: more words or --since narrow it down", len(hits.Posts), hits.Total, hits.Total)
		case hits.More:
			a.say("%d of more than %d shown", len(hits.Posts), hits.Total)
		default:
			a.say("%d of %d shown", len(hits.Posts), hits.Total)
		}
		if hits.Cursor != "" {
			if a.json {
				return term.JSONLine(a.stdout, struct {
					Cursor string `json:"cursor"`
				}{hits.Cursor})
			}
			a.say("--limit 0 shows all; the next %d: --cursor %s", q.Limit, hits.Cursor)
		}
		return nil
	})
}

// searchLess searches again, without the small words, where no post had all words of a query,
// and says which words no post has if that finds nothing either.
func searchLess(ctx context.Context, a *app, r store.Reader, q store.Query, none store.Hits) (store.Hits, error) {
	where, left := search.WithoutSmall(q.Where)
	if q.Where = where; len(left) > 0 {
		hits, err := r.Search(ctx, q)
		if err != nil {
			return none, err
		}
		if hits.Total > 0 {
			a.say("note: no post has all of these words; searched without « %s »", strings.Join(left, " », « "))
			return hits, nil
		}
	}
	words, ok := where.(search.And)
	if !ok {
		return none, nil
	}
	var absent []string
	asked := 0
	for _, part := range words {
		if _, isField := part.(search.Field); isField {
			continue
		}
		asked++
		q.Where = part
		if c, err := r.Count(ctx, q, 0); err != nil {
			return none, err
		} else if c.Posts == 0 {
			absent = append(absent, part.String())
		}
	}
	switch {
	case len(absent) > 0:
		a.say("note: no post has « %s »", strings.Join(absent, " », « "))
	case asked > 1:
		a.say("note: no post has all of this at once; leave something out, or write OR between words")
	}
	return none, nil
}

func countHits(ctx context.Context, a *app, r store.Reader, q store.Query) error {
	c, err := r.Count(ctx, q, 0)
	if err != nil {
		return err
	}
	if a.json {
		return term.JSONLine(a.stdout, struct {
			Posts   int `json:"posts"`
			Threads int `json:"threads"`
			Claims  int `json:"claims"`
		}{c.Posts, c.Threads, c.Claims})
	}
	_, err = fmt.Fprintf(a.stdout, "%s, %s, %s\n", count(c.Posts, "post"), count(c.Threads, "thread"), count(c.Claims, "claim"))
	return err
}

func newHitLine(hit store.Hit) hitLine {
	line := hitLine{
		pagePost: newPagePost(hit.Post), Thread: string(hit.Thread), Rank: hit.Rank, Matches: hit.Matches,
		Snippet: search.Snippet(hit.Text, hit.Matches, 240, quoteMark), Claims: []claimBrief{},
	}
	if b := hit.Beside; b != nil {
		line.Beside = &besideBrief{b.What, b.Text, b.Matches, search.Snippet(b.Text, b.Matches, 240, quoteMark)}
	}
	for _, c := range hit.Claims {
		line.Claims = append(line.Claims, claimBrief{c.Passage.Claim.ID, string(c.Review.Status), string(c.Review.Verdict), c.Review.Others})
	}
	return line
}

func quoteMark(s string) string { return "«" + s + "»" }

func writeHit(ctx context.Context, a *app, r store.Reader, hit store.Hit, loc *time.Location) error {
	style := a.style()
	name := string(hit.Author())
	if acc, err := r.Account(ctx, hit.Author()); err == nil {
		name = acc.Mention()
	}
	head := name + " · " + term.Posted(hit.Dates(), loc, term.Moment)
	if hit.Status != store.Live {
		head += " · " + string(hit.Status)
	}
	if hit.Thread != "" {
		if t, err := r.Thread(ctx, hit.URI); err == nil {
			head += fmt.Sprintf(" · in a thread of %d: %s", len(t.Posts), term.Cut(t.FirstLine, 40))
		}
	}
	if _, err := fmt.Fprintln(a.stdout, style.Bold(head)); err != nil {
		return err
	}
	if err := term.Indented(a.stdout, "    ", "    ", search.Snippet(hit.Text, hit.Matches, 320, style.Mark), a.columns()); err != nil {
		return err
	}
	if b := hit.Beside; b != nil {
		text := b.What + ": " + search.Snippet(b.Text, b.Matches, 240, style.Mark)
		if err := term.Indented(a.stdout, "    ", "    ", text, a.columns()); err != nil {
			return err
		}
	}
	var claims []string
	for _, c := range hit.Claims {
		claims = append(claims, c.Passage.Claim.ID+" ("+a.reviewSummary(c)+")")
	}
	if len(claims) > 0 {
		if err := term.Indented(a.stdout, "    ", "    ", "claims: "+strings.Join(claims, ", "), a.columns()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(a.stdout, "    "+style.Dim(webURL(hit.URI))+"\n")
	return err
}
