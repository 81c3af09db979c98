package analysis_test

import "testing"

func TestNumberedThreads(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, posts, want string }{
		{"linked", `
			a@0 "1/3 La rivière."
			b@1 >a "2/3 Le barrage."
			c@2 >b "3/3 La pluie."`, `a b c [1 2 3 of 3]`},
		{"one number has no company", `
			a@0 "1/3 La rivière."
			b@1 >a "Le barrage."`, `a b`},
		{"ratings", `
			a@0 "Mes lectures."
			b@1 >a "4/5 La rivière"
			c@2 >b "2/5 Le barrage"
			d@3 >c "5/5 La pluie"`, `a b c d`},
		{"ratings as siblings, rising", `
			a@0 "Mes lectures."
			b@1 >a "3/5 La rivière"
			c@2 >a "4/5 Le barrage"
			d@3 >a "5/5 La pluie"`, `a b, beside: c; d`},
		{"score while linked", `
			a@0 "1/0 La rivière mène !"
			b@1 >a "2/0 Encore !"
			c@2 >b "3/1 Aïe."`, `a b c`},
		{"forms differ along links", `
			a@0 "1/ La rivière."
			b@1 >a "2. Le barrage."
			c@2 >b "3) La pluie."`, `a b c [1 2 3]`},
		{"weak forms", `
			a@0 "1. La rivière."
			b@1 >a "2. Le barrage."
			c@2 >b "3. La pluie."`, `a b c [1 2 3]`},
		{"countdown", `
			a@0 "Trois raisons."
			b@1 >a "3. La rivière."
			c@2 >b "2. Le barrage."
			d@3 >c "1. La pluie."`, `a b c d [- 3 2 1]`},
		{"k/n backwards", `
			a@0 "3/3 La rivière."
			b@1 >a "2/3 Le barrage."
			c@2 >b "1/3 La pluie."`, `c b a [1 2 3 of 3]`},
		{"k/n backwards under a lead", `
			l@-1 "Fil 🧵"
			a@0 >l "3/3 La rivière."
			b@1 >a "2/3 Le barrage."
			c@2 >b "1/3 La pluie."`, `l c b a [- 1 2 3 of 3]`},
		{"lone lead in a chain of n", `
			a@0 "🧵 1/3 La rivière."
			b@1 >a "Le barrage."
			c@2 >b "La pluie."`, `a b c [1 - - of 3]`},
		{"lone lead in a longer chain", `
			a@0 "🧵 1/3 La rivière."
			b@1 >a "Le barrage."
			c@2 >b "La pluie."
			d@3 >c "Le vent."`, `a b c d`},
		{"lone 1/n without announcement", `
			a@0 "1/3 La rivière."
			b@1 >a "Le barrage."
			c@2 >b "La pluie."`, `a b c`},
		{"zero is a lead", `
			z@-1 "0/2 Avant tout."
			a@0 >z "1/2 La rivière."
			b@1 >a "2/2 Le barrage."`, `z a b [0 1 2 of 2]`},
		{"no number at the end word", `
			a@0 "1/ La rivière."
			b@1 >a "2/ Le barrage."
			c@2 >b "3/fin La pluie."`, `a b c [1 2 -]`},
		{"last total", `
			a@0 "1/n La rivière."
			b@1 >a "2/n Le barrage."
			c@2 >b "3/3 La pluie."`, `a b c [1 2 3 of 3]`},
		{"more than announced", `
			a@0 "1/2 La rivière."
			b@1 >a "2/2 Le barrage."
			c@2 >b "3/2 Et la pluie."`, `a b c [1 2 3 of 2]`},
		{"inside list does not hide the number", `
			a@0 "1/2 Il faut :\n1. du sel\n2. du sucre"
			b@1 >a "2/2 Et de l'eau."`, `a b [1 2 of 2]`},
		{"3a, 3b", `
			a@0 "1/4 La rivière."
			b@1 >a "2/4 Le barrage."
			c@2 >b "3a/4 La pluie."
			d@3 >c "3b/4 Le vent."
			e@4 >d "4/4 Fin."`, `a b c d e [1 2 3 3 4 of 4]`},
		{"miscount", `
			a@0 "1/6 Un."
			b@1 >a "2/6 Deux."
			c@2 >b "3/6 Trois."
			d@3 >c "3/6 Encore trois."
			e@4 >d "5/6 Cinq."
			g@5 >e "6/6 Six."`, `a b c d e g [1 2 3 3 5 6 of 6] missing 4, incomplete`},
		{"restart", `
			a@0 "1/2 Un."
			b@1 >a "2/2 Deux."
			c@2 >b "1/3 Encore un."
			d@3 >c "2/3 Deux."
			e@4 >d "3/3 Trois."`, `a b c d e [1 2 1 2 3 of 3]`},

		{"star", `
			a@0 "1/4 Un."
			b@1 >a "2/4 Deux."
			c@3 >a "3/4 Trois."
			d@2 >a "4/4 Quatre."`, `a b c d [1 2 3 4 of 4]`},
		{"star with a deleted part", `
			a@0 "1/4 Un."
			b@1 >a "2/4 Deux."
			c@2 >a gone
			d@3 >a "4/4 Quatre."`, `a b d [1 2 4 of 4] missing 3, incomplete`},
		{"star under a lead that is part 1", `
			l@0 "La rivière."
			b@1 >l "2/3 Deux."
			c@2 >l "3/3 Trois."`, `l b c [- 2 3 of 3]`},
		{"star of less than half", `
			a@0 "1/7 Un."
			b@1 >a "2/7 Deux."
			c@2 >a "3/7 Trois."`, `a b, beside: c`},
		{"star under a lead, open", `
			l@-1 "La rivière."
			c@0 >l "3/ Trois."
			a@1 >l "1/ Un."
			b@2 >l "2/ Deux."`, `l a b c [- 1 2 3]`},
		{"star with an aside", `
			a@0 "1/3 Un."
			b@1 >a "2/3 Deux."
			c@2 >a "3/3 Trois."
			d@3 >a "Merci !"
			e@4 >c "Fin."`, `a b c e [1 2 3 - of 3], beside: d`},
		{"aside between siblings", `
			a@0 "1/3 Un."
			u@1 >a "Précision."
			b@2 >u "2/3 Deux."
			c@3 >a "3/3 Trois."`, `a u b c [1 - 2 3 of 3]`},
		{"two copies of a part", `
			a@0 "1/3 Un."
			b@1 >a "2/3 Deux."
			c@2 >a "2/3 Deux, corrigé."
			d@3 >c "3/3 Trois."`, `a c d [1 2 3 of 3], beside: b`},
		{"two copies of the last part", `
			a@0 "1/2 Un."
			b@1 >a "2/2 Deux."
			c@2 >a "2/2 Deux."`, `a b [1 2 of 2], beside: c`},
		{"copy goes on only beside", `
			a@0 "1/3 Un."
			b@1 >a "2/3 Deux."
			c@2 >a "2/3 Deux."
			d@3 >b "3/3 Trois."
			e@4 >c "Oups."`, `a b d [1 2 3 of 3], beside: c e`},
		{"younger child leads to the next number", `
			a@0 "1/3 Un."
			u@1 >a "Faute de frappe."
			b@2 >a "2/3 Deux."
			v@3 >b "Précision."
			c@4 >v "3/3 Trois."
			w@5 >c "Sources."`, `a b v c w [1 2 - 3 - of 3], beside: u`},
		{"numbers against links, aside stays behind what it answers", `
			a@0 "1/3 Un."
			c@1 >a "3/3 Trois."
			u@2 >c "À propos de trois."
			b@3 >u "2/3 Deux."`, `a b c u [1 2 3 - of 3]`},
		{"backwards with a last word", `
			a@0 "2/2 Deux."
			b@1 >a "1/2 Un."
			u@2 >b "Merci."`, `b u a [1 - 2 of 2]`},

		{"missing in the middle", `
			a@0 "1/4 Un."
			b@1 >a gone
			c@2 >b "3/4 Trois."
			d@3 >c "4/4 Quatre."`, `a c d [1 3 4 of 4] missing 2, incomplete`},
		{"lead fills part 1", `
			l@0 "La rivière."
			b@1 >l "2/3 Deux."
			c@2 >b "3/3 Trois."`, `l b c [- 2 3 of 3]`},
		{"unnumbered post fills the middle", `
			a@0 "1/3 Un."
			u@1 >a "Le barrage."
			c@2 >u "3/3 Trois."`, `a u c [1 - 3 of 3]`},
		{"last part missing", `
			a@0 "1/3 Un."
			b@1 >a "2/3 Deux."`, `a b [1 2 of 3] missing 3, incomplete`},
		{"deleted first part under a lead", `
			l@0 "La rivière."
			a@1 >l gone
			b@2 >a "2/3 Deux."
			c@3 >b "3/3 Trois."`, `l b c [- 2 3 of 3] missing 1, incomplete`},
		{"numbers prove it whole in spite of a deleted post", `
			a@0 "1/2 Un."
			b@1 >a "2/2 Deux."
			c@2 >a gone`, `a b [1 2 of 2]`},
		{"open form cannot prove", `
			a@0 "1/ Un."
			b@1 >a "2/ Deux."
			c@2 >b gone`, `a b [1 2], incomplete`},
		{"orphan with numbers", `
			a@0 "1/4 Un."
			b@1 >a "2/4 Deux."
			d@3 >c ^a "4/4 Quatre."`, `a b d [1 2 4 of 4] missing 3, incomplete`},

		{"standalone", `
			a@0 "1/3 Un."
			b@4 "2/3 Deux."
			c@8 "3/3 Trois."
			d@30 "Autre chose."`, `a b c [1 2 3 of 3]`},
		{"standalone, sent in another order", `
			c@0 "3/3 Trois."
			a@4 "1/3 Un."
			b@8 "2/3 Deux."`, `a b c [1 2 3 of 3]`},
		{"standalone, half of it", `
			a@0 "1/4 Un."
			c@4 "3/4 Trois."`, `a c [1 3 of 4] missing 2 4, incomplete`},
		{"standalone, less than half", `
			a@0 "1/5 Un."
			c@4 "3/5 Trois."`, ``},
		{"standalone, falling and not complete", `
			c@0 "3/4 Trois."
			a@4 "1/4 Un."`, ``},
		{"standalone, days apart", `
			a@0 "1/2 Un."
			b@4000 "2/2 Deux."`, ``},
		{"standalone, totals differ", `
			a@0 "1/2 Un."
			b@4 "2/3 Deux."`, ``},
		{"standalone, open", `
			a@0 "1/ Un."
			b@4 "2/ Deux."
			c@8 "3/ Trois."`, `a b c [1 2 3]`},
		{"standalone, open with a hole", `
			a@0 "1/ Un."
			c@8 "3/ Trois."`, ``},
		{"standalone, weak", `
			a@0 "1. Un."
			b@4 "2. Deux."`, ``},
		{"standalone dates", `
			z@0 "12/3 au marché"
			a@1 "1/3 à la mairie"
			b@2 "2/3 au théâtre"`, ``},
		{"standalone scores", `
			z@0 "1/0 pour nous"
			a@1 "1/2 ouille"
			b@2 "2/2 ouf"`, ``},
		{"a date elsewhere does no harm", `
			a@0 "1/2 Un."
			b@1 "2/2 Deux."
			z@500 "12/3 au marché"`, `a b [1 2 of 2]`},
		{"a repeated 1 starts a new series", `
			a@0 "1/2 Un."
			b@1 "2/2 Deux."
			c@2 "1/2 Un."
			d@3 "2/2 Deux."`, "a b [1 2 of 2]\nc d [1 2 of 2]"},
		{"standalone part sent twice", `
			a@0 "1/3 Un."
			b@1 "2/3 Deux."
			x@2 "2/3 Deux."
			c@3 "3/3 Trois."`, `a b c [1 2 3 of 3]`},
		{"rating before a standalone series", `
			x@0 "3/4 pour ce film"
			a@60 "1/4 Un."
			b@61 "2/4 Deux."
			c@62 "3/4 Trois."
			d@63 "4/4 Quatre."`, `a b c d [1 2 3 4 of 4]`},
		{"standalone open part sent twice", `
			a@0 "1/ Un."
			b@1 "2/ Deux."
			x@2 "2/ Deux."
			c@3 "3/ Trois."`, `a b c [1 2 3]`},
		{"standalone copy from which the series goes on", `
			a@0 "1/3 Un."
			x@1 "2/3 Deux."
			b@2 "2/3 Deux."
			c@3 >b "3/3 Trois."`, `a b c [1 2 3 of 3]`},
		{"partly linked", `
			a@0 "1/4 Un."
			b@1 >a "2/4 Deux."
			c@5 "3/4 Trois."
			d@6 >c "4/4 Quatre."
			e@7 >d "Sources."`, `a b c d e [1 2 3 4 - of 4]`},
		{"number in brackets and without", `
			a@0 "1/2 Un."
			b@1 "Deux. (2/2)"`, `a b [1 2 of 2]`},
		{"replies under different roots", `
			X@0 "?"
			Y@0 "?"
			a@1 >X "1/2 Un."
			b@2 >Y "2/2 Deux."`, ``},
		{"siblings under a stranger", `
			X@0 "?"
			a@1 >X "1/3 Un."
			b@2 >X "2/3 Deux."
			c@5000 >X "3/3 Trois."`, `a b c [1 2 3 of 3]`},
		{"stranger between parts", `
			a@0 "1/3 Un."
			b@1 >a "2/3 Deux."
			X@2 >b "!"
			c@9000 >X "3/3 Trois."
			d@9001 >c "Sources."`, `a b c d [1 2 3 - of 3]`},
		{"unseen stranger between parts", `
			a@0 "1/2 Un."
			c@2 >X ^a "2/2 Deux."`, `a c [1 2 of 2]`},
		{"stranger between open parts", `
			a@0 "1/ Un."
			X@1 >a "!"
			b@2 >X "2/ Deux."`, `a b [1 2]`},
		{"quote of the part before", `
			a@0 "1/2 Un."
			b@9000 =a "2/2 Deux."`, `a b [1 2 of 2]`},
		{"quote with the next number", `
			a@0 "1/5 Un."
			b@1 >a "2/5 Deux."
			c@9000 =b "3/5 Trois."
			d@9001 >c "4/5 Quatre."
			e@9002 >d "5/5 Cinq."`, `a b c d e [1 2 3 4 5 of 5]`},
		{"quote of what follows the part before", `
			a@0 "1/2 Un."
			b@1 >a "Et alors ?"
			x@2 >a "Ailleurs."
			c@9000 =b "2/2 Deux."
			d@9001 >c "Sources."`, `a b c d [1 - 2 - of 2], beside: x`},
		{"quote of the part before what follows it", `
			a@0 "1/2 Un."
			b@1 >a "Et alors ?"
			c@9000 =a "2/2 Deux."`, `a c [1 2 of 2], beside: b`},
		{"quote that begins another series", `
			a@0 "1/2 Un."
			b@1 >a "2/2 Deux."
			c@9000 =b "1/2 Un."
			d@9001 >c "2/2 Deux."`, "a b [1 2 of 2]\nc d [1 2 of 2]"},
		{"quote with a cue and numbers of its own", `
			a@0 "1/2 Un."
			b@1 >a "2/2 Deux."
			c@9000 =b "Suite 1/2 Un."
			d@9001 >c "2/2 Deux."`, "a b c d [1 2 1 2 of 2]"},

		{"lead", `
			l@0 "Un fil sur la rivière 🧵"
			a@2 "1/2 Un."
			b@3 "2/2 Deux."`, `l a b [- 1 2 of 2]`},
		{"lead before linked parts", `
			l@0 "La rivière, à dérouler"
			a@2 "1/2 Un."
			b@3 >a "2/2 Deux."`, `l a b [- 1 2 of 2]`},
		{"lead that opens with a share", `
			l@0 "3/4 et plus : un fil 🧵"
			a@2 "1/2 Un."
			b@3 "2/2 Deux."`, `l a b [- 1 2 of 2]`},
		{"lead without announcement", `
			l@0 "La rivière est basse."
			a@2 "1/2 Un."
			b@3 "2/2 Deux."`, `a b [1 2 of 2]`},
		{"lead too early", `
			l@0 "Un fil sur la rivière 🧵"
			a@200 "1/2 Un."
			b@203 "2/2 Deux."`, `a b [1 2 of 2]`},
		{"own post between lead and part 1", `
			l@0 "Un fil sur la rivière 🧵"
			m@1 "Bonjour."
			a@2 "1/2 Un."
			b@3 "2/2 Deux."`, `a b [1 2 of 2]`},
		{"linked lead without announcement", `
			l@0 "La rivière est basse."
			a@2 >l "1/2 Un."
			b@3 >a "2/2 Deux."`, `l a b [- 1 2 of 2]`},
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
