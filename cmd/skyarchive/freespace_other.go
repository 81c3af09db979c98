//go:build !linux && !darwin && !freebsd && !windows

package main

// freeSpace does not know on other systems.
func freeSpace(string) (int64, bool) { return 0, false }
