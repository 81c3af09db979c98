package sqlite

import "testing"

// Records are found by their prefixes, also those of which half a prefix is that of another.
func TestPrefixes(t *testing.T) {
	t.Parallel()
	p := prefixes{map[uint32]uint32{}, map[uint64]int64{}}
	want := map[uint64]int64{1<<32 | 1: 1, 1<<32 | 2: 2, 1<<32 | 3: 3, 2<<32 | 1: 4, 3 << 32: 1 << 40}
	for _, prefix := range []uint64{1<<32 | 1, 1<<32 | 2, 1<<32 | 3, 2<<32 | 1, 3 << 32} {
		p.add(prefix, want[prefix])
	}
	for prefix, id := range want {
		if got := p.find(prefix); got[0] != id && got[1] != id {
			t.Errorf("%x leads to %d, want %d among them", prefix, got, id)
		}
	}
	if got := p.find(9 << 32); got != [2]int64{} {
		t.Errorf("a prefix that nobody has leads to %d", got)
	}
}
