package atproto

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto/cbor"
)

// A Post is a record of app.bsky.feed.post, read leniently.
type Post struct {
	Ref
	Text      string
	TextStart int    // where the bytes of Text start in the record as signed
	CreatedAt string // as claimed, verbatim; [Post.Created] reads it
	Langs     []string
	Reply     *Reply // nil: not a reply
	Facets    []Facet
	Embed     Embed
	Tags      []string // hashtags outside the text
	Labels    []string // labels that the author put on the post
}

// A Reply is what a post answers. Either reference may be zero where the record is broken.
type Reply struct {
	Root   Ref
	Parent Ref
}

// ErrNotAPost says that bytes are no record of a post.
var ErrNotAPost = errors.New("not a post record")

// DecodePost reads a post from its bytes as signed (or from [cbor.FromJSON]). Odd fields
// are passed over; only bytes that are no map, that declare another type, or that ref's CID
// calls raw, are an error.
func DecodePost(ref Ref, record []byte) (Post, error) {
	doc, err := cbor.ParseString(string(record)) // one copy for all texts
	if err != nil {
		return Post{}, fmt.Errorf("decode %s: %w", ref.URI, err)
	}
	return ReadPost(ref, doc)
}

// ReadPost is [DecodePost] of an item that was parsed before, as a part of something larger too.
// The post shares its texts if the item comes from [cbor.ParseString].
func ReadPost(ref Ref, record cbor.Item) (Post, error) {
	if strings.HasPrefix(ref.CID, rawText) {
		return Post{}, fmt.Errorf("decode %s: %w: its CID names raw bytes", ref.URI, ErrNotAPost)
	}
	if record.Kind() != cbor.Map {
		return Post{}, fmt.Errorf("decode %s: %w: no map", ref.URI, ErrNotAPost)
	}
	p := Post{Ref: ref}
	var seen fields
	for key, value := range record.Fields() {
		if seen.again(key) {
			continue
		}
		switch string(key) {
		case "$type":
			if value.Kind() == cbor.Text && !value.Is(CollectionPost) && !value.Is("") {
				return Post{}, fmt.Errorf("decode %s: %w: its type is %q", ref.URI, ErrNotAPost, value.Text())
			}
		case "text":
			p.Text = value.Text()
			start, _ := value.TextRange()
			p.TextStart = max(0, start-record.Start())
		case "createdAt":
			p.CreatedAt = value.Text()
		case "langs":
			p.Langs = texts(value)
		case "tags":
			p.Tags = texts(value)
		case "reply":
			p.Reply = decodeReply(value)
		case "facets":
			p.Facets = decodeFacets(value)
		case "embed":
			p.Embed.decode(value, 0)
		case "labels":
			for label := range value.Field("values").All() {
				if v := label.Field("val").Text(); v != "" {
					p.Labels = append(p.Labels, v)
				}
			}
		}
	}
	return p, nil
}

// fields are those of a post that were read, a bit each: of duplicate keys the first counts, as
// in [cbor.Item.Field].
type fields uint8

// again says whether a key was there before, and remembers it.
func (f *fields) again(key []byte) bool {
	var bit fields
	switch string(key) {
	case "$type":
		bit = 1
	case "text":
		bit = 2
	case "createdAt":
		bit = 4
	case "langs":
		bit = 8
	case "tags":
		bit = 16
	case "reply":
		bit = 32
	case "facets":
		bit = 64
	case "embed":
		bit = 128
	}
	known := *f&bit != 0
	*f |= bit
	return known
}

// texts reads a list of strings, and a bare string as a list of one: both occur.
func texts(value cbor.Item) []string {
	if value.Kind() == cbor.Text {
		return []string{value.Text()}
	}
	var list []string
	for item := range value.All() {
		if item.Kind() == cbor.Text {
			list = append(list, item.Text())
		}
	}
	return list
}

func decodeReply(value cbor.Item) *Reply {
	if value.Kind() != cbor.Map {
		return nil
	}
	r := Reply{Root: decodeRef(value.Field("root")), Parent: decodeRef(value.Field("parent"))}
	if r.Root.IsZero() && r.Parent.IsZero() {
		return nil
	}
	return &r
}

func decodeRef(value cbor.Item) Ref {
	return Ref{URI: syntax.ATURI(value.Field("uri").Text()), CID: value.Field("cid").Text()}
}

// Author is the DID in the post's URI.
func (p *Post) Author() syntax.DID { return syntax.DID(AuthorOf(p.URI)) }

// Created is CreatedAt as a time, and false if it is absent or cannot be read.
func (p *Post) Created() (time.Time, bool) { return ParseTime(p.CreatedAt) }

// Dates are the two times that a post carries, both claims: what its author's app wrote into
// it, and the time in its record key. Each is zero where there is none that can be read.
type Dates struct{ Created, Key time.Time }

// DatesOf reads the times of the post with this URI and createdAt. One of a year that no
// calendar has is none.
func DatesOf(uri syntax.ATURI, createdAt string) (d Dates) {
	if t, ok := ParseTime(createdAt); ok && t.Year() >= 1 && t.Year() <= 9999 {
		d.Created = t
	}
	d.Key, _ = TIDTime(KeyOf(uri))
	return d
}

// Dates are the times of the post.
func (p *Post) Dates() Dates { return DatesOf(p.URI, p.CreatedAt) }

// Shown is the time that people are shown as the post's: the one that Bluesky's own apps show
// and that the author's app claimed, else the one in the record key.
func (d Dates) Shown() time.Time {
	if d.Created.IsZero() {
		return d.Key
	}
	return d.Created
}

// Apart says whether the two times are so far from each other that a reader should know both.
// The clocks of an app and a server, and the way between them, make minutes.
func (d Dates) Apart() bool {
	return !d.Created.IsZero() && !d.Key.IsZero() && d.Created.Sub(d.Key).Abs() >= 10*time.Minute
}

// Age is the time that orders posts: the one in the record key where it is a TID, else
// CreatedAt, else the zero time. Both are claims.
func (p *Post) Age() time.Time {
	if t, ok := TIDTime(KeyOf(p.URI)); ok {
		return t
	}
	t, _ := p.Created()
	return t
}

// ParseTime reads a datetime as records write it, leniently: RFC 3339, with a space or
// without a zone too. The result is in UTC.
func ParseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// Others are the posts by other people that a post answers, with the first of the
// conversation, and quotes.
func (p *Post) Others() (list []syntax.ATURI) {
	refs := []syntax.ATURI{p.Embed.Quote.URI}
	if p.Reply != nil {
		refs = append(refs, p.Reply.Parent.URI, p.Reply.Root.URI)
	}
	for _, uri := range refs {
		author, err := syntax.ParseDID(AuthorOf(uri))
		if err != nil || author == p.Author() || !IsPostURI(uri) {
			continue
		}
		if _, err := syntax.ParseRecordKey(KeyOf(uri)); err == nil {
			list = append(list, uri)
		}
	}
	return list
}
