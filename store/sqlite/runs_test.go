package sqlite

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"skyarchive/store"
)

// What was put aside comes back term by term, oldest first, and leaves no file.
func TestRuns(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	var r runs
	for run := range 3 {
		g := newGathered()
		for _, term := range []string{"eau", fmt.Sprint("seul", run), "lac"}[run%2:] {
			g.note(term, posting{id: int64(10 + run), places: []byte{1}}, false)
		}
		if err := errors.Join(r.put(g), r.put(newGathered())); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	err := r.each(func(term string, parts []*changes) error {
		var line strings.Builder
		line.WriteString(term)
		for _, part := range parts {
			for _, c := range part.appendTo(nil) {
				line.WriteString(fmt.Sprint(" ", c.id))
			}
		}
		got = append(got, line.String())
		return nil
	})
	want := []string{"eau 10 12", "lac 10 11 12", "seul0 10", "seul1 11", "seul2 12"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q and %v, want %q", got, err, want)
	}
	r.close()
	if left, err := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 || err != nil {
		t.Errorf("%q and %v are left", left, err)
	}
}

// A disk that is full is told as such here too.
func TestRunsFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip("there is no device that is always full")
	}
	r := runs{file: full, out: bufio.NewWriter(full)}
	defer full.Close()
	g := newGathered()
	g.note("eau", posting{id: 1}, false)
	if err := r.put(g); !errors.Is(err, store.ErrFull) {
		t.Errorf("%v, want ErrFull", err)
	}
}
