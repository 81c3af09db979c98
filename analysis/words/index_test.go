package words_test

import (
	"strings"
	"testing"

	"skyarchive/analysis/words"
)

func TestFamilies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, family string }{
		{"fr", "consommer consomme consommée consommation consommations consomment consommateurs CONSOMMEE"},
		{"fr", "électricité electricite électrique électriques électrifier ÉLECTRICITÉ"},
		{"fr", "métal métaux metaux métallique"},
		{"fr", "énergie énergies énergétique energetique"},
		{"fr", "extraction extraire extrait extractivisme"},
		{"fr", "efficace efficacité efficaces"},
		{"fr", "produire production produits producteur productrices"},
		{"fr", "réduire réduction réduit"},
		{"fr", "polluer pollution polluants polluée"},
		{"fr", "émission émissions émettre émis"},
		{"fr", "travail travaux travailler travailleuses"},
		{"fr", "mine mines minière minier"},
		{"fr", "loi lois"},
		{"fr", "eau eaux l'eau"},
		{"fr", "environnement environnemental environnementaux"},
		{"en", "consume consumed consuming consumption consumer"},
		{"en", "efficient efficiency efficiently"},
		{"en", "produce production producing"},
		{"en", "electric electricity electrical"},
		{"en", "pollute pollution polluting"},
		{"", "datacenter datacenters datacentre"},
	} {
		want := ""
		for w := range strings.FieldsSeq(c.family) {
			terms := words.Terms(w)
			if len(terms) == 0 {
				t.Errorf("%q has no term", w)
				continue
			}
			french, english := words.Stems(terms[0].Word)
			stem := french
			if c.lang == "en" {
				stem = english
			}
			if want == "" {
				want = stem
			}
			if stem != want {
				t.Errorf("%s: stem of %q is %q, the first's is %q", c.lang, w, stem, want)
			}
		}
	}
}

func TestStemsApart(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"environ", "environnement"}, {"mine", "mineur"}, {"metal", "meteo"}, {"produit", "prodige"}, {"loi", "loin"}} {
		a, _ := words.Stems(c[0])
		if b, _ := words.Stems(c[1]); a == b {
			t.Errorf("%q and %q have one stem %q", c[0], c[1], a)
		}
	}
}

func TestTerms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"elision", "L'eau d'ici", "eau ici"},
		{"percent", "2 % ou 2% ou 2,5 %", "2% ou 2% ou 2.5%"},
		{"groups", "50 000 barils", "50000 barils"},
		{"English groups", "50,000 and 1,234,567.8 and 12,000%", "50000 and 1234567.8 and 12000%"},
		{"decimal commas", "2,5 puis 0,125 puis 12,3456 puis 1,5,7", "2.5 puis 0.125 puis 12.3456 puis 1.5.7"},
		{"no groups", "1234,567 et 1,23,456", "1234.567 et 1.23.456"},
		{"data center", "des data centers", "des data centers ~datacent"},
		{"datacenter", "un datacenter", "un datacenter ~data ~center ~centr"},
		{"link", "https://www.example.org/eau", "example org eau"},
		{"glued", "la 5G, 10h30, le 2nd, 3D", "la 5g 10h30 le 2nd 3d"},
		{"units", "415TWh, 415 TWh, 20km, 4,5MW", "415 twh 415 twh 20 km 4.5 mw"},
		{"inclusive", "les élu·es", "les elus elues"},
		{"inner signs", "Aujourd'hui, les U.S.", "aujourdhui les us"},
	} {
		var got []string
		for _, term := range words.Terms(c.text) {
			if term.Word == "" {
				got = append(got, "~"+term.Stem)
				continue
			}
			got = append(got, term.Word)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: Terms(%q) = %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

func TestTermSpans(t *testing.T) {
	t.Parallel()
	text := "L’électricité à 2 % : 50 000 foyers"
	want := []string{"électricité", "à", "2 %", "50 000", "foyers"}
	terms := words.Terms(text)
	if len(terms) != len(want) {
		t.Fatalf("Terms(%q) = %v, want %q", text, terms, want)
	}
	for i, term := range terms {
		if got := text[term.Start:term.End]; got != want[i] {
			t.Errorf("term %d stands at %q, want %q", i, got, want[i])
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		langs []string
		text  string
		want  string
	}{
		{"declared", []string{"fr"}, "Bravo !", "fr"},
		{"declared with a region", []string{"fr-CA"}, "Voilà la pluie", "fr"},
		{"wrongly declared", []string{"en"}, "Les nappes sont au plus bas et la pluie ne vient pas dans le sud du pays", "fr"},
		{"wrongly declared French", []string{"fr"}, "The grid was not built for this and it will have to grow with the load", "en"},
		{"other", []string{"de"}, "Das Wasser wird knapp", "de"},
		{"of two", []string{"fr", "en"}, "The water is what they want", "en"},
		{"undeclared French", nil, "L'eau manque dans les villages", "fr"},
		{"undeclared English", nil, "the water is gone", "en"},
		{"nothing", nil, "ok 👍", ""},
		{"a name in English", []string{"en"}, "Le Monde: les eaux", "en"},
	} {
		if got := words.Language(c.langs, c.text); got != c.want {
			t.Errorf("%s: Language(%v, %q) = %q, want %q", c.name, c.langs, c.text, got, c.want)
		}
	}
}
