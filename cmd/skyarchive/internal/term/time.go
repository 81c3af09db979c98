package term

import (
	"strings"
	"time"

	"skyarchive/atproto"
)

// Moment is a time as people are shown it, with its zone.
func Moment(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02 15:04 ") + Zone(t.In(zone))
}

// Day is the day of a time, with the zone in which it is that day.
func Day(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02 ") + Zone(t.In(zone))
}

// Zone is the zone of a time in letters, or by how far it is from UTC where it has none.
func Zone(t time.Time) string {
	name := t.Format("MST")
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return "UTC" + name
	}
	return name
}

// DateWords are the words beside the dates of posts.
type DateWords struct {
	None  string // no date can be read
	ByKey string // only the one in the record key can
	Key   string // the one in the record key is another
}

// Posted says when a post was written, with the time in its record key where the two are apart
// or there is nothing else. show is what says one time, such as [Moment] or [Day].
func (w DateWords) Posted(d atproto.Dates, zone *time.Location, show func(time.Time, *time.Location) string) string {
	switch shown := d.Shown(); {
	case shown.IsZero():
		return w.None
	case d.Created.IsZero():
		return show(shown, zone) + " (" + w.ByKey + ")"
	case d.Apart():
		return show(shown, zone) + " (" + w.Key + " " + show(d.Key, zone) + ")"
	default:
		return show(shown, zone)
	}
}

// Posted is [DateWords.Posted] in the words of a terminal.
func Posted(d atproto.Dates, zone *time.Location, show func(time.Time, *time.Location) string) string {
	return DateWords{"no readable date", "record key, no readable date", "record key:"}.Posted(d, zone, show)
}
