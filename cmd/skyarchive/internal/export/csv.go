package export

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// A column of a table, with what the codebook says of it.
type column[T any] struct {
	name   string
	kind   string // text, number, time, id, list, word
	en, fr string
	value  func(x *export, row T) string
}

// A postRow is what the table of posts shows of a post.
type postRow struct {
	store.Post
	author *Account
	place  place
	found  read
}

// A place is where a post stands in its thread.
type place struct {
	root   syntax.ATURI
	at, of int // counted from 1; 0 in a branch or a gap
	number string
}

// read is what was read in a post.
type read struct {
	claims []string
	topics []string
}

func postColumns() []column[postRow] {
	return []column[postRow]{
		{"id", "id", "Record key of the post", "Clé du post", func(_ *export, p postRow) string { return atproto.KeyOf(p.URI) }},
		{"uri", "id", "AT URI of the post", "URI AT du post", func(_ *export, p postRow) string { return string(p.URI) }},
		{"cid", "id", "Hash of the record as signed", "Empreinte de l'enregistrement signé", func(_ *export, p postRow) string { return p.CID }},
		{"url", "text", "Web address, by DID", "Adresse web, par DID", func(_ *export, p postRow) string { return atproto.WebURL(p.URI) }},
		{"timestamp_utc", "number", "Seconds since 1970 of the date that the author's app claimed; the record key's where there is none", "Secondes depuis 1970 de la date déclarée par l'application de l'auteur, à défaut celle de la clé", func(_ *export, p postRow) string {
			if t := claimedTime(p.Post); !t.IsZero() {
				return strconv.FormatInt(t.Unix(), 10)
			}
			return ""
		}},
		{"local_time", "time", "The same date in the time zone of the export", "La même date dans le fuseau de l'export", func(x *export, p postRow) string { return x.local(claimedTime(p.Post)) }},
		{"created_at", "text", "createdAt as written in the record", "createdAt tel qu'écrit dans l'enregistrement", func(_ *export, p postRow) string { return p.CreatedAt }},
		{"key_time", "time", "Time in the record key, UTC", "Heure contenue dans la clé, UTC", func(_ *export, p postRow) string {
			t, _ := atproto.TIDTime(atproto.KeyOf(p.URI))
			return utc(t)
		}},
		{"user_id", "id", "DID of the author", "DID de l'auteur", func(_ *export, p postRow) string { return string(p.Author()) }},
		{"user_screen_name", "text", "Handle of the author now", "Pseudo actuel de l'auteur", func(_ *export, p postRow) string { return p.author.handle() }},
		{"user_name", "text", "Name in the author's archived profile", "Nom dans le profil archivé", func(_ *export, p postRow) string { return p.author.display() }},
		{"text", "text", "The words as posted", "Le texte publié", func(_ *export, p postRow) string { return p.Text }},
		{"lang", "word", "Language as analysed", "Langue d'après l'analyse", func(_ *export, p postRow) string { return p.Lang }},
		{"langs", "list", "Languages that the author declared", "Langues déclarées par l'auteur", func(_ *export, p postRow) string { return join(p.Langs) }},
		{"to_userid", "id", "DID of the author that the post answers", "DID de l'auteur auquel le post répond", func(_ *export, p postRow) string { return atproto.AuthorOf(parentOf(p.Post.Post)) }},
		{"to_tweetid", "id", "AT URI of the post that it answers", "URI AT du post auquel il répond", func(_ *export, p postRow) string { return string(parentOf(p.Post.Post)) }},
		{"quoted_id", "id", "AT URI of what it quotes", "URI AT de ce qu'il cite", func(_ *export, p postRow) string { return string(p.Embed.Quote.URI) }},
		{"quoted_user_id", "id", "DID of the author that it quotes", "DID de l'auteur qu'il cite", func(_ *export, p postRow) string { return atproto.AuthorOf(p.Embed.Quote.URI) }},
		{"links", "list", "Web addresses that it links to", "Adresses web liées", func(_ *export, p postRow) string { return join(linksOf(p.Post.Post)) }},
		{"domains", "list", "Hosts of the links", "Domaines des liens", func(_ *export, p postRow) string { return join(hosts(linksOf(p.Post.Post))) }},
		{"hashtags", "list", "Hashtags, in lower case", "Mots-dièse, en minuscules", func(_ *export, p postRow) string { return join(hashtags(p.Post.Post)) }},
		{"mentioned_ids", "list", "DIDs of mentioned accounts", "DID des comptes mentionnés", func(_ *export, p postRow) string { return join(facetValues(p.Post.Post, atproto.FacetMention)) }},
		{"media_types", "list", "photo or video", "photo ou vidéo", func(_ *export, p postRow) string {
			types, _ := mediaOf(p.Post.Post)
			return join(types)
		}},
		{"media_alt_texts", "list", "Descriptions of the media", "Descriptions des médias", func(_ *export, p postRow) string {
			_, alts := mediaOf(p.Post.Post)
			return join(alts)
		}},
		{"thread", "id", "AT URI of the thread's first post, empty outside threads", "URI AT du premier post du fil, vide hors des fils", func(_ *export, p postRow) string { return string(p.place.root) }},
		{"thread_position", "number", "Place in the thread, from 1; empty in a branch", "Rang dans le fil, à partir de 1 ; vide dans une branche", func(_ *export, p postRow) string { return positive(p.place.at) }},
		{"thread_length", "number", "Posts of the thread", "Posts du fil", func(_ *export, p postRow) string { return positive(p.place.of) }},
		{"thread_number", "text", "What the post says of its own place", "Ce que le post dit de son propre rang", func(_ *export, p postRow) string { return p.place.number }},
		{"claims", "list", "Ids of the claims worth checking", "Identifiants des affirmations à vérifier", func(_ *export, p postRow) string { return join(p.found.claims) }},
		{"topics", "list", "Topics of those claims", "Thèmes de ces affirmations", func(_ *export, p postRow) string { return join(p.found.topics) }},
		{"status", "word", "live, deleted, or missing: its bytes were never to be had", "live, deleted (supprimé) ou missing (octets jamais obtenus)", func(_ *export, p postRow) string { return string(p.Status) }},
		{"first_seen", "time", "When the archive first saw the post, UTC", "Première vue par l'archive, UTC", func(_ *export, p postRow) string { return utc(p.FirstSeen) }},
		{"gone_found", "time", "When the archive first found it gone, UTC", "Première absence constatée, UTC", func(_ *export, p postRow) string { return utc(p.GoneFound) }},
		{"earlier_versions", "number", "How many earlier versions are archived", "Nombre de versions antérieures archivées", func(_ *export, p postRow) string { return strconv.Itoa(p.Edited) }},
		{"signature", "word", "valid, unchecked or invalid", "valid, unchecked (non contrôlée) ou invalid", func(_ *export, p postRow) string { return string(p.Signature) }},
	}
}

// A claimRow is what the tables of claims show of a claim.
type claimRow struct {
	store.Claim
	author *Account
	review analysis.Review
}

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
		{"timestamp_utc", "number", "Seconds since 1970 of the post's record key, else of its claimed date", "Secondes depuis 1970 de la clé du post, à défaut de sa date déclarée", func(_ *export, c claimRow) string {
			if c.Age.IsZero() {
				return ""
			}
			return strconv.FormatInt(c.Age.Unix(), 10)
		}},
		{"local_time", "time", "The same date in the time zone of the export", "La même date dans le fuseau de l'export", func(x *export, c claimRow) string { return x.local(c.Age) }},
		{"user_id", "id", "DID of the author", "DID de l'auteur", func(_ *export, c claimRow) string { return string(c.Author.DID) }},
		{"user_screen_name", "text", "Handle of the author now", "Pseudo actuel de l'auteur", func(_ *export, c claimRow) string { return c.author.handle() }},
		{"topics", "list", "Topics", "Thèmes", func(_ *export, c claimRow) string { return join(topicSlugs(c.Passage)) }},
		{"kind", "word", "Kind of assertion", "Type d'affirmation", func(_ *export, c claimRow) string { return string(c.Passage.Claim.Kind) }},
		{"stance", "word", "asserts, reports, denies or asks", "asserts (affirme), reports (rapporte), denies (conteste) ou asks (demande)", func(_ *export, c claimRow) string { return string(c.Passage.Claim.Stance) }},
		{"score", "number", "How much it looks worth checking, 0 to 1", "À quel point elle semble à vérifier, de 0 à 1", func(_ *export, c claimRow) string { return float(c.Passage.Claim.Score) }},
		{"why", "list", "The features that made the score", "Les traits qui font le score", func(_ *export, c claimRow) string { return join(c.Passage.Claim.Why) }},
		{"quantities", "list", "Numbers as written", "Nombres tels qu'écrits", quantities(func(q analysis.Quantity) string { return q.Raw })},
		{"values", "list", "Their values; a range as a..b", "Leurs valeurs ; un intervalle comme a..b", quantities(func(q analysis.Quantity) string {
			if q.ValueHi != nil {
				return float(q.Value) + ".." + float(*q.ValueHi)
			}
			return float(q.Value)
		})},
		{"units", "list", "Their units", "Leurs unités", quantities(func(q analysis.Quantity) string { return q.Unit })},
		{"per", "list", "Rates: day, year ...", "Par : day (jour), year (an)...", quantities(func(q analysis.Quantity) string { return q.Per })},
		{"base_values", "list", "The values in base units", "Les valeurs en unités de base", quantities(func(q analysis.Quantity) string {
			if q.BaseValue == nil {
				return ""
			}
			return float(*q.BaseValue)
		})},
		{"base_units", "list", "The base units", "Les unités de base", quantities(func(q analysis.Quantity) string { return q.BaseUnit })},
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
		{"reviewed_by", "text", "Who decided; not in public forms", "Qui a décidé ; absent des versions publiques", func(x *export, c claimRow) string {
			if x.Public {
				return ""
			}
			return c.Review.By
		}},
		{"reviewed_at", "time", "When, UTC", "Quand, UTC", func(_ *export, c claimRow) string { return utc(c.Review.At) }},
		{"claim_restated", "text", "The claim in the reviewer's words", "L'affirmation dans les mots du vérificateur", func(_ *export, c claimRow) string { return c.review.Restated }},
		{"summary", "text", "The finding, for the public", "La conclusion, pour le public", func(_ *export, c claimRow) string { return c.review.Summary }},
		{"sources", "list", "What the reviewer relied on", "Les sources du vérificateur", func(_ *export, c claimRow) string { return join(sourceURLs(c.review)) }},
		{"published_url", "text", "The published fact-check", "La vérification publiée", func(_ *export, c claimRow) string { return c.review.PublishedURL }},
		{"agree", "number", "People who agree with the review", "Personnes d'accord avec la décision", func(_ *export, c claimRow) string { return strconv.Itoa(c.Review.Agree) }},
		{"disagree", "number", "People who disagree", "Personnes en désaccord", func(_ *export, c claimRow) string { return strconv.Itoa(c.Review.Disagree) }},
		{"judged_on_earlier_version", "word", "true if the review judged other words than these", "true si la décision portait sur un autre texte", func(_ *export, c claimRow) string { return strconv.FormatBool(c.Outdated) }},
		{"post_status", "word", "live or deleted", "live ou deleted (supprimé)", func(_ *export, c claimRow) string { return string(c.Claim.Status) }},
	}
}

// reviewColumns are the table that people fill in and give back to claims review --from.
func reviewColumns() []column[claimRow] {
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
	return []column[claimRow]{
		as("claim_id", "id"),
		{"link", "text", "Where the thread can be read", "Où lire le fil", func(_ *export, c claimRow) string {
			if c.Thread != "" {
				return atproto.WebURL(c.Thread)
			}
			return atproto.WebURL(c.Post)
		}},
		as("post_link", "url"), as("date", "local_time"), as("author", "user_screen_name"), as("words", "text"), as("topics", "topics"),
		as("number", "quantities"), as("of_what", "of_what"), as("source_named", "attribution"), as("source_link", "attribution_url"),
		{"current", "word", "How the claim stands now", "Où en est l'affirmation", func(_ *export, c claimRow) string {
			if c.review.Verdict != "" {
				return string(c.review.Verdict)
			}
			if d := dismissal(c.review); d != "" {
				return d
			}
			return string(standing(c.Claim))
		}},
		{"verdict", "word", "To fill in: supported, refuted, mixed, misleading, outdated or unverifiable", "À remplir : supported, refuted, mixed, misleading, outdated ou unverifiable, ou leur nom français", empty},
		{"dismiss", "word", "Or: not-a-claim, off-topic or duplicate-of=ID", "Ou : not-a-claim, off-topic ou duplicate-of=ID", empty},
		{"summary", "text", "To fill in: the finding, for the public", "À remplir : la conclusion, pour le public", empty},
		{"note", "text", "To fill in: private note", "À remplir : note privée", empty},
		{"sources", "list", "To fill in: web addresses, separated by spaces or bars", "À remplir : adresses web, séparées par des espaces ou des barres", empty},
	}
}

// writeCSV writes a table of posts or of claims; into a folder, both with their codebook.
func writeCSV(ctx context.Context, x *export) error {
	if err := x.source.loadAccounts(ctx); err != nil {
		return err
	}
	if !x.inFolder() {
		switch {
		case x.ForReview:
			return writeClaimTable(ctx, x, "", reviewColumns())
		case x.Claims:
			return writeClaimTable(ctx, x, "", claimColumns())
		}
		return writePostTable(ctx, x, "")
	}
	if err := writePostTable(ctx, x, "posts.csv"); err != nil {
		return err
	}
	if err := writeClaimTable(ctx, x, "claims.csv", claimColumns()); err != nil {
		return err
	}
	if x.ForReview {
		claims := x.summary.Claims
		if err := writeClaimTable(ctx, x, "review.csv", reviewColumns()); err != nil {
			return err
		}
		x.summary.Claims = claims
	}
	if err := x.writeCodebook(); err != nil {
		return err
	}
	return x.writeAbout(ctx)
}

// writeTable writes rows as they come.
func writeTable[T any](x *export, name string, columns []column[T], rows func(yield func(T) error) error) error {
	w, err := x.target.create(name)
	if err != nil {
		return err
	}
	t := newTable(w, x.BOM)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.name
	}
	if err := t.row(cells); err != nil {
		return err
	}
	err = rows(func(row T) error {
		for i, c := range columns {
			cells[i] = strings.ToValidUTF8(c.value(x, row), "\ufffd")
			if c.kind != "number" {
				cells[i] = Guard(cells[i])
			}
		}
		return t.row(cells)
	})
	if err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		return err
	}
	return w.Close()
}

func writePostTable(ctx context.Context, x *export, name string) error {
	places, err := x.source.places(ctx)
	if err != nil {
		return err
	}
	found := map[syntax.ATURI]read{}
	for c, err := range x.source.claims(ctx, false) {
		if err != nil {
			return err
		}
		r := found[c.Post]
		r.claims, r.topics = append(r.claims, c.Passage.Claim.ID), appendNew(r.topics, topicSlugs(c.Passage)...)
		found[c.Post] = r
	}
	return writeTable(x, name, postColumns(), func(yield func(postRow) error) error {
		for p, err := range x.source.posts(ctx) {
			if err != nil {
				return err
			}
			if err := yield(postRow{p, x.source.accounts[p.Author()], places[p.URI], found[p.URI]}); err != nil {
				return err
			}
		}
		return nil
	})
}

func writeClaimTable(ctx context.Context, x *export, name string, columns []column[claimRow]) error {
	return writeTable(x, name, columns, func(yield func(claimRow) error) error {
		for c, err := range x.source.claims(ctx, true) {
			if err != nil {
				return err
			}
			review, _ := lastReview(c)
			if err := yield(claimRow{c, x.source.accounts[c.Author.DID], review}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *Account) handle() string {
	if a == nil {
		return ""
	}
	return string(a.Handle)
}

func (a *Account) display() string {
	if a == nil {
		return ""
	}
	return a.DisplayName
}

// claimedTime is the date that the author's app claimed, else the one in the record key.
func claimedTime(p store.Post) time.Time {
	if t, ok := p.Created(); ok {
		return t
	}
	return p.Age()
}

func (x *export) local(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(x.Zone).Format("2006-01-02T15:04:05")
}

func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func float(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

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

func sourceURLs(r analysis.Review) []string {
	var list []string
	for _, s := range r.Sources {
		list = append(list, s.URL)
	}
	return list
}

// linksOf are the addresses of a post's links and card, each once.
func linksOf(p atproto.Post) []string {
	list := appendNew(nil, facetValues(p, atproto.FacetLink)...)
	if p.Embed.Card != nil && p.Embed.Card.URL != "" {
		list = appendNew(list, p.Embed.Card.URL)
	}
	return list
}

func hosts(links []string) []string {
	var list []string
	for _, link := range links {
		if u, err := url.Parse(link); err == nil && u.Host != "" {
			list = appendNew(list, strings.ToLower(u.Hostname()))
		}
	}
	return list
}

func hashtags(p atproto.Post) []string {
	var list []string
	for _, tag := range append(facetValues(p, atproto.FacetTag), p.Tags...) {
		list = appendNew(list, strings.ToLower(strings.TrimPrefix(tag, "#")))
	}
	return list
}

func facetValues(p atproto.Post, kind atproto.FacetKind) []string {
	var list []string
	for _, f := range p.Facets {
		if f.Kind == kind {
			list = append(list, f.Value)
		}
	}
	return list
}

func mediaOf(p atproto.Post) (types, alts []string) {
	for _, img := range p.Embed.Images {
		types, alts = append(types, "photo"), append(alts, img.Alt)
	}
	if v := p.Embed.Video; v != nil {
		types, alts = append(types, "video"), append(alts, v.Alt)
	}
	return types, alts
}

func appendNew(list []string, values ...string) []string {
	for _, v := range values {
		known := false
		for _, have := range list {
			known = known || have == v
		}
		if !known {
			list = append(list, v)
		}
	}
	return list
}
