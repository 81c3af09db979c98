package main

import (
	"fmt"

	"skyarchive/cmd/skyarchive/internal/archive"
)

// verified is how the accounts that were checked stand.
type verified struct {
	all     int
	failed  int      // of which something is wrong
	foreign int      // of those: wrong is only that somebody else signed states
	keyless []string // nothing is wrong with what is here, and no key is known to check the signatures with
	first   string   // that is wrong
}

func (s *verified) add(v archive.Verification) {
	s.all++
	switch {
	case v.Holds():
	case len(v.Wrong) == 0:
		s.keyless = append(s.keyless, v.Account.Name())
	default:
		s.failed++
		if len(v.Wrong) == v.Foreign {
			s.foreign++
		}
		if s.first == "" {
			s.first = v.Account.Name() + ": " + v.Wrong[0]
		}
	}
}

// err is nil if all that was checked holds.
func (s *verified) err() error {
	keyless := fmt.Sprintf("no key is known of %d of %s", len(s.keyless), count(s.all, "account"))
	switch {
	case s.failed == 0 && len(s.keyless) == 0:
		return nil
	case s.failed == 0:
		return hinted{fmt.Errorf("%w: %s", archive.ErrUnchecked, keyless), "what can be checked without one is right; " + s.getKeys()}
	}
	err := fmt.Errorf("%w: %d of %s: %s", archive.ErrUnverified, s.failed, count(s.all, "account"), s.first)
	hint := "what the archive keeps is not what was signed: skyarchive doctor looks at the file; a backup that verifies can take its place"
	if s.foreign == s.failed {
		hint = "the bytes are as they came, and everything else holds; who signed these states does not hold the account"
	}
	if len(s.keyless) > 0 {
		hint += "; " + keyless + ", so that their signatures could not be checked: " + s.getKeys()
	}
	return hinted{err, hint}
}

// getKeys says how the missing keys come here.
func (s *verified) getKeys() string {
	who := "--all"
	if len(s.keyless) == 1 {
		who = s.keyless[0]
	}
	return "skyarchive fetch " + who + ", online, brings the keys, or import with --did-doc or --plc-log"
}
