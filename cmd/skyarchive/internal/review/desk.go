package review

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// A Desk is where a person judges claims one after the other with single keys. Everything
// decided is written at once, so leaving at any moment loses nothing but a draft.
type Desk struct {
	Store   store.Store
	In      io.Reader // keys, as a terminal in raw mode sends them
	Out     io.Writer // where a line ends in a line feed
	By      string
	Now     func() time.Time
	Zone    *time.Location
	Labels  Labels
	Style   term.Style
	Columns int
	Clear   bool // start every claim on an empty screen
	OnlyNew bool // pass over claims that somebody has decided meanwhile

	keys    *bufio.Reader
	queue   []string // claim ids
	at      int
	revisit bool // the claim at hand is shown again, decided or not
	card    card
	draft   draft
	message string
	pasted  []rune
	undo    []done // what was decided here, oldest first
	tally   Tally
}

// Tally is what was done at a desk.
type Tally struct {
	Decided, Noted, Skipped, Undone, Left int
}

// A draft is what was written about a claim and waits for its verdict.
type draft struct {
	note, summary string
	sources       []analysis.Source
}

func (d draft) empty() bool { return d.note == "" && d.summary == "" && len(d.sources) == 0 }

// done is a decision that may be undone.
type done struct {
	decision analysis.Decision
	at       int // the claim's place in the queue
	draft    draft
}

// errQuit ends the work at a desk.
var errQuit = errors.New("quit")

// Run shows the claims of a query one after the other until there are no more or the person
// leaves.
func (d *Desk) Run(ctx context.Context, q store.Query) (Tally, error) {
	err := d.Store.View(ctx, func(r store.Reader) error {
		for c, err := range r.Claims(ctx, q) {
			if err != nil {
				return err
			}
			if !d.OnlyNew || c.Review.Status == analysis.New {
				d.queue = append(d.queue, c.Passage.Claim.ID)
			}
		}
		return nil
	})
	if err != nil {
		return d.tally, err
	}
	d.keys = bufio.NewReader(d.In)
	if d.Clear {
		if err := d.printf(askForPastes); err != nil {
			return d.tally, err
		}
		defer func() { _ = d.printf(noMorePastes) }() // the person leaves: what the terminal does then is all that is at stake
	}
	for len(d.queue) > 0 && err == nil {
		if d.at == len(d.queue) {
			err = d.last(ctx)
			continue
		}
		var pass bool
		if pass, err = d.load(ctx); pass {
			d.at++
		} else if err == nil {
			err = d.judge(ctx)
		}
	}
	d.tally.Left = len(d.queue) - d.at
	if errors.Is(err, errQuit) || errors.Is(err, io.EOF) {
		err = nil
	}
	return d.tally, err
}

// load reads the claim that comes next, as it stands now: a colleague may be at work too.
func (d *Desk) load(ctx context.Context) (pass bool, err error) {
	err = d.Store.View(ctx, func(r store.Reader) error {
		d.card, err = readCard(ctx, r, d.queue[d.at])
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return true, nil // a fetch or retag took it away
	}
	revisit := d.revisit
	d.revisit = false
	return d.OnlyNew && d.card.claim.Review.Status != analysis.New && !revisit, err
}

// last is shown behind the last claim, whose verdict can still be taken back.
func (d *Desk) last(ctx context.Context) error {
	if d.tally.Decided+d.tally.Noted+d.tally.Skipped == 0 {
		return errQuit
	}
	if err := d.printf("\n  no more claims here: z takes the last decision back, b shows the last claim again, any other key ends "); err != nil {
		return err
	}
	key, err := d.key()
	switch {
	case err != nil:
		return err
	case key == 'z' && len(d.undo) > 0:
		return d.takeBack(ctx)
	case key == 'b':
		return d.back()
	}
	return errQuit
}

// judge shows the claim and obeys keys until it is done with.
func (d *Desk) judge(ctx context.Context) error {
	place := d.at
	for d.at == place && !d.revisit {
		if err := d.show(); err != nil {
			return err
		}
		key, err := d.key()
		if err != nil {
			return err
		}
		if err := d.obey(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// next goes on to another claim with a clean sheet.
func (d *Desk) next(at int) { d.at, d.draft = at, draft{} }

// decide writes a review of the claim and goes on.
func (d *Desk) decide(ctx context.Context, r analysis.Review) error {
	r.Note, r.Summary, r.Sources = d.draft.note, d.draft.summary, d.draft.sources
	amended, unchanged, err := Amend(r, d.card.claim, d.By)
	if errors.Is(err, ErrNoVerdict) {
		d.message = "what you wrote needs a verdict, since others have judged this claim; x throws it away"
		return nil
	}
	if unchanged && !d.card.claim.Outdated {
		d.message = "that is what you said before; nothing new was written"
		return nil
	}
	if err := d.write(ctx, analysis.DecidedReview, amended); err != nil {
		return err
	}
	if amended.Status == analysis.New {
		d.tally.Noted++
	} else {
		d.tally.Decided++
	}
	return nil
}

// opinion agrees or disagrees with the last review of the claim.
func (d *Desk) opinion(ctx context.Context, kind analysis.DecisionKind) error {
	last, _, reviewed := analysis.LastReview(d.card.claim.Reviews)
	switch {
	case !reviewed:
		d.message = "nobody has judged this claim yet"
		return nil
	case last.By == d.By:
		d.message = "the last review is yours; it is for others to agree or disagree"
		return nil
	}
	d.tally.Decided++
	return d.write(ctx, kind, analysis.Opinion{Review: last.ID, Note: d.draft.note})
}

// write keeps a decision and goes on to the next claim.
func (d *Desk) write(ctx context.Context, kind analysis.DecisionKind, body any) error {
	c := d.card.claim
	entry, err := d.add(ctx, kind, c, c.Passage.Claim.ID, body)
	if err != nil {
		return err
	}
	d.undo = append(d.undo, done{entry, d.at, d.draft})
	d.next(d.at + 1)
	return nil
}

func (d *Desk) add(ctx context.Context, kind analysis.DecisionKind, c store.Claim, subject string, body any) (analysis.Decision, error) {
	entry, err := analysis.NewDecision(kind, c.Author.DID, subject, d.By, d.Now(), body)
	if err != nil {
		return entry, err
	}
	return entry, d.Store.Update(ctx, func(w store.Writer) error {
		_, err := w.AddDecision(ctx, entry)
		return err
	})
}

// takeBack undoes the last decision made here by a new entry, and shows its claim again
// with what had been written about it.
func (d *Desk) takeBack(ctx context.Context) error {
	if len(d.undo) == 0 {
		d.message = "nothing was decided here yet; skyarchive reviews undo ID undoes an earlier decision"
		return nil
	}
	last := d.undo[len(d.undo)-1]
	if _, err := d.add(ctx, analysis.DecidedUndo, store.Claim{Author: atproto.Account{DID: last.decision.DID}}, last.decision.ID, struct{}{}); err != nil {
		return err
	}
	d.undo = d.undo[:len(d.undo)-1]
	d.tally.Undone++
	d.next(last.at)
	d.draft = last.draft
	d.revisit = true
	d.message = "undone; the entry stays in the claim's history"
	return nil
}

func (d *Desk) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(d.Out, format, args...)
	return err
}
