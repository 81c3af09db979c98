package atprototest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
	"skyarchive/atproto/cbor"
)

// timeLayout is how apps write times.
const timeLayout = "2006-01-02T15:04:05.000Z"

type blob struct {
	kind string
	data []byte
}

// post is a record while it is put together.
type post struct {
	account *Account
	value   map[string]any
	key     string
	alias   string
	at      time.Time
	plain   bool
	media   map[string]any
	quote   map[string]any
	fields  map[string]any // set last
	err     error
}

// A PostOption says something of a new post.
type PostOption func(*post)

// ReplyTo makes the post an answer. The root is the parent's, or the parent.
func ReplyTo(parent atproto.Ref) PostOption {
	return func(p *post) {
		root := parent
		if known, ok := p.account.network.roots[parent.URI]; ok {
			root = known
		}
		p.value["reply"] = map[string]any{"root": refJSON(root), "parent": refJSON(parent)}
	}
}

// Root is given behind ReplyTo and names another root, as some apps wrongly do.
func Root(root atproto.Ref) PostOption {
	return func(p *post) {
		if reply, ok := p.value["reply"].(map[string]any); ok {
			reply["root"] = refJSON(root)
		}
	}
}

// Quote embeds another record.
func Quote(ref atproto.Ref) PostOption {
	return func(p *post) {
		p.quote = map[string]any{"$type": "app.bsky.embed.record", "record": refJSON(ref)}
	}
}

// Image adds a picture, which is made up from its alt text.
func Image(alt string) PostOption {
	return func(p *post) {
		data, err := picture(alt)
		if err != nil {
			p.err = err
			return
		}
		p.image(alt, "image/png", data)
	}
}

// ImageFile adds a picture with these bytes.
func ImageFile(alt, kind string, data []byte) PostOption {
	return func(p *post) { p.image(alt, kind, data) }
}

func (p *post) image(alt, kind string, data []byte) {
	if p.media == nil {
		p.media = map[string]any{"$type": "app.bsky.embed.images", "images": []any{}}
	}
	images, _ := p.media["images"].([]any)
	p.media["images"] = append(images, map[string]any{"alt": alt, "image": p.account.blob(kind, data)})
}

// Card adds the preview of a web page. With a thumb text it has a made-up picture.
func Card(url, title, description, thumb string) PostOption {
	return func(p *post) {
		card := map[string]any{"uri": url, "title": title, "description": description}
		if thumb != "" {
			data, err := picture(thumb)
			if err != nil {
				p.err = err
				return
			}
			card["thumb"] = p.account.blob("image/png", data)
		}
		p.media = map[string]any{"$type": "app.bsky.embed.external", "external": card}
	}
}

// Alias gives the post a name for commands and for [Network.Ref].
func Alias(name string) PostOption { return func(p *post) { p.alias = name } }

// At chooses createdAt, and with it the record key.
func At(t time.Time) PostOption { return func(p *post) { p.at = t } }

// Key chooses the record key.
func Key(key string) PostOption { return func(p *post) { p.key = key } }

// Lang says in which languages the post is said to be.
func Lang(langs ...string) PostOption { return func(p *post) { p.value["langs"] = langs } }

// Field sets a field of the record, whatever it is; nil takes it away.
func Field(name string, value any) PostOption {
	return func(p *post) { p.fields[name] = value }
}

// Plain leaves out the facets that links, mentions and hashtags in the text get.
func Plain() PostOption { return func(p *post) { p.plain = true } }

// Post writes a post.
func (a *Account) Post(text string, options ...PostOption) (ref atproto.Ref) {
	a.do("post by", func() (err error) {
		ref, err = a.post(text, options)
		return err
	})
	return ref
}

func (a *Account) post(text string, options []PostOption) (atproto.Ref, error) {
	p := &post{account: a, value: map[string]any{"$type": atproto.CollectionPost, "text": text, "langs": []string{"fr"}}, fields: map[string]any{}}
	p.at = a.network.tick(time.Time{})
	for _, option := range options {
		option(p)
	}
	if p.err != nil {
		return atproto.Ref{}, p.err
	}
	if p.at.After(a.network.now) {
		a.network.tick(p.at)
	}
	if p.key == "" {
		p.key = a.freeKey(p.at)
	}
	p.value["createdAt"] = p.at.UTC().Format(timeLayout)
	if facets := a.network.facets(text); len(facets) > 0 && !p.plain {
		p.value["facets"] = facets
	}
	switch {
	case p.media != nil && p.quote != nil:
		p.value["embed"] = map[string]any{"$type": "app.bsky.embed.recordWithMedia", "record": p.quote, "media": p.media}
	case p.media != nil:
		p.value["embed"] = p.media
	case p.quote != nil:
		p.value["embed"] = p.quote
	}
	for name, value := range p.fields {
		p.value[name] = value
		if value == nil {
			delete(p.value, name)
		}
	}
	ref, err := a.writeJSON(atproto.Path(atproto.CollectionPost+"/"+p.key), p.value)
	if err == nil && p.alias != "" {
		a.network.names[p.alias] = ref
	}
	return ref, err
}

// freeKey is a record key for this time that is not in use.
func (a *Account) freeKey(at time.Time) string {
	number := uint64(at.UnixMicro()) << 10
	for ; ; number++ {
		key := atproto.TID(number)
		path := atproto.Path(atproto.CollectionPost + "/" + key)
		_, used := a.repo.records[path]
		for _, c := range a.pending {
			used = used || c.path == path
		}
		if !used {
			return key
		}
	}
}

// writeJSON writes a record given as a value.
func (a *Account) writeJSON(path atproto.Path, value map[string]any) (atproto.Ref, error) {
	doc, err := json.Marshal(value)
	if err != nil {
		return atproto.Ref{}, err
	}
	r, err := recordOf(doc)
	if err != nil {
		return atproto.Ref{}, err
	}
	ref := atproto.Ref{URI: path.URI(a.did), CID: r.cid.String()}
	a.network.roots[ref.URI] = ref
	if reply, ok := value["reply"].(map[string]any); ok {
		if root, ok := reply["root"].(map[string]any); ok {
			uri, _ := root["uri"].(string)
			cid, _ := root["cid"].(string)
			a.network.roots[ref.URI] = atproto.Ref{URI: syntax.ATURI(uri), CID: cid}
		}
	}
	return ref, a.write(change{path, r})
}

// Edit changes the text of a post in its place.
func (a *Account) Edit(ref atproto.Ref, text string) (edited atproto.Ref) {
	a.do("edit post of", func() error {
		path := atproto.PathOf(ref.URI)
		var value map[string]any
		if err := json.Unmarshal(a.repo.records[path].json, &value); err != nil {
			return fmt.Errorf("no post %s: %w", path, err)
		}
		a.network.tick(time.Time{})
		value["text"] = text
		delete(value, "facets")
		if facets := a.network.facets(text); len(facets) > 0 {
			value["facets"] = facets
		}
		var err error
		edited, err = a.writeJSON(path, value)
		return err
	})
	return edited
}

// Profile writes the account's profile, with labels it puts on itself, such as
// !no-unauthenticated.
func (a *Account) Profile(name, description string, labels ...string) {
	a.do("write profile of", func() error {
		value := map[string]any{"$type": atproto.CollectionProfile, "displayName": name, "description": description,
			"createdAt": a.network.now.Format(timeLayout)}
		if len(labels) > 0 {
			values := []any{}
			for _, label := range labels {
				values = append(values, map[string]any{"val": label})
			}
			value["labels"] = map[string]any{"$type": "com.atproto.label.defs#selfLabels", "values": values}
		}
		_, err := a.writeJSON(atproto.CollectionProfile+"/self", value)
		return err
	})
}

func recordOf(doc []byte) (record, error) {
	data, err := cbor.FromJSON(doc)
	if err != nil {
		return record{}, err
	}
	return record{cid: atproto.CIDOf(data), bytes: data, json: doc}, nil
}

func refJSON(ref atproto.Ref) map[string]any {
	return map[string]any{"uri": string(ref.URI), "cid": ref.CID}
}

// blob keeps a file and returns what a record says of it.
func (a *Account) blob(kind string, data []byte) map[string]any {
	c := atproto.BlobCIDOf(data)
	a.blobs[c] = blob{kind, data}
	return map[string]any{"$type": "blob", "ref": map[string]any{"$link": c.String()}, "mimeType": kind, "size": len(data)}
}

// picture is a small picture that differs from text to text.
func picture(text string) ([]byte, error) {
	hash := atproto.CIDOf([]byte(text)).Hash()
	img := image.NewRGBA(image.Rect(0, 0, 64, 40))
	for y := range 40 {
		for x := range 64 {
			img.Set(x, y, color.RGBA{hash[0] + byte(x), hash[1] + byte(y), hash[2], 255})
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

var marked = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`https?://[^\s]+|[#@][\pL\pN][\pL\pN_.\-]*`)
})

// facets marks links, hashtags and mentions of accounts, as apps do.
func (n *Network) facets(text string) []any {
	var list []any
	for _, at := range marked().FindAllStringIndex(text, -1) {
		word := strings.TrimRight(text[at[0]:at[1]], ".,;:!?)»")
		var feature map[string]any
		switch {
		case word[0] == '#':
			feature = map[string]any{"$type": "app.bsky.richtext.facet#tag", "tag": word[1:]}
		case word[0] == '@':
			a := n.handles[syntax.Handle(strings.ToLower(word[1:]))]
			if a == nil {
				continue
			}
			feature = map[string]any{"$type": "app.bsky.richtext.facet#mention", "did": string(a.did)}
		default:
			feature = map[string]any{"$type": "app.bsky.richtext.facet#link", "uri": word}
		}
		list = append(list, map[string]any{
			"$type":    "app.bsky.richtext.facet",
			"index":    map[string]any{"byteStart": at[0], "byteEnd": at[0] + len(word)},
			"features": []any{feature},
		})
	}
	return list
}
