package cbor

import (
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string.
func (r *jsonReader) text() error {
	r.pos++
	rest, high := r.doc[r.pos:], byte(0)
	for i, c := range rest {
		if c == '"' || c == '\\' || c < ' ' {
			s := rest[:i]
			switch {
			case c == '\\', c == '"' && high >= utf8.RuneSelf && !utf8.Valid(s):
				return r.unquote(s)
			case c != '"':
				r.pos += i
				return r.unexpected()
			}
			r.pos += i + 1
			r.out = append(appendHead(r.out, majorText, uint64(i)), s...)
			return nil
		}
		high |= c
	}
	r.pos = len(r.doc)
	return errEnds
}

// unquote reads a string that holds escapes, or bytes that are no characters. What comes
// before them is plain.
func (r *jsonReader) unquote(plain []byte) error {
	from := len(r.out)
	if utf8.Valid(plain) {
		r.out = append(r.out, plain...)
		r.pos += len(plain)
	}
	for r.pos < len(r.doc) {
		c := r.doc[r.pos]
		switch {
		case c == '"':
			r.pos++
			r.textHead(from)
			return nil
		case c == '\\':
			if err := r.escape(); err != nil {
				return err
			}
		case c < ' ':
			return r.unexpected()
		case c < utf8.RuneSelf:
			r.out = append(r.out, c)
			r.pos++
		default:
			char, size := utf8.DecodeRune(r.doc[r.pos:])
			r.out = utf8.AppendRune(r.out, char)
			r.pos += size
		}
	}
	return errEnds
}

// textHead puts the head of a text before its content, which starts at from and ends out.
func (r *jsonReader) textHead(from int) {
	var room [9]byte
	head := appendHead(room[:0], majorText, uint64(len(r.out)-from))
	r.out = append(r.out, head...)
	copy(r.out[from+len(head):], r.out[from:])
	copy(r.out[from:], head)
}

// escape reads what starts with a backslash. Half of a surrogate pair is no character.
func (r *jsonReader) escape() error {
	r.pos++
	c := r.peek()
	if c == 'u' {
		char, ok := r.hex(r.pos + 1)
		if !ok {
			return r.unexpected()
		}
		r.pos += len("u0000")
		if utf16.IsSurrogate(char) {
			low, ok := r.low()
			if char = utf16.DecodeRune(char, low); ok && char != utf8.RuneError {
				r.pos += len(`\u0000`)
			}
		}
		r.out = utf8.AppendRune(r.out, char)
		return nil
	}
	plain := escapes[c]
	if plain == 0 {
		return r.unexpected()
	}
	r.out = append(r.out, plain)
	r.pos++
	return nil
}

// escapes are the characters behind a backslash and what they stand for.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// low reads another \u escape, without passing it.
func (r *jsonReader) low() (rune, bool) {
	if r.peek() != '\\' || r.pos+1 >= len(r.doc) || r.doc[r.pos+1] != 'u' {
		return 0, false
	}
	return r.hex(r.pos + 2)
}

// hex reads the four hexadecimal digits at a position.
func (r *jsonReader) hex(pos int) (char rune, ok bool) {
	if pos+4 > len(r.doc) {
		return 0, false
	}
	for _, c := range r.doc[pos : pos+4] {
		switch {
		case isDigit(c):
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		char = char<<4 | rune(c)
	}
	return char, true
}
