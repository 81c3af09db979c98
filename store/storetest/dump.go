package storetest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// Dump writes in plain lines what an archive holds: accounts, evidence, posts, threads,
// claims and decisions. It leaves out when and from which file evidence came, so archives
// that hold the same give the same lines, whatever order it came in.
func Dump(ctx context.Context, r store.Reader, w io.Writer) error {
	d := dumper{ctx: ctx, Reader: r, w: w}
	accounts, err := store.Collect(r.Accounts(ctx))
	if err != nil {
		return err
	}
	slices.SortFunc(accounts, func(a, b store.Account) int { return cmp.Compare(a.DID, b.DID) })
	for _, acc := range accounts {
		d.line("account %s %s label %q status %q: %d posts, %d threads, %d claims", acc.DID, acc.Handle, acc.Label, acc.Status, acc.Posts, acc.Threads, acc.Claims)
		if err := errors.Join(d.identity(acc.DID), d.states(acc.DID), d.posts(acc.DID), d.decisions(acc.DID), d.err); err != nil {
			return err
		}
	}
	for c, err := range r.Contexts(ctx) {
		if err != nil {
			return err
		}
		d.line("by others %s %s: %s, signature %q, proof of %d bytes, %q", c.URI, c.CID, c.State, c.Signature, len(c.Proof), c.Text)
	}
	return d.err
}

type dumper struct {
	store.Reader
	ctx context.Context // of one call of Dump
	w   io.Writer
	err error
}

func (d *dumper) line(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.w, format+"\n", args...)
	}
}

func (d *dumper) identity(did syntax.DID) error {
	ids, err := store.Collect(d.Identities(d.ctx, did))
	if err != nil {
		return err
	}
	for _, id := range ids {
		d.line("\tidentity %s %s document %x", id.Handle, id.Status, sha256.Sum256(id.Document))
	}
	logs, err := store.Collect(d.PLCLogs(d.ctx, did))
	for _, log := range logs {
		d.line("\tlog of the directory %x", sha256.Sum256(log.Raw))
	}
	return err
}

func (d *dumper) states(did syntax.DID) error {
	states, err := store.Collect(d.States(d.ctx, did))
	if err != nil {
		return err
	}
	invalid, err := store.Collect(d.InvalidStates(d.ctx, did))
	if err != nil {
		return err
	}
	for _, s := range append(states, invalid...) {
		d.line("\tstate %s %s root %s signature %s %s", s.Rev, s.Commit, s.Data, s.Signature, s.Key)
		if c := atproto.CIDOf(s.Signed); c != s.Commit {
			d.line("\t\tits signed bytes are %s", c)
		}
		changes, err := store.Collect(d.Changes(d.ctx, did, s.Commit))
		if err != nil {
			return err
		}
		for _, e := range changes {
			raw, err := d.Record(d.ctx, did, e.CID)
			switch {
			case e.CID.IsZero():
				d.line("\t\t%s is gone", e.Path)
			case errors.Is(err, store.ErrNotFound):
				d.line("\t\t%s %s", e.Path, e.CID)
			case err != nil:
				return err
			default:
				d.line("\t\t%s %s, %d bytes that hash to it: %v", e.Path, e.CID, len(raw), e.CID.Names(raw))
			}
		}
	}
	return nil
}

func (d *dumper) posts(did syntax.DID) error {
	posts, err := store.Collect(d.Posts(d.ctx, store.Query{DID: did, Oldest: true}))
	if err != nil {
		return err
	}
	slices.SortFunc(posts, func(a, b store.Post) int { return cmp.Compare(a.URI, b.URI) })
	for _, p := range posts {
		d.line("\tpost %s %s %s, rev %s, %d earlier versions, signature %s, in thread %q, %q", atproto.KeyOf(p.URI), p.CID, p.Status, p.Rev, p.Edited, p.Signature, p.Thread, p.Text)
	}
	threads, err := store.Collect(d.Threads(d.ctx, store.Query{DID: did, Oldest: true}))
	if err != nil {
		return err
	}
	slices.SortFunc(threads, func(a, b store.Thread) int { return cmp.Compare(a.Root, b.Root) })
	for _, t := range threads {
		d.line("\tthread %s: %v, branches %v, complete %v, joins %v, gaps %v", t.ID, t.Posts, t.Branches, t.Complete, t.Joins, t.Gaps)
	}
	claims, err := store.Collect(d.Claims(d.ctx, store.Query{DID: did, All: true}))
	if err != nil {
		return err
	}
	slices.SortFunc(claims, func(a, b store.Claim) int { return cmp.Compare(a.Claim.ID, b.Claim.ID) })
	for _, c := range claims {
		d.line("\tclaim %s %s %s: %q", c.Claim.ID, c.Review.Status, c.Review.Verdict, c.Text)
	}
	return nil
}

func (d *dumper) decisions(did syntax.DID) error {
	list, err := store.Collect(d.Decisions(d.ctx, store.DecisionQuery{DID: did}))
	for _, e := range list {
		d.line("\tdecision %s %s on %s by %s at %s: %s", e.ID, e.Kind, e.Subject, e.By, e.At, e.Body)
	}
	return err
}
