package repo

import (
	"encoding/binary"
	"fmt"
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

// usualSection is how much is read of a section outside a page before its length is known.
const usualSection = 512

// section reads the CID and the block that lie at a place.
func (p *pages) section(at Place) ([]byte, error) {
	file, offset := at.file(), at.offset()
	head, err := p.ahead(file, offset)
	if err != nil {
		return nil, err
	}
	length, width := binary.Uvarint(head)
	if width <= 0 || length < uint64(cidLen) || length > MaxBlock+uint64(cidLen) {
		return nil, fmt.Errorf("read at %d: the file has changed since it was checked", offset)
	}
	if end := width + int(length); end <= len(head) {
		return head[width:end:end], nil
	}
	section := make([]byte, length)
	return section, p.fill(file, offset+int64(width), section)
}

// ahead returns some bytes from an offset on, enough for the length of a section: the rest of
// a page, or what is usual.
func (p *pages) ahead(file int, offset int64) ([]byte, error) {
	number := offset / pageSize
	within := int(offset % pageSize)
	if p.slots != nil && within+binary.MaxVarintLen32 <= pageSize {
		data, err := p.page(file, number)
		if err != nil {
			return nil, err
		}
		if data != nil {
			return data[min(within, len(data)):], nil
		}
	}
	piece := make([]byte, max(0, min(usualSection, p.files[file].Size-offset)))
	return piece, p.fill(file, offset, piece)
}

// fill reads what lies at an offset.
func (p *pages) fill(file int, offset int64, piece []byte) error {
	if n, err := p.files[file].R.ReadAt(piece, offset); n < len(piece) {
		return fmt.Errorf("read at %d: %w", offset, err)
	}
	return nil
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
	if err := p.fill(file, number*pageSize, data); err != nil {
		return nil, err
	}
	slot.data = data
	return data, nil
}
