package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/review"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// sheetFlags are the flags of claims review that read a table.
type sheetFlags struct {
	from   string
	dryRun bool
}

// maxSheet is the most bytes that are read of a table.
const maxSheet = 64 << 20

// A sheetLine is what one row of a table comes to; --json prints it.
type sheetLine struct {
	Line     int             `json:"line"`
	Claim    string          `json:"claim"`
	Given    string          `json:"given,omitempty"` // the former id that the table has
	Decision string          `json:"decision"`
	Review   analysis.Review `json:"review"`
	claim    store.Claim
}

// reviewSheet writes what a table says of claims, all of it or nothing.
func reviewSheet(ctx context.Context, a *app, f sheetFlags, by string) error {
	raw, err := a.readAll(f.from)
	if err != nil {
		return err
	}
	rows, problems, err := review.ReadSheet(raw, a.verdicts)
	if err != nil {
		return usagef("%s: %w", f.from, err)
	}
	if f.dryRun {
		return a.view(ctx, func(r store.Reader) error {
			lines, unchanged, err := a.planSheet(ctx, r, f.from, rows, problems, by)
			if err != nil {
				return err
			}
			return a.writeSheet(f, lines, unchanged, by)
		})
	}
	var lines []sheetLine
	unchanged := 0
	err = a.update(ctx, func(w store.Writer) error {
		if lines, unchanged, err = a.planSheet(ctx, w, f.from, rows, problems, by); err != nil {
			return err
		}
		for _, l := range lines {
			if err := decide(ctx, a, w, analysis.DecidedReview, l.claim.Author.DID, l.Claim, by, l.Review); err != nil {
				return fmt.Errorf("line %d: %w", l.Line, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.writeSheet(f, lines, unchanged, by)
}

// readAll reads a file, or standard input for -.
func (a *app) readAll(name string) ([]byte, error) {
	in := a.Stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, unread(name, err)
		}
		defer file.Close()
		in = file
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxSheet+1))
	switch {
	case err != nil:
		return nil, usagef("read %s: %w", name, err)
	case len(raw) > maxSheet:
		return nil, usagef("%s: larger than %d MB; is it the right file?", name, maxSheet>>20)
	}
	return raw, nil
}

// planSheet finds the claims of the rows and what is new about them. Any row that cannot
// be taken is an error that lists them all.
func (a *app) planSheet(ctx context.Context, r store.Reader, name string, rows []review.Row, problems []review.Problem, by string) (lines []sheetLine, unchanged int, err error) {
	decided, duplicates := map[string]sheetLine{}, map[string]string{}
	for _, row := range rows {
		line, same, err := a.planRow(ctx, r, row, by, duplicates)
		first, twice := decided[line.Claim]
		switch {
		case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrAmbiguous), errors.Is(err, review.ErrNoVerdict), errors.Is(err, review.ErrOwnDuplicate):
			problems = append(problems, review.Problem{Line: row.Line, Err: err})
			continue
		case err != nil:
			return nil, 0, err
		case twice && first.Decision != line.Decision:
			err := fmt.Errorf("claim %s: %s here, and %s in line %d", line.Claim, line.Decision, first.Decision, first.Line)
			problems = append(problems, review.Problem{Line: row.Line, Err: err})
			continue
		case twice || same:
			unchanged++
		default:
			lines = append(lines, line)
		}
		decided[line.Claim], duplicates[line.Claim] = line, line.Review.DuplicateOf
	}
	if len(problems) > 0 {
		return nil, 0, sheetError(name, problems)
	}
	return lines, unchanged, nil
}

func (a *app) planRow(ctx context.Context, r store.Reader, row review.Row, by string, duplicates map[string]string) (line sheetLine, same bool, err error) {
	line.Line = row.Line
	if line.claim, err = r.Claim(ctx, row.Claim); err != nil {
		return line, false, fmt.Errorf("claim %s: %w", row.Claim, err)
	}
	line.Claim = line.claim.Passage.Claim.ID
	if !strings.HasPrefix(line.Claim, row.Claim) {
		line.Given = row.Claim
	}
	judged, err := original(ctx, r, row.Review)
	if err != nil {
		return line, false, err
	}
	if err := review.CheckDuplicate(ctx, r, line.Claim, judged.DuplicateOf, duplicates); err != nil {
		return line, false, fmt.Errorf("claim %s: %w", row.Claim, err)
	}
	for i := range judged.Sources {
		judged.Sources[i].Accessed = a.now().UTC().Format("2006-01-02")
	}
	line.Review, same, err = review.Amend(judged, line.claim, by)
	line.Decision = a.reviewText(line.Review)
	return line, same, err
}

// sheetError lists every line that cannot be taken.
func sheetError(name string, problems []review.Problem) error {
	slices.SortStableFunc(problems, func(a, b review.Problem) int { return a.Line - b.Line })
	var list []string
	var missing error
	for _, p := range problems {
		list = append(list, name+", "+p.Error())
		if errors.Is(p, store.ErrNotFound) {
			missing = store.ErrNotFound
		}
	}
	const most = 20
	if len(list) > most {
		list = append(list[:most], fmt.Sprintf("and %d more", len(problems)-most))
	}
	var err error = usageError{errors.New(strings.Join(list, "\n  "))}
	if missing != nil {
		err = absent{err}
	}
	return hinted{err, "nothing was written; correct the table and read it again"}
}

// An absent error speaks of something that is not in the archive, whatever else it says.
type absent struct{ error }

func (absent) Is(target error) bool { return target == store.ErrNotFound }

func (a *app) writeSheet(f sheetFlags, lines []sheetLine, unchanged int, by string) error {
	for _, l := range lines {
		if a.json {
			if err := term.JSONLine(a.stdout, l); err != nil {
				return err
			}
			continue
		}
		text := fmt.Sprintf("line %d: %s: %s: « %s »", l.Line, l.Claim, l.Decision, l.claim.Text)
		if _, err := fmt.Fprintln(a.stdout, term.Cut(text, a.columns())); err != nil {
			return err
		}
		if l.Given != "" {
			a.say("note: line %d has the former id %s; the claim may have other words now", l.Line, l.Given)
		}
	}
	done := "written"
	if f.dryRun {
		done = "to be written; nothing was, since this is a dry run"
	}
	if unchanged > 0 {
		done += ", " + count(unchanged, "row") + " unchanged"
	}
	a.say("%s: %s by %s %s", f.from, count(len(lines), "review"), by, done)
	return nil
}
