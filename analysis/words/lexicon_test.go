package words_test

import (
	"fmt"
	"testing"

	"skyarchive/analysis/words"
)

// Every word has the number of its place, by its text and by a token, and no other word has one.
func TestLexicon(t *testing.T) {
	t.Parallel()
	empty := words.NewLexicon()
	if n := empty.Find("eau"); n != 0 {
		t.Errorf("an empty lexicon numbers a word %d", n)
	}
	l := words.NewLexicon("l'", "eau", "%", "deputes", "eau")
	if l.Len() != 4 {
		t.Errorf("%d words, want 4", l.Len())
	}
	text := words.Fold("L'EAU, 50 % des député·es")
	var got []uint32
	for i := range text.Tokens {
		got = append(got, l.Of(text, i))
	}
	if want := fmt.Sprint([]uint32{1, 2, 0, 0, 3, 0, 4}); fmt.Sprint(got) != want {
		t.Errorf("tokens are numbered %v, want %v", got, want)
	}
	for i := range 5000 {
		if n := l.Add(fmt.Sprint("w", i)); n != uint32(5+i) {
			t.Fatalf("word %d is numbered %d", i, n)
		}
	}
	for i := range 5000 {
		if n := l.Find(fmt.Sprint("w", i)); n != uint32(5+i) {
			t.Fatalf("word %d is found as %d", i, n)
		}
		if n := l.Find(fmt.Sprint("v", i)); n != 0 {
			t.Fatalf("another word is found as %d", n)
		}
	}
}
