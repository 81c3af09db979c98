package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/charmap"
)

// fillCommand does what a spreadsheet does to a table: it reads one in whatever form, fills
// in cells of the row of a claim, and writes the columns in reverse order, in a form of its
// own: a separator or "tab", behind "bom" or "latin1" if it is so encoded.
func fillCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 5 {
		ts.Fatalf("usage: fill OLD NEW FORM ID name=value...")
	}
	text := ts.ReadFile(args[0])
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	for _, sep := range []rune{';', ',', '\t'} {
		head, _, _ := strings.Cut(text, "\n")
		if strings.Count(head, string(sep)) > 3 {
			r.Comma = sep
		}
	}
	rows, err := r.ReadAll()
	ts.Check(err)
	at := func(name string) int { return slices.Index(rows[0], name) }
	id := os.Expand(args[3], ts.Getenv)
	filled := false
	for _, row := range rows {
		if row[max(at("claim_id"), at("identifiant"))] != id {
			continue
		}
		filled = true
		for _, cell := range args[4:] {
			name, value, _ := strings.Cut(cell, "=")
			row[at(name)] = value
		}
	}
	if !filled {
		ts.Fatalf("%s has no claim %s", args[0], id)
	}
	for _, row := range rows {
		slices.Reverse(row)
	}
	form := args[2]
	var out bytes.Buffer
	if rest, ok := strings.CutPrefix(form, "bom"); ok {
		form = rest
		out.WriteString("\ufeff")
	}
	form, latin := strings.CutPrefix(form, "latin1")
	if form == "tab" {
		form = "\t"
	}
	w := csv.NewWriter(&out)
	w.Comma, w.UseCRLF = []rune(form)[0], true
	ts.Check(w.WriteAll(rows))
	text = out.String()
	if latin {
		text, err = charmap.Windows1252.NewEncoder().String(text)
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}
