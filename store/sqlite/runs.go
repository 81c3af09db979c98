package sqlite

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"

	"skyarchive/store"
)

// Runs are changes of the index that are too many to be held: a file of them, sorted by term
// again and again, which is read once, all runs side by side, when they are written into the
// index. So each of its rows is written once, however many posts come. The file is in the
// folder for temporary files, has no name where the system allows that, and goes with its
// process; what a process that was killed left elsewhere, a later run sweeps by its name.
type runs struct {
	file *os.File
	out  *bufio.Writer
	ends []int64 // where each run ends in the file
	size int64
}

// put adds a run of what was gathered, if that is anything.
func (r *runs) put(g *gathered) error {
	if len(g.terms) == 0 {
		return nil
	}
	if r.file == nil {
		file, err := os.CreateTemp("", "skyarchive-*.words.tmp")
		if err != nil {
			return fmt.Errorf("words that wait for the index: %w", err)
		}
		_ = os.Remove(file.Name()) // close does so where an open file cannot be removed
		r.file, r.out = file, bufio.NewWriterSize(file, 1<<16)
	}
	var head []byte
	for _, term := range g.sorted() {
		ch := g.terms[term]
		head = binary.AppendUvarint(head[:0], uint64(len(term)))
		head = append(head, term...)
		head = binary.AppendUvarint(head, uint64(ch.n)<<1|uint64(flag(ch.unsorted)))
		head = binary.AppendVarint(head, ch.first)
		head = binary.AppendVarint(head, ch.last)
		head = binary.AppendUvarint(head, uint64(len(ch.buf)))
		for _, part := range [][]byte{head, ch.buf} {
			n, err := r.out.Write(part)
			if r.size += int64(n); err != nil {
				return r.failure(err)
			}
		}
	}
	r.ends = append(r.ends, r.size)
	return r.failure(r.out.Flush())
}

func (r *runs) failure(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG) {
		err = fmt.Errorf("%w: %w", store.ErrFull, err)
	}
	if err != nil {
		return fmt.Errorf("words that wait for the index: %w", err)
	}
	return nil
}

// close removes the file.
func (r *runs) close() {
	if r.file == nil {
		return
	}
	_ = r.file.Close() // nobody needs it
	_ = os.Remove(r.file.Name())
	*r = runs{}
}

// each calls fn for every term in alphabetical order, with its changes, oldest first. They
// are good until fn returns.
func (r *runs) each(fn func(term string, parts []*changes) error) error {
	readers := make([]*runReader, len(r.ends))
	start := int64(0)
	for i, end := range r.ends {
		section := io.NewSectionReader(r.file, start, end-start)
		readers[i] = &runReader{in: bufio.NewReaderSize(section, 1<<15)}
		if start = end; !readers[i].next() {
			return readers[i].err
		}
	}
	var parts []*changes
	for len(readers) > 0 {
		term := slices.MinFunc(readers, func(a, b *runReader) int { return cmp.Compare(a.term, b.term) }).term
		parts = parts[:0]
		for _, one := range readers {
			if one.term == term {
				parts = append(parts, &one.changes)
			}
		}
		if err := fn(term, parts); err != nil {
			return err
		}
		var err error
		readers = slices.DeleteFunc(readers, func(one *runReader) bool {
			if one.term != term || one.next() {
				return false
			}
			err = errors.Join(err, one.err)
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// A runReader reads the terms of a run.
type runReader struct {
	in   *bufio.Reader
	term string
	changes
	err error
}

// next reads the next term; false at the end.
func (r *runReader) next() bool {
	length, err := binary.ReadUvarint(r.in)
	if err == io.EOF {
		return false
	}
	term := make([]byte, length)
	_, bad := io.ReadFull(r.in, term)
	n, err2 := binary.ReadUvarint(r.in)
	first, err3 := binary.ReadVarint(r.in)
	last, err4 := binary.ReadVarint(r.in)
	size, err5 := binary.ReadUvarint(r.in)
	if r.err = errors.Join(err, bad, err2, err3, err4, err5); r.err != nil {
		return false
	}
	r.term = string(term)
	r.changes = changes{slices.Grow(r.buf[:0], int(size))[:size], first, last, int(n >> 1), n&1 == 1}
	_, r.err = io.ReadFull(r.in, r.buf)
	return r.err == nil
}
