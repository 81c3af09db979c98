package export

import (
	"fmt"
	"slices"
	"strings"

	"skyarchive/analysis"
	"skyarchive/store"
)

// footnotes writes what is known of each claim.
func (n *note) footnotes() {
	for _, c := range n.notes {
		n.block("[^" + c.Passage.Claim.ID + "]: " + n.footnote(c))
	}
	n.notes = nil
}

func (n *note) footnote(c store.Claim) string {
	w, claim := n.w, c.Passage.Claim
	parts := []string{plainMarkdown(w.quotation(oneLine(c.Text)))}
	field := func(name, value string) {
		if value != "" {
			parts = append(parts, "**"+name+"**"+w.colon+" "+value)
		}
	}
	field(w.topics, plainMarkdown(strings.Join(n.x.topicLabels(c.Passage), ", ")))
	for _, q := range c.Quantities {
		field(w.number, plainMarkdown(w.quantity(q)))
	}
	if a := claim.Attribution; a != nil {
		source := plainMarkdown(a.Text)
		switch {
		case a.URL != nil && isWebURL(*a.URL):
			source = linked(a.Text, *a.URL)
		case a.DID != nil:
			source = linked(a.Text, "https://bsky.app/profile/"+*a.DID)
		}
		field(w.attribution, source)
	}
	if s := w.stances[claim.Stance]; s != "" && claim.Stance != analysis.Asserts {
		field(w.stance, s)
	}
	field(w.status, n.standing(c))
	if r, ok := lastReview(c); ok {
		if r.Status == analysis.Dismissed {
			field(w.dismissedFor, plainMarkdown(w.whyDismissed(r.Dismissal, r.DuplicateOf)))
		} else {
			field(w.verdict, w.found(r))
		}
		if r.Restated != "" {
			field(w.restated, plainMarkdown(w.quotation(oneLine(r.Restated))))
		}
		parts = append(parts, nonEmpty(plainMarkdown(r.Summary))...)
		field(w.sources, w.sourceLinks(r.Sources))
		if isWebURL(r.PublishedURL) {
			field(w.published, "<"+destination(r.PublishedURL)+">")
		}
	}
	return strings.Join(parts, " · ")
}

func (n *note) standing(c store.Claim) string {
	w := n.w
	s := w.statuses[c.Review.Status]
	if s == "" {
		s = w.statuses[analysis.New]
	}
	s += n.x.judgedOn(c, w.on)
	if _, judged := lastReview(c); judged && c.Review.By != "" && !n.x.Public {
		s += " " + plainMarkdown(fmt.Sprintf(w.by, c.Review.By))
	}
	if c.Review.Agree > 0 {
		s += ", " + w.count(c.Review.Agree, w.agree)
	}
	if c.Review.Disagree > 0 {
		s += ", " + plainMarkdown(n.x.disagree(c))
	}
	if c.Outdated {
		s += ", " + w.earlierJudged
	}
	return s
}

func (w *words) sourceLinks(sources []analysis.Source) string {
	var list []string
	for _, s := range sources {
		name := s.Title
		if name == "" {
			name = s.URL
		}
		link := linked(name, s.URL)
		if s.Quote != "" {
			link += " (" + w.quotation(plainMarkdown(s.Quote)) + ")"
		}
		list = append(list, link)
	}
	return strings.Join(list, w.semi)
}

func nonEmpty(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}
