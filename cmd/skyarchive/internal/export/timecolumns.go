package export

import (
	"strconv"
	"time"

	"skyarchive/atproto"
)

// The columns that say when a post was written, in the tables of posts and of claims.

func timestamp[T any](dates func(T) atproto.Dates) column[T] {
	return column[T]{"timestamp_utc", "number", "Seconds since 1970 of the date that the author's app claimed; the record key's where there is none", "Secondes depuis 1970 de la date déclarée par l'application de l'auteur, à défaut celle de la clé", func(_ *export, row T) string {
		if t := dates(row).Shown(); !t.IsZero() {
			return strconv.FormatInt(t.Unix(), 10)
		}
		return ""
	}}
}

func localTime[T any](dates func(T) atproto.Dates) column[T] {
	return column[T]{"local_time", "time", "The same date in the time zone of the export", "La même date dans le fuseau de l'export", func(x *export, row T) string {
		return in(dates(row).Shown(), x.Zone, "2006-01-02T15:04:05")
	}}
}

func utcOffset[T any](dates func(T) atproto.Dates) column[T] {
	return column[T]{"utc_offset", "word", "How far local_time is from UTC", "Décalage de local_time par rapport à UTC", func(x *export, row T) string {
		return in(dates(row).Shown(), x.Zone, "UTC-07:00")
	}}
}

func keyTime[T any](dates func(T) atproto.Dates) column[T] {
	return column[T]{"key_time", "time", "Time in the record key, UTC", "Heure contenue dans la clé, UTC", func(_ *export, row T) string {
		return utc(dates(row).Key)
	}}
}

// in is a time in a zone, "" for none.
func in(t time.Time, zone *time.Location, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(layout)
}
