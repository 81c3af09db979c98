package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// What is read of the lines of another archive's NDJSON export; package export writes them.
// Posts, threads and claims are derived, so they are read over.
type (
	fileAccount struct {
		DID       syntax.DID     `json:"did"`
		Handle    syntax.Handle  `json:"handle"`
		PDS       string         `json:"pds"`
		Label     string         `json:"label"`
		Status    atproto.Status `json:"status"`
		Fetched   *time.Time     `json:"fetched"`
		HideGuest bool           `json:"hide_guest"`
	}
	fileIdentity struct {
		DID      syntax.DID     `json:"did"`
		At       time.Time      `json:"at"`
		Handle   syntax.Handle  `json:"handle"`
		PDS      string         `json:"pds"`
		Status   atproto.Status `json:"status"`
		Host     string         `json:"host"`
		Document []byte         `json:"document"`
		Placed   time.Time      `json:"placed_at"`
	}
	fileLog struct {
		DID  syntax.DID `json:"did"`
		At   time.Time  `json:"at"`
		Host string     `json:"host"`
		Raw  []byte     `json:"raw"`
	}
	fileState struct {
		DID       syntax.DID        `json:"did"`
		Commit    atproto.CID       `json:"commit"`
		Signed    []byte            `json:"signed"`
		Signature atproto.Signature `json:"signature"` // counts only if it is invalid
		Sightings []struct {
			At     time.Time `json:"at"`
			Host   string    `json:"host"`
			From   string    `json:"from"`
			Placed time.Time `json:"placed_at"`
		} `json:"sightings"`
	}
	fileChange struct {
		DID    syntax.DID   `json:"did"`
		Commit atproto.CID  `json:"commit"`
		Path   atproto.Path `json:"path"`
		CID    string       `json:"cid"` // "": gone
	}
	fileContext struct {
		URI       syntax.ATURI       `json:"uri"`
		Handle    string             `json:"handle"`
		CID       string             `json:"cid"`
		Record    []byte             `json:"record"`
		Proof     []byte             `json:"proof"`
		Key       string             `json:"key"`
		Signature atproto.Signature  `json:"signature"`
		From      string             `json:"from"`
		Seen      time.Time          `json:"seen_at"`
		State     store.ContextState `json:"state"`
		At        time.Time          `json:"state_at"`
		Host      string             `json:"host"`
		Why       string             `json:"why"`
		HideGuest bool               `json:"hide_guest"`
		Counts    *struct {
			Likes   int       `json:"likes"`
			Reposts int       `json:"reposts"`
			Replies int       `json:"replies"`
			Quotes  int       `json:"quotes"`
			At      time.Time `json:"at"`
		} `json:"counts"`
	}
	fileFile struct {
		DID  syntax.DID `json:"did"`
		CID  string     `json:"cid"`
		Kind string     `json:"mime"`
		At   time.Time  `json:"at"`
		Host string     `json:"host"`
		Name string     `json:"name"`
	}
	fileForgotten struct {
		DID     syntax.DID   `json:"did"`
		URI     syntax.ATURI `json:"uri"`
		At      time.Time    `json:"at"`
		By      string       `json:"by"`
		Answers syntax.ATURI `json:"answers"`
		Root    syntax.ATURI `json:"root"`
	}
	fileRecord struct {
		DID   syntax.DID  `json:"did"`
		CID   atproto.CID `json:"cid"`
		Bytes []byte      `json:"bytes"`
	}
)

// maxLine is the longest line that is read: a record has at most a megabyte, a log may
// have more.
const maxLine = 64 << 20

// A lineReader reads the lines of an NDJSON export, one ahead.
type lineReader struct {
	scan *bufio.Scanner
	n    int
	kind string
	raw  []byte
	done bool
	held bool // the line at hand is to be read again
	err  error
}

func newLineReader(r io.Reader) *lineReader {
	in := bufio.NewReader(r)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" { // as some editors write first
		in.Discard(3)
	}
	l := &lineReader{scan: bufio.NewScanner(in)}
	l.scan.Buffer(make([]byte, 1<<20), maxLine)
	return l
}

// next reads the next line that is no derived one.
func (l *lineReader) next() bool {
	if l.held {
		l.held = false
		return l.kind != ""
	}
	for !l.done {
		if !l.scan.Scan() {
			l.done = true
			if err := l.scan.Err(); err != nil {
				if errors.Is(err, bufio.ErrTooLong) {
					err = fmt.Errorf("%w: it is longer than any that an export has", ErrNotImportable)
				}
				l.err = fmt.Errorf("line %d: %w", l.n+1, err)
			}
			break
		}
		l.n++
		var head struct {
			Type string `json:"type"`
		}
		if l.raw = bytes.TrimSpace(l.scan.Bytes()); len(l.raw) == 0 {
			continue
		}
		if err := json.Unmarshal(l.raw, &head); err != nil {
			l.done, l.err = true, fmt.Errorf("line %d: %w: %w", l.n, ErrNotImportable, err)
			break
		}
		switch l.kind = head.Type; l.kind {
		case "thread", "post", "claim":
		default:
			return true
		}
	}
	l.kind = ""
	return false
}

// unread makes the line at hand the next one.
func (l *lineReader) unread() { l.held = true }

// into decodes the line at hand.
func (l *lineReader) into(v any) error {
	err := json.Unmarshal(l.raw, v)
	var other *json.UnmarshalTypeError
	switch {
	case errors.As(err, &other):
		return l.wrong(fmt.Errorf("%w: its %q is a %s in JSON", ErrNotImportable, other.Field, other.Value))
	case err != nil:
		return l.wrong(fmt.Errorf("%w: %w", ErrNotImportable, err))
	}
	return nil
}

func (l *lineReader) wrong(err error) error { return fmt.Errorf("line %d: %w", l.n, err) }

// A mergeFile is what is known of an export before anything of it is taken.
type mergeFile struct {
	accounts  int
	decisions map[syntax.DID][]analysis.Decision
	forgotten map[syntax.DID][]store.Forgetting  // what the other archive has forgotten
	wordless  map[syntax.DID][]analysis.Decision // decisions about it
}

// lookThrough reads an export to its end: one that was cut is not taken, nor one with a line
// that cannot be as any archive wrote it; and decisions, which stand behind everything else,
// are needed with their account.
func lookThrough(r io.Reader, now time.Time) (mergeFile, error) {
	f := mergeFile{decisions: map[syntax.DID][]analysis.Decision{}, forgotten: map[syntax.DID][]store.Forgetting{}, wordless: map[syntax.DID][]analysis.Decision{}}
	l := newLineReader(r)
	ended := false
	for first := true; l.next(); first = false {
		ended = false
		if err := l.check(now); err != nil {
			return f, err
		}
		switch l.kind {
		case "about":
			var head struct{ Whole bool }
			if err := l.into(&head); err != nil {
				return f, err
			}
			if !head.Whole {
				return f, l.wrong(fmt.Errorf("%w: it is a part or a public form of an archive; export whole accounts with --format ndjson", ErrNotImportable))
			}
		case "account":
			f.accounts++
		case "decision":
			d, err := l.decision()
			if err != nil {
				return f, err
			}
			f.decisions[d.DID] = append(f.decisions[d.DID], d)
		case "forgotten":
			var line fileForgotten
			if err := l.into(&line); err != nil {
				return f, err
			}
			f.forgotten[line.DID] = append(f.forgotten[line.DID], line.forgetting())
		case "forgotten-decision":
			var d analysis.Decision
			if err := l.into(&d); err != nil {
				return f, err
			}
			f.wordless[d.DID] = append(f.wordless[d.DID], d)
		case "end":
			ended = true
		}
		if first && l.kind != "about" {
			return f, l.wrong(fmt.Errorf("%w: it does not start as an export does", ErrNotImportable))
		}
	}
	if l.err == nil && !ended {
		l.err = fmt.Errorf("line %d: %w: its end is missing", l.n, ErrNotImportable)
	}
	return f, l.err
}

func (line *fileForgotten) forgetting() store.Forgetting {
	f := store.Forgetting{DID: line.DID, URI: line.URI, At: line.At, By: line.By}
	if line.Answers != "" || line.Root != "" {
		f.Reply = &atproto.Reply{Parent: atproto.Ref{URI: line.Answers}, Root: atproto.Ref{URI: line.Root}}
	}
	return f
}

// decision reads an entry, whose id must come from its content.
func (l *lineReader) decision() (analysis.Decision, error) {
	var d analysis.Decision
	if err := l.into(&d); err != nil {
		return d, err
	}
	same, err := analysis.NewDecision(d.Kind, d.DID, d.Subject, d.By, d.At, d.Body)
	if err != nil || same.ID != d.ID {
		return d, l.wrong(fmt.Errorf("%w: decision %s is not what its id says", ErrUnverified, d.ID))
	}
	if depth(d.Body) > maxDepth {
		return d, l.wrong(fmt.Errorf("%w: decision %s has more than %d lists and objects in one another", ErrUnverified, d.ID, maxDepth))
	}
	return d, nil
}

// maxDepth is how deep what people decided may be nested. SQLite reads 1000; no decision of
// this program comes near it.
const maxDepth = 100

// depth is how many lists and objects of a JSON text are in one another.
func depth(raw []byte) (deepest int) {
	now, in, escaped := 0, false, false
	for _, b := range raw {
		switch {
		case escaped:
			escaped = false
		case in && b == '\\':
			escaped = true
		case b == '"':
			in = !in
		case !in && (b == '{' || b == '['):
			now++
			deepest = max(deepest, now)
		case !in && (b == '}' || b == ']'):
			now--
		}
	}
	return deepest
}
