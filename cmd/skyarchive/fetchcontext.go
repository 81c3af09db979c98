package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"skyarchive/atproto/appview"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/store"
)

// fetchContext brings the posts by others that an account which was just fetched answers
// or quotes.
func (a *app) fetchContext(ctx context.Context, arch *archive.Archiver, rep *archive.Report, opts archive.ContextOptions) error {
	got, err := arch.FetchContext(ctx, rep.Account.DID, &appview.Client{HTTP: arch.HTTP, Host: a.appView}, opts)
	rep.Context = &got
	return err
}

// contextLine is what --json prints of the posts by others.
type contextLine struct {
	Posts  int                        `json:"posts"`
	Signed int                        `json:"signed"`
	New    int                        `json:"new"`
	Absent map[store.ContextState]int `json:"absent"`
}

func newContextLine(c *archive.ContextReport) *contextLine {
	if c == nil {
		return nil
	}
	return &contextLine{c.Posts, c.Proved, c.New, c.Absent}
}

// contextText says what became of the posts by others.
func contextText(c *archive.ContextReport) string {
	s := fmt.Sprintf("context: %s by others", count(c.Posts, "post"))
	if c.Posts > 0 {
		s += fmt.Sprintf(", %d with a valid signature", c.Proved)
	}
	if c.New > 0 && c.New < c.Posts {
		s += fmt.Sprintf(" (%d new)", c.New)
	}
	var absent []string
	for state, n := range c.Absent {
		absent = append(absent, fmt.Sprintf("%d %s", n, state))
	}
	if slices.Sort(absent); len(absent) > 0 {
		s += "; " + strings.Join(absent, ", ")
	}
	return s
}
