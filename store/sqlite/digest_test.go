package sqlite

import (
	"reflect"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
)

// A thread that changed in any way has another digest: one that kept it would stay in the
// archive as it was.
func TestDigestOf(t *testing.T) {
	two, three := 2, 3
	thread := func() *analysis.Thread {
		return &analysis.Thread{
			Root: "at://a/1", Posts: []syntax.ATURI{"at://a/1", "at://a/2"}, Complete: true,
			Numbering: &analysis.Numbering{Total: &three, Numbers: []*int{nil, &two}, Missing: []int{3}},
			Branches:  [][]syntax.ATURI{{"at://a/4"}},
			Joins:     []analysis.Join{{URI: "at://a/2", By: analysis.ByReply, Why: "answers"}},
			Gaps:      []analysis.Gap{{Kind: analysis.GapDeleted, After: "at://a/2", URI: "at://a/3", Number: 3}},
		}
	}
	changes := map[string]func(*analysis.Thread){
		"root and posts":        func(t *analysis.Thread) { t.Root, t.Posts[0] = "at://a/0", "at://a/0" },
		"a post":                func(t *analysis.Thread) { t.Posts[1] = "at://a/9" },
		"one post less":         func(t *analysis.Thread) { t.Posts = t.Posts[:1] },
		"complete":              func(t *analysis.Thread) { t.Complete = false },
		"no numbering":          func(t *analysis.Thread) { t.Numbering = nil },
		"no total":              func(t *analysis.Thread) { t.Numbering.Total = nil },
		"another total":         func(t *analysis.Thread) { t.Numbering.Total = &two },
		"a number":              func(t *analysis.Thread) { t.Numbering.Numbers[1] = &three },
		"no number":             func(t *analysis.Thread) { t.Numbering.Numbers[1] = nil },
		"nothing missing":       func(t *analysis.Thread) { t.Numbering.Missing = nil },
		"another one missing":   func(t *analysis.Thread) { t.Numbering.Missing[0] = 4 },
		"a branch":              func(t *analysis.Thread) { t.Branches[0][0] = "at://a/5" },
		"a branch on its own":   func(t *analysis.Thread) { t.Branches = append(t.Branches, []syntax.ATURI{"at://a/5"}) },
		"a longer branch":       func(t *analysis.Thread) { t.Branches[0] = append(t.Branches[0], "at://a/5") },
		"the post of a join":    func(t *analysis.Thread) { t.Joins[0].URI = "at://a/1" },
		"the evidence":          func(t *analysis.Thread) { t.Joins[0].By = analysis.ByNumber },
		"the reason":            func(t *analysis.Thread) { t.Joins[0].Why = "follows" },
		"no gap":                func(t *analysis.Thread) { t.Gaps = nil },
		"the kind of a gap":     func(t *analysis.Thread) { t.Gaps[0].Kind = analysis.GapForgotten },
		"the place of a gap":    func(t *analysis.Thread) { t.Gaps[0].After = "at://a/1" },
		"what a gap stands for": func(t *analysis.Thread) { t.Gaps[0].URI = "" },
		"the number of a gap":   func(t *analysis.Thread) { t.Gaps[0].Number = 0 },
	}
	seen := map[int64]string{digestOf(thread()): "nothing"}
	for name, change := range changes {
		other := thread()
		change(other)
		d := digestOf(other)
		if as, ok := seen[d]; ok {
			t.Errorf("%s gives the same digest as %s", name, as)
		}
		seen[d] = name
	}
	// Who adds a field has to add it to the digest, and here.
	for typ, fields := range map[reflect.Type]int{
		reflect.TypeFor[analysis.Thread](): 7, reflect.TypeFor[analysis.Numbering](): 3, reflect.TypeFor[analysis.Join](): 3, reflect.TypeFor[analysis.Gap](): 4,
	} {
		if n := typ.NumField(); n != fields {
			t.Errorf("%s has %d fields; the digest knows %d", typ, n, fields)
		}
	}
}
