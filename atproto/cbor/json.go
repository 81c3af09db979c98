package cbor

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
)

// FromJSON encodes one JSON value as canonical DAG-CBOR, the way servers write records as
// JSON: {"$link": "bafy…"} becomes a link and {"$bytes": "…"} a byte string. A number with
// a fraction or an exponent becomes a float. Of duplicate keys the last one counts.
func FromJSON(doc []byte) ([]byte, error) {
	return AppendJSON(make([]byte, 0, len(doc)), doc)
}

// AppendJSON is [FromJSON] behind what a buffer holds. It reads what encoding/json reads, and
// text as it does: what is no character becomes U+FFFD.
func AppendJSON(b, doc []byte) ([]byte, error) {
	r := readers.Get().(*jsonReader)
	*r = jsonReader{doc: doc, out: b, fields: r.fields[:0]}
	out, err := r.read(len(b))
	r.doc, r.out = nil, nil
	readers.Put(r)
	return out, err
}

var readers = sync.Pool{New: func() any { return new(jsonReader) }}

// A jsonReader writes DAG-CBOR while it reads JSON, with no tree in between. What is only
// known behind a value, a count or an order, is put right in the bytes written.
type jsonReader struct {
	doc     []byte
	pos     int
	out     []byte
	fields  []field // of the objects that are open
	refused error   // why a value is not encoded, unless a key that stands twice replaces it
}

func (r *jsonReader) read(start int) ([]byte, error) {
	if err := r.value(0); err != nil {
		return nil, err
	}
	if r.space(); r.pos < len(r.doc) {
		return nil, fmt.Errorf("read JSON: more than one value: %w", r.unexpected())
	}
	if r.refused != nil {
		if _, err := Parse(r.out[start:]); err != nil {
			return nil, r.refused
		}
	}
	return r.out, nil
}

// A field is where one pair of a map stands in out.
type field struct{ start, value, end int }

// notEncoded stands for a value that DAG-CBOR or this package has no room for. No item
// starts with this byte.
const notEncoded = 0xff

// maxNesting is how deep encoding/json reads.
const maxNesting = 10000

// value reads one value, with the white space before it.
func (r *jsonReader) value(depth int) error {
	r.space()
	if depth <= MaxDepth {
		return r.any(depth)
	}
	start := len(r.out)
	err := r.any(depth)
	r.out = r.out[:start]
	r.refuse(errTooDeep)
	return err
}

var errTooDeep = fmt.Errorf("read JSON: nested deeper than %d", MaxDepth)

func (r *jsonReader) any(depth int) error {
	switch c := r.peek(); {
	case c == '"':
		return r.text()
	case c == '{' && depth < maxNesting:
		return r.object(depth)
	case c == '[' && depth < maxNesting:
		return r.list(depth)
	case c == '-' || isDigit(c):
		return r.number()
	case c == 't' && r.word("true"):
		r.out = AppendBool(r.out, true)
	case c == 'f' && r.word("false"):
		r.out = AppendBool(r.out, false)
	case c == 'n' && r.word("null"):
		r.out = AppendNull(r.out)
	default:
		return r.unexpected()
	}
	return nil
}

func (r *jsonReader) list(depth int) error {
	r.pos++
	head, n := len(r.out), 0
	r.out = append(r.out, majorList)
	if r.space(); r.peek() == ']' {
		r.pos++
		return nil
	}
	for {
		if err := r.value(depth + 1); err != nil {
			return err
		}
		n++
		if more, err := r.more(']'); err != nil || !more {
			r.count(head, majorList, n)
			return err
		}
	}
}

func (r *jsonReader) object(depth int) error {
	r.pos++
	head, first, sorted := len(r.out), len(r.fields), true
	r.out = append(r.out, majorMap)
	if r.space(); r.peek() == '}' {
		r.pos++
		return nil
	}
	for {
		f := field{start: len(r.out)}
		if r.space(); r.peek() != '"' {
			return r.unexpected()
		}
		if err := r.text(); err != nil {
			return err
		}
		f.value = len(r.out)
		if r.space(); r.peek() != ':' {
			return r.unexpected()
		}
		r.pos++
		if err := r.value(depth + 1); err != nil {
			return err
		}
		f.end = len(r.out)
		if last := len(r.fields) - 1; sorted && last >= first {
			sorted = r.compare(r.fields[last], f) < 0
		}
		r.fields = append(r.fields, f)
		more, err := r.more('}')
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	if !sorted {
		r.sort(head+1, first)
	}
	n := len(r.fields) - first
	r.fields = r.fields[:first]
	r.count(head, majorMap, n)
	if n == 1 {
		r.special(head)
	}
	return nil
}

// more passes the comma before another element, or the bracket that closes.
func (r *jsonReader) more(end byte) (bool, error) {
	r.space()
	switch r.peek() {
	case ',':
		r.pos++
		return true, nil
	case end:
		r.pos++
		return false, nil
	}
	return false, r.unexpected()
}

// count sets the number of elements behind a head of one byte, which may need more.
func (r *jsonReader) count(head int, major byte, n int) {
	if n < 24 {
		r.out[head] = major | byte(n)
		return
	}
	r.out = slices.Replace(r.out, head, head+1, appendHead(nil, major, uint64(n))...)
}

// compare orders pairs by key. A key starts with its length, so shorter ones come first.
func (r *jsonReader) compare(a, b field) int {
	return bytes.Compare(r.out[a.start:a.value], r.out[b.start:b.value])
}

// sort puts the pairs of the map that starts at body in order, and drops those whose key
// comes again.
func (r *jsonReader) sort(body, first int) {
	fields := r.fields[first:]
	slices.SortStableFunc(fields, r.compare)
	end, kept := len(r.out), 0
	for i, f := range fields {
		if i+1 < len(fields) && r.compare(f, fields[i+1]) == 0 {
			continue
		}
		r.out = append(r.out, r.out[f.start:f.end]...)
		kept++
	}
	n := copy(r.out[body:], r.out[end:])
	r.out, r.fields = r.out[:body+n], r.fields[:first+kept]
}

var (
	base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	base64Raw   = base64.RawStdEncoding
)

// The keys of the JSON forms of a link and of bytes, as encoded.
const (
	linkKey  = "\x65$link"
	bytesKey = "\x66$bytes"
)

// special makes a link or bytes of the map of one pair that starts at head, if it is the
// JSON form of one. A map that only looks like one stays a map.
func (r *jsonReader) special(head int) {
	pair := r.out[head+1:]
	switch {
	case bytes.HasPrefix(pair, []byte(linkKey)):
		text := at(r.out, head+1+len(linkKey))
		if text.Kind() != Text || text.arg != 59 || r.out[text.body] != 'b' {
			return
		}
		s := string(r.out[text.body+1:])
		cid, err := base32Lower.DecodeString(s)
		if err == nil && len(cid) == 36 && base32Lower.EncodeToString(cid) == s {
			r.out = AppendLink(r.out[:head], [36]byte(cid))
		}
	case bytes.HasPrefix(pair, []byte(bytesKey)):
		text := at(r.out, head+1+len(bytesKey))
		if text.Kind() != Text {
			return
		}
		raw, err := base64Raw.DecodeString(string(bytes.TrimRight(r.out[text.body:], "=")))
		if err == nil {
			r.out = AppendBytes(r.out[:head], raw)
		}
	}
}

// number reads a number: an integer that fits into 64 bits, or else a float.
func (r *jsonReader) number() error {
	start, whole := r.pos, true
	if r.peek() == '-' {
		r.pos++
	}
	if r.peek() == '0' {
		r.pos++
	} else if err := r.digits(); err != nil {
		return err
	}
	if r.peek() == '.' {
		whole = false
		r.pos++
		if err := r.digits(); err != nil {
			return err
		}
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		whole = false
		r.pos++
		if c := r.peek(); c == '+' || c == '-' {
			r.pos++
		}
		if err := r.digits(); err != nil {
			return err
		}
	}
	text := r.doc[start:r.pos]
	if whole {
		if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			r.out = AppendInt(r.out, n)
			return nil
		}
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		r.refuse(fmt.Errorf("read JSON: number %s is out of range", text))
		return nil
	}
	r.out = AppendFloat(r.out, f)
	return nil
}

// digits passes one digit or more.
func (r *jsonReader) digits() error {
	if !isDigit(r.peek()) {
		return r.unexpected()
	}
	for isDigit(r.peek()) {
		r.pos++
	}
	return nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// refuse stands for a value that is not encoded.
func (r *jsonReader) refuse(err error) {
	r.out = append(r.out, notEncoded)
	r.refused = err
}

// word passes a word if it is the one expected.
func (r *jsonReader) word(w string) bool {
	if !bytes.HasPrefix(r.doc[r.pos:], []byte(w)) {
		return false
	}
	r.pos += len(w)
	return true
}

// space passes white space.
func (r *jsonReader) space() {
	for r.pos < len(r.doc) {
		switch r.doc[r.pos] {
		case ' ', '\n', '\t', '\r':
			r.pos++
		default:
			return
		}
	}
}

// peek is the next byte, and 0 at the end.
func (r *jsonReader) peek() byte {
	if r.pos < len(r.doc) {
		return r.doc[r.pos]
	}
	return 0
}

var errEnds = errors.New("read JSON: it ends too early")

func (r *jsonReader) unexpected() error {
	if r.pos >= len(r.doc) {
		return errEnds
	}
	return fmt.Errorf("read JSON: unexpected %q at byte %d", r.doc[r.pos], r.pos)
}
