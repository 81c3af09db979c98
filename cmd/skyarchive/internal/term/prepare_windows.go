package term

import (
	"os"

	"golang.org/x/sys/windows"
)

// Prepare makes a Windows console take UTF-8 and terminal sequences.
func Prepare() {
	// Errors mean that there is no console, which is fine.
	_ = windows.SetConsoleOutputCP(65001)
	_ = windows.SetConsoleCP(65001)
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		var mode uint32
		h := windows.Handle(f.Fd())
		if windows.GetConsoleMode(h, &mode) == nil {
			_ = windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING)
		}
	}
}
