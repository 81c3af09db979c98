package analysis_test

import (
	"slices"
	"testing"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
)

// lastClaim is the last claim of the last post.
func lastClaim(t *testing.T, posts ...*atproto.Post) *analysis.Claim {
	t.Helper()
	list := analysis.NewAnalyzer(topic.Default()).Posts(posts...)
	passages := list[len(list)-1].Passages
	for i := len(passages) - 1; i >= 0; i-- {
		if passages[i].Claim != nil {
			return passages[i].Claim
		}
	}
	t.Fatalf("no claim in %q", posts[len(posts)-1].Text)
	return nil
}

func TestAttribution(t *testing.T) {
	tests := []struct {
		name, lang, text string
		want             string // "": nobody
		stance           analysis.Stance
	}{
		{"selon", "fr", "Selon l'Arcep, la consommation a doublé.", "l'Arcep", analysis.Reports},
		{"selon at the end", "fr", "Le nombre d'abonnés a baissé de moitié selon l'Arcep.", "l'Arcep", analysis.Reports},
		{"d'après", "fr", "D’après une étude suisse, les sols perdent leur carbone.", "une étude suisse", analysis.Reports},
		{"selon les régions", "fr", "Le prix du mètre cube varie du simple au double selon les régions.", "", analysis.Asserts},
		{"selon moi", "fr", "Selon les députés du groupe, le texte est vide.", "les députés du groupe", analysis.Reports},
		{"comme le dit", "fr", "Les usages s'ajoutent, comme le rappelle très bien la sociologue Ana Prieto.", "la sociologue Ana Prieto", analysis.Reports},
		{"subject", "fr", "Un rapport de la Cour des comptes estime que le coût a triplé.", "Un rapport de la Cour des comptes", analysis.Reports},
		{"subject and comma", "fr", "L'Agence de l'eau, évalue la perte à 20 %.", "L'Agence de l'eau", analysis.Reports},
		{"pronoun", "fr", "L'agence régionale révèle que la nappe baisse. Elle prévoit un recul de 10 % par an.", "L'agence régionale", analysis.Reports},
		{"said after", "fr", "« La nappe a perdu trois mètres », explique Jeanne Morel.", "Jeanne Morel", analysis.Reports},
		{"said before", "fr", "Jeanne Morel : « La nappe a perdu trois mètres. »", "Jeanne Morel", analysis.Reports},
		{"nobody", "fr", "La nappe a perdu trois mètres en dix ans.", "", analysis.Asserts},
		{"on nous dit", "fr", "On nous dit que la croissance est verte et durable.", "", analysis.Reports},
		{"according to", "en", "According to the grid operator, demand will double by 2030.", "the grid operator", analysis.Reports},
		{"found that", "en", "A team at Delft found that the pumps use less power.", "A team at Delft", analysis.Reports},
		{"estimates", "en", "The agency estimates losses at 20%.", "The agency", analysis.Reports},
		{"pronoun in English", "en", "The agency says that the reef is dying. It estimates losses at 20%.", "The agency", analysis.Reports},
		{"said after in English", "en", `"The reef is dying," said Mary Okafor.`, "Mary Okafor", analysis.Reports},
		{"that's expected", "en", "The basin loses 3 metres a year, and that's expected: fine.", "", analysis.Asserts},
		{"that's widely expected", "en", "The basin loses 3 metres a year, and that's widely expected: fine.", "", analysis.Asserts},
		{"it's announced", "en", "The line's announced: 40 km in two years.", "", analysis.Asserts},
		{"has confirmed", "en", "The operator's confirmed that the reef lost 3% of its area.", "The operator", analysis.Reports},
		{"a name in 's", "en", "Sotheby's estimates that the frame holds 3 kg of gold.", "Sotheby's", analysis.Reports},
		{"they've found", "en", "The agency says that the reef is dying. They've found that it lost 20%.", "The agency", analysis.Reports},
		{"c'est prévu", "fr", "Le bassin perd 3 mètres par an, et c'est annoncé : tant mieux.", "", analysis.Asserts},
		{"says without that", "en", "The firm says its new rack draws 120 kW.", "The firm", analysis.Reports},
		{"said the", "en", "It is fine, nobody said the river holds 3 million m³.", "", analysis.Asserts},
		{"reports at the end", "en", "The plant drew 20% more water last year, its operator reports.", "its operator", analysis.Reports},
		{"said on a day", "en", "The reservoir is at 12%, officials said on Tuesday.", "officials", analysis.Reports},
		{"said the", "en", "The pumps ran all night, said the company in a statement.", "the company", analysis.Reports},
		{"a list that ends in a noun", "en", "They lost the permits, the maps, the yearly reports.", "", analysis.Asserts},
		{"an adverbial is no assertion", "en", "For the first half of this year, the ministry reported 40 leaks.", "", analysis.Asserts},
		{"indique", "fr", "La consommation a doublé, indique l'exploitant dans son rapport.", "l'exploitant", analysis.Reports},
		{"ont indiqué", "fr", "Le barrage retient 3 millions de m³, ont indiqué les services de l'État.", "les services de l'État", analysis.Reports},
		{"l'admet", "fr", "La consommation a doublé, l'exploitant l'admet.", "l'exploitant", analysis.Reports},
		{"a second verb", "fr", "La notice compare 40 chiffres, explique les enjeux.", "", analysis.Asserts},
		{"estime-t-il", "fr", "L'hydrologue a mesuré 40 puits. Les nappes sont basses, estime-t-il.", "", analysis.Asserts},
		{"dit-elle", "fr", "L'agence révèle que la nappe baisse. Elle a perdu 3 mètres, précise-t-elle.", "L'agence", analysis.Reports},
		{"myth", "en", "They say that the cloud is green and clean. That is simply false.", "", analysis.Denies},
		{"denied", "fr", "On nous répète que le numérique sauve la planète. C'est totalement faux.", "", analysis.Denies},
		{"contrary to", "fr", "Contrairement à ce que l'on croit, le papier consomme plus d'eau que l'écran.", "", analysis.Denies},
		{"question that asserts", "fr", "Saviez-vous que le Soleil contient 99 % de la masse du système ?", "", analysis.Asks},
		{"order that points ahead", "fr", "Regardez bien : les pompes tournent au gazole.", "", analysis.Asserts},
		{"question", "fr", "Est-ce que les data centers consomment 3 % de l'électricité ?", "", analysis.Asks},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := lastClaim(t, post(test.text, test.lang))
			got := ""
			if c.Attribution != nil {
				got = c.Attribution.Text
			}
			if got != test.want || c.Stance != test.stance {
				t.Errorf("%q: got source %q and stance %s, want %q and %s", test.text, got, c.Stance, test.want, test.stance)
			}
		})
	}
}

// Whom a heading speaks to does not make what stands after its colon a word of theirs.
func TestHeading(t *testing.T) {
	const first, we, second = "-in the first person", "-we", "-addresses somebody"
	for _, test := range []struct{ lang, text, not, want string }{
		{"en", "A note for my neighbours: the pumps on the dyke use 12% less power this year.", first, ""},
		{"fr", "Petit mot à mes voisins : la nappe de la vallée a perdu 12 % en un an.", first, ""},
		{"fr", "Pour nos amis belges : la nappe de la vallée a perdu 12 % en un an.", we, ""},
		{"fr", "Rappel à votre intention : la nappe de la vallée a perdu 12 % en un an.", second, ""},
		{"en", "A note on the dyke: my pumps use 12% less power than they did last year.", "", first},
		{"en", "I measured it twice: the pumps on the dyke use 12% less power this year.", "", first},
		{"fr", "Je l'ai mesuré deux fois : la nappe de la vallée a perdu 12 % en un an.", "", first},
	} {
		why := lastClaim(t, post(test.text, test.lang)).Why
		if slices.Contains(why, test.not) || test.want != "" && !slices.Contains(why, test.want) {
			t.Errorf("%q: got reasons %q, want %q among them and not %q", test.text, why, test.want, test.not)
		}
	}
}

func TestAttributionOfFacets(t *testing.T) {
	p := post("Selon @ana.test, la nappe baisse de 3 % par an.", "fr")
	p.Facets = []atproto.Facet{{Start: 6, End: 15, Kind: atproto.FacetMention, Value: "did:plc:ana"}}
	p.Embed.Card = &atproto.Card{URL: "https://paper.test/nappe"}
	a := lastClaim(t, p).Attribution
	if a == nil || a.Text != "@ana.test" || a.DID == nil || *a.DID != "did:plc:ana" || a.URL == nil || *a.URL != "https://paper.test/nappe" {
		t.Errorf("got %+v, want the mention with its DID and the card with its URL", a)
	}
}

func TestQuotationOverTwoPosts(t *testing.T) {
	first := post("1/2 L'historienne Lia Sorel affirme que « les machines ont remplacé les bras", "fr")
	second := post("2/2 et les bras ont quitté les champs ».", "fr")
	second.URI = "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3lhqvzzzzzz33"
	c, before := lastClaim(t, first, second), lastClaim(t, first)
	if c.Attribution == nil || c.Attribution.Text != "L'historienne Lia Sorel" || c.Attribution.URI != first.URI {
		t.Errorf("source: got %+v, want the one of the first post", c.Attribution)
	}
	if c.Continues != before.ID {
		t.Errorf("continues: got %q, want %q", c.Continues, before.ID)
	}
	if alone := lastClaim(t, second); alone.Attribution != nil || alone.Continues != "" {
		t.Errorf("outside the thread: got %+v, want no source", alone)
	}
}

func TestClaimID(t *testing.T) {
	got := analysis.ClaimID("at://did:plc:a/app.bsky.feed.post/b", "bafy", analysis.Span{Start: 0, End: 12})
	if want := "uz52owdmxy"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
