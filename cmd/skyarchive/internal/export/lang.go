package export

import (
	"strconv"
	"strings"
	"time"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// words are the fixed words of exports in one language.
type words struct {
	lang   string
	months [12]string
	colon  string // with the space that belongs before it
	semi   string // a semicolon with the spaces around it

	headings map[string]string // of columns that people fill in, where they differ from the names
	dismiss  string            // what can be filled in there

	threads, posts, replies, claims, byDate, byTopic, noTopic, undated                            string
	postsOutside, repliesOutside                                                                  string
	onBluesky, complete, incomplete, missing, signature, date, author                             string
	formerHandle, recordKey, byKey                                                                string
	partDeleted, partsDeleted, partsSplit, postsOutsideLine, postsDeleted, postsGone, postsHidden string

	noText, quoted, quotedUnseen, answers, answersUnseen                      string
	image, imageNoAlt, video, videoNoAlt, card                                string
	otherEmbed, linkLeftOut, tagsOutside, labels                              string
	edited, earlierVersion                                                    string
	gapNumber, gapDeleted, gapDeletedEmpty, gapUnseen, gapForgotten, gapSplit string
	liveNow, deletedNow, foundGone, byAnother, notThere, aside, withheld      string

	about, atLeast, atMost                                                         string
	topics, number, of, per, attribution, stance, verdict, status, sources, kindOf string
	restated, published, dismissedFor, duplicateOf                                 string
	reviewed, dismissed, earlierJudged, agree, disagree, by, foundBy, on, judgedOn string

	howJoined, howChecked, checkedText, privateCopy, publicForm, publicWith string
	included                                                                map[string]string // what a public form holds on request, by its name in --include
	keptWords, noLonger, seeInstead, made, query, leftOut                   string

	signatures map[atproto.Signature]string
	joins      map[analysis.JoinedBy]string
	stances    map[analysis.Stance]string
	kinds      map[analysis.Kind]string
	statuses   map[analysis.Status]string
	wordless   map[store.PostStatus]string
	dismissals map[analysis.Dismissal]string
	verdicts   []analysis.VerdictText // nil: as analysis calls them
	reasons    map[reason]string
	rates      map[string]string // what a quantity is per, where the word differs
}

func wordsIn(lang string) *words {
	if strings.EqualFold(lang, "fr") || strings.HasPrefix(strings.ToLower(lang), "fr-") {
		return &french
	}
	return &english
}

// calling are the same words with labels of verdicts of somebody's own.
func (w *words) calling(verdicts []analysis.VerdictText) *words {
	own := *w
	own.verdicts = verdicts
	return &own
}

// day is a date for people.
func (w *words) day(t time.Time) string {
	if t.IsZero() {
		return w.undated
	}
	n := strconv.Itoa(t.Day())
	if w.lang == "fr" && t.Day() == 1 {
		n = "1er"
	}
	return n + " " + w.months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// dayUTC is a date for lists.
func (w *words) dayUTC(t time.Time) string {
	if t.IsZero() {
		return w.undated
	}
	return term.Day(t, time.UTC)
}

// moment is a date and time for people, with its zone.
func (w *words) moment(t time.Time) string {
	if t.IsZero() {
		return w.undated
	}
	return w.day(t) + ", " + t.Format("15:04 ") + term.Zone(t)
}

// posted is [term.Posted] in the words of the export.
func (w *words) posted(d atproto.Dates, zone *time.Location, show func(time.Time, *time.Location) string) string {
	return term.DateWords{None: w.undated, ByKey: w.byKey, Key: w.recordKey + w.colon}.Posted(d, zone, show)
}

// written is when a post was written, for people.
func (x *export) written(d atproto.Dates) string {
	return x.words.posted(d, x.Zone, func(t time.Time, zone *time.Location) string { return x.words.moment(t.In(zone)) })
}

func (w *words) month(t time.Time) string {
	if t.IsZero() {
		return w.undated
	}
	return w.months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// count is a number with a word in the singular or plural; forms is "post|posts".
func (w *words) count(n int, forms string) string { return strconv.Itoa(n) + " " + w.form(n, forms) }

// form is the one of two forms, singular and plural, that goes with a number.
func (w *words) form(n int, forms string) string {
	one, many, _ := strings.Cut(forms, "|")
	if n == 1 || n == 0 && w.lang == "fr" {
		return one
	}
	return many
}

func (w *words) verdictLabel(v analysis.Verdict) string {
	verdicts := w.verdicts
	if verdicts == nil {
		verdicts = analysis.Verdicts()
	}
	for _, t := range verdicts {
		if t.Verdict == v {
			if w.lang == "fr" {
				return t.Fr
			}
			return t.En
		}
	}
	return string(v)
}

func (w *words) label(name, value string) string { return name + w.colon + " " + value }

// toldOf is a sentence that ends with a time; if told, it says that another archive tells so.
func (w *words) toldOf(sentence string, told bool) string {
	if told {
		return sentence + w.byAnother
	}
	return sentence
}

func (w *words) quotation(s string) string {
	if w.lang == "fr" {
		return "«\u00a0" + s + "\u00a0»"
	}
	return "“" + s + "”"
}

var english = words{
	lang:   "en",
	months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	colon:  ":",
	semi:   "; ",

	dismiss: "not-a-claim, off-topic, duplicate-of=ID",

	threads: "thread|threads", posts: "post|posts", replies: "answer|answers", claims: "claim|claims",
	byDate: "By date", byTopic: "By topic", noTopic: "No topic", undated: "no date",
	postsOutside: "Posts outside threads", repliesOutside: "Answers to others",
	onBluesky: "on Bluesky", complete: "complete", incomplete: "has a gap", missing: "missing", signature: "signature", date: "Date", author: "Author",
	formerHandle: "@%s at the time", recordKey: "record key", byKey: "record key, no readable date",
	partDeleted: "a part deleted", partsDeleted: "part %s deleted|parts %s deleted", partsSplit: "part %s split off|parts %s split off",
	postsOutsideLine: "post outside the main line|posts outside the main line", postsDeleted: "deleted post|deleted posts",
	postsGone:   "post whose account is gone|posts whose account is gone",
	postsHidden: "post whose author asks not to be shown without login, or of whom that is not known|posts whose author asks not to be shown without login, or of whom that is not known",

	noText: "no text", quoted: "Quoted post", quotedUnseen: "Quotes a post that is not in the archive",
	answers: "In answer to", answersUnseen: "In answer to a post that is not in the archive",
	image: "Image", imageNoAlt: "Image without a description", video: "Video", videoNoAlt: "Video without a description", card: "Link",
	otherEmbed: "Embed of type", linkLeftOut: "Link left out", tagsOutside: "Tags", labels: "Labels by the author",
	edited: "edited", earlierVersion: "Earlier version, first seen %s",
	gapNumber:       "Part %d is missing: no post that is still there carries this number.",
	gapSplit:        "Part %d is not in this thread: a person split the thread.",
	gapDeleted:      "Deleted post, %s. Its words as archived:",
	gapDeletedEmpty: "A deleted post stood here; its words were never archived.",
	gapUnseen:       "A post is missing here that the archive never saw.",
	gapForgotten:    "A post stood here that was forgotten: a person had it taken out of the archive.",
	liveNow:         "live", deletedNow: "deleted", foundGone: "found gone on %s", byAnother: " by another archive, as it tells",
	notThere: "This post is named by the thread and is not in the archive.",
	wordless: map[store.PostStatus]string{
		store.Missing:    "The account's repository lists this post, but its bytes were never to be had.",
		store.Unreadable: "What stands here now cannot be read as a post. Its bytes are kept.",
	},
	aside:    "Aside, a branch of the thread",
	withheld: "A post is left out here",

	about: "about %s", atLeast: "at least %s", atMost: "at most %s",
	topics: "Topics", number: "Number", of: "of: %s", per: "per %s", attribution: "Source named", stance: "Author", verdict: "Verdict", status: "Status", sources: "Sources", kindOf: "Kind",
	restated: "In the reviewer's words", published: "Published fact-check", dismissedFor: "Reason", duplicateOf: "duplicate of claim %s",
	reviewed: "reviewed", dismissed: "dismissed", earlierJudged: "judged on an earlier version of the words", agree: "person agrees|people agree", disagree: "person disagrees|people disagree", by: "by %s", foundBy: "%s by %s", on: " on %s", judgedOn: " (judged on %s)",

	howJoined: "Why these posts are one thread", howChecked: "How the posts were checked",
	checkedText: "Signature “valid” says that these bytes were part of a repository signed with the account's key. It does not say that a post is true, when it was written, or who typed it: dates are what the author's app claimed.",
	privateCopy: "Private copy: it holds everything archived, deleted posts too.", publicForm: "Public form: what was deleted or is not for everybody is left out.",
	publicWith: "Public form that holds on request what one leaves out", included: map[string]string{"deleted": "deleted posts", "gone": "accounts that are gone", "hidden": "authors who ask not to be shown without login"},
	keptWords: "Kept from this file as it was before, changed by hand", noLonger: "This file is no longer made from the archive; its words are kept.", seeInstead: "See instead",
	made: "Made with", query: "Selection", leftOut: "Left out",

	signatures: map[atproto.Signature]string{atproto.SignatureValid: "valid", atproto.SignatureUnchecked: "unchecked", atproto.SignatureInvalid: "invalid"},
	joins: map[analysis.JoinedBy]string{
		analysis.ByReply: "it answers the post before it", analysis.ByBridge: "it answers a deleted post of the thread",
		analysis.ByRoot: "the post it answers was never seen; its root is the thread's", analysis.ByNumber: "its number continues the series",
		analysis.ByQuote: "it quotes the thread and continues it", analysis.ByLead: "it announces the thread that follows", analysis.ByPerson: "a person joined it",
	},
	stances:    map[analysis.Stance]string{analysis.Asserts: "asserts it", analysis.Reports: "reports what somebody else says", analysis.Denies: "denies it", analysis.Asks: "asks"},
	kinds:      map[analysis.Kind]string{analysis.Statistic: "statistic", analysis.Forecast: "forecast", analysis.Causal: "cause", analysis.Comparison: "comparison", analysis.Generalisation: "generalisation", analysis.Event: "event", analysis.Legal: "law", analysis.OtherKind: "other"},
	statuses:   map[analysis.Status]string{analysis.New: "not reviewed", analysis.Reviewed: "reviewed", analysis.Dismissed: "dismissed"},
	dismissals: map[analysis.Dismissal]string{analysis.NotAClaim: "not a claim", analysis.OffTopic: "off topic", analysis.DuplicateOf: "duplicate"},
	reasons:    map[reason]string{wasDeleted: "it was deleted", accountGone: "its account is gone", asksLogin: "its author asks not to be shown without login", wishUnknown: "it is not known whether its author wants to be shown without login"},
	rates:      map[string]string{"s": "second", "min": "minute", "h": "hour"},
}

var french = words{
	lang:   "fr",
	months: [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	colon:  "\u00a0:",
	semi:   "\u00a0; ",

	dismiss: "n'est pas une affirmation, hors sujet, doublon=ID",
	headings: map[string]string{
		"claim_id": "identifiant", "link": "fil", "post_link": "post", "author": "auteur", "post_status": "état du post", "words": "texte",
		"topics": "thèmes", "number": "nombres", "of_what": "de quoi", "source_named": "source nommée", "source_link": "lien de la source",
		"current": "vérification actuelle", "may_be": "valeurs possibles", "dismiss": "écarter", "summary": "conclusion", "analysis": "analyse",
	},

	threads: "fil|fils", posts: "post|posts", replies: "réponse|réponses", claims: "affirmation|affirmations",
	byDate: "Par date", byTopic: "Par thème", noTopic: "Sans thème", undated: "sans date",
	postsOutside: "Posts hors des fils", repliesOutside: "Réponses à d'autres",
	onBluesky: "sur Bluesky", complete: "complet", incomplete: "incomplet", missing: "il manque", signature: "signature", date: "Date", author: "Auteur",
	formerHandle: "@%s à l'époque", recordKey: "clé", byKey: "date de la clé, aucune autre n'est lisible",
	partDeleted: "une partie supprimée", partsDeleted: "partie %s supprimée|parties %s supprimées", partsSplit: "partie %s séparée|parties %s séparées",
	postsOutsideLine: "post hors de la ligne principale|posts hors de la ligne principale", postsDeleted: "post supprimé|posts supprimés",
	postsGone:   "post dont le compte est désactivé, suspendu ou supprimé|posts dont le compte est désactivé, suspendu ou supprimé",
	postsHidden: "post dont l'auteur demande à ne pas être montré sans connexion, ou pour qui on ne le sait pas|posts dont l'auteur demande à ne pas être montré sans connexion, ou pour qui on ne le sait pas",

	noText: "sans texte", quoted: "Post cité", quotedUnseen: "Cite un post absent de l'archive",
	answers: "En réponse à", answersUnseen: "En réponse à un post absent de l'archive",
	image: "Image", imageNoAlt: "Image sans description", video: "Vidéo", videoNoAlt: "Vidéo sans description", card: "Lien",
	otherEmbed: "Contenu de type", linkLeftOut: "Lien omis", tagsOutside: "Mots-dièse", labels: "Étiquettes de l'auteur",
	edited: "modifié", earlierVersion: "Version antérieure, vue le %s",
	gapNumber:       "La partie %d manque\u00a0: aucun post encore présent ne porte ce numéro.",
	gapSplit:        "La partie %d n'est pas dans ce fil\u00a0: une personne a scindé le fil.",
	gapDeleted:      "Post supprimé, %s. Ses mots tels qu'archivés\u00a0:",
	gapDeletedEmpty: "Un post supprimé se trouvait ici\u00a0; ses mots n'ont jamais été archivés.",
	gapUnseen:       "Il manque ici un post que l'archive n'a jamais vu.",
	gapForgotten:    "Un post se trouvait ici\u00a0; il a été oublié, une personne l'a fait retirer de l'archive.",
	liveNow:         "en ligne", deletedNow: "supprimé", foundGone: "absence constatée le %s", byAnother: " par une autre archive, d'après celle-ci",
	notThere: "Ce post est nommé par le fil et absent de l'archive.",
	wordless: map[store.PostStatus]string{
		store.Missing:    "Le dépôt du compte mentionne ce post, mais ses octets n'ont jamais pu être obtenus.",
		store.Unreadable: "Ce qui se trouve ici à présent ne peut être lu comme un post. Ses octets sont conservés.",
	},
	aside:    "Aparté, une branche du fil",
	withheld: "Un post est omis ici",

	about: "environ %s", atLeast: "au moins %s", atMost: "au plus %s",
	topics: "Thèmes", number: "Nombre", of: "de quoi\u00a0: %s", per: "par %s", attribution: "Source nommée", stance: "L'auteur", verdict: "Verdict", status: "Statut", sources: "Sources", kindOf: "Type",
	restated: "Dans les mots du vérificateur", published: "Vérification publiée", dismissedFor: "Motif", duplicateOf: "doublon de l'affirmation %s",
	reviewed: "vérifiée", dismissed: "écartée", earlierJudged: "jugée sur une version antérieure du texte", agree: "personne d'accord|personnes d'accord", disagree: "personne en désaccord|personnes en désaccord", by: "par %s", foundBy: "%s selon %s", on: " le %s", judgedOn: " (jugée le %s)",

	howJoined: "Pourquoi ces posts forment un fil", howChecked: "Comment les posts ont été contrôlés",
	checkedText: "La signature «\u00a0valide\u00a0» dit que ces octets faisaient partie d'un dépôt signé avec la clé du compte. Elle ne dit pas qu'un post est vrai, ni quand il a été écrit, ni qui l'a tapé\u00a0: les dates sont celles que l'application de l'auteur a déclarées.",
	privateCopy: "Copie privée\u00a0: elle contient tout ce qui est archivé, posts supprimés compris.", publicForm: "Version publique\u00a0: ce qui a été supprimé ou n'est pas destiné à tous est omis.",
	publicWith: "Version publique qui contient, sur demande, ce qu'elle omettrait", included: map[string]string{"deleted": "les posts supprimés", "gone": "les comptes disparus", "hidden": "les auteurs qui demandent à ne pas être montrés sans connexion"},
	keptWords: "Gardé de ce fichier tel qu'il était, modifié à la main", noLonger: "Ce fichier n'est plus produit par l'archive\u00a0; ses mots sont gardés.", seeInstead: "Voir plutôt",
	made: "Produit avec", query: "Sélection", leftOut: "Omis",

	signatures: map[atproto.Signature]string{atproto.SignatureValid: "valide", atproto.SignatureUnchecked: "non contrôlée", atproto.SignatureInvalid: "non valide"},
	joins: map[analysis.JoinedBy]string{
		analysis.ByReply: "il répond au post précédent", analysis.ByBridge: "il répond à un post supprimé du fil",
		analysis.ByRoot: "le post auquel il répond n'a jamais été vu\u00a0; sa racine est celle du fil", analysis.ByNumber: "son numéro poursuit la série",
		analysis.ByQuote: "il cite le fil et le poursuit", analysis.ByLead: "il annonce le fil qui suit", analysis.ByPerson: "une personne l'a joint",
	},
	stances:    map[analysis.Stance]string{analysis.Asserts: "l'affirme", analysis.Reports: "rapporte les propos d'un tiers", analysis.Denies: "le conteste", analysis.Asks: "pose la question"},
	kinds:      map[analysis.Kind]string{analysis.Statistic: "statistique", analysis.Forecast: "prévision", analysis.Causal: "cause", analysis.Comparison: "comparaison", analysis.Generalisation: "généralisation", analysis.Event: "événement", analysis.Legal: "droit", analysis.OtherKind: "autre"},
	statuses:   map[analysis.Status]string{analysis.New: "non vérifiée", analysis.Reviewed: "vérifiée", analysis.Dismissed: "écartée"},
	dismissals: map[analysis.Dismissal]string{analysis.NotAClaim: "n'est pas une affirmation", analysis.OffTopic: "hors sujet", analysis.DuplicateOf: "doublon"},
	reasons:    map[reason]string{wasDeleted: "il a été supprimé", accountGone: "son compte est désactivé, suspendu ou supprimé", asksLogin: "son auteur demande à ne pas être montré sans connexion", wishUnknown: "on ne sait pas si son auteur accepte d'être montré sans connexion"},
	rates:      map[string]string{"s": "seconde", "min": "minute", "h": "heure", "day": "jour", "week": "semaine", "month": "mois", "year": "an", "person": "personne", "query": "requête"},
}
