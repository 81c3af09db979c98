package proof

import (
	"bytes"
	"fmt"
	"html/template"
	"time"

	"skyarchive/atproto"
)

// page is the statement for people, in French and in English.
func page(s Statement) ([]byte, error) {
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, struct {
		Statement
		Web string
	}{s, atproto.WebURL(s.URI)})
	return b.Bytes(), err
}

func date(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"date": date,
	"at": func(t *time.Time) string {
		if t == nil {
			return "—"
		}
		return date(*t)
	},
}).Parse(`<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Preuve d'archive · Archive proof · {{.Handle}}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff; }
blockquote { margin: 1rem 0; padding: .8rem 1rem; border-left: .3rem solid #555; background: #f4f4f4; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }
th { width: 38%; font-weight: 600; }
code { font-size: .85em; }
section { margin-bottom: 3rem; }
</style>
</head>
<body>
<main>
<section lang="fr">
<h1>Ce post figurait, mot pour mot, dans le dépôt signé du compte</h1>
<p>Compte : <strong>{{.Handle}}</strong> (<code>{{.DID}}</code>). Le nom peut changer, l'identifiant DID reste.</p>
<blockquote>{{.Text}}</blockquote>
<table>
<tr><th scope="row">Date déclarée par l'application de l'auteur</th><td>{{or .Claimed "—"}}</td></tr>
<tr><th scope="row">Date inscrite dans la clé de l'enregistrement</th><td>{{at .KeyTime}}</td></tr>
<tr><th scope="row">Date de l'état signé (révision)</th><td>{{at .RevTime}}</td></tr>
<tr><th scope="row">Vu par nous pour la première fois</th><td>{{date .FirstSeen}} ({{.SeenFrom}})</td></tr>
{{with .Gone}}<tr><th scope="row">{{if $.Edited}}Modifié ensuite : autre version constatée{{else}}Constaté supprimé{{end}}</th><td>{{date .Found}}</td></tr>{{end}}
<tr><th scope="row">Adresse</th><td><code>{{.URI}}</code><br><code>{{.Web}}</code></td></tr>
<tr><th scope="row">Empreinte du post (CID)</th><td><code>{{.CID}}</code></td></tr>
<tr><th scope="row">État signé</th><td><code>{{.Commit}}</code>, révision <code>{{.Rev}}</code></td></tr>
<tr><th scope="row">Clé du compte</th><td><code>{{or .Key "inconnue : signature non vérifiée"}}</code></td></tr>
</table>
<h2>Ce que ces fichiers montrent</h2>
<p>Les octets de ce post se trouvaient dans un état du dépôt signé avec la clé du compte. N'importe qui peut le vérifier sans nous : voir HOW-TO-CHECK.txt.</p>
<h2>Ce qu'ils ne montrent pas</h2>
<ul>
<li>que ce que dit le post est vrai ;</li>
<li>quand il a été écrit : les dates sont des déclarations de l'auteur, de l'hébergeur et de l'annuaire ;</li>
<li>qui l'a tapé : la clé est d'ordinaire détenue par l'hébergeur ;</li>
<li>ce qui a pu apparaître et disparaître entre deux de nos relevés.</li>
</ul>
</section>
<section lang="en">
<h1>This post stood, word for word, in the account's signed repository</h1>
<p>Account: <strong>{{.Handle}}</strong> (<code>{{.DID}}</code>). The name may change, the DID stays.</p>
<table>
<tr><th scope="row">Date claimed by the author's app</th><td>{{or .Claimed "—"}}</td></tr>
<tr><th scope="row">Date in the record key</th><td>{{at .KeyTime}}</td></tr>
<tr><th scope="row">Date of the signed state (revision)</th><td>{{at .RevTime}}</td></tr>
<tr><th scope="row">First seen by us</th><td>{{date .FirstSeen}} ({{.SeenFrom}})</td></tr>
{{with .Gone}}<tr><th scope="row">{{if $.Edited}}Edited later: another version found{{else}}Found deleted{{end}}</th><td>{{date .Found}}</td></tr>{{end}}
</table>
<h2>What these files show</h2>
<p>The bytes of this post stood in a state of the repository that was signed with the account's key. Anybody can check it without us: see HOW-TO-CHECK.txt.</p>
<h2>What they do not show</h2>
<ul>
<li>that what the post says is true;</li>
<li>when it was written: dates are claims of the author, the host and the directory;</li>
<li>who typed it: the host usually holds the key;</li>
<li>what appeared and vanished between two of our visits.</li>
</ul>
</section>
</main>
</body>
</html>
`))

func howToCheck(s Statement) string {
	return fmt.Sprintf(`COMMENT VÉRIFIER
1. L'intégrité des fichiers :   sha256sum -c SHA256SUMS
2. La preuve, sans réseau :     skyarchive verify CE-DOSSIER
3. Sans ce programme : post.car est un fichier CAR (version 1) de la forme que donne
   com.atproto.sync.getRecord. Il contient l'état signé (commit %s),
   les nœuds de l'arbre (MST) jusqu'à « %s », et l'enregistrement.
   Tout outil AT Protocol peut le lire : chaque bloc correspond à son empreinte SHA-256,
   l'arbre mène à la racine signée, la signature se vérifie avec la clé
   %s
   qui figure dans did.json et dans les opérations signées de plc-log.json (la première
   opération donne le DID : %s).

HOW TO CHECK
1. That the files are intact:   sha256sum -c SHA256SUMS
2. The proof, offline:          skyarchive verify THIS-FOLDER
3. Without this program: post.car is a CAR file (version 1) in the form of
   com.atproto.sync.getRecord. It holds the signed state (commit %s),
   the nodes of the tree (MST) down to "%s", and the record.
   Any AT Protocol tool reads it: each block matches its SHA-256 hash, the tree leads to
   the signed root, and the signature holds with the key
   %s
   named in did.json and in the signed operations of plc-log.json (the first operation
   gives the DID: %s).
`, s.Commit, atproto.PathOf(s.URI), s.Key, s.DID, s.Commit, atproto.PathOf(s.URI), s.Key, s.DID)
}
