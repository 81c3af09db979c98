package export

import (
	"regexp"
	"strings"
	"sync"
	"time"

	"skyarchive/analysis"
)

// join says in a sentence why a post is in its thread.
func (w *words) join(j analysis.Join) string {
	fixed := w.joins[j.By]
	switch {
	case j.Why == "":
		return fixed
	case w.lang != "fr":
		return j.Why
	case j.By == analysis.ByPerson:
		return w.joinedByPerson(j.Why)
	}
	return joinFrench.Replace(j.Why)
}

// placing is what analysis says of a join by a person: what they did, who, when, and their note.
var placing = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)^(put here|made the start of a thread) by (.*?) on (\d{4}-\d\d-\d\d)( \d\d:\d\d UTC)?(?:: (.*))?$`)
})

// joinedByPerson puts that into French, but for the note.
func (w *words) joinedByPerson(why string) string {
	m := placing().FindStringSubmatch(why)
	if m == nil {
		return w.joins[analysis.ByPerson] + " (" + why + ")"
	}
	what, who := "placé ici", m[2]
	if m[1] != "put here" {
		what = "désigné comme début d'un fil"
	}
	if who == "a person" {
		who = "une personne"
	}
	day, err := time.Parse(time.DateOnly, m[3])
	if err != nil {
		return w.joins[analysis.ByPerson] + " (" + why + ")"
	}
	s := what + " par " + who + " le " + w.day(day)
	if m[4] != "" {
		s += "," + m[4]
	}
	if m[5] != "" {
		s += w.colon + " " + m[5]
	}
	return s
}

// joinFrench puts the reasons that analysis gives for joins into French, piece by piece.
var joinFrench = strings.NewReplacer(
	"announces the thread", "annonce le fil",
	"; part 1 is the author's next post", "\u00a0; la partie 1 est le post suivant de l'auteur",
	"follows the post that announces the thread", "suit le post qui annonce le fil",
	"quotes post ", "cite le post ", "quotes a post of the thread", "cite un post du fil",
	" of the thread", " du fil", " and opens with words that continue it", " et s'ouvre sur des mots qui le poursuivent",
	"what it answers was deleted", "ce à quoi il répond a été supprimé", "what it answers was never seen", "ce à quoi il répond n'a jamais été vu",
	"; it names this thread as its root and was posted", "\u00a0; il désigne ce fil comme sa racine et a été publié",
	" than the post before it", " que le post précédent",
	"leads to a post that carries the next number of the series", "mène à un post qui porte le numéro suivant de la série",
	"carries ", "porte ", " after ", " après ", "same total", "même total",
	"; answers another person in the same conversation", "\u00a0; répond à une autre personne dans la même conversation",
	"answers a deleted post that answered the post before it", "répond à un post supprimé qui répondait au post précédent",
	"answers a deleted post that answered a post beside the thread", "répond à un post supprimé qui répondait à un post à côté du fil",
	"answers a deleted post that answered post ", "répond à un post supprimé qui répondait au post ",
	"answers a forgotten post that answered the post before it", "répond à un post oublié qui répondait au post précédent",
	"answers a forgotten post that answered a post beside the thread", "répond à un post oublié qui répondait à un post à côté du fil",
	"answers a forgotten post that answered post ", "répond à un post oublié qui répondait au post ",
	"answers the post before it", "répond au post précédent", "answers a post beside the thread", "répond à un post à côté du fil",
	"answers post ", "répond au post ",
	"posted at the same time", "publié au même moment", "posted ", "publié ", " later", " plus tard", " earlier", " plus tôt",
	" days", " jours", " day", " jour", " hours", " heures", " hour", " heure", " minutes", " minutes", " seconds", " secondes", " second", " seconde",
	"; ", "\u00a0; ",
)
