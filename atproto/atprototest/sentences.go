package atprototest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generatedSentence is one of a few dozen sentences, most of which claim something, with a
// number, place or name put in.
func generatedSentence(r *rand.Rand, french bool) string {
	list := generatedEnglish
	if french {
		list = generatedFrench
	}
	return strings.NewReplacer(
		"{n}", fmt.Sprint(2+r.IntN(900)), "{year}", fmt.Sprint(2005+r.IntN(35)), "{place}", pick(r, generatedPlaces),
		"{org}", pick(r, generatedBodies), "{name}", generatedName(r),
	).Replace(pick(r, list))
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// generatedName is one of a few thousand names.
func generatedName(r *rand.Rand) string {
	const first, second, third = "BCDFGLMNPRST", "aeiou", "lmnrstv"
	return string([]byte{first[r.IntN(len(first))], second[r.IntN(len(second))], third[r.IntN(len(third))], second[r.IntN(len(second))], third[r.IntN(len(third))]})
}

var (
	generatedHosts  = []string{"example.org", "journal.example", "energie.example", "news.example", "etudes.example"}
	generatedPlaces = []string{"Marseille", "Dublin", "Virginie", "Aragon", "Lyon", "Québec", "Nairobi", "Chile", "Texas", "Bretagne", "Oslo", "Rotterdam"}
	generatedBodies = []string{
		"l'Agence internationale de l'énergie", "le régulateur", "the grid operator", "une ONG", "the ministry", "RTE", "un rapport du Sénat", "the company",
	}
	generatedFrench = []string{
		"L'eau des centres de données de {place} vient de nappes qui ne se rechargent plus.",
		"Selon {org}, la consommation électrique a atteint {n} TWh en {year}.",
		"Le cuivre manque déjà, et l'extraction d'une tonne déplace {n} tonnes de roche.",
		"Plus un calcul est bon marché, plus on en fait : c'est l'effet rebond.",
		"Merci à toutes et tous pour vos réponses !",
		"Vous en pensez quoi, de cette loi de simplification ?",
		"Les émissions ont augmenté de {n} % depuis {year}, malgré les promesses de {name}.",
		"Ce matin il pleut sur {place}, et le train de {name} a encore du retard.",
		"J'ai relu hier le livre de {name}, et je n'ai toujours pas compris la fin.",
		"Un serveur remplacé tous les trois ans, c'est {n} kilos de déchets électroniques.",
		"{name} raconte que le conseil municipal a voté un moratoire sur les projets de {place}.",
		"La moitié des emplois de modération est sous-traitée à {place}, pour deux euros de l'heure.",
		"On nous répète que l'innovation réglera tout. C'est faux.",
		"Bravo {name}, quelle belle photo de la côte !",
		"Il faut trois litres pour refroidir une série de questions, d'après {org}.",
		"Rendez-vous jeudi à {place} pour en parler avec {name}.",
		"Les étudiants qui délèguent leurs exercices retiennent moins bien, montre une étude de {year}.",
		"Deux nouvelles centrales à gaz sont prévues près de {place} d'ici {year}.",
	}
	generatedEnglish = []string{
		"Data centers used {n}% of the region's electricity last year, {org} reports.",
		"We walked along the river near {place} for {n} minutes and saw nothing but fences.",
		"The moratorium would stop {n} projects until a public debate is held in {place}.",
		"Thanks {name}, this is exactly what I was looking for.",
		"Emissions rose by {n} percent between {year} and now, according to {org}.",
		"Anyone else watching the match tonight?",
		"Lithium mining near {place} takes {n} million litres of water a year.",
		"Cheaper inference means more inference: efficiency gains are eaten by new uses.",
		"My train to {place} is late again, so here is a picture of the station.",
		"{name} says the contract was signed before anybody had seen the permit.",
		"Gas turbines arrive faster than grid connections, so {org} burns more gas.",
		"I would love to see a better index in this book by {name}.",
		"Annotators in {place} earn less than two dollars an hour for reading the worst of it.",
		"Please stop calling it a cloud. It is a building with a cooling tower.",
		"The bill passed with {n} votes in favour and will be law in {year}.",
		"Students who wrote with the tool remembered {n}% less a week later.",
	}
)
