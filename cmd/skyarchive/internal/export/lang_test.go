package export

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"skyarchive/analysis"
)

// Every reason that analysis gives for a join has its French words; a person's stay theirs.
func TestJoinsInFrench(t *testing.T) {
	t.Parallel()
	for why, want := range map[string]string{
		"answers the post before it, carries 2/4 after 1/4":                                                                                           "répond au post précédent, porte 2/4 après 1/4",
		"answers a deleted post that answered the post before it, carries 4/4 after 2/4":                                                              "répond à un post supprimé qui répondait au post précédent, porte 4/4 après 2/4",
		"answers a deleted post that answered post 3 of the thread":                                                                                   "répond à un post supprimé qui répondait au post 3 du fil",
		"answers a post beside the thread, carries 5":                                                                                                 "répond à un post à côté du fil, porte 5",
		"answers post 2 of the thread":                                                                                                                "répond au post 2 du fil",
		"carries 2/2 after 1/2, posted 3 minutes later, same total":                                                                                   "porte 2/2 après 1/2, publié 3 minutes plus tard, même total",
		"carries 3 after 2, posted 1 day earlier; quotes post 1 of the thread":                                                                        "porte 3 après 2, publié 1 jour plus tôt\u00a0; cite le post 1 du fil",
		"carries 3; answers another person in the same conversation":                                                                                  "porte 3\u00a0; répond à une autre personne dans la même conversation",
		"announces the thread; part 1 is the author's next post, posted at the same time":                                                             "annonce le fil\u00a0; la partie 1 est le post suivant de l'auteur, publié au même moment",
		"follows the post that announces the thread, posted 2 hours later":                                                                            "suit le post qui annonce le fil, publié 2 heures plus tard",
		"leads to a post that carries the next number of the series, posted 1 second later":                                                           "mène à un post qui porte le numéro suivant de la série, publié 1 seconde plus tard",
		"what it answers was deleted; it names this thread as its root and was posted 5 days later than the post before it":                           "ce à quoi il répond a été supprimé\u00a0; il désigne ce fil comme sa racine et a été publié 5 jours plus tard que le post précédent",
		"what it answers was never seen; it names this thread as its root and was posted 1 hour later than the post before it, carries 4/5 after 3/5": "ce à quoi il répond n'a jamais été vu\u00a0; il désigne ce fil comme sa racine et a été publié 1 heure plus tard que le post précédent, porte 4/5 après 3/5",
		"quotes post 2 of the thread and opens with words that continue it, posted 40 seconds later":                                                  "cite le post 2 du fil et s'ouvre sur des mots qui le poursuivent, publié 40 secondes plus tard",
		"quotes a post of the thread and opens with words that continue it, posted 1 minute later":                                                    "cite un post du fil et s'ouvre sur des mots qui le poursuivent, publié 1 minute plus tard",
	} {
		if got := french.join(analysis.Join{By: analysis.ByNumber, Why: why}); got != want {
			t.Errorf("%s\n got %s\nwant %s", why, got, want)
		}
		if got := english.join(analysis.Join{By: analysis.ByNumber, Why: why}); got != why {
			t.Errorf("in English: %s", got)
		}
	}
	if got := french.join(analysis.Join{By: analysis.ByPerson, Why: "joined by ana: she posted it after"}); !regexp.MustCompile(`ana: she posted it after`).MatchString(got) {
		t.Errorf("a person's words were changed: %s", got)
	}
}

// A join by a person is told in French, with their name and their note as they are.
func TestPlacingInFrench(t *testing.T) {
	t.Parallel()
	for why, want := range map[string]string{
		"put here by Ana on 2025-03-01 08:05 UTC":                                      "placé ici par Ana le 1er mars 2025, 08:05 UTC",
		"put here by Ana on 2025-03-02: put here on Monday":                            "placé ici par Ana le 2 mars 2025\u00a0: put here on Monday",
		"made the start of a thread by a person on 2025-03-02 08:05 UTC: it\nis later": "désigné comme début d'un fil par une personne le 2 mars 2025, 08:05 UTC\u00a0: it\nis later",
		"": "une personne l'a joint",
	} {
		if got := french.join(analysis.Join{By: analysis.ByPerson, Why: why}); got != want {
			t.Errorf("%s\n got %s\nwant %s", why, got, want)
		}
	}
}

// French has a space before ; : ? ! and inside of quotation marks, which must not break.
func TestFrenchSpaces(t *testing.T) {
	t.Parallel()
	texts := []string{fmt.Sprintf("%q", french), fmt.Sprintf("%q", pageFrench)}
	notes := slices.Concat(describe("posts.csv", postColumns()), describe("claims.csv", claimColumns()), describe("review.csv", reviewColumns(&french)), noteFields, taskFields, lineFields)
	for _, n := range notes {
		texts = append(texts, n.fr)
	}
	wrong := regexp.MustCompile(`.{0,30}(?: [;:?!»]|« ).{0,10}`)
	for _, text := range texts {
		if found := wrong.FindString(text); found != "" {
			t.Errorf("a space that may break: %q", found)
		}
	}
}
