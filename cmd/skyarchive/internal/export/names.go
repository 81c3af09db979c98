package export

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"skyarchive/atproto"
)

// title is the first line of a text that says something, in at most 80 characters.
func title(text string) string {
	for line := range strings.Lines(text) {
		line = oneLine(line)
		if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			return cut(line, 80)
		}
	}
	return cut(oneLine(text), 80)
}

// oneLine is s in one line: white space is one space, and characters that only steer a
// display are dropped.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.Fields(s), " ")
}

// cut is s in at most n characters, ending after a word where there is one.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	end := 0
	for range n - 1 {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	if space := strings.LastIndexByte(s[:end], ' '); space > end/2 {
		end = space
	}
	return strings.TrimRight(s[:end], " ,;:-\u200d") + "…"
}

// slugBytes keeps file names far below the 255 bytes that file systems allow.
const slugBytes = 60

// slug is s as a part of a file name: letters and digits of any script without accents, in
// lower case, with hyphens between the words; "" if it has none.
func slug(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
			if r > 0x36f { // vowel signs of other scripts are no accents
				b.WriteRune(r)
			}
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mc, r):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		case r == '\'', r == '’':
			gap = true
		default:
			gap = true
		}
	}
	name := norm.NFC.String(b.String())
	if len(name) <= slugBytes {
		return name
	}
	end := slugBytes
	for !utf8.RuneStart(name[end]) {
		end--
	}
	if hyphen := strings.LastIndexByte(name[:end], '-'); hyphen > end/2 {
		end = hyphen
	}
	return name[:end]
}

// fileKey is a record key as a part of a file name. Timestamp keys stay as they are; any
// other is made safe and told apart by its hash, since some file systems ignore case.
func fileKey(key string) string {
	if _, ok := atproto.TIDTime(key); ok {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	short := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
	if s := slug(key); s != "" {
		return s + "-" + short
	}
	return short
}

// fileName is the name of a thread's file. Nothing in it changes with a later edit, another
// time zone or language.
func fileName(doc *Document) string {
	name := day(doc.Thread.Age)
	if doc.slug != "" {
		name += "-" + doc.slug
	}
	return name + "-" + fileKey(atproto.KeyOf(doc.Thread.Root)) + ".md"
}

func day(t time.Time) string {
	if t.IsZero() {
		return "undated"
	}
	return t.UTC().Format("2006-01-02")
}

// monthFile is the name of the file that a post outside threads is in.
func monthFile(doc *Document) string {
	name := "posts-"
	if doc.AnswersOther() {
		name = "replies-"
	}
	if doc.Thread.Age.IsZero() {
		return name + "undated.md"
	}
	return name + doc.Thread.Age.UTC().Format("2006-01") + ".md"
}

// folderName is a name for a folder that every file system takes.
func folderName(s string) string {
	name := strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '-'
		}
		return unicode.ToLower(r)
	}, norm.NFC.String(strings.ToValidUTF8(s, "-")))
	if len(name) > 100 {
		name = strings.ToValidUTF8(name[:100], "")
	}
	name = strings.TrimRight(name, ". ")
	if name == "" || reserved(name) || name[0] == '.' {
		name = "_" + name
	}
	return name
}

// reserved says whether Windows keeps a name for a device, whatever its extension.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch stem = strings.TrimSpace(stem); stem {
	case "con", "prn", "aux", "nul", "conin$", "conout$":
		return true
	}
	if rest, ok := strings.CutPrefix(stem, "com"); ok || strings.HasPrefix(stem, "lpt") {
		if !ok {
			rest = stem[3:]
		}
		return len(rest) > 0 && strings.ContainsAny(rest, "0123456789¹²³") && utf8.RuneCountInString(rest) == 1
	}
	return false
}
