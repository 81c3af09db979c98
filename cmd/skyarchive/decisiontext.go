package main

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/term"
)

// decisions are entries of what people decided, by their ids. Those that speak of another one
// are told by it.
type decisions map[string]analysis.Decision

func decisionsOf(list []analysis.Decision) decisions {
	byID := decisions{}
	for _, d := range list {
		byID[d.ID] = d
	}
	return byID
}

// decisionText is an entry of what people decided, in a line.
func (a *app) decisionText(d analysis.Decision, all decisions, loc *time.Location) string {
	return term.Moment(d.At, loc) + ", " + d.By + ": " + a.decided(d, all)
}

// undone is the entry that an undo undid in the end, be it by way of other undos; it may not be
// here. Files made by hand may have undos in a circle.
func (all decisions) undone(d analysis.Decision) (analysis.Decision, bool) {
	for range all {
		of, ok := all[d.Subject]
		if !ok || of.Kind != analysis.DecidedUndo {
			return of, ok
		}
		d = of
	}
	return d, false
}

// decided says what was decided.
func (a *app) decided(d analysis.Decision, all decisions) string {
	switch d.Kind {
	case analysis.DecidedReview:
		return a.reviewed(d)
	case analysis.DecidedAgree, analysis.DecidedDisagree:
		return a.opined(d, all)
	case analysis.DecidedUndo:
		of, ok := all.undone(d)
		switch {
		case !ok:
			return "undid an entry that is not here"
		case of.ID == d.Subject:
			return "undid « " + a.gist(of) + " »"
		}
		return "took back the undoing of « " + a.gist(of) + " »"
	}
	s := correction(d)
	var why struct{ Note string } // of a correction, a marked claim, a join or split
	if json.Unmarshal(d.Body, &why) == nil && why.Note != "" {
		s += " · note: " + why.Note
	}
	return s
}

// gist is what was decided without what was written beside it, for entries that name this one.
func (a *app) gist(d analysis.Decision) string {
	var r analysis.Review
	switch d.Kind {
	case analysis.DecidedReview:
		if json.Unmarshal(d.Body, &r) == nil {
			return a.reviewText(r)
		}
		return "a review that cannot be read"
	case analysis.DecidedAgree, analysis.DecidedDisagree:
		return string(d.Kind) + "s"
	}
	return correction(d)
}

// reviewed says what a review found, with everything written beside it.
func (a *app) reviewed(d analysis.Decision) string {
	var r analysis.Review
	if json.Unmarshal(d.Body, &r) != nil {
		return a.gist(d)
	}
	var s strings.Builder
	s.WriteString(a.reviewText(r))
	if r.Summary != "" {
		s.WriteString(". " + r.Summary)
	}
	if r.Restated != "" {
		s.WriteString(" · in other words: " + r.Restated)
	}
	for _, source := range r.Sources {
		s.WriteString(" · " + source.URL)
	}
	if r.PublishedURL != "" {
		s.WriteString(" · published: " + r.PublishedURL)
	}
	if r.Note != "" {
		s.WriteString(" · note: " + r.Note)
	}
	return s.String()
}

// opined says what somebody agrees or disagrees with: the finding may have changed since.
func (a *app) opined(d analysis.Decision, all decisions) string {
	var o analysis.Opinion
	_ = json.Unmarshal(d.Body, &o) // an opinion without a note is still one
	s := a.gist(d)
	if of, ok := all[o.Review]; ok {
		s += " with « " + a.gist(of) + " »"
	}
	if o.Note != "" {
		s += ": " + o.Note
	}
	return s
}

// correction says what a person corrected of what the machine read.
func correction(d analysis.Decision) string {
	switch d.Kind {
	case analysis.DecidedTag:
		var t analysis.Tagging
		_ = json.Unmarshal(d.Body, &t)
		var s strings.Builder
		s.WriteString("topics")
		for _, topic := range t.Add {
			s.WriteString(" +" + topic)
		}
		for _, topic := range t.Remove {
			s.WriteString(" -" + topic)
		}
		return s.String()
	case analysis.DecidedAddClaim:
		return "marked these words as a claim"
	case analysis.DecidedBounds:
		return "set where the claim starts and ends"
	case analysis.DecidedJoin:
		var j analysis.Joining
		_ = json.Unmarshal(d.Body, &j)
		return "joined " + count(len(j.URIs), "post") + " into one thread, from this one on"
	case analysis.DecidedSplit:
		return "cut a thread in two before this post"
	case analysis.DecidedIntention:
		return "wrote a note on this post"
	}
	return string(d.Kind)
}

// decidedOn says what an entry is about: a claim with its words, or where a post can be read.
func (all decisions) decidedOn(d analysis.Decision) string {
	if of, ok := all.undone(d); ok && d.Kind == analysis.DecidedUndo {
		d = of
	}
	about := d.About()
	where := ""
	switch {
	case d.OnClaim():
		where = "claim " + d.Subject
	case about.Post != "":
		where = cmp.Or(webURL(about.Post), string(about.Post))
	}
	if d.Forgotten() != "" {
		return where + ": (forgotten)"
	}
	if text := cmp.Or(about.Text, all.words(d)); text != "" {
		where += ": « " + term.Cut(text, 160) + " »"
	}
	return where
}

// words are those of the claim that an entry without words is about.
func (all decisions) words(d analysis.Decision) string {
	if !d.OnClaim() {
		return ""
	}
	var last analysis.Decision
	for _, other := range all {
		if other.Subject == d.Subject && other.About().Text != "" && !other.At.Before(last.At) {
			last = other
		}
	}
	return last.About().Text
}
