package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"

	"skyarchive/analysis/words"
)

// An index gathers what changes in the index of words, and brings it into the file term by
// term: a row of the index holds many posts, so that it is written for many at once.
type index struct {
	c      *conn
	held   *gathered // what is held of all changes
	quotes *gathered // who quotes whom, which is asked for all the time: always held
	runs   runs      // changes that were too many
	worker *worker   // makes the words, nil: whoever calls does
	rows   *batch    // that wait to be written
	stems  *batch
	empty  bool // there is nothing in the file
	known  bool // empty is known
	limit  int  // bytes it holds before it puts them aside
	list   []noted
}

// heldBytes is how much an index holds.
const heldBytes = 8 << 20

func newIndex(c *conn) *index {
	x := &index{c: c, limit: heldBytes, held: newGathered(), quotes: newGathered()}
	x.rows, x.stems = x.batches()
	return x
}

// change puts the words and properties of a document in the place of those it had. Either
// may be nil, and neither changes afterwards.
func (x *index) change(old, now *document) error {
	x.quotes.changeProperties(cmp.Or(old, now).id, old.quoting(), now.quoting())
	return x.do(func(g *gathered) { g.change(old, now) })
}

// do changes what is held, if there is a worker after all that was to be done before.
func (x *index) do(fn func(*gathered)) error {
	if x.worker != nil {
		return x.worker.do(fn)
	}
	fn(x.held)
	return x.spill()
}

// spill puts what is held aside when it has become too much.
func (x *index) spill() error {
	if x.held.size < x.limit {
		return nil
	}
	return x.putAside(x.held)
}

func (x *index) putAside(g *gathered) error {
	defer g.clear()
	return x.runs.put(g)
}

// quoters are the posts that have one of some terms which say whom a post quotes, what is
// held back considered.
func (x *index) quoters(ctx context.Context, terms []string) (map[int64]bool, error) {
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
		if ch := x.quotes.terms[term]; ch != nil {
			for _, c := range ch.appendTo(nil) {
				if posts[c.id] = true; c.gone {
					delete(posts, c.id)
				}
			}
		}
	}
	return posts, nil
}

// flush brings all changes into the file.
func (x *index) flush(ctx context.Context) error {
	if x.worker != nil {
		if err := x.worker.wait(); err != nil {
			return err
		}
	}
	if len(x.held.terms)+len(x.quotes.terms)+len(x.runs.ends) == 0 {
		return nil
	}
	if err := x.look(ctx); err != nil {
		return err
	}
	var err error
	if x.empty {
		err = x.writeFirst(ctx)
	} else {
		err = x.eachTerm(func(term string, parts []*changes) error {
			if err := x.write(ctx, term, parts); err != nil || len(x.rows.values) < waitingRows {
				return err
			}
			return x.writeRows(ctx)
		})
	}
	if err != nil {
		return err
	}
	x.runs.close()
	x.held.clear()
	x.quotes.clear()
	x.empty = false
	return x.writeRows(ctx)
}

// writeFirst writes all changes into a file where there are none: the rows are made in a
// goroutine, which needs nothing of the file.
func (x *index) writeFirst(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	full := make(chan [2]*batch, 2)
	var failed error
	var making sync.WaitGroup
	making.Go(func() {
		defer close(full)
		failed = x.eachTerm(func(term string, parts []*changes) error {
			if err := x.write(ctx, term, parts); err != nil || len(x.rows.values) < waitingRows {
				return err
			}
			select {
			case full <- [2]*batch{x.rows, x.stems}:
				x.rows, x.stems = x.batches()
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
	})
	defer making.Wait()
	defer stop()
	for part := range full {
		if err := errors.Join(part[0].write(ctx), part[1].write(ctx)); err != nil {
			return err
		}
	}
	return failed
}

// batches are empty ones of rows and of stems.
func (x *index) batches() (rows, stems *batch) {
	return x.c.batch(`INSERT OR REPLACE INTO posting (term, first, posts, places)`, 4), x.c.batch(`INSERT OR IGNORE INTO family (stem, word)`, 2)
}

// eachTerm calls fn for every term in alphabetical order, with its changes, oldest first.
func (x *index) eachTerm(fn func(term string, parts []*changes) error) error {
	if len(x.runs.ends) > 0 {
		if err := errors.Join(x.putAside(x.held), x.putAside(x.quotes)); err != nil {
			return err
		}
		return x.runs.each(fn)
	}
	for _, g := range []*gathered{x.quotes, x.held} { // which have no term in common
		for _, term := range g.sorted() {
			if err := fn(term, []*changes{g.terms[term]}); err != nil {
				return err
			}
		}
	}
	return nil
}

// close forgets what was not written.
func (x *index) close() {
	if x.worker != nil {
		x.worker.stop()
		x.worker = nil
	}
	x.runs.close()
}

// waitingRows is how many values of rows wait to be written with one statement.
const waitingRows = 4096

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

// write makes the rows of a term that has changed. Where the index is empty it needs nothing
// of the file.
func (x *index) write(ctx context.Context, term string, parts []*changes) error {
	if x.empty && ascending(parts) {
		return x.writeNew(ctx, term, parts)
	}
	var list []noted
	for _, part := range parts {
		list = part.appendTo(list)
	}
	list = latest(list)
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
	return x.writeFamily(ctx, term, len(before) > 0, len(blocks) > 0)
}

// ascending says whether the ids of changes grow from one to the next.
func ascending(parts []*changes) bool {
	for i, part := range parts {
		if part.unsorted || i > 0 && part.first <= parts[i-1].last {
			return false
		}
	}
	return true
}

// writeNew writes the rows of a term that is not in the file.
func (x *index) writeNew(ctx context.Context, term string, parts []*changes) error {
	rows := 0
	e := encoder{property: isProperty(term), emit: func(b block) {
		rows++
		x.rows.add(term, b.first, b.posts, b.places)
	}}
	for _, part := range parts {
		x.list = part.appendTo(x.list[:0])
		for _, c := range x.list {
			if !c.gone {
				e.add(c.posting)
			}
		}
	}
	e.end()
	return x.writeFamily(ctx, term, false, rows > 0)
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
	if was == is || term[:1] == asides || isProperty(term) {
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
