package proof

import (
	"fmt"

	"skyarchive/atproto"
)

// howToCheck says how to check the folder, with this program and without.
func howToCheck(s Statement) string {
	cle, key := "aucune clé du compte n'est connue : la signature n'a pas été vérifiée.", "no key of the account is known: the signature was not checked."
	if s.Key != "" {
		cle = fmt.Sprintf("la signature se vérifie avec la clé\n   %s\n   %s.", s.Key, "nommée dans did.json")
		key = fmt.Sprintf("the signature holds with the key\n   %s\n   %s.", s.Key, "named in did.json")
	}
	if s.Operation != "" {
		cle = fmt.Sprintf("la signature se vérifie avec la clé\n   %s\n   nommée par l'opération %s\n   de plc-log.json. Chaque opération y est signée ; l'empreinte de la première donne le\n   DID : %s.", s.Key, s.Operation, s.DID)
		key = fmt.Sprintf("the signature holds with the key\n   %s\n   named by the operation %s\n   of plc-log.json. Each operation is signed; the hash of the first one gives the\n   DID: %s.", s.Key, s.Operation, s.DID)
	}
	return fmt.Sprintf(`COMMENT VÉRIFIER
1. L'intégrité des fichiers :   sha256sum -c SHA256SUMS
2. La preuve, sans réseau :     skyarchive verify CE-DOSSIER
3. Sans ce programme : post.car est un fichier CAR (version 1) de la forme que donne
   com.atproto.sync.getRecord. Il contient l'état signé (commit
   %[1]s),
   les nœuds de l'arbre (MST) jusqu'à « %[2]s »,
   et l'enregistrement. Tout outil AT Protocol peut le lire : chaque bloc correspond à son
   empreinte SHA-256, l'arbre mène à la racine signée, %[3]s
4. Un post supprimé a aussi gone.car : un état signé plus récent, et les nœuds de l'arbre
   qui montrent que rien ne s'y trouve plus à cette adresse.

HOW TO CHECK
1. That the files are intact:   sha256sum -c SHA256SUMS
2. The proof, offline:          skyarchive verify THIS-FOLDER
3. Without this program: post.car is a CAR file (version 1) in the form of
   com.atproto.sync.getRecord. It holds the signed state (commit
   %[1]s),
   the nodes of the tree (MST) down to "%[2]s",
   and the record. Any AT Protocol tool reads it: each block matches its SHA-256 hash, the
   tree leads to the signed root, %[4]s
4. A deleted post has gone.car too: a later signed state, and the nodes of the tree that
   show that nothing stands at this address any more.
`, s.Commit, atproto.PathOf(s.URI), cle, key)
}
