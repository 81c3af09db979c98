package archive

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// putThreads writes the threads that changed, drops those that are no more, and says what
// became of threads that were there before.
func putThreads(ctx context.Context, w store.Writer, did syntax.DID, threads []analysis.Thread) ([]string, error) {
	old := map[syntax.ATURI]store.Thread{}
	was := map[syntax.ATURI]syntax.ATURI{} // post -> root of the thread it was in
	for t, err := range w.Threads(ctx, store.Query{DID: did}) {
		if err != nil {
			return nil, err
		}
		old[t.Root] = t
		for _, uri := range t.Posts {
			was[uri] = t.Root
		}
	}
	var changes []string
	kept := map[syntax.ATURI]bool{}
	for _, t := range threads {
		kept[t.Root] = true
		before, here := old[t.Root]
		if here && sameThread(before.Thread, t) {
			continue
		}
		if !here {
			if root, ok := was[firstKnown(t, was)]; ok { // it has a new first post
				before, here = old[root], true
			}
		}
		if here {
			if s := becameOf(before, t); s != "" {
				changes = append(changes, s)
			}
		}
	}
	// What is no more goes first, so that its posts are free.
	for root, t := range old {
		if kept[root] {
			continue
		}
		if err := w.DropThread(ctx, root); err != nil {
			return nil, err
		}
		if !anyIn(t.Posts, threads) {
			changes = append(changes, fmt.Sprintf("thread %s is no more: « %s »", t.ID, cut(t.FirstLine)))
		}
	}
	for _, t := range threads {
		if before, ok := old[t.Root]; ok && sameThread(before.Thread, t) {
			continue
		}
		if err := w.PutThread(ctx, did, t, age(t.Root)); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

func firstKnown(t analysis.Thread, was map[syntax.ATURI]syntax.ATURI) syntax.ATURI {
	for _, uri := range t.Posts {
		if _, ok := was[uri]; ok {
			return uri
		}
	}
	return ""
}

func anyIn(posts []syntax.ATURI, threads []analysis.Thread) bool {
	wanted := map[syntax.ATURI]bool{}
	for _, uri := range posts {
		wanted[uri] = true
	}
	for _, t := range threads {
		for _, uri := range t.Posts {
			if wanted[uri] {
				return true
			}
		}
	}
	return false
}

// age orders threads: the time in the root's record key.
func age(root syntax.ATURI) time.Time {
	t, _ := atproto.TIDTime(atproto.KeyOf(root))
	return t
}

func sameThread(a, b analysis.Thread) bool {
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && string(x) == string(y)
}

// becameOf says in a sentence what changed in a thread, "" if nothing a reader would see.
func becameOf(before store.Thread, t analysis.Thread) string {
	had := map[syntax.ATURI]bool{}
	for _, uri := range before.Posts {
		had[uri] = true
	}
	has := map[syntax.ATURI]bool{}
	added, gone := 0, 0
	for _, uri := range t.Posts {
		has[uri] = true
		if !had[uri] {
			added++
		}
	}
	for _, uri := range before.Posts {
		if !has[uri] {
			gone++
		}
	}
	var parts []string
	if added > 0 {
		parts = append(parts, number(added, "new part"))
	}
	if gone > 0 {
		deleted := 0
		for _, gap := range t.Gaps {
			if gap.Kind == analysis.GapDeleted && had[gap.URI] {
				deleted++
			}
		}
		if deleted > 0 {
			parts = append(parts, number(deleted, "part")+" deleted by the author, kept here")
		}
		if gone > deleted {
			parts = append(parts, number(gone-deleted, "part")+" no longer in it")
		}
	}
	switch {
	case !before.Complete && t.Complete:
		parts = append(parts, "now complete")
	case before.Complete && !t.Complete:
		parts = append(parts, "no longer complete")
	case missing(before.Thread) > missing(t):
		parts = append(parts, "a gap is closed")
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("thread %s: %s: « %s »", atproto.KeyOf(t.Root), strings.Join(parts, ", "), cut(before.FirstLine))
}

func missing(t analysis.Thread) int {
	if t.Numbering == nil {
		return 0
	}
	return len(t.Numbering.Missing)
}

func number(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// cut is the start of a line, for a message.
func cut(s string) string {
	r := []rune(s)
	if len(r) <= 60 {
		return s
	}
	return string(r[:60]) + "…"
}
