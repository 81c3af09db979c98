package sqlite

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
)

// digestOf stands for all that is put of a thread: the first 8 bytes of the SHA-256 hash of
// its fields, each behind its length.
func digestOf(t *analysis.Thread) int64 {
	d := digest{sha256.New()}
	d.uris(t.Posts)
	if n := t.Numbering; n != nil {
		d.optional(n.Total)
		d.number(len(n.Numbers))
		for _, one := range n.Numbers {
			d.optional(one)
		}
		d.number(len(n.Missing))
		for _, one := range n.Missing {
			d.number(one)
		}
	} else {
		d.number(-1)
	}
	d.number(flag(t.Complete))
	d.number(len(t.Branches))
	for _, b := range t.Branches {
		d.uris(b)
	}
	d.number(len(t.Joins))
	for _, j := range t.Joins {
		d.text(string(j.URI))
		d.text(string(j.By))
		d.text(j.Why)
	}
	d.number(len(t.Gaps))
	for _, g := range t.Gaps {
		d.text(string(g.Kind))
		d.text(string(g.After))
		d.text(string(g.URI))
		d.number(g.Number)
	}
	return int64(binary.BigEndian.Uint64(d.Sum(nil)))
}

type digest struct{ hash.Hash }

func (d digest) number(n int) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	d.Write(b[:])
}

func (d digest) optional(n *int) {
	if n == nil {
		d.number(-1)
		return
	}
	d.number(1)
	d.number(*n)
}

func (d digest) text(s string) {
	d.number(len(s))
	io.WriteString(d, s)
}

func (d digest) uris(list []syntax.ATURI) {
	d.number(len(list))
	for _, uri := range list {
		d.text(string(uri))
	}
}
