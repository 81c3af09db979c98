package analysis_test

import (
	"testing"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
)

// One core has to analyse 80,000 posts of some 200 bytes a second: 12.5 µs each.
func BenchmarkPosts(b *testing.B) {
	texts := []string{
		"Selon l'opérateur, ses centres de données ont consommé 8 TWh d'électricité l'an dernier, soit 2 % du pays. Et ce sera deux fois plus d'ici 2030.",
		"Data centres used 21% of the country's electricity in 2023, the agency says. Their cooling towers evaporate millions of litres of water a day.",
		"Belle soirée hier avec toute la bande, merci encore pour le gâteau et les chansons ! On remet ça quand vous voulez, mais pas avant septembre.",
		"👉 l'eau : deux litres par kilowattheure pour refroidir les serveurs.\n👉 les métaux : cobalt, cuivre, tungstène, extraits loin d'ici. #sobriété #numérique",
	}
	var posts []*atproto.Post
	for _, text := range texts {
		posts = append(posts, post(text, "fr"))
	}
	posts[1].Langs = []string{"en"}
	a := analysis.NewAnalyzer(topic.Default())
	n := 0
	for b.Loop() {
		a.Posts(posts[n%len(posts)])
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}
