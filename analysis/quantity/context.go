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
		case c == "-" && s.opensLine(i) && (strings.HasPrefix(s.word(i+2), "percentage") || strings.HasPrefix(s.word(i+2), "pourcentage")):
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

// opensLine reports whether token i is the first of its line, but for the mark of a bullet.
func (s *scanner) opensLine(i int) bool {
	for i > 0 && !s.has(i, lineStart) && s.kind(i-1) == sign {
		i--
	}
	return i == 0 || s.has(i, lineStart)
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
	case "f":
		if s.sign(i-1) == "-" {
			return i // -20F
		}
		return i + 2
	case "c":
		if strings.ContainsAny(s.text(i), ".,") {
			return i // 1.5C
		}
		return i + 2
	}
	if w == "g" && s.has(i+1, capital) && len(s.text(i)) == 1 {
		return i + 2 // 5G masts
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
	if s.telephone(i) {
		return true
	}
	pairs := 0
	for p := i; s.kind(p) == number && (p == i || s.near(p)) && pairs < 4; p++ {
		if len(s.text(p)) > 2 {
			break
		}
		pairs++
	}
	return pairs >= 4
}

// telephone reports whether the numbers from token i on, three or more, have as many digits
// as a telephone number and are not all groups of three.
func (s *scanner) telephone(i int) bool {
	count, digits, thousands := 0, 0, true
	for p := i; s.kind(p) == number && (p == i || s.near(p)) && digits <= 13; p++ {
		size := len(s.text(p))
		thousands = thousands && (p == i && size <= 3 || size == 3)
		count, digits = count+1, digits+size
	}
	return count >= 3 && digits >= 9 && digits <= 13 && !thousands
}

// numbersEnd returns the token after the number at token i and those that follow on its line.
func (s *scanner) numbersEnd(i int) int {
	for i++; s.kind(i) == number && s.near(i); i++ {
	}
	return i
}

// longestList is how many numbers are read as one list.
const longestList = 12

// label reports whether the word before token i names a thing by a number: "article 15".
func (s *scanner) label(i int) bool { return s.labelled(i, longestList) }

// labelled is label for a number behind at most so many others: "scope 1 and 2".
func (s *scanner) labelled(i, others int) bool {
	p := i - 1
	if s.sign(p) == "." || s.sign(p) == "°" {
		p--
	}
	if w := s.word(p); (w == "et" || w == "and" || w == "ou" || w == "or" || s.sign(p) == ",") && s.kind(p-1) == number && s.near(i) {
		return others > 0 && s.labelled(p-1, others-1)
	}
	switch s.word(p) {
	case "article", "articles", "art", "page", "pages", "p", "pp", "chapitre", "chapter", "numero", "no", "n", "version", "v", "top",
		"phase", "tome", "volume", "vol", "saison", "season", "episode", "section", "figure", "fig", "table", "tableau", "route", "ligne",
		"scope", "iso", "paragraphe", "alinea", "titre", "objectif", "odd", "sdg", "agenda", "horizon", "etape", "step", "partie", "part",
		"proposition", "chaine", "channel", "niveau", "level", "categorie", "category", "covid", "cop", "windows", "gpt", "iphone", "android",
		"boeing", "airbus", "euro", "formule", "formula", "annees", "annee", "rank", "rang", "number", "numbers", "zone", "area", "day", "jour", "acte", "act", "tier", "type", "groupe", "loi", "decret", "directive", "resolution", "reglement", "amendement", "rtx", "web",
		"fortune", "siren", "siret", "rcs", "ref":
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
	if s.word(i+1) == "a" && s.kind(i+2) == number {
		return false // de 8h à 20h
	}
	first := n.next - 1
	if w := s.word(first - 1); (w == "apres" || w == "avant") && (s.word(i+1) == "de" || s.word(i+1) == "d'") {
		return true
	}
	switch s.word(first - 1) {
	case "a", "vers", "des", "avant", "apres", "jusqu'a", "entre", "et", "ici":
		return false
	case "en", "pendant", "pour", "durant", "sous", "les", "dans", "chaque", "environ", "par", "fait", "dure", "faut", "met", "prend":
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

// pointInTime reports whether the duration from token i to before end counts from now:
// "il y a 3 ans", "29 years ago". What lies between two events, "two years later", is as long
// as it says.
func (s *scanner) pointInTime(i, end int) bool {
	switch s.word(end) {
	case "ago", "auparavant":
		return true
	case "from":
		if s.word(end+1) == "now" {
			return true
		}
	case "":
		if s.sign(end) == "'" && s.word(end+1) == "time" {
			return true // "in thirty years' time"
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
		if s.word(p-1) == "ici" && s.word(p-2) == "d'" {
			return true // "d'ici à 5 ans"
		}
		// "à 18 heures"
		w := s.word(end - 1)
		return (w == "heures" || w == "heure") && p == i-1 && s.clock(i)
	case "ya", "voici", "voila":
		return true
	case "ici":
		return s.word(p-1) == "d'"
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
	case "points", "doigts", "mots", "mercis", "excuses", "mains", "temps", "poids", "words", "cents", "mesures":
		return true
	}
	return s.word(i-1) == "entre" && s.word(i) == "deux"
}
