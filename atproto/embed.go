package atproto

import "skyarchive/atproto/cbor"

// Embed is what a post carries besides its text. A post has images, a video or a card, and
// may quote another record as well. Zero fields are absent.
type Embed struct {
	Images []Image
	Video  *Video
	Card   *Card
	Quote  Ref    // the quoted post, list or feed
	Other  string // the type of an embed that is not known here
}

// An Image of a post.
type Image struct {
	Alt  string
	Blob Blob
}

// A Video of a post. Captions are subtitle files by language.
type Video struct {
	Alt      string
	Blob     Blob
	Captions map[string]Blob
}

// A Card is the preview of a web page.
type Card struct {
	URL, Title, Description string
	Thumb                   Blob // zero: none
}

// A Blob refers to a file that the account's server holds. CID is text as written.
type Blob struct {
	CID  string
	Type string // MIME type as claimed
	Size int64  // bytes as claimed, 0 if not said
}

// IsZero says whether there is no blob.
func (b Blob) IsZero() bool { return b.CID == "" }

// Blobs are all files that the embed refers to.
func (e *Embed) Blobs() []Blob {
	var list []Blob
	for _, img := range e.Images {
		list = append(list, img.Blob)
	}
	if e.Video != nil {
		list = append(list, e.Video.Blob)
		for _, b := range e.Video.Captions {
			list = append(list, b)
		}
	}
	if e.Card != nil {
		list = append(list, e.Card.Thumb)
	}
	kept := list[:0]
	for _, b := range list {
		if !b.IsZero() {
			kept = append(kept, b)
		}
	}
	return kept
}

// decode reads an embed union. recordWithMedia nests two embeds, one level deep.
func (e *Embed) decode(value cbor.Item, depth int) {
	switch kind := value.Field("$type").Text(); kind {
	case "app.bsky.embed.images":
		for img := range value.Field("images").All() {
			e.Images = append(e.Images, Image{Alt: img.Field("alt").Text(), Blob: decodeBlob(img.Field("image"))})
		}
	case "app.bsky.embed.video":
		v := Video{Alt: value.Field("alt").Text(), Blob: decodeBlob(value.Field("video"))}
		for c := range value.Field("captions").All() {
			if v.Captions == nil {
				v.Captions = map[string]Blob{}
			}
			v.Captions[c.Field("lang").Text()] = decodeBlob(c.Field("file"))
		}
		e.Video = &v
	case "app.bsky.embed.external":
		x := value.Field("external")
		e.Card = &Card{
			URL:         x.Field("uri").Text(),
			Title:       x.Field("title").Text(),
			Description: x.Field("description").Text(),
			Thumb:       decodeBlob(x.Field("thumb")),
		}
	case "app.bsky.embed.record":
		e.Quote = decodeRef(value.Field("record"))
	case "app.bsky.embed.recordWithMedia":
		if depth == 0 {
			e.Quote = decodeRef(value.Field("record").Field("record"))
			e.decode(value.Field("media"), depth+1)
		}
	default:
		e.Other = kind
	}
}

// decodeBlob reads a blob reference, also of the old form {cid, mimeType}.
func decodeBlob(value cbor.Item) Blob {
	b := Blob{Type: value.Field("mimeType").Text(), CID: value.Field("cid").Text()}
	b.Size, _ = value.Field("size").Int()
	switch ref := value.Field("ref"); ref.Kind() {
	case cbor.Link:
		if c, err := CIDFromBytes(ref.Bytes()); err == nil {
			b.CID = c.String()
		}
	case cbor.Map: // JSON that passed through cbor.FromJSON without becoming a link
		b.CID = ref.Field("$link").Text()
	}
	return b
}
