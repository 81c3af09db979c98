package repo

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"strings"

	"skyarchive/atproto"
)

// A Snapshot is one complete state of a repository: a signed commit, and files that hold
// the whole tree under it. It reads the files whenever it is asked, so they must stay open
// and unchanged. Its methods may be called from several goroutines.
type Snapshot struct {
	Commit Commit

	blocks   blocks
	base     *base
	records  int
	counts   map[string]int // of records, by collection
	lacks    bool           // the bytes of a record are in none of the files
	manifest *Manifest      // nil if the repository is large: then the tree is walked again
}

// maxHeld is how many records a repository may have for them to be held as a manifest
// once the tree was walked. They take 15 MB then.
const maxHeld = 300_000

// Open reads a repository from a file, newest file first if it takes several: the commit
// is the one that the first file names, the blocks are those of all files.
//
// Every block was compared with its name, and the tree is complete and rebuilds to the
// signed root; else the error is [ErrIncomplete], [ErrCorrupt], [ErrTruncated],
// [ErrVersion], [ErrNotCAR] or [ErrNothingNew]. The signature is not checked, since the
// file holds no key: see [Commit.Verify].
func Open(ctx context.Context, files ...Source) (*Snapshot, error) {
	return open(ctx, nil, files)
}

// OpenSince reads a file that holds only what changed since an older state of the same
// repository. That state is given by its manifest, which must have been verified. What
// Open promises holds here too; blocks of records that did not change are not in the
// files.
func OpenSince(ctx context.Context, old *Manifest, files ...Source) (*Snapshot, error) {
	return open(ctx, newBase(old), files)
}

func open(ctx context.Context, base *base, files []Source) (*Snapshot, error) {
	if len(files) == 0 || len(files) > maxFiles {
		return nil, errors.New("open a repository: wrong number of files")
	}
	var size int64
	for _, f := range files {
		size += f.Size
	}
	s := &Snapshot{base: base, blocks: blocks{files: files, index: newIndex(size / usualBlock)}}
	var head atproto.CID
	var inFirst int
	for i := range files {
		root, count, err := s.blocks.scan(ctx, i)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			head, inFirst = root, count
		}
	}
	block, _, err := s.blocks.block(&pages{files: files}, &head)
	switch {
	case err != nil:
		return nil, err
	case block == nil && inFirst == 0:
		return nil, &NothingNewError{Root: head}
	case block == nil:
		return nil, &IncompleteError{Missing: 1}
	}
	if s.Commit, err = ParseCommit(block); err != nil {
		return nil, err
	}
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// check walks the whole tree and rebuilds it from its keys alone.
func (s *Snapshot) check(ctx context.Context) error {
	tree := &builder{}
	w := s.walker(ctx)
	w.tree = tree
	atMost := s.blocks.index.used
	if s.base != nil {
		atMost += s.base.manifest.Len()
	}
	var held *Manifest
	if atMost <= maxHeld {
		held = &Manifest{}
	}
	s.counts, s.lacks = map[string]int{}, false
	var collection string // of the key before
	w.visit = func(key []byte, c *atproto.CID) error {
		if !validKey(key) {
			return corrupt("%q is no path of a record", key)
		}
		if name := key[:bytes.IndexByte(key, '/')]; string(name) != collection {
			collection = string(name)
		}
		s.counts[collection]++
		s.lacks = s.lacks || !s.blocks.index.has(c)
		if held != nil {
			held.add(key, c)
		}
		return nil
	}
	if err := w.walk(&s.Commit.Data, -1); err != nil {
		return err
	}
	if w.missing > 0 {
		return &IncompleteError{Commit: s.Commit, Missing: w.missing, Records: tree.count}
	}
	if root := tree.root(); root != s.Commit.Data {
		return corrupt("the tree of its %d records has the root %s, and %s was signed", tree.count, root, s.Commit.Data)
	}
	s.records, s.manifest = tree.count, held
	return nil
}

// each visits every record in key order.
func (s *Snapshot) each(ctx context.Context, in *pages, visit func(key []byte, c *atproto.CID) error) error {
	if s.manifest == nil {
		w := s.walker(ctx)
		w.in, w.visit = in, visit
		return w.walk(&s.Commit.Data, -1)
	}
	for c := (cursor{m: s.manifest}); c.next(); {
		if c.read%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := visit(c.key, c.value); err != nil {
			return err
		}
	}
	return nil
}

// Len is the number of records in the repository.
func (s *Snapshot) Len() int { return s.records }

// Count is the number of records in a collection.
func (s *Snapshot) Count(collection string) int { return s.counts[collection] }

// Lacks says whether the bytes of a record are in none of the files, as far as the first 54
// bits of their hashes tell.
func (s *Snapshot) Lacks() bool { return s.lacks }

// Manifest yields path and CID of every record, in key order.
func (s *Snapshot) Manifest(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		err := s.each(ctx, newPages(s.blocks.files), func(key []byte, c *atproto.CID) error {
			if !yield(Entry{Path: atproto.Path(key), CID: *c}, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && err != errStop {
			yield(Entry{}, err)
		}
	}
}

// A Record is a record of a repository with the place of its bytes: 0 if they are nil.
type Record struct {
	atproto.Record
	Place Place
}

// Records yields every record of the repository in key order: with its bytes if keep
// wants those of its collection (nil: of all), and path and CID alone if not. Bytes that
// were wanted and are nil are in none of the files: the server left them out, or they did
// not change since the state that [OpenSince] was given. Bytes may be kept, not changed;
// what is kept for long is better copied, since the bytes around it stay with it.
func (s *Snapshot) Records(ctx context.Context, keep func(collection string) bool) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		var collection string
		wanted := keep == nil
		in := newPages(s.blocks.files)
		err := s.each(ctx, in, func(key []byte, c *atproto.CID) error {
			r := Record{Record: atproto.Record{Path: atproto.Path(key), CID: *c}}
			if !strings.HasPrefix(string(r.Path), collection) || collection == "" {
				name := r.Path.Collection()
				collection = name + "/"
				wanted = keep == nil || keep(name)
			}
			if wanted {
				var err error
				if r.Bytes, r.Place, err = s.blocks.block(in, c); err != nil {
					return err
				}
			}
			if !yield(r, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && err != errStop {
			yield(Record{}, err)
		}
	}
}

// Block is the block with this CID, or nil if none of the files holds it.
func (s *Snapshot) Block(c atproto.CID) ([]byte, error) {
	block, _, err := s.blocks.block(&pages{files: s.blocks.files}, &c)
	return block, err
}

// Has says whether the files hold a block of this name, as far as the first 54
// bits of its hash tell.
func (s *Snapshot) Has(c atproto.CID) bool {
	return s.blocks.index.has(&c)
}

// Blocks returns a function like [Snapshot.Block] that reads through a cache of its own, for
// one goroutine that asks for many blocks.
func (s *Snapshot) Blocks() func(atproto.CID) ([]byte, error) {
	in := newPages(s.blocks.files)
	return func(c atproto.CID) ([]byte, error) {
		block, _, err := s.blocks.block(in, &c)
		return block, err
	}
}

// Release gives up the table of blocks, which takes some 20 bytes for each. What Places
// returned still works afterwards, the other methods that read blocks find none. It is called
// while no other method runs.
func (s *Snapshot) Release() { s.blocks.index = newIndex(0) }

// Places returns a function that reads the blocks that [Snapshot.Records] found, with their
// CIDs, through a cache of its own, for one goroutine.
func (s *Snapshot) Places() func(Place) (atproto.CID, []byte, error) {
	in := newPages(s.blocks.files)
	return func(at Place) (c atproto.CID, block []byte, err error) {
		if f := at.file(); f >= len(in.files) || at.offset() >= in.files[f].Size {
			return c, nil, errors.New("read a block: its place is not of this repository")
		}
		section, err := in.section(at)
		if err != nil {
			return c, nil, err
		}
		return atproto.CID(section[:cidLen]), section[cidLen:], nil
	}
}
