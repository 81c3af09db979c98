package export

// A fieldNote is a line of the codebook.
type fieldNote struct{ file, name, kind, en, fr string }

func describe[T any](file string, columns []column[T]) []fieldNote {
	var list []fieldNote
	for _, c := range columns {
		list = append(list, fieldNote{file, c.name, c.kind, c.en, c.fr})
	}
	return list
}

// writeCodebook writes codebook.csv: what each column or field of the export means.
func (x *export) writeCodebook() error {
	w, err := x.target.create("codebook.csv")
	if err != nil {
		return err
	}
	t := newTable(w, &x.Options)
	if err := t.row([]string{"file", "field", "kind", "meaning"}); err != nil {
		return err
	}
	for _, n := range x.fieldNotes() {
		meaning := n.en
		if x.words.lang == "fr" {
			meaning = n.fr
		}
		if err := t.row([]string{n.file, n.name, n.kind, meaning}); err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	return w.Close()
}

func (x *export) fieldNotes() []fieldNote {
	var list []fieldNote
	switch x.format.Name {
	case "md":
		return noteFields
	case "csv":
		list = append(describe("posts.csv", postColumns()), describe("claims.csv", claimColumns())...)
		if x.ForReview {
			list = append(list, describe("review.csv", reviewColumns(x.words))...)
		}
		list = append(list, fieldNote{"*.csv", "'", "text", "A text that a spreadsheet would run as a formula has an apostrophe before it; take one away to have the text. Lists are separated by bars.", "Un texte qu'un tableur exécuterait comme formule est précédé d'une apostrophe\u00a0; en ôter une pour avoir le texte. Les listes sont séparées par des barres."})
	case "ndjson":
		return lineFields
	case "labelstudio":
		return taskFields
	}
	return list
}

var noteFields = []fieldNote{
	{"*.md", "title", "text", "First line of the thread", "Première ligne du fil"},
	{"*.md", "author", "text", "Name in the archived profile, else the handle", "Nom du profil archivé, à défaut le pseudo"},
	{"*.md", "handle", "text", "Handle now", "Pseudo actuel"},
	{"*.md", "handle_then", "text", "Handle at the time of the post, where it differs and is known", "Pseudo à l'époque du post, s'il diffère et est connu"},
	{"*.md", "did", "id", "The account's permanent identifier", "Identifiant permanent du compte"},
	{"*.md", "uri", "id", "AT URI of the first post", "URI AT du premier post"},
	{"*.md", "url", "text", "Its web address, by DID", "Son adresse web, par DID"},
	{"*.md", "date", "time", "Day of the first post as its author's app claimed it, else of its record key, in the time zone of the export; file names use the record key, in UTC", "Jour du premier post tel que l'application de l'auteur l'a déclaré, à défaut celui de sa clé, dans le fuseau de l'export\u00a0; les noms de fichiers suivent la clé, en UTC"},
	{"*.md", "posted", "time", "The same, to the second", "De même, à la seconde"},
	{"*.md", "record_key_time", "time", "Time in the record key, where it is another", "Heure contenue dans la clé, si c'est une autre"},
	{"*.md", "last_post", "time", "Time of the youngest post", "Heure du post le plus récent"},
	{"*.md", "signature", "word", "valid, unchecked or invalid: the least that holds for all posts", "valid, unchecked (non contrôlée) ou invalid\u00a0: le minimum vrai de tous les posts"},
	{"*.md", "tags", "list", "Topics", "Thèmes"},
	{"*.md", "posts", "number", "Posts of the main line that are still there", "Posts de la ligne principale encore présents"},
	{"*.md", "complete", "word", "true if nothing of the thread is known to be absent", "true si rien du fil n'est connu comme absent"},
	{"*.md", "missing", "list", "Numbers that no post carries, and of which no deleted post is known", "Numéros qu'aucun post ne porte et dont aucun post supprimé n'est connu"},
	{"*.md", "deleted", "list", "Numbers of the parts that their author deleted", "Numéros des parties que leur auteur a supprimées"},
	{"*.md", "split_off", "list", "Numbers of the parts that are not in the thread since a person split it", "Numéros des parties absentes du fil parce qu'une personne l'a scindé"},
	{"*.md", "claims", "number", "Claims worth checking", "Affirmations à vérifier"},
	{"*.md", "claims_new", "number", "Of these, not reviewed", "Dont non vérifiées"},
	{"*.md", "claims_reviewed", "number", "Of these, with a verdict", "Dont avec un verdict"},
	{"*.md", "claims_dismissed", "number", "Of these, dismissed", "Dont écartées"},
	{"*.md", "archived", "time", "When the archive first saw one of the posts", "Quand l'archive a vu un des posts pour la première fois"},
	{"*.md", "last_archived", "time", "When it first saw the last of them", "Quand elle a vu le dernier d'entre eux"},
	{"*.md", "account", "word", "Status of the account where it is not active", "État du compte s'il n'est pas actif"},
	{"*.md", "user_intents", "list", "What the account's user-intents record allows or disallows of reuse; nothing enforces it", "Ce que la déclaration user-intents du compte autorise ou refuse comme réutilisation\u00a0; rien ne l'impose"},
	{"*.md", "audience", "word", "private: everything; public: without what was deleted or is not for everybody", "private (privé)\u00a0: tout\u00a0; public\u00a0: sans ce qui a été supprimé ou n'est pas destiné à tous"},
}

var lineFields = []fieldNote{
	{"archive.ndjson", "about", "object", "First line: versions, selection, audience, whether it is whole", "Première ligne\u00a0: versions, sélection, audience, si tout y est"},
	{"archive.ndjson", "account", "object", "An account as the archive knows it now", "Un compte tel que l'archive le connaît"},
	{"archive.ndjson", "identity", "object", "An identity document as received, base64", "Un document d'identité tel que reçu, base64"},
	{"archive.ndjson", "plc_log", "object", "The directory's audit log as received, base64", "Le journal de l'annuaire tel que reçu, base64"},
	{"archive.ndjson", "state", "object", "A signed commit, base64, with the key that verified it and when it was seen", "Un commit signé, base64, avec la clé qui l'a vérifié et quand il a été vu"},
	{"archive.ndjson", "change", "object", "A path that a state changed and the CID that stands there; no cid: nothing does", "Un chemin modifié par un état et le CID qui s'y trouve\u00a0; sans cid\u00a0: rien"},
	{"archive.ndjson", "record", "object", "The bytes of a record as signed, base64", "Les octets d'un enregistrement signé, base64"},
	{"archive.ndjson", "thread", "object", "Derived: a thread", "Dérivé\u00a0: un fil"},
	{"archive.ndjson", "post", "object", "Derived: a post; its times may be what another archive tells", "Dérivé\u00a0: un post\u00a0; ses heures peuvent être celles que dit une autre archive"},
	{"archive.ndjson", "claim", "object", "Derived: a passage with its claim and review; checkworthy says whether it is worth checking, and only those that are count as claims", "Dérivé\u00a0: un passage avec son affirmation et sa vérification\u00a0; checkworthy dit si elle est à vérifier, et seules celles-là comptent comme affirmations"},
	{"archive.ndjson", "decision", "object", "What a person decided; private copies only", "Ce qu'une personne a décidé\u00a0; copies privées seulement"},
	{"archive.ndjson", "end", "object", "Last line: the counts; a file without it is cut", "Dernière ligne\u00a0: les nombres\u00a0; un fichier sans elle est tronqué"},
}
