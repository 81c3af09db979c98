package main

import (
	"errors"
	"testing"

	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/archive"
	"skyarchive/store"
)

// What is wrong and what could not be checked are told apart, with the same status.
func TestVerified(t *testing.T) {
	t.Parallel()
	account := store.Account{Account: atproto.Account{DID: "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}}
	good := archive.Verification{Account: account}
	bare := archive.Verification{Account: account, NoKey: true}
	bad := archive.Verification{Account: account, Wrong: []string{"a hash"}}
	for _, c := range []struct {
		name    string
		list    []archive.Verification
		is      error
		message string
	}{
		{"all hold", []archive.Verification{good, good}, nil, ""},
		{"no key", []archive.Verification{good, bare}, archive.ErrUnchecked, "signatures could not be checked: no key is known of 1 of 2 accounts"},
		{"something wrong", []archive.Verification{bad, bare, good}, archive.ErrUnverified, "repository does not verify: 1 of 3 accounts: did:plc:aaaaaaaaaaaaaaaaaaaaaaaa: a hash"},
	} {
		var s verified
		for _, v := range c.list {
			s.add(v)
		}
		err := s.err()
		if !errors.Is(err, c.is) || err != nil && err.Error() != c.message {
			t.Errorf("%s: %v, want %q", c.name, err, c.message)
		}
		if want := map[bool]int{true: exitDone, false: exitUnverified}[c.is == nil]; exitCode(t.Context(), err) != want {
			t.Errorf("%s: status %d, want %d", c.name, exitCode(t.Context(), err), want)
		}
	}
}
