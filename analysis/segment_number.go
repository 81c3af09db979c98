package analysis

import "skyarchive/analysis/words"

// segmentNumbers are the tokens at which the number of a post in its thread is cut off from
// what the post says. The number is a segment of its own.
type segmentNumbers struct {
	startLine   int // the first token of the line that opens with the number
	startNumber int // the first token after it, 0 where there is none
	endNumber   int // the bracket of a number at the end, 0 where there is none
}

// findNumbers finds the numbers of a text that have a slash: "1/5 L'eau", "(2/n)". Weaker forms
// are the marks of bullets. At the end only brackets tell "(3/4)" from what is said, "aux 3/4".
func (s *segmenter) findNumbers() {
	start, end := findMarks(s.t.Source)
	if start.slashed() {
		s.findStart(start.Span)
	}
	if end.slashed() && end.Start >= start.End {
		s.findEnd(end.Span)
	}
}

// slashed reports whether a marker is a number and a slash.
func (m mark) slashed() bool { return m.form >= formTotal && m.form <= formOpenDots }

// findStart finds the line that opens with a number, and the end of the number with what
// closes it.
func (s *segmenter) findStart(number Span) {
	tokens := s.t.Tokens
	line, p := 0, 0
	for ; p < len(tokens) && s.t.TokenSpan(p, p).Start < number.End; p++ {
		if tokens[p].Is(words.Line) {
			line = p
		}
		if tokens[p].Kind == words.Mask {
			return // who is answered stays with the words
		}
	}
	for p < len(tokens) && !tokens[p].Is(words.Line) && s.closesNumber(p) {
		p++
	}
	s.startLine, s.startNumber = line, p
}

// closesNumber reports whether the sign at token p belongs to the number before it: "1/5 -".
func (s *segmenter) closesNumber(p int) bool {
	k := s.t.Tokens[p]
	if k.Kind != words.Sign {
		return false
	}
	switch s.t.Folded[k.Start] {
	case ')', ']', ':', '|', '.':
		return true
	case '-':
		return p+1 < len(s.t.Tokens) && s.t.Tokens[p+1].Is(words.Space) && s.t.Tokens[p+1].Kind != words.Number
	}
	return false
}

// findEnd finds the bracket before a number that ends the text.
func (s *segmenter) findEnd(number Span) {
	tokens := s.t.Tokens
	p := len(tokens) - 1
	for p > 0 && s.t.TokenSpan(p, p).Start >= number.End {
		if tokens[p].Kind != words.Sign {
			return
		}
		p--
	}
	for p > 0 && s.t.TokenSpan(p, p).Start >= number.Start {
		p--
	}
	if c := s.t.Folded[tokens[p].Start]; p > 0 && (c == '(' || c == '[') {
		s.endNumber = p
	}
}
