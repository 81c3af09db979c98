package main

import (
	"testing"

	"skyarchive/analysis/quantity"
	"skyarchive/analysis/words"
)

// What a screen shows in base units is rounded for people and says the whole range and rate.
func TestBaseValue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"un tiers":                " (33.33\u00a0%)",
		"12,5 km/h":               " (3.472\u00a0m/s)",
		"30 litres par seconde":   " (0.03\u00a0m³ per second)",
		"5 000 litres par jour":   " (5\u00a0m³ per day)",
		"entre 2 et 3 GW":         " (2\u202f000\u202f000\u202f000–3\u202f000\u202f000\u202f000\u00a0W)",
		"1 234,567 kWh":           " (1\u202f234\u202f567\u00a0Wh)",
		"40 m³":                   "",
		"945 TWh":                 " (945\u202f000\u202f000\u202f000\u202f000\u00a0Wh)",
		"99 999,96 litres par an": " (100\u00a0m³ per year)",
		"0,5 % de l'eau":          "",
		"0,25 litre par personne": " (0.00025\u00a0m³ per person)",
	} {
		found := quantity.Find(words.Fold(text), "fr")
		if len(found) != 1 {
			t.Errorf("%q: %d numbers", text, len(found))
			continue
		}
		if got := baseValue(found[0]); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
