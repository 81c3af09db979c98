package analysis

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"skyarchive/analysis/words"
)

// A Segment is a sentence or a bullet of a text. Its span holds the words and their
// punctuation; the marks of a bullet ("👉", "-", "1.") stand before it and belong to none.
type Segment struct {
	Span
	First, Last int  // the tokens of the segment, both included
	Bullet      bool // part of a bullet, which may hold several sentences
	Head        Span // what the bullet names first, as in "l'eau : …"; empty if nothing
	Hashtags    bool // nothing but hashtags
	Number      bool // nothing but the number of the post in its thread, at the start
}

// Segments cuts a text into sentences and bullets, in order. Line breaks and bullets start a
// segment; abbreviations, decimals, ",.." and addresses do not end one. All of the text but
// white space and the marks of bullets is in some segment.
func Segments(t *words.Text) []Segment {
	s := segmenter{t: t, out: make([]Segment, 0, 4)}
	for i := 0; i < len(t.Tokens); {
		i = s.line(i)
	}
	return s.out
}

// A segmenter cuts one text.
type segmenter struct {
	t      *words.Text
	out    []Segment
	minus  int  // the dash at the start of a line that is no bullet
	lower  bool // the author starts sentences in lower case
	loud   bool // every word is in capitals, so that they start nothing
	bullet bool
	head   Span
	segmentNumbers
}

// line cuts the line that starts at token i and returns the token after it.
func (s *segmenter) line(i int) int {
	tokens := s.t.Tokens
	end := i + 1
	for end < len(tokens) && !tokens[end].Is(words.Line) {
		end++
	}
	if i == 0 {
		s.findNumbers()
		s.minus, s.lower, s.loud = s.t.Minus(), startsLower(tokens), isLoud(tokens)
	}
	if after := s.startNumber; after > i && after < end && s.startLine == i {
		s.bullet, s.head = false, Span{}
		s.add(i, i, after, false)
		s.out[len(s.out)-1].Number = true
		i = after
	}
	first := s.skipMarks(i, end)
	s.bullet, s.head = first > i, Span{}
	if s.bullet {
		s.findHead(first, end)
	}
	tags := s.trailingTags(first, end)
	wordless := true
	for mark, p := i, first; p < end; p++ {
		wordless = wordless && tokens[p].Kind == words.Sign
		after := 0
		if !wordless {
			after = s.sentenceEnd(p, end)
		}
		switch {
		case after > 0:
		case p+1 == end, p+1 == tags, p+1 == s.endNumber, s.isPointer(p+1, end):
			after = p + 1
		default:
			continue
		}
		s.add(mark, first, after, first >= tags)
		mark, first, wordless = after, after, true
		if after < end && s.isPointer(after, end) {
			first = after + 1
			s.bullet = true
			s.findHead(first, end)
		}
		p = first - 1
	}
	return end
}

// add appends the segment of the tokens from first to before after.
func (s *segmenter) add(mark, first, after int, hashtags bool) {
	t := s.t
	start := t.TokenSpan(first, first).Start
	if first == 0 {
		start = 0
	} else if mark == first {
		start = max(start, s.lastEnd())
	}
	end := len(t.Source)
	if after < len(t.Tokens) {
		end = t.TokenSpan(after, after).Start
	}
	for end > start {
		r, size := utf8.DecodeLastRuneInString(t.Source[start:end])
		if !unicode.IsSpace(r) {
			break
		}
		end -= size
	}
	for start < end {
		r, size := utf8.DecodeRuneInString(t.Source[start:end])
		if !unicode.IsSpace(r) {
			break
		}
		start += size
	}
	s.out = append(s.out, Segment{
		Span: Span{Start: start, End: end}, First: first, Last: after - 1,
		Bullet: s.bullet, Head: s.head, Hashtags: hashtags,
	})
}

// lastEnd returns the end of the segment before, 0 at the start.
func (s *segmenter) lastEnd() int {
	if len(s.out) == 0 {
		return 0
	}
	return s.out[len(s.out)-1].End
}

// startsLower reports whether the first word of a text is in lower case.
func startsLower(tokens []words.Token) bool {
	for _, k := range tokens {
		if k.Kind == words.Word {
			return !k.Is(words.Capital)
		}
	}
	return false
}

// isLoud reports whether every word of a text is in capitals.
func isLoud(tokens []words.Token) bool {
	return !slices.ContainsFunc(tokens, func(k words.Token) bool {
		return k.Kind == words.Word && !k.Is(words.Hashtag) && !k.Is(words.Elided) && k.End-k.Start > 1 && !k.Is(words.Upper)
	})
}

// skipMarks returns the first token of the line after the marks of a bullet. A line of
// marks alone has none.
func (s *segmenter) skipMarks(i, end int) int {
	t := s.t
	p := i
	for p < end && t.Tokens[p].Kind == words.Sign && (s.isPicture(p) || s.isBullet(p, end)) {
		p++
	}
	if p == i {
		p = s.skipNumber(i, end)
	}
	if p >= end || p > i && !t.Tokens[p].Is(words.Space) && !s.isPicture(p-1) {
		return i
	}
	return p
}

// skipNumber returns the token after "1.", "1)" or "a)" at the start of a line, or i.
func (s *segmenter) skipNumber(i, end int) int {
	t := s.t
	k := t.Tokens[i]
	if i+2 >= end || t.Tokens[i+1].Kind != words.Sign || t.Tokens[i+1].Is(words.Space) || !t.Tokens[i+2].Is(words.Space) {
		return i
	}
	mark := t.Folded[t.Tokens[i+1].Start]
	switch {
	case k.Kind == words.Number && k.End-k.Start <= 2 && (mark == '.' || mark == ')') && t.Tokens[i+2].Kind != words.Number,
		k.Kind == words.Word && k.End-k.Start == 1 && mark == ')':
		return i + 2
	}
	return i
}

// isPicture reports whether token i is a pictograph or an arrow.
func (s *segmenter) isPicture(i int) bool {
	if s.t.Tokens[i].Kind != words.Sign {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s.t.Folded[s.t.Tokens[i].Start:])
	return r >= 0x2190 && r < 0x2200 || r >= 0x2300 && r < 0x2C00 && !(r >= 0x27E6 && r < 0x27F0) || r >= 0x1F000
}

// isBullet reports whether the sign at token i opens a bullet at the start of a line.
func (s *segmenter) isBullet(i, end int) bool {
	k := s.t.Tokens[i]
	switch s.t.Folded[k.Start:k.End] {
	case "•", "·", "∙", "⋅", "‣", "○", "●":
		return true
	case "-", "*", "+", ">", "=", "o":
		// "-20 %" and "*sic" are text.
		return i+1 < end && s.t.Tokens[i+1].Is(words.Space) && i != s.minus
	}
	return false
}

// isPointer reports whether token i is a bullet inside a line: it points at words that
// follow, not at an address.
func (s *segmenter) isPointer(i, end int) bool {
	t := s.t
	k := t.Tokens[i]
	if k.Kind != words.Sign || !k.Is(words.Space) || i+1 >= end {
		return false
	}
	switch t.Folded[k.Start:k.End] {
	case "👉", "➡", "▶", "►", "✅", "•", "●", "➤", "🔹", "🔸", "❌", "✔", "☑", "▪":
		next := t.Tokens[i+1]
		return next.Kind == words.Word || next.Kind == words.Number
	}
	return false
}

// findHead sets the head of the bullet whose first token is first: the few words before a
// colon, or a noun with its article before a comma.
func (s *segmenter) findHead(first, end int) {
	t := s.t
	s.head = Span{}
	count := 0
	for p := first; p < end && count <= 8; p++ {
		k := t.Tokens[p]
		if k.Kind != words.Sign {
			count++
			continue
		}
		switch c := t.Folded[k.Start]; {
		case p == first:
			return
		case c == ':', c == '-' && k.Is(words.Space) && p+1 < end && t.Tokens[p+1].Is(words.Space):
			s.head = t.TokenSpan(first, p-1)
			return
		case c == ',' && count <= 3 && isArticle(t.Word(first)):
			s.head = t.TokenSpan(first, p-1)
			return
		case c == '(' || c == ')' || c == '"' || c == '\'' || c == '/' || c == '&':
		default:
			return
		}
	}
}

// isArticle reports whether a word is a French or English definite article.
func isArticle(w string) bool {
	switch w {
	case "l'", "le", "la", "les", "the":
		return true
	}
	return false
}

// trailingTags returns the first token of the hashtags that end the line: two or more, or
// all of the line. It returns end where there are none.
func (s *segmenter) trailingTags(first, end int) int {
	tokens := s.t.Tokens
	from, tags := end, 0
	for p := end - 1; p >= first && tokens[p].Is(words.Hashtag); p-- {
		if tokens[p].Is(words.Tagged) {
			from = p
			tags++
		}
	}
	if tags >= 2 || from == first {
		return from
	}
	return end
}

// sentenceEnd returns the token that starts the next sentence, if token i ends one, and
// else 0. Closing quotes and pictures stay with the sentence.
func (s *segmenter) sentenceEnd(i, end int) int {
	t := s.t
	k := t.Tokens[i]
	dotted := k.Kind == words.Word && t.Folded[k.End-1] == '.' // u.s.
	if k.Kind != words.Sign && !dotted {
		return 0
	}
	mark := t.Folded[k.End-1]
	if mark != '.' && mark != '!' && mark != '?' && t.Folded[k.Start:k.End] != "。" {
		return 0
	}
	if i > 0 && t.Tokens[i-1].Kind == words.Sign && k.Flags == 0 && strings.IndexByte(".,!?", t.Folded[k.Start-1]) >= 0 {
		return 0 // the rest of ",.." or of marks that ended nothing
	}
	p, dots, closed := i+1, 0, false
	if mark == '.' {
		dots = 1
	}
	for p < end && t.Tokens[p].Kind == words.Sign {
		c := t.Folded[t.Tokens[p].Start]
		switch {
		case c == '.' && !closed:
			dots++
		case c == '!' || c == '?':
			mark = c
		case c == ')' || c == ']' || (c == '"' || c == '\'') && s.closes(p, end):
			closed = true
		case s.isPicture(p) && !s.isPointer(p, end) && (p+1 == end || t.Tokens[p+1].Is(words.Space) || s.isPicture(p+1)):
		default:
			goto out
		}
		p++
	}
out:
	if p >= end {
		return p
	}
	next := t.Tokens[p]
	if !next.Is(words.Space) {
		return 0
	}
	if mark == '.' {
		if dots == 1 && !closed && s.abbreviated(i, p, dotted) {
			return 0
		}
	}
	switch next.Kind {
	case words.Word:
		if (!next.Is(words.Capital) || s.loud && dots > 1) && !next.Is(words.Hashtag) && (closed || mark == '.' && (dots > 1 || dotted || !s.lower && !s.plainWord(i-1))) {
			return 0
		}
	case words.Sign:
		switch c := t.Folded[next.Start]; c {
		case ',', ';', ':', ')', ']', '%', '/':
			return 0
		case '(', '[', '"', '\'', '-':
			// What is inside decides: "(sic) …" in lower case goes on.
			if p+1 < end && t.Tokens[p+1].Kind == words.Word && (s.loud || !t.Tokens[p+1].Is(words.Capital)) && mark == '.' {
				return 0
			}
		}
	case words.Mask:
		// A last link gives the source of the sentence before it.
		if p+1 >= end {
			return end
		}
	}
	return p
}

// closes reports whether the quotation mark at token p closes: no word follows it at once.
func (s *segmenter) closes(p, end int) bool {
	t := s.t
	at := t.TokenSpan(p, p).Start
	switch r, _ := utf8.DecodeRuneInString(t.Source[at:]); r {
	case '»', '”', '’', '›':
		return true
	case '«', '“', '‘', '„', '‹':
		return false
	}
	return !t.Tokens[p].Is(words.Space) && (p+1 >= end || t.Tokens[p+1].Flags != 0 || t.Tokens[p+1].Kind == words.Sign)
}

// abbreviated reports whether the point at token i ends an abbreviation and not a sentence
// before token next.
func (s *segmenter) abbreviated(i, next int, dotted bool) bool {
	t := s.t
	after := t.Tokens[next]
	if dotted {
		switch t.Word(i) {
		case "e.g.", "i.e.", "p.ex.", "c.a.d.", "n.b.":
			return true
		}
		return !after.Is(words.Capital)
	}
	if i == 0 || t.Tokens[i].Is(words.Space) {
		return false
	}
	k := t.Tokens[i-1]
	if k.Kind != words.Word {
		return false
	}
	numbered := i >= 2 && t.Tokens[i-2].Kind == words.Number
	switch t.Word(i - 1) {
	case "mm", "mme", "mmes", "mlle", "mlles", "dr", "drs", "mr", "mrs", "ms", "prof", "mgr", "gen", "vs", "cf", "env", "approx", "ca", "e.g", "i.e", "resp", "incl", "excl", "dept", "hon", "gov", "sen", "rep":
		return true
	case "art", "fig", "figs", "no", "nos", "n", "chap", "vol", "pp", "p", "eq", "sect", "sec", "para", "al", "tel", "ref", "num":
		return after.Kind == words.Number || after.End-after.Start == 1 || t.Word(next) == "ex"
	case "ex": // p. ex.
		return i >= 3 && t.Word(i-3) == "p" || !after.Is(words.Capital)
	case "st", "ste", "pr", "me", "jr":
		return k.Is(words.Capital) && !k.Is(words.Upper) && after.Is(words.Capital)
	case "etc", "inc", "ltd", "corp", "hab", "max", "min", "janv", "fevr", "avr", "juil", "sept", "oct", "nov", "dec", "jan", "feb", "aug", "est":
		return after.Kind == words.Word && !after.Is(words.Capital) || after.Kind == words.Number && !s.longWord(i-1)
	}
	return k.Is(words.Capital) && k.End-k.Start == 1 && !numbered
}

// plainWord reports whether token i is too long for an abbreviation, so that a point after
// it ends a sentence whatever the case of the next word.
func (s *segmenter) plainWord(i int) bool {
	k := s.t.Tokens[max(i, 0)]
	return k.Kind == words.Word && k.End-k.Start >= 5
}

// longWord reports whether the word of token i is also used without a point.
func (s *segmenter) longWord(i int) bool {
	switch s.t.Word(i) {
	case "etc", "inc", "est", "max", "min":
		return true
	}
	return false
}
