package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/analysis/words"
	"skyarchive/atproto"
	"skyarchive/store"
)

type pendingPost struct {
	store.Post
	analysis analysis.PostAnalysis
	account  int64
	rkey     any
	cid      atproto.CID // zero for a post without words
}

// PutPost implements [store.Writer].
func (w *writer) PutPost(ctx context.Context, p store.Post, a analysis.PostAnalysis) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	if !atproto.IsPostURI(p.URI) || !strings.HasPrefix(atproto.AuthorOf(p.URI), "did:") {
		return fmt.Errorf("keep %s: not the URI of a post with a DID", p.URI)
	}
	if forgotten, err := w.isForgotten(ctx, p.URI); err != nil || forgotten {
		return err
	}
	account, err := w.intern(ctx, p.Author())
	if err != nil {
		return err
	}
	var cid atproto.CID
	if !p.Status.Wordless() {
		if cid, err = atproto.ParseCID(p.CID); err != nil {
			return fmt.Errorf("keep %s: %w", p.URI, err)
		}
	}
	w.posts = append(w.posts, pendingPost{p, a, account, rkeyValue(atproto.KeyOf(p.URI)), cid})
	if len(w.posts) < batchRows {
		return nil
	}
	return w.fail(w.flushPosts(ctx))
}

// batchRows is how many records and posts are held back at the most.
const batchRows = 512

type postKey struct {
	account int64
	rkey    any
}

// A record that a post points to.
type keptRecord struct {
	id    int64
	bytes []byte
}

// An oldPost is the row that a post replaces.
type oldPost struct {
	id    int64
	cid   atproto.CID
	text  string
	lang  string
	words string
}

// flushPosts writes the posts that are held back, and the records before them.
func (w *writer) flushPosts(ctx context.Context) error {
	if err := w.flushRecords(ctx); err != nil {
		return err
	}
	// Of several versions of one post in a batch the last counts.
	last := map[postKey]int{}
	for i := range w.posts {
		p := &w.posts[i]
		last[postKey{p.account, p.rkey}] = i
	}
	posts := make([]*pendingPost, 0, len(w.posts))
	for i := range w.posts {
		p := &w.posts[i]
		if last[postKey{p.account, p.rkey}] == i {
			posts = append(posts, p)
		}
	}
	if len(posts) == 0 {
		return nil
	}
	records, err := w.recordsOf(ctx, posts)
	if err != nil {
		return err
	}
	old, err := w.oldPosts(ctx, posts)
	if err != nil {
		return err
	}
	ids, err := w.assignIDs(ctx, posts, old)
	if err != nil {
		return err
	}
	before, err := w.documentsBefore(ctx, posts, ids, old)
	if err != nil {
		return err
	}
	documents, err := w.addPosts(ctx, posts, ids, records, old)
	if err != nil {
		return err
	}
	if err := w.rows.writePosts(ctx); err != nil {
		return err
	}
	if err := w.indexPosts(ctx, before, documents); err != nil {
		return err
	}
	clear(w.recent)
	return w.freePosts()
}

// freePosts makes room for the next posts. The words of those that were there may still be
// read: their room is used again when that is done.
func (w *writer) freePosts() error {
	done := w.posts
	select {
	case w.posts = <-w.room:
	default:
		w.posts = make([]pendingPost, 0, len(done))
	}
	return w.index.do(func(*gathered) {
		clear(done) // what they point to can go
		select {
		case w.room <- done[:0]:
		default:
		}
	})
}

// recordsOf finds the kept bytes of posts, zero for those that have none.
func (w *writer) recordsOf(ctx context.Context, posts []*pendingPost) ([]keptRecord, error) {
	found := make([]keptRecord, len(posts))
	var others []atproto.CID
	places := map[recordKey][]int{} // of the others
	for i, p := range posts {
		if p.Status.Wordless() {
			continue
		}
		key := recordKey{p.account, p.cid}
		if rec, ok := w.recent[key]; ok {
			found[i] = rec
		} else {
			others = append(others, p.cid)
			places[key] = append(places[key], i)
		}
	}
	return found, w.eachKept(ctx, others, func(id int64, key recordKey, b []byte) error {
		for _, i := range places[key] {
			found[i] = keptRecord{id, bytes.Clone(b)}
		}
		return nil
	})
}

// oldPosts finds the rows that posts replace. A post whose key is greater than any that is
// here replaces none: so it is with all but a few of those that a fetch brings.
func (w *writer) oldPosts(ctx context.Context, posts []*pendingPost) (map[postKey]*oldPost, error) {
	found := map[postKey]*oldPost{}
	keys := w.c.batch("", 2)
	for _, p := range posts {
		last, err := w.lastKeyOf(ctx, p.account)
		if err != nil {
			return nil, err
		}
		number, isNumber := p.rkey.(int64)
		if !isNumber || number <= last {
			keys.add(p.account, p.rkey)
		}
	}
	for _, p := range posts {
		if number, ok := p.rkey.(int64); ok {
			w.lastKey[p.account] = max(w.lastKey[p.account], number)
		}
	}
	const query = `SELECT p.account, p.id, p.rkey, p.lang, p.words, r.bytes, substr(r.bytes, p.text_start + 1, p.text_length)
		FROM temp.feed f CROSS JOIN post p ON p.account = f.c0 AND p.rkey = f.c1 LEFT JOIN record r ON r.id = p.record`
	return found, keys.each(ctx, query, func(rows *sql.Rows) error {
		p := new(oldPost)
		var account int64
		var rkey any
		var record, text sql.RawBytes
		if err := rows.Scan(&account, &p.id, &rkey, &p.lang, &p.words, &record, &text); err != nil {
			return err
		}
		p.text, p.cid = string(text), cidOfRecord(record)
		found[postKey{account, rkey}] = p
		return nil
	})
}

// lastKeyOf is the greatest number that is the key of a post of an account, -1 for none.
func (w *writer) lastKeyOf(ctx context.Context, account int64) (int64, error) {
	last, ok := w.lastKey[account]
	if ok {
		return last, nil
	}
	const query = `SELECT coalesce(max(rkey), -1) FROM post WHERE account = ? AND rkey < ''` // numbers stand before texts
	err := w.c.row(ctx, query, []any{account}, &last)
	w.lastKey[account] = last
	return last, err
}

// epoch is the second that post ids count from.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// assignIDs gives new posts their row ids: the second of their age, or a free one near it.
// So ids grow with time across all accounts, and the newest words of the index are found by
// reading it backwards.
func (w *writer) assignIDs(ctx context.Context, posts []*pendingPost, old map[postKey]*oldPost) ([]int64, error) {
	if w.lastPost < 0 {
		if err := w.c.row(ctx, `SELECT coalesce(max(id), 0) FROM post`, nil, &w.lastPost); err != nil {
			return nil, err
		}
	}
	ids := make([]int64, len(posts))
	var order []int
	for i, p := range posts {
		if o, ok := old[postKey{p.account, p.rkey}]; ok {
			ids[i] = o.id
			continue
		}
		ids[i] = max(p.Age().Unix()-epoch, 1)
		ids[i] = min(ids[i], 1<<40)
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(posts[a].Age().Compare(posts[b].Age()), cmp.Compare(posts[a].URI, posts[b].URI))
	})
	for _, i := range order {
		id, err := w.freeID(ctx, ids[i])
		if err != nil {
			return nil, err
		}
		ids[i] = id
		w.taken[id] = true
		w.lastPost = max(w.lastPost, id)
	}
	clear(w.taken)
	return ids, nil
}

// freeID is a free id at or soon behind the one that is wanted. It steps wider and wider,
// so that a crowd in one second does not make each of its members walk past all others.
func (w *writer) freeID(ctx context.Context, want int64) (int64, error) {
	for step := int64(1); want <= w.lastPost; step += step/8 + step%3 {
		var used bool
		if w.taken[want] {
			used = true
		} else if err := w.c.row(ctx, `SELECT EXISTS (SELECT 1 FROM post WHERE id = ?)`, []any{want}, &used); err != nil {
			return 0, err
		}
		if !used {
			break
		}
		want += step
	}
	return want, nil
}

var postNames = strings.Fields(`id account rkey record status age lang has_link has_media has_number
	text_start text_length created_start created_length root_start root_length parent_start parent_length
	quote_start quote_length words`)

var updatePost = `UPDATE post SET ` + strings.Join(postNames[1:], " = ?, ") + ` = ? WHERE id = ?`

// addPosts makes the rows of posts and of everything that hangs on them, and returns what is
// to be in the index.
func (w *writer) addPosts(ctx context.Context, posts []*pendingPost, ids []int64, records []keptRecord, old map[postKey]*oldPost) ([]document, error) {
	readings := make([]analysis.PostAnalysis, len(posts))
	documents := make([]document, len(posts))
	values := make([]any, 0, len(postNames))
	for i, p := range posts {
		_, replaces := old[postKey{p.account, p.rkey}]
		id := ids[i]
		w.counted[p.account] = true
		rec := records[i]
		var record any
		if !p.Status.Wordless() {
			if rec.id == 0 {
				return nil, fmt.Errorf("keep %s: its record %s: %w", p.URI, p.CID, store.ErrNotFound)
			}
			if !bytes.HasPrefix(rec.bytes[min(p.TextStart, len(rec.bytes)):], []byte(p.Text)) {
				return nil, fmt.Errorf("keep %s: its text is not what its record says", p.URI)
			}
			record = rec.id
		}
		lang := cmp.Or(p.analysis.Lang, p.Lang)
		version := ""
		if !p.Status.Wordless() {
			version = words.Version
		}
		corrected, err := w.corrected(ctx, p.analysis, p.URI, p.CID, p.Text)
		if err != nil {
			return nil, err
		}
		values = append(values[:0], id, p.account, p.rkey, record, string(p.Status), p.Age().UnixMicro(), lang,
			flag(len(hostsOf(&p.Post.Post)) > 0), flag(hasMedia(&p.Embed)), flag(hasNumber(corrected)))
		for _, s := range []string{p.Text, p.CreatedAt, rootOf(&p.Post.Post), parentOf(&p.Post.Post), string(p.Embed.Quote.URI)} {
			values = appendWindow(values, rec.bytes, s, s == p.Text, p.TextStart)
		}
		values = append(values, version)
		documents[i] = document{id: id, account: p.account, status: p.Status, lang: lang, number: hasNumber(corrected)}
		if record != nil {
			documents[i].post = &p.Post.Post
		}
		if !replaces {
			w.rows.posts.add(values...)
		} else if err := w.exec(ctx, updatePost, append(values[1:], id)...); err != nil {
			return nil, err
		}
		if err := w.putReading(ctx, id, p, replaces); err != nil {
			return nil, err
		}
		readings[i] = corrected
	}
	for i, p := range posts {
		read, err := w.addDerived(ctx, derivedPost{ids[i], p.URI, p.CID, readings[i], old[postKey{p.account, p.rkey}]})
		if err != nil {
			return nil, err
		}
		documents[i].read = read
	}
	return documents, nil
}

// putReading keeps what the machine read in a post, if it was analysed.
func (w *writer) putReading(ctx context.Context, id int64, p *pendingPost, replaces bool) error {
	if p.analysis.URI == "" {
		if !replaces {
			return nil
		}
		return w.exec(ctx, `DELETE FROM reading WHERE post = ?`, id)
	}
	packed, err := pack(w.packed[:0], p.analysis, p.CID, p.Text, func(s string) (int64, error) { return w.name(ctx, "phrase", s) })
	w.packed = packed
	w.rows.readings.add(id, string(packed))
	return err
}

// appendWindow appends where words stand in the bytes of a record, and how long they are: a
// place that reads the same is as good as any other. Absent words have no window.
func appendWindow(values []any, record []byte, s string, isText bool, start int) []any {
	if !isText {
		start = bytes.Index(record, []byte(s))
	}
	if record == nil || start < 0 || s == "" && !isText {
		return append(values, nil, nil)
	}
	return append(values, start, len(s))
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func rootOf(p *atproto.Post) string {
	if p.Reply == nil {
		return ""
	}
	return string(p.Reply.Root.URI)
}

func parentOf(p *atproto.Post) string {
	if p.Reply == nil {
		return ""
	}
	return string(p.Reply.Parent.URI)
}

func hasMedia(e *atproto.Embed) bool { return len(e.Images) > 0 || e.Video != nil }

func hasNumber(a analysis.PostAnalysis) bool {
	return slices.ContainsFunc(a.Passages, func(p analysis.Passage) bool { return len(p.Quantities) > 0 })
}

// hostsOf are the hosts of the pages that a post links to, in lower case and without www.
func hostsOf(p *atproto.Post) []string {
	var hosts []string
	add := func(link string) {
		u, err := url.Parse(link)
		if err != nil {
			return
		}
		host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
		if host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	if p.Embed.Card != nil {
		add(p.Embed.Card.URL)
	}
	for _, f := range p.Facets {
		if f.Kind == atproto.FacetLink {
			add(f.Value)
		}
	}
	return hosts
}

// corrected is an analysis with the corrections of people, or as it is where there are none.
func (w *writer) corrected(ctx context.Context, a analysis.PostAnalysis, uri syntax.ATURI, cid, text string) (analysis.PostAnalysis, error) {
	a.URI = uri
	ds, err := w.decidedOn(ctx, uri)
	if err != nil || len(ds) == 0 {
		return a, err
	}
	return analysis.Corrected(a, cid, text, ds), nil
}
