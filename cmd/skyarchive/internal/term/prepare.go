//go:build !windows

package term

// Prepare makes the console ready; only Windows needs it.
func Prepare() {}
