package export

import (
	"strconv"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// A postRow is what the table of posts shows of a post.
type postRow struct {
	store.Post
	author *Account
	place  place
	found  read
}

// Dates are the times of the post.
func (p postRow) Dates() atproto.Dates { return p.Post.Dates() }

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
		timestamp(postRow.Dates),
		localTime(postRow.Dates),
		{"created_at", "text", "createdAt as written in the record", "createdAt tel qu'écrit dans l'enregistrement", func(_ *export, p postRow) string { return p.CreatedAt }},
		keyTime(postRow.Dates),
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
		{"thread_position", "number", "Place in the thread, from 1; empty in a branch, and of a deleted post", "Rang dans le fil, à partir de 1\u00a0; vide dans une branche, et pour un post supprimé", func(_ *export, p postRow) string { return positive(p.place.at) }},
		{"thread_length", "number", "Posts of the thread", "Posts du fil", func(_ *export, p postRow) string { return positive(p.place.of) }},
		{"thread_number", "text", "What the post says of its own place; of a deleted post, the part that is missing there", "Ce que le post dit de son propre rang\u00a0; pour un post supprimé, la partie qui manque là", func(_ *export, p postRow) string { return p.place.number }},
		{"claims", "list", "Ids of the claims worth checking", "Identifiants des affirmations à vérifier", func(_ *export, p postRow) string { return join(p.found.claims) }},
		{"topics", "list", "Topics of those claims", "Thèmes de ces affirmations", func(_ *export, p postRow) string { return join(p.found.topics) }},
		{"status", "word", "live, deleted, missing (its bytes were never to be had) or unreadable (its bytes are no post)", "live, deleted (supprimé), missing (octets jamais obtenus) ou unreadable (octets illisibles comme post)", func(_ *export, p postRow) string { return string(p.Status) }},
		{"first_seen", "time", "When the archive first saw the post, UTC; where only another archive did, what that one tells", "Première vue par l'archive, UTC\u00a0; si seule une autre archive l'a vu, ce que dit celle-ci", func(_ *export, p postRow) string { return utc(p.FirstSeen) }},
		{"gone_found", "time", "When the archive first found it gone, UTC; where only another archive did, what that one tells", "Première absence constatée, UTC\u00a0; si seule une autre archive l'a constatée, ce que dit celle-ci", func(_ *export, p postRow) string { return utc(p.GoneFound) }},
		{"earlier_versions", "number", "How many earlier versions are archived", "Nombre de versions antérieures archivées", func(_ *export, p postRow) string { return strconv.Itoa(p.Edited) }},
		{"signature", "word", "valid, unchecked or invalid", "valid, unchecked (non contrôlée) ou invalid", func(_ *export, p postRow) string { return string(p.Signature) }},
		{"analysis", "word", "Version of the analysis and of the topics that claims and topics come from", "Version de l'analyse et des thèmes dont viennent affirmations et thèmes", func(_ *export, p postRow) string { return p.author.analysis() }},
		{"first_seen_told", "word", "true where first_seen is what another archive tells", "true si first_seen est ce que dit une autre archive", func(_ *export, p postRow) string { return onlyTrue(p.FirstTold) }},
		{"gone_found_told", "word", "true where gone_found is what another archive tells", "true si gone_found est ce que dit une autre archive", func(_ *export, p postRow) string { return onlyTrue(p.GoneTold) }},
		utcOffset(postRow.Dates),
	}
}
