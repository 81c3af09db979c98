package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var kills = flag.Int("kills", 20, "how often TestKill kills a fetch")

// A fetch that is killed at any moment leaves an archive that opens and verifies, and the
// next fetch completes it.
func TestKill(t *testing.T) {
	t.Parallel()
	p := install(t)
	lou := p.net.Account("lou.test")
	lou.Many(600, 100)
	if err := p.net.Err(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	first := filepath.Join(p.dir, "whole.db")
	p.output("--db", first, "fetch", "lou.test")
	whole := time.Since(start)

	r := rand.New(rand.NewPCG(1, 1))
	killed := 0
	for i := range *kills {
		if i%4 == 3 { // now and then there is something new to take
			lou.Post(fmt.Sprintf("Encore un, numéro %d.", i))
		}
		cmd := p.command("fetch", "lou.test")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(r.Int64N(int64(whole) * 11 / 10)))
		if cmd.Process.Kill() == nil {
			killed++
		}
		_ = cmd.Wait() // killed, or done before
		out, err := p.command("verify").CombinedOutput()
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == exitArchive && strings.Contains(string(out), "no archive at") {
			continue // it was killed before there was a file
		}
		if err != nil {
			t.Fatalf("after kill %d: verify: %v\n%s", i+1, err, out)
		}
	}
	if killed == 0 {
		t.Fatal("nothing was killed")
	}
	if out, err := p.command("fetch", "--json", "lou.test").CombinedOutput(); err != nil || !strings.Contains(string(out), fmt.Sprintf(`"posts":%d`, 600+*kills/4)) {
		t.Fatalf("the fetch after the kills: %v\n%s", err, out)
	}
	p.output("verify")
	left, err := filepath.Glob(filepath.Join(p.dir, "skyarchive-*.tmp"))
	if err != nil || len(left) > killed {
		t.Errorf("%d temporary files are left after %d kills (%v)", len(left), killed, err)
	}
}
