package search

import (
	"fmt"
	"strconv"
	"time"
)

// moment is how a time is kept in a field: exact to the microsecond, as record keys are.
const moment = "2006-01-02T15:04:05.999999Z"

func checkSince(value string, opts Options) (string, error) {
	from, _, err := period(value, opts)
	return from, err
}

func checkUntil(value string, opts Options) (string, error) {
	_, to, err := period(value, opts)
	return to, err
}

// Moment is the time in a since or until field. Both are inclusive.
func Moment(value string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, value)
	return t.UTC(), err
}

// period is the first and the last microsecond of what a date names: a year, a month, a
// day, or a moment.
func period(value string, opts Options) (from, to string, err error) {
	first, last, ok := opts.parsePeriod(value)
	if !ok || first.UTC().Year() < 1 || last.UTC().Year() > 9999 {
		return "", "", fmt.Errorf("%q is no date; write 2025, 2025-03, 2025-03-31, 2025-03-31T12:00:00Z, or 7d for the last seven days", value)
	}
	return first.UTC().Format(moment), last.UTC().Format(moment), nil
}

func (o Options) parsePeriod(value string) (first, last time.Time, ok bool) {
	loc := o.Location
	if loc == nil {
		loc = time.UTC
	}
	for _, unit := range []struct {
		layout              string
		years, months, days int
	}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {"2006-01-02", 0, 0, 1}} {
		if t, err := time.ParseInLocation(unit.layout, value, loc); err == nil {
			return t, t.AddDate(unit.years, unit.months, unit.days).Add(-time.Microsecond), true
		}
	}
	if t, err := time.Parse(time.RFC3339Nano, value); err == nil {
		t = t.Truncate(time.Microsecond)
		return t, t, true
	}
	t, ok := o.ago(value)
	return t, t, ok
}

// ago reads "12h", "7d", "2w", "3m" (months) and "1y" as that long before now.
func (o Options) ago(value string) (time.Time, bool) {
	if value == "" {
		return time.Time{}, false
	}
	n, err := strconv.ParseUint(value[:len(value)-1], 10, 16)
	if err != nil || n > 10_000 {
		return time.Time{}, false
	}
	now := o.Now
	if now.IsZero() {
		now = time.Now()
	}
	if o.Location != nil {
		now = now.In(o.Location)
	}
	count := int(n)
	switch value[len(value)-1] {
	case 'h':
		now = now.Add(-time.Duration(count) * time.Hour)
	case 'd', 'j':
		now = now.AddDate(0, 0, -count)
	case 'w':
		now = now.AddDate(0, 0, -7*count)
	case 'm':
		now = now.AddDate(0, -count, 0)
	case 'y':
		now = now.AddDate(-count, 0, 0)
	default:
		return time.Time{}, false
	}
	return now.Truncate(time.Microsecond), true
}
