package export

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"strings"
	"testing"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis/quantity"
	fold "skyarchive/analysis/words"
)

func csvRows(t *testing.T, m *memory, o Options) []map[string]string {
	t.Helper()
	var b bytes.Buffer
	o.Writer = &b
	if _, err := Run(t.Context(), m, o); err != nil {
		t.Fatal(err)
	}
	text := strings.TrimPrefix(b.String(), "\ufeff")
	if want := o.BOM || o.ForReview || o.Semicolons; (text != b.String()) != want {
		t.Errorf("byte order mark: %t, want %t", text != b.String(), want)
	}
	r := csv.NewReader(strings.NewReader(text))
	if o.Semicolons {
		r.Comma = ';'
	}
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, r := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = r[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestCSVGolden(t *testing.T) {
	t.Parallel()
	o := options("csv")
	o.ForReview = true
	dir, _ := run(t, sample(t), o)
	for name, text := range golden(t, "csv", dir) {
		if strings.Contains(text, "secret") {
			t.Errorf("%s shows a private note", name)
		}
	}
}

func TestCSVPosts(t *testing.T) {
	t.Parallel()
	m := sample(t)
	for i, text := range hostileTexts {
		m.put(annDID, 100+i, text, nil)
	}
	o := options("csv")
	o.BOM = true
	rows := csvRows(t, m, o)
	if want := len(m.posts) - 1; len(rows) != want {
		t.Errorf("%d rows, want %d", len(rows), want)
	}
	for _, row := range rows {
		p, err := m.Post(t.Context(), uriOf(row))
		if err != nil {
			t.Fatal(err)
		}
		// encoding/csv reads CR LF as LF.
		if got, want := Unguard(row["text"]), strings.ReplaceAll(strings.ToValidUTF8(p.Text, "\ufffd"), "\r\n", "\n"); got != want {
			t.Errorf("text %q, want %q", got, want)
		}
		for name, cell := range row {
			if strings.IndexAny(cell, "=+-@\t\r") == 0 {
				t.Errorf("%s would be a formula: %q", name, cell)
			}
		}
	}
	o.Public, o.BOM = true, false
	for _, row := range csvRows(t, m, o) {
		if row["status"] != "live" {
			t.Errorf("a public table shows %v", row)
		}
	}
}

// The same cells stand in a table with semicolons, also where they hold some.
func TestCSVSemicolons(t *testing.T) {
	t.Parallel()
	m := sample(t)
	for i, text := range append(hostileTexts, "Un; deux;trois", "a,b;c\"d") {
		m.put(annDID, 100+i, text, nil)
	}
	o := options("csv")
	want := csvRows(t, m, o)
	o.Semicolons = true
	if got := csvRows(t, m, o); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestCSVForReview(t *testing.T) {
	t.Parallel()
	o := options("csv")
	o.ForReview = true
	rows := csvRows(t, sample(t), o)
	if len(rows) != 4 {
		t.Fatalf("%d rows, want 4", len(rows))
	}
	row := rows[0]
	for name, want := range map[string]string{"claim_id": "claimaaaaa", "number": "50 000 m³ per year", "of_what": "eau", "source_named": "l'agence", "current": "Refuted, 1 person disagrees", "post_status": "live", "may_be": "Supported, Refuted, Mixed, Misleading, Outdated, Unverifiable | not-a-claim, off-topic, duplicate-of=ID", "verdict": "", "dismiss": "", "summary": "", "note": "", "sources": ""} {
		if row[name] != want {
			t.Errorf("%s is %q, want %q", name, row[name], want)
		}
	}
}

// Only what starts a formula is changed; a list whose first value is empty starts with a bar.
func TestGuard(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "|eau": "|eau", "% de l'eau": "% de l'eau", "l'eau": "l'eau",
		"=1": "'=1", "+1": "'+1", "-1": "'-1", "@A1": "'@A1", "\t=1": "'\t=1", "\r=1": "'\r=1", " =1": "' =1", "＝1": "'＝1", "'=1": "''=1",
	} {
		if got := Guard(text); got != want {
			t.Errorf("Guard(%q) is %q, want %q", text, got, want)
		}
	}
	if got := Unguard("'|eau"); got != "|eau" { // as tables before this version have it
		t.Errorf("an older table gives %q", got)
	}
}

func FuzzGuard(f *testing.F) {
	for _, s := range append(hostileTexts, "=1", "'=1", "''", "'", " =1", "\t=1", "-5", "l'eau", "＝1") {
		f.Add(s)
	}
	// A guarded text starts no formula, and is given back.
	f.Fuzz(func(t *testing.T, s string) {
		g := Guard(s)
		if got := Unguard(g); got != s {
			t.Errorf("Unguard(Guard(%q)) is %q", s, got)
		}
		if strings.IndexAny(strings.TrimLeft(g, " "), "=+-@\t\r") == 0 {
			t.Errorf("Guard(%q) is %q", s, g)
		}
	})
}

func uriOf(row map[string]string) syntax.ATURI { return syntax.ATURI(row["uri"]) }

// A range keeps both of its ends, in base units too.
func TestRangeColumns(t *testing.T) {
	t.Parallel()
	var c claimRow
	c.Quantities = quantity.Find(fold.Fold("Entre 2 et 3,5 km de conduites, puis 40 MW."), "fr")
	want := map[string]string{"values": "2..3.5|40", "base_values": "2000..3500|40000000", "base_units": "m|W"}
	for _, col := range claimColumns() {
		if cell, ok := want[col.name]; ok && col.value(nil, c) != cell {
			t.Errorf("%s: %s, want %s", col.name, col.value(nil, c), cell)
		}
	}
}
