package repo

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

const (
	// MaxBlock is how large a block may be. Servers accept records of 1 MB at most.
	MaxBlock = 2 << 20

	maxHeader = 4 << 10
)

// A Source is a repository file: CAR version 1, blocks in any order, duplicates and blocks
// that no tree names included. It must not change while a [Snapshot] reads it.
type Source struct {
	R    io.ReaderAt
	Size int64
}

// blocks finds blocks by their CID in some files.
type blocks struct {
	files []Source
	index *index
}

// scan reads a file from start to end, checks every block against its CID and notes where
// it lies. It returns the root that the file names and the number of its blocks.
func (b *blocks) scan(ctx context.Context, file int) (root atproto.CID, count int, err error) {
	src := b.files[file]
	if src.Size >= maxOffset {
		return root, 0, fmt.Errorf("a file of %d bytes is too large to be a repository", src.Size)
	}
	section := io.NewSectionReader(src.R, 0, src.Size)
	in := &carReader{r: bufio.NewReaderSize(section, int(min(256<<10, src.Size)))}
	if root, err = in.header(); err != nil {
		return root, 0, err
	}
	for ; ; count++ {
		if count%1024 == 0 && ctx.Err() != nil {
			return root, count, ctx.Err()
		}
		start := in.offset
		section, err := in.section()
		if err == io.EOF {
			return root, count, nil
		}
		if err != nil {
			return root, count, err
		}
		c, err := atproto.CIDFromBytes(section[:cidLen])
		if err != nil {
			return root, count, corrupt("the block at byte %d has a name of an unknown kind", start)
		}
		if sha256.Sum256(section[cidLen:]) != c.Hash() {
			return root, count, corrupt("the block at byte %d does not match its name %s", start, c)
		}
		if err := b.note(c, newPlace(file, start)); err != nil {
			return root, count, err
		}
	}
}

// note puts a block into the index unless it is there already: a file may hold the same
// block many times.
func (b *blocks) note(c atproto.CID, p Place) error {
	var readErr error
	in := pages{files: b.files}
	known := b.index.find(&c, func(q Place) bool {
		var other []byte
		if other, readErr = in.section(q); readErr != nil {
			return true
		}
		return atproto.CID(other[:cidLen]) == c
	})
	if !known {
		b.index.add(&c, p)
	}
	return readErr
}

// block reads a block and says where it lies; it is nil if it is in none of the files.
func (b *blocks) block(in *pages, c *atproto.CID) (block []byte, at Place, err error) {
	b.index.find(c, func(p Place) bool {
		var section []byte
		if section, err = in.section(p); err != nil {
			return true
		}
		if atproto.CID(section[:cidLen]) != *c {
			return false
		}
		block, at = section[cidLen:], p
		return true
	})
	return block, at, err
}

// carReader reads the sections of a CAR one after another.
type carReader struct {
	r      *bufio.Reader
	offset int64
	large  []byte // for sections that do not fit into r
}

// header reads the head of the file and returns its one root.
func (in *carReader) header() (atproto.CID, error) {
	n, err := in.length()
	if err == nil && (n == 0 || n > maxHeader) {
		return atproto.CID{}, ErrNotCAR
	}
	var b []byte
	if err == nil {
		b, err = in.take(int(n))
	}
	if err == io.EOF || errors.Is(err, ErrTruncated) || errors.Is(err, ErrCorrupt) {
		return atproto.CID{}, ErrNotCAR
	}
	if err != nil {
		return atproto.CID{}, err
	}
	doc, err := cbor.Parse(b)
	if err != nil {
		return atproto.CID{}, ErrNotCAR
	}
	if version, ok := doc.Field("version").Int(); !ok || version != 1 {
		return atproto.CID{}, ErrNotCAR
	}
	roots := doc.Field("roots")
	if roots.Kind() != cbor.List || doc.Count() != 2 {
		return atproto.CID{}, ErrNotCAR
	}
	if roots.Count() != 1 {
		return atproto.CID{}, corrupt("the file names %d commits and not one", roots.Count())
	}
	for link := range roots.All() {
		if link.Kind() != cbor.Link {
			break
		}
		if c, err := atproto.CIDFromBytes(link.Bytes()); err == nil && !c.IsBlob() {
			return c, nil
		}
	}
	return atproto.CID{}, corrupt("the file's head names no commit")
}

// section reads a CID and its block, valid until the next call; io.EOF after the last one.
func (in *carReader) section() ([]byte, error) {
	start := in.offset
	n, err := in.length()
	if err == io.EOF {
		return nil, io.EOF
	}
	if err != nil {
		return nil, err
	}
	if n < uint64(cidLen) || n > MaxBlock+uint64(cidLen) {
		return nil, corrupt("the block at byte %d is said to be %d bytes long", start, n)
	}
	return in.take(int(n))
}

// length reads a varint in its shortest form. io.EOF means that nothing was left.
func (in *carReader) length() (uint64, error) {
	start := in.offset
	var n uint64
	for shift := 0; ; shift += 7 {
		c, err := in.r.ReadByte()
		if err == io.EOF && shift > 0 {
			return 0, fmt.Errorf("%w (at byte %d)", ErrTruncated, start)
		}
		if err != nil {
			return 0, err
		}
		in.offset++
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			if c == 0 && shift > 0 {
				return 0, corrupt("the length of the block at byte %d is not written canonically", start)
			}
			return n, nil
		}
		if shift >= 3*7 {
			return 0, corrupt("the length of the block at byte %d is absurd", start)
		}
	}
}

// take reads n bytes, valid until the next call.
func (in *carReader) take(n int) ([]byte, error) {
	var b []byte
	var err error
	if n <= in.r.Size() {
		if b, err = in.r.Peek(n); err == nil {
			_, err = in.r.Discard(n)
		}
	} else {
		if cap(in.large) < n {
			in.large = make([]byte, n)
		}
		b = in.large[:n]
		_, err = io.ReadFull(in.r, b)
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("%w (at byte %d)", ErrTruncated, in.offset)
	}
	if err != nil {
		return nil, fmt.Errorf("read at byte %d: %w", in.offset, err)
	}
	in.offset += int64(n)
	return b, nil
}

// IsCAR says whether a file that starts with these bytes looks like a repository file. A
// hundred bytes are enough.
func IsCAR(head []byte) bool {
	n, width := binary.Uvarint(head)
	if width <= 0 || n == 0 || n > maxHeader || uint64(len(head)-width) < n {
		return false
	}
	doc, err := cbor.Parse(head[width : width+int(n)])
	return err == nil && doc.Field("roots").Kind() == cbor.List && doc.Field("version").Kind() == cbor.Int
}
