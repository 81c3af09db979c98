package quantity

import "strings"

// unit reads the unit at token i, after a number. It returns the token after it, or i.
func (s *scanner) unit(i int, n *numeral) (*unit, int) {
	if !s.near(i) {
		return nil, i
	}
	if s.kind(i) == sign {
		return s.signUnit(i)
	}
	w := s.word(i)
	if w == "" {
		return nil, i
	}
	p := i
	if (w == "de" || w == "d'" || w == "of") && (n.big || n.group) {
		p++
		w = s.word(p)
		if currency(s.sign(p)) != nil {
			return s.signUnit(p) // 1,2 Md d'€
		}
	}
	switch w {
	case "pour", "per":
		if next := s.word(p + 1); next == "cent" || next == "mille" && w == "pour" {
			if next == "mille" {
				return permille, p + 2
			}
			return percent, p + 2
		}
	case "point", "points":
		if (s.word(p+1) == "de" || s.word(p+1) == "of") && strings.HasPrefix(s.word(p+2), "pourcent") {
			return points, p + 3
		}
	case "percentage":
		if strings.HasPrefix(s.word(p+1), "point") {
			return points, p + 2
		}
	case "degre", "degres", "degree", "degrees":
		p++
		if next := s.word(p); next == "celsius" || next == "centigrade" {
			p++
		} else if next == "c" && s.near(p) {
			p++
		}
		return celsius, p
	case "square", "sq", "cubic", "us", "american", "u.s.", "metric", "light":
		if u, ok := units[s.word(p+1)]; ok && s.near(p+1) {
			switch {
			case (w == "square" || w == "sq") && u.base == "m":
				return &unit{name: u.name + "²", base: "m²", factor: u.factor * u.factor}, p + 2
			case w == "cubic" && u.base == "m":
				return &unit{name: u.name + "³", base: "m³", factor: u.factor * u.factor * u.factor}, p + 2
			case w[0] != 's' && w[0] != 'c' && w[0] != 'l':
				return u, p + 2
			}
		}
		return nil, i
	}
	if w == "f" && !s.has(p, spaced) && s.kind(p-1) == number && s.sign(p-2) == "-" {
		return fahrenheit, p + 1 // -20F
	}
	if w == "c" && s.has(p, spaced|capital) && s.lang == "en" && n.value >= 10 && !n.spelled && !n.big && s.endsClause(p+1) {
		return celsius, p + 1 // 40 C
	}
	if w == "c" && !s.has(p, spaced) && !n.plain && !n.spelled {
		return celsius, p + 1
	}
	u, ok := units[w]
	if !ok || len(w) > 1 && !s.fits(p, w) || u.symbol && !s.fitsSymbol(p, u, n) {
		return nil, i
	}
	p++
	switch {
	case u.name == "acre" && s.has(p, hyphened) && (s.word(p) == "feet" || s.word(p) == "foot"):
		return units["acre-foot"], p + 1
	case u.base == "m" && (s.word(p) == "carre" || s.word(p) == "carres"):
		return &unit{name: u.name + "²", base: "m²", factor: u.factor * u.factor}, p + 1
	case u.base == "m" && (s.word(p) == "cube" || s.word(p) == "cubes"):
		return &unit{name: u.name + "³", base: "m³", factor: u.factor * u.factor * u.factor}, p + 1
	case u.base == "m" && u.name == "km" && s.sign(p) == "/" && s.word(p+1) == "h":
		return speed, p + 2
	case u.base == "W" && s.near(p):
		switch s.word(p) {
		case "heure", "heures", "hour", "hours", "h":
			return &unit{name: u.name + "h", base: "Wh", factor: u.factor}, p + 1
		}
	case u.base == "kg":
		if end := s.carbon(p); end > p {
			return &unit{name: u.name + "CO2e", base: "kgCO2e", factor: u.factor}, end
		}
	}
	return u, p
}

// signUnit reads a unit that is a sign.
func (s *scanner) signUnit(i int) (*unit, int) {
	switch c := s.sign(i); c {
	case "%":
		return percent, i + 1
	case "‰":
		return permille, i + 1
	case "°":
		if next := s.word(i + 1); next == "c" || next == "celsius" {
			return celsius, i + 2
		}
		if s.word(i+1) == "f" {
			return fahrenheit, i + 2
		}
		if s.t.Tokens[i].Flags == 0 {
			return degree, i + 1
		}
	default:
		if u := currency(c); u != nil {
			return u, i + 1
		}
	}
	return nil, i
}

// carbon returns the end of "de CO2", "équivalent CO2", "of carbon dioxide" after a mass, or i.
func (s *scanner) carbon(i int) int {
	p := i
	for p < i+5 && s.near(p) {
		switch s.word(p) {
		case "de", "d'", "of", "equivalent", "equivalents", "eq", "equ", "en":
			p++
			if s.sign(p) == "." && !s.has(p, spaced) {
				p++
			}
		case "co2", "co2e", "co2eq":
			p++
			if w := s.word(p); w == "equivalent" || w == "eq" || w == "e" && s.has(p, hyphened) {
				p++
			}
			return p
		case "dioxyde":
			if s.word(p+1) == "de" && s.word(p+2) == "carbone" {
				return p + 3
			}
			return i
		case "carbon":
			if s.word(p+1) == "dioxide" {
				return p + 2
			}
			return i
		case "carbone":
			if p > i+1 {
				return p + 1
			}
			return i
		default:
			return i
		}
	}
	return i
}

// fits reports whether a unit that is also a word is meant as a unit at token i.
func (s *scanner) fits(i int, w string) bool {
	switch w {
	case "mm3":
		return s.has(i, capital)
	case "to", "go", "po", "mo":
		return s.has(i, capital) && !s.shouting()
	case "an":
		return s.lang != "en"
	case "second":
		return s.lang == "en" && s.has(i, hyphened)
	case "person", "personne":
		return !s.has(i, hyphened)
	}
	return true
}

// fitsSymbol reports whether the letter at token i is a unit of the number n.
func (s *scanner) fitsSymbol(i int, u *unit, n *numeral) bool {
	if n.spelled {
		return false
	}
	glued := !s.has(i, spaced)
	switch u.name {
	case "g":
		return !(glued && n.plain && n.value >= 2 && n.value <= 6) // 5G
	case "s":
		return !glued || n.value < 10 || !n.plain
	case "h":
		return s.hours(i, n)
	case "J", "day":
		return true
	}
	return true
}
