package jsonout_test

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"skyarchive/analysis/jsonout"
)

// std is what encoding/json writes.
func std(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// A text is written as encoding/json writes it.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "l'eau : « 50 % »", "\"\\\b\f\n\r\t\x00\x1f\x7f", "\xff\xc3", "a\u2028b\u2029", "<a&b>", "👉 \ufffd\xf0\x9f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := string(jsonout.String(nil, s)), std(t, s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	})
}

// A number is written as encoding/json writes it.
func FuzzFloat(f *testing.F) {
	for _, x := range []float64{0, math.Copysign(0, -1), 1, -1, 0.5, 0.05, 0.29, 0.57, 1.005, 1e-7, 9.99e-7, 1e-6, -1e-12, 1e20, 1e21, 123456.78, 999999.99, -0.1, 100. / 3, 1e6, 1e300, 5e-324} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return
		}
		if got, want := string(jsonout.Float(nil, x)), std(t, x); got != want {
			t.Errorf("%v: %s, want %s", x, got, want)
		}
	})
}

func TestFloatHundredths(t *testing.T) {
	t.Parallel()
	for n := -20000; n <= 20000; n++ {
		for _, x := range []float64{float64(n) / 100, float64(n) / 1000, float64(n) * 0.01} {
			if got, want := string(jsonout.Float(nil, x)), std(t, x); got != want {
				t.Errorf("%v: %s, want %s", x, got, want)
			}
		}
	}
}
