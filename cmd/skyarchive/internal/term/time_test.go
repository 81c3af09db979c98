package term

import (
	"testing"
	"time"

	"skyarchive/atproto"
)

func TestPosted(t *testing.T) {
	zone := func(name string) *time.Location {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return loc
	}
	at := time.Date(2025, 7, 1, 22, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		dates atproto.Dates
		zone  *time.Location
		show  func(time.Time, *time.Location) string
		want  string
	}{
		{"both times", atproto.Dates{Created: at, Key: at.Add(time.Second)}, time.UTC, Moment, "2025-07-01 22:30 UTC"},
		{"another day here", atproto.Dates{Created: at, Key: at}, zone("Europe/Paris"), Day, "2025-07-02 CEST"},
		{"a zone without letters", atproto.Dates{Created: at, Key: at}, zone("America/Sao_Paulo"), Moment, "2025-07-01 19:30 UTC-03"},
		{"far apart", atproto.Dates{Created: at.AddDate(-3, 0, 0), Key: at}, time.UTC, Day, "2022-07-01 UTC (record key: 2025-07-01 UTC)"},
		{"no claimed date", atproto.Dates{Key: at}, time.UTC, Moment, "2025-07-01 22:30 UTC (record key, no readable date)"},
		{"no time in the key", atproto.Dates{Created: at}, time.UTC, Moment, "2025-07-01 22:30 UTC"},
		{"neither", atproto.Dates{}, time.UTC, Moment, "no readable date"},
	} {
		if got := Posted(c.dates, c.zone, c.show); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
