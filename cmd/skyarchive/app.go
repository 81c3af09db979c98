package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"skyarchive/analysis/topic"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/polite"
	"skyarchive/cmd/skyarchive/internal/review"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
	"skyarchive/store/search"
	"skyarchive/store/sqlite"
)

// An app is what every command works with: the settings that are common to all, and the
// outside world. Its zero fields mean the real one.
type app struct {
	Env   func(string) string
	Stdin io.Reader
	Now   func() time.Time

	settings
	stdout, stderr io.Writer
	verdicts       review.Labels   // as --labels calls them
	ownTopics      *topic.Taxonomy // read from topics, nil: only those of the program
	from           []search.Expr   // the accounts that flags name
	drawn          *bar            // the last one, which may be on the terminal
	root           *cobra.Command  // nil: commands are suggested as they stand
	started        bool            // a command's own code runs: from here on an error is not one of usage
}

// settings are the persistent flags, each with an environment twin.
type settings struct {
	db           string
	json         bool
	quiet        bool
	verbose      int
	zone         string
	plc          string
	resolver     string
	appView      string
	allowPrivate bool
	contact      string
	labels       string // file
	topics       string // file
}

func (a *app) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}

// dbPath is the archive's file and why it was chosen.
func (a *app) dbPath() (path, why string) {
	if a.db != "" {
		return a.db, "--db"
	}
	if p := a.Env("SKYARCHIVE_DB"); p != "" {
		return p, "SKYARCHIVE_DB"
	}
	if _, err := os.Stat("skyarchive.db"); err == nil {
		return "skyarchive.db", "in this folder"
	}
	return filepath.Join(xdg.DataHome, "skyarchive", "skyarchive.db"), "in your data folder"
}

// dbFile is the archive's file under its own name, so that what lies beside it is found by
// whatever link one comes.
func (a *app) dbFile() string {
	path, _ := a.dbPath()
	return behindLinks(path)
}

// behindLinks is the file that a path leads to, also where there is none yet.
func behindLinks(path string) string {
	for range 40 { // as many as systems follow
		if file, err := filepath.EvalSymlinks(path); err == nil {
			return file
		}
		target, err := os.Readlink(path)
		if err != nil {
			return path
		}
		if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil && !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		path = target
	}
	return path
}

// create opens the archive for writing, making it if there is none.
func (a *app) create(ctx context.Context) (store.Store, error) {
	path, why := a.dbPath()
	if why == "in your data folder" {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, archiveError{fmt.Errorf("make the folder of the archive: %w", err)}
		}
	}
	_, missing := os.Stat(path)
	s, err := a.openFile(ctx)
	if err != nil {
		return nil, a.openError(ctx, path, err)
	}
	if errors.Is(missing, fs.ErrNotExist) {
		a.say("new archive: %s (%s)", path, why)
	} else {
		a.say("archive: %s (%s)", path, why)
	}
	return s, nil
}

// open opens an archive that must be there already, with the accounts that flags name.
func (a *app) open(ctx context.Context) (store.Store, error) {
	path, why := a.dbPath()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, hinted{archiveError{fmt.Errorf("no archive at %s (%s)", path, why)},
			"fetch an account first: skyarchive fetch louwelgryn.bsky.social; or name the file with --db"}
	}
	s, err := a.openFile(ctx)
	if err != nil {
		return nil, a.openError(ctx, path, err)
	}
	if len(a.from) > 0 {
		if err := s.View(ctx, func(r store.Reader) error { return a.namedHere(ctx, r) }); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// namedHere fails if a flag names an account that the archive has not: an empty list would
// read as if that account had nothing.
func (a *app) namedHere(ctx context.Context, r store.Reader) error {
	for _, from := range a.from {
		hits, err := r.Search(ctx, store.Query{Where: from, Limit: 1})
		if err != nil {
			return err
		}
		if len(hits.Hints) > 0 {
			return hinted{fmt.Errorf("account %s: %w", strings.TrimPrefix(from.String(), "from:"), store.ErrNotFound), "skyarchive accounts lists what is archived"}
		}
	}
	return nil
}

// openFile opens an archive, and says what is done to an older one.
func (a *app) openFile(ctx context.Context) (*sqlite.DB, error) {
	return sqlite.Options{Told: func(text string) { a.say("note: %s", text) }}.Open(ctx, a.dbFile())
}

func (a *app) openError(ctx context.Context, path string, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return archiveError{fmt.Errorf("open archive %s: %w", path, err)}
}

// view runs fn on an archive that must be there.
func (a *app) view(ctx context.Context, fn func(store.Reader) error) (err error) {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.View(ctx, fn)
}

// update runs fn in a transaction on an archive that must be there.
func (a *app) update(ctx context.Context, fn func(store.Writer) error) (err error) {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Update(ctx, fn)
}

// say writes a message for people, unless they asked for quiet or for JSON.
func (a *app) say(format string, args ...any) {
	if !a.quiet && !a.json {
		if a.drawn != nil {
			a.drawn.clear()
		}
		fmt.Fprintln(a.stderr, a.asGiven(fmt.Sprintf(format, args...)))
	}
}

// suggested finds the commands that a text suggests, and what it quotes, which stays as it is.
var suggested = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`«[^»]*»|\bskyarchive [a-z]+\b`) })

// asGiven gives the commands in a text the flags for all commands that this one was given, so
// that they work as they stand.
func (a *app) asGiven(text string) string {
	if a.root == nil || !strings.Contains(text, "skyarchive ") {
		return text
	}
	flags := givenFlags(a.root.PersistentFlags())
	if flags == "" {
		return text
	}
	return suggested().ReplaceAllStringFunc(text, func(s string) string {
		name := strings.TrimPrefix(s, "skyarchive ")
		if !slices.ContainsFunc(a.root.Commands(), func(c *cobra.Command) bool { return c.Name() == name }) {
			return s
		}
		return "skyarchive" + flags + " " + name
	})
}

// givenFlags are the flags that were typed, to be typed again, but for those that say only how
// much is written and in which form.
func givenFlags(flags *pflag.FlagSet) string {
	var b strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		switch {
		case !f.Changed, slices.Contains([]string{"json", "quiet", "verbose"}, f.Name):
		case f.NoOptDefVal != "":
			fmt.Fprintf(&b, " --%s=%s", f.Name, f.Value)
		default:
			fmt.Fprintf(&b, " --%s %s", f.Name, shellWord(f.Value.String()))
		}
	})
	return b.String()
}

// shellWord is a word as it is typed on the command line.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:@+,", r) || r == '\\' && runtime.GOOS == "windows"
	}
	switch {
	case s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }):
		return s
	case runtime.GOOS == "windows":
		return `"` + s + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// log is the logger that -v and -vv ask for, on standard error.
func (a *app) log() *slog.Logger {
	level := slog.LevelWarn
	switch {
	case a.verbose == 1:
		level = slog.LevelInfo
	case a.verbose > 1:
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level}))
}

func (a *app) userAgent() string {
	agent := "skyarchive/" + strings.TrimPrefix(version, "v")
	if a.contact != "" {
		agent += " (" + a.contact + ")"
	}
	return agent
}

// client is the HTTP client for every service.
func (a *app) client() *http.Client {
	return &http.Client{Transport: &polite.Transport{UserAgent: a.userAgent(), AllowPrivate: a.allowPrivate, Log: a.log()}}
}

func (a *app) identities(client *http.Client) *identity.Resolver {
	return &identity.Resolver{HTTP: client, PLC: a.plc, HandleResolver: a.resolver}
}

// location is the time zone that dates are shown in.
func (a *app) location() (*time.Location, error) {
	switch a.zone {
	case "":
		if a.json {
			return time.UTC, nil
		}
		return a.local(), nil
	case "local":
		return a.local(), nil
	}
	loc, err := time.LoadLocation(a.zone)
	if err != nil {
		return nil, usagef("--tz %s: no such time zone; write it like Europe/Paris or UTC", a.zone)
	}
	return loc, nil
}

// local is the time zone of this computer, by its name where that can be found, since a name
// says more than what it is now: in summer it is another.
func (a *app) local() *time.Location {
	name := strings.TrimPrefix(a.Env("TZ"), ":")
	if name == "" {
		link, _ := os.Readlink("/etc/localtime")
		_, name, _ = strings.Cut(link, "/zoneinfo/")
	}
	loc, err := time.LoadLocation(name)
	if name == "" || err != nil {
		return time.Local
	}
	for month := range time.Month(12) {
		at := time.Date(a.now().Year(), month+1, 1, 12, 0, 0, 0, time.UTC)
		_, named := at.In(loc).Zone()
		if _, here := at.Local().Zone(); named != here {
			return time.Local
		}
	}
	return loc
}

// reviewer is who decides: --as, SKYARCHIVE_REVIEWER, else the login name.
func (a *app) reviewer(as string) (string, error) {
	name := strings.TrimSpace(cmp.Or(as, a.Env("SKYARCHIVE_REVIEWER")))
	switch {
	case strings.ContainsFunc(name, unicode.IsControl):
		return "", usagef("%q is no name: it is written into the archive for good", name)
	case name != "":
		return name, nil
	case as != "":
		return "", usagef("who decides? Name the reviewer with --as NAME")
	}
	if u, err := user.Current(); err == nil {
		name := u.Username
		if i := strings.LastIndexByte(name, '\\'); i >= 0 { // DOMAIN\name on Windows
			name = name[i+1:]
		}
		if name != "" {
			return name, nil
		}
	}
	return "", usagef("who decides? Name the reviewer with --as NAME")
}

// taxonomy is the topics of the program, with those of --taxonomy.
func (a *app) taxonomy() *topic.Taxonomy {
	if a.ownTopics != nil {
		return a.ownTopics
	}
	return topic.Default()
}

// readTaxonomy reads the file of --taxonomy.
func (a *app) readTaxonomy() error {
	if a.topics == "" {
		return nil
	}
	file, err := os.Open(a.topics)
	if err != nil {
		return fmt.Errorf("--taxonomy: %w", unread(a.topics, err))
	}
	defer file.Close()
	if a.ownTopics, err = topic.Default().Extend(file); err != nil {
		return usagef("--taxonomy %s: %w", a.topics, err)
	}
	return nil
}

// readLabels reads the file of --labels.
func (a *app) readLabels() error {
	if a.labels == "" {
		return nil
	}
	raw, err := os.ReadFile(a.labels)
	if err != nil {
		return fmt.Errorf("--labels: %w", unread(a.labels, err))
	}
	if a.verdicts, err = review.ReadLabels(raw); err != nil {
		return usagef("--labels %s: %w", a.labels, err)
	}
	return nil
}

func (a *app) style() term.Style { return term.StyleFor(a.stdout, a.Env) }
func (a *app) columns() int      { return term.Columns(a.stdout) }
