package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"skyarchive/atproto"
	"skyarchive/atproto/atprototest"
)

var kills = flag.Int("kills", 20, "how often TestKill kills a fetch")

// A fetch that is killed at any moment leaves an archive that opens and verifies, and the
// next fetch completes it. Of three fetches the first makes the archive anew, and all have
// something to take.
func TestKill(t *testing.T) {
	t.Parallel()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	lou := net.Account("lou.test")
	lou.Many(600, 100)
	if err := net.Err(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "skyarchive")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, program); err != nil { // the test binary is the program under that name
		t.Fatal(err)
	}
	var db string
	command := func(args ...string) *exec.Cmd {
		cmd := exec.Command(program, args...)
		cmd.Env = append(os.Environ(), "WORK="+dir, "TMPDIR="+dir, "SKYARCHIVE_DB="+db, "SKYARCHIVE_PLC="+net.URL,
			"SKYARCHIVE_RESOLVER="+net.URL, "SKYARCHIVE_ALLOW_PRIVATE=1")
		return cmd
	}
	posts := 600
	var last []atproto.Ref
	write := func() {
		if len(last) > 4 {
			lou.Delete(last[0])
			lou.Edit(last[1], "Corrigé.")
			last, posts = last[2:], posts-1
		}
		for range 5 {
			posts++
			last = append(last, lou.Post(fmt.Sprintf("Encore un, numéro %d : 12 TWh.", posts)))
		}
		if err := net.Err(); err != nil {
			t.Fatal(err)
		}
	}
	complete := func() (took time.Duration) {
		start := time.Now()
		if out, err := command("fetch", "--json", "lou.test").CombinedOutput(); err != nil || !strings.Contains(string(out), fmt.Sprintf(`"posts":%d,`, posts)) {
			t.Fatalf("a fetch of %d posts that nobody kills: %v\n%s", posts, err, out)
		}
		return time.Since(start)
	}
	db = filepath.Join(dir, "whole.db")
	first := complete()
	write()
	later := complete()

	r := rand.New(rand.NewPCG(1, 1))
	killed := 0
	for i := range *kills {
		write()
		longest := later
		if i%3 == 0 {
			db, longest = filepath.Join(dir, fmt.Sprintf("archive%d.db", i)), first
		}
		cmd := command("fetch", "lou.test")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(r.Int64N(int64(longest) * 11 / 10)))
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed, or done before
		if cmd.ProcessState.ExitCode() < 0 {
			killed++
		}
		out, err := command("verify").CombinedOutput()
		var exit *exec.ExitError
		none := errors.As(err, &exit) && exit.ExitCode() == exitArchive && strings.Contains(string(out), "no archive at")
		if err != nil && !none { // there may be no file yet
			t.Fatalf("after kill %d: verify: %v\n%s", i+1, err, out)
		}
		if i%3 == 2 {
			complete()
		}
	}
	t.Logf("%d of %d fetches were killed, the others were done; a whole one takes %s, a later one %s",
		killed, *kills, first.Round(time.Millisecond), later.Round(time.Millisecond))
	if killed == 0 {
		t.Fatal("nothing was killed")
	}
	complete()
	if out, err := command("verify").CombinedOutput(); err != nil {
		t.Fatalf("verify: %v\n%s", err, out)
	}
	left, err := filepath.Glob(filepath.Join(dir, "skyarchive-*.car"))
	if err != nil || len(left) > killed {
		t.Errorf("%d temporary files are left after %d kills (%v)", len(left), killed, err)
	}
}
