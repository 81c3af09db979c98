package archive

import (
	"context"
	"errors"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// RetagOptions change what Retag does.
type RetagOptions struct {
	Force  bool // also an account that was read by this analysis already
	DryRun bool // say what would change, and change nothing
}

// Retagged is what reading an account again changed.
type Retagged struct {
	Report
	Was string // the analysis that its results came from
	Now string

	NewClaims, GoneClaims int
	MovedClaims           int // those with other bounds, under a new id
	Reviews               int // standing decisions of people on claims, of which
	Detached              int // so many are on claims that no longer are
	NewlyDetached         int // and so many were not before
}

// errDryRun undoes a transaction whose outcome was only to be seen.
var errDryRun = errors.New("dry run")

// Stale says whether an account's stored results come from another analysis than this one.
func (a *Archiver) Stale(acc store.Account) bool {
	return acc.Analysis != "" && acc.Analysis != a.AnalysisVersion()
}

// Retag reads an account's posts again with the present analysis, from the bytes as they
// were signed, in one transaction. What people decided stays: a review whose claim moved is
// found again by its words, else it is detached.
func (a *Archiver) Retag(ctx context.Context, did syntax.DID, opts RetagOptions) (Retagged, error) {
	rt := Retagged{Now: a.AnalysisVersion()}
	err := a.Store.Update(ctx, func(w store.Writer) error {
		acc, err := w.Account(ctx, did)
		if err != nil {
			return err
		}
		rt.Account, rt.Was, rt.Outcome = acc, acc.Analysis, Unchanged
		rt.Posts, rt.Threads, rt.Claims = acc.Posts, acc.Threads, acc.Claims
		if rt.Was == rt.Now && !opts.Force {
			return nil
		}
		rt.Outcome = Updated
		before, err := standing(ctx, w, did)
		if err != nil {
			return err
		}
		posts, err := a.everyPost(ctx, w, did)
		if err != nil {
			return err
		}
		if err := a.derive(ctx, w, posts, true, &rt.Report); err != nil {
			return err
		}
		after, err := standing(ctx, w, did)
		if err != nil {
			return err
		}
		if err := rt.compare(ctx, w, before, after); err != nil || !opts.DryRun {
			return err
		}
		return errDryRun
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return rt, err
}

// everyPost is all posts of an account, as its last state has them and with those that are
// gone. Posts without a state, kept for context, are as they stand.
func (a *Archiver) everyPost(ctx context.Context, r store.Reader, did syntax.DID) (*touched, error) {
	t := newTouched(did)
	t.all = true
	for p, err := range r.Posts(ctx, store.Query{DID: did, Live: true}) {
		if err != nil {
			return nil, err
		}
		cid, err := atproto.ParseCID(p.CID)
		if err != nil {
			return nil, err
		}
		t.entries[atproto.PathOf(p.URI)] = cid
	}
	states, err := store.Collect(r.States(ctx, did))
	if err != nil {
		return nil, err
	}
	for _, s := range states { // in their order, so that the last word is the head's
		a.progress("reading states", int64(len(t.entries)), 0)
		for e, err := range r.Changes(ctx, did, s.Commit) {
			if err != nil {
				return nil, err
			}
			if e.Path.Collection() == atproto.CollectionPost {
				t.entries[e.Path] = e.CID
			}
		}
	}
	return t, nil
}

// standings are an account's claims, and the decisions on claims that stand.
type standings struct {
	claims   map[string]bool
	reviews  int
	detached map[string]bool // ids of decisions
}

func standing(ctx context.Context, r store.Reader, did syntax.DID) (s standings, err error) {
	s = standings{claims: map[string]bool{}, detached: map[string]bool{}}
	for c, err := range r.Claims(ctx, store.Query{DID: did, All: true}) {
		if err != nil {
			return s, err
		}
		s.claims[c.Passage.Claim.ID] = true
	}
	decisions, err := store.Collect(r.Decisions(ctx, store.DecisionQuery{DID: did}))
	if err != nil {
		return s, err
	}
	for _, d := range analysis.Standing(decisions) {
		if d.OnClaim() {
			s.reviews++
		}
	}
	detached, err := r.Detached(ctx, did)
	for _, d := range detached {
		s.detached[d.ID] = true
	}
	return s, err
}

// compare counts what became of the claims that were there before.
func (rt *Retagged) compare(ctx context.Context, r store.Reader, before, after standings) error {
	became := map[string]bool{}
	for id := range before.claims {
		if after.claims[id] {
			continue
		}
		switch now, err := r.Claim(ctx, id); {
		case err == nil:
			rt.MovedClaims++
			became[now.Passage.Claim.ID] = true
		case errors.Is(err, store.ErrNotFound):
			rt.GoneClaims++
		default:
			return err
		}
	}
	for id := range after.claims {
		if !before.claims[id] && !became[id] {
			rt.NewClaims++
		}
	}
	rt.Reviews, rt.Detached = after.reviews, len(after.detached)
	for id := range after.detached {
		if !before.detached[id] {
			rt.NewlyDetached++
		}
	}
	return nil
}
