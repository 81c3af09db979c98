package quantity_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"skyarchive/analysis/quantity"
	"skyarchive/analysis/words"
)

// shown writes a quantity for tests: "raw = ~lo..hi unit /per of what".
func shown(q quantity.Quantity) string {
	var b strings.Builder
	b.WriteString(q.Raw + " = ")
	if q.Approx {
		b.WriteByte('~')
	}
	fmt.Fprintf(&b, "%.4g", q.Value)
	if q.ValueHi != nil {
		fmt.Fprintf(&b, "..%.4g", *q.ValueHi)
	}
	if q.Unit != "" {
		b.WriteString(" " + q.Unit)
	}
	if q.Per != "" {
		b.WriteString(" /" + q.Per)
	}
	if q.Of != nil {
		b.WriteString(" of " + q.Of.Text)
	}
	return b.String()
}

func found(text, lang string) string {
	var all []string
	for _, q := range quantity.Find(words.Fold(text), lang) {
		all = append(all, shown(q))
	}
	return strings.Join(all, " | ")
}

// cases are texts with the quantities they hold.
var cases = []struct{ lang, text, want string }{
	// Numbers and their spelling.
	{"fr", "Il faut 2 400 litres d'eau", "2 400 litres = 2400 L of eau"},
	{"fr", "une amende de 1.200.000 euros, ou 1'500 francs", "1.200.000 euros = 1.2e+06 € | 1'500 francs = 1500 franc"},
	{"fr", "4,125 kWh puis 14.000 postes", "4,125 kWh = 4.125 kWh | 14.000 postes = 1.4e+04 postes"},
	{"en", "4.125 kWh and then 14,000 jobs", "4.125 kWh = 4.125 kWh | 14,000 jobs = 1.4e+04 jobs"},
	{"en", "1,234.5 tonnes", "1,234.5 tonnes = 1234 t"},
	{"fr", "½ litre et 3½ tonnes", "½ litre = 0.5 L | 3½ tonnes = 3.5 t"},
	{"fr", "vingt-trois personnes, quarante-cinq mille hectares, vingt et un élus", "vingt-trois personnes = 23 people | quarante-cinq mille hectares = 4.5e+04 ha | vingt et un élus = 21 élus"},
	{"fr", "Quatre-vingt-dix-sept pour cent, soixante et onze villes, deux cent mille foyers", "Quatre-vingt-dix-sept pour cent = 97 % | soixante et onze villes = 71 villes | deux cent mille foyers = 2e+05 foyers"},
	{"en", "two hundred and five homes, forty-two villages, nine thousand wells", "two hundred and five homes = 205 homes | forty-two villages = 42 villages | nine thousand wells = 9000 wells"},
	{"fr", "trois millions de réfugiés, un milliard et demi d'euros", "trois millions de réfugiés = 3e+06 réfugiés | un milliard et demi d'euros = 1.5e+09 €"},
	{"fr", "à 200 m de l'école, 3 M de foyers", "200 m = 200 m of école | 3 M de foyers = 3e+06 foyers"},
	{"fr", "3M de foyers, 5 M€, 2 Md€, 50k€, 32 Mds d'euros", "3M de foyers = 3e+06 foyers | 5 M€ = 5e+06 € | 2 Md€ = 2e+09 € | 50k€ = 5e+04 € | 32 Mds d'euros = 3.2e+10 €"},
	{"en", "$1.5 billion, €20m, £3bn, US$400 million, $32B", "$1.5 billion = 1.5e+09 $ | €20m = 2e+07 € | £3bn = 3e+09 £ | US$400 million = 4e+08 $ | $32B = 3.2e+10 $"},

	{"fr", "le registre 12 345 678 901 234 567 890 123 456, puis 5 000 litres", "5 000 litres = 5000 L"},
	{"fr", "des milliards de milliards de milliards de milliards", "milliards de milliards de milliards = ~1e+27 of milliards"},
	{"fr", "On en boit 5\n½ litre par jour\nappelez le 06 12 34 56 78\n40 postes et 3 millions de\nlitres", "5 = 5 | ½ litre = 0.5 L /day | 40 postes = 40 postes | 3 millions = 3e+06"},

	// Round groups, shares and fractions.
	{"fr", "une centaine d'usines, des dizaines de milliers d'emplois", "une centaine d'usines = ~100 usines | dizaines de milliers d'emplois = ~1e+04 emplois"},
	{"en", "Dozens of workers, hundreds of thousands of homes, a few thousand people", "Dozens of workers = ~12 workers | hundreds of thousands of homes = ~1e+05 homes | thousand people = ~1000 people"},
	{"fr", "Un tiers des villages, la moitié des sols, trois quarts des rivières", "Un tiers = 0.3333 fraction of villages | la moitié = 0.5 fraction of sols | trois quarts = 0.75 fraction of rivières"},
	{"en", "Half of the wells, two-thirds of farms, fell by a quarter", "Half = 0.5 fraction of wells | two-thirds = 0.6667 fraction of farms | a quarter = 0.25 fraction"},
	{"fr", "1/4 des puits, un foyer sur dix, 9 élèves sur 10", "1/4 = 0.25 fraction of puits | un foyer sur dix = 0.1 fraction | 9 élèves sur 10 = 0.9 fraction"},
	{"en", "one in five farms, 9 out of 10 doctors, half a million people", "one in five = 0.2 fraction | 9 out of 10 = 0.9 fraction | half a million people = 5e+05 people"},
	{"fr", "23 des 27 pays", "23 = 23 | 27 pays = 27 pays"},
	{"en", "at four Polish centres, ten Mexico Cities", "four Polish centres = 4 centres | ten Mexico Cities = 10 cities"},
	{"en", "👉 14 - Percentage of wells that ran dry", "14 = 14 %"},
	{"en", "in 19 US states, Ireland 13-8 #Rugby2023", "19 US states = 19 states"},
	{"fr", "interdit de 8h à 20h, un débat de 3 h", "3 h = 3 h"},

	// Multiples.
	{"fr", "dix fois plus de cuivre, 4 fois moins, deux fois la superficie du lac", "dix fois plus = 10 × of cuivre | 4 fois moins = 4 × | deux fois = 2 ×"},
	{"fr", "La demande a doublé, va tripler, un doublement du trafic", "doublé = 2 × | tripler = 3 × | doublement = 2 × of trafic"},
	{"fr", "multiplié par 10, divisée par deux, un facteur 4, 3x plus, x5", "multiplié par 10 = 10 × | divisée par deux = 0.5 × | facteur 4 = 4 × | 3x = 3 × | x5 = 5 ×"},
	{"en", "Twice as much, three times more, 10x, 5-fold, a tenfold rise, it doubled, halved", "Twice as much = 2 × | three times = 3 × | 10x = 10 × | 5-fold = 5 × | tenfold = 10 × | doubled = 2 × | halved = 0.5 ×"},
	{"fr", "un double vitrage, à double tour, doublement pénalisés", ""},
	{"en", "a double standard, double down, twice over", ""},

	// Ranges, bounds and approximations.
	{"fr", "30 à 40 %, entre 10 et 20 MW, 33-35 TWh, 10 000 à 15 000 emplois", "30 à 40 % = 30..40 % | 10 et 20 MW = 10..20 MW | 33-35 TWh = 33..35 TWh | 10 000 à 15 000 emplois = 1e+04..1.5e+04 emplois"},
	{"fr", "de 1 à 2 millions d'euros, 6 à 7 fois plus, 60, 80, 120 MW", "1 à 2 millions d'euros = 1e+06..2e+06 € | 6 à 7 fois plus = 6..7 × | 60, 80, 120 MW = 60..120 MW"},
	{"en", "Between 10% and 20%, $50-60 billion, two to three hours", "10% and 20% = 10..20 % | $50-60 billion = 5e+10..6e+10 $ | two to three hours = 2..3 h"},
	{"en", "rose from 5% to 10%", "5% = 5 % | 10% = 10 %"},
	{"fr", "environ 50 MW, près de 12 500 foyers, plus de 500 000 ont signé, ~20 km", "50 MW = ~50 MW | 12 500 foyers = ~1.25e+04 foyers | 500 000 = ~5e+05 | 20 km = ~20 km"},
	{"en", "about 40 had left, at least 12 died, over 3,000", "40 = ~40 | 12 = 12 | 3,000 = ~3000"},
	{"fr", "+19 % en un an, -5 % ailleurs, -15 °C", "+19 % = 19 % | -5 % = -5 % | -15 °C = -15 °C"},

	{"fr", "- 10 % d'eau puisée en un an", "- 10 % = -10 % of eau puisée"},
	{"fr", "Le bilan du village\n– 1 500 emplois", "– 1 500 emplois = -1500 emplois"},
	{"fr", "−10 % d'eau\n–5 % de gaz", "−10 % = -10 % of eau | –5 % = -5 % of gaz"},
	{"fr", "- 10 % d'eau\n- 5 % de gaz", "10 % = 10 % of eau | 5 % = 5 % of gaz"},
	{"fr", "— 3 mines, dit-il", "3 mines = 3 mines"},
	{"en", "- 3 weeks later it was gone", "3 weeks = 3 week"},

	// Units, rates and what is measured.
	{"fr", "681 m³, 5 km², 100 mètres carrés, 30 millions de mètres cubes, 12 ha", "681 m³ = 681 m³ | 5 km² = 5 km² | 100 mètres carrés = 100 m² | 30 millions de mètres cubes = 3e+07 m³ | 12 ha = 12 ha"},
	{"en", "20 square kilometers, 3 cubic meters, 2.9 watt-hours, 6 feet, 40 mph", "20 square kilometers = 20 km² | 3 cubic meters = 3 m³ | 2.9 watt-hours = 2.9 Wh | 6 feet = 6 ft | 40 mph = 40 mph"},
	{"fr", "1,5 t CO2e par habitant, 12 gCO₂/kWh, 300 tonnes équivalent CO2", "1,5 t CO2e = 1.5 tCO2e /person | 12 gCO₂ = 12 gCO2e /kWh | 300 tonnes équivalent CO2 = 300 tCO2e"},
	{"fr", "20 °C, 2 degrés, 1,5°C, 420 ppm, 3 points de pourcentage", "20 °C = 20 °C | 2 degrés = 2 °C | 1,5°C = 1.5 °C | 420 ppm = 420 ppm | 3 points de pourcentage = 3 percentage point"},
	{"fr", "40 barils de pétrole lourd supplémentaires par jour", "40 barils = 40 barrel /day of pétrole lourd"},
	{"fr", "6 TWh/an, 2 dollars de l'heure, 8 € le kilo", "6 TWh = 6 TWh /year | 2 dollars = 2 $ /h | 8 € = 8 €"},
	{"en", "500 gallons per day, $30 per tonne, $2 an hour", "500 gallons = 500 gallon /day | $30 = 30 $ /t | $2 = 2 $ /h"},
	{"fr", "2 % de la production mondiale d'acier sont perdus", "2 % = 2 % of production mondiale d'acier"},
	{"en", "10 percent of steel produced there", "10 percent = 10 % of steel"},

	// Things that are counted, and durations.
	{"fr", "195 pays, 12 nouvelles mines, 50 ONG, 300 data centers, cinq rapports", "195 pays = 195 pays | 12 nouvelles mines = 12 mines | 50 ONG = 50 ong | 300 data centers = 300 centers | cinq rapports = 5 rapports"},
	{"en", "27 member states, 4 million electric cars, 260,000 Canadians, two companies", "27 member states = 27 states | 4 million electric cars = 4e+06 cars | 260,000 Canadians = 2.6e+05 canadians | two companies = 2 companies"},
	{"fr", "L'usine emploie 2000 personnes depuis 2000", "2000 personnes = 2000 people"},
	{"fr", "pendant deux ans, 35 heures par semaine, les 10 dernières années", "deux ans = 2 year | 35 heures = 35 h /week | 10 dernières années = 10 year"},
	{"en", "over the next 10 years, a two-year pause, a 15-year-old boy", "10 years = 10 year | two-year = 2 year | 15-year = 15 year"},
	{"fr", "Chaque année 8 millions de tonnes de plastique", "8 millions de tonnes = 8e+06 t of plastique"},

	// Numbers that count nothing.
	{"fr", "En 2024, l'article 15, la 5G, le CO2, la COP21, le G7 et la version 2.1", ""},
	{"fr", "le 12 mai, 12/05/2021, 2021-05-12, à 18h30, à 20 h, 24h/24 et 7j/7", ""},
	{"fr", "il y a 3 ans, dans 10 ans; rachetés trois mois plus tard", "trois mois = 3 month"},
	{"en", "29 years ago, on May 5, 2020, at 10:30 am, 5pm; 3 months later", "3 months = 3 month"},
	{"fr", "la 20ème conférence en 720p, 1er prix, 3e étage, 21e siècle", ""},
	{"fr", "1/3 On commence", ""},
	{"fr", "La suite demain 2/3", ""},
	{"fr", "2/ Les chiffres. (3/7)", ""},
	{"fr", "1. Le sable\n2) L'eau", ""},
	{"fr", "un élu, une usine, en deux mots, deux points : non", ""},
	{"fr", "Tel 01 23 45 67 89, 69000 Lyon, page 12, n° 5, chapitre 3", ""},
	{"fr", "un quart d'heure, les quarts de finale, entre deux eaux", ""},
	{"en", "The 2015 targets and 1990 levels; by 2030; in the 1990s; Windows 11 runs", ""},
	{"en", "California's AB 5 presumes so", ""},
	{"en", "Covid-19, a 4x4, B-52, 24/7, 3-1, top 10, section 5, a third party, the first half", ""},
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, c := range cases {
		if got := found(c.text, c.lang); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

// altered are copies of a text that say the same.
var altered = []struct {
	name  string
	alter func(string) string
}{
	{"upper case", strings.ToUpper},
	{"no accents", func(s string) string {
		return strings.NewReplacer("é", "e", "è", "e", "ê", "e", "à", "a", "û", "u", "É", "E", "À", "A").Replace(s)
	}},
	{"typographic apostrophes", func(s string) string { return strings.ReplaceAll(s, "'", "’") }},
	{"narrow spaces", func(s string) string {
		runes := []rune(s)
		for i := 1; i < len(runes)-1; i++ {
			if runes[i] == ' ' && runes[i-1] >= '0' && runes[i-1] <= '9' {
				runes[i] = '\u202f'
			}
		}
		return string(runes)
	}},
	{"decomposed", norm.NFD.String},
	{"a hand in front", func(s string) string { return "👉 " + s }},
}

func TestFindAltered(t *testing.T) {
	t.Parallel()
	values := func(text, lang string) string {
		var b strings.Builder
		for _, q := range quantity.Find(words.Fold(text), lang) {
			fmt.Fprintf(&b, "%.4g", q.Value)
			if q.ValueHi != nil {
				fmt.Fprintf(&b, "..%.4g", *q.ValueHi)
			}
			b.WriteByte(' ')
		}
		return b.String()
	}
	for _, c := range cases {
		want := values(c.text, c.lang)
		for _, a := range altered {
			text := a.alter(c.text)
			if a.name == "a hand in front" && strings.HasPrefix(c.text, "1") {
				continue // a thread number there is none at the edge
			}
			if got := values(text, c.lang); got != want {
				t.Errorf("%s: %q has %s, want %s", a.name, text, got, want)
			}
		}
	}
}

func TestBase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, base string
		value      float64
	}{
		{"2,4 TWh", "Wh", 2.4e12},
		{"7 GW", "W", 7e9},
		{"600 litres", "m³", 0.6},
		{"137 000 tonnes équivalent CO2", "kgCO2e", 1.37e8},
		{"50 hectares", "m²", 5e5},
		{"5 km", "m", 5000},
		{"3 g", "kg", 0.003},
		{"519 M$", "USD", 5.19e8},
		{"un tiers des sols", "%", 100. / 3},
		{"deux jours", "s", 172800},
		{"90 km/h", "m/s", 25},
		{"50 barils", "barrel", 50},
	} {
		q := quantity.Find(words.Fold(c.text), "fr")
		if len(q) != 1 || q[0].BaseValue == nil {
			t.Errorf("%q: got %v, want one quantity with a base", c.text, q)
			continue
		}
		if got := *q[0].BaseValue; q[0].BaseUnit != c.base || got < c.value*0.9999 || got > c.value*1.0001 {
			t.Errorf("%q: base %g %s, want %g %s", c.text, got, q[0].BaseUnit, c.value, c.base)
		}
	}
}

// What is no number a program could write is none.
func TestInfinite(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"le xinf", "la xInf", "soit 900" + strings.Repeat(" 000", 120) + " milliards de tonnes"} {
		for _, q := range quantity.Find(words.Fold(text), "fr") {
			if math.IsInf(q.Value, 0) {
				t.Errorf("%.20q has the value %v", text, q.Value)
			}
		}
	}
}

func TestBound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]quantity.Bound{
		"plus de 50 MW": quantity.AtLeast, "au moins 50 MW": quantity.AtLeast, "moins de 50 MW": quantity.AtMost,
		"jusqu'à 50 MW": quantity.AtMost, "50 MW": quantity.Exactly, "more than 50 MW": quantity.AtLeast, "up to 50 MW": quantity.AtMost,
	} {
		q := quantity.Find(words.Fold(text), "")
		if len(q) != 1 || q[0].Bound != want {
			t.Errorf("%q: got %v, want one quantity bound %q", text, q, want)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, text, want string }{
		{"fr", "un doublement d'ici 2026 puis en 2030", "d'ici 2026 :2026, en 2030 2030:2030"},
		{"fr", "De 2015 à 2020, entre 1990 et 2019, 2019-2021", "De 2015 à 2020 2015:2020, entre 1990 et 2019 1990:2019, 2019-2021 2019:2021"},
		{"fr", "depuis 2015, à partir de 2025, jusqu'en 2040, avant l'an 2000", "depuis 2015 2015:, à partir de 2025 2025:, jusqu'en 2040 :2040, avant l'an 2000 :2000"},
		{"fr", "le 20 février 2024, mars 2024, 12/05/2021, 2024-05-12", "le 20 février 2024 2024-02-20:2024-02-20, mars 2024 2024-03:2024-03, 12/05/2021 2021-05-12:2021-05-12, 2024-05-12 2024-05-12:2024-05-12"},
		{"fr", "les années 1990, à l'horizon 2050, la loi (2015)", "les années 1990 1990:1999, l'horizon 2050 :2050, 2015 2015:2015"},
		{"fr", "il y a trois ans, dans 10 ans", "il y a trois ans :, dans 10 ans :"},
		{"en", "by 2030, from 2015 to 2020, since May 2021, on May 5, 2020", "by 2030 :2030, from 2015 to 2020 2015:2020, since May 2021 2021-05:, on May 5, 2020 2020-05-05:2020-05-05"},
		{"en", "in the 1990s; 29 years ago; 05/12/2021", "in the 1990s 1990:1999, 29 years ago :, 05/12/2021 2021-05-12:2021-05-12"},
		{"en", "from 2015 to", "from 2015 2015:"},
		{"fr", "de 2015 à", "2015 2015:2015"},
		{"fr", "2000 personnes, 2020 €, 2 000 tonnes, article 2020", ""},
	} {
		var all []string
		for _, tm := range quantity.Times(words.Fold(c.text), c.lang) {
			if got := c.text[tm.Start:tm.End]; got != tm.Raw {
				t.Errorf("%q: raw %q stands at %q", c.text, tm.Raw, got)
			}
			all = append(all, tm.Raw+" "+tm.From+":"+tm.To)
		}
		if got := strings.Join(all, ", "); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

// No quantity goes over the end of a line, which ends its passage too. Every quantity and time lies inside the text at characters, in order and apart from the
// one before, and its raw text is that part of the text unchanged.
func FuzzFind(f *testing.F) {
	for _, c := range cases {
		f.Add(c.text, c.lang)
	}
	f.Add("\xff1 0\u030100 %", "fr")
	f.Add("5\n½ kWh, 5 à\n6 points\nde\npourcentage", "fr")
	f.Add("1/2/3 $-x1 ½½ 1 sur 2 sur 3 un un mille", "en")
	f.Fuzz(func(t *testing.T, text, lang string) {
		folded := words.Fold(text)
		check := func(span words.Span, raw string, last int) {
			if span.Start < last || span.End <= span.Start || span.End > len(text) || text[span.Start:span.End] != raw {
				t.Fatalf("%q: %q at %v after %d", text, raw, span, last)
			}
			if utf8.ValidString(text) && !utf8.ValidString(raw) {
				t.Fatalf("%q: %q cuts a character", text, raw)
			}
		}
		last := 0
		for _, q := range quantity.Find(folded, lang) {
			check(q.Span, q.Raw, last)
			if strings.Contains(q.Raw, "\n") {
				t.Fatalf("%q: %q goes over the end of a line", text, q.Raw)
			}
			last = q.End
			if q.Of != nil {
				check(q.Of.Span, q.Of.Text, q.End)
			}
			if q.ValueHi != nil && *q.ValueHi < q.Value {
				t.Fatalf("%q: range %g to %g", text, q.Value, *q.ValueHi)
			}
		}
		last = 0
		for _, tm := range quantity.Times(folded, lang) {
			check(tm.Span, tm.Raw, last)
			last = tm.End
		}
	})
}
