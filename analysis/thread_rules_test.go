package analysis_test

import "testing"

func TestThreads(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, posts, want string }{
		{"chain", `
			a@0 "La rivière est basse."
			b@2 >a "Le barrage n'y est pour rien."
			c@4 >b "La pluie, si."
			z@9 "Autre chose."`, `a b c`},
		{"long pause and skewed clock", `
			a@500 "Low river."
			b@2 >a "Not the dam."
			c@900000 >b "The rain."`, `a b c`},
		{"under another person", `
			X@0 "?"
			a@1 >X "La rivière est basse."
			b@2 >a "Le barrage."`, `a b`},
		{"two runs under one root", `
			X@0 "?"
			a@1 >X "La rivière."
			b@2 >a "Le barrage."
			c@5 >X "Autre point."
			d@6 >c "Et sa suite."`, "a b\nc d"},
		{"conversation", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			X@2 >b "Source ?"
			c@3 >X "Le rapport."
			d@4 >c "Page 12."`, "a b\nc d"},
		{"by handle", `
			a@0 "La rivière."
			b@1 >a handle "Le barrage."`, `a b`},
		{"record listed twice", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			a@0 "La rivière."`, `a b`},
		{"odd key", `
			a@0 key "La rivière."
			b@1 >a key "Le barrage."`, `a b`},

		{"bridge", `
			a@0 "La rivière."
			b@1 >a gone
			c@2 >b "La pluie."`, `a c, incomplete`},
		{"bridge to a stranger", `
			a@0 "La rivière."
			X@1 >a "?"
			b@2 >X gone
			c@3 >b "La pluie."
			d@4 >c "Et le vent."`, `c d, incomplete`},
		{"bridge of several", `
			a@0 "La rivière."
			b@1 >a gone
			c@2 >b gone
			d@3 >c "La pluie."`, `a d, incomplete`},
		{"deleted leaf", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			c@2 >b gone`, `a b, incomplete`},
		{"deleted answer to a stranger", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			X@2 >b "?"
			c@3 >X gone`, `a b`},
		{"orphan appended", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			d@3 >c ^a "La pluie."
			e@4 >d "Le vent."`, `a b d e, incomplete`},
		{"orphan of a tombstone without references", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			c@2 lost
			d@3 >c ^a "La pluie."`, `a b d, incomplete`},
		{"orphan older than the end", `
			a@0 "La rivière."
			b@9 >a "Le barrage."
			d@3 >c ^a "La pluie."`, `a b, incomplete, beside: d`},
		{"root gone", `
			b@1 >a "Le barrage."
			c@2 >b ^a "La pluie."
			d@5 >a "Plus tard."
			e@0.5 lost`, `b c d, incomplete`},
		{"root deleted, references unknown", `
			a@0 lost
			b@1 >a "Le barrage."
			c@2 >b ^a "La pluie."`, `b c, incomplete`},
		{"orphans under a stranger's root stay apart", `
			a@1 >x ^X "La rivière."
			b@2 >y ^X "Le barrage."
			c@3 >b ^X "La pluie."`, `b c, incomplete`},
		{"orphans under a stranger's root join by number", `
			a@1 >x ^X "1/2 La rivière."
			b@2 >y ^X "2/2 Le barrage."`, `a b [1 2 of 2]`},
		{"orphans without a root under the same parent", `
			a@1 >x rootless "La rivière."
			b@2 >x rootless "Le barrage."`, `a b, incomplete`},

		{"fork, the oldest child", `
			a@0 "La rivière."
			b@5 >a "Précision."
			c@2 >a "Le barrage."
			d@8 >c "La pluie."
			e@9 >b "Encore."`, `a c d, beside: b e`},
		{"surviving child competes with its own age", `
			a@0 "La rivière."
			b@1 >a gone
			c@9 >b "Le barrage."
			d@5 >a "Précision."`, `a d, incomplete, beside: c`},
		{"deleted child without survivors", `
			a@0 "La rivière."
			b@1 >a gone
			c@2 >a "Le barrage."`, `a c, incomplete`},
		{"branch forks again", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			c@2 >a "Précision."
			d@3 >c "Un."
			e@4 >c "Deux."`, `a b, beside: c d; e`},

		{"root in place of the parent", `
			a@0 "La rivière."
			b@1 ^a "Le barrage."`, `a b`},
		{"wrong root", `
			a@0 "La rivière."
			b@1 >a ^X "Le barrage."`, `a b`},
		{"own parent", `
			a@0 >a "La rivière."
			b@1 >a "Le barrage."`, `a b`},
		{"cycle", `
			a@0 >c ^a "La rivière."
			b@1 >a "Le barrage."
			c@2 >b ^a "La pluie."`, `a b c`},
		{"parent no post", `
			a@0 "La rivière."
			b@1 >like:1 ^a "Le barrage."`, ``},
		{"quote without a cue", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			c@9 =a "Toujours vrai."
			d@10 >c "Hélas."`, "a b\nc d"},
		{"quote with a cue", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			c@2000 =b "Suite : la pluie."
			d@2001 >c "Et le vent."`, `a b c d`},
		{"quote of one post with a cue", `
			a@0 "La rivière."
			c@2000 =a "Part 2: the rain."`, `a c`},
		{"several quotes with a cue, by age", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			d@4000 =a "Suite et fin."
			c@2000 =b "Suite : la pluie."
			e@5000 =d "Cont'd"`, `a b c d e`},
		{"quoting each other", `
			a@0 =b "Suite"
			b@1 =a "Suite"`, `a b`},
		{"answer with a quote and a cue", `
			a@0 "La rivière."
			b@1 >a "Le barrage."
			X@2 "?"
			c@3 >X =b "Suite : la pluie."`, `a b`},
		{"quote of a stranger with a cue", `
			X@0 "?"
			c@3 =X "Suite : la pluie."`, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := read(t, tt.posts)
			if got := s.shown(s.assemble()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
