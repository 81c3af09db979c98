package sqlite

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// Gathered is changes of the index by term, as they are held in memory.
type gathered struct {
	terms    map[string]*changes
	size     int // bytes, about
	old, now wordScan
	free     []*changes // to be used again
}

// Terms whose changes are this long at the most are used again, so many of them.
const (
	fewBytes  = 64
	freeTerms = 1 << 15
)

// Changes are the postings of a term that come and go, encoded as they came: a post that
// comes twice is what came last.
type changes struct {
	buf         []byte
	first, last int64
	n           int
	unsorted    bool // ids do not grow
}

func newGathered() *gathered { return &gathered{terms: map[string]*changes{}} }

// fresh is room for the changes of one more term.
func (g *gathered) fresh(first int64) *changes {
	if len(g.free) == 0 {
		return &changes{buf: make([]byte, 0, 16), first: first}
	}
	ch := g.free[len(g.free)-1]
	g.free = g.free[:len(g.free)-1]
	*ch = changes{buf: ch.buf[:0], first: first}
	return ch
}

// clear forgets what was gathered. The room of terms that little was known of, which most
// are, is kept for others.
func (g *gathered) clear() {
	for _, ch := range g.terms {
		if cap(ch.buf) <= fewBytes && len(g.free) < freeTerms {
			g.free = append(g.free, ch)
		}
	}
	clear(g.terms)
	g.size = 0
}

// sorted are the terms in alphabetical order.
func (g *gathered) sorted() []string {
	list := make([]string, 0, len(g.terms))
	for term := range g.terms {
		list = append(list, term)
	}
	slices.Sort(list)
	return list
}

// change puts the words and properties of a document in the place of those it had. Either
// may be nil.
func (g *gathered) change(old, now *document) {
	var id int64
	var oldWords, words []indexedWord
	var oldProperties, all properties
	if old != nil {
		id, oldWords, oldProperties = old.id, old.words(&g.old), old.properties()
	}
	if now != nil {
		id, words, all = now.id, now.words(&g.now), now.properties()
	}
	g.changeWords(id, oldWords, words)
	g.changeProperties(id, oldProperties, all)
}

// changeWords puts words of a document in the place of others. Both are in alphabetical
// order.
func (g *gathered) changeWords(id int64, old, now []indexedWord) {
	for _, w := range now {
		for len(old) > 0 && old[0].term < w.term {
			g.note(old[0].term, posting{id: id}, true)
			old = old[1:]
		}
		if len(old) > 0 && old[0].term == w.term {
			same := old[0].detail == w.detail && bytes.Equal(old[0].places, w.places)
			if old = old[1:]; same {
				continue
			}
		}
		g.note(w.term, posting{id, w.detail, w.places}, false)
	}
	for _, w := range old {
		g.note(w.term, posting{id: id}, true)
	}
}

// changeProperties puts properties of a document in the place of others.
func (g *gathered) changeProperties(id int64, old, now properties) {
	for _, term := range old {
		if !slices.Contains(now, term) {
			g.note(term, posting{id: id}, true)
		}
	}
	for _, term := range now {
		if !slices.Contains(old, term) {
			g.note(term, posting{id: id}, false)
		}
	}
}

// note remembers that a posting comes or goes.
func (g *gathered) note(term string, p posting, gone bool) {
	ch := g.terms[term]
	if ch == nil {
		ch = g.fresh(p.id)
		g.terms[strings.Clone(term)] = ch // which is a part of a whole text
		g.size += 128 + len(term)
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
	ch.unsorted = ch.unsorted || ch.n > 0 && p.id <= ch.last
	ch.last = p.id
	ch.n++
	g.size += len(ch.buf) - before
}

// A noted change is a posting that comes, or goes.
type noted struct {
	posting
	gone bool
}

// appendTo appends the changes in the order in which they came.
func (ch *changes) appendTo(list []noted) []noted {
	list = slices.Grow(list, ch.n)
	var id int64
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
		list = append(list, c)
	}
	return list
}

// latest sorts changes by id, and keeps the last one of each.
func latest(list []noted) []noted {
	slices.SortStableFunc(list, func(a, b noted) int { return cmp.Compare(a.id, b.id) })
	kept := list[:0]
	for i, c := range list {
		if i+1 == len(list) || list[i+1].id != c.id {
			kept = append(kept, c)
		}
	}
	return kept
}
