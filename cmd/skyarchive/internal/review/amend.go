package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"skyarchive/analysis"
	"skyarchive/store"
)

// ErrNoVerdict says that something was written of a claim that others judged, without a
// verdict of its own.
var ErrNoVerdict = errors.New("it has neither a verdict nor a dismissal; give one, since others have judged this claim")

// ErrOwnDuplicate says that a claim was called a duplicate of itself, be it by way of others:
// nobody would judge it.
var ErrOwnDuplicate = errors.New("a claim is no duplicate of itself")

// CheckDuplicate refuses to call a claim a duplicate of one that is called a duplicate of it.
// more are duplicates, by their ids, that are about to be written.
func CheckDuplicate(ctx context.Context, r store.Reader, claim, of string, more map[string]string) error {
	var way []string
	for of != "" && !slices.Contains(way, of) { // what came from elsewhere may run in a circle
		if of == claim && len(way) == 0 {
			return ErrOwnDuplicate
		}
		if of == claim {
			return fmt.Errorf("%w: %s is called a duplicate of it already (%s); one of them has to be judged", ErrOwnDuplicate, way[0],
				strings.Join(append(way, claim), " → "))
		}
		way = append(way, of)
		next, ok := more[of]
		if !ok {
			c, err := r.Claim(ctx, of)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			next = c.Review.DuplicateOf
		}
		of = next
	}
	return nil
}

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
// written before there was a verdict. A review without a verdict adds to the person's last
// one, which stays as old as it was and a judgement of the words that it judged, or notes
// something on a claim that is still new.
// It is unchanged if the person's last review says all of it.
func Amend(r analysis.Review, c store.Claim, by string) (amended analysis.Review, unchanged bool, err error) {
	mine, id, reviewed := Mine(c, by)
	r.Post, r.CID, r.Span, r.Text = c.Post, c.CID, c.Span, c.Text
	switch {
	case r.Status != "":
	case reviewed && (mine.Status != analysis.New || c.Review.Status == analysis.New):
		r.Status, r.Verdict, r.Dismissal, r.DuplicateOf = mine.Status, mine.Verdict, mine.Dismissal, mine.DuplicateOf
		r.Post, r.CID, r.Span, r.Text = mine.Post, mine.CID, mine.Span, mine.Text
		r.Adds = true
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
