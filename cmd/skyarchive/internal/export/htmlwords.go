package export

// pageWords are the fixed words of the page.
type pageWords struct {
	Lang, Skip, Search, Topic, Verdict, All, OnlyClaims, Reset, Shown                                       string
	Figures, Numbers, OnBluesky, Topics, Claims, Claim, Sources, Joined                                     string
	Threads, Colon, Restated, Published                                                                     string
	ClaimsByTopic, PostsByMonth, ClaimsByVerdict, Month, NumberOfClaims, NumberOfPosts, LeftOutNone, MadeBy string
}

var pageEnglish = pageWords{
	Lang: "en", Restated: english.restated, Published: english.published, Threads: "Threads", Colon: ":", Skip: "Skip to the posts", Search: "Search the words", Topic: "Topic", Verdict: "Review", All: "all", OnlyClaims: "with claims", Reset: "Show all", Shown: "{n} of {all} shown",
	Figures: "Figures", Numbers: "Numbers", OnBluesky: "on Bluesky", Topics: "Topics", Claims: "Claims worth checking", Claim: "Claim", Sources: "Sources", Joined: "Why these posts are one thread",
	ClaimsByTopic: "Claims by topic", PostsByMonth: "Posts by month", ClaimsByVerdict: "Claims by review", Month: "Month", NumberOfClaims: "Claims", NumberOfPosts: "Posts", LeftOutNone: "Nothing is left out.", MadeBy: "Made by skyarchive %s, analysis %s, on %s. Dates are shown in the time zone %s.",
}

var pageFrench = pageWords{
	Lang: "fr", Restated: french.restated, Published: french.published, Threads: "Fils", Colon: "\u00a0:", Skip: "Aller aux posts", Search: "Chercher des mots", Topic: "Thème", Verdict: "Vérification", All: "tous", OnlyClaims: "avec affirmations", Reset: "Tout montrer", Shown: "{n} sur {all} affichés",
	Figures: "Chiffres", Numbers: "Nombres", OnBluesky: "sur Bluesky", Topics: "Thèmes", Claims: "Affirmations à vérifier", Claim: "Affirmation", Sources: "Sources", Joined: "Pourquoi ces posts forment un fil",
	ClaimsByTopic: "Affirmations par thème", PostsByMonth: "Posts par mois", ClaimsByVerdict: "Affirmations par vérification", Month: "Mois", NumberOfClaims: "Affirmations", NumberOfPosts: "Posts", LeftOutNone: "Rien n'est omis.", MadeBy: "Produit par skyarchive %s, analyse %s, le %s. Les dates sont dans le fuseau %s.",
}

func (w *words) page() *pageWords {
	if w.lang == "fr" {
		return &pageFrench
	}
	return &pageEnglish
}
