// Command skyarchive archives the posts of Bluesky accounts from their signed
// repositories, puts the threads together again as they were meant to be read, and tags
// the claims in them for review.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // for --tz on Windows, and wherever the system has no time zones

	"skyarchive/cmd/skyarchive/internal/term"
)

// version is set at release: -ldflags "-X main.version=v1.2.3".
var version = "dev"

func main() { os.Exit(program()) }

// program is main with its exit status, so that test scripts can run it in their own binary.
func program() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first Ctrl-C asks for an orderly end, the second one is not caught any more.
	context.AfterFunc(ctx, stop)

	term.Prepare()
	a := &app{Env: os.Getenv, Stdin: os.Stdin}
	return run(ctx, a, os.Args[1:], os.Stdout, os.Stderr)
}
