package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"skyarchive/atproto/atprototest"
)

var reviewsEach = flag.Int("reviews", 5, "how many reviews each of TestReviewers writes")

// Four people review at once, each review by a process of its own, while fetches run. Some
// of the processes are killed. Every review that was acknowledged is there once; one whose
// process was killed is there once or not at all.
func TestReviewers(t *testing.T) {
	t.Parallel()
	net, err := atprototest.Start(atprototest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	lou := net.Account("lou.test")
	for i := range 10 {
		lou.Post(fmt.Sprintf("Les batteries de la série %d contiennent %d %% de cobalt.", i, i+10))
	}
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
	command := func(args ...string) *exec.Cmd {
		cmd := exec.Command(program, args...)
		cmd.Env = append(os.Environ(), "WORK="+dir, "TMPDIR="+dir, "SKYARCHIVE_DB="+filepath.Join(dir, "archive.db"), "SKYARCHIVE_PLC="+net.URL,
			"SKYARCHIVE_RESOLVER="+net.URL, "SKYARCHIVE_ALLOW_PRIVATE=1")
		return cmd
	}
	output := func(args ...string) string {
		out, err := command(args...).Output()
		if err != nil {
			t.Fatalf("%s: %v", strings.Join(args, " "), err)
		}
		return string(out)
	}
	output("fetch", "lou.test")
	var ids []string
	for line := range strings.Lines(output("claims", "--json", "--limit", "0")) {
		var claim struct{ ID string }
		if err := json.Unmarshal([]byte(line), &claim); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, claim.ID)
	}
	if len(ids) < 5 {
		t.Fatalf("%d claims to review", len(ids))
	}

	var mu sync.Mutex
	acknowledged, killed := map[string]bool{}, map[string]bool{}
	var people sync.WaitGroup
	for who := range 4 {
		people.Go(func() {
			r := rand.New(rand.NewPCG(uint64(who), 5))
			for i := range *reviewsEach {
				note := fmt.Sprintf("note %d of %d", i, who)
				cmd := command("claims", "review", ids[r.IntN(len(ids))], "--verdict", "mixed", "--note", note, "--as", fmt.Sprint("person", who))
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				var timer *time.Timer
				if i%2 == 1 { // ten of twenty, at a random moment
					timer = time.AfterFunc(time.Duration(r.Int64N(int64(150*time.Millisecond))), func() { _ = cmd.Process.Kill() })
				}
				err := cmd.Wait()
				if timer != nil {
					timer.Stop()
				}
				mu.Lock()
				if err == nil {
					acknowledged[note] = true
				} else {
					killed[note] = true
				}
				mu.Unlock()
				if err != nil && timer == nil {
					t.Errorf("%s: %v", note, err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { people.Wait(); close(done) }()
	for fetches := 0; ; fetches++ {
		lou.Post(fmt.Sprintf("Encore un, numéro %d.", fetches))
		output("fetch", "lou.test")
		select {
		case <-done:
		default:
			continue
		}
		break
	}

	written := map[string]int{}
	for line := range strings.Lines(output("reviews", "list", "--limit", "0", "--json")) {
		var d struct{ Body struct{ Note string } }
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		written[d.Body.Note]++
	}
	for note := range acknowledged {
		if written[note] != 1 {
			t.Errorf("%s was acknowledged and is there %d times", note, written[note])
		}
	}
	for note := range killed {
		if written[note] > 1 {
			t.Errorf("%s is there %d times", note, written[note])
		}
	}
	if len(acknowledged) == 0 || len(written) < len(acknowledged) {
		t.Errorf("%d acknowledged, %d killed, %d written: nothing was tested", len(acknowledged), len(killed), len(written))
	}
	output("verify")
}
