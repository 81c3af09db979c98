package export

import (
	"cmp"
	"strconv"
	"strings"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// A claimRow is what the tables of claims show of a claim.
type claimRow struct {
	store.Claim
	author *Account
	review analysis.Review
}

func (c claimRow) dates() atproto.Dates { return c.Dates }

func claimColumns() []column[claimRow] {
	quantities := func(value func(analysis.Quantity) string) func(*export, claimRow) string {
		return func(_ *export, c claimRow) string {
			var list []string
			for _, q := range c.Quantities {
				list = append(list, value(q))
			}
			return join(list)
		}
	}
	return []column[claimRow]{
		{"id", "id", "Id of the claim", "Identifiant de l'affirmation", func(_ *export, c claimRow) string { return c.Passage.Claim.ID }},
		{"text", "text", "The words of the claim, exactly", "Les mots de l'affirmation, exactement", func(_ *export, c claimRow) string { return c.Text }},
		{"post", "id", "AT URI of the post", "URI AT du post", func(_ *export, c claimRow) string { return string(c.Post) }},
		{"start", "number", "Where the claim starts in the post's text, in UTF-8 bytes", "Début dans le texte du post, en octets UTF-8", func(_ *export, c claimRow) string { return strconv.Itoa(c.Start) }},
		{"end", "number", "Where it ends, in UTF-8 bytes", "Fin, en octets UTF-8", func(_ *export, c claimRow) string { return strconv.Itoa(c.End) }},
		{"url", "text", "Web address of the post, by DID", "Adresse web du post, par DID", func(_ *export, c claimRow) string { return atproto.WebURL(c.Post) }},
		{"thread", "id", "AT URI of the thread's first post", "URI AT du premier post du fil", func(_ *export, c claimRow) string { return string(c.Thread) }},
		timestamp(claimRow.dates),
		localTime(claimRow.dates),
		{"user_id", "id", "DID of the author", "DID de l'auteur", func(_ *export, c claimRow) string { return string(c.Author.DID) }},
		{"user_screen_name", "text", "Handle of the author now", "Pseudo actuel de l'auteur", func(_ *export, c claimRow) string { return c.author.handle() }},
		{"topics", "list", "Topics", "Thèmes", func(_ *export, c claimRow) string { return join(topicSlugs(c.Passage)) }},
		{"kind", "word", "Kind of assertion", "Type d'affirmation", func(_ *export, c claimRow) string { return string(c.Passage.Claim.Kind) }},
		{"stance", "word", "asserts, reports, denies or asks", "asserts (affirme), reports (rapporte), denies (conteste) ou asks (demande)", func(_ *export, c claimRow) string { return string(c.Passage.Claim.Stance) }},
		{"score", "number", "How much it looks worth checking, 0 to 1", "À quel point elle semble à vérifier, de 0 à 1", func(_ *export, c claimRow) string { return float(c.Passage.Claim.Score) }},
		{"why", "list", "The features that made the score", "Les traits qui font le score", func(_ *export, c claimRow) string { return join(c.Passage.Claim.Why) }},
		{"quantities", "list", "Numbers as written", "Nombres tels qu'écrits", quantities(func(q analysis.Quantity) string { return q.Raw })},
		{"values", "numbers", "Their values; a range as a..b", "Leurs valeurs\u00a0; un intervalle comme a..b", quantities(func(q analysis.Quantity) string {
			if q.ValueHi != nil {
				return float(q.Value) + ".." + float(*q.ValueHi)
			}
			return float(q.Value)
		})},
		{"units", "units", "Their units", "Leurs unités", quantities(func(q analysis.Quantity) string { return q.Unit })},
		{"per", "list", "Rates: day, year ...", "Par\u00a0: day (jour), year (an)...", quantities(func(q analysis.Quantity) string { return q.Per })},
		{"base_values", "numbers", "The values in base units; a range as a..b", "Les valeurs en unités de base\u00a0; un intervalle comme a..b", quantities(func(q analysis.Quantity) string {
			switch {
			case q.BaseValue == nil:
				return ""
			case q.ValueHi != nil && q.Value != 0:
				return float(*q.BaseValue) + ".." + float(*q.ValueHi**q.BaseValue/q.Value)
			}
			return float(*q.BaseValue)
		})},
		{"base_units", "units", "The base units", "Les unités de base", quantities(func(q analysis.Quantity) string { return q.BaseUnit })},
		{"of_what", "list", "What each number is of", "De quoi sont ces nombres", quantities(ofWhat)},
		{"attribution", "text", "Source that the post names", "Source que le post nomme", func(_ *export, c claimRow) string { return attribution(c.Claim) }},
		{"attribution_url", "text", "Its link or profile", "Son lien ou profil", func(_ *export, c claimRow) string { return attributionURL(c.Claim) }},
		{"when", "list", "Times that the claim speaks of", "Moments dont parle l'affirmation", func(_ *export, c claimRow) string {
			var list []string
			for _, w := range c.Passage.Claim.When {
				list = append(list, w.Raw)
			}
			return join(list)
		}},
		{"status", "word", "new, reviewed or dismissed", "new (nouvelle), reviewed (vérifiée) ou dismissed (écartée)", func(_ *export, c claimRow) string { return string(standing(c.Claim)) }},
		{"verdict", "word", "supported, refuted, mixed, misleading, outdated or unverifiable", "supported (confirmé), refuted (faux), mixed (en partie vrai), misleading (trompeur), outdated (périmé) ou unverifiable (invérifiable)", func(_ *export, c claimRow) string { return string(c.review.Verdict) }},
		{"dismissal", "word", "not-a-claim, off-topic or duplicate-of=ID", "not-a-claim (pas une affirmation), off-topic (hors sujet) ou duplicate-of=ID (doublon)", func(_ *export, c claimRow) string { return dismissal(c.review) }},
		{"reviewed_by", "text", "Who decided; not in public forms", "Qui a décidé\u00a0; absent des versions publiques", func(x *export, c claimRow) string {
			if x.Public || c.review.Status == "" {
				return ""
			}
			return c.Review.By
		}},
		{"reviewed_at", "time", "When, UTC", "Quand, UTC", func(_ *export, c claimRow) string {
			if c.review.Status == "" {
				return ""
			}
			return utc(c.Review.At)
		}},
		{"claim_restated", "text", "The claim in the reviewer's words", "L'affirmation dans les mots du vérificateur", func(_ *export, c claimRow) string { return c.review.Restated }},
		{"summary", "text", "The finding, for the public", "La conclusion, pour le public", func(_ *export, c claimRow) string { return c.review.Summary }},
		{"sources", "list", "What the reviewer relied on", "Les sources du vérificateur", func(_ *export, c claimRow) string { return join(sourceURLs(c.review)) }},
		{"published_url", "text", "The published fact-check", "La vérification publiée", func(_ *export, c claimRow) string { return c.review.PublishedURL }},
		{"agree", "number", "People who agree with the review", "Personnes d'accord avec la décision", func(_ *export, c claimRow) string { return strconv.Itoa(c.Review.Agree) }},
		{"disagree", "number", "People who disagree", "Personnes en désaccord", func(_ *export, c claimRow) string { return strconv.Itoa(c.Review.Disagree) }},
		{"others_found", "list", "What people found who disagree by a review of their own", "Ce qu'ont trouvé celles et ceux qui ont jugé autrement", func(x *export, c claimRow) string { return join(othersFound(x, c.Claim)) }},
		{"judged_on_earlier_version", "word", "true if the review judged other words than these", "true si la décision portait sur un autre texte", func(_ *export, c claimRow) string { return strconv.FormatBool(c.Outdated) }},
		{"post_status", "word", "live or deleted", "live ou deleted (supprimé)", func(_ *export, c claimRow) string { return string(c.Claim.Status) }},
		{"analysis", "word", "Version of the analysis and of the topics that the row comes from", "Version de l'analyse et des thèmes dont vient la ligne", func(_ *export, c claimRow) string { return c.author.analysis() }},
		{"bounds", "list", "Of each number: min (at least), max (at most) or about", "De chaque nombre\u00a0: min (au moins), max (au plus) ou about (environ)", quantities(func(q analysis.Quantity) string {
			if q.Bound == "" && q.Approx {
				return "about"
			}
			return string(q.Bound)
		})},
		keyTime(claimRow.dates),
		utcOffset(claimRow.dates),
	}
}

// reviewColumns are the table that people fill in and give back to claims review --from,
// headed in their language.
func reviewColumns(w *words) []column[claimRow] {
	empty := func(*export, claimRow) string { return "" }
	byName := map[string]column[claimRow]{}
	for _, c := range claimColumns() {
		byName[c.name] = c
	}
	as := func(name, from string) column[claimRow] {
		c := byName[from]
		c.name = name
		return c
	}
	list := []column[claimRow]{
		as("claim_id", "id"),
		{"link", "text", "Where the thread can be read", "Où lire le fil", func(_ *export, c claimRow) string {
			if c.Thread != "" {
				return atproto.WebURL(c.Thread)
			}
			return atproto.WebURL(c.Post)
		}},
		as("post_link", "url"),
		{"date", "text", "When the post was written, with the zone", "Quand le post a été écrit, avec le fuseau", func(x *export, c claimRow) string {
			return x.words.posted(c.Dates, x.Zone, term.Moment)
		}},
		as("author", "user_screen_name"),
		{"post_status", "word", "live or deleted", "en ligne ou supprimé", postStatus},
		as("words", "text"),
		{"topics", "list", "Topics", "Thèmes", func(x *export, c claimRow) string { return join(x.topicLabels(c.Passage)) }},
		numberForPeople(byName["quantities"]), ofWhatForPeople(byName["of_what"]), as("source_named", "attribution"), as("source_link", "attribution_url"),
		{"current", "text", "How the claim stands now", "Où en est l'affirmation", current},
		{"verdict", "word", "To fill in: supported, refuted, mixed, misleading, outdated or unverifiable", "À remplir\u00a0: un des verdicts de valeurs possibles", empty},
		{"may_be", "text", "What verdict and dismiss may be", "Ce que verdict et écarter peuvent être", func(x *export, _ claimRow) string { return x.words.mayBe() }},
		{"dismiss", "word", "Or: not-a-claim, off-topic or duplicate-of=ID", "Ou\u00a0: n'est pas une affirmation, hors sujet ou doublon=ID", empty},
		{"summary", "text", "To fill in: the finding, for the public", "À remplir\u00a0: la conclusion, pour le public", empty},
		{"note", "text", "To fill in: private note", "À remplir\u00a0: note privée", empty},
		{"sources", "list", "To fill in: web addresses, separated by spaces or bars", "À remplir\u00a0: adresses web, séparées par des espaces ou des barres", empty},
		as("analysis", "analysis"),
	}
	for i, c := range list {
		list[i].name = cmp.Or(w.headings[c.name], c.name)
	}
	return list
}

func postStatus(x *export, c claimRow) string {
	switch c.Claim.Status {
	case store.Live:
		return x.words.liveNow
	case store.Gone:
		return x.words.deletedNow
	}
	return string(c.Claim.Status)
}

// current is how a claim stands: the verdict, what others found, and whether it is one on
// these words.
func current(x *export, c claimRow) string {
	s := cmp.Or(x.words.found(c.review), x.words.statuses[standing(c.Claim)])
	if c.Review.Disagree > 0 {
		s += ", " + x.disagree(c.Claim)
	}
	if c.Outdated {
		s += ", " + x.words.earlierJudged
	}
	return s
}

// mayBe names what can be filled in.
func (w *words) mayBe() string {
	var list []string
	for _, v := range analysis.Verdicts() {
		list = append(list, w.verdictLabel(v.Verdict))
	}
	return strings.Join(list, ", ") + " | " + w.dismiss
}

func topicSlugs(p analysis.Passage) []string {
	var list []string
	for _, t := range p.Topics {
		list = append(list, t.Topic)
	}
	return list
}

func ofWhat(q analysis.Quantity) string {
	if q.Of == nil {
		return ""
	}
	return q.Of.Text
}

// ofWhatForPeople shows a dash for a number of which that is not known, where it is of others.
// numberForPeople has the bound and the rate of a number beside it, in words.
func numberForPeople(c column[claimRow]) column[claimRow] {
	c.name, c.value = "number", func(x *export, row claimRow) string {
		var list []string
		for _, q := range row.Quantities {
			q.Of = nil // a column of its own
			list = append(list, x.words.quantity(q))
		}
		return join(list)
	}
	return c
}

func ofWhatForPeople(c column[claimRow]) column[claimRow] {
	c.value = func(_ *export, row claimRow) string {
		var list []string
		known := false
		for _, q := range row.Quantities {
			list = append(list, cmp.Or(ofWhat(q), "–"))
			known = known || q.Of != nil
		}
		if !known {
			return ""
		}
		return join(list)
	}
	return c
}

func attribution(c store.Claim) string {
	if a := c.Passage.Claim.Attribution; a != nil {
		return a.Text
	}
	return ""
}

func attributionURL(c store.Claim) string {
	a := c.Passage.Claim.Attribution
	switch {
	case a == nil:
	case a.URL != nil:
		return *a.URL
	case a.DID != nil:
		return "https://bsky.app/profile/" + *a.DID
	}
	return ""
}

// standing is the status of a claim's review; none is new.
func standing(c store.Claim) analysis.Status {
	if c.Review.Status == "" {
		return analysis.New
	}
	return c.Review.Status
}

func dismissal(r analysis.Review) string {
	if r.DuplicateOf != "" {
		return string(r.Dismissal) + "=" + r.DuplicateOf
	}
	return string(r.Dismissal)
}

func othersFound(x *export, c store.Claim) []string {
	var list []string
	for _, f := range c.Review.Others {
		s := cmp.Or(string(f.Verdict), string(f.Dismissal))
		if !x.Public {
			s += " (" + f.By + ")"
		}
		list = append(list, s)
	}
	return list
}

func sourceURLs(r analysis.Review) []string {
	var list []string
	for _, s := range r.Sources {
		list = append(list, s.URL)
	}
	return list
}
