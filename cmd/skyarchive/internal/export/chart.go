package export

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// stats count what a page shows.
type stats struct {
	x        *export
	authors  []syntax.DID
	topics   counts // claims
	verdicts counts // claims
	months   counts // posts, by "2025-03"
}

func newStats(x *export) *stats {
	return &stats{x: x, topics: counts{}, verdicts: counts{}, months: counts{}}
}

func (s *stats) count(doc *Document) {
	if !slices.Contains(s.authors, doc.Account.DID) {
		s.authors = append(s.authors, doc.Account.DID)
	}
	for _, claims := range doc.Claims {
		for _, c := range claims {
			s.verdicts[standingSlug(c)]++
			for _, slug := range topicSlugs(c.Passage) {
				s.topics[slug]++
			}
		}
	}
	for _, p := range doc.Posts {
		if t := p.Dates().Shown(); !t.IsZero() {
			s.months[t.In(s.x.Zone).Format("2006-01")]++
		}
	}
}

type counts map[string]int

// A tally is how often something was counted.
type tally struct {
	Slug, Label string
	Count       int
}

// list is the counts, the greatest first or by slug.
func (c counts) list(label func(string) string, greatest bool) []tally {
	list := make([]tally, 0, len(c))
	for slug, n := range c {
		list = append(list, tally{slug, label(slug), n})
	}
	slices.SortFunc(list, func(a, b tally) int {
		if greatest && a.Count != b.Count {
			return b.Count - a.Count
		}
		return cmp.Compare(a.Slug, b.Slug)
	})
	return list
}

// A chart is bars with their numbers, drawn as SVG and written as a table.
type chart struct {
	ID, Title, Head, Unit string
	Width, Height         int
	Bars                  []bar
}

type bar struct {
	X, Y, W, H   int
	Label        string
	Count        int
	Text, Number *svgText // nil: not written in the drawing
}

type svgText struct {
	X, Y          int
	Anchor, Label string
}

func (s *stats) charts(topics, verdicts []tally) []chart {
	page := s.x.words.page()
	var list []chart
	if len(topics) > 0 {
		list = append(list, rows("chart-topics", page.ClaimsByTopic, page.Topic, page.NumberOfClaims, topics))
	}
	if len(verdicts) > 0 {
		list = append(list, rows("chart-reviews", page.ClaimsByVerdict, page.Verdict, page.NumberOfClaims, verdicts))
	}
	if months := s.everyMonth(); len(months) > 1 {
		list = append(list, columns("chart-months", page.PostsByMonth, page.Month, page.NumberOfPosts, months))
	}
	return list
}

const (
	chartWidth = 400
	rowHeight  = 22
	labelRoom  = 190
)

// rows is a chart of horizontal bars.
func rows(id, title, head, unit string, list []tally) chart {
	c := chart{ID: id, Title: title, Head: head, Unit: unit, Width: chartWidth, Height: rowHeight * len(list)}
	most := greatest(list)
	for i, t := range list {
		width := max(1, t.Count*(chartWidth-labelRoom-40)/most)
		c.Bars = append(c.Bars, bar{
			X: labelRoom, Y: i*rowHeight + 3, W: width, H: rowHeight - 6, Label: t.Label, Count: t.Count,
			Text:   &svgText{labelRoom - 6, i*rowHeight + 15, "end", cut(t.Label, 28)},
			Number: &svgText{labelRoom + width + 5, i*rowHeight + 15, "start", strconv.Itoa(t.Count)},
		})
	}
	return c
}

// columns is a chart of vertical bars. It names the first, the last and the greatest.
func columns(id, title, head, unit string, list []tally) chart {
	const height, top, foot = 120, 18, 20
	c := chart{ID: id, Title: title, Head: head, Unit: unit, Width: chartWidth, Height: top + height + foot}
	most := greatest(list)
	named := false
	for i, t := range list {
		left, right := i*chartWidth/len(list), (i+1)*chartWidth/len(list)
		b := bar{X: left, W: max(1, right-left-1), H: t.Count * height / most, Label: t.Label, Count: t.Count}
		if t.Count > 0 {
			b.H = max(1, b.H)
		}
		b.Y = top + height - b.H
		switch i {
		case 0:
			b.Text = &svgText{0, top + height + 15, "start", t.Label}
		case len(list) - 1:
			b.Text = &svgText{chartWidth, top + height + 15, "end", t.Label}
		}
		if t.Count == most && !named {
			named = true
			anchor := "middle"
			if left < 30 {
				anchor = "start"
			} else if left > chartWidth-30 {
				anchor = "end"
			}
			b.Number = &svgText{left + b.W/2, b.Y - 4, anchor, strconv.Itoa(t.Count)}
		}
		c.Bars = append(c.Bars, b)
	}
	return c
}

func greatest(list []tally) int {
	most := 1
	for _, t := range list {
		most = max(most, t.Count)
	}
	return most
}

// everyMonth lists the months from the first to the last, those without posts too, unless
// an absurd date makes that too many.
func (s *stats) everyMonth() []tally {
	label := func(slug string) string {
		t, err := time.Parse("2006-01", slug)
		if err != nil {
			return slug
		}
		return s.x.words.month(t)
	}
	list := s.months.list(label, false)
	if len(list) < 2 {
		return list
	}
	first, err1 := time.Parse("2006-01", list[0].Slug)
	last, err2 := time.Parse("2006-01", list[len(list)-1].Slug)
	if err1 != nil || err2 != nil || last.Sub(first) > 20*366*24*time.Hour {
		return list
	}
	var all []tally
	for t := first; !t.After(last); t = t.AddDate(0, 1, 0) {
		slug := t.Format("2006-01")
		all = append(all, tally{slug, label(slug), s.months[slug]})
	}
	return all
}

// leftOut says how much a public form does not show, "" if nothing.
func (x *export) leftOut() string {
	l, w := x.summary.LeftOut, x.words
	if l.Total() == 0 {
		return ""
	}
	var parts []string
	for _, c := range []struct {
		n     int
		forms string
	}{{l.Deleted, w.postsDeleted}, {l.Gone, w.postsGone}, {l.Hidden, w.postsHidden}} {
		if c.n > 0 {
			parts = append(parts, w.count(c.n, c.forms))
		}
	}
	return w.label(w.leftOut, strings.Join(parts, ", ")) + "."
}
