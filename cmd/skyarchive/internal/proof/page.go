package proof

import (
	"bytes"
	_ "embed"
	"html/template"
	"sync"
	"time"

	"skyarchive/atproto"
)

//go:embed page.html
var pageSource string

// pageTemplate is parsed when the first page is written.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"date": pageDate, "web": atproto.WebURL}).Parse(pageSource))
})

func pageDate(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// page is the statement for people, in French and in English, with all that the post holds.
func page(s Statement, post atproto.Post) ([]byte, error) {
	e := post.Embed
	var b bytes.Buffer
	err := pageTemplate().Execute(&b, struct {
		Statement
		Post      atproto.Post
		Carries   bool // more than words
		Languages []pageWords
	}{
		s, post,
		post.Reply != nil || len(e.Images) > 0 || e.Video != nil || e.Card != nil || !e.Quote.IsZero() || e.Other != "",
		[]pageWords{frenchPage, englishPage},
	})
	return b.Bytes(), err
}

// pageWords are the words of the page in one language.
type pageWords struct {
	Lang, Signed, Unchecked, Account, NameMayChange, NoWords, EditedSince, DeletedSince, StillThere  string
	FoundByUs, FoundByOther, StillThereTold, FirstSeenTold, TakenOver, Early, OurClock, ClockOfOther string
	Carries, Image, Video, NoAlt, Card, Quote, Reply, Other                                          string
	Dates, Claimed, KeyTime, RevTime, FirstSeen, FoundEdited, FoundGone                              string
	Evidence, Address, Hash, State, Rev, Signature, Valid, NoKey, NamedBy, ByLog, ByDocument         string
	Shows, ShowsSigned, ShowsUnchecked, Anybody, ShowsNot, Made, ThisPage                            string
	Limits                                                                                           []string
}

var frenchPage = pageWords{
	Lang:          "fr",
	Signed:        "Ce post figurait, mot pour mot, dans le dépôt signé du compte",
	Unchecked:     "Ce post figurait dans un dépôt dont la signature n'a pas été vérifiée",
	Account:       "Compte :",
	NameMayChange: "Le nom peut changer, l'identifiant DID reste.",
	NoWords:       "sans texte lisible",
	EditedSince:   "Modifié depuis : un état plus récent du dépôt contient une autre version à la même adresse ; constaté",
	DeletedSince:  "Supprimé depuis : un état plus récent du dépôt ne le contient plus (preuve : gone.car) ; constaté",
	StillThere:    "Il y figurait toujours lors de notre dernier relevé, le",
	FoundByUs:     "par nous le", FoundByOther: "par l'archive d'où il a été repris, selon elle, le",
	StillThereTold: "Il y figurait toujours, selon l'archive d'où il a été repris, le",
	FirstSeenTold:  "Vu pour la première fois par l'archive d'où il a été repris, selon elle : nous ne l'avons pas constaté",
	TakenOver:      "repris par nous le",
	Early:          "plus tôt que l'état signé lui-même : l'une des deux horloges était fausse, ou la date a été inventée",
	OurClock:       "selon notre horloge", ClockOfOther: "selon l'archive d'où il a été repris",
	Carries: "Ce que le post porte en plus de son texte",
	Image:   "image, fichier", Video: "vidéo, fichier", NoAlt: "sans description",
	Card: "lien vers", Quote: "cite", Reply: "répond à", Other: "contenu de type",
	Dates:       "Les dates, et qui les affirme",
	Claimed:     "Déclarée par l'application de l'auteur",
	KeyTime:     "Inscrite dans la clé de l'enregistrement, par l'application ou l'hébergeur",
	RevTime:     "De l'état signé (révision), par l'hébergeur",
	FirstSeen:   "Vu par nous pour la première fois, selon notre horloge",
	FoundEdited: "Autre version constatée",
	FoundGone:   "Constaté supprimé",
	Evidence:    "Les pièces",
	Address:     "Adresse", Hash: "Empreinte du post (CID)", State: "État signé", Rev: "révision",
	Signature: "Signature", Valid: "valide, avec la clé", NoKey: "non vérifiée : aucune clé du compte n'est connue",
	NamedBy: "Qui dit que c'était la clé du compte", ByLog: "l'annuaire public PLC, par l'opération signée", ByDocument: "le document DID du compte (did.json)",
	Shows:          "Ce que ces fichiers montrent",
	ShowsSigned:    "Les octets de ce post se trouvaient dans un état du dépôt signé avec la clé du compte.",
	ShowsUnchecked: "Les octets de ce post se trouvaient dans un état du dépôt. Qui l'a signé n'a pas pu être vérifié.",
	Anybody:        "N'importe qui peut le vérifier sans nous :",
	ShowsNot:       "Ce qu'ils ne montrent pas",
	Limits: []string{
		"que ce que dit le post est vrai ;",
		"quand il a été écrit : les dates sont des déclarations de l'auteur, de l'hébergeur et de l'annuaire ;",
		"qui l'a tapé : la clé est d'ordinaire détenue par l'hébergeur ;",
		"ce qui a pu apparaître et disparaître entre deux de nos relevés.",
	},
	Made:     "Dossier établi le",
	ThisPage: "Cette page n'est qu'une aide à la lecture : la preuve est dans post.car.",
}

var englishPage = pageWords{
	Lang:          "en",
	Signed:        "This post stood, word for word, in the account's signed repository",
	Unchecked:     "This post stood in a repository whose signature has not been checked",
	Account:       "Account:",
	NameMayChange: "The name may change, the DID stays.",
	NoWords:       "no readable text",
	EditedSince:   "Edited since: a later state of the repository holds another version at the same address, found",
	DeletedSince:  "Deleted since: a later state of the repository holds it no more (proof: gone.car), found",
	StillThere:    "It was still there when we last looked, on",
	FoundByUs:     "by us on", FoundByOther: "by the archive that it was taken over from, as that one tells, on",
	StillThereTold: "It was still there, as the archive tells that it was taken over from, on",
	FirstSeenTold:  "First seen by the archive that it was taken over from, as that one tells: we did not see it",
	TakenOver:      "taken over by us on",
	Early:          "earlier than the signed state itself: one of the two clocks was wrong, or the date was invented",
	OurClock:       "by our clock", ClockOfOther: "as the archive tells that it was taken over from",
	Carries: "What the post carries besides its text",
	Image:   "image, file", Video: "video, file", NoAlt: "no description",
	Card: "link to", Quote: "quotes", Reply: "answers", Other: "content of type",
	Dates:       "The dates, and who states them",
	Claimed:     "Claimed by the author's app",
	KeyTime:     "In the record key, by the app or the host",
	RevTime:     "Of the signed state (revision), by the host",
	FirstSeen:   "First seen by us, by our clock",
	FoundEdited: "Another version found",
	FoundGone:   "Found deleted",
	Evidence:    "The evidence",
	Address:     "Address", Hash: "Hash of the post (CID)", State: "Signed state", Rev: "revision",
	Signature: "Signature", Valid: "valid, with the key", NoKey: "unchecked: no key of the account is known",
	NamedBy: "Who says that it was the account's key", ByLog: "the public PLC directory, by the signed operation", ByDocument: "the account's DID document (did.json)",
	Shows:          "What these files show",
	ShowsSigned:    "The bytes of this post stood in a state of the repository that was signed with the account's key.",
	ShowsUnchecked: "The bytes of this post stood in a state of the repository. Who signed it could not be checked.",
	Anybody:        "Anybody can check it without us:",
	ShowsNot:       "What they do not show",
	Limits: []string{
		"that what the post says is true;",
		"when it was written: dates are claims of the author, the host and the directory;",
		"who typed it: the host usually holds the key;",
		"what appeared and vanished between two of our visits.",
	},
	Made:     "Made on",
	ThisPage: "This page is only a help to read: the proof is in post.car.",
}
