//go:build !unix

package sqlite_test

import "time"

func cpuTime() time.Duration { return 0 }
func peakMemory() int64      { return 0 }
