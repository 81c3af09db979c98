package words

import (
	"slices"
	"strings"
)

// addMasks turns masks of the source into ranges of Folded, and adds the addresses and
// handles it finds.
func (f *Folder) addMasks(masks []Span) {
	t := &f.text
	f.masks = f.masks[:0]
	for _, m := range masks {
		if m.Start < 0 || m.End > len(t.Source) || m.Start >= m.End {
			continue
		}
		start, _ := slices.BinarySearch(t.at, int32(m.Start))
		end, _ := slices.BinarySearch(t.at, int32(m.End))
		if start < end {
			f.masks = append(f.masks, Span{start, end})
		}
	}
	f.findAddresses()
	if len(f.masks) < 2 {
		return
	}
	slices.SortFunc(f.masks, func(a, b Span) int { return a.Start - b.Start })
	merged := f.masks[:1]
	for _, m := range f.masks[1:] {
		if last := &merged[len(merged)-1]; m.Start < last.End {
			last.End = max(last.End, m.End)
			continue
		}
		merged = append(merged, m)
	}
	f.masks = merged
}

// findAddresses masks what starts with "http://", "www." or "@", addresses of mail, and
// host names with a known ending.
func (f *Folder) findAddresses() {
	s := f.text.Folded
	for i := next(s, ':', 0); i >= 0; i = next(s, ':', i+1) {
		if !strings.HasPrefix(s[i:], "://") {
			continue
		}
		start := i
		for start > 0 && classes[s[start-1]] == letter {
			start--
		}
		if start < i {
			i = f.mask(start, addressEnd(s, i+3))
		}
	}
	for i := next(s, '@', 0); i >= 0; i = next(s, '@', i+1) {
		start, end := i, i+1
		for end < len(s) && (alnum(s, end) || (s[end] == '.' || s[end] == '-' || s[end] == '_') && end+1 < len(s) && alnum(s, end+1)) {
			end++
		}
		if end == i+1 {
			continue
		}
		for start > 0 && (alnum(s, start-1) || strings.IndexByte("._-+", s[start-1]) >= 0) {
			start--
		}
		i = f.mask(start, end)
	}
	for i := next(s, '.', 0); i >= 0; i = next(s, '.', i+1) {
		if start, end := hostAt(s, i); end > 0 {
			i = f.mask(start, end)
		}
	}
}

// next returns the index of byte c in s from i on, or -1.
func next(s string, c byte, i int) int {
	if i >= len(s) {
		return -1
	}
	if k := strings.IndexByte(s[i:], c); k >= 0 {
		return i + k
	}
	return -1
}

// mask adds a range and returns the index of its last byte.
func (f *Folder) mask(start, end int) int {
	f.masks = append(f.masks, Span{start, end})
	return end - 1
}

// addressEnd returns the end of the address at i, without the punctuation of the sentence
// it stands in.
func addressEnd(s string, i int) int {
	for i < len(s) && s[i] > ' ' && s[i] != '"' && s[i] != '<' && s[i] != '>' {
		i++
	}
	for i > 0 && strings.IndexByte(".,;:!?)]}'", s[i-1]) >= 0 {
		i--
	}
	return i
}

// longestHost is more than host names have.
const longestHost = 256

// hostAt returns the range of a host name, and the path after it, whose first point is at
// i; an end of 0 means that it is none.
func hostAt(s string, i int) (start, end int) {
	if i == 0 || i+2 >= len(s) || !alnum(s, i-1) || !alnum(s, i+1) {
		return 0, 0
	}
	start = i
	for start > 0 && i-start < longestHost && (alnum(s, start-1) || s[start-1] == '-') {
		start--
	}
	end, label := i+1, i+1
	for end < len(s) && end-i < longestHost && (alnum(s, end) || s[end] == '-' || s[end] == '.' && end+1 < len(s) && alnum(s, end+1)) {
		if s[end] == '.' {
			label = end + 1
		}
		end++
	}
	path := end+1 < len(s) && s[end] == '/' && s[end+1] > ' '
	if s[start:i] != "www" && !endsHost(s[label:end], path) {
		return 0, 0
	}
	if path {
		end = addressEnd(s, end)
	}
	return start, end
}

// endsHost reports whether a label ends host names. Those that are words of French or
// English too count only before a path.
func endsHost(label string, path bool) bool {
	switch label {
	case "com", "org", "net", "fr", "eu", "io", "uk", "ch", "info", "tv", "app", "social", "ly", "gl", "gov", "edu", "bzh", "paris", "xyz", "biz", "dev":
		return true
	case "in", "me", "de", "be", "us", "es", "it", "to", "co", "ai", "ca", "int", "news", "link", "page", "earth", "blog", "site":
		return path
	}
	return false
}
