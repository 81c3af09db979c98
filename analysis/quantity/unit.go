package quantity

import "strings"

// A unit is what a number measures, with its factor to the base unit of its dimension.
type unit struct {
	name   string
	base   string // "" where there is none
	factor float64
	time   bool // a duration
	symbol bool // written in one or two letters that are words or sizes too
}

// units are the units of one word, by their folded spelling.
var units = makeUnits()

func makeUnits() map[string]*unit {
	table := map[string]*unit{}
	put := func(u unit, spellings string) {
		for w := range strings.FieldsSeq(spellings) {
			table[w] = &u
		}
	}
	prefixed := func(symbol, base string, factor float64, names, prefixes string) {
		for p := range strings.FieldsSeq(prefixes) {
			f, long := prefix(p)
			if p == "-" {
				p = ""
			}
			u := unit{name: p + symbol, base: base, factor: f * factor}
			var spellings strings.Builder
			for n := range strings.FieldsSeq(names) {
				for _, ending := range []string{"", "s"} {
					spellings.WriteString(" " + long + n + ending)
				}
			}
			put(u, spellings.String())
			u.symbol = len(u.name) == 1
			put(u, strings.ReplaceAll(strings.ToLower(u.name), "µ", "μ")) // as folded
		}
	}
	prefixed("Wh", "Wh", 1, "wattheure watthour", "- k M G T P")
	prefixed("W", "W", 1, "watt", "- k M G T")
	prefixed("Wc", "W", 1, "wattcrete", "k M G")
	prefixed("J", "J", 1, "joule", "k M G T P E")
	prefixed("m", "m", 1, "metre meter", "- m c d k")
	prefixed("L", "m³", 1e-3, "litre liter", "- m c d h")
	prefixed("g", "kg", 1e-3, "gramme gram", "- n m k µ")
	prefixed("t", "kg", 1e3, "tonne ton", "- k M G")
	prefixed("Hz", "Hz", 1, "hertz", "- k M G")
	prefixed("V", "V", 1, "volt", "k")
	prefixed("B", "B", 1, "byte", "k M G T P E Z")
	prefixed("o", "B", 1, "octet", "k M G T P E Z")
	prefixed("bit", "bit", 1, "", "- k M G T")
	put(unit{name: "W", base: "W", factor: 1}, "watt watts")
	put(unit{name: "kg", base: "kg", factor: 1}, "kg kilo kilos")
	put(unit{name: "Mt", base: "kg", factor: 1e9}, "megatonnes megatonne megatons")
	put(unit{name: "GtC", base: "kg", factor: 1e12}, "gtc")
	put(unit{name: "tep", base: "Wh", factor: 11.63e6}, "tep toe")
	put(unit{name: "Mtep", base: "Wh", factor: 11.63e12}, "mtep mtoe")
	put(unit{name: "VA", base: "VA", factor: 1}, "va")
	put(unit{name: "kVA", base: "VA", factor: 1e3}, "kva")
	put(unit{name: "MVA", base: "VA", factor: 1e6}, "mva")
	put(unit{name: "%", base: "%", factor: 1}, "pourcent percent pct pourcents")
	put(unit{name: "m²", base: "m²", factor: 1}, "m2")
	put(unit{name: "cm²", base: "m²", factor: 1e-4}, "cm2")
	put(unit{name: "km²", base: "m²", factor: 1e6}, "km2")
	put(unit{name: "m³", base: "m³", factor: 1}, "m3")
	put(unit{name: "Mm³", base: "m³", factor: 1e6}, "hm3 mm3")
	put(unit{name: "acre-foot", base: "m³", factor: 1233.48183754752}, "acre-foot")
	put(unit{name: "km³", base: "m³", factor: 1e9}, "bcm")
	put(unit{name: "cm³", base: "m³", factor: 1e-6}, "cm3")
	put(unit{name: "km³", base: "m³", factor: 1e9}, "km3")
	put(unit{name: "ha", base: "m²", factor: 1e4}, "ha hectare hectares")
	put(unit{name: "acre", base: "m²", factor: 4046.8564224}, "acre acres")
	put(unit{name: "mile", base: "m", factor: 1609.344}, "mile miles")
	put(unit{name: "ft", base: "m", factor: 0.3048}, "ft feet foot")
	put(unit{name: "inch", base: "m", factor: 0.0254}, "inch inches pouce pouces")
	put(unit{name: "yard", base: "m", factor: 0.9144}, "yards")
	put(unit{name: "nm", base: "m", factor: 1e-9}, "nm nanometre nanometres nanometer nanometers")
	put(unit{name: "µm", base: "m", factor: 1e-6}, "micron microns micrometre micrometres")
	put(unit{name: "gallon", base: "m³", factor: 0.003785411784}, "gallon gallons gal")
	put(unit{name: "barrel", base: "barrel", factor: 1}, "baril barils barrel barrels bbl")
	put(unit{name: "lb", base: "kg", factor: 0.45359237}, "lb lbs pound pounds")
	put(unit{name: "oz", base: "kg", factor: 0.028349523125}, "oz ounce ounces")
	put(unit{name: "ppm", base: "ppm", factor: 1}, "ppm")
	put(unit{name: "ppb", base: "ppm", factor: 1e-3}, "ppb")
	put(unit{name: "dB", base: "dB", factor: 1}, "db dba decibel decibels")
	put(unit{name: "mph", base: "m/s", factor: 0.44704}, "mph")
	put(unit{name: "km/h", base: "m/s", factor: 1 / 3.6}, "kmh kph")
	put(unit{name: "BTU", base: "Wh", factor: 0.29307107}, "btu btus")
	put(unit{name: "bar", base: "bar", factor: 1}, "bars")
	put(unit{name: "kcal", base: "kcal", factor: 1}, "kcal calorie calories")
	put(unit{name: "percentage point", base: "percentage point", factor: 1}, "pt pts pp")
	put(unit{name: "€", base: "EUR", factor: 1}, "euro euros eur")
	put(unit{name: "$", base: "USD", factor: 1}, "dollar dollars usd")
	put(unit{name: "£", base: "GBP", factor: 1}, "gbp quid")
	put(unit{name: "CHF", base: "CHF", factor: 1}, "chf")
	put(unit{name: "franc", base: "franc", factor: 1}, "franc francs")
	put(unit{name: "¥", base: "CNY", factor: 1}, "yuan yuans rmb cny")
	put(unit{name: "JPY", base: "JPY", factor: 1}, "yen yens jpy")
	put(unit{name: "INR", base: "INR", factor: 1}, "rupee rupees roupie roupies inr")
	put(unit{name: "centime", base: "EUR", factor: 0.01}, "centime centimes")
	put(unit{name: "cent", base: "USD", factor: 0.01}, "cents")
	put(unit{name: "people", base: "people", factor: 1}, "personne personnes people person persons habitant habitants gens individus inhabitants")
	put(unit{name: "s", base: "s", factor: 1, time: true, symbol: true}, "s")
	put(unit{name: "s", base: "s", factor: 1, time: true}, "sec secs seconde secondes second seconds")
	put(unit{name: "ms", base: "s", factor: 1e-3, time: true}, "ms milliseconde millisecondes millisecond milliseconds")
	put(unit{name: "min", base: "s", factor: 60, time: true}, "min mins mn minute minutes")
	put(unit{name: "h", base: "s", factor: 3600, time: true, symbol: true}, "h")
	put(unit{name: "h", base: "s", factor: 3600, time: true}, "heure heures hour hours hr hrs")
	put(unit{name: "day", base: "s", factor: 86400, time: true, symbol: true}, "j")
	put(unit{name: "day", base: "s", factor: 86400, time: true}, "jour jours day days journee journees")
	put(unit{name: "week", base: "s", factor: 7 * 86400, time: true}, "semaine semaines week weeks")
	put(unit{name: "month", base: "s", factor: 365.25 / 12 * 86400, time: true}, "mois month months")
	put(unit{name: "quarter", base: "s", factor: 365.25 / 4 * 86400, time: true}, "trimestre trimestres")
	put(unit{name: "year", base: "s", factor: 365.25 * 86400, time: true}, "an ans annee annees year years yr yrs")
	put(unit{name: "decade", base: "s", factor: 3652.5 * 86400, time: true}, "decennie decennies decade decades")
	put(unit{name: "century", base: "s", factor: 36525 * 86400, time: true}, "siecle siecles century centuries")
	put(unit{name: "millennium", base: "s", factor: 365250 * 86400, time: true}, "millenaire millenaires millennia")
	for _, mass := range []string{"g", "kg", "t", "kt", "mt", "gt"} {
		u := *table[mass]
		u.symbol = false
		u.name += "CO2e"
		u.base = "kgCO2e"
		put(u, mass+"co2 "+mass+"co2e "+mass+"co2eq "+mass+"eqco2 "+mass+"eco2")
	}
	return table
}

// prefix returns the factor of an SI prefix and its folded name.
func prefix(p string) (float64, string) {
	switch p {
	case "µ":
		return 1e-6, "micro"
	case "n":
		return 1e-9, "nano"
	case "m":
		return 1e-3, "milli"
	case "c":
		return 1e-2, "centi"
	case "d":
		return 1e-1, "deci"
	case "h":
		return 1e2, "hecto"
	case "k":
		return 1e3, "kilo"
	case "M":
		return 1e6, "mega"
	case "G":
		return 1e9, "giga"
	case "T":
		return 1e12, "tera"
	case "P":
		return 1e15, "peta"
	case "E":
		return 1e18, "exa"
	case "Z":
		return 1e21, "zetta"
	}
	return 1, ""
}

var (
	percent  = &unit{name: "%", base: "%", factor: 1}
	permille = &unit{name: "‰", base: "%", factor: 0.1}
	fraction = &unit{name: "fraction", base: "%", factor: 100}
	multiple = &unit{name: "×", base: "×", factor: 1}
	celsius  = &unit{name: "°C", base: "°C", factor: 1}
	// A base value of degrees Fahrenheit would need more than a factor.
	fahrenheit = &unit{name: "°F"}
	degree     = &unit{name: "°", base: "°", factor: 1}
	euro       = &unit{name: "€", base: "EUR", factor: 1}
	dollar     = &unit{name: "$", base: "USD", factor: 1}
	pound      = &unit{name: "£", base: "GBP", factor: 1}
	yen        = &unit{name: "¥", base: "JPY", factor: 1}
	points     = &unit{name: "percentage point", base: "percentage point", factor: 1}
	speed      = &unit{name: "km/h", base: "m/s", factor: 1 / 3.6}
)

// currency returns the unit of a currency sign, or nil.
func currency(sign string) *unit {
	switch sign {
	case "€":
		return euro
	case "$":
		return dollar
	case "£":
		return pound
	case "¥":
		return yen
	}
	return nil
}
