package archive

import (
	"context"
	"fmt"
	"slices"
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
	old := map[syntax.ATURI]analysis.Thread{}
	was := map[syntax.ATURI]syntax.ATURI{} // post -> root of the thread it was in
	for t, err := range w.Assembled(ctx, did) {
		if err != nil {
			return nil, err
		}
		old[t.Root] = t
		for _, uri := range t.Posts {
			was[uri] = t.Root
		}
	}
	var changed []analysis.Thread
	kept := map[syntax.ATURI]bool{}
	var changes []string
	for _, t := range threads {
		kept[t.Root] = true
		before, here := old[t.Root]
		if here && sameThread(before, t) {
			continue
		}
		changed = append(changed, t)
		if !here {
			if root, ok := was[firstKnown(t, was)]; ok { // it has a new first post
				before, here = old[root], true
			}
		}
		if !here {
			continue
		}
		if became := becameOf(before, t); became != "" {
			line, err := lineOf(ctx, w, before.Root)
			if err != nil {
				return nil, err
			}
			changes = append(changes, fmt.Sprintf("thread %s: %s: « %s »", atproto.KeyOf(t.Root), became, line))
		}
	}
	// What is no more goes first, so that its posts are free.
	for root, t := range old {
		if kept[root] {
			continue
		}
		if !anyIn(t.Posts, threads) {
			line, err := lineOf(ctx, w, root)
			if err != nil {
				return nil, err
			}
			changes = append(changes, fmt.Sprintf("thread %s is no more: « %s »", atproto.KeyOf(root), line))
		}
		if err := w.DropThread(ctx, root); err != nil {
			return nil, err
		}
	}
	for _, t := range changed {
		if err := w.PutThread(ctx, did, t, age(t.Root)); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// lineOf is the start of the first line of a thread.
func lineOf(ctx context.Context, r store.Reader, root syntax.ATURI) (string, error) {
	t, err := r.Thread(ctx, root)
	return cut(t.FirstLine), err
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

// sameThread says whether two threads are written alike.
func sameThread(a, b analysis.Thread) bool {
	return a.Root == b.Root && a.Complete == b.Complete && slices.Equal(a.Posts, b.Posts) &&
		slices.EqualFunc(a.Branches, b.Branches, slices.Equal[[]syntax.ATURI]) &&
		slices.Equal(a.Joins, b.Joins) && slices.Equal(a.Gaps, b.Gaps) && sameNumbering(a.Numbering, b.Numbering)
}

func sameNumbering(a, b *analysis.Numbering) bool {
	if a == nil || b == nil {
		return a == b
	}
	same := func(x, y *int) bool { return x == nil && y == nil || x != nil && y != nil && *x == *y }
	return same(a.Total, b.Total) && slices.Equal(a.Missing, b.Missing) && slices.EqualFunc(a.Numbers, b.Numbers, same)
}

// becameOf says in a sentence what changed in a thread, "" if nothing a reader would see.
func becameOf(before, t analysis.Thread) string {
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
	case missing(before) > missing(t):
		parts = append(parts, "a gap is closed")
	}
	return strings.Join(parts, ", ")
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
