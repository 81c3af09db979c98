package search

import (
	"fmt"
	"unicode/utf8"
)

// closest is the name that a misspelled one may stand for, "" if none is near.
func closest(word string, names []string) string {
	w := []rune(bare(word))
	best, least := "", max(len(w)/3, 1)+1
	for _, name := range names {
		if d := distance(w, []rune(bare(name))); d < least && utf8.RuneCountInString(name) > d+1 {
			best, least = name, d
		}
	}
	return best
}

// didYouMean is what to append to a message about a name; nothing if there is no other.
func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", name)
}

// distance is how many letters must be added, left out, replaced, or swapped with their
// neighbour to make one word of another.
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		now := make([]int, len(b)+1)
		now[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			now[j+1] = min(last[j]+cost, last[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
		before, last = last, now
	}
	return last[len(b)]
}
