package store

import "errors"

// What callers decide by.
var (
	ErrNotFound  = errors.New("not in the archive")
	ErrAmbiguous = errors.New("fits more than one")
	ErrTooNew    = errors.New("archive was written by a newer skyarchive; update it or choose another --db")
	ErrForeign   = errors.New("not a skyarchive file")
	ErrBusy      = errors.New("another skyarchive is writing to this archive")
	ErrFull      = errors.New("no space left for the archive")
	ErrDisk      = errors.New("the archive could not be written or read; is the disk full or gone?")
	ErrReadOnly  = errors.New("archive cannot be opened for writing")
	ErrDamaged   = errors.New("archive file is damaged")
	ErrNested    = errors.New("the archive was called inside a range over one of its own queries; collect first")
)
