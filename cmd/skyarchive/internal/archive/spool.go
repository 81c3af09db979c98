package archive

import (
	"encoding/binary"
	"iter"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
)

// A spool holds the threads of an account until its posts are written, which they come after.
// They take a tenth of the room that they take as they are, and the collector finds no pointers
// in them: a post of the account is the number in its key, and a reason is held once.
type spool struct {
	prefix string // of the URIs of the account's posts
	held   []byte
	words  []string // reasons, and the names of the kinds of evidence
	places map[string]int
}

func newSpool(did syntax.DID) *spool {
	return &spool{prefix: string(atproto.Path(atproto.CollectionPost + "/").URI(did)), places: map[string]int{}}
}

// add takes a thread in. It never fails.
func (s *spool) add(t analysis.Thread) error {
	s.uris(t.Posts)
	s.flag(t.Numbering != nil)
	if n := t.Numbering; n != nil {
		s.number(n.Total)
		putList(s, n.Numbers, s.number)
		putList(s, n.Missing, s.int)
	}
	s.flag(t.Complete)
	putList(s, t.Branches, s.uris)
	putList(s, t.Joins, func(j analysis.Join) {
		s.uri(j.URI)
		s.word(string(j.By))
		s.word(j.Why)
	})
	putList(s, t.Gaps, func(g analysis.Gap) {
		s.word(string(g.Kind))
		s.uri(g.After)
		s.uri(g.URI)
		s.int(g.Number)
	})
	return nil
}

// all yields the threads in the order in which they were taken in.
func (s *spool) all() iter.Seq[analysis.Thread] {
	return func(yield func(analysis.Thread) bool) {
		for in := (unspooling{s, s.held}); len(in.rest) > 0; {
			if !yield(in.thread()) {
				return
			}
		}
	}
}

func (s *spool) int(n int) { s.held = binary.AppendVarint(s.held, int64(n)) }

func (s *spool) flag(is bool) {
	if is {
		s.int(1)
	} else {
		s.int(0)
	}
}

func (s *spool) number(n *int) {
	s.flag(n != nil)
	if n != nil {
		s.int(*n)
	}
}

// putList writes a list; one that is nil stays nil.
func putList[T any](s *spool, list []T, put func(T)) {
	if list == nil {
		s.int(-1)
		return
	}
	s.int(len(list))
	for _, one := range list {
		put(one)
	}
}

// The ways in which a URI is held.
const (
	otherURI = iota
	ownURI   // the account's post
	tidURI   // the same, its key a TID
)

func (s *spool) uris(list []syntax.ATURI) { putList(s, list, s.uri) }

func (s *spool) uri(uri syntax.ATURI) {
	key, own := strings.CutPrefix(string(uri), s.prefix)
	number, isTID := atproto.TIDNumber(key)
	switch {
	case own && isTID:
		s.int(tidURI)
		s.held = binary.BigEndian.AppendUint64(s.held, number)
		return
	case own:
		s.int(ownURI)
	default:
		s.int(otherURI)
	}
	s.int(len(key))
	s.held = append(s.held, key...)
}

func (s *spool) word(word string) {
	at, known := s.places[word]
	if !known {
		at = len(s.words)
		s.words, s.places[word] = append(s.words, word), at
	}
	s.int(at)
}

// An unspooling reads what a spool wrote.
type unspooling struct {
	*spool
	rest []byte
}

func (in *unspooling) thread() (t analysis.Thread) {
	t.Posts = in.uris()
	t.Root = t.Posts[0]
	if in.flag() {
		t.Numbering = &analysis.Numbering{Total: in.number(), Numbers: takeList(in, in.number), Missing: takeList(in, in.int)}
	}
	t.Complete = in.flag()
	t.Branches = takeList(in, in.uris)
	t.Joins = takeList(in, func() analysis.Join {
		return analysis.Join{URI: in.uri(), By: analysis.JoinedBy(in.word()), Why: in.word()}
	})
	t.Gaps = takeList(in, func() analysis.Gap {
		return analysis.Gap{Kind: analysis.GapKind(in.word()), After: in.uri(), URI: in.uri(), Number: in.int()}
	})
	return t
}

func (in *unspooling) int() int {
	n, width := binary.Varint(in.rest)
	in.rest = in.rest[width:]
	return int(n)
}

func (in *unspooling) flag() bool { return in.int() != 0 }

func (in *unspooling) number() *int {
	if !in.flag() {
		return nil
	}
	n := in.int()
	return &n
}

func takeList[T any](in *unspooling, take func() T) []T {
	n := in.int()
	if n < 0 {
		return nil
	}
	list := make([]T, n)
	for i := range list {
		list[i] = take()
	}
	return list
}

func (in *unspooling) uris() []syntax.ATURI { return takeList(in, in.uri) }

func (in *unspooling) uri() syntax.ATURI {
	kind := in.int()
	if kind == tidURI {
		number := binary.BigEndian.Uint64(in.rest)
		in.rest = in.rest[8:]
		return syntax.ATURI(in.prefix + atproto.TID(number))
	}
	n := in.int()
	key := string(in.rest[:n])
	in.rest = in.rest[n:]
	if kind == ownURI {
		key = in.prefix + key
	}
	return syntax.ATURI(key)
}

func (in *unspooling) word() string { return in.words[in.int()] }
