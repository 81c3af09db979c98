package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newVerifyCommand(a *app) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:     "verify [account or proof]...",
		GroupID: groupArchive,
		Short:   "Check, offline, that the archived bytes were signed with the account's key",
		Long: `Check what the archive keeps of every account, or of those named, without a network:
the bytes of each record against their hash; each signed state, its tree rebuilt from
the list of all records against the root that was signed; the signature with a key of
the account; the directory's log that says whose key it was; the posts that are shown,
which of them as deleted, against the last signed state. Of an account of which no key
is known, such as one imported from a file alone, the signatures cannot be checked; the
status is 4 then too.

What this shows: the account's key signed exactly these bytes. What it does not show:
that a post is true; when it was written (dates are claims of author, host and
directory); who typed it (the host usually holds the key); what vanished between two
fetches.

A folder that skyarchive prove made, or a single post.car, is checked with nothing but
its files; a server's answer to com.atproto.sync.getRecord is such a file too. With
--json, what only proof.json says and no signature covers is under "stated".
` + statusHelp,
		Example: "  skyarchive verify\n  skyarchive verify louwelgryn.bsky.social --json\n  skyarchive verify proof/",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && isProof(args[0]) {
				for _, name := range args {
					if err := verifyProof(cmd.Context(), a, name, f); err != nil {
						return err
					}
				}
				return nil
			}
			for _, name := range args {
				if isFolder(name) && strings.ContainsRune(name, filepath.Separator) {
					return usagef("%s is no folder that prove made: it has no proof.json", name)
				}
				if strings.HasSuffix(name, ".car") || !strings.Contains(name, "://") && strings.ContainsRune(name, filepath.Separator) {
					return usagef("%s: no such file or folder", name)
				}
			}
			err := verify(cmd.Context(), a, args)
			if errors.Is(err, store.ErrNotFound) && slices.ContainsFunc(args, isFolder) {
				return hinted{err, "a folder of that name is no proof: it has no proof.json"}
			}
			return err
		},
	}
	cmd.Flags().StringVar(&f.document, "did-doc", "", "for a single CAR: `file` with the account's DID document")
	cmd.Flags().StringVar(&f.plcLog, "plc-log", "", "for a single CAR: `file` with the directory's log of the account")
	cmd.Flags().StringVar(&f.uri, "uri", "", "for a single CAR: the at:// URI of the post it should prove")
	return cmd
}

// verifyLine is what --json prints of an account.
type verifyLine struct {
	DID       string        `json:"did"`
	Handle    string        `json:"handle"`
	Holds     bool          `json:"holds"`
	States    int           `json:"states"`
	Signed    int           `json:"signed"`
	Records   int           `json:"records"`
	Missing   int           `json:"missing"`
	Forgotten int           `json:"forgotten"`
	Keys      []keyLine     `json:"keys"`
	Log       string        `json:"log"`
	NoKey     bool          `json:"no_key"`
	Invalid   []invalidLine `json:"invalid"` // signed by somebody else: none of States
	Wrong     []string      `json:"wrong"`
}

// invalidLine is a state that somebody else signed.
type invalidLine struct {
	Rev    string      `json:"rev"`
	Commit atproto.CID `json:"commit"`
	Seen   time.Time   `json:"seen_at"`
	From   string      `json:"from"`
}

type keyLine struct {
	Key       string     `json:"key"`
	From      *time.Time `json:"from"`
	Until     *time.Time `json:"until"`
	Operation string     `json:"operation,omitempty"`
	States    int        `json:"states"`
	Outside   int        `json:"dated_outside"` // of them, those whose revision is dated before from or behind until
}

func newVerifyLine(v archive.Verification) verifyLine {
	line := verifyLine{
		DID: string(v.Account.DID), Handle: string(v.Account.Handle), Holds: v.Holds(), States: v.States, Signed: v.Signed,
		Records: v.Records, Missing: v.Missing, Forgotten: v.Forgotten, Log: v.Log, NoKey: v.NoKey, Wrong: append([]string{}, v.Wrong...), Keys: []keyLine{}, Invalid: []invalidLine{},
	}
	for _, s := range v.Invalid {
		first := s.First()
		line.Invalid = append(line.Invalid, invalidLine{s.Rev, s.Commit, first.At.UTC(), cmp.Or(first.Host, first.From)})
	}
	for _, k := range v.Keys {
		l := keyLine{Key: k.Key, Operation: k.Operation, States: k.States, Outside: k.Outside}
		if !k.From.IsZero() {
			l.From = &k.From
		}
		if !k.Until.IsZero() {
			l.Until = &k.Until
		}
		line.Keys = append(line.Keys, l)
	}
	return line
}

func verify(ctx context.Context, a *app, names []string) (err error) {
	var result verified
	var checked []archive.Verification
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	arch := a.archiver(s)
	err = s.View(ctx, func(r store.Reader) error {
		dids, err := accountsNamed(ctx, r, names)
		if err != nil {
			return err
		}
		for _, did := range dids {
			bar := a.progress(string(did))
			arch.Progress = bar.show
			v, err := arch.Verify(ctx, r, did)
			bar.clear()
			if err != nil {
				return err
			}
			result.add(v)
			if err := a.writeVerification(v); err != nil {
				return err
			}
			checked = append(checked, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := arch.Doubt(ctx, checked); err != nil {
		a.say("the archive cannot be written, so the next fetch does not know what is to be mended (%v); fetch --whole looks for all", err)
	}
	return result.err()
}

// accountsNamed are the DIDs of the accounts named, of all if none is.
func accountsNamed(ctx context.Context, r store.Reader, names []string) ([]syntax.DID, error) {
	var dids []syntax.DID
	if len(names) == 0 {
		for acc, err := range r.Accounts(ctx) {
			if err != nil {
				return nil, err
			}
			dids = append(dids, acc.DID)
		}
		return dids, nil
	}
	for _, name := range names {
		acc, err := accountNamed(ctx, r, name)
		if err != nil {
			return nil, err
		}
		dids = append(dids, acc.DID)
	}
	return dids, nil
}

func (a *app) writeVerification(v archive.Verification) error {
	if a.json {
		return term.JSONLine(a.stdout, newVerifyLine(v))
	}
	word := "holds"
	switch {
	case len(v.Wrong) > 0:
		word = "DOES NOT HOLD"
	case v.NoKey:
		word = "could not be checked: no key known"
	}
	p := func(format string, args ...any) error {
		_, err := fmt.Fprintf(a.stdout, format+"\n", args...)
		return err
	}
	err := p("%s: %s · %s rebuilt, %d with a valid signature · the bytes of %s are right",
		v.Account.Name(), a.style().Bold(word), count(v.States, "state"), v.Signed, count(v.Records, "record"))
	for _, k := range v.Keys {
		if err == nil {
			err = p("  key %s signed %s%s", k.Key, count(k.States, "state"), interval(k))
		}
		if k.Outside > 0 && err == nil {
			err = p("    %s by the revision outside that time: signed before the directory knew the key, or with a key that was the account's no more", count(k.Outside, "state")+" of them dated")
		}
	}
	if v.Log != "" && err == nil {
		err = p("  %s", v.Log)
	}
	if v.Missing > 0 && err == nil {
		err = p("  the bytes of %s are not here: no server gave them, or somebody took them out; their hashes are in the signed tree", count(v.Missing, "record"))
	}
	if v.Forgotten > 0 && err == nil {
		err = p("  %s forgotten on purpose; path and hash are in the signed tree", count(v.Forgotten, "record"))
	}
	if unsigned := v.States - v.Signed; unsigned > 0 && !v.NoKey && len(v.Wrong) == 0 && err == nil {
		err = p("  %s could not be checked with the keys that are known", count(unsigned, "state"))
	}
	for _, s := range v.Invalid {
		if first := s.First(); err == nil {
			err = p("  state %s was not signed by the account's key: kept as evidence and not shown (%s, %s)", s.Rev, cmp.Or(first.Host, first.From), term.Moment(first.At, time.UTC))
		}
	}
	for _, w := range v.Wrong {
		if err == nil {
			err = p("  wrong: %s", w)
		}
	}
	return err
}

// interval says from when to when the directory attests a key.
func interval(k archive.KeyUse) string {
	switch {
	case k.Operation == "" && !k.From.IsZero():
		return fmt.Sprintf("; a DID document named it on %s", term.Moment(k.From, time.UTC))
	case k.From.IsZero():
		return "; named by operation " + k.Operation + " of the directory's log"
	case k.Until.IsZero():
		return fmt.Sprintf("; the directory attests it since %s, by operation %s", term.Moment(k.From, time.UTC), k.Operation)
	}
	return fmt.Sprintf("; the directory attests it from %s to %s, by operation %s", term.Moment(k.From, time.UTC), term.Moment(k.Until, time.UTC), k.Operation)
}
