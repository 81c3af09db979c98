package review

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/export"
)

// A Row is what a table says of one claim.
type Row struct {
	Line  int    // in the file, from 1
	Claim string // id, maybe a former one
	// Review is what was filled in. Its Status is "" if there is neither a verdict nor a
	// dismissal; nothing says what was judged.
	Review analysis.Review
}

// A Problem is a line of a table that cannot be taken as it stands.
type Problem struct {
	Line int
	Err  error
}

func (p Problem) Error() string { return fmt.Sprintf("line %d: %v", p.Line, p.Err) }

func (p Problem) Unwrap() error { return p.Err }

// ReadSheet reads back the table that export --for-review wrote, after people filled it in
// with whatever program: separated by commas, semicolons or tabs; in UTF-8, UTF-16 or
// Windows-1252; columns in any order, more or fewer of them, their names in English or
// French. Rows in which nothing is filled in are left out. What cannot be read is listed,
// each line of it.
func ReadSheet(raw []byte, labels Labels) ([]Row, []Problem, error) {
	text, err := decode(raw)
	if err != nil {
		return nil, nil, err
	}
	skipped := 0
	if line, rest, _ := strings.Cut(text, "\n"); strings.HasPrefix(strings.ToLower(line), "sep=") {
		text, skipped = rest, 1 // a hint that spreadsheets read and some write
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = separator(text)
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("no table in it: %w", err)
	}
	at := columns(head)
	if _, ok := at["claim_id"]; !ok {
		return nil, nil, fmt.Errorf("no column claim_id in its first line; it has %s", strings.Join(head, ", "))
	}
	if err := twice(head); err != nil {
		return nil, nil, err
	}
	var rows []Row
	var problems []Problem
	for {
		cells, err := r.Read()
		if err != nil {
			var broken *csv.ParseError
			if errors.As(err, &broken) {
				problems = append(problems, Problem{broken.StartLine + skipped, broken.Err})
			}
			return rows, problems, nil
		}
		line, _ := r.FieldPos(0)
		row, err := readRow(cells, at, labels)
		row.Line = line + skipped
		switch {
		case err != nil:
			problems = append(problems, Problem{row.Line, err})
		case row.said():
			rows = append(rows, row)
		}
	}
}

// decode is the text of a file in the encodings that spreadsheets write.
func decode(raw []byte) (string, error) {
	text := string(raw)
	switch {
	case strings.HasPrefix(text, "PK\x03\x04"), strings.HasPrefix(text, "\xd0\xcf\x11\xe0"):
		return "", errors.New("it is a workbook; save the sheet as CSV and give that file")
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"):
		s, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().String(text)
		if err != nil {
			return "", fmt.Errorf("it starts as UTF-16 and is none: %w", err)
		}
		text = s
	case !utf8.ValidString(text):
		s, err := charmap.Windows1252.NewDecoder().String(text)
		if err != nil || strings.ContainsRune(s, utf8.RuneError) {
			return "", errors.New("it is neither UTF-8 nor Windows-1252; save it as CSV UTF-8")
		}
		text = s
	}
	if strings.ContainsRune(text, 0) {
		return "", errors.New("it is no text; save the sheet as CSV and give that file")
	}
	return strings.TrimPrefix(text, "\ufeff"), nil
}

// separator is the one that splits the first line into the most columns that are known.
func separator(text string) rune {
	best, most := ',', 0
	for _, sep := range []rune{',', ';', '\t'} {
		r := csv.NewReader(strings.NewReader(text))
		r.Comma = sep
		if head, err := r.Read(); err == nil && len(columns(head)) > most {
			best, most = sep, len(columns(head))
		}
	}
	return best
}

// filled are the columns that are read back, by what people may call them.
var filled = map[string]string{
	"claim_id": "claim_id", "claim": "claim_id", "id": "claim_id", "identifiant": "claim_id",
	"verdict": "verdict", "dismiss": "dismiss", "dismissal": "dismiss", "ecarter": "dismiss", "ecartee": "dismiss",
	"summary": "summary", "conclusion": "summary", "resume": "summary",
	"note": "note", "notes": "note", "remarque": "note",
	"sources": "sources", "source": "sources",
	"claim_restated": "claim_restated", "reformulation": "claim_restated",
	"published_url": "published_url", "publication": "published_url",
}

func column(name string) string { return filled[strings.ReplaceAll(fold(name), " ", "_")] }

// columns are the known columns with their places.
func columns(head []string) map[string]int {
	at := map[string]int{}
	for i, name := range head {
		if c := column(name); c != "" {
			at[c] = i
		}
	}
	return at
}

// twice refuses two columns of one meaning: which of them counts?
func twice(head []string) error {
	seen := map[string]string{}
	for _, name := range head {
		c := column(name)
		if first, ok := seen[c]; ok && c != "" {
			return fmt.Errorf("the columns %q and %q mean the same; keep one", first, name)
		}
		seen[c] = name
	}
	return nil
}

// formulaError is what spreadsheets put in the place of a formula that fails: words that
// start with an equals sign become one.
var formulaError = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(Err:[0-9]{3}|#(N/A|[A-ZÀ-Ý]+(/0)?[ \x{a0}\x{202f}]?[!?]))$`)
})

func readRow(cells []string, at map[string]int, labels Labels) (Row, error) {
	cell := func(name string) string {
		i, ok := at[name]
		if !ok || i >= len(cells) {
			return ""
		}
		return strings.TrimSpace(export.Unguard(strings.TrimSpace(cells[i])))
	}
	row := Row{Claim: strings.ToLower(cell("claim_id"))}
	r := &row.Review
	r.Summary, r.Note, r.Restated, r.PublishedURL = cell("summary"), cell("note"), cell("claim_restated"), cell("published_url")
	for _, name := range []string{"summary", "note", "claim_restated"} {
		if s := cell(name); formulaError().MatchString(s) {
			return row, fmt.Errorf("%s: the spreadsheet took it for a formula and made %s of it; write an apostrophe before it", name, s)
		}
	}
	verdict, dismiss := cell("verdict"), cell("dismiss")
	switch {
	case verdict != "" && dismiss != "":
		return row, fmt.Errorf("both a verdict (%s) and a dismissal (%s); keep one", verdict, dismiss)
	case verdict != "":
		var ok bool
		if r.Verdict, ok = labels.Verdict(verdict); ok {
			r.Status = analysis.Reviewed
			break
		}
		if r.Dismissal, r.DuplicateOf, ok = Dismissal(verdict); !ok {
			return row, fmt.Errorf("no verdict %q; the verdicts are %s, or their labels", verdict, strings.Join(slugs(), ", "))
		}
		r.Status = analysis.Dismissed
	case dismiss != "":
		var ok bool
		if r.Dismissal, r.DuplicateOf, ok = Dismissal(dismiss); !ok {
			return row, fmt.Errorf("no dismissal %q; write not-a-claim, off-topic or duplicate-of=ID", dismiss)
		}
		r.Status = analysis.Dismissed
	}
	for _, s := range strings.FieldsFunc(cell("sources"), func(r rune) bool { return strings.ContainsRune(" \t\r\n|\u00a0\u202f", r) }) {
		link, err := WebAddress(strings.TrimRight(s, ",;"))
		if err != nil {
			return row, fmt.Errorf("sources: %w", err)
		}
		r.Sources = append(r.Sources, analysis.Source{URL: link})
	}
	if r.PublishedURL != "" {
		if _, err := WebAddress(r.PublishedURL); err != nil {
			return row, err
		}
	}
	if row.said() && row.Claim == "" {
		return row, errors.New("it decides on a claim and names none: claim_id is empty")
	}
	return row, nil
}

// said says whether anything is filled in.
func (r Row) said() bool {
	v := r.Review
	return v.Status != "" || v.Summary+v.Note+v.Restated+v.PublishedURL != "" || len(v.Sources) > 0
}

// WebAddress is an address on the web, or an error that says how one looks.
func WebAddress(s string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%q is not a web address; it starts with https://", s)
	}
	return u.String(), nil
}
