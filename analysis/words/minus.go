package words

import "strings"

// Minus returns the token of the dash that opens a line with a number, apart from it, and is its
// sign: "- 10 % d'eau". Pictures may stand before it. It returns -1 where there is none, and
// where the dash is the mark of a list: where several lines begin so, or the line before ends in
// a colon.
func (t *Text) Minus() int {
	if strings.IndexByte(t.Folded, '-') < 0 {
		return -1
	}
	minus, lines := -1, 0
	opening, listed := false, false
	for i := 0; i+1 < len(t.Tokens) && lines < 2; i++ {
		k, next := &t.Tokens[i], &t.Tokens[i+1]
		if k.Is(Line) {
			opening, listed = true, i > 0 && t.Folded[t.Tokens[i-1].Start] == ':'
		}
		opening = opening && k.Kind == Sign
		if !opening || t.Folded[k.Start] != '-' || !next.Is(Space) {
			continue
		}
		opening = false
		lines++
		long := strings.HasPrefix(t.Source[t.at[k.Start]:], "—")
		if next.Kind == Number && !next.Is(Line) && !long && !listed {
			minus = i
		}
	}
	if lines > 1 {
		return -1
	}
	return minus
}
