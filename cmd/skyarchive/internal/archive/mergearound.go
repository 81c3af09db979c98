package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/store"
)

// mergeBatch is how many posts by others and files are written together.
const mergeBatch = 200

// surroundings are what an export has around its accounts: posts by others, and files.
type surroundings struct {
	*Archiver
	opts  ImportOptions
	name  string // of the export
	done  *Merged
	posts []fileContext
	files []fileFile
	shown map[syntax.DID]map[string]bool // files that the posts of an account refer to
}

func (s *surroundings) context(ctx context.Context, l *lineReader) error {
	var line fileContext
	if err := l.into(&line); err != nil {
		return err
	}
	if !atproto.IsPostURI(line.URI) {
		return l.wrong(fmt.Errorf("%w: %s is no post", ErrUnverified, line.URI))
	}
	if s.posts = append(s.posts, line); len(s.posts) < mergeBatch {
		return nil
	}
	return s.write(ctx)
}

func (s *surroundings) file(ctx context.Context, l *lineReader) error {
	var line fileFile
	if err := l.into(&line); err != nil {
		return err
	}
	if s.files = append(s.files, line); len(s.files) < mergeBatch {
		return nil
	}
	return s.write(ctx)
}

// write keeps what is held back.
func (s *surroundings) write(ctx context.Context) error {
	if len(s.posts)+len(s.files) == 0 {
		return nil
	}
	err := s.Store.Update(ctx, func(w store.Writer) error {
		for _, line := range s.posts {
			if err := s.keepContext(ctx, w, line); err != nil {
				return fmt.Errorf("%s: %w", line.URI, err)
			}
		}
		for _, line := range s.files {
			if err := s.keepFile(ctx, w, line); err != nil {
				return fmt.Errorf("file %s: %w", line.CID, err)
			}
		}
		return nil
	})
	s.posts, s.files = s.posts[:0], s.files[:0]
	return err
}

// keepContext takes a post by somebody else that is not here, or a better version than the one
// here. Its signature counts only where this archive knows the key as its author's; else it is
// unchecked, and the next fetch --context asks for it.
func (s *surroundings) keepContext(ctx context.Context, w store.Writer, line fileContext) error {
	if _, err := w.Post(ctx, line.URI); errors.As(err, new(*store.ForgottenError)) {
		return nil
	} else if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	old, err := w.Context(ctx, line.URI)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	case line.Record == nil, old.Record != nil && old.Signature == atproto.SignatureValid && (old.CID == line.CID || line.Signature != atproto.SignatureValid):
		return nil
	}
	c, err := s.version(ctx, w, line)
	if errors.Is(err, errUnfit) {
		s.done.Unfit++
		return nil
	}
	if err != nil {
		return err
	}
	if old.State != "" {
		if better, err := betterContext(ctx, old, c); err != nil || !better {
			return err
		}
		// What became of it is what this archive was told when it asked, unless a signature says
		// that it was there later.
		if c.Signature != atproto.SignatureValid || c.State != store.ContextFound || !c.At.After(old.At) {
			c.State, c.At, c.Host, c.Why, c.HideGuest = old.State, old.At, old.Host, old.Why, old.HideGuest
		}
	}
	s.done.Contexts++
	if c.Record != nil && c.Signature != atproto.SignatureValid {
		s.done.Unchecked++
	}
	return w.PutContext(ctx, c)
}

// errUnfit says that a record is not the one that its CID names. An archive may hold such a
// one: what an AppView shows is its reading of the record, and no signature covers it.
var errUnfit = errors.New("its bytes are not those that its CID names")

// version is what a line says of a post by somebody else, with the version that was seen.
func (s *surroundings) version(ctx context.Context, r store.Reader, line fileContext) (c store.Context, err error) {
	c = store.Context{
		Handle: line.Handle, State: line.State, At: line.At, Host: line.Host, Why: line.Why, HideGuest: line.HideGuest,
	}
	c.URI = line.URI
	if n := line.Counts; n != nil {
		c.Counts = &store.ContextCounts{Likes: n.Likes, Reposts: n.Reposts, Replies: n.Replies, Quotes: n.Quotes, At: n.At}
	}
	if line.Record == nil {
		return c, nil
	}
	if c.Post, err = atproto.DecodePost(atproto.Ref{URI: line.URI, CID: line.CID}, line.Record); err != nil {
		return c, fmt.Errorf("%w: %w", ErrUnverified, err)
	}
	c.Record, c.Proof, c.Key, c.Seen, c.Signature = line.Record, line.Proof, line.Key, line.Seen, atproto.SignatureUnchecked
	c.From = told + filepath.Base(s.name)
	if line.Signature != atproto.SignatureValid {
		if atproto.CIDOf(c.Record).String() != c.CID {
			return c, errUnfit
		}
		return c, nil
	}
	if err := CheckContext(ctx, c); err != nil {
		return c, fmt.Errorf("%w: its proof does not hold: %w", ErrUnverified, err)
	}
	keys, _, err := keysOf(ctx, r, c.Author())
	if err == nil && slices.Contains(keys, c.Key) {
		c.Signature, c.From = atproto.SignatureValid, line.From
	}
	return c, err
}

// told is how From begins of what came with another archive.
const told = "import "

// betterContext says whether another archive's version of a post is to stand in the place of
// the one here: one that is signed if none is here, or of a later revision; one that is not
// signed only where the one here came with another archive too, and it was seen later.
func betterContext(ctx context.Context, old, c store.Context) (bool, error) {
	switch {
	case old.Record == nil:
		return true, nil
	case old.Signature == atproto.SignatureValid && c.Signature != atproto.SignatureValid:
		return false, nil
	case c.Signature != atproto.SignatureValid:
		return strings.HasPrefix(old.From, told) && old.CID != c.CID && c.Seen.After(old.Seen), nil
	case old.Signature != atproto.SignatureValid:
		return true, nil
	}
	now, err := provedRev(ctx, old)
	if err != nil {
		return true, nil // it was damaged
	}
	later, err := provedRev(ctx, c)
	return later > now, err
}

// keepFile takes a file that lies beside the export, if a post here refers to it.
func (s *surroundings) keepFile(ctx context.Context, w store.Writer, line fileFile) error {
	cid, err := atproto.ParseCID(line.CID)
	if err != nil || !cid.IsBlob() {
		return fmt.Errorf("%w: it is no CID of a file", ErrUnverified)
	}
	wanted, err := s.refersTo(ctx, w, line.DID, line.CID)
	if err != nil || !wanted {
		return err
	}
	if s.opts.Blobs != nil {
		if _, here, err := s.opts.Blobs.Has(cid); err != nil || here {
			return err
		}
	}
	if line.Name == "" || s.opts.Blobs == nil {
		s.done.Absent++
		return nil
	}
	// The name is the export's word: only a file in its folder media is looked at.
	in, err := os.Open(filepath.Join(filepath.Dir(s.name), "media", filepath.Base(filepath.FromSlash(line.Name))))
	if errors.Is(err, fs.ErrNotExist) {
		s.done.Absent++
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	var size int64
	if err := s.opts.Blobs.Put(cid, func(out io.Writer) (err error) {
		size, err = io.Copy(out, in)
		return err
	}); err != nil {
		if errors.Is(err, store.ErrMismatch) {
			return fmt.Errorf("%w: %w", ErrUnverified, err)
		}
		return err
	}
	s.done.Files++
	return w.PutBlob(ctx, line.DID, store.Blob{
		Blob: atproto.Blob{CID: line.CID, Type: line.Kind, Size: size}, State: store.BlobKept, At: line.At, Host: line.Host,
	})
}

// refersTo says whether a post of an account shows a file.
func (s *surroundings) refersTo(ctx context.Context, r store.Reader, did syntax.DID, cid string) (bool, error) {
	if shown, ok := s.shown[did]; ok {
		return shown[cid], nil
	}
	shown := map[string]bool{}
	for p, err := range r.Posts(ctx, store.Query{DID: did}) {
		if err != nil {
			return false, err
		}
		for _, b := range p.Embed.Blobs() {
			shown[b.CID] = true
		}
	}
	if s.shown == nil {
		s.shown = map[syntax.DID]map[string]bool{}
	}
	s.shown[did] = shown
	return shown[cid], nil
}
