package export

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// notes writes a folder of notes.
type notes struct {
	x       *export
	folders map[syntax.DID]string // of each account; nil: all in one
	taken   map[string]bool       // names of folders
	media   map[string]string     // copied files by CID
	threads []indexed
	months  []indexed
	written map[string]bool
}

func writeNotes(ctx context.Context, x *export) error {
	n := &notes{x: x, taken: map[string]bool{}, media: map[string]string{}, written: map[string]bool{}}
	several, err := x.source.several(ctx)
	if err != nil {
		return err
	}
	if several {
		n.folders = map[syntax.DID]string{}
	}
	for doc, err := range x.source.threads(ctx) {
		if err != nil {
			return err
		}
		if err := n.thread(doc); err != nil {
			return err
		}
	}
	if err := n.singles(ctx); err != nil {
		return err
	}
	if x.Post == "" {
		if err := n.index(); err != nil {
			return err
		}
	}
	if x.Update {
		if err := markGone(ctx, x, n.written); err != nil {
			return err
		}
	}
	if err := x.writeCodebook(); err != nil {
		return err
	}
	return x.writeAbout(ctx)
}

// several says whether posts of more than one account may be selected.
func (s *source) several(ctx context.Context) (bool, error) {
	if s.x.Query.DID != "" || s.x.Post != "" {
		return false, nil
	}
	accounts := 0
	for acc, err := range s.r.Accounts(ctx) {
		if err != nil {
			return false, err
		}
		if acc.Posts > 0 {
			accounts++
		}
	}
	return accounts > 1, nil
}

// folder is where an account's notes are: named by its first handle, which does not change.
func (n *notes) folder(acc *Account) string {
	if n.folders == nil {
		return ""
	}
	name, ok := n.folders[acc.DID]
	if !ok {
		name = folderName(acc.FirstHandle())
		if n.taken[name] {
			name = folderName(string(acc.DID))
		}
		n.taken[name] = true
		n.folders[acc.DID] = name
	}
	return name
}

func (n *notes) thread(doc *Document) error {
	folder := n.folder(doc.Account)
	name := path.Join(folder, fileName(doc))
	note := n.note(doc, folder)
	note.thread(1)
	if note.err != nil {
		return note.err
	}
	n.threads = append(n.threads, indexed{
		path: name, title: note.title(), handle: doc.Account.Mention(), age: doc.Thread.Dates.Shown(), posts: len(doc.Thread.Posts),
		claims: doc.claimCount(), topics: doc.topics(), complete: doc.Thread.Complete,
	})
	return n.save(name, note.frontMatter(), note.b.String())
}

func (n *notes) note(doc *Document, folder string) *note {
	note := n.x.newNote(doc)
	note.media = func(b atproto.Blob) (string, error) { return n.copyMedia(b, folder) }
	return note
}

// save writes a note with the mark below which it belongs to people.
func (n *notes) save(name, head, body string) error {
	n.written[name] = true
	previous, err := n.x.previous(name)
	if err != nil {
		return err
	}
	return n.x.write(name, n.x.merged(finished(head, body), string(previous)))
}

// monthNote is a file of posts outside threads while it is filled.
type monthNote struct {
	indexed
	note   *note
	answer bool
}

func (n *notes) singles(ctx context.Context) error {
	open := map[string]*monthNote{}
	month := ""
	for doc, err := range n.x.source.singles(ctx) {
		if err != nil {
			return err
		}
		if now := day(doc.Thread.Age); now[:min(7, len(now))] != month {
			if err := n.saveMonths(open); err != nil {
				return err
			}
			month = now[:min(7, len(now))]
		}
		folder := n.folder(doc.Account)
		name := path.Join(folder, monthFile(doc))
		m := open[name]
		if m == nil {
			m = &monthNote{answer: doc.AnswersOther()}
			m.path, m.handle, m.age = name, doc.Account.Mention(), doc.Thread.Age
			m.title = n.x.words.postsOutside
			if m.answer {
				m.title = n.x.words.repliesOutside
			}
			m.title += ", " + n.x.words.month(doc.Thread.Age.UTC())
			m.note = n.note(doc, folder)
			m.note.block("# " + plainMarkdown(m.title))
			m.note.block(accountLink(doc.Account))
			open[name] = m
		}
		m.note.doc = doc
		m.note.single(2)
		m.posts++
		m.claims += doc.claimCount()
		for _, t := range doc.topics() {
			if !slices.Contains(m.topics, t) {
				m.topics = append(m.topics, t)
			}
		}
	}
	return n.saveMonths(open)
}

func (n *notes) saveMonths(open map[string]*monthNote) error {
	for name, m := range open {
		if m.note.err != nil {
			return m.note.err
		}
		n.months = append(n.months, m.indexed)
		if err := n.save(name, n.x.monthMatter(m), m.note.b.String()); err != nil {
			return err
		}
		delete(open, name)
	}
	return nil
}

// writeOneNote writes everything into one file, threads first.
func writeOneNote(ctx context.Context, x *export) error {
	one := x.Post != ""
	var b strings.Builder
	if !one {
		var head frontMatter
		head.text("title", "skyarchive")
		head.word("audience", x.audience())
		head.text("program", x.Program)
		b.WriteString(head.String() + "\n")
	}
	level := 1
	add := func(write func(*note)) func(*Document, error) error {
		return func(doc *Document, err error) error {
			if err != nil {
				return err
			}
			n := x.newNote(doc)
			write(n)
			if one {
				b.WriteString(n.frontMatter() + "\n")
			}
			b.WriteString(n.b.String() + "\n")
			return n.err
		}
	}
	thread, single := add(func(n *note) { n.thread(level) }), add(func(n *note) { n.single(level + 1) })
	for doc, err := range x.source.threads(ctx) {
		if err := thread(doc, err); err != nil {
			return err
		}
	}
	first := true
	for doc, err := range x.source.singles(ctx) {
		if first && !one && err == nil {
			first = false
			b.WriteString("# " + x.words.postsOutside + "\n\n")
		}
		if err := single(doc, err); err != nil {
			return err
		}
	}
	if _, toFile := x.target.(*folder); !toFile {
		return x.write("", []byte(strings.TrimSuffix(b.String(), "\n")))
	}
	previous, err := x.previous("")
	if err != nil {
		return err
	}
	return x.write("", x.merged(finished("", b.String()), string(previous)))
}
