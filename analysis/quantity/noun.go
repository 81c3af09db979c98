package quantity

import (
	"strings"

	"skyarchive/analysis/words"
)

// noun reads what the number n before token i counts. It returns the token after it and
// the noun as written in lower case, or i.
func (s *scanner) noun(i int, n *numeral) (int, string) {
	p := i
	if n.big || n.group {
		if w := s.word(p); w == "de" || w == "d'" || w == "of" {
			p++
		} else if n.group && !n.big && w == "" {
			return i, ""
		}
	}
	if n.value < 2 && !n.big {
		if w := s.word(p); (n.value > 0 || n.plain && !s.has(i, hyphened)) && n.value != 1 && len(w) > 3 && s.near(p) && s.has(p, spaced) && !functionWords[w] && !s.label(i-1) {
			return p + 1, s.lower(p, p) // 0,5 point
		}
		return i, ""
	}
	for k := range 4 {
		if !s.near(p) || p > i && !s.has(p, spaced) && !s.has(p, hyphened) && s.kind(p-1) != word {
			return i, ""
		}
		w := s.word(p)
		if w == "us" && plural(s.word(p+1)) {
			p++ // 19 US states
			continue
		}
		if k == 0 && w == "plus" && (adjective(s.word(p+1)) || plural(s.word(p+1)) && plural(s.word(p+2)) && !functionWords[s.word(p+2)]) {
			p += 2 // les 3 plus gros sites
			continue
		}
		if w == "" || functionWords[w] || s.has(p, words.Hashtag) || s.has(p, elided) || !s.has(p, spaced) && !s.has(p, hyphened) && !(k == 0 && s.has(p-1, elided)) && s.kind(p-1) != number {
			return i, ""
		}
		switch {
		case len(w) > 3 && adjective(w):
			if u, end := s.unit(p+1, &numeral{scale: 1, value: 2}); u != nil && u.time {
				return end, u.name
			}
		case plural(w):
			if _, kind := numberWord(w); kind == groupWord && (n.big || n.group) {
				return i, "" // milliards de milliards
			}
			if k == 0 && participles[w] {
				return i, "" // "au lieu des 500 promis"
			}
			if k == 0 && verbsInS[w] {
				return i, "" // "Windows 11 runs"
			}
			if s.kind(i-1) == number && (s.names(i-1) || n.plain && n.value >= 1e4 && s.has(p, capital) && !s.shouting()) {
				return i, "" // a post code
			}
			return p + 1, s.lower(p, p)
		case acronyms[w] && s.has(p, spaced), s.has(p, upperCase) && s.has(p, spaced) && !s.shouting() && len(w) > 1 && len(w) <= 5:
			if next := s.word(p + 1); s.lang == "en" && plural(next) && !functionWords[next] {
				break
			}
			return p + 1, s.lower(p, p) // 120 ONG
		}
		p++
		if s.lang == "fr" && k > 0 && !adjective(w) {
			return i, ""
		}
	}
	return i, ""
}

// acronyms are what numbers often count, and known in texts that are all capitals too.
var acronyms = wordSet(`ong pme tpe eti pmi cpu gpu tpu npu pc tv suv hlm zad zfe scot plu plui ehpad chu ccas epci ceo pdg cdd cdi rtt
	amap sms mms dvd cd bd ep lp pv qr hp vtt vtc rer tgv adn oqtf zup zep scop sci sarl ufo atm api led rpa epr smr pfas ngo llm cctv ip url ufc`)

// verbsInS are English verbs after a name that ends with a number, not plurals that it counts.
var verbsInS = wordSet(`is was has does says makes takes gives gets goes comes allows requires presumes includes brings becomes
	remains keeps wants lets adds lasts arrives begins confirms fails loses imposes forces obliges puts sees tells suggests reveals warns`)

// participles are said of what a number counts and are not counted by it.
var participles = wordSet("promis prevus prevues annoncees autorises autorisees attendus attendues requis requises exiges exigees")

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// isName reports whether the number in words at token i is the first word of a name that goes on
// at token next: "les Trois Gorges", "Three Mile Island". At the start of a sentence two more
// words with capitals make it one.
func (s *scanner) isName(i, next int) bool {
	name := func(p int) bool { return s.has(p, capital) && !s.has(p, upperCase) }
	if s.shouting() || !name(i) || !s.near(next) || !name(next) || s.has(next, words.Hashtag) {
		return false
	}
	if s.begins(i) {
		return s.near(next+1) && name(next+1)
	}
	switch s.word(i - 1) {
	case "the", "les", "des", "aux", "of", "at":
		return s.begins(i-1) || !s.has(i-1, capital)
	}
	return false
}

// names reports whether the number at token i belongs to the name before it: "Windows 11
// runs".
func (s *scanner) names(i int) bool {
	return s.lang == "en" && s.has(i-1, capital) && s.kind(i-1) == word && !s.begins(i-1) && !functionWords[s.word(i-1)] && !s.shouting() && s.near(i) && len(s.text(i)) <= 3
}

// plural reports whether a folded word looks like a noun in the plural.
func plural(w string) bool {
	if len(w) < 3 {
		return false
	}
	switch w {
	case "people", "men", "women", "children", "police", "staff", "cattle", "fish", "species", "teeth", "mice", "sheep", "deer", "salmon", "aircraft", "geese", "oxen", "data", "media", "percent", "feet":
		return w != "data"
	}
	switch w[len(w)-1] {
	case 's':
		return w != "gas" && w != "gps" && w != "news" && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "'s") && !strings.HasSuffix(w, "ous")
	case 'x':
		return strings.HasSuffix(w, "aux") || strings.HasSuffix(w, "eux") || strings.HasSuffix(w, "oux") || w == "prix" || w == "voix" || w == "noix" || w == "lynx"
	}
	return false
}

// adjective reports whether a word stands between a number and its noun.
func adjective(w string) bool {
	switch w {
	case "nouveaux", "nouvelles", "nouvelle", "nouveau", "grands", "grandes", "gros", "grosses", "petits", "petites", "premiers", "premieres",
		"derniers", "dernieres", "dernier", "derniere", "prochains", "prochaines", "autres", "bons", "bonnes", "principaux", "principales", "vieux", "vieilles",
		"beaux", "belles", "jeunes", "longs", "longues", "pleins", "pleines", "hauts", "hautes", "anciens", "anciennes", "meilleurs", "meilleures",
		"seuls", "seules", "memes", "last", "next", "first", "previous", "past", "consecutive", "full", "long", "different", "differents", "differentes", "various", "mauvais", "faux", "futurs", "futures", "supposed", "coming", "more", "petit", "grand":
		return true
	}
	return false
}

// of reads the thing that a quantity before token i is a part or a measure of.
func (s *scanner) of(i int) *OfWhat {
	p := i
	if w := s.word(p); w == "de" && (s.word(p+1) == "plus" || s.word(p+1) == "moins") {
		p += 2
	}
	switch w := s.word(p); {
	case !s.near(p):
		return nil
	case w == "de", w == "d'", w == "des", w == "du", w == "of":
		p++
	default:
		return nil
	}
	if s.word(p) == "ici" || s.word(p) == "ailleurs" || s.word(p) == "abord" {
		return nil
	}
	for s.near(p) && determiner(s.word(p)) {
		p++
	}
	if s.word(p-1) == "l'" && period(s.word(p)) != "" {
		return nil // "de l'heure"
	}
	last, first := -1, p
	for count := 0; count < 7 && s.near(p); count++ {
		w := s.word(p)
		if s.kind(p) != word {
			break
		}
		linking := w == "de" || w == "d'" || w == "des" || w == "du" || w == "of"
		if linking && last >= 0 {
			p++
			for s.near(p) && determiner(s.word(p)) {
				p++
			}
			if s.kind(p) != word || s.word(p) == "" || s.word(p) == "ici" || functionWords[s.word(p)] {
				break
			}
			continue
		}
		if functionWords[w] || w == "supplementaires" || w == "supplementaire" || w == "additional" || w == "last" || w == "next" || w == "each" || w == "chaque" ||
			s.lang == "en" && last >= 0 && (strings.HasSuffix(w, "ed") || strings.HasSuffix(w, "ing")) && len(w) > 4 ||
			s.lang != "en" && last >= 0 && (finite(w) || p == last+1 && strings.HasSuffix(w, "ent") && !adjectivesInEnt[w]) {
			break
		}
		if s.lang == "en" && last >= 0 && plural(w) && s.kind(p+1) != none && (s.kind(p+1) == number || s.kind(p+1) == word && !functionWords[s.word(p+1)]) {
			break // "of gold emits 16 tonnes"
		}
		last = p
		p++
		if s.near(p) && s.kind(p) == word && !s.has(p, spaced) && !s.has(p, hyphened) && !s.has(p-1, elided) {
			break
		}
	}
	if last < first {
		return nil
	}
	for last > first && s.has(last, elided) {
		last--
	}
	span := s.t.TokenSpan(first, last)
	return &OfWhat{Span: span, Text: s.t.Source[span.Start:span.End]}
}

// adjectivesInEnt are adjectives that stand behind their noun. Other words in -ent right behind a
// noun are verbs, "du service achètent", or adverbs.
var adjectivesInEnt = wordSet(`different recent frequent permanent urgent present absent excellent equivalent evident violent intelligent pertinent imminent
	innocent prudent lent content transparent ardent decent dissident insolent resident concurrent adjacent convergent divergent emergent exigent efficient deficient
	ambient turbulent virulent opulent patient inconscient conscient`)

// determiner reports whether a word stands before a noun and is no part of what it names.
func determiner(w string) bool {
	switch w {
	case "la", "le", "les", "l'", "the", "ce", "cette", "ces", "son", "sa", "ses", "leur", "leurs", "notre", "nos", "our", "its", "their", "all", "this", "these", "tous", "toute", "toutes", "tout":
		return true
	}
	return false
}

// finite reports whether a folded French word has the ending of a verb with a subject.
func finite(w string) bool {
	return len(w) > 5 && (strings.HasSuffix(w, "aient") || strings.HasSuffix(w, "ait") || strings.HasSuffix(w, "iennent") || strings.HasSuffix(w, "eront") || strings.HasSuffix(w, "issent"))
}

// per reads the rate of a quantity before token i: "par jour", "/an", "of oil a day".
func (s *scanner) per(i int) string {
	if s.sign(i) == "/" {
		return period(s.word(i + 1))
	}
	for p := i; p < i+9 && s.near(p); p++ {
		if s.kind(p) != word {
			return ""
		}
		switch w := s.word(p); w {
		case "par", "per", "chaque", "each", "every", "a", "an", "l'":
			if per := period(s.word(p + 1)); !s.apart(p+2) && s.word(p-1) != "in" && per != "" && (w != "l'" || per == "h") && !(w == "a" && (s.lang == "fr" || asked(per))) { // "à jour", "à sec", "sent a request"
				return per
			}
		case "daily", "quotidiens", "quotidiennes":
			return "day"
		case "annually", "yearly", "annuels", "annuelles":
			return "year"
		}
	}
	return ""
}

// apart reports whether the word at token i makes the duration before it a distance: "a year
// earlier".
func (s *scanner) apart(i int) bool {
	switch s.word(i) {
	case "ago", "earlier", "later", "before", "after":
		return true
	}
	return false
}

// period returns what a rate is counted in, or "".
func period(w string) string {
	switch w {
	case "capita", "tete", "person", "personne", "habitant", "hab", "head", "people":
		return "person"
	case "query", "request", "requete":
		return "query"
	case "prompt":
		return "prompt"
	case "kwh", "mwh", "km", "ha", "m2", "m3", "hectare", "tonne", "kg", "l", "litre", "km2":
		if u := units[w]; u != nil {
			return u.name
		}
	}
	if u := units[w]; u != nil && u.time {
		return u.name
	}
	return ""
}

// asked reports whether a rate is per question to a machine.
func asked(per string) bool { return per == "query" || per == "prompt" }

// functionWords are French and English words that no number counts.
var functionWords = wordSet(`a au aux avec ce ces cette ceux celles celui celle chez comme contre d' dans de depuis des donc dont du elle elles en entre
		est et etait etaient etre eux fut furent il ils je l' la le les leur leurs lors lorsque lui mais malgre me moins mon mes ma ne ni nos notre nous on ont or ou
		par parmi pas pendant plus pour pourquoi puis puisque qu' quand que quel quelle quels quelles qui quoi sa sans sauf se selon ses
		si soit sont son sous sur tandis ta tes ton toujours tous tout toutes toute tres tu un une vers via voici voila vos votre vous y c' n' s' j' m' t'
		apres avant ainsi alors aussi ailleurs avons avez avait avaient aura auront aurait auraient ans dernierement plusieurs certains certaines
		sera seront serait seraient sommes etes suis peut peuvent doit doivent va vont fait font fois jamais encore desormais deja seulement environ
		the of and to in is that it for on with as are was were be this by an from have has had not at you we they their his its our your my
		will would which than been but what when who whom whose how about into can could all there these those do does did if so just only over some any
		out up should also other others i he she them us or nor per because while after before since until during against between among through
		versus vs plus minus times yes always perhaps across unless towards thus is was has does this us hers ours yours theirs yourselves less here there
		may might must shall being am im its`)
