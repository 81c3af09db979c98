package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"skyarchive/store"
	"skyarchive/store/sqlite"
	"skyarchive/store/storetest"
)

var update = flag.Bool("update", false, "write what the archive of the first release holds to its golden file")

// The first release made testdata/first/archive.db.gz: two accounts, one of them with three
// states, two keys, two handles, an edited post and two deleted ones; a post by somebody
// else; and what a person decided. A later program reads all of it as it was, and verifies it.
func TestFirstRelease(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := filepath.Join(dir, "archive.db")
	packed, err := os.Open(filepath.Join("testdata", "first", "archive.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(db, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	sky := func(args ...string) (status int, out string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		a := &app{Env: func(name string) string { return map[string]string{"SKYARCHIVE_DB": db, "SKYARCHIVE_TZ": "UTC"}[name] }}
		status = run(t.Context(), a, args, &stdout, &stderr)
		return status, stdout.String() + stderr.String()
	}

	if status, out := sky("verify"); status != 0 || strings.Count(out, "holds") != 2 || !strings.Contains(out, "3 states rebuilt, 3 with a valid signature") {
		t.Errorf("verify: status %d\n%s", status, out)
	}
	golden := filepath.Join("testdata", "first", "archive.txt")
	held := dump(t, db)
	if *update {
		if err := os.WriteFile(golden, held, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(held, want) {
		t.Errorf("it holds\n%s\nwant\n%s", held, want)
	}

	const gone = "at://did:plc:5inc4r47dp7phluja4t6lwiy/app.bsky.feed.post/3lh46lf4kk222"
	proof := filepath.Join(dir, "proof")
	if status, out := sky("prove", gone, "-o", proof); status != 0 {
		t.Errorf("prove: status %d\n%s", status, out)
	}
	if status, out := sky("verify", proof); status != 0 || !strings.Contains(out, "signature: valid") || !strings.Contains(out, "Un post effacé.") {
		t.Errorf("verify the proof: status %d\n%s", status, out)
	}
	if status, out := sky("retag"); status != 0 {
		t.Errorf("retag: status %d\n%s", status, out)
	}
	if status, out := sky("claims", "--verdict", "supported"); status != 0 || !strings.Contains(out, "40 litres") {
		t.Errorf("the decision after retag: status %d\n%s", status, out)
	}
	if status, out := sky("doctor"); status != 0 {
		t.Errorf("doctor: status %d\n%s", status, out)
	}
}

// dump is what an archive holds, see [storetest.Dump].
func dump(t *testing.T, db string) []byte {
	t.Helper()
	s, err := sqlite.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var b bytes.Buffer
	err = s.View(t.Context(), func(r store.Reader) error { return storetest.Dump(t.Context(), r, &b) })
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
