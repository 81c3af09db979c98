package repo

import (
	"errors"
	"fmt"

	"skyarchive/atproto"
)

// What can be wrong with a repository file. The words are for people who never saw one.
var (
	// ErrNotCAR says that a file is no repository at all.
	ErrNotCAR = errors.New("this is not a repository file (CAR version 1)")

	// ErrTruncated says that a file ends inside a block. A file that was cut between two
	// blocks is only noticed as [ErrIncomplete].
	ErrTruncated = errors.New("the file stops in the middle of a block: the download was cut")

	// ErrCorrupt says that bytes are not what their name, or the tree, says they are.
	ErrCorrupt = errors.New("the repository is damaged or was altered")

	// ErrVersion says that a repository is of a version other than 3.
	ErrVersion = errors.New("the repository has a version that cannot be read: only version 3 is supported")

	// ErrIncomplete says that parts of the tree are missing, so that it is not known which
	// records the repository holds. The error is an [*IncompleteError].
	ErrIncomplete = errors.New("the repository is incomplete")

	// ErrNothingNew says that a file names a commit and holds nothing: a server's answer
	// when there is no change since the revision it was asked for. The error is a
	// [*NothingNewError].
	ErrNothingNew = errors.New("the server has nothing new")

	// ErrSignature says that a commit was not signed with the key.
	ErrSignature = errors.New("the signature does not hold with this key")
)

// An IncompleteError tells how much of a tree is missing.
type IncompleteError struct {
	Commit  Commit // its revision is where a repair starts; zero if the commit is missing too
	Missing int    // tree nodes that are named and not there
	Records int    // records that could be listed nevertheless
}

func (e *IncompleteError) Error() string {
	parts := "one part of its tree is"
	if e.Missing != 1 {
		parts = fmt.Sprintf("%d parts of its tree are", e.Missing)
	}
	return fmt.Sprintf("%v: %s missing (%d records can be listed); it changed during the download, or the file was cut",
		ErrIncomplete, parts, e.Records)
}

func (e *IncompleteError) Unwrap() error { return ErrIncomplete }

// A NothingNewError names the commit that the server still has.
type NothingNewError struct {
	Root atproto.CID
}

func (e *NothingNewError) Error() string {
	return fmt.Sprintf("%v: its newest commit is still %s", ErrNothingNew, e.Root)
}

func (e *NothingNewError) Unwrap() error { return ErrNothingNew }

// corrupt says what is wrong, so that the sentence ends in ErrCorrupt.
func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}
