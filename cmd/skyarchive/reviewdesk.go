package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	xterm "golang.org/x/term"

	"skyarchive/cmd/skyarchive/internal/review"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// reviewQueue lets a person judge claims one after the other in a terminal.
func reviewQueue(ctx context.Context, a *app, q store.Query, onlyNew bool, by string) (err error) {
	keys, ok := a.Stdin.(*os.File)
	if !ok || !term.IsTerminal(keys) || a.json {
		return hinted{usagef("claims are judged one after the other only in a terminal"),
			"name the claim instead: skyarchive claims review ID --verdict refuted; skyarchive claims lists the ids"}
	}
	loc, err := a.location()
	if err != nil {
		return err
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	mode, err := xterm.MakeRaw(int(keys.Fd()))
	if err != nil {
		return fmt.Errorf("read single keys from the terminal: %w", err)
	}
	restore := func() { _ = xterm.Restore(int(keys.Fd()), mode) } // nothing to be done if it cannot
	defer restore()
	desk := review.Desk{
		Store: s, In: until(ctx, keys), Out: lineEnds{term.Raw(a.stdout)}, By: by, Now: a.now, Zone: loc, Labels: a.verdicts,
		Style: a.style(), Columns: a.columns(), Clear: bool(a.style()), OnlyNew: onlyNew,
	}
	tally, err := desk.Run(ctx, q)
	restore()
	fmt.Fprintln(a.stdout)
	if err != nil {
		return err
	}
	if tally == (review.Tally{}) {
		a.say("no claims here that wait for a review")
		return nil
	}
	parts := []string{count(tally.Decided, "claim") + " decided by " + by}
	for _, n := range []struct {
		n    int
		what string
	}{{tally.Noted, "noted"}, {tally.Skipped, "skipped"}, {tally.Undone, "taken back"}, {tally.Left, "left"}} {
		if n.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.n, n.what))
		}
	}
	a.say("%s", strings.Join(parts, ", "))
	return nil
}

// until is a reader that ends with the context. A read of a terminal cannot be called back,
// so the one under way is left to the end of the program.
func until(ctx context.Context, in io.Reader) io.Reader {
	r, w := io.Pipe()
	context.AfterFunc(ctx, func() { w.CloseWithError(context.Cause(ctx)) })
	go func() {
		_, err := io.Copy(w, in)
		w.CloseWithError(err)
	}()
	return r
}

// lineEnds writes line ends as a terminal in raw mode needs them.
type lineEnds struct{ w io.Writer }

func (l lineEnds) Write(p []byte) (int, error) {
	if _, err := io.WriteString(l.w, strings.ReplaceAll(string(p), "\n", "\r\n")); err != nil {
		return 0, err
	}
	return len(p), nil
}
