package term

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"unicode/utf8"
)

// A Screen is a terminal that is written to through Clean: whatever an archive, a server or a
// file holds, and whoever prints it, no sequence of control characters reaches the terminal
// but those of Style.
type Screen struct {
	w    io.Writer
	mu   sync.Mutex
	held []byte // the beginning of a character or sequence whose rest is still to come
}

// Guard is w behind a Screen where it is a terminal. A file or a pipe gets the bytes as they
// are.
func Guard(w io.Writer) io.Writer {
	if !IsTerminal(w) {
		return w
	}
	return &Screen{w: w}
}

// Raw is what is behind a Screen, for who moves the cursor and cleans all words itself.
func Raw(w io.Writer) io.Writer {
	if s, ok := w.(*Screen); ok {
		return s.w
	}
	return w
}

// file is the file behind a writer, nil if there is none.
func file(w any) *os.File {
	if s, ok := w.(*Screen); ok {
		w = s.w
	}
	f, _ := w.(*os.File)
	return f
}

// Write implements [io.Writer].
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := append(s.held, p...)
	end := len(text) - unfinished(text)
	s.held = bytes.Clone(text[end:])
	if _, err := io.WriteString(s.w, cleanStyled(string(text[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// unfinished is how many bytes at the end of a text begin a character, a style or a line break
// that may go on.
func unfinished(text []byte) int {
	for n := 1; n <= min(len(text), utf8.UTFMax); n++ {
		tail := text[len(text)-n:]
		if n < utf8.UTFMax && utf8.RuneStart(tail[0]) && !utf8.FullRune(tail) || n == 1 && tail[0] == '\r' {
			return n
		}
		for _, style := range styles {
			if n < len(style) && strings.HasPrefix(style, string(tail)) {
				return n
			}
		}
	}
	return 0
}
