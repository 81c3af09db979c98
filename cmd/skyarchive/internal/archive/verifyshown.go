package archive

import (
	"context"
	"slices"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// shownExamples is how many posts are named that are shown otherwise than they were signed.
const shownExamples = 5

// verifyShown compares the posts that the archive shows with the last signed state, whose tree
// was rebuilt: which stand there, in which version, and which are gone. What is shown is
// derived, but people read it, and not the states.
func (a *Archiver) verifyShown(ctx context.Context, r store.Reader, v *Verification, tree *repo.Tree, gone *forgotten) error {
	if v.States == 0 {
		if v.Account.Posts > 0 {
			v.wrong("no signed state is kept of its %s", number(v.Account.Posts, "post"))
		}
		return nil
	}
	standing := 0
	for e := range tree.All() {
		if e.Path.Collection() == atproto.CollectionPost && !gone.has(e.Path) {
			standing++
		}
	}
	odd := 0
	wrong := func(path atproto.Path, what string) {
		if odd++; odd <= shownExamples {
			v.wrong("%s: %s", path, what)
		}
	}
	const otherBytes = "it is shown in other bytes than those that were signed"
	var deleted []atproto.Ref
	for o, err := range r.Outlines(ctx, v.Account.DID) {
		if err != nil {
			return err
		}
		path := atproto.PathOf(o.URI)
		signed := tree.Get(path)
		switch {
		case o.Status == store.Forgotten:
		case o.Status == store.Gone && signed.IsZero():
			deleted = append(deleted, o.Ref)
		case o.Status == store.Gone:
			standing--
			wrong(path, "it is shown as deleted, and stands in the last signed state")
		case signed.IsZero():
			wrong(path, "it is shown, and does not stand in the last signed state")
		default:
			standing--
			if o.CID != "" && o.CID != signed.String() { // without bytes nothing is shown
				wrong(path, otherBytes)
			}
		}
	}
	for _, ref := range deleted {
		path := atproto.PathOf(ref.URI)
		versions, err := r.Versions(ctx, v.Account.DID, path)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(versions, func(v store.Version) bool { return !v.CID.IsZero() && (ref.CID == "" || v.CID.String() == ref.CID) }) {
			wrong(path, otherBytes)
		}
	}
	if more := odd - shownExamples; more > 0 {
		v.wrong("and %s more that are shown otherwise than they were signed", number(more, "post"))
	}
	if standing != 0 {
		v.wrong("%s of the last signed state are not shown", number(standing, "post"))
	}
	return nil
}
