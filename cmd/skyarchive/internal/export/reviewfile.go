package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A ReviewRow is a decision that somebody wrote into a table made with ForReview.
type ReviewRow struct {
	Line    int // of the file, where the row starts
	Claim   string
	Verdict string // as written
	Dismiss string // as written
	Summary string
	Note    string
	Sources []string
}

// ErrReviewTable says that a file is no table to review with.
var ErrReviewTable = errors.New("not a table for reviews")

// ReadReviews reads the decisions out of a table made with ForReview: as it was written, or
// as a spreadsheet saved it, with a byte order mark, semicolons or tabs. Columns may have
// been moved, added and removed; rows in which nothing was decided are passed over.
func ReadReviews(r io.Reader) ([]ReviewRow, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%w: it is not in UTF-8; save it as “CSV UTF-8”", ErrReviewTable)
	}
	c := csv.NewReader(bytes.NewReader(data))
	c.Comma = separatorOf(data)
	c.FieldsPerRecord = -1
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReviewTable, err)
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	if _, ok := at["claim_id"]; !ok {
		return nil, fmt.Errorf("%w: it has no column claim_id", ErrReviewTable)
	}
	var rows []ReviewRow
	for {
		cells, err := c.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrReviewTable, err)
		}
		cell := func(name string) string {
			if i, ok := at[name]; ok && i < len(cells) {
				return strings.TrimSpace(Unguard(cells[i]))
			}
			return ""
		}
		row := ReviewRow{Claim: cell("claim_id"), Verdict: cell("verdict"), Dismiss: cell("dismiss"), Summary: cell("summary"), Note: cell("note")}
		row.Line, _ = c.FieldPos(0)
		row.Sources = strings.FieldsFunc(cell("sources"), func(r rune) bool { return r == '|' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
		if row.Verdict == "" && row.Dismiss == "" {
			if row.Summary != "" || row.Note != "" || len(row.Sources) > 0 {
				return nil, fmt.Errorf("%w: line %d has a summary, note or sources but neither verdict nor dismiss", ErrReviewTable, row.Line)
			}
			continue
		}
		if row.Claim == "" {
			return nil, fmt.Errorf("%w: line %d decides about no claim", ErrReviewTable, row.Line)
		}
		rows = append(rows, row)
	}
}

// separatorOf is what separates the names in the first line.
func separatorOf(data []byte) rune {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', 0
	for _, r := range []rune{',', ';', '\t'} {
		if n := bytes.Count(line, []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}
