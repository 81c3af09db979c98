package quantity

import "strings"

// notCounting returns the token after a number that counts nothing: an ordinal, a date, a
// time of day, a telephone number, a bullet. It returns i for other numbers.
func (s *scanner) notCounting(i int) int {
	bound := !s.has(i, spaced) && i > 0
	if s.has(i, hyphened) && s.kind(i-1) == word {
		return i + 1 // covid-19
	}
	if bound && s.kind(i-1) == sign {
		switch s.sign(i - 1) {
		case "/", "#", "§", "@", "_", "°", "=", "\\", "*", "&", "№":
			return i + 1
		}
	}
	if s.label(i) {
		n, _ := s.digits(i)
		return max(n.next, i+1)
	}
	if !s.near(i + 1) {
		return i
	}
	glued := s.t.Tokens[i+1].Flags&(spaced|hyphened) == 0
	switch s.kind(i + 1) {
	case word:
		return s.notCountingWord(i, glued)
	case sign:
		switch c := s.sign(i + 1); {
		case c == ":" && glued && s.kind(i+2) == number && !s.has(i+2, spaced):
			return i + 3
		case (c == "." || c == ")") && glued && (s.has(i, lineStart) || i == 0) && s.has(i+2, spaced) && s.kind(i+2) != number && len(s.text(i)) <= 2:
			return i + 2
		case c == "/" && glued && (s.kind(i+2) == none || s.has(i+2, spaced) || len(s.word(i+2)) == 1 && s.word(i+2) != "h" && s.word(i+2) != "j"):
			return i + 2
		case c == "-" && (s.has(i, lineStart) || i == 0) && (strings.HasPrefix(s.word(i+2), "percentage") || strings.HasPrefix(s.word(i+2), "pourcentage")):
			// An index lists the number first and then what it is.
			if n, ok := s.digits(i); ok {
				s.put(found{first: i, last: i, lo: n.value, unit: percent, lone: true})
			}
			return i + 3
		}
	case number:
		if s.isDatePart(i) {
			return s.numbersEnd(i)
		}
	}
	return i
}

// notCountingWord is notCounting for a number before a word.
func (s *scanner) notCountingWord(i int, glued bool) int {
	w := s.word(i + 1)
	if month(w) && len(s.text(i)) <= 2 && !s.has(i+1, hyphened) {
		if s.kind(i+2) == number && len(s.text(i+2)) == 4 {
			return i + 3
		}
		return i + 2
	}
	switch w {
	case "am", "pm", "a.m.", "p.m.", "bis", "ter":
		return i + 2
	}
	if !glued {
		return i
	}
	switch w {
	case "er", "ere", "e", "eme", "emes", "nd", "nde", "st", "rd", "th", "ieme", "iemes", "ers", "o", "p", "d":
		return i + 2
	case "x", "k", "m", "mn", "md", "mds", "mrd", "bn", "tn":
		return i
	case "s":
		if s.word(i-1) == "the" || len(s.text(i)) == 4 {
			return i + 2
		}
	case "c":
		if strings.ContainsAny(s.text(i), ".,") {
			return i // 1.5C
		}
		return i + 2
	}
	if _, ok := units[w]; ok {
		return i
	}
	if w == "million" || w == "millions" || w == "milliard" || w == "milliards" || w == "billion" || w == "fois" || len(w) > 4 && w[0] != 'h' {
		return i
	}
	return i + 2 // "10h30", "4x4", "3bis"
}

// isDatePart reports whether the numbers from token i on are a telephone number or a date:
// several numbers that are no groups of thousands.
func (s *scanner) isDatePart(i int) bool {
	if s.has(i+1, hyphened) && s.has(i+2, hyphened) && s.kind(i+2) == number {
		return true // 2024-05-12
	}
	pairs := 0
	for p := i; s.kind(p) == number && (p == i || s.near(p)); p++ {
		if len(s.text(p)) > 2 {
			break
		}
		pairs++
	}
	return pairs >= 4
}

// numbersEnd returns the token after the numbers from token i on.
func (s *scanner) numbersEnd(i int) int {
	for s.kind(i) == number {
		i++
	}
	return i
}

// label reports whether the word before token i names a thing by a number: "article 15".
func (s *scanner) label(i int) bool {
	p := i - 1
	if s.sign(p) == "." || s.sign(p) == "°" {
		p--
	}
	switch s.word(p) {
	case "article", "articles", "art", "page", "pages", "p", "pp", "chapitre", "chapter", "numero", "no", "n", "version", "v", "top",
		"phase", "tome", "volume", "vol", "saison", "season", "episode", "section", "figure", "fig", "table", "tableau", "route", "ligne",
		"scope", "iso", "paragraphe", "alinea", "titre", "objectif", "odd", "sdg", "agenda", "horizon", "etape", "step", "partie", "part",
		"proposition", "chaine", "channel", "niveau", "level", "categorie", "category", "covid", "cop", "windows", "gpt", "iphone", "android",
		"boeing", "airbus", "euro", "formule", "formula", "annees", "annee", "rank", "rang", "numbers", "zone", "area", "day", "jour", "acte", "act", "tier", "type", "groupe", "loi", "decret", "directive", "resolution", "reglement", "amendement", "rtx", "web":
		// "partie 2", but "en partie 20 %" and "part: 20"
		if !s.near(i) || s.has(i, hyphened) {
			return false
		}
		switch s.word(p - 1) {
		case "chaque", "par", "each", "every", "per":
			return false // a new sentence goes on: "chaque année 300 espèces"
		}
		n, ok := s.numeral(i)
		u, _ := s.unit(n.next, &n)
		return !ok || u == nil && !n.big
	}
	return month(s.word(p)) && s.word(p) != "may" && s.near(i) || s.word(p) == "may" && s.has(p, capital) && s.near(i) && s.word(i+1) == ""
}

// month reports whether a word names a month, in full or short.
func month(w string) bool {
	return monthNumber(w) > 0
}

// monthNumber returns the number of the month that a folded word names, or 0.
func monthNumber(w string) int {
	switch w {
	case "janvier", "january", "janv", "jan":
		return 1
	case "fevrier", "february", "fev", "fevr", "feb":
		return 2
	case "mars", "march", "mar":
		return 3
	case "avril", "april", "avr", "apr":
		return 4
	case "mai", "may":
		return 5
	case "juin", "june", "jun":
		return 6
	case "juillet", "july", "juil", "jul":
		return 7
	case "aout", "august", "aug":
		return 8
	case "septembre", "september", "sept", "sep":
		return 9
	case "octobre", "october", "oct":
		return 10
	case "novembre", "november", "nov":
		return 11
	case "decembre", "december", "dec":
		return 12
	}
	return 0
}

// hours reports whether "h" at token i after the number n is a duration and not a time of
// day.
func (s *scanner) hours(i int, n *numeral) bool {
	if n.value > 24 || !n.plain {
		return true
	}
	first := n.next - 1
	switch s.word(first - 1) {
	case "a", "vers", "des", "avant", "apres", "jusqu'a", "entre", "et", "ici":
		return false
	case "en", "pendant", "pour", "durant", "sous", "les", "dans", "chaque", "environ", "par":
		return true
	case "de":
		return n.value <= 12 || n.value == 24
	}
	switch s.word(i + 1) {
	case "de", "d'", "par", "chaque", "sur":
		return true
	}
	return n.value == 24 || s.sign(i+1) == "/" && s.word(i+2) != ""
}

// pointInTime reports whether the duration from token i to before end places something in
// time: "il y a 3 ans", "29 years ago".
func (s *scanner) pointInTime(i, end int) bool {
	switch s.word(end) {
	case "ago", "later", "earlier", "auparavant", "prior":
		return true
	case "plus":
		if w := s.word(end + 1); w == "tard" || w == "tot" {
			return true
		}
	case "apres", "after":
		if w := s.word(i - 1); w != "de" && w != "d'" {
			return true
		}
	case "from":
		if s.word(end+1) == "now" {
			return true
		}
	case "de":
		if s.word(end+1) == "cela" || s.word(end+1) == "ca" {
			return true
		}
	}
	p := i - 1
	for p > i-5 && s.rounding(s.word(p)) && s.word(p) != "" {
		p--
	}
	switch s.word(p) {
	case "a":
		if s.word(p-1) == "y" || s.word(p-1) == "ya" {
			return true
		}
		// "à 18 heures"
		w := s.word(end - 1)
		return (w == "heures" || w == "heure") && p == i-1 && s.clock(i)
	case "ya", "voici", "voila":
		return true
	case "dans":
		return s.lang != "en"
	case "vers", "des":
		w := s.word(end - 1)
		return (w == "heures" || w == "heure") && s.clock(i)
	}
	return false
}

// clock reports whether the number at token i may be an hour of the day.
func (s *scanner) clock(i int) bool {
	n, ok := s.numeral(i)
	return ok && n.value <= 24 && !n.big
}

// afterPreposition reports whether the word before token i makes a number a year.
func (s *scanner) afterPreposition(i int) bool {
	switch s.word(i - 1) {
	case "en", "in", "depuis", "since", "by", "ici", "until", "fin", "debut", "annee", "horizon", "before", "avant", "apres", "after", "during", "ete", "hiver", "printemps", "automne", "summer", "winter", "spring", "fall":
		return true
	}
	return month(s.word(i - 1))
}

// dated reports whether a number that looks like a year is one: French says "2000 emplois"
// of a count, English says "2024 elections" of a year.
func (s *scanner) dated(i, next int) bool {
	if s.afterPreposition(i) || s.lang == "en" && !s.rounded(i) {
		return true
	}
	switch s.word(i - 1) {
	case "de", "du", "a", "au", "et", "les", "l'", "des":
		return !s.rounded(i)
	}
	return s.has(i-1, capital) && !s.begins(i-1) && !s.shouting() || next == i
}

// idiom reports whether a spelled number at token i and a noun are a figure of speech.
func (s *scanner) idiom(i int, noun string) bool {
	switch noun {
	case "points", "mots", "mercis", "excuses", "mains", "temps", "poids", "words", "cents", "mesures":
		return true
	}
	return s.word(i-1) == "entre" && s.word(i) == "deux"
}

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
		if w := s.word(p); n.value > 0 && n.value != 1 && len(w) > 3 && s.near(p) && s.has(p, spaced) && !functionWords[w] && !s.label(i-1) {
			return p + 1, s.lower(p, p) // 0,5 point
		}
		return i, ""
	}
	for k := 0; k < 4; k++ {
		if !s.near(p) || p > i && !s.has(p, spaced) && !s.has(p, hyphened) && s.kind(p-1) != word {
			return i, ""
		}
		w := s.word(p)
		if w == "" || functionWords[w] || s.has(p, elided) || !s.has(p, spaced) && !s.has(p, hyphened) && !(k == 0 && s.has(p-1, elided)) && s.kind(p-1) != number {
			return i, ""
		}
		switch {
		case len(w) > 3 && adjective(w):
			if u, end := s.unit(p+1, &numeral{scale: 1, value: 2}); u != nil && u.time {
				return end, u.name
			}
		case plural(w):
			if s.kind(i-1) == number && (s.names(i-1) || n.plain && n.value >= 1e4 && s.has(p, capital) && !s.shouting()) {
				return i, "" // a post code
			}
			return p + 1, s.lower(p, p)
		case n.spelled && k == 0 && s.has(p, capital) && !s.shouting():
			return i, ""
		case s.has(p, upperCase) && s.has(p, spaced) && !s.shouting() && len(w) > 1 && len(w) <= 5:
			return p + 1, s.lower(p, p) // 120 ONG
		}
		p++
		if s.lang == "fr" && k > 0 && !adjective(w) {
			return i, ""
		}
	}
	return i, ""
}

// names reports whether the number at token i belongs to the name before it: "Windows 11
// runs".
func (s *scanner) names(i int) bool {
	return s.lang == "en" && s.has(i-1, capital) && s.kind(i-1) == word && !s.begins(i-1) && !s.shouting() && s.near(i) && len(s.text(i)) <= 3
}

// plural reports whether a folded word looks like a noun in the plural.
func plural(w string) bool {
	if len(w) < 3 {
		return false
	}
	switch w {
	case "people", "men", "women", "children", "police", "staff", "cattle", "fish", "species", "teeth", "mice", "data", "media", "percent", "feet":
		return w != "data"
	}
	switch w[len(w)-1] {
	case 's':
		return !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "'s") && !strings.HasSuffix(w, "ous")
	case 'x':
		return strings.HasSuffix(w, "aux") || strings.HasSuffix(w, "eux") || strings.HasSuffix(w, "oux") || w == "prix" || w == "voix"
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
			s.lang != "en" && last >= 0 && finite(w) {
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
		switch s.word(p) {
		case "par", "per", "chaque", "each", "every", "a", "an", "l'":
			if per := period(s.word(p + 1)); per != "" && (s.word(p) != "l'" || per == "h") {
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

// period returns what a rate is counted in, or "".
func period(w string) string {
	switch w {
	case "capita", "tete", "person", "personne", "habitant", "hab", "head", "people":
		return "person"
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

// functionWords are French and English words that no number counts.
var functionWords = func() map[string]bool {
	table := map[string]bool{}
	for _, w := range strings.Fields(`a au aux avec ce ces cette ceux celles celui celle chez comme contre d' dans de depuis des donc dont du elle elles en entre
		est et etait etaient etre eux fut furent il ils je l' la le les leur leurs lors lorsque lui mais malgre me moins mon mes ma ne ni nos notre nous on ont or ou
		par parmi pas pendant plus pour pourquoi puis puisque qu' quand que quel quelle quels quelles qui quoi sa sans sauf se selon ses
		si soit sont son sous sur tandis ta tes ton toujours tous tout toutes toute tres tu un une vers via voici voila vos votre vous y c' n' s' j' m' t'
		apres avant ainsi alors aussi ailleurs avons avez avait avaient aura auront aurait auraient ans dernierement plusieurs certains certaines
		sera seront serait seraient sommes etes suis peut peuvent doit doivent va vont fait font fois jamais encore desormais deja seulement environ
		the of and to in is that it for on with as are was were be this by an from have has had not at you we they their his its our your my
		will would which than been but what when who whom whose how about into can could all there these those do does did if so just only over some any
		out up should also other others i he she them us or nor per because while after before since until during against between among through
		versus vs plus minus times yes always perhaps across unless towards thus is was has does this us hers ours yours theirs yourselves less
		may might must shall being am im its`) {
		table[w] = true
	}
	return table
}()
