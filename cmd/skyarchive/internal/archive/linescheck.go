package archive

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// clockError is how much the clock of another archive's computer may be ahead of ours.
const clockError = 10 * time.Minute

// check looks at what can be told from the line at hand alone: what its fields are, that its
// times are not still to come, and that what is shown of it are words.
func (l *lineReader) check(now time.Time) error {
	c := lineCheck{lineReader: l, now: now}
	switch l.kind {
	case "account":
		c.account()
	case "identity":
		c.identity()
	case "plc_log":
		var line fileLog
		c.into(&line)
		c.time("at", line.At)
		c.word("host", line.Host)
	case "state":
		c.state()
	case "change":
		c.into(new(fileChange))
	case "record":
		c.into(new(fileRecord))
	case "context":
		c.context()
	case "file":
		var line fileFile
		c.into(&line)
		c.time("at", line.At)
		c.word("host", line.Host)
		c.word("mime", line.Kind)
	case "forgotten":
		var line fileForgotten
		c.into(&line)
		c.time("at", line.At)
	case "decision", "forgotten-decision":
		var line analysis.Decision
		c.into(&line)
		c.time("at", line.At)
	}
	return c.err
}

// A lineCheck is a line and the first thing that is wrong with it.
type lineCheck struct {
	*lineReader
	now time.Time
	err error
}

func (c *lineCheck) into(v any) { c.err = c.lineReader.into(v) }

func (c *lineCheck) fail(format string, args ...any) {
	if c.err == nil {
		c.err = c.wrong(fmt.Errorf("%w: %s", ErrUnverified, fmt.Sprintf(format, args...)))
	}
}

// time fails for a time that is still to come: it would outrank all that is seen until then.
func (c *lineCheck) time(name string, at time.Time) {
	if at.After(c.now.Add(clockError)) {
		c.fail("its %q, %s, is later than now, %s by this computer's clock; set the clock if it is slow, "+
			"else the other archive's clock was fast or the line was edited, and the file is not taken",
			name, at.UTC().Format(time.RFC3339), c.now.UTC().Format(time.RFC3339))
	}
}

// word fails for what is no line of text.
func (c *lineCheck) word(name, s string) {
	if strings.ContainsFunc(s, unicode.IsControl) {
		c.fail("its %q, %q, has control characters; give it another one in the archive that it comes from, and export again", name, s)
	}
}

// statuses are what a server may say of an account.
var statuses = []atproto.Status{
	"", atproto.Active, atproto.Deactivated, atproto.TakenDown, atproto.Suspended, atproto.Deleted, atproto.Inactive, "desynchronized", "throttled",
}

func (c *lineCheck) status(s atproto.Status) {
	if !slices.Contains(statuses, s) {
		c.fail("its \"status\" is %q, and may be one of %q", s, statuses[1:])
	}
}

func (c *lineCheck) account() {
	var line fileAccount
	c.into(&line)
	if line.DID == "" {
		c.fail("it names no account")
	}
	if line.Fetched != nil {
		c.time("fetched", *line.Fetched)
	}
	c.word("label", line.Label)
	c.word("pds", line.PDS)
	c.status(line.Status)
}

func (c *lineCheck) identity() {
	var line fileIdentity
	c.into(&line)
	c.time("at", line.At)
	c.word("pds", line.PDS)
	c.word("host", line.Host)
	c.status(line.Status)
}

func (c *lineCheck) state() {
	var line fileState
	c.into(&line)
	for _, seen := range line.Sightings {
		c.time("at", seen.At)
		c.word("host", seen.Host)
	}
}

// contextStates are what can become of asking for a post by somebody else.
var contextStates = []store.ContextState{
	store.ContextFound, store.ContextDeleted, store.ContextBlocked, store.ContextNotFound, store.ContextAccountGone, store.ContextUnavailable,
}

func (c *lineCheck) context() {
	var line fileContext
	c.into(&line)
	c.time("seen_at", line.Seen)
	c.time("state_at", line.At)
	if line.Counts != nil {
		c.time("at", line.Counts.At)
	}
	c.word("handle", line.Handle)
	c.word("host", line.Host)
	c.word("from", line.From)
	if c.err == nil && !slices.Contains(contextStates, line.State) {
		c.fail("its \"state\" is %q, and may be one of %q", line.State, contextStates)
	}
}
