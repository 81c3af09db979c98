package export

import (
	"testing"

	"skyarchive/analysis/quantity"
	folded "skyarchive/analysis/words"
)

// A number keeps what its post says of it, in both languages.
func TestQuantity(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ lang, text, en, fr string }{
		{"fr", "plus d'un million de litres par jour", "at least un million de litres per day", "au moins un million de litres par jour"},
		{"fr", "moins de 12 % de l'eau", "at most 12 % (of: eau)", "au plus 12 % (de quoi\u00a0: eau)"},
		{"fr", "jusqu'à 40 MW", "at most 40 MW", "au plus 40 MW"},
		{"fr", "environ 3 semaines", "about 3 semaines", "environ 3 semaines"},
		{"fr", "presque un tiers", "about un tiers", "environ un tiers"},
		{"fr", "une centaine de puits", "une centaine de puits", "une centaine de puits"},
		{"fr", "plus d'une centaine de puits", "at least une centaine de puits", "au moins une centaine de puits"},
		{"en", "about $12M / year", "about $12M per year", "environ $12M par an"},
		{"en", "nearly 300,000 litres per second", "about 300,000 litres per second", "environ 300,000 litres par seconde"},
		{"en", "dozens of wells", "dozens of wells", "dozens of wells"},
		{"en", "40 MW", "40 MW", "40 MW"},
	} {
		found := quantity.Find(folded.Fold(test.text), test.lang)
		if len(found) != 1 {
			t.Errorf("%q: %d numbers", test.text, len(found))
			continue
		}
		if en, fr := Quantity(found[0]), french.quantity(found[0]); en != test.en || fr != test.fr {
			t.Errorf("%q: got %q and %q, want %q and %q", test.text, en, fr, test.en, test.fr)
		}
	}
}
