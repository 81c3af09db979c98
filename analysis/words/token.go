package words

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what a token is.
type Kind uint8

// The kinds of tokens.
const (
	Word   Kind = iota // letters, and digits after letters: "eau", "co2"
	Number             // digits, with points and commas between digits: "1,234.5"
	Sign               // one character that is neither: punctuation, "%", "€", a picture
	Mask               // a link, a mention or an address
)

// Flag is what a token's surroundings say.
type Flag uint8

// The flags of tokens.
const (
	Space   Flag = 1 << iota // white space stands before the token
	Line                     // a line break stands before the token; also set at the start
	Hyphen                   // a hyphen joins the token to the one before it
	Elided                   // "l'", "qu'", "'s": the token is bound to the next word, or to the one before
	Hashtag                  // part of a hashtag
	Tagged                   // first part of a hashtag
	Capital                  // the first letter is upper case
	Upper                    // all letters are upper case
)

// A Token is a word, number or sign of a text. Start and End are offsets in Text.Folded.
type Token struct {
	Start, End int32
	Kind       Kind
	Flags      Flag
	forms      uint16 // index in Text.forms and 1
	hash       uint32 // of Word; see Lexicon
}

// Is reports whether the token has all of the flags.
func (k Token) Is(flags Flag) bool { return k.Flags&flags == flags }

// class tells bytes of folded text apart.
type class uint8

const (
	other class = iota
	letter
	digit
	blank
	newline
	high // first byte of a rune beyond ASCII
)

var classes = func() (table [256]class) {
	for c := range table {
		switch {
		case c >= 'a' && c <= 'z':
			table[c] = letter
		case c >= '0' && c <= '9':
			table[c] = digit
		case c == ' ':
			table[c] = blank
		case c == '\n':
			table[c] = newline
		case c >= utf8.RuneSelf:
			table[c] = high
		}
	}
	return table
}()

// split cuts Folded into tokens.
func (f *Folder) split() {
	t := &f.text
	s := t.Folded
	t.Tokens, t.forms = t.Tokens[:0], t.forms[:0]
	flags, mask := Line, 0
	for i := 0; i < len(s); {
		for mask < len(f.masks) && f.masks[mask].End <= i {
			mask++
		}
		limit := len(s)
		if mask < len(f.masks) {
			if m := f.masks[mask]; m.Start <= i {
				t.add(Mask, flags, i, m.End)
				i, flags = m.End, 0
				continue
			} else {
				limit = m.Start
			}
		}
		switch classes[s[i]] {
		case blank:
			flags |= Space
			i++
		case newline:
			flags |= Space | Line
			i++
		case letter:
			i = f.word(i, limit, flags)
			flags = 0
		case digit:
			end := numberEnd(s[:limit], i)
			t.add(Number, flags, i, end)
			i, flags = end, 0
		case high:
			r, size := utf8.DecodeRuneInString(s[i:limit])
			switch {
			case unicode.IsLetter(r):
				i = f.word(i, limit, flags)
			default:
				t.add(Sign, flags, i, i+size)
				i += size
			}
			flags = 0
		default:
			if s[i] == '#' && i+1 < limit && (i == 0 || !alnum(s, i-1)) && alnum(s, i+1) {
				i = f.hashtag(i, limit, flags)
				flags = 0
				continue
			}
			if s[i] == '-' && flags == 0 && i > 0 && i+1 < limit && alnum(s, i-1) && alnum(s, i+1) {
				flags = Hyphen
				i++
				continue
			}
			t.add(Sign, flags, i, i+1)
			i++
			flags = 0
		}
	}
}

// add appends a token.
func (t *Text) add(kind Kind, flags Flag, start, end int) {
	if kind == Word {
		flags |= t.letterCase(start, end)
	}
	t.Tokens = append(t.Tokens, Token{Start: int32(start), End: int32(end), Kind: kind, Flags: flags})
}

// letterCase returns Capital and Upper as the source wrote the word.
func (t *Text) letterCase(start, end int) Flag {
	// Most words start with a lower case letter of one byte.
	if c := t.Source[t.at[start]]; c >= 'a' && c <= 'z' || !t.upper(start) {
		return 0
	}
	for i := start + 1; i < end; i++ {
		if classes[t.Folded[i]] == letter && !t.upper(i) {
			return Capital
		}
	}
	return Capital | Upper
}

// upper reports whether the character of the source at byte i of Folded is upper case.
func (t *Text) upper(i int) bool {
	c := t.Source[t.at[i]]
	if c < utf8.RuneSelf {
		return c >= 'A' && c <= 'Z'
	}
	r, _ := utf8.DecodeRuneInString(t.Source[t.at[i]:])
	return unicode.IsUpper(r)
}

// alnum reports whether a letter or digit starts or ends at byte i.
func alnum(s string, i int) bool {
	switch classes[s[i]] {
	case letter, digit:
		return true
	case high:
		for i > 0 && !utf8.RuneStart(s[i]) {
			i--
		}
		r, _ := utf8.DecodeRuneInString(s[i:])
		return unicode.IsLetter(r)
	}
	return false
}

// numberEnd returns the end of the digits at i, with single points and commas between
// digits.
func numberEnd(s string, i int) int {
	for i < len(s) {
		switch {
		case classes[s[i]] == digit:
			i++
		case (s[i] == '.' || s[i] == ',') && i+1 < len(s) && classes[s[i+1]] == digit:
			i += 2
		default:
			return i
		}
	}
	return i
}

// lettersEnd returns the end of the letters and digits at i.
func lettersEnd(s string, i int) int {
	for i < len(s) {
		switch classes[s[i]] {
		case letter, digit:
			i++
		case high:
			r, size := utf8.DecodeRuneInString(s[i:])
			if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
				return i
			}
			i += size
		default:
			return i
		}
	}
	return i
}

// word adds the word at i: an elided article and the word after it are two tokens, an
// inclusive spelling is one.
func (f *Folder) word(i, limit int, flags Flag) int {
	t := &f.text
	s := t.Folded[:limit]
	end := lettersEnd(s, i)
	if end == limit {
		t.add(Word, flags, i, end)
		return end
	}
	switch s[end] {
	case '\'':
		// What follows may be masked, so it is looked up beyond the limit.
		if elides(s[i:end]) && end+1 < len(t.Folded) && classes[t.Folded[end+1]] != blank {
			if whole := elidedWord(s, i, end); whole > 0 {
				t.add(Word, flags, i, whole)
				return whole
			}
			t.add(Word, flags|Elided, i, end+1)
			return end + 1
		}
		if end+1 < limit && classes[s[end+1]] == letter {
			tail := lettersEnd(s, end+1)
			t.add(Word, flags, i, end)
			if s[end+1:tail] == "s" {
				t.add(Word, Elided, end, tail)
				return tail
			}
			t.Tokens[len(t.Tokens)-1].End = int32(tail) // don't, o'clock
			return tail
		}
	case '.', '-', '(', 0xC2, 0xE2:
		if tail, both := inclusive(s, i, end); tail > 0 {
			t.add(Word, flags, i, tail)
			if len(t.forms) < 1<<16-2 {
				t.forms = append(t.forms, both)
				t.Tokens[len(t.Tokens)-1].forms = uint16(len(t.forms))
			}
			return tail
		}
		if s[end] == '.' && end-i == 1 {
			if tail := initials(s, i); tail > 0 {
				t.add(Word, flags, i, tail)
				return tail
			}
		}
	}
	t.add(Word, flags, i, end)
	return end
}

// initials returns the end of letters each followed by a point, as in "u.s.", or 0.
func initials(s string, i int) int {
	n, end := 0, i
	for end+1 < len(s) && classes[s[end]] == letter && s[end+1] == '.' {
		n, end = n+1, end+2
	}
	if n < 2 || end < len(s) && alnum(s, end) {
		return 0
	}
	return end
}

// elides reports whether a word before an apostrophe is an elided one.
func elides(w string) bool {
	switch w {
	case "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu", "quelqu", "aujourd", "prud", "entr":
		return true
	}
	return false
}

// elidedWord returns the end of a word that holds an apostrophe and is one word all the
// same, or 0.
func elidedWord(s string, i, apostrophe int) int {
	end := lettersEnd(s, apostrophe+1)
	switch head, tail := s[i:apostrophe], s[apostrophe+1:end]; head {
	case "aujourd", "prud", "entr":
		return end
	case "quelqu":
		return end
	case "presqu":
		if strings.HasPrefix(tail, "ile") {
			return end
		}
	}
	return 0
}

// hashtag adds the words of the hashtag at i, split at capitals and before numbers.
func (f *Folder) hashtag(i, limit int, flags Flag) int {
	t := &f.text
	s := t.Folded[:limit]
	flags |= Hashtag | Tagged
	start := i + 1
	end := start
	for end < limit && (s[end] == '_' || alnum(s, end)) {
		if classes[s[end]] == high {
			_, size := utf8.DecodeRuneInString(s[end:])
			end += size
			continue
		}
		end++
	}
	cut := func(to int) {
		if to > start {
			kind := Word
			if classes[s[start]] == digit && numberEnd(s[:to], start) == to {
				kind = Number
			}
			t.add(kind, flags, start, to)
			flags = Hashtag
		}
		start = to
	}
	for p := start; p < end; p++ {
		switch {
		case s[p] == '_':
			cut(p)
			start = p + 1
		case p > start && classes[s[p]] == letter && t.at[p] != t.at[p-1] && t.upper(p):
			// "AiTools" and "AITools" are cut before the T.
			if !t.upper(p-1) && classes[s[p-1]] != digit || p+1 < end && classes[s[p+1]] == letter && !t.upper(p+1) && classes[s[p-1]] == letter {
				cut(p)
			}
		case p > start && classes[s[p]] == digit && classes[s[p-1]] == letter && p-start > 1:
			digits := numberEnd(s[:end], p) - p
			year := digits == 4 && (s[p] == '1' && s[p+1] == '9' || s[p] == '2' && s[p+1] == '0')
			if year || digits > 1 && p-start > 4 {
				cut(p)
			}
		case p > start && classes[s[p]] == letter && classes[s[p-1]] == digit && classes[s[start]] == digit && p-start > 1:
			cut(p)
		}
	}
	cut(end)
	return end
}
