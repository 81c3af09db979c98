package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newStatsCommand(a *app) *cobra.Command {
	var f filter
	cmd := &cobra.Command{
		Use:     "stats [words]...",
		GroupID: groupRead,
		Short:   "Count posts, threads and claims by account, topic, status and month",
		Long: `Count what is archived, or what the words and flags of skyarchive search select of it:
live posts and threads, and the claims worth checking by topic, by how their review
stands, and by month; deleted posts and their claims are counted apart. All accounts are listed, as skyarchive accounts lists them; with
words or flags, those of which something is selected. A claim with two topics counts for
both. Months are those of the claimed date, else of the record key, in the zone of --tz.
` + statusHelp,
		Example: "  skyarchive stats\n  skyarchive stats --topic water --since 2025\n  skyarchive stats --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			q, hints, err := f.query(a, args)
			if err != nil {
				return err
			}
			if q.Limit > 0 || q.Oldest {
				return usagef("stats counts all that is selected; --limit and --oldest select nothing")
			}
			a.hints(hints)
			return stats(cmd.Context(), a, q, wanted{cmd, args})
		},
	}
	f.register(cmd, 0)
	for _, order := range []string{"limit", "oldest"} {
		_ = cmd.Flags().MarkHidden(order) // it fails for a flag that is not there
	}
	return cmd
}

// statsLine is what --json prints of an archive.
type statsLine struct {
	Accounts []accountCount `json:"accounts"`
	Posts    int            `json:"posts"`
	Threads  int            `json:"threads"`
	Claims   int            `json:"claims"`
	ByStatus []tallyCount   `json:"claims_by_status"` // verdicts and dismissals apart
	ByTopic  []topicCount   `json:"claims_by_topic"`
	ByMonth  []monthCount   `json:"by_month"`
	Gone     goneCount      `json:"deleted"` // in none of the other numbers
}

type goneCount struct {
	Posts  int `json:"posts"`
	Claims int `json:"claims"`
}

type accountCount struct {
	DID    string `json:"did"`
	Handle string `json:"handle"`
	Label  string `json:"label,omitempty"`
	Posts  int    `json:"posts"`
	Claims int    `json:"claims"`

	name    string
	remarks []string // why the numbers are what they are
}

type tallyCount struct {
	Status string `json:"status"`
	Claims int    `json:"claims"`
}

type topicCount struct {
	Topic    string `json:"topic"` // "" for claims without one
	Claims   int    `json:"claims"`
	New      int    `json:"new"`
	Reviewed int    `json:"reviewed"`
	Gone     int    `json:"dismissed"`
}

// noTopic stands for the topic of claims without one.
const noTopic = "(no topic)"

type monthCount struct {
	Month  string `json:"month"` // YYYY-MM, "" without a date
	Posts  int    `json:"posts"`
	Claims int    `json:"claims"`
}

func stats(ctx context.Context, a *app, q store.Query, from wanted) error {
	loc, err := a.location()
	if err != nil {
		return err
	}
	var line statsLine
	err = a.view(ctx, func(r store.Reader) error {
		if err := a.noteStale(ctx, r); err != nil {
			return err
		}
		if line, err = countAll(ctx, r, q, loc); err == nil && q.Where != nil && line.Posts+line.Gone.Posts == 0 {
			err = a.noneOf(ctx, r, q, from)
		}
		return err
	})
	if err != nil {
		return err
	}
	if a.json {
		return term.JSONLine(a.stdout, line)
	}
	return line.write(a)
}

func countAll(ctx context.Context, r store.Reader, q store.Query, loc *time.Location) (line statsLine, err error) {
	accounts := map[string]*accountCount{}
	topics := map[string]*topicCount{}
	months := map[string]*monthCount{}
	status := map[string]int{}
	for p, err := range r.Posts(ctx, q) {
		if err != nil {
			return line, err
		}
		switch p.Status {
		case store.Live:
		case store.Gone:
			line.Gone.Posts++
			continue
		default:
			continue
		}
		line.Posts++
		of(accounts, string(p.Author())).Posts++
		of(months, monthOf(p.Dates().Shown(), loc)).Posts++
	}
	for c, err := range r.Claims(ctx, q) {
		if err != nil {
			return line, err
		}
		if c.Status != store.Live { // only deleted posts have claims beside them
			line.Gone.Claims++
			continue
		}
		line.Claims++
		of(accounts, string(c.Author.DID)).Claims++
		of(months, monthOf(c.Dates.Shown(), loc)).Claims++
		switch c.Review.Status {
		case analysis.Reviewed:
			status[string(c.Review.Verdict)]++
		case analysis.Dismissed:
			status["dismissed: "+string(c.Review.Dismissal)]++
		default:
			status[string(analysis.New)]++
		}
		slugs := topicsOf(c.Passage)
		if len(slugs) == 0 {
			slugs = []string{""}
		}
		for _, slug := range slugs {
			of(topics, slug).add(c.Review.Status)
		}
	}
	q.Live = true
	counts, err := r.Count(ctx, q, 0)
	if err != nil {
		return line, err
	}
	line.Threads = counts.Threads
	all, err := listAccounts(ctx, r)
	if err != nil {
		return line, err
	}
	for _, acc := range all {
		n := accounts[string(acc.DID)]
		if n == nil && q.Where != nil {
			continue
		}
		one := accountCount{DID: string(acc.DID), Handle: string(acc.Handle), Label: acc.Label, name: acc.name, remarks: acc.remarks(loc)}
		if acc.Fetched.IsZero() || acc.told {
			one.remarks = append([]string{acc.seen(loc)}, one.remarks...)
		}
		if n != nil {
			one.Posts, one.Claims = n.Posts, n.Claims
		}
		line.Accounts = append(line.Accounts, one)
	}
	for slug, n := range topics {
		n.Topic = slug
		line.ByTopic = append(line.ByTopic, *n)
	}
	for month, n := range months {
		n.Month = month
		line.ByMonth = append(line.ByMonth, *n)
	}
	for word, n := range status {
		line.ByStatus = append(line.ByStatus, tallyCount{word, n})
	}
	line.sort()
	return line, err
}

func of[T any](counts map[string]*T, key string) *T {
	if counts[key] == nil {
		counts[key] = new(T)
	}
	return counts[key]
}

func (t *topicCount) add(s analysis.Status) {
	t.Claims++
	switch s {
	case analysis.Reviewed:
		t.Reviewed++
	case analysis.Dismissed:
		t.Gone++
	default:
		t.New++
	}
}

func monthOf(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(loc).Format("2006-01")
}

// sort puts the most first, and months in their order.
func (l *statsLine) sort() {
	slices.SortFunc(l.Accounts, func(a, b accountCount) int { return cmp.Or(b.Posts-a.Posts, strings.Compare(a.DID, b.DID)) })
	slices.SortFunc(l.ByTopic, func(a, b topicCount) int { return cmp.Or(b.Claims-a.Claims, strings.Compare(a.Topic, b.Topic)) })
	slices.SortFunc(l.ByStatus, func(a, b tallyCount) int { return cmp.Or(b.Claims-a.Claims, strings.Compare(a.Status, b.Status)) })
	slices.SortFunc(l.ByMonth, func(a, b monthCount) int { return strings.Compare(a.Month, b.Month) })
}

func (l *statsLine) write(a *app) error {
	style := a.style()
	fmt.Fprintf(a.stdout, "%s, %s, %s, %s\n", count(len(l.Accounts), "account"), count(l.Posts, "post"), count(l.Threads, "thread"), count(l.Claims, "claim"))
	if l.Gone.Posts > 0 {
		fmt.Fprintf(a.stdout, "besides: %s, %s in them\n", count(l.Gone.Posts, "deleted post"), count(l.Gone.Claims, "claim"))
	}
	table := func(head string, rows [][]string, most int, size func(i int) int) error {
		if len(rows) == 0 {
			return nil
		}
		fmt.Fprintf(a.stdout, "\n%s\n", style.Bold(head))
		var t term.Table
		for i, row := range rows {
			t.Row(append(append([]string{""}, row...), barOf(size(i), most))...)
		}
		return t.Write(a.stdout, a.columns())
	}
	var accounts, topics, status, months [][]string
	posts := 0
	for _, n := range l.Accounts {
		accounts = append(accounts, []string{n.name, count(n.Posts, "post"), count(n.Claims, "claim")})
		posts = max(posts, n.Posts)
	}
	for _, n := range l.ByTopic {
		facts := fmt.Sprintf("%d new, %d reviewed, %d dismissed", n.New, n.Reviewed, n.Gone)
		topics = append(topics, []string{cmp.Or(n.Topic, noTopic), fmt.Sprint(n.Claims), facts})
	}
	for _, n := range l.ByStatus {
		word := n.Status
		if v, ok := a.verdicts.Verdict(n.Status); ok {
			word = a.verdicts.Name(v)
		}
		status = append(status, []string{word, fmt.Sprint(n.Claims)})
	}
	busiest := 0
	for _, n := range l.ByMonth {
		months = append(months, []string{cmp.Or(n.Month, "no date"), count(n.Posts, "post"), count(n.Claims, "claim")})
		busiest = max(busiest, n.Posts)
	}
	if len(l.Accounts) > 1 {
		if err := table("Accounts", accounts, posts, func(i int) int { return l.Accounts[i].Posts }); err != nil {
			return err
		}
	}
	if err := l.explain(a); err != nil {
		return err
	}
	if err := table("Claims by topic", topics, mostClaims(l.ByTopic), func(i int) int { return l.ByTopic[i].Claims }); err != nil {
		return err
	}
	if err := table("Claims by status", status, l.Claims, func(i int) int { return l.ByStatus[i].Claims }); err != nil {
		return err
	}
	return table("By month", months, busiest, func(i int) int { return l.ByMonth[i].Posts })
}

// explain says of accounts what their numbers do not.
func (l *statsLine) explain(a *app) error {
	for _, n := range l.Accounts {
		if len(n.remarks) == 0 {
			continue
		}
		if err := term.Indented(a.stdout, "  ", "    ", n.name+" · "+strings.Join(n.remarks, "; "), a.columns()); err != nil {
			return err
		}
	}
	return nil
}

func mostClaims(topics []topicCount) int {
	most := 0
	for _, n := range topics {
		most = max(most, n.Claims)
	}
	return most
}

// barOf is a bar of at most twenty columns.
func barOf(n, most int) string {
	if n <= 0 || most <= 0 {
		return ""
	}
	return strings.Repeat("▇", max(1, n*20/most))
}
