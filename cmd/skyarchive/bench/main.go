// Bench measures the built program as a whole: an import, the same file again, verify,
// analyze and an unchanged archive, each in turn with two baselines, and prints medians,
// ratios, peak memory and sizes as a table.
//
//	go run ./cmd/skyarchive/bench -posts 100000 -runs 5
//	go run ./cmd/skyarchive/bench -posts 100000 -runs 5 -dense
//
// Baseline B reads the same file as other programs do: indigo loads the repository, walks
// the tree and decodes each record. Baseline S is SQLite's own shell, which imports the
// finished tables from CSV, with the same indexes and without a journal; it is left out
// where sqlite3 is not installed. Times of B and S are shown as ratios to what they are
// compared with, since machines differ.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"skyarchive/atproto/atprototest"
	"skyarchive/atproto/repo"
)

func main() {
	posts := flag.Int("posts", 100_000, "posts of the generated repository")
	runs := flag.Int("runs", 5, "runs of each command, in turn")
	car := flag.String("car", "", "measure with this repository `file` instead")
	dense := flag.Bool("dense", false, "generate more than one claim a post, the worst case, instead of claims in half of the posts")
	write := flag.String("generate", "", "only write the generated repository to this `file`")
	role := flag.String("role", "", "be a baseline: indigo or verify")
	flag.Parse()
	mix := atprototest.Everyday
	if *dense {
		mix = atprototest.ClaimDense
	}
	err := error(nil)
	switch {
	case *write != "":
		err = generate(*write, *posts, mix)
	case *role == "indigo":
		err = readWithIndigo(*car)
	case *role == "verify":
		err = readAndVerify(*car)
	default:
		err = measureAll(*posts, *runs, *car, mix)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A run is what one process took.
type run struct {
	wall, cpu time.Duration
	memory    int64 // peak, in bytes; 0 where the system does not tell
}

// measured is the runs of one command.
type measured []run

func (m measured) median(of func(run) time.Duration) time.Duration {
	list := make([]time.Duration, len(m))
	for i, r := range m {
		list[i] = of(r)
	}
	slices.Sort(list)
	return list[len(list)/2]
}

func (m measured) wall() time.Duration { return m.median(func(r run) time.Duration { return r.wall }) }
func (m measured) cpu() time.Duration  { return m.median(func(r run) time.Duration { return r.cpu }) }

func (m measured) memory() (peak int64) {
	for _, r := range m {
		peak = max(peak, r.memory)
	}
	return peak
}

// A bench is a folder with the program, the repository and what is made of it.
type bench struct {
	dir, program, self, car string
	results                 map[string]measured
}

func measureAll(posts, runs int, car string, mix atprototest.Mix) (err error) {
	b := &bench{car: car, results: map[string]measured{}}
	if b.dir, err = os.MkdirTemp("", "skyarchive-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	b.program = filepath.Join(b.dir, "skyarchive")
	if out, err := exec.Command("go", "build", "-o", b.program, "./cmd/skyarchive").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	if b.car == "" {
		b.car = filepath.Join(b.dir, "repo.car")
		if err := generate(b.car, posts, mix); err != nil {
			return err
		}
	}
	if err := b.prepare(); err != nil {
		return err
	}
	for i := range runs {
		fmt.Fprintf(os.Stderr, "run %d of %d\n", i+1, runs)
		if err := b.once(); err != nil {
			return err
		}
	}
	return b.print()
}

func generate(name string, posts int, mix atprototest.Mix) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	document, err := atprototest.Generate(out, posts, mix)
	return errors.Join(err, out.Flush(), file.Close(), os.WriteFile(name+".did.json", document, 0o600))
}

// prepare makes a finished archive, and from it what the baselines and analyze need.
func (b *bench) prepare() error {
	if _, err := b.run("", nil, b.imports(b.path("done.db"))...); err != nil {
		return err
	}
	if err := writeRecords(b.car, b.path("posts.ndjson")); err != nil {
		return err
	}
	return b.dumpTables()
}

// imports is the command that imports the repository. A generated one comes with a document.
func (b *bench) imports(db string) []string {
	args := []string{b.program, "import", "-q", "--db", db, b.car}
	if _, err := os.Stat(b.car + ".did.json"); err == nil {
		args = append(args, "--did-doc", b.car+".did.json")
	}
	return args
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// once runs every command once.
func (b *bench) once() error {
	fresh := b.path("fresh.db")
	posts, err := os.Open(b.path("posts.ndjson"))
	if err != nil {
		return err
	}
	defer posts.Close()
	for _, step := range []struct {
		name string
		args []string
	}{
		{indigoReads, []string{b.self, "-role", "indigo", "-car", b.car}},
		{weVerify, []string{b.self, "-role", "verify", "-car", b.car}},
		{weImport, b.imports(fresh)},
		{weImportAgain, b.imports(fresh)},
		{archiveVerifies, []string{b.program, "verify", "-q", "--db", fresh}},
		{weAnalyze, []string{b.program, "analyze"}},
		{sqliteImports, b.shell()},
	} {
		if step.args == nil {
			continue
		}
		if step.name == weImport || step.name == sqliteImports {
			for _, name := range []string{fresh, b.path("shell.db")} {
				if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
					return err
				}
			}
		}
		r, err := b.run(step.name, posts, step.args...)
		if err != nil {
			return err
		}
		b.results[step.name] = append(b.results[step.name], r)
	}
	return nil
}

// The commands that are measured.
const (
	indigoReads     = "B: indigo loads, walks, decodes"
	weVerify        = "read and verify"
	weImport        = "import"
	weImportAgain   = "import, the same file again"
	archiveVerifies = "verify"
	weAnalyze       = "analyze, one core"
	sqliteImports   = "S: sqlite3 imports the tables"
)

// run runs a command and says what it took. analyze gets the posts, and one core.
func (b *bench) run(name string, posts *os.File, args ...string) (run, error) {
	cmd := exec.CommandContext(context.Background(), args[0], args[1:]...)
	cmd.Env = os.Environ()
	if name == weAnalyze {
		if _, err := posts.Seek(0, 0); err != nil {
			return run{}, err
		}
		cmd.Stdin = posts
		cmd.Env = append(cmd.Env, "GOMAXPROCS=1")
	}
	var said tail
	cmd.Stderr = &said
	start := time.Now()
	err := cmd.Run()
	r := run{wall: time.Since(start)}
	if err != nil {
		return r, fmt.Errorf("%v: %w\n%s", args, err, said.text)
	}
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	r.memory = peakMemory(cmd.ProcessState)
	return r, nil
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-2000):]
	return len(p), nil
}

func readAndVerify(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	_, err = repo.Open(context.Background(), repo.Source{R: file, Size: info.Size()})
	return err
}
