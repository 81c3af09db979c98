package archive

import (
	"context"
	"fmt"
	"iter"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/analysis"
	"skyarchive/atproto"
	"skyarchive/store"
)

// A reading is a post with what was read in it, on its way into the archive.
type reading struct {
	post   store.Post
	read   analysis.PostAnalysis
	record []byte      // its bytes, if they are still to be kept
	cid    atproto.CID // of record
	beside bool        // it was not touched, and stands in a thread with one that was
}

// readings reads the claims of the posts of a roster. A post in a thread is read with the
// posts around it, since a source or a quotation may carry over.
type readings struct {
	analyzer *analysis.Analyzer
	posts    *roster
	odd      map[string]int // where the odd keys of the roster are
	order    []int32        // the posts of each thread: places in the roster, or of others, negated
	ends     []int32        // where the posts of each thread end in order
	absent   []syntax.ATURI // posts of the threads that are not in the roster
	others   []store.Post   // the same, to be there before anything is read
	keep     bool           // records are still to be kept

	// record reads the record of a post.
	record func(context.Context, *entry) (atproto.CID, []byte, error)

	// A post by itself, as most are; used again.
	one   [1]reading
	place [1]int32
	parts [1]*atproto.Post
}

// sort orders the roster. No post is added to it then.
func (r *readings) sort() {
	r.posts.sort()
	r.odd = map[string]int{}
	for i := range r.posts.entries {
		if e := &r.posts.entries[i]; e.flags&isOdd != 0 {
			r.odd[r.posts.key(e)] = i
		}
	}
}

// add tells the posts of a thread that they are in it. A thread that has none in the roster is
// passed over.
func (r *readings) add(t *analysis.Thread) {
	begin, absent := len(r.order), len(r.absent)
	for _, uri := range t.Posts {
		i := r.posts.find(uri, r.odd)
		if i == none {
			i = ^len(r.absent)
			r.absent = append(r.absent, uri)
		}
		r.order = append(r.order, int32(i))
	}
	if len(r.order)-begin == len(r.absent)-absent {
		r.order, r.absent = r.order[:begin], r.absent[:absent]
		return
	}
	for _, i := range r.order[begin:] {
		if i >= 0 {
			r.posts.entries[i].thread = int32(len(r.ends))
		}
	}
	r.ends = append(r.ends, int32(len(r.order)))
}

// line is the posts of a thread, as in order.
func (r *readings) line(thread int32) []int32 {
	begin := int32(0)
	if thread > 0 {
		begin = r.ends[thread-1]
	}
	return r.order[begin:r.ends[thread]]
}

// all reads every post, in the order of their age: the order in which rows are best written.
// Posts of a thread that are not in the roster come with its first one.
func (r *readings) all(ctx context.Context) iter.Seq2[reading, error] {
	return func(yield func(reading, error) bool) {
		waiting := map[int32]reading{} // read with an older post of their thread
		begun := make([]bool, len(r.ends))
		for i := range r.posts.entries {
			e := &r.posts.entries[i]
			if i%1024 == 0 && ctx.Err() != nil {
				yield(reading{}, context.Cause(ctx))
				return
			}
			if one, ok := waiting[int32(i)]; ok {
				delete(waiting, int32(i))
				if !yield(one, nil) {
					return
				}
				continue
			}
			var list []reading
			var err error
			switch {
			case e.flags&isWordless != 0:
				var one reading
				one, err = r.wordless(ctx, e)
				list = []reading{one}
			case e.thread == none || begun[e.thread]:
				r.place[0] = int32(i)
				list, err = r.together(ctx, r.place[:])
			default:
				begun[e.thread] = true
				list, err = r.thread(ctx, int32(i), waiting)
			}
			if err != nil {
				yield(reading{}, err)
				return
			}
			for _, one := range list {
				if !yield(one, nil) {
					return
				}
			}
		}
	}
}

// wordless is a post in which there is nothing to read.
func (r *readings) wordless(ctx context.Context, e *entry) (one reading, err error) {
	one.post = r.posts.post(e)
	one.read.URI = one.post.URI
	if r.keep && e.flags&isUnreadable != 0 {
		one.cid, one.record, err = r.record(ctx, e)
		one.post.CID = one.cid.String()
	}
	return one, err
}

// thread reads the thread of the post at i. What is not that post and is in the roster waits
// for its turn.
func (r *readings) thread(ctx context.Context, i int32, waiting map[int32]reading) ([]reading, error) {
	places := r.line(r.posts.entries[i].thread)
	list, err := r.together(ctx, places)
	if err != nil {
		return nil, err
	}
	now := list[:0]
	for n, one := range list {
		if places[n] < 0 || places[n] == i {
			now = append(now, one)
		} else {
			waiting[places[n]] = one
		}
	}
	return now, nil
}

// together reads posts in the order in which they are meant to be read. The result is good
// until the next call.
func (r *readings) together(ctx context.Context, places []int32) ([]reading, error) {
	list, parts := r.one[:], r.parts[:]
	if len(places) > 1 {
		list, parts = make([]reading, len(places)), make([]*atproto.Post, len(places))
	}
	clear(list)
	for n, place := range places {
		if place < 0 {
			list[n].post, list[n].beside = r.others[^place], true
		} else if err := r.decode(ctx, &r.posts.entries[place], &list[n]); err != nil {
			return nil, err
		}
		parts[n] = &list[n].post.Post
	}
	for n, read := range r.analyzer.Posts(parts...) {
		list[n].read, list[n].post.Lang = read, read.Lang
	}
	return list, nil
}

func (r *readings) decode(ctx context.Context, e *entry, one *reading) error {
	one.post = r.posts.post(e)
	cid, record, err := r.record(ctx, e)
	if err == nil && record == nil {
		err = store.ErrNotFound
	}
	if err == nil {
		one.cid, one.post.CID = cid, cid.String()
		one.post.Post, err = atproto.DecodePost(atproto.Ref{URI: one.post.URI, CID: one.post.CID}, record)
	}
	if err != nil {
		return fmt.Errorf("read %s again: %w", one.post.URI, err)
	}
	if r.keep {
		one.record = record
	}
	return nil
}
