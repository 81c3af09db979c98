package main

import (
	"fmt"
	"io"
	"time"

	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/term"
)

// showTimings writes how long each stage took, with its share of the whole.
func showTimings(w io.Writer, t *archive.Timings) error {
	if t == nil || len(t.Stages) == 0 {
		return nil
	}
	var whole time.Duration
	for _, s := range t.Stages {
		whole += s.Took
	}
	table := term.Table{}
	row := func(name string, took time.Duration) {
		share := 100 * took.Seconds() / max(whole.Seconds(), 1e-9)
		table.Row("  "+name, fmt.Sprintf("%.2f s", took.Seconds()), fmt.Sprintf("%.0f %%", share))
	}
	for _, s := range t.Stages {
		row(s.Name, s.Took)
	}
	row("all", whole)
	return table.Write(w, term.Columns(w))
}
