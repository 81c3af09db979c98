package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"skyarchive/atproto/atprototest"
)

// installed is the program as a file of its own, with a network and a folder for its archive:
// for tests that run several processes of it, and kill some.
type installed struct {
	t       testing.TB
	net     *atprototest.Network
	dir     string
	program string
}

func install(t testing.TB) *installed {
	t.Helper()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := net.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	program := filepath.Join(dir, "skyarchive")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, program); err != nil { // the test binary is the program under that name
		t.Fatal(err)
	}
	return &installed{t, net, dir, program}
}

// command is a process of the program that was not started yet.
func (p *installed) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.program, args...)
	cmd.Env = append(os.Environ(), "WORK="+p.dir, "TMPDIR="+p.dir, "SKYARCHIVE_DB="+filepath.Join(p.dir, "archive.db"),
		"SKYARCHIVE_PLC="+p.net.URL, "SKYARCHIVE_RESOLVER="+p.net.URL, "SKYARCHIVE_ALLOW_PRIVATE=1")
	return cmd
}

// output runs the program, which must succeed, and returns what it printed.
func (p *installed) output(args ...string) string {
	p.t.Helper()
	var failed strings.Builder
	cmd := p.command(args...)
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, &failed)
	}
	return string(out)
}
