package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/export"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// A listedAccount is an account as lists name and explain it.
type listedAccount struct {
	store.Account
	name      string
	head      store.State       // zero: all states that are here were signed by somebody else
	told      bool              // Fetched is what another archive tells
	forgotten *store.Forgetting // the whole account
	without   int               // posts that were forgotten one by one
}

// listAccounts reads all accounts with what a reader should know of them.
func listAccounts(ctx context.Context, r store.Reader) ([]listedAccount, error) {
	all, err := store.Collect(r.Accounts(ctx))
	if err != nil {
		return nil, err
	}
	bearers := map[string]int{} // of a name: more than one when the handle went to somebody else
	for _, acc := range all {
		bearers[strings.ToLower(acc.Mention())]++
	}
	list := make([]listedAccount, len(all))
	for i, acc := range all {
		l := &list[i]
		l.Account, l.name = acc, acc.Mention()
		if bearers[strings.ToLower(l.name)] > 1 {
			l.name += " (" + string(acc.DID) + ")"
		}
		if acc.Label != "" {
			l.name = acc.Label + " (" + l.name + ")"
		}
		if err := l.look(ctx, r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (l *listedAccount) look(ctx context.Context, r store.Reader) (err error) {
	if l.head, err = r.Head(ctx, l.DID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if l.told, err = export.FetchedTold(ctx, r, l.Account); err != nil {
		return err
	}
	for f, err := range r.Forgettings(ctx, l.DID) {
		if err != nil {
			return err
		}
		if f.URI == "" {
			l.forgotten = &f
		} else {
			l.without++
		}
	}
	return nil
}

// imported is when a file last brought what is here of an account that the network did not
// confirm; zero if there is none.
func (l *listedAccount) imported() time.Time {
	if !l.Fetched.IsZero() || len(l.head.Sightings) == 0 {
		return time.Time{}
	}
	last := l.head.Sightings[len(l.head.Sightings)-1]
	if !last.Told.IsZero() {
		return last.Told.At
	}
	return last.At
}

// seen is when the network last confirmed what is here, or a file brought it.
func (l *listedAccount) seen(loc *time.Location) string {
	switch {
	case l.told:
		return "by another archive " + term.Moment(l.Fetched, loc)
	case !l.Fetched.IsZero():
		return term.Moment(l.Fetched, loc)
	}
	if at := l.imported(); !at.IsZero() {
		return "imported " + term.Moment(at, loc)
	}
	return "imported"
}

// remarks explain what is here of the account, and what is not.
func (l *listedAccount) remarks(loc *time.Location) (list []string) {
	if l.forgotten != nil {
		return []string{"forgotten on " + term.Moment(l.forgotten.At, loc)}
	}
	if l.Status != atproto.Active && l.Status != "" {
		list = append(list, goneText(l.Status)+"; what was archived is kept")
	}
	if l.name == string(l.DID) {
		list = append(list, "no handle of it is confirmed")
	}
	if l.without > 0 {
		list = append(list, count(l.without, "post")+" forgotten on purpose")
	}
	switch {
	case l.head.Signature == atproto.SignatureUnchecked:
		list = append(list, "signature: unchecked, until a fetch gives its key")
	case len(l.head.Sightings) == 0:
		list = append(list, "nothing that it signed is here")
	case l.Posts == 0 && l.without == 0:
		list = append(list, "it has no posts now")
	}
	return list
}
