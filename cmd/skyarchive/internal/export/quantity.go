package export

import (
	"cmp"
	"fmt"
	"regexp"
	"sync"

	"skyarchive/analysis"
	"skyarchive/analysis/quantity"
)

// Quantity is a number of a post for people, in English: as it stands there, with its bound,
// its rate and what it is of.
func Quantity(q analysis.Quantity) string { return english.quantity(q) }

// Rate is what a quantity is per, in English.
func Rate(q analysis.Quantity) string { return english.rate(q) }

func (w *words) quantity(q analysis.Quantity) string {
	s := fmt.Sprintf(w.bound(q), q.Raw)
	if q.Per != "" {
		s += " " + w.rate(q)
	}
	if q.Of != nil && q.Of.Text != "" {
		s += " (" + fmt.Sprintf(w.of, q.Of.Text) + ")"
	}
	return s
}

// rate is what a quantity is per.
func (w *words) rate(q analysis.Quantity) string {
	return fmt.Sprintf(w.per, cmp.Or(w.rates[q.Per], q.Per))
}

// bound is the words around a number that is a limit, or is only about right.
func (w *words) bound(q analysis.Quantity) string {
	switch {
	case q.Bound == quantity.AtLeast:
		return w.atLeast
	case q.Bound == quantity.AtMost:
		return w.atMost
	case q.Approx && !saysAbout().MatchString(q.Raw):
		return w.about
	}
	return "%s"
}

// saysAbout matches numbers that are round by their own words: "une centaine", "dozens".
var saysAbout = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(?:milli(?:on|ard)|billion)s|\b(?:(?:d(?:iz|ouz)|quinz|vingt|trent|quarant|cinquant|soixant|cent)aine|millier|dozen)s?\b|\b(?:ten|hundred|thousand)s\b`)
})
