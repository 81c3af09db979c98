package export

import (
	"context"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// writeNDJSON writes everything, one object a line. Evidence and decisions are in private
// copies of whole accounts: a part of an account's history proves nothing.
func writeNDJSON(ctx context.Context, x *export) error {
	if err := x.source.loadAccounts(ctx); err != nil {
		return err
	}
	out, err := x.target.create("archive.ndjson")
	if err != nil {
		return err
	}
	l := newLines(out)
	head, err := x.about(ctx)
	if err != nil {
		return err
	}
	whole := x.source.whole() && !x.Public
	if err := l.put(firstLine{head, whole}); err != nil {
		return err
	}
	if err := x.accountLines(ctx, l, whole); err != nil {
		return err
	}
	if whole {
		for _, write := range []func(context.Context, *lines) error{x.forgottenLines, x.contextLines, x.fileLines} {
			if err := write(ctx, l); err != nil {
				return err
			}
		}
	}
	if err := x.derivedLines(ctx, l); err != nil {
		return err
	}
	if !x.Public {
		if err := x.decisionLines(ctx, l); err != nil {
			return err
		}
	}
	if err := l.put(endLine{"end", x.counts()}); err != nil {
		return err
	}
	if err := l.w.Flush(); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	if !x.inFolder() {
		return nil
	}
	if err := x.writeCodebook(); err != nil {
		return err
	}
	return x.writeAbout(ctx)
}

func (x *export) accountLines(ctx context.Context, l *lines, evidence bool) error {
	accounts, err := store.Collect(x.source.r.Accounts(ctx))
	if err != nil {
		return err
	}
	for _, acc := range accounts {
		if !x.source.ownedBy(acc.DID) {
			continue
		}
		if x.withholdsAccount(x.source.accounts[acc.DID]) != "" {
			continue
		}
		line := accountLine{"account", acc.DID, acc.Handle, acc.PDS, acc.Label, acc.Status, timeOf(acc.Fetched), acc.HideGuest}
		if x.Public {
			line.Label = ""
		}
		if err := l.put(line); err != nil {
			return err
		}
		if evidence {
			if err := x.evidenceLines(ctx, l, acc.DID); err != nil {
				return err
			}
		}
	}
	return nil
}

// placed is nil for what stands at its own time.
func placed(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

func (x *export) evidenceLines(ctx context.Context, l *lines, did syntax.DID) error {
	r := x.source.r
	for id, err := range r.Identities(ctx, did) {
		if err != nil {
			return err
		}
		if err := l.put(identityLine{"identity", did, id.At.UTC(), id.Handle, id.PDS, id.Status, id.Host, id.Document, placed(id.Placed)}); err != nil {
			return err
		}
	}
	for log, err := range r.PLCLogs(ctx, did) {
		if err != nil {
			return err
		}
		if err := l.put(logLine{"plc_log", did, log.At.UTC(), log.Host, log.Raw}); err != nil {
			return err
		}
	}
	states, err := store.Collect(r.States(ctx, did))
	if err != nil {
		return err
	}
	invalid, err := store.Collect(r.InvalidStates(ctx, did)) // each changes the invalid one before it
	if err != nil {
		return err
	}
	written := map[atproto.CID]bool{}
	for _, s := range append(states, invalid...) {
		line := stateLine{"state", did, s.Rev, s.Commit, s.Data, s.Signed, s.Key, s.Signature, []sightingLine{}}
		for _, sight := range s.Sightings {
			line.Sightings = append(line.Sightings, sightingLine{sight.At.UTC(), sight.Host, sight.From, placed(sight.Placed)})
		}
		if err := l.put(line); err != nil {
			return err
		}
		kept, err := x.changeLines(ctx, l, s)
		if err != nil {
			return err
		}
		for _, cid := range kept {
			if written[cid] {
				continue
			}
			written[cid] = true
			if err := x.recordLine(ctx, l, did, cid); err != nil {
				return err
			}
		}
	}
	return nil
}

// changeLines writes what a state changed, and returns the CIDs whose bytes are kept.
func (x *export) changeLines(ctx context.Context, l *lines, s store.State) ([]atproto.CID, error) {
	var kept []atproto.CID
	for e, err := range x.source.r.Changes(ctx, s.DID, s.Commit) {
		if err != nil {
			return nil, err
		}
		if err := l.put(changeLine{"change", s.DID, s.Commit, e.Path, e.CID.String()}); err != nil {
			return nil, err
		}
		if !e.CID.IsZero() && atproto.KeepsBytes(e.Path.Collection()) {
			kept = append(kept, e.CID)
		}
	}
	return kept, nil
}

func (x *export) recordLine(ctx context.Context, l *lines, did syntax.DID, cid atproto.CID) error {
	record, err := x.source.r.Record(ctx, did, cid)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return l.put(recordLine{"record", did, cid, record})
}

func (x *export) derivedLines(ctx context.Context, l *lines) error {
	threads, err := x.source.selected(ctx)
	if err != nil {
		return err
	}
	for _, t := range threads {
		if acc := x.source.accounts[t.DID]; x.Public && (acc == nil || x.withholdsAccount(acc) != "") {
			continue
		}
		if x.Public {
			if err := x.source.forPublic(ctx, &t); err != nil {
				return err
			}
		}
		x.summary.Threads++
		line := threadLine{"thread", t.Thread, t.ID, t.DID, t.Handle, t.Dates.Shown().UTC(), t.FirstLine, t.Claims, t.Topics, atproto.WebURL(t.Root)}
		if err := l.put(line); err != nil {
			return err
		}
	}
	for p, err := range x.source.posts(ctx) {
		if err != nil {
			return err
		}
		if err := l.put(newPostLine(p)); err != nil {
			return err
		}
	}
	x.Query.All = true
	for c, err := range x.source.claims(ctx, true) {
		if err != nil {
			return err
		}
		if err := l.put(x.newClaimLine(c)); err != nil {
			return err
		}
	}
	return nil
}

// decisionLines writes what people decided, their private notes too: without them an
// entry would not have its id.
func (x *export) decisionLines(ctx context.Context, l *lines) error {
	q := store.DecisionQuery{DID: x.Query.DID}
	if x.Post != "" {
		q.DID = syntax.DID(atproto.AuthorOf(x.Post))
	}
	for d, err := range x.source.r.Decisions(ctx, q) {
		if err != nil {
			return err
		}
		kind := "decision"
		if d.Forgotten() != "" { // its id does not come from what is left of it
			kind = "forgotten-decision"
		}
		if err := l.put(decisionLine{kind, d}); err != nil {
			return err
		}
	}
	return nil
}

// forgottenLines say what was forgotten here. They stand behind the lines of all accounts.
func (x *export) forgottenLines(ctx context.Context, l *lines) error {
	for f, err := range x.source.r.Forgettings(ctx, "") {
		if err != nil {
			return err
		}
		if !x.source.ownedBy(f.DID) {
			continue
		}
		line := forgottenLine{Type: "forgotten", DID: f.DID, URI: f.URI, At: f.At.UTC(), By: f.By}
		if f.Reply != nil {
			line.Answers, line.Root = f.Reply.Parent.URI, f.Reply.Root.URI
		}
		if err := l.put(line); err != nil {
			return err
		}
	}
	return nil
}
