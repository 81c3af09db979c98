package analysis

import (
	"testing"
	"unsafe"
)

// A million posts are held in 64 MB and the lists that name them.
func TestNodeIsSmall(t *testing.T) {
	t.Parallel()
	if size := unsafe.Sizeof(node{}); size > 64 {
		t.Errorf("a node takes %d bytes, want 64 at most", size)
	}
}
