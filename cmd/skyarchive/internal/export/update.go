package export

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"go.yaml.in/yaml/v4"

	"skyarchive/atproto"
	"skyarchive/store"
)

// notesMark stands alone on a line of each note; what people write below it is theirs. It
// names the hash of what stands above, so that changes by hand are noticed. No post can
// write such a line: its < would be escaped.
var notesMark = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^<!-- skyarchive:notes ([0-9a-f]{16}) -->\r?\n?`)
})

func markFor(generated []byte) string {
	sum := sha256.Sum256(generated)
	return fmt.Sprintf("<!-- skyarchive:notes %x -->\n", sum[:8])
}

// finished is a note as it is written anew: what was generated, and the mark.
func finished(head, body string) []byte {
	head = strings.TrimRight(head, "\n")
	body = strings.TrimRight(body, "\n")
	file := make([]byte, 0, len(head)+len(body)+64)
	if head != "" {
		file = append(append(file, head...), "\n\n"...)
	}
	file = append(append(file, body...), "\n\n"...)
	return append(file, markFor(file)...)
}

// merged is a finished note with what people wrote below the mark of the previous file.
// Lines that somebody changed above the mark are kept below it.
func (x *export) merged(file []byte, previous string) []byte {
	if previous == "" {
		return file
	}
	above, below := previous, ""
	place := notesMark().FindStringSubmatchIndex(previous)
	if place != nil {
		above, below = previous[:place[0]], previous[place[1]:]
	}
	if place == nil || markFor([]byte(above)) != fmt.Sprintf("<!-- skyarchive:notes %s -->\n", previous[place[2]:place[3]]) {
		below = strings.TrimRight(below, "\n")
		if kept := x.changedByHand(above, string(file)+below); kept != "" {
			below += "\n\n" + kept
		}
	}
	return append(file, below...)
}

// changedByHand is the lines of a text that are nowhere in another, under a heading.
func (x *export) changedByHand(text, in string) string {
	known := map[string]bool{"": true, "---": true}
	for line := range strings.Lines(in) {
		known[strings.TrimSpace(strings.TrimPrefix(line, "> "))] = true
	}
	var kept []string
	for line := range strings.Lines(text) {
		if !known[strings.TrimSpace(line)] {
			kept = append(kept, "> "+strings.TrimRight(line, "\r\n"))
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "**" + x.words.keptWords + "**\n\n" + strings.Join(kept, "\n") + "\n"
}

// markGone marks the notes of earlier exports whose thread the archive no longer has: it
// was joined to another, or cut. Their words stay.
func markGone(ctx context.Context, x *export, written map[string]bool) error {
	root := x.target.(*folder).dir
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, relErr := filepath.Rel(root, path)
		if relErr != nil || entry.IsDir() || filepath.Ext(path) != ".md" || written[filepath.ToSlash(name)] {
			return relErr
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := string(data)
		uri := uriOfNote(text)
		if uri == "" || strings.Contains(text, x.words.noLonger) {
			return nil
		}
		t, err := x.source.r.Thread(ctx, uri)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err == nil && t.Root == uri {
			return nil // only outside of this selection
		}
		return x.write(filepath.ToSlash(name), []byte(x.withNotice(text, t)))
	})
}

// uriOfNote is the root that a note of an earlier export names, "" for any other file.
func uriOfNote(text string) syntax.ATURI {
	if !notesMark().MatchString(text) {
		return ""
	}
	_, rest, ok := strings.Cut(text, "---\n")
	head, _, closed := strings.Cut(rest, "\n---\n")
	var fields struct {
		URI string `yaml:"uri"`
	}
	if !ok || !closed || yaml.Unmarshal([]byte(head), &fields) != nil {
		return ""
	}
	return syntax.ATURI(fields.URI)
}

// withNotice puts a notice below a note's head, and keeps its mark right.
func (x *export) withNotice(text string, now store.Thread) string {
	place := notesMark().FindStringIndex(text)
	above, below := text[:place[0]], text[place[1]:]
	notice := "> **" + x.words.noLonger + "**"
	if now.Root != "" {
		notice += " " + x.words.seeInstead + x.words.colon + " " + linked(string(now.Root), atproto.WebURL(now.Root))
	}
	head, body, _ := strings.Cut(above, "\n---\n")
	above = head + "\n---\n\n" + notice + "\n" + body
	return above + markFor([]byte(above)) + below
}
