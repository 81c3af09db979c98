package search_test

import (
	"slices"
	"testing"

	"skyarchive/store/search"
)

// What is marked is the word of the original, however it was asked for.
func TestMatches(t *testing.T) {
	for _, c := range []struct {
		query, text, lang string
		want              []string
	}{
		{"électricité", "L'ÉLECTRICITÉ manque, dit-il.", "fr", []string{"ÉLECTRICITÉ"}},
		{"ELECTRICITE", "Une électricité chère", "fr", []string{"électricité"}},
		{"consommée", "La consommation d’eau", "fr", []string{"consommation"}},
		{"l'eau", "Toute l’eau, l'eau", "fr", []string{"eau", "eau"}},
		{"2%", "Soit 2 % du total", "fr", []string{"2 %"}},
		{"2 %", "Soit 2% du total", "fr", []string{"2%"}},
		{"2,5", "De 2.5 % à 2,5 et 25 %", "fr", []string{"2.5 %", "2,5"}},
		{"2,5 %", "De 2.5 % à 2,5", "fr", []string{"2.5 %"}},
		{"députés", "Les député·es votent", "fr", []string{"député·es"}},
		{"effet-rebond", "un effet de rebond", "fr", []string{"effet", "rebond"}},
		{"datacenters", "un data center de plus", "fr", []string{"center"}},
		{"électri*", "électrique, électron, électricien", "fr", []string{"électrique", "électricien"}},
		{`"effet rebond"`, "L'effet rebond, les effets rebond", "fr", []string{"effet rebond"}},
		{`"empreinte carb*"`, "Une empreinte carbone", "fr", nil},
		{"empreinte -carbone", "Une empreinte carbone", "fr", []string{"empreinte"}},
		{"eau OR métaux", "De l'eau et des métaux", "fr", []string{"eau", "métaux"}},
		{`"l'eau" eau*`, "Bonne eau", "fr", []string{"eau"}},
		{"emissions", "Their emission rises", "en", []string{"emission"}},
		{"emission", "Émissions and emissions", "", []string{"Émissions", "emissions"}},
		{"topic:water", "L'eau", "fr", nil},
		{"", "L'eau", "fr", nil},
	} {
		e, _ := search.Parse(c.query, opts)
		var got []string
		for _, m := range search.Matches(e, c.text, c.lang) {
			got = append(got, c.text[m.Start:m.End])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s marks %q in %q, want %q", c.query, got, c.text, c.want)
		}
	}
}

func TestSnippet(t *testing.T) {
	const text = "Les centres de données\n\nconsomment 2 % de l'électricité du pays, et bien plus d’eau que ce qui est dit dans les rapports, où l’eau n’est pas comptée."
	for _, c := range []struct {
		query string
		width int
		want  string
	}{
		{"électricité", 400, "Les centres de données consomment 2 % de l'[électricité] du pays, et bien plus d’eau que ce qui est dit dans les rapports, où l’eau n’est pas comptée."},
		{"électricité", 40, "…2 % de l'[électricité] du pays, et…"},
		{"eau", 60, "…d’[eau] que ce qui est dit dans les rapports, où l’[eau]…"},
		{"", 22, "Les centres de données…"},
		{"électricité", 3, "…[électricité]…"},
		{"avion", 12, "Les centres…"},
		{"comptée", 30, "…où l’eau n’est pas [comptée]."},
	} {
		e, _ := search.Parse(c.query, opts)
		got := search.Snippet(text, search.Matches(e, text, "fr"), c.width, func(s string) string { return "[" + s + "]" })
		if got != c.want {
			t.Errorf("%s in %d characters:\n got %s\nwant %s", c.query, c.width, got, c.want)
		}
	}
}

func TestLacking(t *testing.T) {
	for _, c := range []struct{ query, text, want string }{
		{"eau", "L'eau", ""},
		{"eau cuivre", "L'eau", "cuivre"},
		{"eau OR cuivre", "L'eau", ""},
		{"eau (fer OR cuivre)", "L'eau", "fer OR cuivre"},
		{`"eau douce" prix*`, "L'eau douce", "prix*"},
		{"eau -cuivre topic:water since:2025", "L'eau", ""},
		{"topic:water", "Rien", ""},
		{"", "Rien", ""},
	} {
		e, _ := search.Parse(c.query, opts)
		got := ""
		if lacking := search.Lacking(e, c.text, "fr"); lacking != nil {
			got = lacking.String()
		}
		if got != c.want {
			t.Errorf("what %q lacks of %s: got %q, want %q", c.text, c.query, got, c.want)
		}
	}
}
