package repo_test

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"github.com/bluesky-social/indigo/atproto/atcrypto"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
	"skyarchive/atproto/repo"
)

// A repository with one post is written to a file, and read and checked again.
func Example() {
	record := cbor.AppendMap(nil, 1)
	record = cbor.AppendText(cbor.AppendText(record, "text"), "Bonjour")
	entry := repo.Entry{Path: "app.bsky.feed.post/3kaaaaaaaaa22", CID: atproto.CIDOf(record)}

	var m repo.Manifest
	if err := m.Add(entry); err != nil {
		log.Fatal(err)
	}
	key, err := atcrypto.GeneratePrivateKeyK256()
	if err != nil {
		log.Fatal(err)
	}
	commit, err := repo.SignCommit("did:plc:ewvi7nxzyoun6zhxrhs64oiz", "3kaaaaaaaaa22", m.Root(), key)
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	w, err := repo.NewWriter(&file, commit.CID)
	if err != nil {
		log.Fatal(err)
	}
	if err := w.Put(commit.CID, commit.Bytes); err != nil {
		log.Fatal(err)
	}
	if _, err := repo.Nodes(m.All(), w.Put); err != nil {
		log.Fatal(err)
	}
	if err := w.Put(entry.CID, record); err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	snapshot, err := repo.Open(ctx, repo.Source{R: bytes.NewReader(file.Bytes()), Size: int64(file.Len())})
	if err != nil {
		log.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		log.Fatal(err)
	}
	if err := snapshot.Commit.Verify(public); err != nil {
		log.Fatal(err)
	}
	for r, err := range snapshot.Records(ctx, nil) {
		if err != nil {
			log.Fatal(err)
		}
		post, err := atproto.DecodePost(atproto.Ref{URI: r.Path.URI(snapshot.Commit.DID)}, r.Bytes)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(post.URI, post.Text)
	}
	// Output: at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3kaaaaaaaaa22 Bonjour
}
