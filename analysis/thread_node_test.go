package analysis

import (
	"testing"
	"unsafe"
)

// A million posts are held in 40 MB and the lists that name them.
func TestNodeIsSmall(t *testing.T) {
	t.Parallel()
	if size := unsafe.Sizeof(node{}) + unsafe.Sizeof(content{}); size > 40 {
		t.Errorf("a post takes %d bytes, want 40 at most", size)
	}
}
