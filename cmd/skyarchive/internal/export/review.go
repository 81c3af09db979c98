package export

import (
	"fmt"
	"strings"

	"skyarchive/analysis"
	"skyarchive/store"
)

// lastReview is the review by which a claim stands where it stands, and false if it is
// not reviewed. It carries the private note: nothing but a private copy may show that.
func lastReview(c store.Claim) (analysis.Review, bool) {
	if c.Review.Status != analysis.Reviewed && c.Review.Status != analysis.Dismissed {
		return analysis.Review{}, false
	}
	_, r, ok := analysis.LastReview(c.Reviews)
	return r, ok
}

// judgedOn puts the day on which a claim was judged into a text; "" if it was not.
func (x *export) judgedOn(c store.Claim, format string) string {
	if _, ok := lastReview(c); !ok || c.Review.At.IsZero() {
		return ""
	}
	return fmt.Sprintf(format, x.words.moment(c.Review.At.In(x.Zone)))
}

// whyDismissed says why a claim needs no verdict; of is the claim that it repeats. It is "" for
// one that was not dismissed.
func (w *words) whyDismissed(d analysis.Dismissal, of string) string {
	if of != "" {
		return fmt.Sprintf(w.duplicateOf, of)
	}
	return w.dismissals[d]
}

// found is what a review came to, in a word or two.
func (w *words) found(r analysis.Review) string {
	switch {
	case r.Status == analysis.Dismissed:
		return w.label(w.statuses[r.Status], w.whyDismissed(r.Dismissal, r.DuplicateOf))
	case r.Verdict == "":
		return ""
	}
	return w.verdictLabel(r.Verdict)
}

// disagree says how many people disagree with a review, and what those found who reviewed
// the claim themselves; the public is not told who.
func (x *export) disagree(c store.Claim) string {
	w := x.words
	s := w.count(c.Review.Disagree, w.disagree)
	var list []string
	for _, f := range c.Review.Others {
		found := w.whyDismissed(f.Dismissal, f.DuplicateOf)
		if f.Verdict != "" {
			found = w.verdictLabel(f.Verdict)
		}
		if !x.Public {
			found = fmt.Sprintf(w.foundBy, found, f.By)
		}
		list = append(list, found)
	}
	if list == nil {
		return s
	}
	return s + " (" + strings.Join(list, ", ") + ")"
}

// topicLabels are a passage's topics as people read them.
func (x *export) topicLabels(p analysis.Passage) []string {
	var list []string
	for _, t := range p.Topics {
		list = append(list, x.topicLabel(t.Topic))
	}
	return list
}

func (x *export) topicLabel(slug string) string {
	if t, ok := x.Taxonomy.Topic(slug); ok {
		return t.Label.In(x.words.lang)
	}
	return slug
}
