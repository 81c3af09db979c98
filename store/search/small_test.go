package search

import (
	"slices"
	"testing"
)

func TestWithoutSmall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query, want string
		left        []string
	}{
		{"combien d'eau consomme un centre de calcul ?", "d'eau consomme centre calcul", []string{"combien", "un", "de"}},
		{"How much water does a data-center use?", "much water data-center use?", []string{"How", "does", "a"}},
		{"À qui l’eau", "l’eau", []string{"À", "qui"}},
		{`"de l'eau" et 20`, `"de l'eau" 20`, []string{"et"}},
		{"le -la eau", "-la eau", []string{"le"}},
		{"où est-ce que c'est", "où est-ce que c'est", nil}, // nothing would be left
		{"le topic:water", "le topic:water", nil},
		{"de", "de", nil},
	} {
		e, _ := Parse(c.query, Options{})
		got, left := WithoutSmall(e)
		if got.String() != c.want || !slices.Equal(left, c.left) {
			t.Errorf("%s: %s without %q, want %s without %q", c.query, got, left, c.want, c.left)
		}
	}
}
