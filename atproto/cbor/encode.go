package cbor

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// The Append functions write canonical DAG-CBOR: every head in its shortest form. The
// caller sees to the order of map keys: shorter first, then by bytes ([CompareKeys]).

const (
	majorUint = iota << 5
	majorNegative
	majorBytes
	majorText
	majorList
	majorMap
	majorTag
	majorSimple
)

// linkHead starts a link: tag 42, a byte string of 37 bytes, the prefix of a binary CID.
var linkHead = []byte{majorTag | 24, 42, majorBytes | 24, 37, 0}

func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= math.MaxUint8:
		return append(b, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

// AppendInt writes an integer.
func AppendInt(b []byte, n int64) []byte {
	if n < 0 {
		return appendHead(b, majorNegative, uint64(-1-n))
	}
	return appendHead(b, majorUint, uint64(n))
}

// AppendFloat writes a number with a fraction, always in 64 bits.
func AppendFloat(b []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, majorSimple|27), math.Float64bits(f))
}

// AppendBytes writes a byte string.
func AppendBytes(b, s []byte) []byte { return append(appendHead(b, majorBytes, uint64(len(s))), s...) }

// AppendText writes a text string.
func AppendText(b []byte, s string) []byte {
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}

// AppendList writes the head of a list of n elements, which follow.
func AppendList(b []byte, n int) []byte { return appendHead(b, majorList, uint64(n)) }

// AppendMap writes the head of a map of n pairs, which follow.
func AppendMap(b []byte, n int) []byte { return appendHead(b, majorMap, uint64(n)) }

// AppendLink writes a link to a binary CID of 36 bytes, the one shape in use.
func AppendLink(b []byte, cid [36]byte) []byte { return append(append(b, linkHead...), cid[:]...) }

// AppendBool writes true or false.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, majorSimple|21)
	}
	return append(b, majorSimple|20)
}

// AppendNull writes null.
func AppendNull(b []byte) []byte { return append(b, majorSimple|22) }

// CompareKeys orders the keys of a map as DAG-CBOR does: shorter first, then by bytes.
func CompareKeys(a, b string) int {
	switch {
	case len(a) != len(b):
		return len(a) - len(b)
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Without writes a map again without one of its keys, in canonical order: what was signed,
// from what carries its own signature. It refuses a map that has a key twice, or does not
// have the one to leave out.
func Without(doc []byte, name string) ([]byte, error) {
	it, err := Parse(doc)
	if err != nil {
		return nil, err
	}
	type field struct {
		name  string
		value []byte
	}
	var fields []field
	for key, value := range it.Fields() {
		if string(key) != name {
			fields = append(fields, field{string(key), value.Raw()})
		}
	}
	if it.Kind() != Map || it.Count() != len(fields)+1 {
		return nil, fmt.Errorf("%w: not exactly one key %q", ErrMalformed, name)
	}
	slices.SortFunc(fields, func(a, b field) int { return CompareKeys(a.name, b.name) })
	b := AppendMap(make([]byte, 0, len(doc)), len(fields))
	for i, f := range fields {
		if i > 0 && f.name == fields[i-1].name {
			return nil, fmt.Errorf("%w: key %q stands twice", ErrMalformed, f.name)
		}
		b = append(AppendText(b, f.name), f.value...)
	}
	return b, nil
}
