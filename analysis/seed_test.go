package analysis_test

import (
	"slices"
	"strings"
	"testing"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
)

// The posts in this file are quoted from, or written after, the page the project started
// from: what its author says has to be found.

func passageWith(t *testing.T, list []analysis.PostAnalysis, words string) analysis.Passage {
	t.Helper()
	for _, p := range list {
		for _, x := range p.Passages {
			if strings.Contains(x.Text, words) {
				return x
			}
		}
	}
	t.Fatalf("no passage has %q", words)
	return analysis.Passage{}
}

func topicsOf(x analysis.Passage) []string {
	var list []string
	for _, tag := range x.Topics {
		list = append(list, tag.Topic)
	}
	return list
}

func TestFirstPage(t *testing.T) {
	list := analysis.NewAnalyzer(topic.Default()).Posts(
		post("Des impacts directs\n👉 l'électricité, la colonne vertébrale de l'IA. L'Agence Internationale de l'Energie, évalue la consommation électrique des data centers à 2% de l'électricité. Mais ce qui compte c'est la dynamique: elle prévoit un doublement d'ici 2026, l'équivalent de ce que consomme le Canada.", "fr"),
		post("👉 l'eau : nécessaire à la fabrication et au refroidissement des Data centers, souvent construits dans des zones arides ce qui renforce les tensions.\n👉 les métaux : tungstène, cobalt,.. des dizaines de métaux sont nécessaires au développement de ces technologies et renforcent les conflits locaux.", "fr"),
		post("👉 Par les gains de productivité qu’elle génère, l’IA permet d’augmenter la production des biens existants. Dans l’industrie fossile par exemple, un seul contrat de Microsoft avec ExxonMobil permet de produire 50 000 barils de pétrole de schiste supplémentaires par jour", "fr"),
		post("👉 Cette production peut ensuite être écoulée bien plus vite grâce au ciblage publicitaire qu’elle permet - 1/3 des ventes d'amazon proviennent de son outil de recommandation.", "fr"),
	)
	tests := []struct {
		words, topic, raw string
		value             float64
		source            string
	}{
		{"2% de l'électricité", "electricity", "2%", 2, "L'Agence Internationale de l'Energie"},
		{"d'ici 2026", "electricity", "doublement", 2, "L'Agence Internationale de l'Energie"},
		{"zones arides", "water", "", 0, ""},
		{"tungstène", "metals", "", 0, ""},
		{"gains de productivité", "rebound-effects", "", 0, ""},
		{"50 000 barils", "fossil-fuels", "50 000 barils", 50000, ""},
		{"1/3 des ventes", "rebound-effects", "1/3", 1. / 3, ""},
	}
	for _, test := range tests {
		t.Run(test.words, func(t *testing.T) {
			x := passageWith(t, list, test.words)
			if got := topicsOf(x); !slices.Contains(got, test.topic) {
				t.Errorf("topics: got %q, want %s", got, test.topic)
			}
			if x.Claim == nil || !x.Claim.CheckWorthy {
				t.Fatalf("claim: got %+v, want one worth checking", x.Claim)
			}
			if test.raw != "" && !slices.ContainsFunc(x.Quantities, func(q analysis.Quantity) bool {
				return q.Raw == test.raw && q.Value == test.value
			}) {
				t.Errorf("quantities: got %+v, want %q", x.Quantities, test.raw)
			}
			got := ""
			if x.Claim.Attribution != nil {
				got = x.Claim.Attribution.Text
			}
			if got != test.source {
				t.Errorf("source: got %q, want %q", got, test.source)
			}
		})
	}
	if x := passageWith(t, list, "zones arides"); slices.Contains(topicsOf(x), "metals") {
		t.Errorf("the bullet on water is tagged %q", topicsOf(x))
	}
	if x := passageWith(t, list, "50 000 barils"); len(x.Quantities) != 1 || x.Quantities[0].Per != "day" {
		t.Errorf("quantities: got %+v, want one per day", x.Quantities)
	}
	if w := passageWith(t, list, "d'ici 2026").Claim.When; len(w) != 1 || w[0].To == nil || *w[0].To != "2026" {
		t.Errorf("when: got %+v, want up to 2026", w)
	}
}

func TestEfficiencyMyth(t *testing.T) {
	list := analysis.NewAnalyzer(topic.Default()).Posts(
		post("On nous rabâche sans cesse que la Tech va \"sauver la planète\" en nous rendant plus efficace énergétiquement.\nC'est tout simplement faux.", "fr"),
		post("À chaque fois qu’une technologie plus efficace est apparue, on a augmenté son usage et donc les émissions en absolu. Il n'y a pas de substitution, juste des accumulations comme le dit si bien l'historien des techniques Fressoz.", "fr"),
	)
	if c := passageWith(t, list, "rabâche").Claim; c == nil || c.Stance != analysis.Denies {
		t.Errorf("the myth: got %+v, want a claim that is denied", c)
	}
	if c := passageWith(t, list, "tout simplement faux").Claim; c != nil {
		t.Errorf("the denial: got %+v, want no claim of its own", c)
	}
	for _, words := range []string{"augmenté son usage", "accumulations"} {
		if got := topicsOf(passageWith(t, list, words)); !slices.Contains(got, "rebound-effects") {
			t.Errorf("topics of the passage on %q: got %q, want rebound-effects", words, got)
		}
	}
	c := passageWith(t, list, "accumulations").Claim
	if c == nil || c.Attribution == nil || c.Attribution.Text != "l'historien des techniques Fressoz" {
		t.Errorf("source: got %+v, want the historian", c)
	}
}

func TestNumbersThatCountNothing(t *testing.T) {
	a := analysis.NewAnalyzer(topic.Default())
	for _, text := range []string{"20 février vote crucial des députés pour la taxe", "Nous demandons la suppression de l'article 15."} {
		for _, x := range a.Posts(post(text, "fr"))[0].Passages {
			if len(x.Quantities) > 0 {
				t.Errorf("quantities of %q: got %+v, want none", text, x.Quantities)
			}
		}
	}
}

// A shared page: the quotation of a thread's later posts is the study's that its first names.
func TestQuotationWithoutSpeaker(t *testing.T) {
	posts := []*atproto.Post{
		post("Un article de chercheurs de Microsoft et de l'université Carnegie Mellon révèle que les humains font moins appel à la pensée critique.", "fr"),
		post("2/3 « L'automatisation prive l'utilisateur des occasions d'exercer son jugement...", "fr"),
		post("3/3 \"...ce qui le laisse atrophié lorsque les exceptions se présentent »", "fr"),
	}
	for i, p := range analysis.NewAnalyzer(topic.Default()).Posts(posts...) {
		for _, x := range p.Passages[min(i, 1):] { // after its number
			if x.Claim == nil || x.Claim.Attribution == nil || !strings.HasPrefix(x.Claim.Attribution.Text, "Un article de chercheurs") {
				t.Errorf("post %d, %q: got %+v, want a claim of the article's", i, x.Text, x.Claim)
			}
		}
	}
}
