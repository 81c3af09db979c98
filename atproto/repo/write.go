package repo

import (
	"encoding/binary"
	"io"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

// A Writer writes a CAR file, version 1. It does not look into the blocks.
type Writer struct {
	w io.Writer
	b []byte
}

// NewWriter writes the head of a file with this root, which is the CID of the commit.
func NewWriter(w io.Writer, root atproto.CID) (*Writer, error) {
	head := cbor.AppendMap(nil, 2)
	head = cbor.AppendList(cbor.AppendText(head, "roots"), 1)
	head = cbor.AppendLink(head, root)
	head = cbor.AppendInt(cbor.AppendText(head, "version"), 1)
	b := append(binary.AppendUvarint(nil, uint64(len(head))), head...)
	_, err := w.Write(b)
	return &Writer{w: w, b: b}, err
}

// Put writes a block.
func (w *Writer) Put(c atproto.CID, block []byte) error {
	w.b = binary.AppendUvarint(w.b[:0], uint64(cidLen+len(block)))
	w.b = append(append(w.b, c[:]...), block...)
	_, err := w.w.Write(w.b)
	return err
}
