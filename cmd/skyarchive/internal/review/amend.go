package review

import (
	"encoding/json"
	"errors"
	"slices"

	"skyarchive/analysis"
	"skyarchive/store"
)

// ErrNoVerdict says that something was written of a claim that others judged, without a
// verdict of its own.
var ErrNoVerdict = errors.New("it has neither a verdict nor a dismissal; give one, since others have judged this claim")

// ErrOwnDuplicate says that a claim was called a duplicate of itself: nobody would judge it.
var ErrOwnDuplicate = errors.New("a claim is no duplicate of itself")

// Mine is a person's newest review of a claim that nobody has undone, with its id.
func Mine(c store.Claim, by string) (mine analysis.Review, id string, ok bool) {
	for _, d := range analysis.Standing(c.Reviews) {
		var r analysis.Review
		if d.Kind == analysis.DecidedReview && d.By == by && json.Unmarshal(d.Body, &r) == nil {
			mine, id, ok = r, d.ID, true
		}
	}
	return mine, id, ok
}

// Amend completes a review of a claim with what was judged and what the person said of it
// before. What is left empty beside the same verdict stays what it was, and so does what was
// written before there was a verdict; a review without a verdict adds to the person's last
// one, or notes something on a claim that is still new.
// It is unchanged if the person's last review says all of it.
func Amend(r analysis.Review, c store.Claim, by string) (amended analysis.Review, unchanged bool, err error) {
	mine, id, reviewed := Mine(c, by)
	switch {
	case r.Status != "":
	case reviewed && (mine.Status != analysis.New || c.Review.Status == analysis.New):
		r.Status, r.Verdict, r.Dismissal, r.DuplicateOf = mine.Status, mine.Verdict, mine.Dismissal, mine.DuplicateOf
	case c.Review.Status == analysis.New:
		r.Status = analysis.New
	default:
		return r, false, ErrNoVerdict
	}
	same := reviewed && r.SameFinding(mine)
	if same || reviewed && mine.Status == analysis.New {
		Complete(&r, mine)
	}
	if same {
		unchanged = r.Summary == mine.Summary && r.Note == mine.Note && r.Restated == mine.Restated &&
			r.PublishedURL == mine.PublishedURL && slices.Equal(r.Sources, mine.Sources)
	}
	r.Post, r.CID, r.Span, r.Text = c.Post, c.CID, c.Span, c.Text
	r.Supersedes = id
	return r, unchanged, nil
}

// Complete fills what is left empty in a review with what the person said before.
func Complete(r *analysis.Review, mine analysis.Review) {
	fill(&r.Summary, mine.Summary)
	fill(&r.Note, mine.Note)
	fill(&r.Restated, mine.Restated)
	fill(&r.PublishedURL, mine.PublishedURL)
	if len(r.Sources) == 0 || slices.EqualFunc(r.Sources, mine.Sources, func(a, b analysis.Source) bool { return a.URL == b.URL }) {
		r.Sources = mine.Sources
	}
}

func fill(field *string, old string) {
	if *field == "" {
		*field = old
	}
}
