package repo

import (
	"fmt"
	"io"
)

const (
	pageSize  = 64 << 10
	pageCount = 128 // with pageSize: 8 MB
	pageTries = 4
)

// pages reads pieces of files through a small cache. Servers write a repository in the
// order of its revisions, so walking it by key meets the same stretches of the file again
// and again. A page is only loaded whole when it is wanted several times in a row, so that
// a file in random order is read piece by piece.
//
// What is read may be kept by the caller: a page is never written to again.
type pages struct {
	files []Source
	slots []page // nil: no cache
	tries int    // how often a page must be wanted
}

func newPages(files []Source) *pages {
	p := &pages{files: files, slots: make([]page, pageCount), tries: pageTries}
	var size int64
	for _, f := range files {
		size += f.Size
	}
	if size <= pageSize*pageCount {
		p.tries = 1 // everything fits
	}
	return p
}

type page struct {
	file   int
	number int64
	tries  int
	data   []byte // nil until the page was wanted often enough
}

// read returns length bytes at an offset of a file.
func (p *pages) read(file int, offset int64, length int) ([]byte, error) {
	number := offset / pageSize
	within := int(offset % pageSize)
	if p.slots != nil && within+length <= pageSize {
		data, err := p.page(file, number)
		if err != nil {
			return nil, err
		}
		if data != nil {
			if within+length > len(data) {
				return nil, fmt.Errorf("read at %d: %w", offset, io.ErrUnexpectedEOF)
			}
			return data[within : within+length : within+length], nil
		}
	}
	piece := make([]byte, length)
	if n, err := p.files[file].R.ReadAt(piece, offset); n < length {
		return nil, fmt.Errorf("read at %d: %w", offset, err)
	}
	return piece, nil
}

// section reads the CID and the block that lie at a place.
func (p *pages) section(at Place) ([]byte, error) {
	return p.read(at.file(), at.offset(), at.length())
}

// page returns a page's bytes, or nil if it is not worth loading yet.
func (p *pages) page(file int, number int64) ([]byte, error) {
	slot := &p.slots[(number+int64(file)*37)%pageCount]
	if slot.tries == 0 || slot.file != file || slot.number != number {
		*slot = page{file: file, number: number}
	}
	if slot.data != nil {
		return slot.data, nil
	}
	if slot.tries++; slot.tries < p.tries {
		return nil, nil
	}
	data := make([]byte, min(pageSize, p.files[file].Size-number*pageSize))
	if n, err := p.files[file].R.ReadAt(data, number*pageSize); n < len(data) {
		return nil, fmt.Errorf("read at %d: %w", number*pageSize, err)
	}
	slot.data = data
	return data, nil
}
