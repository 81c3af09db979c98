package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// imports are the rules of who may import whom, of ours. The first row whose prefix fits
// a package decides.
var imports = []struct {
	in  string
	may []string // prefixes; one that ends in "!" is that package only
}{
	{"cmd/", []string{"cmd/", "store", "analysis", "atproto"}},
	{"store/search", []string{"analysis", "atproto!", "atproto/cbor"}},
	{"store/", []string{"store", "analysis", "atproto!", "atproto/cbor"}},
	{"store", []string{"store/search", "analysis", "atproto!"}},
	{"analysis/", []string{"analysis/"}},
	{"analysis", []string{"analysis/", "atproto!"}},
	{"atproto/cbor", nil},
	{"atproto/atprototest", []string{"atproto!", "atproto/cbor", "atproto/repo", "atproto/plclog"}},
	{"atproto/pds", []string{"atproto!", "atproto/cbor", "atproto/repo"}},
	{"atproto/", []string{"atproto!", "atproto/cbor"}},
	{"atproto", []string{"atproto/cbor"}},
}

// The packages import each other in one direction only: vocabularies name things,
// machinery stands on vocabularies, and only cmd sees everything.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "skyarchive/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		in, ok := strings.CutPrefix(fields[0], "skyarchive/")
		if !ok {
			continue
		}
		packages++
		may, ok := allowed(in)
		if !ok {
			t.Errorf("%s is outside the layout: cmd atproto store analysis", in)
			continue
		}
		for _, imported := range fields[1:] {
			ours, ok := strings.CutPrefix(imported, "skyarchive/")
			if ok && !slices.ContainsFunc(may, func(rule string) bool { return fits(ours, rule) }) {
				t.Errorf("%s must not import %s", in, ours)
			}
		}
	}
	if packages < 15 {
		t.Errorf("go list found %d packages; the rules were not checked", packages)
	}
}

// The program needs nothing else: time zones too are in it, since Windows has none that Go reads.
func TestTimeZones(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	if !slices.Contains(strings.Fields(string(out)), "time/tzdata") {
		t.Error("the program has no time zones of its own")
	}
}

func allowed(in string) ([]string, bool) {
	for _, rule := range imports {
		if in == rule.in || strings.HasSuffix(rule.in, "/") && strings.HasPrefix(in, rule.in) {
			return rule.may, true
		}
	}
	return nil, false
}

func fits(pkg, rule string) bool {
	if exact, ok := strings.CutSuffix(rule, "!"); ok {
		return pkg == exact
	}
	return pkg == rule || strings.HasPrefix(pkg, strings.TrimSuffix(rule, "/")+"/")
}
