package review

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"skyarchive/analysis"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// The keys of verdicts, in the order of [analysis.Verdicts].
var verdictKeys = []struct {
	key     rune
	verdict analysis.Verdict
}{
	{'s', analysis.Supported}, {'r', analysis.Refuted}, {'m', analysis.Mixed},
	{'l', analysis.Misleading}, {'o', analysis.Outdated}, {'u', analysis.Unverifiable},
}

// help is what ? shows, after the verdicts.
const help = `  d    dismiss: then n not a claim, o off topic, d duplicate of another
  t    a note for yourselves        y    a summary for the public
  w    web address of a source      x    throw away what you wrote
  +    agree with a colleague       -    disagree
  n    or space: skip, it comes back next time
  z    undo your last decision      b    back to the claim before
  q    quit; the next run goes on here
`

const (
	keyEscape    = 0x1b
	keyInterrupt = 0x03 // Ctrl-C, which raw mode does not turn into a signal
	keyEnd       = 0x04 // Ctrl-D
	keyErase     = 0x7f
	keyBackspace = 0x08
	keyKill      = 0x15 // Ctrl-U
	keyPaste     = -1   // what was pasted is in Desk.pasted
)

// A terminal that is asked to says where a paste starts and ends: pasted words are no keys, and
// must judge no claims.
const (
	askForPastes = "\x1b[?2004h"
	noMorePastes = "\x1b[?2004l"
	pasteStarts  = "[200~"
	pasteEnds    = "\x1b[201~"
)

// key reads a key. Arrows and their like send several characters, which are none; a paste is
// one key.
func (d *Desk) key() (rune, error) {
	for {
		r, _, err := d.keys.ReadRune()
		if err != nil {
			return 0, err
		}
		if r != keyEscape || d.keys.Buffered() == 0 {
			return r, nil
		}
		switch name, err := d.sequence(); {
		case err != nil:
			return 0, err
		case name == pasteStarts:
			return keyPaste, d.paste()
		}
	}
}

// sequence reads what follows an escape character at once.
func (d *Desk) sequence() (string, error) {
	r, _, err := d.keys.ReadRune()
	name := string(r)
	if err != nil || r != '[' && r != 'O' {
		return name, err
	}
	for d.keys.Buffered() > 0 {
		r, _, err = d.keys.ReadRune()
		name += string(r)
		if err != nil || r >= 0x40 && r <= 0x7e {
			return name, err
		}
	}
	return name, nil
}

// paste reads to the end of a paste. Line breaks are spaces.
func (d *Desk) paste() error {
	var all strings.Builder
	for !strings.HasSuffix(all.String(), pasteEnds) {
		r, _, err := d.keys.ReadRune()
		if err != nil {
			return err
		}
		all.WriteRune(r)
	}
	text := strings.Join(strings.Fields(strings.TrimSuffix(all.String(), pasteEnds)), " ")
	d.pasted = slices.DeleteFunc([]rune(text), func(r rune) bool { return !unicode.IsPrint(r) })
	return nil
}

// obey does what a key asks for.
func (d *Desk) obey(ctx context.Context, key rune) error {
	d.message = ""
	for _, v := range verdictKeys {
		if key == v.key {
			return d.decide(ctx, analysis.Review{Status: analysis.Reviewed, Verdict: v.verdict})
		}
	}
	switch key {
	case 'd':
		return d.dismiss(ctx)
	case 't':
		return d.line("note", &d.draft.note)
	case 'y':
		return d.line("summary", &d.draft.summary)
	case 'w':
		return d.source()
	case '+':
		return d.opinion(ctx, analysis.DecidedAgree)
	case '-':
		return d.opinion(ctx, analysis.DecidedDisagree)
	case 'n', ' ':
		return d.skip(ctx)
	case 'b':
		if d.at == 0 {
			d.message = "this is the first claim"
			return nil
		}
		return d.back()
	case 'z':
		return d.takeBack(ctx)
	case 'x':
		d.draft = draft{}
	case 'q', keyInterrupt, keyEnd:
		return d.quit(ctx)
	case '?':
		return d.help()
	case '\r', '\n', keyEscape:
	case keyPaste:
		d.message = "a paste is no key; press t, y or w first to paste into a note, a summary or an address"
	default:
		if unicode.IsPrint(key) {
			d.message = fmt.Sprintf("%c does nothing here; ? shows the keys", key)
		}
	}
	return nil
}

// skip goes on; what was written without a verdict is kept as a note.
func (d *Desk) skip(ctx context.Context) error {
	if !d.draft.empty() {
		return d.decide(ctx, analysis.Review{})
	}
	d.tally.Skipped++
	d.next(d.at + 1)
	return nil
}

func (d *Desk) quit(ctx context.Context) error {
	if !d.draft.empty() {
		if err := d.decide(ctx, analysis.Review{}); err != nil || d.message != "" {
			return err
		}
	}
	return errQuit
}

// back shows the claim before, decided or not.
func (d *Desk) back() error {
	if !d.draft.empty() {
		d.message = "give a verdict, skip to keep what you wrote as a note, or throw it away with x"
		return nil
	}
	d.next(d.at - 1)
	d.revisit = true
	return nil
}

func (d *Desk) dismiss(ctx context.Context) error {
	if err := d.printf("  dismiss: n not a claim · o off topic · d duplicate of another · any other key: no "); err != nil {
		return err
	}
	key, err := d.key()
	if err != nil {
		return err
	}
	r := analysis.Review{Status: analysis.Dismissed}
	switch key {
	case 'n':
		r.Dismissal = analysis.NotAClaim
	case 'o':
		r.Dismissal = analysis.OffTopic
	case 'd':
		var id string
		if err := d.line("id of the other claim", &id); err != nil || id == "" {
			return err
		}
		r.Dismissal = analysis.DuplicateOf
		var err error
		if r.DuplicateOf, err = d.original(ctx, strings.TrimSpace(id)); err != nil {
			d.message = fmt.Sprintf("claim %s: %v", id, err)
			return nil
		}
	default:
		return nil
	}
	return d.decide(ctx, r)
}

// original is the whole id of the claim that the one shown repeats.
func (d *Desk) original(ctx context.Context, prefix string) (id string, err error) {
	err = d.Store.View(ctx, func(r store.Reader) error {
		c, err := r.Claim(ctx, prefix)
		if err != nil {
			return err
		}
		id = c.Passage.Claim.ID
		return CheckDuplicate(ctx, r, d.card.claim.Passage.Claim.ID, id, nil)
	})
	return id, err
}

func (d *Desk) source() error {
	var address string
	if err := d.line("web address", &address); err != nil || address == "" {
		return err
	}
	link, err := WebAddress(address)
	if err != nil {
		d.message = err.Error()
		return nil
	}
	d.draft.sources = append(slices.Clone(d.written().sources), analysis.Source{URL: link, Accessed: d.Now().UTC().Format("2006-01-02")})
	return nil
}

func (d *Desk) help() error {
	var text strings.Builder
	text.WriteString("\n")
	for _, v := range verdictKeys {
		for _, t := range d.Labels.All() {
			if t.Verdict == v.verdict {
				text.WriteString(fmt.Sprintf("  %c    %s · %s: %s\n", v.key, t.En, t.Fr, t.Definition))
			}
		}
	}
	if err := d.printf("%s%s\n  any key goes on ", text.String(), help); err != nil {
		return err
	}
	_, err := d.key()
	return err
}

// line lets the person write or change a line. Escape leaves it as it was.
func (d *Desk) line(label string, into *string) error {
	text := []rune(*into)
	for {
		if err := d.printf("\r%s  %s: %s", d.wipe(), label, tail(text, d.Columns-len(label)-6)); err != nil {
			return err
		}
		key, err := d.key()
		if err != nil {
			return err
		}
		switch key {
		case '\r', '\n':
			*into = strings.TrimSpace(string(text))
			return nil
		case keyEscape:
			return nil
		case keyInterrupt:
			return errQuit
		case keyEnd:
			return io.EOF
		case keyErase, keyBackspace:
			text = text[:max(0, len(text)-1)]
		case keyKill:
			text = nil
		case keyPaste:
			text = append(text, d.pasted...)
		default:
			if unicode.IsPrint(key) {
				text = append(text, key)
			}
		}
	}
}

// tail is the end of a line that is being written, as much of it as there is room for.
func tail(text []rune, columns int) string {
	for i := range text {
		if s := string(text[i:]); term.Width(s) <= columns {
			if i > 0 {
				return "…" + s
			}
			return s
		}
	}
	return ""
}

// wipe clears the line of the cursor, where there is a screen.
func (d *Desk) wipe() string {
	if d.Clear {
		return "\x1b[K"
	}
	return ""
}
