package archive

import (
	"bytes"
	"testing"
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
		file, err := lookThrough(bytes.NewReader(raw))
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
