package quantity_test

import (
	"testing"

	"skyarchive/analysis/quantity"
	"skyarchive/analysis/words"
)

// posts are texts of the kinds and lengths that posts have.
var posts = []struct{ lang, text string }{
	{"fr", "👉 Les centres de calcul ont consommé 2,4 TWh d'électricité l'an dernier, soit 8 % de plus qu'en 2022, selon l'agence. Et ce n'est qu'un début : la demande pourrait doubler d'ici 2030, dit le rapport #energie #DataCenters"},
	{"fr", "Ce matin j'ai relu le texte voté hier soir. Rien sur la réparation, rien sur la durée de vie des appareils, et pas un mot des personnes qui travaillent dans les mines. On en reparle ? https://example.org/loi"},
	{"en", "The plant will draw 3 million gallons of water a day from a river that already runs dry in summer, and nobody asked the 12,000 people who live downstream. More than half of them have wells."},
	{"en", "I keep hearing that better chips will fix this. They never did: every gain was eaten by more use, and the boxes got bigger, and we bought more of them. Ask anyone who was there."},
	{"fr", "Bonne soirée à tous ☀️"},
}

func BenchmarkFind(b *testing.B) {
	var folder words.Folder
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := posts[i%len(posts)]
		quantity.Find(folder.Fold(p.text), p.lang)
	}
}

func BenchmarkFold(b *testing.B) {
	var folder words.Folder
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		folder.Fold(posts[i%len(posts)].text)
	}
}

func BenchmarkTimes(b *testing.B) {
	var folder words.Folder
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := posts[i%len(posts)]
		quantity.Times(folder.Fold(p.text), p.lang)
	}
}
