package repo

import (
	"bytes"
	"strings"
	"testing"

	"skyarchive/atproto"
)

// A block that is read as a node is written again byte for byte.
func FuzzNode(f *testing.F) {
	c := atproto.CIDOf(nil)
	one := appendNode(nil, &c, 1, appendEntry(nil, 0, []byte("a.b/c"), &c, &c))
	f.Add(one)
	f.Add(appendNode(nil, nil, 0, nil))
	f.Add(appendNode(nil, nil, 30, bytes.Repeat(appendEntry(nil, 24, []byte(strings.Repeat("x", 300)), nil, &c), 30)))
	f.Add(one[:len(one)-1])
	f.Fuzz(func(t *testing.T, block []byte) {
		var n node
		if !n.decode(block) {
			return
		}
		var entries []byte
		for _, e := range n.entries {
			entries = appendEntry(entries, e.prefix, e.suffix, e.right, e.value)
		}
		if again := appendNode(nil, n.left, len(n.entries), entries); !bytes.Equal(again, block) {
			t.Errorf("%x is written again as %x", block, again)
		}
	})
}

func TestNodeDecode(t *testing.T) {
	t.Parallel()
	c := atproto.CIDOf(nil)
	entry := appendEntry(nil, 0, []byte("a.b/c"), nil, &c)
	good := appendNode(nil, nil, 1, entry)
	for _, tt := range []struct {
		name  string
		block []byte
		want  bool
	}{
		{"a node", good, true},
		{"the empty node", appendNode(nil, nil, 0, nil), true},
		{"more behind it", append(bytes.Clone(good), 0), false},
		{"cut", good[:len(good)-1], false},
		{"more entries promised", appendNode(nil, nil, 2, entry), false},
		{"a longer head than needed", bytes.Replace(good, []byte{0x81}, []byte{0x98, 1}, 1), false},
		{"another key", bytes.Replace(good, []byte("\x61p"), []byte("\x61q"), 1), false},
		{"another hash", bytes.Replace(good, []byte{0x12, 0x20}, []byte{0x13, 0x20}, 1), false},
		{"a record", []byte("\xa1\x64text\x61x"), false},
		{"nothing", nil, false},
	} {
		var n node
		if got := n.decode(tt.block); got != tt.want {
			t.Errorf("%s: decode is %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestValidKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"app.bsky.feed.post/3kaaaaaaaaa22": true,
		"a/b":                              true,
		"com.example/~self_1:-.A":          true,
		"":                                 false,
		"a":                                false,
		"a/":                               false,
		"/a":                               false,
		"a/b/c":                            false,
		"a/b c":                            false,
		"a/b\x00":                          false,
		"a/é":                              false,
		"a/" + strings.Repeat("b", 1022):   true,
		"a/" + strings.Repeat("b", 1023):   false,
	} {
		if got := validKey([]byte(key)); got != want {
			t.Errorf("validKey(%q) is %v, want %v", key, got, want)
		}
	}
}
