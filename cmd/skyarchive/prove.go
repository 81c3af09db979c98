package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

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

// isProof says whether an argument of verify names a folder or file and not an account.
func isProof(arg string) bool {
	info, err := os.Stat(arg)
	return err == nil && (info.IsDir() || strings.HasSuffix(arg, ".car"))
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
		return errors.Join(term.JSONLine(a.stdout, struct {
			proof.Statement
			Signature atproto.Signature `json:"signature"`
			Signer    string            `json:"key_named_by,omitempty"`
			Held      bool              `json:"held"`
			Absent    bool              `json:"absent_later"`
		}{c.Statement, c.Signature, c.Signer, c.Record != nil, c.Absent}), err)
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
			return proof.Checked{}, usageError{err}
		}
	}
	return proof.CheckFile(ctx, name, syntax.ATURI(uri), document, log)
}
