package archive

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/repo"
	"skyarchive/store"
)

// IsMerge says whether a file may be an NDJSON export of another archive.
func IsMerge(name string) bool {
	return bytes.HasPrefix(bytes.TrimLeft(firstBytes(name), " \t\r\n\ufeff"), []byte("{"))
}

// firstBytes are how a file starts, nothing if it cannot be read.
func firstBytes(name string) []byte {
	file, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	head := make([]byte, 64)
	n, _ := io.ReadFull(file, head)
	return head[:n]
}

// Merged is what another archive's export brought.
type Merged struct {
	Accounts []Report

	Contexts  int // posts by others
	Unchecked int // of them, those whose signature cannot be checked here
	Unfit     int // posts by others that were not taken: their bytes are not those of their CID
	Files     int
	Absent    int // files that the other archive has and that are not beside the export
}

// Merge adds what another archive's NDJSON export has and this one lacks, each account in a
// transaction of its own. Everything is checked as a fetch checks it: bytes against their
// CIDs, each state's tree against its signed root, signatures with the keys that the file
// and this archive know. Decisions of all people stay side by side. The same file again
// changes nothing. What was forgotten here stays so, unless opts say Again; of an account that
// is new here, so does what was forgotten there.
func (a *Archiver) Merge(ctx context.Context, name string, opts ImportOptions) (Merged, error) {
	file, err := os.Open(name)
	if err != nil {
		return Merged{}, err
	}
	defer file.Close()
	fail := func(err error) error { return fmt.Errorf("%s: %w", filepath.Base(name), err) }
	a.progress("reading the file", 0, 0)
	known, err := lookThrough(file, a.Now())
	if err != nil {
		return Merged{}, fail(err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return Merged{}, err
	}
	done, forgot := Merged{}, false
	told := store.Told{By: "import " + filepath.Base(name), At: a.Now().UTC()}
	around := surroundings{Archiver: a, opts: opts, name: name, done: &done}
	l := newLineReader(file)
	for l.next() {
		switch l.kind {
		case "account":
			m := merge{Archiver: a, lines: l, file: known, again: opts.Again, told: told}
			err := a.Store.Update(ctx, func(w store.Writer) error { return m.account(ctx, w) })
			if err != nil {
				return done, fail(err)
			}
			done.Accounts = append(done.Accounts, m.rep)
			forgot = forgot || m.forgot
			if l.kind != "" { // the line behind the account's own
				l.unread()
			}
		case "context":
			err = around.context(ctx, l)
		case "file":
			err = around.file(ctx, l)
		}
		if err != nil {
			return done, fail(err)
		}
	}
	if l.err != nil {
		return done, l.err
	}
	if err := around.write(ctx); err != nil || !forgot {
		return done, err
	}
	return done, a.Store.Overwrite(ctx)
}

// A merge is one account on its way from another archive into this one.
type merge struct {
	*Archiver
	lines *lineReader
	file  mergeFile
	again bool // also what was forgotten here
	told  store.Told
	rep   Report

	did    syntax.DID
	keys   []string
	heard  time.Time // when the account was last asked for, as far as is known here
	ours   bool      // this archive asked for it itself
	own    chain     // of states
	others chain     // of states that somebody else signed
	named  map[atproto.CID]bool
	added  int        // states and records
	gone   *forgotten // what was forgotten here
	forgot bool       // also what was forgotten there
}

// A chain is states of which each changes the one before it.
type chain struct {
	tree   repo.Tree   // of the last state read
	commit atproto.CID // of the last state read
}

// account reads the lines of an account, the first of which is at hand, up to the first
// line that is not its own.
func (m *merge) account(ctx context.Context, w store.Writer) error {
	var acc fileAccount
	if err := m.lines.into(&acc); err != nil {
		return err
	}
	m.did, m.named, m.rep.Outcome = acc.DID, map[atproto.CID]bool{}, Unchanged
	err := recall(ctx, w, m.did, m.again)
	if err != nil {
		return err
	}
	if m.gone, err = forgottenOf(ctx, w, m.did); err != nil {
		return err
	}
	if m.gone.account != nil {
		return m.passOver(ctx, w)
	}
	for id, err := range w.Identities(ctx, m.did) {
		if err != nil {
			return err
		}
		m.ours = m.ours || id.Ours()
	}
	if err := m.putAccount(ctx, w, acc); err != nil {
		return err
	}
	for more := m.lines.next(); more; more = m.lines.next() {
		switch m.lines.kind {
		case "identity":
			err = m.identity(ctx, w)
		case "plc_log":
			err = m.log(ctx, w)
		case "state":
			if m.keys == nil { // its identities and logs stand before its states
				m.keys, _, err = keysOf(ctx, w, m.did)
			}
			if err == nil {
				err = m.state(ctx, w)
			}
			m.lines.unread()
		case "record":
			err = m.record(ctx, w)
		default:
			return m.end(ctx, w)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(m.lines.err, m.end(ctx, w))
}

// forget takes over what the other archive has forgotten, where the account is new here. In
// an archive that has the account, what is forgotten is for its own people to say.
func (m *merge) forget(ctx context.Context, w store.Writer) error {
	list := m.file.forgotten[m.did]
	if len(list) == 0 {
		return nil
	}
	words := number(len(list), "post")
	if slices.ContainsFunc(list, func(f store.Forgetting) bool { return f.URI == "" }) {
		words = "everything of this account"
	}
	if m.rep.Outcome != Added || m.again {
		m.rep.Notes = append(m.rep.Notes, "the other archive has forgotten "+words+", and the file does not hold it")
		return nil
	}
	what := map[syntax.ATURI]bool{}
	for _, f := range list {
		if _, err := w.Forget(ctx, f); err != nil {
			return err
		}
		what[f.URI] = true
		if f.URI == "" {
			what[syntax.ATURI("at://"+m.did)] = true
		}
	}
	for _, d := range m.file.wordless[m.did] {
		if !what[d.Forgotten()] {
			return fmt.Errorf("%w: decision %s has no words, and nothing says that they were forgotten", ErrUnverified, d.ID)
		}
		if _, err := w.AddDecision(ctx, d); err != nil {
			return err
		}
	}
	m.forgot = true
	m.rep.Notes = append(m.rep.Notes, "forgotten, as in the other archive: "+words)
	return nil
}

// passOver reads over the lines of an account that was forgotten.
func (m *merge) passOver(ctx context.Context, w store.Writer) error {
	m.rep.Notes = append(m.rep.Notes, m.gone.refuses().Error()+" and is not taken; --again takes it")
	for m.lines.next() && m.lines.kind != "account" {
	}
	return errors.Join(m.lines.err, m.total(ctx, w, m.did, &m.rep))
}

func (m *merge) putAccount(ctx context.Context, w store.Writer, acc fileAccount) error {
	old, err := w.Account(ctx, acc.DID)
	switch {
	case err == nil:
		m.heard = old.Fetched
		label, fetched := cmp.Or(old.Label, acc.Label), old.Fetched
		if !m.ours && acc.Fetched != nil && acc.Fetched.After(fetched) {
			fetched = *acc.Fetched
		}
		if label == old.Label && fetched.Equal(old.Fetched) {
			return nil
		}
		old.Label, old.Fetched = label, fetched
		return w.PutAccount(ctx, old)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	m.rep.Outcome = Added
	added := store.Account{
		Account: atproto.Account{DID: acc.DID, Handle: acc.Handle, PDS: acc.PDS}, Label: acc.Label, Status: acc.Status, HideGuest: acc.HideGuest,
	}
	if acc.Fetched != nil {
		added.Fetched = *acc.Fetched
	}
	return w.PutAccount(ctx, added)
}

// end adds what people decided and derives what follows from all that is new.
func (m *merge) end(ctx context.Context, w store.Writer) error {
	added, threads := 0, false
	for _, d := range m.file.decisions[m.did] {
		is, err := w.AddDecision(ctx, d)
		if err != nil {
			return err
		}
		if is {
			added++
			threads = threads || !d.OnClaim()
		}
	}
	if m.added+added > 0 && m.rep.Outcome == Unchanged {
		m.rep.Outcome = Updated
	}
	if added > 0 {
		m.rep.Notes = append(m.rep.Notes, number(added, "decision")+" of people added")
	}
	if err := m.forget(ctx, w); err != nil {
		return err
	}
	if err := m.latest(ctx, w); err != nil {
		return err
	}
	judged, err := m.judge(ctx, w, m.did, true, &m.rep)
	if err != nil {
		return err
	}
	if judged {
		m.added++
		if head, err := w.Head(ctx, m.did); err == nil {
			m.rep.Rev, m.rep.Signature = head.Rev, head.Signature
		}
	}
	switch {
	case m.added > 0:
		acc, err := w.Account(ctx, m.did)
		if err != nil {
			return err
		}
		acc.Whole, acc.Complete = false, false // nobody has looked at what the export lacked
		if err := guests(ctx, w, &acc); err != nil {
			return err
		}
		if err := w.PutAccount(ctx, acc); err != nil {
			return err
		}
		posts, err := m.everyPost(ctx, w, m.did)
		if err != nil {
			return err
		}
		return m.derive(ctx, w, posts, true, &m.rep)
	case threads:
		changes, err := m.Rethread(ctx, w, m.did)
		if err != nil {
			return err
		}
		m.rep.Changes = changes
	}
	return m.total(ctx, w, m.did, &m.rep)
}

// latest takes over who and where the account is, and whether it is active, where this archive
// knows that only from files and the other one has heard of it later. What this archive saw
// itself stands until it asks again.
func (m *merge) latest(ctx context.Context, w store.Writer) error {
	if m.ours || m.rep.Outcome == Added {
		return nil
	}
	acc, err := w.Account(ctx, m.did)
	if err != nil {
		return err
	}
	var newest store.Identity
	for id, err := range w.Identities(ctx, m.did) {
		if err != nil {
			return err
		}
		if !id.OfFile() {
			newest = id
		}
	}
	if !newest.At.After(m.heard) || newest.Handle == acc.Handle && newest.PDS == acc.PDS && newest.Status == acc.Status {
		return nil
	}
	acc.Handle, acc.PDS, acc.Status = newest.Handle, newest.PDS, newest.Status
	return w.PutAccount(ctx, acc)
}

// guests reads in the newest profile whether it asks not to be shown to people who are not
// logged in.
func guests(ctx context.Context, r store.Reader, acc *store.Account) error {
	versions, err := r.Versions(ctx, acc.DID, atproto.ProfilePath)
	if err != nil || len(versions) == 0 || versions[len(versions)-1].CID.IsZero() {
		return err
	}
	profile, err := r.Record(ctx, acc.DID, versions[len(versions)-1].CID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	acc.HideGuest = slices.Contains(atproto.SelfLabels(profile), atproto.LabelNoUnauthenticated)
	return err
}
