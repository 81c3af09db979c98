package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"skyarchive/analysis"
)

// Any bytes are an export or an error: what is taken starts and ends as an export does, and
// every decision in it has the id of its content.
func FuzzLookThrough(f *testing.F) {
	const head, end = `{"type":"about","whole":true}` + "\n", `{"type":"end"}` + "\n"
	f.Add([]byte(head + end))
	f.Add([]byte(head + `{"type":"account","did":"did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}` + "\n" + end))
	f.Add([]byte(head + `{"type":"decision","id":"x","kind":"review","body":{}}` + "\n" + end))
	f.Add([]byte(head + `{"type":"thread"}` + "\n\n" + end))
	f.Add([]byte(`{"type":"about","whole":false}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := lookThrough(bytes.NewReader(raw), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			return
		}
		if !bytes.Contains(raw, []byte("about")) || !bytes.Contains(raw, []byte("end")) {
			t.Errorf("%q is taken", raw)
		}
		for did, list := range file.decisions {
			for _, d := range list {
				if d.DID != did || d.ID == "" {
					t.Errorf("decision %+v is taken", d)
				}
			}
		}
	})
}

// A decision that is nested deeper than a database reads is refused before anything is taken.
func TestDeepDecision(t *testing.T) {
	for _, test := range []struct {
		deep int
		want bool
	}{{maxDepth - 1, true}, {maxDepth, false}, {2000, false}} {
		body := json.RawMessage(`{"post":` + strings.Repeat("[", test.deep) + `"]\\\"["` + strings.Repeat("]", test.deep) + `}`)
		d, err := analysis.NewDecision(analysis.DecidedReview, "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "x", "ana", time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), body)
		if err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		file := `{"type":"about","whole":true}` + "\n" + `{"type":"decision",` + string(line[1:]) + "\n" + `{"type":"end"}` + "\n"
		_, err = lookThrough(strings.NewReader(file), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		if (err == nil) != test.want || err != nil && (!errors.Is(err, ErrUnverified) || !strings.Contains(err.Error(), "line 2: ")) {
			t.Errorf("%d lists in one another: %v", test.deep, err)
		}
	}
}
