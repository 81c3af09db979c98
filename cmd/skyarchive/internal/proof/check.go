package proof

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bluesky-social/indigo/atproto/atcrypto"
	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/identity"
	"skyarchive/atproto/plclog"
	"skyarchive/atproto/repo"
)

// Checked is what checking a proof showed. Of its Statement the handle, what was seen when, and
// who made it only stand in proof.json; everything else follows from the signed bytes.
type Checked struct {
	Statement
	Record    []byte
	Signature atproto.Signature
	Signer    string // who says that the key was the account's
	Absent    bool   // gone.car holds: a later signed state does not have the post
}

// IsFolder says whether a folder is one that Write made, by its proof.json.
func IsFolder(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, proofFile))
	return err == nil && info.Mode().IsRegular()
}

// CheckFolder checks a folder that Write made, with nothing but its files.
func CheckFolder(ctx context.Context, dir string) (Checked, error) {
	raw, err := os.ReadFile(filepath.Join(dir, proofFile))
	if err != nil {
		return Checked{}, fmt.Errorf("%s is no folder that prove made: %w", dir, err)
	}
	var c Checked
	if err := json.Unmarshal(raw, &c.Statement); err != nil {
		return c, fmt.Errorf("%s: %w: %w", proofFile, ErrUnproved, err)
	}
	altered, missing, err := compare(dir)
	if err != nil {
		return c, err
	}
	if len(missing) > 0 { // what is there may not hold without it, for no fault of its own
		return c, fmt.Errorf("%w: missing: %s", ErrUnproved, strings.Join(missing, ", "))
	}
	document, err := optional(dir, didFile)
	if err != nil {
		return c, err
	}
	log, err := optional(dir, logFile)
	if err != nil {
		return c, err
	}
	stated := c.Statement
	if did := syntax.DID(atproto.AuthorOf(c.URI)); c.DID != did {
		return c, fmt.Errorf("%w: %s names %s, and its post is one of %s", ErrUnproved, proofFile, c.DID, did)
	}
	if err := c.check(ctx, filepath.Join(dir, postFile), document, log); err != nil {
		return c, err
	}
	if c.Commit != stated.Commit || c.CID != stated.CID {
		return c, fmt.Errorf("%w: %s speaks of another state or version than %s", ErrUnproved, proofFile, postFile)
	}
	if plain(c.Text) != plain(stated.Text) || plain(c.Claimed) != plain(stated.Claimed) {
		return c, fmt.Errorf("%w: %s gives other words than the signed record in %s: « %s »", ErrUnproved, proofFile, postFile, c.Text)
	}
	if words, err := optional(dir, pageFile); err != nil || words != nil && !strings.Contains(plain(html.UnescapeString(string(words))), plain(c.Text)) {
		return c, errors.Join(err, fmt.Errorf("%w: %s gives other words than the signed record in %s: « %s »", ErrUnproved, pageFile, postFile, c.Text))
	}
	if _, err := os.Stat(filepath.Join(dir, goneFile)); err == nil {
		gone := Checked{Statement: c.Statement}
		if other, err := optional(dir, goneDID); err != nil {
			return c, err
		} else if other != nil {
			document = other
		}
		if err := gone.check(ctx, filepath.Join(dir, goneFile), document, log); err != nil {
			return c, err
		}
		if gone.Record != nil || !gone.CID.IsZero() || gone.Rev <= c.Rev {
			return c, fmt.Errorf("%w: %s does not show a later state without the post", ErrUnproved, goneFile)
		}
		if g := stated.Gone; g == nil || g.Rev != gone.Rev || g.Commit != gone.Commit {
			return c, fmt.Errorf("%w: %s speaks of another later state than %s", ErrUnproved, proofFile, goneFile)
		}
		c.Absent = true
	}
	if len(altered) > 0 {
		return c, fmt.Errorf("%w: changed since they were written: %s", ErrUnproved, strings.Join(altered, ", "))
	}
	return c, nil
}

// CheckFile checks a single CAR, ours or a server's answer to com.atproto.sync.getRecord.
func CheckFile(ctx context.Context, name string, uri syntax.ATURI, document, log []byte) (Checked, error) {
	c := Checked{Statement: Statement{URI: uri, DID: syntax.DID(atproto.AuthorOf(uri))}}
	return c, c.check(ctx, name, document, log)
}

// check reads a CAR and fills in what it shows.
func (c *Checked) check(ctx context.Context, name string, document, log []byte) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	did := syntax.DID(atproto.AuthorOf(c.URI))
	proved, err := repo.CheckProof(ctx, repo.Source{R: file, Size: info.Size()}, did, nil, atproto.PathOf(c.URI))
	if err != nil {
		return fmt.Errorf("%s: %w: %w", filepath.Base(name), ErrUnproved, err)
	}
	c.CID, c.Record = proved.CID, proved.Record
	if c.Claimed, c.Text = "", ""; c.Record != nil {
		c.read(c.Record)
	}
	c.Rev, c.Commit = string(proved.Commit.Rev), proved.Commit.CID
	c.dates()
	return c.signature(&proved.Commit, document, log)
}

// signature looks for the key among those of the directory's log, else of the document.
func (c *Checked) signature(commit *repo.Commit, document, log []byte) error {
	c.Signature, c.Key, c.Operation = atproto.SignatureUnchecked, "", ""
	if log != nil {
		parsed, err := plclog.Parse(log)
		if err != nil {
			return fmt.Errorf("%s: %w: %w", logFile, ErrUnproved, err)
		}
		history, err := parsed.Verify(commit.DID)
		if err != nil {
			return fmt.Errorf("%s: %w: %w", logFile, ErrUnproved, err)
		}
		key, ok := history.Signer(commit.Verify)
		if !ok {
			return fmt.Errorf("%w: the signature holds with none of the keys in the directory's log", ErrUnproved)
		}
		c.Key, c.Operation, c.Signature = key.DIDKey, key.Operation.String(), atproto.SignatureValid
		c.Signer = "operation " + c.Operation + " of the directory's log"
		return nil
	}
	if document == nil {
		return nil
	}
	id, err := identity.ParseDocument(commit.DID, document)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", didFile, ErrUnproved, err)
	}
	key, err := atcrypto.ParsePublicDIDKey(id.Key)
	if err != nil {
		return fmt.Errorf("%w: the DID document names no key that can be read", ErrUnproved)
	}
	if err := commit.Verify(key); err != nil {
		return fmt.Errorf("%w: %w", ErrUnproved, err)
	}
	c.Key, c.Signature, c.Signer = id.Key, atproto.SignatureValid, "the DID document"
	return nil
}

// compare lists the files whose bytes are not those that SHA256SUMS lists, and those that are
// not there.
func compare(dir string) (altered, missing []string, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, sumsFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, []string{sumsFile}, nil
	case err != nil:
		return nil, nil, err
	}
	for line := range bytes.Lines(raw) {
		sum, name, ok := bytes.Cut(bytes.TrimSpace(line), []byte("  "))
		if !ok || filepath.Base(string(name)) != string(name) {
			return nil, nil, fmt.Errorf("%s: %w: a line that cannot be read", sumsFile, ErrUnproved)
		}
		content, err := os.ReadFile(filepath.Join(dir, string(name)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, string(name))
		case err != nil || fmt.Sprintf("%x", sha256.Sum256(content)) != string(sum):
			altered = append(altered, string(name))
		}
	}
	return altered, missing, nil
}

func optional(dir, name string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return raw, err
}
