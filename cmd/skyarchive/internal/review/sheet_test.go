package review

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"skyarchive/analysis"
)

func TestReadSheet(t *testing.T) {
	latin := func(s string) string {
		b, err := charmap.Windows1252.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	wide := func(s string) string {
		b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const head = "claim_id,words,verdict,dismiss,summary,note,sources\n"
	tests := []struct {
		name, text string
		want       []string // line, claim, what was said; or line and problem
	}{
		{"as it was exported", head + "abcdefgh22,mots,,,,,\n", nil},
		{"a verdict", head + "abcdefgh22,mots,mixed,,Un peu,,\n", []string{"2 abcdefgh22 mixed Un peu"}},
		{"line breaks of Windows, without the last", "claim_id,verdict\r\nabcdefgh22,mixed\r\nabcdefgh33,refuted", []string{"2 abcdefgh22 mixed", "3 abcdefgh33 refuted"}},
		{"semicolons and a byte order mark", "\ufeffclaim_id;verdict\nabcdefgh22;Trompeur\n", []string{"2 abcdefgh22 misleading"}},
		{"tabs", "claim_id\tverdict\nabcdefgh22\ten partie vrai\n", []string{"2 abcdefgh22 mixed"}},
		{"a hint of the separator", "sep=;\nclaim_id;verdict\nabcdefgh22;mixed\n", []string{"3 abcdefgh22 mixed"}},
		{"French names in another order", "Résumé;Verdict;Identifiant\nUn peu;FAUX;ABCDEFGH22\n", []string{"2 abcdefgh22 refuted Un peu"}},
		{"Windows-1252", latin("claim_id;verdict;résumé\nabcdefgh22;périmé;c'était « ça »…\n"), []string{"2 abcdefgh22 outdated c'était « ça »…"}},
		{"UTF-16", wide("claim_id\tverdict\r\nabcdefgh22\tconfirmé\r\n"), []string{"2 abcdefgh22 supported"}},
		{"a label without its accents", head + "abcdefgh22,,Invérifiable,,,,\n" + "abcdefgh22,,perime,,,,\n", []string{"2 abcdefgh22 unverifiable", "3 abcdefgh22 outdated"}},
		{"dismissals", head + "abcdefgh22,,,hors sujet,,,\nabcdefgh33,,,duplicate-of=abcdefgh22,,,\nabcdefgh44,,n'est pas une affirmation,,,,\n",
			[]string{"2 abcdefgh22 off-topic", "3 abcdefgh33 duplicate-of", "4 abcdefgh44 not-a-claim"}},
		{"line breaks in a cell", head + "abcdefgh22,\"a\nb\",mixed,,\"Un\npeu\",,\nabcdefgh33,,mixed,,,,\n", []string{"2 abcdefgh22 mixed Un\npeu", "5 abcdefgh33 mixed"}},
		{"cells that a spreadsheet would run", head + "abcdefgh22,,mixed,,'=1+1,'-5 %,\n", []string{"2 abcdefgh22 mixed =1+1 -5 %"}},
		{"sources", head + "abcdefgh22,,mixed,,,,https://a.example/x|https://b.example; https://c.example\n", []string{"2 abcdefgh22 mixed https://a.example/x https://b.example https://c.example"}},
		{"a note alone", head + "abcdefgh22,,,,,à voir,\n", []string{"2 abcdefgh22  à voir"}},
		{"empty rows", head + ",,,,,,\n\nabcdefgh22,,mixed\n", []string{"4 abcdefgh22 mixed"}},
		{"no such verdict", head + "abcdefgh22,,wrong,,,,\n", []string{`line 2: no verdict "wrong"; the verdicts are supported, refuted, mixed, misleading, outdated, unverifiable, or their labels`}},
		{"both", head + "abcdefgh22,,mixed,off-topic,,,\n", []string{"line 2: both a verdict (mixed) and a dismissal (off-topic); keep one"}},
		{"no claim", head + ",,mixed,,,,\n", []string{"line 2: it decides on a claim and names none: claim_id is empty"}},
		{"no address", head + "abcdefgh22,,mixed,,,,rapport\n", []string{`line 2: sources: "rapport" is not a web address; it starts with https://`}},
		{"a quote that is not closed", head + "abcdefgh22,\"a,mixed\n", []string{"line 2: extraneous or missing \" in quoted-field"}},
		{"a workbook", "PK\x03\x04...", []string{"it is a workbook; save the sheet as CSV and give that file"}},
		{"no text", "claim_id,verdict\nabc,\x00\n", []string{"it is no text; save the sheet as CSV and give that file"}},
		{"another table", "name,verdict\nx,mixed\n", []string{`no column claim_id in its first line; it has name, verdict`}},
		{"one column twice", "claim_id,verdict,verdict\n", []string{`the columns "verdict" and "verdict" mean the same; keep one`}},
		{"nothing", "", []string{"no table in it: EOF"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rows, problems, err := ReadSheet([]byte(test.text), Labels{})
			var got []string
			for _, r := range rows {
				s := said(r.Review)
				got = append(got, fmt.Sprint(r.Line, " ", r.Claim, " ", s))
			}
			for _, p := range problems {
				got = append(got, p.Error())
			}
			if err != nil {
				got = append(got, err.Error())
			}
			if g, w := strings.Join(got, "\n"), strings.Join(test.want, "\n"); g != w {
				t.Errorf("got  %q\nwant %q", g, w)
			}
		})
	}
}

// Any bytes are rows, problems or an error; every row names a claim and says something.
func FuzzReadSheet(f *testing.F) {
	f.Add([]byte("claim_id,verdict\nabcdefgh22,mixed\n"))
	f.Add([]byte("\ufeffid;verdict;note\nabcdefgh22;faux;\"a\nb\"\n"))
	f.Add([]byte("claim_id\tverdict\nabc\xe9\tp\xe9rim\xe9\n"))
	f.Add([]byte("\xff\xfec\x00,\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rows, problems, err := ReadSheet(raw, Labels{})
		if err != nil && len(rows)+len(problems) > 0 {
			t.Errorf("an error and %d rows, %d problems", len(rows), len(problems))
		}
		for _, r := range rows {
			if r.Claim == "" || r.Line < 1 || !r.said() {
				t.Errorf("row %+v", r)
			}
		}
	})
}

func TestReadLabels(t *testing.T) {
	l, err := ReadLabels([]byte("refuted: {fr: Erroné}\nmixed: {en: Half right, fr: À moitié}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]analysis.Verdict{
		"errone": analysis.Refuted, "Faux": analysis.Refuted, "half RIGHT": analysis.Mixed, "refuted": analysis.Refuted, "Périmé": analysis.Outdated, "juste": "",
	} {
		if got, _ := l.Verdict(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := l.Name(analysis.Mixed) + " " + l.Name(analysis.Refuted); got != "Half right Refuted" {
		t.Errorf("names are %s", got)
	}
	for _, wrong := range []string{"wrong: {fr: x}", "mixed: {fr: Faux}", "mixed: [x]", "mixed: {de: x}", "mixed: {en: A}\nrefuted: {en: a}"} {
		if _, err := ReadLabels([]byte(wrong)); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

// What is left empty stays, what is the same writes nothing, and a word without a verdict
// never moves a claim that others have judged.
func TestAmend(t *testing.T) {
	s := newArchive(t, claimed...)
	sit(t, s, "ana", "yIl dit 20.\rtpage 4\rr")
	c := firstClaim(t, s)
	tests := []struct {
		name, by  string
		given     analysis.Review
		want      string
		unchanged bool
		err       error
	}{
		{"the same verdict", "ana", analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Refuted}, "refuted Il dit 20. page 4", true, nil},
		{"a new summary", "ana", analysis.Review{Summary: "Il dit 21."}, "refuted Il dit 21. page 4", false, nil},
		{"another verdict", "ana", analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Mixed}, "mixed", false, nil},
		{"another person", "bob", analysis.Review{Status: analysis.Reviewed, Verdict: analysis.Refuted}, "refuted", false, nil},
		{"only a note by another person", "bob", analysis.Review{Note: "hm"}, "", false, ErrNoVerdict},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, unchanged, err := Amend(test.given, c, test.by)
			if !errors.Is(err, test.err) || err == nil && said(r) != test.want || unchanged != test.unchanged {
				t.Errorf("got %q, unchanged %v, error %v; want %q, %v, %v", said(r), unchanged, err, test.want, test.unchanged, test.err)
			}
			if err == nil && r.Text != claimed[0] {
				t.Errorf("it judges %q", r.Text)
			}
		})
	}
}
