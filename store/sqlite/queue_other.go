//go:build !linux && !darwin && !freebsd && !windows

package sqlite

import (
	"errors"
	"os"
)

func tryLock(*os.File) (held bool, err error) { return false, errors.ErrUnsupported }

func unlock(*os.File) error { return nil }
