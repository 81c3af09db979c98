package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// grepRawCommand looks for words in the raw bytes of all files below the script's folder
// whose path starts with a word: the archive, its log, its media, temporary files. Case
// does not matter.
func grepRawCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] grepraw path word")
	}
	word := bytes.ToLower([]byte(args[1]))
	var found []string
	ts.Check(eachFile(ts, args[0], func(name string, raw []byte) {
		if bytes.Contains(bytes.ToLower(raw), word) {
			found = append(found, name)
		}
	}))
	if neg && len(found) > 0 {
		ts.Fatalf("%q is in the raw bytes of %s", args[1], strings.Join(found, ", "))
	}
	if !neg && len(found) == 0 {
		ts.Fatalf("%q is in no file", args[1])
	}
}

// filesCommand counts the files below a folder.
func filesCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: files folder N")
	}
	n := 0
	ts.Check(eachFile(ts, args[0]+string(filepath.Separator), func(string, []byte) { n++ }))
	if strconv.Itoa(n) != args[1] {
		ts.Fatalf("%s holds %d files, want %s", args[0], n, args[1])
	}
}

func eachFile(ts *testscript.TestScript, prefix string, fn func(name string, raw []byte)) error {
	work := ts.Getenv("WORK")
	return filepath.WalkDir(work, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(work, path)
		if err != nil || !strings.HasPrefix(name, prefix) {
			return err
		}
		raw, err := os.ReadFile(path)
		if err == nil {
			fn(name, raw)
		}
		return err
	})
}
