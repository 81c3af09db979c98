// Package export writes what an archive holds into forms that outlive it: notes to read,
// tables to count with, a page for colleagues, lines for another archive.
//
// A private copy holds everything and marks what was deleted. A public form leaves out
// deleted posts, accounts that are gone and authors who ask not to be shown to people who
// are not logged in; it says where something was left out and how much. Which of the two
// an export is stands in it.
//
// Exports are deterministic: the same archive, selection and options give the same bytes.
// The names of files come from things that do not change: the time in the record key, the
// first words ever seen under it, the record key itself.
package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/store"
)

// Options say what is exported, in which form and where to.
type Options struct {
	Format string // a name of Formats

	Query       store.Query  // what is selected; threads of which a post is selected are written whole
	Post        syntax.ATURI // only the thread that this post is in, or the post
	ThreadsOnly bool         // leave out posts that stand alone

	// Out is a file or a folder; "" writes to Writer. Formats of several files take Out as
	// a folder unless Single is set or Out ends in the extension of the format.
	Out    string
	Writer io.Writer
	Single bool // everything in one file
	Force  bool // overwrite
	Update bool // rewrite only what changed, keep what people wrote below the mark

	Lang     string         // of the fixed words: "fr", else English
	Zone     *time.Location // in which dates are shown; nil: UTC
	Taxonomy *topic.Taxonomy
	Verdicts []analysis.VerdictText // what verdicts are called; nil: as analysis calls them
	Program  string                 // version of the program
	Analysis string                 // version of the analysis
	Now      func() time.Time

	Public  bool    // leave out what is not for the public, in any format
	Include Include // of what a public form would leave out

	// Media opens an archived file by its CID, or answers fs.ErrNotExist; nil: no media.
	Media func(cid string) (io.ReadCloser, error)

	Claims    bool // csv, ndjson: the claims and not the posts
	ForReview bool // csv: claims with empty columns for decisions
	BOM       bool // csv: start with a byte order mark, for spreadsheets

	// Semicolons is for csv: they and not commas stand between the columns, after a byte order
	// mark, as Excel opens it where the decimal sign is a comma.
	Semicolons bool
	Publisher  Publisher
}

// Include names what a public form would leave out and is to be in it.
type Include struct {
	Deleted bool // deleted posts, earlier versions
	Gone    bool // accounts deactivated, taken down, suspended or deleted
	Hidden  bool // authors who ask not to be shown without login
}

// ParseInclude reads a list like "deleted,gone".
func ParseInclude(list string) (Include, error) {
	var in Include
	for word := range strings.SplitSeq(list, ",") {
		switch strings.TrimSpace(word) {
		case "":
		case "deleted":
			in.Deleted = true
		case "gone":
			in.Gone = true
		case "hidden":
			in.Hidden = true
		default:
			return in, fmt.Errorf("nothing called %q to include: deleted, gone or hidden", word)
		}
	}
	return in, nil
}

// A Publisher is who answers for published reviews.
type Publisher struct {
	Name, URL string
}

// A Summary says what was written and what was not.
type Summary struct {
	Files      int      `json:"files"`
	Unchanged  int      `json:"unchanged_files"`
	Threads    int      `json:"threads"`
	Posts      int      `json:"posts"`
	Claims     int      `json:"claims"`                     // worth checking
	Assertions int      `json:"other_assertions,omitempty"` // written beside them: not worth checking, and questions
	LeftOut    LeftOut  `json:"left_out"`
	Skipped    []string `json:"skipped,omitempty"` // what could not be written, and why
	Path       string   `json:"path,omitempty"`    // where it is; "" for a stream
}

// LeftOut counts the posts that a public form does not show.
type LeftOut struct {
	Deleted int `json:"deleted"`
	Gone    int `json:"gone"`
	Hidden  int `json:"hidden"`
}

// Total is how many posts were left out.
func (l LeftOut) Total() int { return l.Deleted + l.Gone + l.Hidden }

// A Format writes an export.
type Format func(ctx context.Context, x *export) error

// A FormatEntry is a format that Run knows.
type FormatEntry struct {
	Name      string
	Extension string // of a single file
	Public    bool   // always a public form
	Folder    bool   // several files, unless Single
	Help      string
	Write     Format
}

// Formats lists the formats in the order of the help page.
func Formats() []FormatEntry {
	return []FormatEntry{
		{"md", ".md", false, true, "Markdown notes, one file a thread", writeMarkdown},
		{"csv", ".csv", false, false, "a table of posts, or of claims", writeCSV},
		{"ndjson", ".ndjson", false, false, "everything, one JSON object a line", writeNDJSON},
		{"html", ".html", true, false, "one page for colleagues, with search and charts", writeHTML},
		{"claimreview", ".json", true, false, "reviewed claims as schema.org ClaimReview", writeClaimReview},
		{"labelstudio", ".json", false, true, "tasks for Label Studio with its configuration", writeLabelStudio},
		{"webannotation", ".jsonld", false, false, "claims as W3C Web Annotations (JSON-LD)", writeWebAnnotations},
	}
}

// What callers decide by.
var (
	ErrFormat = errors.New("no such format")
	ErrExists = errors.New("is already there; --force overwrites it, --update brings it up to date")
	ErrNotOne = errors.New("needs a folder to write to")
	ErrNobody = errors.New("say who publishes the reviews: --publisher NAME --publisher-url URL")
)

// An export is one run: what to read from and where to write to.
type export struct {
	Options
	format  FormatEntry
	words   *words
	source  *source
	target  target
	summary Summary
	pageIDs map[string]int // how often each id was asked for
}

// Run writes one export. The Summary is right up to the point of an error.
func Run(ctx context.Context, r store.Reader, o Options) (Summary, error) {
	i := slices.IndexFunc(Formats(), func(f FormatEntry) bool { return f.Name == o.Format })
	if i < 0 {
		return Summary{}, fmt.Errorf("format %q: %w", o.Format, ErrFormat)
	}
	x := &export{Options: o, format: Formats()[i]}
	x.Public = x.Public || x.format.Public
	x.words = wordsIn(o.Lang).calling(o.Verdicts)
	if x.Zone == nil {
		x.Zone = time.UTC
	}
	if x.Now == nil {
		x.Now = time.Now
	}
	if x.Taxonomy == nil {
		x.Taxonomy = topic.Default()
	}
	if x.Public {
		r = nameless{r}
	}
	x.source = &source{r: r, x: x, accounts: map[syntax.DID]*Account{}, left: map[syntax.ATURI]bool{}, inGap: map[syntax.ATURI]bool{}}
	if err := x.aim(); err != nil {
		return x.summary, err
	}
	err := x.format.Write(ctx, x)
	if closing := x.target.close(); err == nil {
		err = closing
	}
	return x.summary, err
}

// aim decides whether the export goes to a stream, a file or a folder.
func (x *export) aim() error {
	out := x.Out
	file := strings.EqualFold(filepath.Ext(out), x.format.Extension) && !strings.HasSuffix(out, string(filepath.Separator))
	if info, err := os.Stat(out); out != "" && err == nil && info.IsDir() {
		file = false
	} else if out != "" && !x.format.Folder && filepath.Ext(out) != "" && !os.IsPathSeparator(out[len(out)-1]) {
		file = true
	}
	x.summary.Path = out
	switch {
	case out == "":
		x.Single = true
		x.target = &stream{w: x.Writer}
	case file || x.Single && x.format.Folder:
		x.Single = true
		x.target = &folder{x: x, dir: filepath.Dir(out), only: filepath.Base(out)}
	default:
		x.target = &folder{x: x, dir: out}
	}
	return x.target.open()
}

// inFolder says whether several files are written.
func (x *export) inFolder() bool {
	f, ok := x.target.(*folder)
	return ok && f.only == ""
}

func (x *export) audience() string {
	if x.Public {
		return "public"
	}
	return "private"
}
