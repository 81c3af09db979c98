package atproto

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// ParseAccount reads an account as people write it: a handle with or without @, a DID, an
// at:// URI or the web address of a profile or of anything under it, on bsky.app or a
// client with the same paths. Handles come back in lower case.
func ParseAccount(s string) (syntax.AtIdentifier, error) {
	name := visible(s)
	if authority, ok := strings.CutPrefix(name, "at://"); ok {
		name, _, _ = strings.Cut(authority, "/")
	} else if parts, ok := profileParts(name); ok {
		name = parts[0]
	}
	id, err := parseAuthority(name)
	if err != nil {
		return "", fmt.Errorf("%q is no account: %w", s, err)
	}
	return id, nil
}

// ParseAccounts is [ParseAccount] for several.
func ParseAccounts(list []string) ([]syntax.AtIdentifier, error) {
	ids := make([]syntax.AtIdentifier, 0, len(list))
	for _, s := range list {
		id, err := ParseAccount(s)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// ParsePost reads a post as people name it: an at:// URI or a web address. The authority
// of the result is a DID or a handle, as it was in s.
func ParsePost(s string) (syntax.ATURI, error) {
	name := visible(s)
	var authority, key string
	if rest, ok := strings.CutPrefix(name, "at://"); ok {
		parts := strings.Split(rest, "/")
		if len(parts) == 3 && parts[1] == CollectionPost {
			authority, key = parts[0], parts[2]
		}
	} else if parts, ok := profileParts(name); ok && len(parts) >= 3 && parts[1] == "post" {
		authority, key = parts[0], parts[2]
	}
	if key == "" {
		return "", fmt.Errorf("%q is no post: give its web address, like https://bsky.app/profile/alice.bsky.social/post/3kabcdefghijk, or its at:// URI", s)
	}
	id, err := parseAuthority(authority)
	if err != nil {
		return "", fmt.Errorf("%q is no post: %w", s, err)
	}
	if _, err := syntax.ParseRecordKey(key); err != nil {
		return "", fmt.Errorf("%q is no post: %q is no record key", s, key)
	}
	return syntax.ATURI("at://" + id.String() + "/" + CollectionPost + "/" + key), nil
}

// visible drops what surrounds a copied name and is not seen: spaces, and the marks of
// writing direction that web pages put around handles.
func visible(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// profileParts splits the path of a web address behind /profile/. The scheme may be
// missing; query and fragment do not count.
func profileParts(s string) ([]string, bool) {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
	s, _, _ = strings.Cut(s, "#")
	s, _, _ = strings.Cut(s, "?")
	host, path, ok := strings.Cut(s, "/")
	rest, under := strings.CutPrefix(path, "profile/")
	if !ok || !under || host == "" {
		return nil, false
	}
	parts := strings.Split(rest, "/")
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			parts[i] = plain
		}
	}
	return parts, true
}

func parseAuthority(name string) (syntax.AtIdentifier, error) {
	if !strings.HasPrefix(name, "did:") {
		name = strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(name, "@"), "＠"))
	}
	id, err := syntax.ParseAtIdentifier(name)
	switch {
	case err == nil && !id.Handle().IsInvalidHandle():
		return id, nil
	case strings.HasPrefix(name, "did:"):
		return "", fmt.Errorf("a DID looks like did:plc:ewvi7nxzyoun6zhxrhs64oiz")
	case name != "" && !strings.ContainsAny(name, "./: "):
		return "", fmt.Errorf("a handle has a dot, like alice.bsky.social; did you mean %s.bsky.social?", name)
	}
	return "", fmt.Errorf("a handle looks like alice.bsky.social or alice.example.org")
}

// ParseURI is [syntax.ParseATURI], which matches four expressions, with a short way for what
// most are: a post of an account whose DID is of the directory.
func ParseURI(s string) (syntax.ATURI, error) {
	if rest, ok := strings.CutPrefix(s, "at://did:plc:"); ok && len(rest) > didLength {
		key, ok := strings.CutPrefix(rest[didLength:], "/"+CollectionPost+"/")
		if ok && key != "" && len(key) <= 512 && alphanumeric(rest[:didLength]) && alphanumeric(key) {
			return syntax.ATURI(s), nil
		}
	}
	return syntax.ParseATURI(s)
}

// didLength is how many letters and digits of a did:plc stand behind its method.
const didLength = 24

func alphanumeric(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}
