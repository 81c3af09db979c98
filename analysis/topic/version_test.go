package topic

import (
	"bytes"
	"testing"
)

// The version is known without reading the file, and is the one that the file says.
func TestVersionLine(t *testing.T) {
	if got, want := Default().Version(), Default().source().version; got != want || got == "" {
		t.Errorf("got version %q, want %q", got, want)
	}
}

// The embedded file is checked here, and not each time it is read.
func TestEmbedded(t *testing.T) {
	if _, err := Load(bytes.NewReader(embedded)); err != nil {
		t.Error(err)
	}
}
