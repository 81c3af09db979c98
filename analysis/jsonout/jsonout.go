// Package jsonout appends JSON to a buffer without looking at types: the bytes that
// encoding/json writes, with <, > and & as they are.
package jsonout

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// String appends a text. What is no character becomes U+FFFD.
func String[T ~string](b []byte, s T) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case plain[c]:
		case c < utf8.RuneSelf:
			b = escape(append(b, s[start:i]...), c)
			start = i + 1
		default:
			r, size := utf8.DecodeRuneInString(string(s[i:]))
			switch {
			case r == utf8.RuneError && size == 1:
				b = append(append(b, s[start:i]...), `\ufffd`...)
				start = i + size
			case r == '\u2028' || r == '\u2029': // a script could not hold them
				b = append(append(b, s[start:i]...), `\u202`...)
				b = append(b, hex[r&0xF])
				start = i + size
			}
			i += size - 1
		}
	}
	return append(append(b, s[start:]...), '"')
}

// plain are the bytes that stand for themselves.
var plain = func() (table [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

const hex = "0123456789abcdef"

func escape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
}

// StringOrNull appends a text, and null for "".
func StringOrNull[T ~string](b []byte, s T) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return String(b, s)
}

// StringOf appends the text at p, and null where there is none.
func StringOf(b []byte, p *string) []byte {
	if p == nil {
		return append(b, "null"...)
	}
	return String(b, *p)
}

// Float appends a finite number in its shortest form.
func Float(b []byte, f float64) []byte {
	abs := math.Abs(f)
	if abs < 1e6 && f != 0 {
		// Most have two decimals at most; no shorter text can stand for them.
		if n := int64(math.Round(f * 100)); float64(n)/100 == f {
			return hundredths(b, n)
		}
	}
	if f == 0 || abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, f, 'e', -1, 64)
	if n := len(b); n >= 4 && string(b[n-4:n-1]) == "e-0" {
		b = append(b[:n-2], b[n-1]) // 1e-07 is 1e-7
	}
	return b
}

// hundredths appends n/100.
func hundredths(b []byte, n int64) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/100, 10)
	switch n %= 100; {
	case n == 0:
		return b
	case n%10 == 0:
		return append(b, '.', '0'+byte(n/10))
	}
	return append(b, '.', '0'+byte(n/10), '0'+byte(n%10))
}

// FloatOrNull appends the number at p, and null where there is none.
func FloatOrNull(b []byte, p *float64) []byte {
	if p == nil {
		return append(b, "null"...)
	}
	return Float(b, *p)
}

// Range appends the members of a range, to stand among others of an object.
func Range(b []byte, start, end int) []byte {
	b = strconv.AppendInt(append(b, `"start":`...), int64(start), 10)
	return strconv.AppendInt(append(b, `,"end":`...), int64(end), 10)
}

// List appends a list whose elements one appends. A nil list is null.
func List[T any](b []byte, list []T, one func([]byte, *T) []byte) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, &list[i])
	}
	return append(b, ']')
}

// Strings appends a list of texts. A nil list is null.
func Strings[T ~string](b []byte, list []T) []byte {
	return List(b, list, func(b []byte, s *T) []byte { return String(b, *s) })
}
