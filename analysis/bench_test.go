package analysis_test

import (
	"testing"

	"skyarchive/analysis"
	"skyarchive/analysis/topic"
	"skyarchive/atproto"
)

// dailyPosts are posts as a timeline mixes them: half of them of every day, a few short, the
// others full of numbers, sources and topics.
var dailyPosts = []struct{ lang, text string }{
	{"fr", "Selon l'opérateur, ses centres de données ont consommé 8 TWh d'électricité l'an dernier, soit 2 % du pays. Et ce sera deux fois plus d'ici 2030."},
	{"en", "Data centres used 21% of the country's electricity in 2023, the agency says. Their cooling towers evaporate millions of litres of water a day."},
	{"fr", "Belle soirée hier avec toute la bande, merci encore pour le gâteau et les chansons ! On remet ça quand vous voulez, mais pas avant septembre."},
	{"fr", "👉 l'eau : deux litres par kilowattheure pour refroidir les serveurs.\n👉 les métaux : cobalt, cuivre, tungstène, extraits loin d'ici. #sobriété #numérique"},
	{"en", "Finally finished the shelf I started in March. It is not straight, nobody will ever put a book on it, and I love it. Pictures tomorrow when the light is better."},
	{"en", "3/ The permit lets the plant draw 3 million gallons a day from a river that already runs dry in summer. Nobody asked the 12,000 people who live downstream."},
	{"fr", "Bonjour à tous ☀️"},
	{"fr", "J'ai relu le texte voté hier soir : rien sur la réparation, rien sur la durée de vie des appareils, et pas un mot des personnes qui travaillent dans les mines. On en reparle ? https://example.org/loi"},
	{"en", "I keep hearing that better chips will fix this. They never did: every gain was eaten by more use, the boxes got bigger, and we bought more of them. Ask anyone who was there."},
	{"fr", "Quelqu'un a déjà essayé de prendre le train de nuit avec un vélo ? Je lis tout et son contraire, et la gare ne répond pas au téléphone depuis lundi."},
	{"en", "ok this made me laugh way more than it should have 😂"},
	{"fr", "La ministre annonce 300 millions d'euros pour le réseau, dont un tiers dès 2026. Les syndicats, eux, comptent 4 000 postes supprimés en dix ans et parlent d'un « plan social qui ne dit pas son nom »."},
	{"en", "New post on the blog: how we moved the choir's archive from cassettes to something that will outlive us, and what we got wrong along the way. Comments are open! example.org/choir"},
	{"fr", "Entre 1990 et 2019, les émissions du secteur ont augmenté de 33 %, rappelle le rapport du @conseil.example.org. Elles auraient dû baisser d'un quart. #climat"},
	{"en", "Does anyone know why the library closes at five now? It used to be open until eight and there was always somebody reading at the big table."},
	{"fr", "Le chat a encore gagné. Il dort sur le clavier, je tape d'une main, et la réunion commence dans dix minutes."},
}

// One core has to analyse 80,000 posts of some 200 bytes a second: 12.5 µs each.
func BenchmarkPosts(b *testing.B) {
	var posts []*atproto.Post
	size := 0
	for _, p := range dailyPosts {
		posts = append(posts, post(p.text, p.lang))
		size += len(p.text)
	}
	a := analysis.NewAnalyzer(topic.Default())
	b.ReportAllocs()
	b.SetBytes(int64(size / len(posts)))
	n := 0
	for b.Loop() {
		a.Posts(posts[n%len(posts)])
		n++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}
