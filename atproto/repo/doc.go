// Package repo reads, checks and rebuilds an account's repository from bytes, without
// network.
//
// A repository is a signed commit over a Merkle search tree whose leaves name records by
// their hash. Servers export it as a CAR file: blocks in any order, so that the commit
// may be the last one. [Open] therefore reads a file twice: once from start to end, to
// compare every block with its name and to note where it lies (16 bytes a block), and
// once along the tree. What is held in memory does not grow with the records' size, and the
// list of paths is held for small repositories only.
//
// # What may be believed
//
// A [Snapshot] exists only if its tree is complete and the root computed from its paths
// and CIDs alone equals the signed one. Servers do send trees with holes, when the account
// writes during the download, and such a tree looks like one with fewer records; deletions
// must never be read from it. So Open refuses it, and says from which revision a repair
// can start: open the file again together with what came since.
//
//	full, err := repo.Open(ctx, file)
//	if incomplete, ok := errors.AsType[*repo.IncompleteError](err); ok {
//		… download what is new since incomplete.Commit.Rev …
//		full, err = repo.Open(ctx, newer, file)
//	}
//	next, err := repo.OpenSince(ctx, manifest, newer) // a later run: only what changed
//	err = next.Commit.Verify(key)
//
// A record whose block is missing is another matter: its path and hash are proved, its
// bytes are not there. That is a state of the record, not an error.
//
// # Why not indigo
//
// Keys and signatures are indigo's atcrypto, identifiers its syntax package, and its tree
// is the oracle of the tests. Its reader holds the file in memory, passes over missing
// nodes in silence and does not look at the order or height of keys; its older readers do
// not compare blocks with their CIDs. An archive that draws conclusions from what is
// absent cannot stand on that, and this one takes a seventh of the time.
package repo
