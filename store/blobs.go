package store

import (
	"errors"
	"io"
	"time"

	"skyarchive/atproto"
)

// ErrMismatch says that bytes are not those that a CID names.
var ErrMismatch = errors.New("the bytes are not those that the CID names")

// Blobs keeps files by their CID, outside of the archive: pictures and videos are larger
// than everything else together. Its methods may be called from several goroutines.
type Blobs interface {
	// Put keeps the bytes that fill writes, if fill returns nil and they are those that the
	// CID names; else nothing is kept, and the error is fill's or [ErrMismatch]. What is kept
	// survives a crash right after.
	Put(cid atproto.CID, fill func(io.Writer) error) error
	// Open opens a file; the error is fs.ErrNotExist where it is not kept.
	Open(cid atproto.CID) (io.ReadCloser, error)
	// Remove takes a file away; not an error if it is not kept.
	Remove(cid atproto.CID) error
	// Has says whether a file is kept, and its size.
	Has(cid atproto.CID) (size int64, ok bool, err error)
}

// BlobState says what became of asking for a file.
type BlobState string

// The states of a file.
const (
	BlobKept        BlobState = "kept"
	BlobTooLarge    BlobState = "too large"   // larger than was allowed then
	BlobGone        BlobState = "gone"        // its server does not have it
	BlobMismatch    BlobState = "mismatch"    // its server sent other bytes
	BlobUnavailable BlobState = "unavailable" // no answer
)

// A Blob is a file that posts of an account refer to, and what became of asking for it.
type Blob struct {
	atproto.Blob           // Size: bytes that are kept; else as claimed, or what is known to be exceeded
	State        BlobState // of the last time it was asked for
	At           time.Time
	Host         string // the server that was asked
	Why          string // "" if it is kept
}
