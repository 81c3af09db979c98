// Package archive does the work between the network and the store: it fetches or imports
// a repository, checks it, keeps it in one transaction, and derives threads and claims.
//
// Fetch, Import and Retag differ only in where records come from; all end in derive, so a
// claim never depends on how its post came. Nothing that fails a check is kept, and no
// deletion is ever derived from it.
package archive

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto/identity"
	"skyarchive/store"
)

// What callers decide by.
var (
	// ErrUnverified says that a repository is not what its account signed.
	ErrUnverified = errors.New("repository does not verify")
	// ErrUnchecked says that there is no key to check signatures with.
	ErrUnchecked = errors.New("signatures could not be checked")
	// ErrStillIncomplete says that a download stayed incomplete after repair.
	ErrStillIncomplete = errors.New("the download stayed incomplete")
	// ErrRollback says that a server gave an older state than it gave before.
	ErrRollback = errors.New("the server went back to an older state")
	// ErrForked says that a server gave two states of the same revision.
	ErrForked = errors.New("the server gives another history than before, under the same revision")
	// ErrOtherOwner says that a handle belongs to another account than the archive knows.
	ErrOtherOwner = errors.New("the handle now belongs to another account")
)

// An Archiver fetches and imports into a store.
type Archiver struct {
	Store      store.Store
	HTTP       *http.Client
	Identities *identity.Resolver
	Taxonomy   *topic.Taxonomy // nil: the embedded one
	TempDir    string          // "" for the system's
	Now        func() time.Time
	Log        *slog.Logger
	Program    string // version, kept with what it derives

	Timings *Timings // of the fetch or import under way; nil: nobody asks

	// Progress is told what is being done and how far it is; total is 0 where it is not
	// known. Nil: nobody is told.
	Progress func(stage string, done, total int64)
}

func (a *Archiver) progress(stage string, done, total int64) {
	if a.Progress != nil {
		a.Progress(stage, done, total)
	}
}

func (a *Archiver) taxonomy() *topic.Taxonomy {
	if a.Taxonomy != nil {
		return a.Taxonomy
	}
	return topic.Default()
}

func (a *Archiver) analyzer() *analysis.Analyzer { return analysis.NewAnalyzer(a.taxonomy()) }

// warm compiles the taxonomy, which is needed soon, beside what goes on until then.
func (a *Archiver) warm() { go a.analyzer() }

// AnalysisVersion names what derived rows are made by: code and taxonomy.
func (a *Archiver) AnalysisVersion() string {
	return analysis.Version + "+" + a.taxonomy().Version()
}

// tempPattern names temporary downloads, so that those of a run that was killed are known.
const tempPattern = "skyarchive-*.car.tmp"

// tempName is what os.CreateTemp makes of tempPattern, and of the pattern of words that wait for
// the index. The folder is everybody's: nothing else in it may be taken for one of these.
var tempName = regexp.MustCompile(`^skyarchive-[0-9]+\.(car|words)\.tmp$`)

// temp makes a temporary file for a download. Where the system lets an open file lose its
// name, it has none from the start: whatever becomes of this run, nothing is left.
func (a *Archiver) temp() (*download, error) {
	f, err := os.CreateTemp(a.tempDir(), tempPattern)
	if err != nil {
		return nil, err
	}
	d := &download{file: f, name: f.Name()}
	if os.Remove(d.name) == nil {
		d.name = ""
	}
	return d, nil
}

func (a *Archiver) tempDir() string {
	if a.TempDir == "" {
		return os.TempDir()
	}
	return a.TempDir
}

// Sweep removes the temporary files that runs which were killed left behind: those older
// than a day.
func (a *Archiver) Sweep() {
	for _, name := range a.LeftOver() {
		os.Remove(name)
	}
}

// LeftOver are the temporary files that Sweep would remove.
func (a *Archiver) LeftOver() (old []string) {
	entries, err := os.ReadDir(a.tempDir())
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !tempName.MatchString(e.Name()) {
			continue
		}
		if info, err := e.Info(); err == nil && a.Now().Sub(info.ModTime()) > 24*time.Hour {
			old = append(old, filepath.Join(a.tempDir(), e.Name()))
		}
	}
	return old
}
