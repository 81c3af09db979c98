package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// What people fill into the table comes back as they wrote it, whatever a spreadsheet made
// of the file.
func TestReviewTableComesBack(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	o := options("csv")
	o.ForReview, o.Writer, o.BOM = true, &b, true
	if _, err := Run(t.Context(), sample(t), o); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	fill := func(row int, name, value string) {
		for i, n := range records[0] {
			if n == name {
				records[row][i] = value
			}
		}
	}
	fill(1, "verdict", "Faux")
	fill(1, "summary", "'- deux ; \"trois\"\nlignes")
	fill(1, "sources", "https://a.example/x|https://b.example https://c.example")
	fill(3, "dismiss", "duplicate-of=claimaaaaa")
	fill(3, "note", "privé")
	want := []ReviewRow{
		{Line: 2, Claim: "claimaaaaa", Verdict: "Faux", Summary: "- deux ; \"trois\"\nlignes", Sources: []string{"https://a.example/x", "https://b.example", "https://c.example"}},
		{Claim: "claimccccc", Dismiss: "duplicate-of=claimaaaaa", Note: "privé", Sources: []string{}},
	}
	for _, comma := range []rune{',', ';', '\t'} {
		var file bytes.Buffer
		file.WriteString("\ufeff")
		w := csv.NewWriter(&file)
		w.Comma, w.UseCRLF = comma, true
		if err := w.WriteAll(records); err != nil {
			t.Fatal(err)
		}
		got, err := ReadReviews(&file)
		if err != nil {
			t.Fatalf("%q: %v", comma, err)
		}
		want[1].Line = got[len(got)-1].Line
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v\nwant %+v", comma, got, want)
		}
	}
}

func TestReviewTableRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":              "",
		"another table":      "id,text\na,b\n",
		"another encoding":   "claim_id,verdict\nabc,Confirm\xe9\n",
		"no decision":        "claim_id,verdict,summary\nabc,,done\n",
		"no claim":           "claim_id,verdict\n,refuted\n",
		"quotation not shut": "claim_id,verdict\nabc,\"refuted\n",
	} {
		if rows, err := ReadReviews(strings.NewReader(text)); !errors.Is(err, ErrReviewTable) {
			t.Errorf("%s: %v, %v", name, rows, err)
		}
	}
}
