package words

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Span is a range of a text in UTF-8 bytes.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// A Text is a text folded for matching and split into tokens. Two texts that differ only
// in case, accents, apostrophes, spaces, dashes or Unicode normalization have the same
// Folded.
type Text struct {
	Source string  // as written
	Folded string  // lower case, without accents
	Tokens []Token // in order, not overlapping

	at    []int32 // the offset in Source of each byte of Folded, and the end
	forms []forms // of inclusive tokens
}

// forms are the two readings of an inclusive spelling.
type forms struct{ masculine, feminine string }

// Span returns the range of Source that became the range start, end of Folded. It covers
// whole characters, with their accents.
func (t *Text) Span(start, end int) Span {
	s, e := int(t.at[start]), int(t.at[end])
	for ; end < len(t.Folded) && end > start && t.at[end] == t.at[end-1]; end++ {
		e = int(t.at[end+1]) // inside œ, which became two letters
	}
	return Span{s, e}
}

// TokenSpan returns the range of Source of the tokens from first to last, both included. A
// hashtag's # belongs to it.
func (t *Text) TokenSpan(first, last int) Span {
	start := int(t.Tokens[first].Start)
	if t.Tokens[first].Is(Tagged) {
		start--
	}
	return t.Span(start, int(t.Tokens[last].End))
}

// Word returns the folded word of token i: the masculine form of an inclusive spelling.
func (t *Text) Word(i int) string {
	k := &t.Tokens[i]
	if k.forms > 0 {
		return t.forms[k.forms-1].masculine
	}
	return t.Folded[k.Start:k.End]
}

// Other returns the second reading of token i, the feminine form of an inclusive spelling
// such as "député·es", and "" where there is none.
func (t *Text) Other(i int) string {
	if n := t.Tokens[i].forms; n > 0 {
		return t.forms[n-1].feminine
	}
	return ""
}

// A Folder folds texts and uses its buffers again. Its zero value is ready. It serves one
// goroutine at a time.
type Folder struct {
	text  Text
	buf   []byte
	masks []Span
}

// Fold folds and splits a text with buffers of its own. See [Folder.Fold].
func Fold(source string, masks ...Span) *Text {
	return new(Folder).Fold(source, masks...)
}

// Fold folds and splits a text. Each mask, a range of source such as a link or a mention,
// becomes one token of kind [Mask]; ranges that do not fit the text are ignored. Addresses
// and handles that no mask covers are found and masked too. The result is valid until the
// next call.
func (f *Folder) Fold(source string, masks ...Span) *Text {
	t := &f.text
	t.Source = source
	f.fold()
	f.addMasks(masks)
	f.split()
	for i := range t.Tokens {
		t.Tokens[i].hash = hash(t.Word(i))
	}
	return t
}

// fold fills Folded and its map to the source.
func (f *Folder) fold() {
	t := &f.text
	s := t.Source
	buf, at := slices.Grow(f.buf[:0], len(s)+16), slices.Grow(t.at[:0], len(s)+17)
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			run := i + 1
			for run < len(s) && s[run] < utf8.RuneSelf {
				run++
			}
			n := len(buf)
			buf = slices.Grow(buf, run-i)[:n+run-i]
			at = slices.Grow(at, run-i)[:n+run-i]
			folded, offsets := buf[n:], at[n:]
			for k, c := range []byte(s[i:run]) {
				folded[k] = lowerASCII[c&0x7F]
				offsets[k] = int32(i + k)
			}
			i = run
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		was := len(buf)
		switch {
		case r < rune(len(latin)):
			buf = append(buf, latin[r]...)
		case r >= 0x2000 && r < 0x2070:
			buf = append(buf, punctuation[r-0x2000]...)
		case r == 0x20E3 && was > 0:
			// A keycap makes a digit a sign, and a sign is no number.
			if c := buf[was-1]; c >= '0' && c <= '9' {
				buf[was-1] = '*'
			}
		case r == utf8.RuneError && size == 1:
			buf = append(buf, "\uFFFD"...)
		default:
			buf = foldRune(buf, r)
		}
		for range len(buf) - was {
			at = append(at, int32(i))
		}
		i += size
	}
	at = append(at, int32(len(s)))
	t.Folded, t.at, f.buf = string(buf), at, buf
}

// foldRune appends the folded form of a rune outside the tables.
func foldRune(buf []byte, r rune) []byte {
	switch {
	case r >= 0x1F300 && r < 0x1FB00: // pictures
		return utf8.AppendRune(buf, r)
	case r >= 0xFE00 && r <= 0xFE0F, r == 0xFEFF, r >= 0xE0000 && r < 0xE0200:
		return buf
	case r >= 0x2460 && r < 0x2500, r == 0x2122: // ① and ™ are signs, not letters
		return utf8.AppendRune(buf, r)
	case r == 0x2212: // minus
		return append(buf, '-')
	case r >= 0x2150 && r < 0x215F: // "3⅓" is "3 1/3"
		buf = append(buf, ' ')
	}
	var decomposed [64]byte
	for _, d := range string(norm.NFKD.AppendString(decomposed[:0], string(r))) {
		switch {
		case unicode.Is(unicode.Mn, d), unicode.Is(unicode.Cf, d), unicode.Is(unicode.Me, d):
		case d < rune(len(latin)):
			buf = append(buf, latin[d]...)
		case d >= 0x2000 && d < 0x2070:
			buf = append(buf, punctuation[d-0x2000]...)
		default:
			buf = utf8.AppendRune(buf, unicode.ToLower(d))
		}
	}
	return buf
}

var (
	lowerASCII  = makeLowerASCII()
	latin       = makeLatin()
	punctuation = makePunctuation()
)

func makeLowerASCII() (table [utf8.RuneSelf]byte) {
	for c := range table {
		table[c] = byte(unicode.ToLower(rune(c)))
	}
	table['\t'], table['\v'], table['\f'], table['\r'] = ' ', '\n', '\n', '\n'
	table['`'] = '\''
	return table
}

// makeLatin folds the runes up to the combining marks, which fold to nothing.
func makeLatin() (table [0x370]string) {
	special := map[rune]string{
		'œ': "oe", 'Œ': "oe", 'æ': "ae", 'Æ': "ae", 'ß': "ss", 'ø': "o", 'Ø': "o", 'đ': "d", 'Đ': "d",
		'ł': "l", 'Ł': "l", 'ı': "i", 'ð': "d", 'Ð': "d", 'þ': "th", 'Þ': "th", 'ħ': "h", 'Ħ': "h",
		'«': `"`, '»': `"`, '´': "'", 'ʼ': "'", 'ʹ': "'", 'ʻ': "'", 'ʽ': "'",
		'¼': " 1/4", '½': " 1/2", '¾': " 3/4", '\u00AD': "", '\u0085': "\n", '\u00A0': " ",
		'º': "°", '·': "·",
	}
	for r := range rune(len(table)) {
		if s, ok := special[r]; ok {
			table[r] = s
			continue
		}
		if r < utf8.RuneSelf {
			table[r] = string(rune(lowerASCII[r]))
			continue
		}
		var b strings.Builder
		for _, d := range norm.NFKD.String(string(r)) {
			switch s, ok := special[d]; {
			case unicode.Is(unicode.Mn, d):
			case ok:
				b.WriteString(s)
			default:
				b.WriteRune(unicode.ToLower(d))
			}
		}
		table[r] = b.String()
	}
	return table
}

// makePunctuation folds U+2000 to U+206F.
func makePunctuation() (table [0x70]string) {
	for i := range table {
		r := rune(0x2000 + i)
		switch {
		case r == 0x200B: // zero width space: no break is seen, so none is read
		case unicode.Is(unicode.Cf, r):
		case unicode.Is(unicode.Zs, r):
			table[i] = " "
		case r == 0x2028, r == 0x2029:
			table[i] = "\n"
		case r >= 0x2010 && r <= 0x2015, r == 0x2043:
			table[i] = "-"
		case r >= 0x2018 && r <= 0x201B, r == 0x2032, r == 0x2035:
			table[i] = "'"
		case r >= 0x201C && r <= 0x201F, r == 0x2033, r == 0x2036, r == 0x2039, r == 0x203A:
			table[i] = `"`
		case r == 0x2024:
			table[i] = "."
		case r == 0x2026:
			table[i] = "..."
		case r == 0x2027:
			table[i] = "·"
		case r == 0x2044:
			table[i] = "/"
		default:
			table[i] = string(r)
		}
	}
	return table
}
