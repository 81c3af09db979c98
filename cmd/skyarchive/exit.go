package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"syscall"

	"skyarchive/atproto/identity"
	"skyarchive/atproto/pds"
	"skyarchive/atproto/polite"
	"skyarchive/atproto/repo"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/proof"
	"skyarchive/store"
)

// The exit statuses; README and every command's help list them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitUnverified  = 4
	exitUnavailable = 5
	exitGone        = 6
	exitArchive     = 7
	exitInterrupted = 130
)

// A usageError is wrong usage: status 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// An archiveError says that the archive's file cannot be used: status 7.
type archiveError struct{ error }

func (e archiveError) Unwrap() error { return e.error }

// A hinted error also says what the reader can do about it.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

// A partial says that some of several accounts or files failed; each was reported. Its
// status is that of the first.
type partial struct {
	failed, all int
	first       error
	what        string
}

func (e partial) Error() string {
	return fmt.Sprintf("%d of %d %s failed; the others are done", e.failed, e.all, e.what)
}

func (e partial) Unwrap() error { return e.first }

// exitCode is the one place that maps errors to exit statuses.
func exitCode(ctx context.Context, err error) int {
	var (
		usage usageError
		file  archiveError
	)
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE):
		return exitDone
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &file), errors.Is(err, store.ErrTooNew), errors.Is(err, store.ErrForeign), errors.Is(err, store.ErrBusy),
		noRoom(err), errors.Is(err, store.ErrReadOnly), errors.Is(err, store.ErrDamaged):
		return exitArchive
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrAmbiguous), errors.Is(err, identity.ErrNoAccount):
		return exitNotFound
	case errors.Is(err, pds.ErrGone), errors.Is(err, identity.ErrTombstoned):
		return exitGone
	case errors.Is(err, archive.ErrStillIncomplete):
		return exitUnavailable
	case errors.Is(err, archive.ErrUnverified), errors.Is(err, archive.ErrUnchecked), errors.Is(err, proof.ErrUnproved), errors.Is(err, repo.ErrIncomplete), errors.Is(err, repo.ErrCorrupt), errors.Is(err, repo.ErrVersion), errors.Is(err, repo.ErrTruncated), errors.Is(err, repo.ErrSignature), errors.Is(err, repo.ErrNotCAR), errors.Is(err, archive.ErrNotImportable):
		return exitUnverified
	case errors.Is(err, pds.ErrUnavailable), errors.Is(err, identity.ErrUnavailable), errors.Is(err, polite.ErrUnavailable):
		return exitUnavailable
	}
	return exitFailed
}

// noRoom says whether a disk, or what the system allows a file to grow to, is full.
func noRoom(err error) bool {
	return errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrDisk) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG)
}

// hintFor is advice for errors that carry none of their own.
func hintFor(code int, err error) string {
	var h hinted
	if errors.As(err, &h) {
		return h.hint
	}
	switch {
	case errors.Is(err, store.ErrAmbiguous):
		return "give more characters of the id"
	case noRoom(err):
		return "the archive is as it was; make room on the disk and run the command again"
	case errors.Is(err, store.ErrBusy):
		return "wait until the other run has ended, then try again"
	case errors.Is(err, proof.ErrUnproved): // of a folder: no archive is concerned
		return ""
	case errors.As(err, new(partial)):
		return hintForSome(code)
	case code == exitUnverified:
		return "nothing was archived from it; the archive is as it was"
	case code == exitUnavailable:
		return "nothing was changed; try again later, or check the network and proxy settings"
	case code == exitGone:
		return "what was archived before is kept"
	}
	return ""
}

// hintForSome is advice where some of several failed, and the others are done.
func hintForSome(code int) string {
	switch code {
	case exitUnverified:
		return "nothing was archived from what failed"
	case exitUnavailable:
		return "try those again later, or check the network and proxy settings"
	case exitGone:
		return "what was archived before is kept"
	}
	return ""
}

// report prints an error once, as a sentence or as one JSON object.
func (a *app) report(ctx context.Context, err error) int {
	code := exitCode(ctx, err)
	if code == exitDone {
		return code
	}
	message, hint := err.Error(), hintFor(code, err)
	if code == exitInterrupted {
		message, hint = "interrupted; the archive is as it was before this step", ""
	}
	message, hint = a.asGiven(message), a.asGiven(hint)
	if a.json {
		line, _ := json.Marshal(struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
			Hint    string `json:"hint,omitempty"`
		}{code, message, hint})
		fmt.Fprintf(a.stderr, "%s\n", line)
		return code
	}
	fmt.Fprintf(a.stderr, "skyarchive: %s\n", message)
	if hint != "" {
		fmt.Fprintf(a.stderr, "  %s\n", hint)
	}
	return code
}
