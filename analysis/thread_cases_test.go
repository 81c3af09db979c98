package analysis_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The files in testdata/threads hold cases, each a heading, a scene and the threads that it
// makes, one behind each "=". None: the posts make no thread.
func TestThreadCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "threads", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of cases, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range strings.Split("\n"+string(raw), "\n# ")[1:] {
			heading, rest, _ := strings.Cut(c, "\n")
			name, _, _ := strings.Cut(heading, ":")
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+name, func(t *testing.T) {
				t.Parallel()
				var posts, want []string
				for line := range strings.SplitSeq(strings.TrimSpace(rest), "\n") {
					if thread, ok := strings.CutPrefix(line, "= "); ok {
						want = append(want, thread)
					} else {
						posts = append(posts, line)
					}
				}
				s := read(t, strings.Join(posts, "\n"))
				var got []string
				if shown := s.shown(s.assemble()); shown != "" {
					got = strings.Split(shown, "\n")
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%s\n%s\ngot\n%s\nwant\n%s", heading, strings.Join(posts, "\n"), strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			})
		}
	}
}
