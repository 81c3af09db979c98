package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/spf13/cobra"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/proof"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

func newProveCommand(a *app) *cobra.Command {
	var out, version string
	cmd := &cobra.Command{
		Use:     "prove <post>",
		GroupID: groupShare,
		Short:   "Write what anybody needs to check a post's signature without this archive",
		Long: `Write a folder that proves, offline and years later, that a post's bytes stood in a
state of the repository that was signed with the account's key: post.car (the signed
state, the path through its tree, the record), did.json, plc-log.json, a page for
people in French and English, checksums, and how to check. Deleted and edited posts
too: for a deleted one gone.car proves that a later signed state lacks it.

skyarchive verify FOLDER checks it anywhere.
` + statusHelp,
		Example: "  skyarchive prove https://bsky.app/profile/louwelgryn.bsky.social/post/3lmfq2k6zv22f -o proof/\n  skyarchive verify proof/",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var cid atproto.CID
			if version != "" {
				var err error
				if cid, err = atproto.ParseCID(version); err != nil {
					return usagef("--version: %w", err)
				}
			}
			if out == "" {
				return usagef("say where to: skyarchive prove %s -o FOLDER", args[0])
			}
			return prove(cmd.Context(), a, args[0], cid, out)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "`folder` to write to, new or empty")
	cmd.Flags().StringVar(&version, "version", "", "`CID` of an earlier version of an edited post")
	return cmd
}

func prove(ctx context.Context, a *app, name string, cid atproto.CID, out string) error {
	return a.view(ctx, func(r store.Reader) error {
		uri, err := postNamed(ctx, r, name)
		if err != nil {
			return err
		}
		s, err := proof.Write(ctx, r, uri, cid, out, version, a.now())
		if err != nil {
			return fmt.Errorf("prove %s: %w", name, err)
		}
		if a.json {
			return term.JSONLine(a.stdout, s)
		}
		a.say("proof of « %s » in %s; check it anywhere with: skyarchive verify %s", term.Cut(s.Text, 60), out, out)
		if s.FirstTold != nil {
			a.say("when it was first seen is what another archive tells (%s), and the proof says so", s.FirstTold.By)
		}
		if s.Key == "" {
			a.say("the signature was never checked: the archive knows no key of the account")
		}
		return nil
	})
}

// verifyFlags are the flags of verify for proofs.
type verifyFlags struct {
	document, plcLog, uri string
}

// isProof says whether an argument of verify names a proof, and not an account: a folder may
// have the name of one.
func isProof(arg string) bool {
	info, err := os.Stat(arg)
	return err == nil && (proof.IsFolder(arg) || !info.IsDir() && strings.HasSuffix(arg, ".car"))
}

// proofLine is what --json prints of a proof: what follows from the signed bytes and, apart, what
// nobody can check.
type proofLine struct {
	URI       syntax.ATURI      `json:"uri"`
	DID       syntax.DID        `json:"did"`
	CID       atproto.CID       `json:"cid"`
	Rev       string            `json:"rev"`
	Commit    atproto.CID       `json:"commit"`
	Key       string            `json:"key"`
	Operation string            `json:"key_operation,omitempty"`
	Claimed   string            `json:"claimed_created_at"`
	KeyTime   *time.Time        `json:"record_key_time"`
	RevTime   *time.Time        `json:"rev_time"`
	Text      string            `json:"text"`
	Signature atproto.Signature `json:"signature"`
	Signer    string            `json:"key_named_by,omitempty"`
	Held      bool              `json:"held"`
	Absent    bool              `json:"absent_later"`
	Stated    *statedLine       `json:"stated,omitempty"` // only by proof.json
}

type statedLine struct {
	Handle    syntax.Handle `json:"handle"`
	FirstSeen time.Time     `json:"first_seen_at"`
	FirstTold *proof.Told   `json:"first_seen_told,omitempty"`
	Early     bool          `json:"first_seen_before_rev,omitempty"`
	SeenFrom  string        `json:"first_seen_from"`
	LastSeen  time.Time     `json:"last_seen_at,omitzero"`
	LastTold  *proof.Told   `json:"last_seen_told,omitempty"`
	Gone      *proof.Gone   `json:"gone,omitempty"`
	Edited    bool          `json:"edited_later"`
	Program   string        `json:"program"`
	Made      time.Time     `json:"made_at"`
}

func newProofLine(c proof.Checked) proofLine {
	line := proofLine{
		URI: c.URI, DID: c.DID, CID: c.CID, Rev: c.Rev, Commit: c.Commit, Key: c.Key, Operation: c.Operation,
		Claimed: c.Claimed, KeyTime: c.KeyTime, RevTime: c.RevTime, Text: c.Text,
		Signature: c.Signature, Signer: c.Signer, Held: c.Record != nil, Absent: c.Absent,
	}
	if !c.Made.IsZero() {
		line.Stated = &statedLine{c.Handle, c.FirstSeen, c.FirstTold, c.Early, c.SeenFrom, c.LastSeen, c.LastTold, c.Gone, c.Edited, c.Program, c.Made}
	}
	return line
}

func verifyProof(ctx context.Context, a *app, name string, f verifyFlags) error {
	c, err := checkProof(ctx, name, f)
	if err != nil {
		return err
	}
	if c.Signature != atproto.SignatureValid {
		err = hinted{fmt.Errorf("%s: %w: there is no key to check the signature with", name, proof.ErrUnproved),
			"give the account's DID document with --did-doc, or the directory's log with --plc-log"}
	}
	if a.json {
		return errors.Join(term.JSONLine(a.stdout, newProofLine(c)), err)
	}
	p := func(format string, args ...any) { fmt.Fprintf(a.stdout, format+"\n", args...) }
	if c.Record == nil {
		p("%s: the signed state %s holds no such record", c.URI, c.Rev)
	} else {
		p("%s: stood in the signed state %s, in exactly these bytes (%s)", c.URI, c.Rev, c.CID)
	}
	p("  signature: %s", c.Signature)
	if c.Key != "" {
		p("  key %s, named by %s", c.Key, c.Signer)
	}
	if c.Absent {
		p("  a later signed state no longer holds it")
	}
	if c.Text != "" {
		p("  « %s »", term.Clean(c.Text))
	}
	if c.FirstTold != nil {
		p("  First seen on %s by another archive, as it tells; who made this folder took that over on %s (%s).",
			term.Moment(c.FirstSeen, time.UTC), term.Moment(c.FirstTold.At, time.UTC), term.Clean(c.FirstTold.By))
	}
	if c.Early {
		p("  That is earlier than the signed state itself: one of the two clocks was wrong, or the date was invented.")
	}
	p("  This does not show that the post is true, when it was written, or who typed it.")
	return err
}

func checkProof(ctx context.Context, name string, f verifyFlags) (proof.Checked, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return proof.CheckFolder(ctx, name)
	}
	if f.uri == "" {
		return proof.Checked{}, usagef("%s: say which post it should prove, with --uri at://…", name)
	}
	uri, err := atproto.ParsePost(f.uri)
	if err != nil || !strings.HasPrefix(atproto.AuthorOf(uri), "did:") {
		return proof.Checked{}, usagef("--uri %s: write it with the DID: at://did:…/app.bsky.feed.post/…", f.uri)
	}
	var document, log []byte
	for _, in := range []struct {
		name string
		to   *[]byte
	}{{f.document, &document}, {f.plcLog, &log}} {
		if in.name == "" {
			continue
		}
		if *in.to, err = os.ReadFile(in.name); err != nil {
			return proof.Checked{}, unread(in.name, err)
		}
	}
	return proof.CheckFile(ctx, name, syntax.ATURI(uri), document, log)
}
