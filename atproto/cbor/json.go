package cbor

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

var (
	base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	base64Raw   = base64.RawStdEncoding
)

// FromJSON encodes one JSON value as canonical DAG-CBOR, the way servers write records as
// JSON: {"$link": "bafy…"} becomes a link and {"$bytes": "…"} a byte string. A number with
// a fraction or an exponent becomes a float. Of duplicate keys the last one counts.
func FromJSON(doc []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("read JSON: more than one value")
	}
	return appendValue(make([]byte, 0, len(doc)), value, 0)
}

func appendValue(b []byte, value any, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return nil, fmt.Errorf("read JSON: nested deeper than %d", MaxDepth)
	}
	var err error
	switch v := value.(type) {
	case nil:
		return AppendNull(b), nil
	case bool:
		return AppendBool(b, v), nil
	case string:
		return AppendText(b, v), nil
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return AppendInt(b, n), nil
		}
		f, err := v.Float64()
		if err != nil {
			return nil, fmt.Errorf("read JSON: number %s is out of range", v)
		}
		return AppendFloat(b, f), nil
	case []any:
		b = AppendList(b, len(v))
		for _, element := range v {
			if b, err = appendValue(b, element, depth+1); err != nil {
				return nil, err
			}
		}
		return b, nil
	case map[string]any:
		if special, ok := appendSpecial(b, v); ok {
			return special, nil
		}
		b = AppendMap(b, len(v))
		for _, key := range slices.SortedFunc(maps.Keys(v), CompareKeys) {
			b = AppendText(b, key)
			if b, err = appendValue(b, v[key], depth+1); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	return nil, fmt.Errorf("read JSON: unexpected %T", value)
}

// appendSpecial writes the JSON forms of a link and of bytes. A map that only looks like
// one stays a map.
func appendSpecial(b []byte, v map[string]any) ([]byte, bool) {
	if len(v) != 1 {
		return b, false
	}
	if s, ok := v["$link"].(string); ok && len(s) == 59 && s[0] == 'b' {
		cid, err := base32Lower.DecodeString(s[1:])
		if err == nil && len(cid) == 36 && base32Lower.EncodeToString(cid) == s[1:] {
			return AppendLink(b, [36]byte(cid)), true
		}
	}
	if s, ok := v["$bytes"].(string); ok {
		raw, err := base64Raw.DecodeString(string(bytes.TrimRight([]byte(s), "=")))
		if err == nil {
			return AppendBytes(b, raw), true
		}
	}
	return b, false
}
