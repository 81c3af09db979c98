package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// accountNamed is the one archived account that a person means: a DID, handle (also a
// former one), label or web address. A name that two accounts have is none: a handle can be
// given to somebody else between two fetches.
func accountNamed(ctx context.Context, r store.Reader, name string) (store.Account, error) {
	if id, err := atproto.ParseAccount(name); err == nil {
		if did, err := id.AsDID(); err == nil {
			acc, err := r.Account(ctx, did)
			if err != nil {
				return store.Account{}, fmt.Errorf("account %s: %w", did, err)
			}
			return acc, nil
		}
		name = id.String()
	}
	list, err := r.AccountsNamed(ctx, strings.TrimPrefix(name, "@"))
	switch {
	case err != nil:
		return store.Account{}, err
	case len(list) == 0:
		return store.Account{}, hinted{fmt.Errorf("account %s: %w", name, store.ErrNotFound), "skyarchive accounts lists what is archived"}
	case len(list) > 1 && bears(list[0], name) == bears(list[1], name):
		return store.Account{}, hinted{fmt.Errorf("account %s: %w: %s and %s", name, store.ErrAmbiguous, list[0].DID, list[1].DID), "name it by its DID"}
	}
	return list[0], nil
}

// bears says how an account bears a name: as its handle, as its label, or once as its handle.
func bears(acc store.Account, name string) string {
	switch name = strings.TrimPrefix(name, "@"); {
	case strings.EqualFold(string(acc.Handle), name):
		return "handle"
	case strings.EqualFold(acc.Label, name):
		return "label"
	}
	return "once"
}

// postNamed is the URI of an archived post that a person means: an at:// URI, a web
// address or a record key.
func postNamed(ctx context.Context, r store.Reader, name string) (syntax.ATURI, error) {
	name = strings.TrimSpace(name)
	if !strings.Contains(name, "/") {
		return postWithKey(ctx, r, name)
	}
	uri, err := atproto.ParsePost(name)
	if err != nil {
		return "", usageError{err}
	}
	author := atproto.AuthorOf(uri)
	if strings.HasPrefix(author, "did:") {
		return uri, nil
	}
	// Whoever had the handle when the address was written down: the post tells.
	bearers, err := r.AccountsNamed(ctx, author)
	if err != nil {
		return "", err
	}
	found, err := postsAt(ctx, r, atproto.PathOf(uri), bearers)
	if err != nil {
		return "", err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	acc, err := accountNamed(ctx, r, author)
	if err != nil {
		return "", err
	}
	return atproto.PathOf(uri).URI(acc.DID), nil
}

// postsAt are the posts that these accounts have at a path.
func postsAt(ctx context.Context, r store.Reader, path atproto.Path, accounts []store.Account) (found []syntax.ATURI, err error) {
	for _, acc := range accounts {
		uri := path.URI(acc.DID)
		switch _, err := r.Post(ctx, uri); {
		case err == nil:
			found = append(found, uri)
		case !errors.Is(err, store.ErrNotFound):
			return nil, err
		}
	}
	return found, nil
}

func postWithKey(ctx context.Context, r store.Reader, key string) (syntax.ATURI, error) {
	accounts, err := store.Collect(r.Accounts(ctx))
	if err != nil {
		return "", err
	}
	found, err := postsAt(ctx, r, atproto.Path(atproto.CollectionPost+"/"+key), accounts)
	if err != nil {
		return "", err
	}
	switch len(found) {
	case 0:
		return "", hinted{fmt.Errorf("post %s: %w", key, store.ErrNotFound), "give the post's web address, its at:// URI, or the id that skyarchive threads shows"}
	case 1:
		return found[0], nil
	}
	return "", hinted{fmt.Errorf("post %s: %w: %s and %s", key, store.ErrAmbiguous, found[0], found[1]), "give the post's at:// URI or its web address"}
}

// webURL is where a post is on the web, by DID so that it survives a change of handle.
func webURL(uri syntax.ATURI) string { return atproto.WebURL(uri) }

// claimNamed is the claim whose id starts with what a person typed.
func claimNamed(ctx context.Context, r store.Reader, id string) (store.Claim, error) {
	c, err := r.Claim(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return c, hinted{fmt.Errorf("claim %s: %w", id, err), "skyarchive claims lists the ids; with --all also those that are not worth checking"}
	case err != nil:
		return c, fmt.Errorf("claim %s: %w", id, err)
	}
	return c, nil
}

// unread is the error of a file that a person named and that cannot be read.
func unread(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return hinted{usagef("there is no file %s", name), "check its name and folder"}
	}
	return usageError{err}
}
