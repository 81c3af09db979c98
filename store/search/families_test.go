package search_test

import (
	"strings"
	"testing"

	"skyarchive/analysis/words"
	"skyarchive/store/search"
)

// families are words that a person expects to find each other, by language.
var families = map[string][]string{
	"fr": {
		"consommer consomme consommée consommation consommations consomment consommateurs",
		"électricité électrique électriques électrifier",
		"métal métaux métallique",
		"énergie énergies énergétique énergétiques",
		"extraction extraire extrait",
		"efficace efficacité efficaces",
		"produire production produits producteur productrices",
		"réduire réduction réduit réductions",
		"polluer pollution polluants polluée",
		"émission émissions émettre émis",
		"travail travaux travailler",
		"réseau réseaux",
		"député députés députée députées",
		"entraîner entraînement entraîné",
		"minier minière mines",
		"généré générer génèrent",
		"loi lois",
		"eau eaux",
		"chauffer chauffage chauffé",
		"refroidir refroidissement",
	},
	"en": {
		"consume consumed consuming consumption consumer",
		"efficient efficiency efficiently",
		"produce production producing produced",
		"electric electricity electrical",
		"pollute pollution polluting polluted",
		"emission emissions",
		"mine mines",
		"cool cooling cooled",
		"litre litres",
		"reduce reduction reduced",
		"train training trained",
		"job jobs",
	},
}

// Every word of a family finds every other, however either is written: with accents or
// without, in capitals, behind an article; in a text of the language and in one whose
// language cannot be told.
func TestFamiliesMeet(t *testing.T) {
	forms := []func(string) string{
		func(s string) string { return s },
		func(s string) string { return words.Fold(s).Folded },
		strings.ToUpper,
		func(s string) string { return strings.ToUpper(words.Fold(s).Folded) },
	}
	pairs := 0
	for lang, list := range families {
		for _, family := range list {
			members := strings.Fields(family)
			for _, asked := range members {
				for _, there := range members {
					for _, ask := range forms {
						for _, write := range forms {
							for _, in := range []string{lang, ""} {
								query, _ := search.Parse(ask(asked), opts)
								text := "Ici, " + write(there) + "."
								if m := search.Matches(query, text, in); len(m) != 1 || text[m[0].Start:m[0].End] != write(there) {
									t.Errorf("%s does not find %q (language %q): %v", ask(asked), text, in, m)
								}
								pairs++
							}
						}
					}
				}
			}
		}
	}
	if pairs < 5000 {
		t.Errorf("only %d pairs", pairs)
	}
}
