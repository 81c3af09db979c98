package atproto

import (
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
)

// Signature says what is known of the signature over a record. It says nothing of whether
// a post is true, nor of who typed it.
type Signature string

// The three words that stand beside a post.
const (
	SignatureValid     Signature = "valid"     // a state that holds these bytes was signed with the account's key
	SignatureUnchecked Signature = "unchecked" // no key to check against
	SignatureInvalid   Signature = "invalid"
)

// A Path is where a record stands in its repository: "collection/record key".
type Path string

// Collection is the part before the slash.
func (p Path) Collection() string { c, _, _ := strings.Cut(string(p), "/"); return c }

// Key is the record key, the part behind the slash.
func (p Path) Key() string { _, k, _ := strings.Cut(string(p), "/"); return k }

// URI is the AT URI of the record at p in an account's repository.
func (p Path) URI(did syntax.DID) syntax.ATURI {
	return syntax.ATURI("at://" + string(did) + "/" + string(p))
}

// A Record is one entry of a repository. Bytes are as signed, nil where they were not
// there or not asked for; they are shared with the reader that yielded them unless it says
// otherwise.
type Record struct {
	Path  Path
	CID   CID
	Bytes []byte
}

// An Entry is a path with the CID that stands there. In a list of changes a zero CID says
// that nothing stands there any more.
type Entry struct {
	Path Path
	CID  CID
}

// A Ref points to a record as a post names it: the CID is text as written, may be empty
// or wrong, and decides nothing.
type Ref struct {
	URI syntax.ATURI
	CID string
}

// IsZero says whether r points nowhere.
func (r Ref) IsZero() bool { return r.URI == "" }

// AuthorOf is the authority of an AT URI, a DID or a handle as written, and "" if there is
// none.
func AuthorOf(uri syntax.ATURI) string {
	rest, ok := strings.CutPrefix(string(uri), "at://")
	if !ok {
		return ""
	}
	author, _, _ := strings.Cut(rest, "/")
	return author
}

// KeyOf is the record key of an AT URI, and "" if there is none.
func KeyOf(uri syntax.ATURI) string {
	i := strings.LastIndexByte(string(uri), '/')
	if i < 0 || strings.Count(string(uri), "/") != 4 {
		return ""
	}
	return string(uri[i+1:])
}

// PathOf is the path of an AT URI inside its repository, and "" if there is none.
func PathOf(uri syntax.ATURI) Path {
	rest, ok := strings.CutPrefix(string(uri), "at://")
	if !ok {
		return ""
	}
	_, path, ok := strings.Cut(rest, "/")
	if !ok || strings.Count(path, "/") != 1 {
		return ""
	}
	return Path(path)
}

// IsPostURI says whether uri names a post: at://authority/app.bsky.feed.post/key.
func IsPostURI(uri syntax.ATURI) bool {
	_, _, ok := SplitPost(uri)
	return ok
}

// SplitPost is the authority and the record key of the URI of a post, and false if uri names
// none.
func SplitPost(uri syntax.ATURI) (author, key string, ok bool) {
	rest, ok := strings.CutPrefix(string(uri), "at://")
	if !ok {
		return "", "", false
	}
	author, path, _ := strings.Cut(rest, "/")
	key, ok = strings.CutPrefix(path, CollectionPost+"/")
	if !ok || key == "" || strings.IndexByte(key, '/') >= 0 {
		return "", "", false
	}
	return author, key, true
}

const tidAlphabet = "234567abcdefghijklmnopqrstuvwxyz"

// tidDigits are the values of the characters of a TID, and one more.
var tidDigits = func() (table [256]byte) {
	for i := range len(tidAlphabet) {
		table[tidAlphabet[i]] = byte(i + 1)
	}
	return table
}()

// TIDTime is the time in a record key that is a TID (thirteen characters, microseconds
// since 1970 and a clock number), and false for any other key. It is what the writing
// app's clock said, a claim like createdAt.
func TIDTime(key string) (time.Time, bool) {
	n, ok := TIDNumber(key)
	if !ok {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(n >> 10)).UTC(), true
}

// TIDNumber is the 63-bit number that a TID writes, which orders as the TID does, and
// false if key is no TID.
func TIDNumber(key string) (uint64, bool) {
	if len(key) != 13 || key[0] > 'j' {
		return 0, false
	}
	var n uint64
	for i := range len(key) {
		d := tidDigits[key[i]]
		if d == 0 {
			return 0, false
		}
		n = n<<5 | uint64(d-1)
	}
	return n, n>>63 == 0
}

// TID writes the number that TIDNumber reads.
func TID(n uint64) string {
	var b [13]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = tidAlphabet[n&31]
		n >>= 5
	}
	return string(b[:])
}
