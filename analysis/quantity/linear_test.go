package quantity_test

import (
	"strings"
	"testing"
	"time"

	"skyarchive/analysis/quantity"
	"skyarchive/analysis/words"
)

// A text that is 16 times as long takes about 16 times as long to read, not 256 times, however
// its numbers follow one another. A busy machine is no reason to fail: what was not linear took
// seconds.
func TestLinear(t *testing.T) {
	for _, unit := range []string{
		"123 ", "123\u202f", "123 1231", "1234 ", "12 ", "60, ", "60 et ", "60 and ", "1/", "½ ", "3 milliards ", "milliards ", "milliards de ",
		"cent mille ", "deux ", "un sur ", "5 à ", "5-", "- 5 ", "(5", "entre 5 et ", "5 % et ", "5 kg de la ", "art. 5, ", "mai 5 ", "5 fois ", "5 tiers ", "$5 to ", "dont 5 ",
	} {
		short, long := reading(unit, 1000), reading(unit, 16000)
		for range 5 { // a busy machine makes one reading long, not all
			if long <= 100*short || long <= 500*time.Millisecond {
				break
			}
			short, long = min(short, reading(unit, 1000)), min(long, reading(unit, 16000))
		}
		if long > 100*short && long > 500*time.Millisecond {
			t.Errorf("%q: 1000 times take %v to read, 16000 times %v", unit, short, long)
		}
	}
}

// reading is how long a repeated text takes to be read.
func reading(unit string, n int) time.Duration {
	text := words.Fold(strings.Repeat(unit, n))
	start := time.Now()
	quantity.Find(text, "fr")
	quantity.Times(text, "en")
	return time.Since(start)
}
