package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	reviewRuns = flag.Int("reviews", 6, "how many processes each of the four people of TestReviewers runs; every second one is killed")
	reviewEach = flag.Int("reviewed", 4, "how many claims each of these processes reviews")
)

// Four people review at once, each with one process after the other, while fetches and
// retags run. Every second process is killed at a random moment. Each review that was
// acknowledged is there once; of a process that was killed all are there once, or none; and
// each person's reviews are in the order in which they were made.
//
//	go test ./cmd/skyarchive -run TestReviewers -reviews 50 -reviewed 100
//
// acknowledges 10,000 reviews and kills 100 processes.
func TestReviewers(t *testing.T) {
	t.Parallel()
	p := install(t)
	lou := p.net.Account("lou.test")
	for i := range *reviewEach + 10 {
		lou.Post(fmt.Sprintf("Les batteries de la série %d contiennent %d %% de cobalt.", i, i%90+2))
	}
	if err := p.net.Err(); err != nil {
		t.Fatal(err)
	}
	p.output("fetch", "lou.test")
	var ids []string
	for line := range strings.Lines(p.output("claims", "--json", "--limit", "0")) {
		var claim struct{ ID string }
		if err := json.Unmarshal([]byte(line), &claim); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, claim.ID)
	}
	if len(ids) < *reviewEach {
		t.Fatalf("%d claims to review", len(ids))
	}

	var mu sync.Mutex
	reviewed := map[string][]string{} // by note: the claims
	acknowledged, killed := map[string]bool{}, 0
	var people sync.WaitGroup
	start := time.Now()
	for who := range 4 {
		people.Go(func() {
			r := rand.New(rand.NewPCG(uint64(who), 5))
			usual := 150 * time.Millisecond
			for i := range *reviewRuns {
				note := fmt.Sprintf("person %d, review %d", who, i)
				var claims []string
				for _, at := range r.Perm(len(ids))[:*reviewEach] {
					claims = append(claims, ids[at])
				}
				cmd := p.command(append([]string{"claims", "review", "--verdict", "mixed", "--note", note, "--as", fmt.Sprint("person", who)}, claims...)...)
				began := time.Now()
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				var timer *time.Timer
				if i%2 == 1 {
					timer = time.AfterFunc(time.Duration(r.Int64N(int64(usual))), func() { _ = cmd.Process.Kill() })
				}
				err := cmd.Wait()
				if timer == nil {
					usual = time.Since(began)
				} else {
					timer.Stop()
				}
				mu.Lock()
				reviewed[note] = claims
				if err == nil {
					acknowledged[note] = true
				} else {
					killed++
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
	fetches := 0
	for running := true; running; fetches++ {
		lou.Post(fmt.Sprintf("Encore un, numéro %d.", fetches))
		p.output("fetch", "lou.test")
		p.output("retag", "--force")
		select {
		case <-done:
			running = false
		default:
		}
	}
	took := time.Since(start)

	written := map[string]int{} // by note and claim
	last := map[string]int{}    // by person: the number of the last run
	list := strings.Split(strings.TrimSpace(p.output("reviews", "list", "--limit", "0", "--json")), "\n")
	for _, line := range list {
		var d struct {
			By, Subject string
			Standing    bool
			Body        struct{ Note string }
		}
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		written[d.Body.Note+" of "+d.Subject]++
		var who, run int
		if _, err := fmt.Sscanf(d.Body.Note, "person %d, review %d", &who, &run); err != nil {
			t.Fatal(err)
		}
		if before, ok := last[d.By]; ok && run > before { // the newest comes first
			t.Errorf("%s: review %d is listed as older than review %d", d.By, run, before)
		}
		last[d.By] = run
		if !d.Standing {
			t.Errorf("%s of %s is undone", d.Body.Note, d.Subject)
		}
	}
	total := 0
	for note, claims := range reviewed {
		there := 0
		for _, claim := range claims {
			n := written[note+" of "+claim]
			total += n
			if n > 0 {
				there++
			}
			if n > 1 {
				t.Errorf("%s of %s is there %d times", note, claim, n)
			}
		}
		if there != len(claims) && (there > 0 || acknowledged[note]) {
			t.Errorf("%s: %d of %d claims are reviewed", note, there, len(claims))
		}
	}
	if total != len(list) || len(acknowledged) < 2**reviewRuns || killed == 0 {
		t.Errorf("%d reviews are listed, %d of them ours; %d runs acknowledged, %d killed", len(list), total, len(acknowledged), killed)
	}
	p.output("verify")
	p.output("doctor")
	t.Logf("%d reviews written, %d of them acknowledged, %d processes killed, %d fetches and retags meanwhile, in %.0f s",
		total, len(acknowledged)**reviewEach, killed, fetches, took.Seconds())
}
