package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
	"skyarchive/store/blobdir"
	"skyarchive/store/sqlite"
)

func newDoctorCommand(a *app) *cobra.Command {
	var reindex bool
	cmd := &cobra.Command{
		Use:     "doctor",
		GroupID: groupArchive,
		Short:   "Look for damage in the archive, and say what to do about it",
		Long: `Look for damage: what SQLite finds wrong with the file, settings that do not hold, an
index that does not agree with the posts, rows that point to nothing, media whose bytes
changed or went, proofs of posts by others that do not hold, too little room on the
disk, files that runs left behind which were killed. Nothing is changed, but for the
index of words if you ask for that.

The signatures of archived accounts are for skyarchive verify. Exit status 1 says that
something is wrong.
` + statusHelp,
		Example: "  skyarchive doctor\n  skyarchive doctor --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return doctor(cmd.Context(), a, reindex) },
	}
	cmd.Flags().BoolVar(&reindex, "reindex", false, "first make the index of words anew")
	return cmd
}

// checkLine is what --json prints of one check.
type checkLine struct {
	Check  string   `json:"check"`
	OK     bool     `json:"ok"`
	Looked string   `json:"looked_at"`
	Count  int      `json:"wrong"`
	Wrong  []string `json:"examples"`
	Advice string   `json:"advice,omitempty"`
}

func doctor(ctx context.Context, a *app, reindex bool) (err error) {
	s, err := a.open(ctx)
	if errors.Is(err, store.ErrDamaged) {
		return hinted{err, "restore the file from a copy, or fetch the accounts into a new archive (--db)"}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	db, ok := s.(*sqlite.DB)
	if !ok {
		return errors.New("this kind of archive has nothing to look at here")
	}
	if reindex {
		n, err := db.Reindex(ctx)
		if err != nil {
			return err
		}
		a.say("the index of words is new: %s", count(n, "post"))
	}
	checks, err := db.Check(ctx)
	if err != nil {
		return err
	}
	media, err := a.checkMedia(ctx, s)
	if err != nil {
		return err
	}
	others, err := checkOthers(ctx, s)
	if err != nil {
		return err
	}
	checks = append(checks, media, others, a.checkRoom())
	failed := 0
	for _, c := range checks {
		if c.Count > 0 {
			failed++
		}
		if err := a.writeCheck(c); err != nil {
			return err
		}
	}
	for _, name := range a.leftOver() {
		a.say("note: %s was left behind by a run that was killed; the next fetch removes it", name)
	}
	for _, name := range a.partialCopies() {
		a.say("note: %s is a copy that an upgrade of the archive has not finished: delete it, unless a skyarchive is at work on it", name)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks found something wrong", failed, len(checks))
	}
	a.say("all is well; skyarchive verify checks the signatures")
	return nil
}

func (a *app) writeCheck(c sqlite.Check) error {
	c.Advice = a.asGiven(c.Advice)
	if a.json {
		line := checkLine{Check: c.Name, OK: c.Count == 0, Looked: c.Looked, Count: c.Count, Wrong: append([]string{}, c.Wrong...)}
		if c.Count > 0 {
			line.Advice = c.Advice
		}
		return term.JSONLine(a.stdout, line)
	}
	word := "ok    "
	if c.Count > 0 {
		word = a.style().Bold("WRONG ")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s (%s)\n", word, c.Name, c.Looked)
	for _, w := range c.Wrong {
		fmt.Fprintf(&b, "      %s\n", w)
	}
	if more := c.Count - len(c.Wrong); more > 0 {
		fmt.Fprintf(&b, "      and %d more\n", more)
	}
	if c.Count > 0 {
		fmt.Fprintf(&b, "      → %s\n", c.Advice)
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}

// checkMedia compares the files beside the archive with their CIDs, and with what the
// archive says is kept.
func (a *app) checkMedia(ctx context.Context, s store.Store) (sqlite.Check, error) {
	check := sqlite.Check{Name: "media", Looked: "none"}
	var advice []string
	wrong := func(format string, args ...any) {
		if check.Count++; len(check.Wrong) < 5 {
			check.Wrong = append(check.Wrong, fmt.Sprintf(format, args...))
		}
	}
	var kept []store.Blob
	err := s.View(ctx, func(r store.Reader) error {
		accounts, err := store.Collect(r.Accounts(ctx))
		if err != nil {
			return err
		}
		for _, acc := range accounts {
			blobs, err := store.Collect(r.Blobs(ctx, acc.DID))
			if err != nil {
				return err
			}
			for _, b := range blobs {
				if b.State == store.BlobKept {
					kept = append(kept, b)
				}
			}
		}
		return nil
	})
	if err != nil {
		return check, err
	}
	here := map[string]bool{}
	dir, err := blobdir.Open(a.mediaPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return check, err
	}
	if err == nil {
		defer dir.Close()
		for name, cid := range dir.All() {
			if err := ctx.Err(); err != nil {
				return check, context.Cause(ctx)
			}
			if cid.IsZero() {
				continue // somebody else's file
			}
			here[cid.String()] = true
			if err := dir.Check(cid); err != nil {
				wrong("%s: %v", filepath.Join(a.mediaPath(), filepath.FromSlash(name)), err)
			}
		}
		check.Looked = count(len(here), "file")
	}
	if check.Count > 0 {
		advice = append(advice, "remove the files that are named, then run skyarchive fetch --all --media")
	}
	bad := check.Count
	for _, b := range kept {
		if !here[b.CID] {
			wrong("%s was kept and is not in %s", b.CID, a.mediaPath())
		}
	}
	if check.Count > bad {
		advice = append(advice, fmt.Sprintf("copy the files that are absent to %s from where the archive was before, or from a copy of that folder; "+
			"skyarchive fetch --all --media asks their servers for what is nowhere else", a.mediaPath()))
	}
	check.Advice = strings.Join(advice, "; ")
	return check, nil
}

// checkOthers checks the proofs of posts by others anew: bytes, way through the tree, and
// the signature with the key that their DID document named when they were fetched.
func checkOthers(ctx context.Context, s store.Store) (sqlite.Check, error) {
	check := sqlite.Check{Name: "posts by others", Advice: "restore the file from a copy"}
	posts, proofs := 0, 0
	err := s.View(ctx, func(r store.Reader) error {
		for c, err := range r.Contexts(ctx) {
			if err != nil {
				return err
			}
			posts++
			if c.Signature != atproto.SignatureValid {
				continue
			}
			proofs++
			if err := archive.CheckContext(ctx, c); err != nil {
				if check.Count++; len(check.Wrong) < 5 {
					check.Wrong = append(check.Wrong, fmt.Sprintf("%s: %v", c.URI, err))
				}
			}
		}
		return nil
	})
	check.Looked = fmt.Sprintf("%d, %s", posts, count(proofs, "proof"))
	return check, err
}

// enoughRoom is what should be free on the disk besides a second copy of the archive, which
// upgrades make.
const enoughRoom = 100e6

func (a *app) checkRoom() sqlite.Check {
	path := a.dbFile()
	check := sqlite.Check{Name: "room on the disk", Looked: "not known on this system", Advice: "make room, or move the archive to a larger disk"}
	free, ok := freeSpace(filepath.Dir(path))
	if !ok {
		return check
	}
	needed := int64(enoughRoom)
	if info, err := os.Stat(path); err == nil {
		needed += info.Size()
	}
	check.Looked = sizeText(free) + " free"
	if free < needed {
		check.Count, check.Wrong = 1, []string{fmt.Sprintf("%s are free, and an upgrade may need %s", sizeText(free), sizeText(needed))}
	}
	return check
}

// partialCopies are what upgrades left of a copy of the archive that was not finished.
func (a *app) partialCopies() []string {
	names, _ := filepath.Glob(globEscaped(a.dbFile()) + ".v[0-9]*.part")
	return names
}

// leftOver are files that runs left behind which were killed.
func (a *app) leftOver() []string {
	list := a.archiver(nil).LeftOver()
	if dir, err := blobdir.Open(a.mediaPath()); err == nil {
		defer dir.Close()
		for _, name := range dir.Unfinished(a.now().Add(-deadAfter)) {
			list = append(list, filepath.Join(a.mediaPath(), name))
		}
	}
	return list
}
