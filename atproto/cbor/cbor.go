// Package cbor reads DAG-CBOR, the encoding of every signed record, without
// building a tree of Go values.
//
// An [Item] is a window on the encoded bytes. Reading a field allocates nothing,
// text is a slice of the record, and the offset of each item in the record is
// known, so that a post's words can be found again in the bytes that were signed.
//
// The reader is lenient where the network is: keys in any order, duplicate keys
// (the first one counts), floats of any width, unknown tags. It is strict where
// leniency would be a risk: definite lengths only, nesting at most [MaxDepth], and
// never a read outside the bytes. The format is RFC 8949 as restricted by DAG-CBOR,
// https://ipld.io/specs/codecs/dag-cbor/spec/.
package cbor

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"unsafe"
)

// MaxDepth is how deep maps, lists and tags may be nested.
const MaxDepth = 128

// Kind is what an Item is.
type Kind uint8

// The kinds of items. Invalid is the kind of an absent item.
const (
	Invalid Kind = iota
	Int          // an integer, of either sign
	Bytes
	Text
	List
	Map
	Link // a CID (tag 42)
	Bool
	Null
	Float
)

// ErrMalformed says that the bytes are not one well-formed DAG-CBOR item.
var ErrMalformed = errors.New("malformed DAG-CBOR")

// An Item is one value inside encoded bytes. The zero Item is absent: its Kind is
// Invalid and every reading of it gives a zero value. An Item shares the bytes it was
// parsed from.
type Item struct {
	doc        []byte // the whole document
	start, end int    // the item's extent in doc
	body       int    // where its content starts: after the head, for a Link after the 0x00 prefix
	arg        uint64 // the head's argument: length, count or number
	kind       Kind
	negative   bool
	shared     bool // doc is a string, which texts are parts of
}

// Parse checks that doc is exactly one well-formed item and returns it.
func Parse(doc []byte) (Item, error) {
	it, err := Prefix(doc)
	if err != nil {
		return Item{}, err
	}
	if it.end != len(doc) {
		return Item{}, fmt.Errorf("%w: %d bytes after the end", ErrMalformed, len(doc)-it.end)
	}
	return it, nil
}

// ParseString is [Parse] for a document that is a string: its texts are parts of it, so that
// reading many of them copies nothing, and holding one holds the document.
func ParseString(doc string) (Item, error) {
	it, err := Parse(unsafe.Slice(unsafe.StringData(doc), len(doc))) // nothing here writes into it
	it.shared = true
	return it, err
}

// Prefix checks that doc starts with a well-formed item and returns it; [Item.Len] says
// how many bytes it takes.
func Prefix(doc []byte) (Item, error) {
	end, err := skip(doc, 0, 0)
	if err != nil {
		return Item{}, err
	}
	it := at(doc, 0)
	it.end = end
	return it, nil
}

// head reads the initial byte and argument at pos.
func head(doc []byte, pos int) (major byte, info byte, arg uint64, body int, err error) {
	if pos >= len(doc) {
		return 0, 0, 0, 0, fmt.Errorf("%w: ends at byte %d", ErrMalformed, pos)
	}
	major, info = doc[pos]>>5, doc[pos]&0x1f
	pos++
	width := 0
	switch {
	case info < 24:
		return major, info, uint64(info), pos, nil
	case info <= 27:
		width = 1 << (info - 24)
	default:
		return 0, 0, 0, 0, fmt.Errorf("%w: indefinite length or reserved head at byte %d", ErrMalformed, pos-1)
	}
	if len(doc)-pos < width {
		return 0, 0, 0, 0, fmt.Errorf("%w: ends at byte %d", ErrMalformed, len(doc))
	}
	switch width {
	case 1:
		arg = uint64(doc[pos])
	case 2:
		arg = uint64(binary.BigEndian.Uint16(doc[pos:]))
	case 4:
		arg = uint64(binary.BigEndian.Uint32(doc[pos:]))
	case 8:
		arg = binary.BigEndian.Uint64(doc[pos:])
	}
	return major, info, arg, pos + width, nil
}

// skip returns the end of the item at pos, checking everything inside it.
func skip(doc []byte, pos, depth int) (int, error) {
	if depth > MaxDepth {
		return 0, fmt.Errorf("%w: nested deeper than %d", ErrMalformed, MaxDepth)
	}
	major, info, arg, body, err := head(doc, pos)
	if err != nil {
		return 0, err
	}
	left := uint64(len(doc) - body)
	switch major {
	case 0, 1:
		return body, nil
	case 2, 3:
		if arg > left {
			return 0, fmt.Errorf("%w: string of %d bytes at byte %d, %d left", ErrMalformed, arg, pos, left)
		}
		return body + int(arg), nil
	case 4, 5:
		if arg > left {
			return 0, fmt.Errorf("%w: %d elements at byte %d, %d bytes left", ErrMalformed, arg, pos, left)
		}
		for range arg {
			if major == 5 {
				if body < len(doc) && doc[body]>>5 != 3 {
					return 0, fmt.Errorf("%w: map key at byte %d is not text", ErrMalformed, body)
				}
				if body, err = skip(doc, body, depth+1); err != nil {
					return 0, err
				}
			}
			if body, err = skip(doc, body, depth+1); err != nil {
				return 0, err
			}
		}
		return body, nil
	case 6:
		return skip(doc, body, depth+1)
	default:
		switch info {
		case 20, 21, 22, 23, 25, 26, 27:
			return body, nil
		}
		return 0, fmt.Errorf("%w: simple value %d at byte %d", ErrMalformed, arg, pos)
	}
}

// extent is the end of the item at pos, which skip has checked: it looks at heads only.
func extent(doc []byte, pos int) int {
	for open := 1; open > 0; open-- {
		major, arg := doc[pos]>>5, int(doc[pos]&0x1f)
		if pos++; arg >= 24 {
			_, _, long, body, _ := head(doc, pos-1)
			arg, pos = int(long), body
		}
		switch major {
		case 2, 3:
			pos += arg
		case 4:
			open += arg
		case 5:
			open += 2 * arg
		case 6:
			open++
		}
	}
	return pos
}

// at describes the item at start, which skip has checked. The end of a list or map is left
// open, as 0: it takes a walk through all of it.
func at(doc []byte, start int) Item {
	major, info, arg, body, err := head(doc, start)
	if err != nil {
		return Item{}
	}
	it := Item{doc: doc, start: start, end: body, body: body, arg: arg}
	switch major {
	case 0:
		it.kind = Int
	case 1:
		it.kind, it.negative = Int, true
	case 2:
		it.kind, it.end = Bytes, body+int(arg)
	case 3:
		it.kind, it.end = Text, body+int(arg)
	case 4:
		it.kind, it.end = List, 0
	case 5:
		it.kind, it.end = Map, 0
	case 6:
		inner := at(doc, body)
		if arg != 42 || inner.kind != Bytes || inner.arg < 1 || doc[inner.body] != 0 {
			inner.start = start
			return inner // an unknown tag says nothing to us
		}
		it.kind, it.body, it.end = Link, inner.body+1, inner.end
	default:
		switch info {
		case 20, 21:
			it.kind = Bool
		case 25, 26, 27:
			it.kind = Float
		default:
			it.kind = Null
		}
	}
	return it
}

// Kind says what the item is; Invalid for an absent one.
func (it Item) Kind() Kind { return it.kind }

// Start is where the item's encoded bytes start in the document.
func (it Item) Start() int { return it.start }

// Len is the number of encoded bytes of the item.
func (it Item) Len() int { return it.end - it.start }

// Raw is the item's encoded bytes.
func (it Item) Raw() []byte { return it.doc[it.start:it.end:it.end] }

// Text is the content of a text item, and "" for anything else. It is a copy, unless the
// document is a string, and may be invalid UTF-8: what was signed is not always valid.
func (it Item) Text() string {
	if it.kind != Text {
		return ""
	}
	if it.shared {
		return unsafe.String(unsafe.SliceData(it.doc[it.body:it.end]), it.end-it.body)
	}
	return string(it.doc[it.body:it.end])
}

// Is says whether the item is this text, and copies nothing.
func (it Item) Is(text string) bool {
	return it.kind == Text && string(it.doc[it.body:it.end]) == text
}

// TextRange is where the content of a text item lies in the document, in bytes.
func (it Item) TextRange() (start, end int) {
	if it.kind != Text {
		return 0, 0
	}
	return it.body, it.end
}

// Bytes is the content of a byte string, or the binary CID of a link; it shares the
// document. It is nil for anything else.
func (it Item) Bytes() []byte {
	if it.kind != Bytes && it.kind != Link {
		return nil
	}
	return it.doc[it.body:it.end:it.end]
}

// Int is the value of an integer, and false if it is none or does not fit.
func (it Item) Int() (int64, bool) {
	if it.kind != Int || it.arg > math.MaxInt64 {
		return 0, false
	}
	if it.negative {
		return -1 - int64(it.arg), true
	}
	return int64(it.arg), true
}

// Bool is true for the item true only.
func (it Item) Bool() bool {
	return it.kind == Bool && it.arg == 21
}

// Count is the number of elements of a list or of pairs of a map.
func (it Item) Count() int {
	if it.kind != List && it.kind != Map {
		return 0
	}
	return int(it.arg)
}

// part describes the item at start inside of this one.
func (it Item) part(start int) Item {
	inner := at(it.doc, start)
	inner.shared = it.shared
	if inner.end == 0 {
		inner.end = extent(it.doc, start)
	}
	return inner
}

// All yields the elements of a list; nothing for anything else.
func (it Item) All() iter.Seq[Item] {
	return func(yield func(Item) bool) {
		if it.kind != List {
			return
		}
		for pos := it.body; pos < it.end; {
			element := it.part(pos)
			if !yield(element) {
				return
			}
			pos = element.end
		}
	}
}

// Fields yields the keys and values of a map in encoded order; nothing for anything
// else. A key is a view that shares the document.
func (it Item) Fields() iter.Seq2[[]byte, Item] {
	return func(yield func([]byte, Item) bool) {
		if it.kind != Map {
			return
		}
		for pos := it.body; pos < it.end; {
			key := at(it.doc, pos)
			value := it.part(key.end)
			if !yield(it.doc[key.body:key.end], value) {
				return
			}
			pos = value.end
		}
	}
}

// Field is the value of a key of a map, absent if there is none. Of duplicate keys the
// first counts.
func (it Item) Field(name string) Item {
	if it.kind != Map {
		return Item{}
	}
	for pos := it.body; pos < it.end; {
		_, _, size, body, _ := head(it.doc, pos)
		pos = body + int(size)
		if string(it.doc[body:pos]) == name {
			return it.part(pos)
		}
		pos = extent(it.doc, pos)
	}
	return Item{}
}
