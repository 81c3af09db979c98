package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"maps"
	"slices"

	"skyarchive/analysis/words"
)

// An index gathers what changes in the index of words, and brings it into the file term by
// term: a row of the index holds many posts, so that it is rewritten for many at once.
type index struct {
	c     *conn
	terms map[string]*changes
	rows  *batch // that wait to be written
	stems *batch
	size  int  // bytes held, about
	empty bool // there is nothing in the file
	known bool // empty is known
}

// heldBytes is how much an index holds before it writes it out.
const heldBytes = 8 << 20

// Changes are the postings of a term that come and go, encoded as they came: a post that
// comes twice is what came last.
type changes struct {
	buf  []byte
	last int64
	n    int
}

func newIndex(c *conn) *index {
	return &index{
		c:     c,
		terms: map[string]*changes{},
		rows:  c.batch(`INSERT OR REPLACE INTO posting (term, first, posts, places)`, 4),
		stems: c.batch(`INSERT OR IGNORE INTO family (stem, word)`, 2),
	}
}

// change puts the words and properties of a document in the place of those it had. Either
// may be nil.
func (x *index) change(ctx context.Context, old, now *document) error {
	var id int64
	var oldWords, words []indexedWord
	var oldProperties, all properties
	if old != nil {
		id, oldWords, oldProperties = old.id, old.words(), old.properties()
	}
	if now != nil {
		id, words, all = now.id, now.words(), now.properties()
	}
	x.changeWords(id, oldWords, words)
	x.changeProperties(id, oldProperties, all)
	if x.size < heldBytes {
		return nil
	}
	return x.flush(ctx)
}

// changeWords puts words of a document in the place of others. Both are in alphabetical
// order.
func (x *index) changeWords(id int64, old, now []indexedWord) {
	for _, w := range now {
		for len(old) > 0 && old[0].term < w.term {
			x.note(old[0].term, posting{id: id}, true)
			old = old[1:]
		}
		if len(old) > 0 && old[0].term == w.term {
			same := old[0].detail == w.detail && bytes.Equal(old[0].places, w.places)
			if old = old[1:]; same {
				continue
			}
		}
		x.note(w.term, posting{id, w.detail, w.places}, false)
	}
	for _, w := range old {
		x.note(w.term, posting{id: id}, true)
	}
}

// changeProperties puts properties of a document in the place of others.
func (x *index) changeProperties(id int64, old, now properties) {
	for _, term := range old {
		if !slices.Contains(now, term) {
			x.note(term, posting{id: id}, true)
		}
	}
	for _, term := range now {
		if !slices.Contains(old, term) {
			x.note(term, posting{id: id}, false)
		}
	}
}

// note remembers that a posting comes or goes.
func (x *index) note(term string, p posting, gone bool) {
	ch := x.terms[term]
	if ch == nil {
		ch = &changes{buf: make([]byte, 0, 16)}
		x.terms[term] = ch
		x.size += 128 + len(term)
	}
	before := len(ch.buf)
	ch.buf = binary.AppendVarint(ch.buf, p.id-ch.last)
	if gone {
		ch.buf = append(ch.buf, 1, 0, 0)
	} else {
		ch.buf = append(ch.buf, 0, byte(p.detail), byte(len(p.places)))
		if len(p.places) >= 0xff {
			ch.buf[len(ch.buf)-1] = 0xff
			ch.buf = binary.AppendUvarint(ch.buf, uint64(len(p.places)))
		}
		ch.buf = append(ch.buf, p.places...)
	}
	ch.last = p.id
	ch.n++
	x.size += len(ch.buf) - before
}

// A noted change is a posting that comes, or goes.
type noted struct {
	posting
	gone bool
}

// list is the changes in the order of ids, one for each post.
func (ch *changes) list() []noted {
	list := make([]noted, 0, ch.n)
	var id int64
	sorted := true
	for buf := ch.buf; len(buf) > 0; {
		delta, n := binary.Varint(buf)
		id += delta
		c := noted{posting{id: id, detail: detail(buf[n+1])}, buf[n] == 1}
		length := int(buf[n+2])
		buf = buf[n+3:]
		if length == 0xff {
			long, n := binary.Uvarint(buf)
			length, buf = int(long), buf[n:]
		}
		c.places, buf = buf[:length:length], buf[length:]
		sorted = sorted && delta > 0
		list = append(list, c)
	}
	if sorted {
		return list
	}
	slices.SortStableFunc(list, func(a, b noted) int { return cmp.Compare(a.id, b.id) })
	kept := list[:0]
	for i, c := range list {
		if i+1 == len(list) || list[i+1].id != c.id {
			kept = append(kept, c)
		}
	}
	return kept
}

// postsWith are the posts that have one of some terms, what is held back considered.
func (x *index) postsWith(ctx context.Context, terms []string) (map[int64]bool, error) {
	posts := map[int64]bool{}
	if err := x.look(ctx); err != nil {
		return nil, err
	}
	if !x.empty {
		asked := x.c.batch("", 1)
		for _, term := range terms {
			asked.add(term)
		}
		err := asked.each(ctx, `SELECT p.first, p.posts FROM temp.feed f CROSS JOIN posting p ON p.term = f.c0`, func(rows *sql.Rows) error {
			var b block
			if err := rows.Scan(&b.first, (*sql.RawBytes)(&b.posts)); err != nil {
				return err
			}
			ids, _, err := b.read(nil, nil, nil)
			for _, id := range ids {
				posts[id] = true
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for _, term := range terms {
		if ch := x.terms[term]; ch != nil {
			for _, c := range ch.list() {
				if posts[c.id] = true; c.gone {
					delete(posts, c.id)
				}
			}
		}
	}
	return posts, nil
}

// waitingRows is how many values of rows wait to be written with one statement.
const waitingRows = 4096

// flush brings all changes into the file.
func (x *index) flush(ctx context.Context) error {
	if len(x.terms) == 0 {
		return nil
	}
	if err := x.look(ctx); err != nil {
		return err
	}
	for _, term := range slices.Sorted(maps.Keys(x.terms)) {
		if err := x.write(ctx, term, x.terms[term].list()); err != nil {
			return err
		}
	}
	clear(x.terms)
	x.size, x.empty = 0, false
	return x.writeRows(ctx)
}

// look finds out whether there is anything in the file.
func (x *index) look(ctx context.Context) error {
	if x.known {
		return nil
	}
	var any bool
	err := x.c.row(ctx, `SELECT EXISTS (SELECT 1 FROM posting)`, nil, &any)
	x.empty, x.known = !any, err == nil
	return err
}

func (x *index) writeRows(ctx context.Context) error {
	if err := x.rows.write(ctx); err != nil {
		return err
	}
	return x.stems.write(ctx)
}

// write brings the changes of a term into the file.
func (x *index) write(ctx context.Context, term string, list []noted) error {
	property := isProperty(term)
	var before []block
	if !x.empty {
		var err error
		if before, err = x.blocks(ctx, term, list[0].id, list[len(list)-1].id); err != nil {
			return err
		}
	}
	var old []posting
	for _, b := range before {
		var err error
		if old, err = b.decode(old, property); err != nil {
			return err
		}
	}
	blocks := encode(merged(old, list), property)
	kept := map[int64]bool{}
	for _, b := range blocks {
		kept[b.first] = true
		if i := slices.IndexFunc(before, func(was block) bool { return was.first == b.first }); i >= 0 &&
			bytes.Equal(before[i].posts, b.posts) && bytes.Equal(before[i].places, b.places) {
			continue
		}
		x.rows.add(term, b.first, b.posts, b.places)
	}
	for _, b := range before {
		if !kept[b.first] {
			if err := x.c.exec(ctx, `DELETE FROM posting WHERE term = ? AND first = ?`, term, b.first); err != nil {
				return err
			}
		}
	}
	if len(x.rows.values) > waitingRows {
		if err := x.writeRows(ctx); err != nil {
			return err
		}
	}
	if property {
		return nil
	}
	return x.writeFamily(ctx, term, len(before) > 0, len(blocks) > 0)
}

// blocks are the rows of a term in which posts with ids from one to another stand or would
// stand, with their postings.
func (x *index) blocks(ctx context.Context, term string, from, to int64) (list []block, err error) {
	const query = `SELECT first, posts, places FROM posting WHERE term = ?1 AND first <= ?3 AND first >=
		coalesce((SELECT max(first) FROM posting WHERE term = ?1 AND first <= ?2), ?2) ORDER BY first`
	err = x.c.each(ctx, query, []any{term, from, to}, func(rows *sql.Rows) error {
		var b block
		err := rows.Scan(&b.first, &b.posts, &b.places)
		list = append(list, b)
		return err
	})
	return list, err
}

// merged is postings after changes.
func merged(old []posting, list []noted) []posting {
	all := make([]posting, 0, len(old)+len(list))
	for _, c := range list {
		for len(old) > 0 && old[0].id < c.id {
			all, old = append(all, old[0]), old[1:]
		}
		if len(old) > 0 && old[0].id == c.id {
			old = old[1:]
		}
		if !c.gone {
			all = append(all, c.posting)
		}
	}
	return append(all, old...)
}

// writeFamily keeps the stems of a word that came, and drops those of one that went. A word
// is its own stem without being told.
func (x *index) writeFamily(ctx context.Context, term string, was, is bool) error {
	if was == is || term[:1] == asides {
		return nil
	}
	if !is {
		var others bool
		if err := x.c.row(ctx, `SELECT EXISTS (SELECT 1 FROM posting WHERE term = ?)`, []any{term}, &others); err != nil || others {
			return err
		}
	}
	french, english := words.Stems(term)
	for _, stem := range slices.Compact([]string{french, english}) {
		switch {
		case stem == term:
		case is:
			x.stems.add(stem, term)
		default:
			if err := x.c.exec(ctx, `DELETE FROM family WHERE stem = ? AND word = ?`, stem, term); err != nil {
				return err
			}
		}
	}
	return nil
}
