package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/cmd/skyarchive/internal/term"
	"skyarchive/store"
)

// putThreads writes the threads that changed, drops those that are no more, and says what
// became of threads that were there before.
func putThreads(ctx context.Context, w store.Writer, did syntax.DID, threads []analysis.Thread) ([]string, error) {
	changed, gone, err := w.Unlike(ctx, did, threads)
	if err != nil || len(changed)+len(gone) == 0 {
		return nil, err
	}
	old, was, err := formerThreads(ctx, w, did, threads, changed, gone)
	if err != nil {
		return nil, err
	}
	var changes []string
	for _, i := range changed {
		t := threads[i]
		before, here := old[t.Root]
		if !here {
			root, ok := was[firstKnown(t, was)] // it may have a new first post
			apart, err := splitFrom(ctx, w, t, root)
			if err != nil {
				return nil, err
			}
			if apart != "" {
				changes = append(changes, apart)
				continue
			}
			before, here = old[root], ok
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
	for _, root := range gone {
		if !anyIn(old[root].Posts, threads) {
			line, err := lineOf(ctx, w, root)
			if err != nil {
				return nil, err
			}
			deleted, err := deletedOf(ctx, w, old[root].Posts)
			if err != nil {
				return nil, err
			}
			changes = append(changes, fmt.Sprintf("thread %s is no more%s: « %s »", atproto.KeyOf(root), deleted, line))
		}
		if err := w.DropThread(ctx, root); err != nil {
			return nil, err
		}
	}
	for _, i := range changed {
		if err := w.PutThread(ctx, did, threads[i], age(threads[i].Root)); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// splitFrom says that a thread was cut off from the one with a root that still is there, "" if
// it was not.
func splitFrom(ctx context.Context, r store.Reader, t analysis.Thread, root syntax.ATURI) (string, error) {
	if root == "" || slices.Contains(t.Posts, root) {
		return "", nil
	}
	old, err := r.Post(ctx, root)
	if errors.Is(err, store.ErrNotFound) || err == nil && old.Status != store.Live {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	first, err := r.Post(ctx, t.Root)
	line, _, _ := strings.Cut(strings.TrimSpace(first.Text), "\n")
	return fmt.Sprintf("thread %s: %s, on their own now, of thread %s: « %s »", atproto.KeyOf(t.Root), number(len(t.Posts), "post"),
		atproto.KeyOf(root), term.CutAtWord(line, 60)), err
}

// formerThreads are the threads as they were put that changed or are gone, and those that
// posts of changed ones were in; was names the root of the thread that a post was in.
func formerThreads(ctx context.Context, r store.Reader, did syntax.DID, threads []analysis.Thread, changed []int, gone []syntax.ATURI) (old map[syntax.ATURI]analysis.Thread, was map[syntax.ATURI]syntax.ATURI, err error) {
	posts := slices.Clone(gone)
	for _, i := range changed {
		posts = append(posts, threads[i].Posts...)
	}
	old, was = map[syntax.ATURI]analysis.Thread{}, map[syntax.ATURI]syntax.ATURI{}
	if len(changed)+len(gone) > 100 { // to read all is less work then
		posts = nil
	}
	for t, err := range r.Assembled(ctx, did, posts...) {
		if err != nil {
			return nil, nil, err
		}
		old[t.Root] = t
		for _, uri := range t.Posts {
			was[uri] = t.Root
		}
	}
	return old, was, nil
}

// deletedOf says how many posts of a thread that is no more were deleted, "" if none was.
func deletedOf(ctx context.Context, r store.Reader, posts []syntax.ATURI) (string, error) {
	n := 0
	for _, uri := range posts {
		p, err := r.Post(ctx, uri)
		switch {
		case errors.Is(err, store.ErrNotFound): // forgotten
		case err != nil:
			return "", err
		case p.Status == store.Gone:
			n++
		}
	}
	if n == 0 {
		return "", nil
	}
	return fmt.Sprintf(", %d of %d posts deleted by the author, kept here", n, len(posts)), nil
}

// lineOf is the start of the first line of a thread.
func lineOf(ctx context.Context, r store.Reader, root syntax.ATURI) (string, error) {
	t, err := r.Thread(ctx, root)
	return term.CutAtWord(t.FirstLine, 60), err
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
	case added > 0 && closed(before, t):
		parts = append(parts, "a gap is closed")
	}
	return strings.Join(parts, ", ")
}

// closed says that a part stands in a thread now that was absent from it; one that only turned
// out to have been deleted still is.
func closed(before, t analysis.Thread) bool {
	absent := before.Absent()
	return t.OneSeries() && slices.ContainsFunc(slices.Concat(absent.Missing, absent.Deleted), func(k int) bool {
		return !slices.Contains(t.Numbering.Missing, k)
	})
}

func number(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
